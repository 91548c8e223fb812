//! Private keys as people have them, read into a [`PrivateKey`].
//!
//! PKCS#8, PKCS#1, SEC1, encrypted PKCS#8 (PBES2) and OpenSSL's traditional encryption; PEM or DER. The form is told
//! by structure, labels may lie. This room does not know the form's fields, nor which request a key belongs to.

pub(crate) mod cipher;
pub mod kind;
mod oids;
mod pbes2;
mod plain;
#[cfg(test)]
pub(crate) mod tests;

pub use oids::algorithm_name;
pub use pbes2::{MAX_ROUNDS, MAX_SCRYPT_MEMORY, MAX_SCRYPT_WORK};
pub use plain::{MAX_RSA_BITS, MIN_RSA_BITS};

use super::legacy::{DekInfo, DekInfoError};
use super::pem::{Block, PemError};
use super::private_key::PrivateKey;
use cipher::CipherError;
use der::asn1::ObjectIdentifier;
use kind::{Form, Kind};
use pbes2::EncryptedKey;
use signet_domain::secret::Secret;
use zeroize::Zeroizing;

/// A private key as it was handed in, perhaps encrypted.
pub struct KeyFile {
    der: Zeroizing<Vec<u8>>,
    /// The value of `DEK-Info`, empty where it is missing; none for a block that is not traditionally encrypted.
    dek_info: Option<String>,
    curve: Option<ObjectIdentifier>,
}

/// Why a key file gives no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyFileError {
    /// Encrypted, and no passphrase was given.
    #[error("the private key is encrypted and no passphrase was given")]
    NoPassphrase,
    /// Encrypted, and the passphrase does not open it.
    #[error("the passphrase does not open the private key")]
    WrongPassphrase,
    /// Plain, and a passphrase was given.
    #[error("a passphrase was given and the private key is not encrypted")]
    NotEncrypted,
    /// The work of opening it is out of all reason; nothing of it was done.
    #[error("opening the private key costs too much: {0}")]
    Cost(Cost),
    /// A cipher, a key derivation or a whole scheme that is not read here.
    #[error("the private key is encrypted with {0}, which is not known")]
    Encryption(String),
    /// A key of a kind that is not known here.
    #[error("the private key is of the kind {0}, which is not known")]
    Algorithm(String),
    /// An EC key on a curve that is not known here.
    #[error("the private key is on the curve {0}, which is not known")]
    Curve(String),
    /// An EC key with its curve's numbers in place of the curve's name.
    #[error("the private key describes its curve by numbers and not by name")]
    ExplicitCurve,
    /// An EC key without any curve.
    #[error("the private key does not say which curve it is on")]
    NoCurve,
    /// Bits of an RSA key below [`MIN_RSA_BITS`].
    #[error("the RSA key has {0} bits, which is too short")]
    RsaTooShort(u32),
    /// Bits of an RSA key above [`MAX_RSA_BITS`].
    #[error("the RSA key has {0} bits, which is too long")]
    RsaTooLong(u32),
    /// What is wrong, as the end of a sentence that begins with the key.
    #[error("the private key is damaged: {0}")]
    Damaged(&'static str),
}

/// A key derivation that is refused before it is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cost {
    /// PBKDF2 rounds, over [`MAX_ROUNDS`].
    Rounds(u64),
    /// Bytes of scrypt memory, over [`MAX_SCRYPT_MEMORY`].
    Memory(u64),
    /// Bytes of scrypt memory, and how often it goes through them (its parallelization): together over [`MAX_SCRYPT_WORK`].
    Work {
        /// Bytes, within the bound.
        memory: u64,
        /// scrypt's `p`.
        passes: u64,
    },
}

impl Cost {
    /// True where OpenSSL opens the file: it has no bound on rounds, and refuses 32 MiB of scrypt memory and more.
    pub fn is_opened_by_openssl(self) -> bool {
        match self {
            Self::Rounds(_) => true,
            Self::Memory(_) => false,
            Self::Work { memory, .. } => memory < MAX_SCRYPT_MEMORY,
        }
    }
}

