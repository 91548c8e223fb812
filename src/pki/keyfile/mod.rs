//! Private keys as people have them, read into a [`PrivateKey`].
//!
//! PKCS#8, PKCS#1, SEC1, encrypted PKCS#8 (PBES2 and PKCS#12's schemes) and OpenSSL's traditional encryption; PEM or DER. The form is
//! recognised by structure, because labels may lie. This module does not know the form's fields, nor which request a key belongs to.

mod cipher;
mod cost;
pub(crate) mod encryption;
mod error;
pub mod kind;
mod legacy;
mod oids;
pub(crate) mod pbes2;
mod plain;
#[cfg(test)]
pub(crate) mod tests;

pub(crate) use cost::MAX_SCRYPT_BLOCKS;
pub use cost::{Cost, MAX_HASHES, MAX_ROUNDS, MAX_SCRYPT_MEMORY, MAX_SCRYPT_WORK};
pub use error::KeyFileError;
pub use oids::algorithm_name;
pub use plain::{MAX_RSA_BITS, MIN_RSA_BITS};

use super::asn1;
use super::pem::{Block, PemError};
use super::pkcs12_kdf::Characters;
use super::private_key::PrivateKey;
pub(crate) use cipher::CipherError;
use der::Decode;
use der::asn1::{AnyRef, ObjectIdentifier, OctetStringRef};
use encryption::Encryption;
use kind::{Form, Kind};
use legacy::DekInfo;
use signet_domain::secret::Secret;
use spki::AlgorithmIdentifierRef;
use zeroize::Zeroizing;

/// A private key as it was given, perhaps encrypted.
pub struct KeyFile {
    der: Zeroizing<Vec<u8>>,
    /// The value of `DEK-Info`, empty where it is missing; none for a block that is not traditionally encrypted.
    dek_info: Option<String>,
    curve: Option<ObjectIdentifier>,
}

/// A key file whose form and cost are accepted: nothing of the cost was paid yet.
pub struct Opening<'a> {
    file: &'a KeyFile,
    lock: Lock<'a>,
}

enum Lock<'a> {
    None,
    Traditional(DekInfo, &'a [u8]),
    Pkcs8(EncryptedKey<'a>, &'a [u8]),
}

/// EncryptedPrivateKeyInfo (RFC 5958 3), its parameters read and its cost accepted.
pub(crate) struct EncryptedKey<'a> {
    encryption: Encryption<'a>,
    sealed: &'a [u8],
}

impl<'a> EncryptedKey<'a> {
    /// Reads everything but the key itself.
    ///
    /// # Errors
    /// As [`Encryption::parse`].
    pub(crate) fn parse(der: &'a [u8]) -> Result<Self, KeyFileError> {
        let (scheme, sealed) = pbes2::fields(AnyRef::from_der(der), |reader| {
            Ok((AlgorithmIdentifierRef::decode(reader)?, <&OctetStringRef>::decode(reader)?.as_bytes()))
        })?;
        Ok(Self { encryption: Encryption::parse(&scheme)?, sealed })
    }

    /// How it is encrypted.
    pub(crate) fn encryption(&self) -> &Encryption<'a> {
        &self.encryption
    }

    /// The key, in the form that it has. See [`Encryption::decrypt`].
    pub(crate) fn open(
        &self,
        passphrase: &[u8],
        characters: Option<&Characters>,
        curve: Option<ObjectIdentifier>,
    ) -> Result<PrivateKey, KeyFileError> {
        plain::opened(self.encryption.decrypt(passphrase, characters, self.sealed), curve)
    }
}

impl Lock<'_> {
    /// Why the passphrase that was given does not open it.
    fn wrong(&self) -> KeyFileError {
        match self {
            Self::Traditional(_, []) | Self::Pkcs8(_, []) => KeyFileError::EmptyPassphrase,
            _ => KeyFileError::WrongPassphrase,
        }
    }
}

