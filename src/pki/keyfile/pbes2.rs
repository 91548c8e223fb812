//! PBES2 (RFC 8018 section 6.2) with PBKDF2 or scrypt (RFC 7914), and the MAC of RFC 9579 with PBKDF2.
//!
//! The parameters are read here and not by the crate `pkcs5`: it accepts salts of up to 32 bytes only, panics on a
//! short 3DES vector, and would begin any amount of work that a file asks for. The cost is known before it is paid.

use super::cipher::{Cipher, CipherError};
use super::cost::{Cost, MAX_ROUNDS, MAX_SCRYPT_BLOCKS, MAX_SCRYPT_MEMORY, MAX_SCRYPT_WORK};
use super::error::KeyFileError;
use super::oids::algorithm_name;
use aws_lc_rs::pbkdf2;
use der::Decode;
use der::asn1::{AnyRef, OctetStringRef, UintRef};
use pkcs5::pbes2::{AES_128_CBC_OID, AES_192_CBC_OID, AES_256_CBC_OID, DES_EDE3_CBC_OID, PBKDF2_OID, SCRYPT_OID};
use pkcs5::scrypt::{Params, scrypt};
use sha2::Sha224;
use spki::AlgorithmIdentifierRef;
use std::num::NonZeroU32;
use zeroize::Zeroizing;

/// PBES2, its parameters read and its cost accepted.
pub(crate) struct Pbes2<'a> {
    derivation: Derivation<'a>,
    cipher: Cipher,
    iv: &'a [u8],
}