/// What the file asks for, and what is allowed.
impl std::fmt::Display for Cost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        const MIB: u64 = 1024 * 1024;
        let (most_memory, most_work) = (MAX_SCRYPT_MEMORY / MIB, MAX_SCRYPT_WORK / MIB);
        match self {
            Self::Rounds(u64::MAX) => write!(f, "more rounds of PBKDF2 than can be counted; the most is {MAX_ROUNDS}"),
            Self::Rounds(rounds) => write!(f, "{rounds} rounds of PBKDF2; the most is {MAX_ROUNDS}"),
            Self::Memory(u64::MAX) => {
                write!(f, "more memory for scrypt than can be counted; the most is {most_memory} MiB")
            }
            Self::Memory(bytes) => {
                write!(f, "{} MiB of memory for scrypt; the most is {most_memory} MiB", bytes.div_ceil(MIB))
            }
            Self::Work { memory, passes } => {
                let each = memory.div_ceil(MIB);
                write!(f, "{passes} passes of scrypt over {each} MiB; the most is {most_work} MiB in all")
            }
        }
    }
}

/// A key file whose form and cost are accepted: nothing of the cost was paid yet.
pub struct Opening<'a> {
    file: &'a KeyFile,
    lock: Lock<'a>,
}

enum Lock<'a> {
    None,
    Traditional(DekInfo, &'a [u8]),
    Pbes2(EncryptedKey<'a>, &'a [u8]),
}

impl Opening<'_> {
    /// True where a key is derived from the passphrase, which may take seconds and [`MAX_SCRYPT_MEMORY`].
    pub fn derives(&self) -> bool {
        !matches!(self.lock, Lock::None)
    }

    /// The key.
    ///
    /// # Errors
    /// As [`KeyFile::open`].
    pub fn open(self) -> Result<PrivateKey, KeyFileError> {
        let KeyFile { der, curve, .. } = self.file;
        let plain = match self.lock {
            Lock::None => return plain::private_key(der, *curve),
            Lock::Traditional(dek_info, passphrase) => dek_info.decrypt(passphrase, der)?,
            Lock::Pbes2(encrypted, passphrase) => encrypted.decrypt(passphrase)?,
        };
        // CBC has no checksum: about one wrong passphrase in 256 leaves a valid padding, and then rubbish, which now and then
        // looks like DER of something.
        if Form::of(&plain).is_none() {
            return Err(KeyFileError::WrongPassphrase);
        }
        plain::private_key(&plain, *curve)
    }
}

impl KeyFile {
    /// A key in DER; it is judged by [`KeyFile::open`].
    pub fn from_der(der: Zeroizing<Vec<u8>>) -> Self {
        Self { der, dek_info: None, curve: None }
    }

    /// A key in PEM; `curve` is that of an `EC PARAMETERS` block beside it.
    ///
    /// # Errors
    /// The block's base64 is damaged.
    pub fn from_pem(block: &Block, curve: Option<ObjectIdentifier>) -> Result<Self, PemError> {
        let encrypted = block.header("Proc-Type").is_some_and(|value| value.to_ascii_uppercase().contains("ENCRYPTED"));
        let dek_info = block.header("DEK-Info").or(encrypted.then_some("")).map(str::to_owned);
        Ok(Self { der: block.der()?, dek_info, curve })
    }

    /// What it is by its structure; a label may lie. Traditional encryption hides the structure.
    pub fn kind(&self) -> Kind {
        if self.dek_info.is_some() { Kind::PrivateKey } else { Kind::of_der(&self.der) }
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
    /// As [`KeyFile::open`], but for what only the opened key tells.
    pub fn opening<'a>(&'a self, passphrase: Option<&'a Secret>) -> Result<Opening<'a>, KeyFileError> {
        let given = passphrase.map(Secret::expose_secret);
        let lock = if let Some(value) = &self.dek_info {
            Lock::Traditional(DekInfo::parse(value)?, given.ok_or(KeyFileError::NoPassphrase)?)
        } else if self.is_encrypted() {
            Lock::Pbes2(EncryptedKey::parse(&self.der)?, given.ok_or(KeyFileError::NoPassphrase)?)
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

impl From<DekInfoError> for KeyFileError {
    fn from(error: DekInfoError) -> Self {
        match error {
            DekInfoError::Cipher(name) if name.is_empty() => Self::Damaged("its DEK-Info line is missing"),
            DekInfoError::Cipher(name) => Self::Encryption(name),
            DekInfoError::Iv => Self::Damaged("the initialisation vector in its DEK-Info line cannot be read"),
        }
    }
}

impl From<CipherError> for KeyFileError {
    fn from(error: CipherError) -> Self {
        match error {
            CipherError::Length => Self::Damaged("its encrypted part has an impossible length"),
            CipherError::Padding => Self::WrongPassphrase,
        }
    }
}