impl Opening<'_> {
    /// True where a key is derived from the passphrase, which may take seconds and [`MAX_SCRYPT_MEMORY`].
    pub fn derives(&self) -> bool {
        !matches!(self.lock, Lock::None)
    }

    /// Bytes that the derivation needs.
    pub fn memory(&self) -> usize {
        match &self.lock {
            Lock::None | Lock::Traditional(..) => 0,
            Lock::Pkcs8(encrypted, _) => encrypted.encryption.memory(),
        }
    }

    /// The key.
    ///
    /// # Errors
    /// As [`KeyFile::open`].
    pub fn open(self) -> Result<PrivateKey, KeyFileError> {
        let KeyFile { der, curve, .. } = self.file;
        let key = match &self.lock {
            Lock::None => return plain::private_key(der, *curve),
            Lock::Traditional(dek_info, passphrase) => plain::opened(dek_info.decrypt(passphrase, der), *curve),
            Lock::Pkcs8(encrypted, passphrase) => encrypted.open(passphrase, None, *curve),
        };
        key.map_err(|error| if error == KeyFileError::WrongPassphrase { self.lock.wrong() } else { error })
    }
}

impl KeyFile {
    /// A key in DER, perhaps with blanks or zeros behind it; it is judged by [`KeyFile::open`].
    pub fn from_der(mut der: Zeroizing<Vec<u8>>) -> Self {
        let length = asn1::without_padding(&der).len();
        der.truncate(length);
        Self { der, dek_info: None, curve: None }
    }

    /// A key in PEM; `curve` is that of an `EC PARAMETERS` block beside it.
    ///
    /// # Errors
    /// The block's base64 is damaged.
    pub fn from_pem(block: &Block, curve: Option<ObjectIdentifier>) -> Result<Self, PemError> {
        let encrypted = block.header("Proc-Type").is_some_and(|value| value.to_ascii_uppercase().contains("ENCRYPTED"));
        let dek_info = block.header("DEK-Info").or(encrypted.then_some("")).map(str::to_owned);
        let der = block.der()?;
        if dek_info.is_some() {
            return Ok(Self { der, dek_info, curve });
        }
        Ok(Self { curve, ..Self::from_der(der) })
    }

    /// What it is by its structure; a label may lie. Traditional encryption hides the structure.
    pub fn kind(&self) -> Kind {
        if self.dek_info.is_some() { Kind::PrivateKey } else { Kind::of_der(&self.der) }
    }

    /// Bytes that it uses in memory.
    pub fn size(&self) -> usize {
        self.der.len() + self.dek_info.as_ref().map_or(0, String::len)
    }

    /// True where a passphrase is needed.
    pub fn is_encrypted(&self) -> bool {
        self.dek_info.is_some() || Form::of(&self.der) == Some(Form::EncryptedPkcs8)
    }

    /// The key. An empty passphrase counts as given: whether one was, the caller says.
    ///
    /// # Errors
    /// Every [`KeyFileError`]; the encryption scheme and its cost are judged before the passphrase is asked for.
    pub fn open(&self, passphrase: Option<&Secret>) -> Result<PrivateKey, KeyFileError> {
        self.opening(passphrase)?.open()
    }

    /// The same up to where it costs: [`Opening::open`] goes on.
    ///
    /// # Errors
    /// As [`KeyFile::open`], except for what only the opened key shows.
    pub fn opening<'a>(&'a self, passphrase: Option<&'a Secret>) -> Result<Opening<'a>, KeyFileError> {
        let given = passphrase.map(Secret::expose_secret);
        let lock = if let Some(value) = &self.dek_info {
            Lock::Traditional(DekInfo::parse(value)?, given.ok_or(KeyFileError::NoPassphrase)?)
        } else if self.is_encrypted() {
            Lock::Pkcs8(EncryptedKey::parse(&self.der)?, given.ok_or(KeyFileError::NoPassphrase)?)
        } else if given.is_some() {
            return Err(KeyFileError::NotEncrypted);
        } else {
            Lock::None
        };
        Ok(Opening { file: self, lock })
    }
}

/// Two files with the same bytes are the same key.
impl PartialEq for KeyFile {
    fn eq(&self, other: &Self) -> bool {
        self.der == other.der && self.dek_info == other.dek_info
    }
}
