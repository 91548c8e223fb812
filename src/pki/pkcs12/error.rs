//! Why a PKCS#12 file is not read: one variant a cause. The sentences for each are in `messages`.

use crate::keyfile::{Cost, KeyFileError};

/// One reason for which a PKCS#12 file gives neither key nor certificates. [`Pkcs12Refusal::invalid`] gives its words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Pkcs12Refusal {
    /// It ends too early; how many bytes are missing at least.
    #[error("{missing} bytes are missing at the end of the PKCS#12 file")]
    CutOff {
        /// Bytes.
        missing: usize,
    },
    /// Which part of it cannot be read.
    #[error("the PKCS#12 file's {0} cannot be read")]
    Damaged(&'static str),
    /// It is signed instead of authenticated by a passphrase.
    #[error("the PKCS#12 file is signed and not protected by a passphrase")]
    Signed,
    /// Nothing says that it is unchanged.
    #[error("the PKCS#12 file has no integrity check")]
    NoMac,
    /// An integrity check that is not supported.
    #[error("the PKCS#12 file has the integrity check {0}, which is not supported")]
    UnknownMac(String),
    /// No passphrase was given, and an empty one does not open it.
    #[error("the PKCS#12 file is encrypted and no passphrase was given")]
    NoPassphrase,
    /// The passphrase does not open it, or it was changed.
    #[error("the passphrase does not open the PKCS#12 file")]
    WrongPassphrase,
    /// An empty passphrase was given, which does not open it.
    #[error("an empty passphrase does not open the PKCS#12 file")]
    EmptyPassphrase,
    /// The work of opening it is out of all reason; nothing of it was done.
    #[error("opening the PKCS#12 file needs too much work: {0}")]
    Cost(Cost),
    /// A cipher or a key derivation that is not supported.
    #[error("the PKCS#12 file is encrypted with {0}, which is not supported")]
    Encryption(String),
    /// A part of it is encrypted for a certificate and not under a passphrase.
    #[error("the PKCS#12 file is encrypted for a certificate")]
    Enveloped,
    /// More than one private key; the names that the file gives them, as far as it names them.
    #[error("the PKCS#12 file has several private keys")]
    SeveralKeys(Vec<String>),
    /// The file opens, and the key in it does not open with the same passphrase.
    #[error("the key in the PKCS#12 file has another passphrase")]
    KeyPassphrase,
    /// The key in it.
    #[error(transparent)]
    Key(KeyFileError),
}

impl From<KeyFileError> for Pkcs12Refusal {
    fn from(error: KeyFileError) -> Self {
        match error {
            KeyFileError::Cost(cost) => Self::Cost(cost),
            KeyFileError::Encryption(name) => Self::Encryption(name),
            KeyFileError::WrongPassphrase | KeyFileError::EmptyPassphrase | KeyFileError::NoPassphrase => {
                Self::KeyPassphrase
            }
            error => Self::Key(error),
        }
    }
}