/// A derivation of a key from a passphrase.
pub(crate) enum Derivation<'a> {
    Pbkdf2 { prf: Prf, salt: &'a [u8], rounds: NonZeroU32 },
    Scrypt { params: Params, salt: &'a [u8] },
}

/// The pseudorandom function of PBKDF2.
#[derive(Clone, Copy)]
pub(crate) enum Prf {
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

impl<'a> Pbes2<'a> {
    /// Reads the parameters of the scheme.
    ///
    /// # Errors
    /// [`KeyFileError::Encryption`] for an unknown cipher or derivation, [`KeyFileError::Cost`], [`KeyFileError::Damaged`].
    pub(crate) fn parse(scheme: &AlgorithmIdentifierRef<'a>) -> Result<Self, KeyFileError> {
        let (derivation, encryption) = fields(parameters(scheme), |reader| {
            Ok((AlgorithmIdentifierRef::decode(reader)?, AlgorithmIdentifierRef::decode(reader)?))
        })?;
        let cipher = match encryption.oid {
            AES_128_CBC_OID => Cipher::Aes128,
            AES_192_CBC_OID => Cipher::Aes192,
            AES_256_CBC_OID => Cipher::Aes256,
            DES_EDE3_CBC_OID => Cipher::DesEde3,
            other => return Err(KeyFileError::Encryption(algorithm_name(other))),
        };
        let iv =
            parameters(&encryption).and_then(|any| any.decode_as::<&OctetStringRef>()).map_err(damaged)?.as_bytes();
        if iv.len() != cipher.block_len() {
            return Err(KeyFileError::Damaged("its initialisation vector has the wrong length"));
        }
        let (derivation, key_len) = Derivation::parse(&derivation)?;
        if key_len.is_some_and(|length| usize::from(length) != cipher.key_len()) {
            return Err(KeyFileError::Damaged("its cipher needs a key of another length"));
        }
        Ok(Self { derivation, cipher, iv })
    }

    /// Bytes that the derivation needs; see [`Derivation::memory`].
    pub(crate) fn memory(&self) -> usize {
        self.derivation.memory()
    }

    /// Hashes that it takes about as long as.
    pub(crate) fn hashes(&self) -> u64 {
        self.derivation.hashes(self.cipher.key_len())
    }

    /// Derives the key and opens what is encrypted.
    pub(crate) fn decrypt(&self, passphrase: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, CipherError> {
        let mut buffer = Zeroizing::new([0; Cipher::MAX_KEY]);
        let key = buffer.get_mut(..self.cipher.key_len()).ok_or(CipherError::Length)?;
        self.derivation.derive(passphrase, key)?;
        self.cipher.decrypt(key, self.iv, sealed)
    }
}

impl<'a> Derivation<'a> {
    /// Reads a derivation, and the length of its key where it is given.
    ///
    /// # Errors
    /// As [`Pbes2::parse`].
    pub(crate) fn parse(derivation: &AlgorithmIdentifierRef<'a>) -> Result<(Self, Option<u16>), KeyFileError> {
        match derivation.oid {
            PBKDF2_OID => pbkdf2_params(parameters(derivation)),
            SCRYPT_OID => scrypt_params(parameters(derivation)),
            other => Err(KeyFileError::Encryption(algorithm_name(other))),
        }
    }

    /// Bytes that it needs, at most [`MAX_SCRYPT_MEMORY`] and [`MAX_SCRYPT_BLOCKS`].
    pub(crate) fn memory(&self) -> usize {
        match self {
            Self::Pbkdf2 { .. } => 0,
            Self::Scrypt { params, .. } => {
                let needed = scrypt_needs(1 << params.log_n(), params.r().into(), params.p().into());
                usize::try_from(needed).unwrap_or(usize::MAX)
            }
        }
    }

    /// Hashes that a key of `length` bytes takes about as long as: an HMAC is two, and each round is run for each block of the key
    /// (RFC 8018 5.2).
    pub(crate) fn hashes(&self, length: usize) -> u64 {
        let rounds = match self {
            Self::Pbkdf2 { prf, rounds, .. } => {
                let blocks = u64::try_from(length.div_ceil(prf.output_len())).unwrap_or(u64::MAX);
                u64::from(rounds.get()).saturating_mul(blocks)
            }
            Self::Scrypt { params, .. } => {
                let memory = (128 * u64::from(params.r())) << params.log_n();
                let passes = memory.saturating_mul(u64::from(params.p())) / (MAX_SCRYPT_WORK / MAX_ROUNDS);
                // What is gone through is made by PBKDF2, 32 bytes in a round.
                passes.saturating_add(blocks(params.r().into(), params.p().into()) / 32)
            }
        };
        rounds.saturating_mul(2)
    }

    /// Fills `key`.
    pub(crate) fn derive(&self, passphrase: &[u8], key: &mut [u8]) -> Result<(), CipherError> {
        match *self {
            Self::Pbkdf2 { prf, salt, rounds } => prf.derive(passphrase, salt, rounds, key),
            Self::Scrypt { params, salt } => {
                scrypt(passphrase, salt, &params, key).map_err(|_| CipherError::Length)?;
            }
        }
        Ok(())
    }
}

impl Prf {
    fn of(algorithm: Option<AlgorithmIdentifierRef<'_>>) -> Result<Self, KeyFileError> {
        /// The arc of HMAC-SHA-1 (.7) to HMAC-SHA-512 (.11).
        const RSADSI: &str = "1.2.840.113549.2.";
        let Some(AlgorithmIdentifierRef { oid, .. }) = algorithm else {
            return Ok(Self::Sha1);
        };
        match oid.to_string().strip_prefix(RSADSI) {
            Some("7") => Ok(Self::Sha1),
            Some("8") => Ok(Self::Sha224),
            Some("9") => Ok(Self::Sha256),
            Some("10") => Ok(Self::Sha384),
            Some("11") => Ok(Self::Sha512),
            _ => Err(KeyFileError::Encryption(algorithm_name(oid))),
        }
    }

    /// Bytes of a block of its output.
    fn output_len(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha224 => 28,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    fn derive(self, passphrase: &[u8], salt: &[u8], rounds: NonZeroU32, key: &mut [u8]) {
        let prf = match self {
            Self::Sha1 => pbkdf2::PBKDF2_HMAC_SHA1,
            Self::Sha256 => pbkdf2::PBKDF2_HMAC_SHA256,
            Self::Sha384 => pbkdf2::PBKDF2_HMAC_SHA384,
            Self::Sha512 => pbkdf2::PBKDF2_HMAC_SHA512,
            // aws-lc-rs has no HMAC-SHA-224.
            Self::Sha224 => return ::pbkdf2::pbkdf2_hmac::<Sha224>(passphrase, salt, rounds.get(), key),
        };
        pbkdf2::derive(prf, rounds, salt, passphrase, key);
    }
}

type Parsed<'a> = Result<(Derivation<'a>, Option<u16>), KeyFileError>;

/// RFC 8018 A.2.
fn pbkdf2_params(any: der::Result<AnyRef<'_>>) -> Parsed<'_> {
    let (salt, rounds, key_len, prf) = fields(any, |reader| {
        Ok((
            <&OctetStringRef>::decode(reader)?.as_bytes(),
            count(UintRef::decode(reader)?),
            Option::<u16>::decode(reader)?,
            Option::<AlgorithmIdentifierRef<'_>>::decode(reader)?,
        ))
    })?;
    let prf = Prf::of(prf)?;
    if rounds > MAX_ROUNDS {
        return Err(KeyFileError::Cost(Cost::Rounds(rounds)));
    }
    let rounds = u32::try_from(rounds).ok().and_then(NonZeroU32::new);
    let rounds = rounds.ok_or(KeyFileError::Damaged("its key derivation has no rounds"))?;
    Ok((Derivation::Pbkdf2 { prf, salt, rounds }, key_len))
}

/// RFC 7914 section 7.1.
fn scrypt_params(any: der::Result<AnyRef<'_>>) -> Parsed<'_> {
    const IMPOSSIBLE: KeyFileError = KeyFileError::Damaged("its scrypt parameters are impossible");
    let (salt, n, r, p, key_len) = fields(any, |reader| {
        Ok((
            <&OctetStringRef>::decode(reader)?.as_bytes(),
            count(UintRef::decode(reader)?),
            count(UintRef::decode(reader)?),
            count(UintRef::decode(reader)?),
            Option::<u16>::decode(reader)?,
        ))
    })?;
    if !n.is_power_of_two() || n < 2 || r == 0 || p == 0 {
        return Err(IMPOSSIBLE);
    }
    let memory = n.saturating_mul(r).saturating_mul(128);
    if memory > MAX_SCRYPT_MEMORY {
        return Err(KeyFileError::Cost(Cost::Memory(memory)));
    }
    if memory.saturating_mul(p) > MAX_SCRYPT_WORK {
        return Err(KeyFileError::Cost(Cost::Work { memory, passes: p }));
    }
    let needed = scrypt_needs(n, r, p);
    if needed > MAX_SCRYPT_MEMORY + MAX_SCRYPT_BLOCKS {
        return Err(KeyFileError::Cost(Cost::Memory(needed)));
    }
    let (Ok(log_n), Ok(r), Ok(p)) = (u8::try_from(n.ilog2()), u32::try_from(r), u32::try_from(p)) else {
        return Err(IMPOSSIBLE);
    };
    let params = Params::new(log_n, r, p).map_err(|_| IMPOSSIBLE)?;
    Ok((Derivation::Scrypt { params, salt }, key_len))
}

/// Bytes of scrypt's blocks, one for each pass (`B`, RFC 7914 6).
fn blocks(r: u64, p: u64) -> u64 {
    r.saturating_mul(p).saturating_mul(128)
}

/// Bytes that scrypt holds: its vector of N blocks, those of its passes, and one that is mixed.
fn scrypt_needs(n: u64, r: u64, p: u64) -> u64 {
    blocks(r, n.saturating_add(p).saturating_add(1))
}

/// A count of any size; what does not fit is more than anyone grants.
pub(crate) fn count(number: UintRef<'_>) -> u64 {
    number.as_bytes().iter().fold(0_u64, |sum, byte| sum.saturating_mul(256).saturating_add(u64::from(*byte)))
}

pub(crate) fn parameters<'a>(algorithm: &AlgorithmIdentifierRef<'a>) -> der::Result<AnyRef<'a>> {
    algorithm.parameters.ok_or_else(|| der::Tag::Sequence.value_error().into())
}

/// The fields of a SEQUENCE, none left over.
pub(crate) fn fields<'a, T>(
    any: der::Result<AnyRef<'a>>,
    read: impl FnOnce(&mut der::SliceReader<'a>) -> der::Result<T>,
) -> Result<T, KeyFileError> {
    any.and_then(|any| any.sequence(read)).map_err(damaged)
}

fn damaged(_: der::Error) -> KeyFileError {
    KeyFileError::Damaged("the description of its encryption cannot be read")
}
