//! How bytes are encrypted under a passphrase: PBES2, or the older schemes of PKCS#12 (RFC 7292 appendix C).
//!
//! Parameters are read and the cost is accepted before anything is derived. What is inside is not known here.

use super::cipher::{Cipher, CipherError};
use super::cost::{Cost, MAX_ROUNDS};
use super::error::KeyFileError;
use super::oids::algorithm_name;
use super::pbes2::{Pbes2, count, fields, parameters};
use crate::pkcs12_kdf::{Characters, Purpose, derive, hashes};
use aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY;
use der::Decode;
use der::asn1::{OctetStringRef, UintRef};
use pkcs5::pbes2::PBES2_OID;
use spki::AlgorithmIdentifierRef;
use zeroize::Zeroizing;

/// An encryption whose parameters are read and whose cost is accepted.
pub(crate) enum Encryption<'a> {
    Pbes2(Pbes2<'a>),
    Pkcs12(Pkcs12Pbe<'a>),
}

/// SHA-1 and a cipher of its time: what Windows, macOS, Java before 2021 and OpenSSL before 3 wrote.
pub(crate) struct Pkcs12Pbe<'a> {
    cipher: Cipher,
    salt: &'a [u8],
    rounds: u32,
}

impl<'a> Encryption<'a> {
    /// Reads the scheme and its parameters.
    ///
    /// # Errors
    /// [`KeyFileError::Encryption`] for a scheme that is not supported, [`KeyFileError::Cost`], [`KeyFileError::Damaged`].
    pub(crate) fn parse(scheme: &AlgorithmIdentifierRef<'a>) -> Result<Self, KeyFileError> {
        if scheme.oid == PBES2_OID {
            return Pbes2::parse(scheme).map(Self::Pbes2);
        }
        Pkcs12Pbe::parse(scheme).map(Self::Pkcs12)
    }

    /// Bytes that the derivation needs.
    pub(crate) fn memory(&self) -> usize {
        match self {
            Self::Pbes2(scheme) => scheme.memory(),
            Self::Pkcs12(_) => 0,
        }
    }

    /// Hashes that the derivation takes about as long as.
    pub(crate) fn hashes(&self) -> u64 {
        match self {
            Self::Pbes2(scheme) => scheme.hashes(),
            Self::Pkcs12(scheme) => scheme.hashes(),
        }
    }

    /// Derives the key and opens what is encrypted. `characters` is the passphrase again, for the schemes that hash it so;
    /// without them, as it is.
    pub(crate) fn decrypt(
        &self,
        passphrase: &[u8],
        characters: Option<&Characters>,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, CipherError> {
        match (self, characters) {
            (Self::Pbes2(scheme), _) => scheme.decrypt(passphrase, sealed),
            (Self::Pkcs12(scheme), Some(characters)) => scheme.decrypt(characters, sealed),
            // What is not text is nobody's passphrase.
            (Self::Pkcs12(scheme), None) => {
                scheme.decrypt(&Characters::of(passphrase).ok_or(CipherError::Padding)?, sealed)
            }
        }
    }
}

impl<'a> Pkcs12Pbe<'a> {
    fn parse(scheme: &AlgorithmIdentifierRef<'a>) -> Result<Self, KeyFileError> {
        /// pkcs-12PbeIds.
        const IDS: &str = "1.2.840.113549.1.12.1.";
        let cipher = match scheme.oid.to_string().strip_prefix(IDS) {
            Some("3") => Cipher::DesEde3,
            Some("4") => Cipher::DesEde2,
            Some("5") => Cipher::Rc2Of128,
            Some("6") => Cipher::Rc2Of40,
            // RC4, and the schemes of PKCS#5 before PBES2.
            _ => return Err(KeyFileError::Encryption(algorithm_name(scheme.oid))),
        };
        let (salt, rounds) = fields(parameters(scheme), |reader| {
            Ok((<&OctetStringRef>::decode(reader)?.as_bytes(), count(UintRef::decode(reader)?)))
        })?;
        if rounds > MAX_ROUNDS {
            return Err(KeyFileError::Cost(Cost::Rounds(rounds)));
        }
        match u32::try_from(rounds) {
            Ok(rounds @ 1..) => Ok(Self { cipher, salt, rounds }),
            _ => Err(KeyFileError::Damaged("its key derivation has no rounds")),
        }
    }

    fn hashes(&self) -> u64 {
        let hash = &SHA1_FOR_LEGACY_USE_ONLY;
        let each = hashes(hash, self.cipher.key_len()) + hashes(hash, self.cipher.block_len());
        u64::from(self.rounds).saturating_mul(each)
    }

    fn decrypt(&self, characters: &Characters, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, CipherError> {
        let mut buffer = Zeroizing::new([0; Cipher::MAX_KEY]);
        let key = buffer.get_mut(..self.cipher.key_len()).ok_or(CipherError::Length)?;
        let mut iv = vec![0; self.cipher.block_len()];
        let hash = &SHA1_FOR_LEGACY_USE_ONLY;
        derive(hash, Purpose::Key, characters, self.salt, self.rounds, key);
        derive(hash, Purpose::Iv, characters, self.salt, self.rounds, &mut iv);
        self.cipher.decrypt(key, &iv, sealed)
    }
}
