//! Why a key file gives no key.

use super::cipher::CipherError;
use super::cost::Cost;
use super::legacy::DekInfoError;

/// Why a key file gives no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyFileError {
    /// Encrypted, and no passphrase was given.
    #[error("the private key is encrypted and no passphrase was given")]
    NoPassphrase,
    /// Encrypted, and the passphrase does not open it.
    #[error("the passphrase does not open the private key")]
    WrongPassphrase,
    /// Encrypted, and an empty passphrase was given, which does not open it.
    #[error("an empty passphrase does not open the private key")]
    EmptyPassphrase,
    /// Plain, and a passphrase was given.
    #[error("a passphrase was given and the private key is not encrypted")]
    NotEncrypted,
    /// The work of opening it is out of all reason; nothing of it was done.
    #[error("opening the private key needs too much work: {0}")]
    Cost(Cost),
    /// A cipher, a key derivation or a whole scheme that is not read here.
    #[error("the private key is encrypted with {0}, which is not supported")]
    Encryption(String),
    /// A key of a kind that is not supported.
    #[error("the private key is of the kind {0}, which is not supported")]
    Algorithm(String),
    /// An EC key on a curve that is not supported.
    #[error("the private key is on the curve {0}, which is not supported")]
    Curve(String),
    /// An EC key with its curve's numbers in place of the curve's name.
    #[error("the private key describes its curve by numbers and not by name")]
    ExplicitCurve,
    /// An EC key without any curve.
    #[error("the private key does not say which curve it is on")]
    NoCurve,
    /// Bits of an RSA key below [`super::MIN_RSA_BITS`].
    #[error("the RSA key has {0} bits, which is too short")]
    RsaTooShort(u32),
    /// Bits of an RSA key above [`super::MAX_RSA_BITS`].
    #[error("the RSA key has {0} bits, which is too long")]
    RsaTooLong(u32),
    /// An RSA key with a public exponent that is even, 1, or too long beside its modulus.
    #[error("the RSA key has an unsupported public exponent")]
    RsaExponent,
    /// An ML-DSA key in a form that programs wrote before RFC 9881.
    #[error("the ML-DSA key has a form that is not used here")]
    MlDsaForm,
    /// What is wrong, as the end of a sentence that begins with the key.
    #[error("the private key is damaged: {0}")]
    Damaged(&'static str),
}

impl KeyFileError {
    /// True where nothing is wrong with the file: with another passphrase, or without one, it can be opened.
    pub fn is_of_passphrase(&self) -> bool {
        matches!(self, Self::NoPassphrase | Self::WrongPassphrase | Self::EmptyPassphrase | Self::NotEncrypted)
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
