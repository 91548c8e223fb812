//! Why a certificate with its key is refused: one variant a cause. The sentences for each are in `messages`.

use crate::answer::AnswerError;
use crate::import::ImportRefusal;
use crate::keyfile::KeyFileError;
use crate::pkcs12::Pkcs12Refusal;

/// One reason for which a certificate with its key is refused. [`CertifiedKeyRefusal::invalid`] gives its field and words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertifiedKeyRefusal {
    /// The certificates, or that there are none.
    #[error(transparent)]
    Certificate(#[from] AnswerError),
    /// The key file.
    #[error(transparent)]
    Key(#[from] ImportRefusal),
    /// The PKCS#12 file.
    #[error(transparent)]
    Pkcs12(#[from] Pkcs12Refusal),
    /// Certificates and no key.
    #[error("there is no private key")]
    NoKey,
    /// A key and no certificate.
    #[error("there is no certificate")]
    NoCertificate,
    /// Two keys that are not the same.
    #[error("there are several private keys")]
    SeveralKeys,
    /// Two PKCS#12 files that are not the same.
    #[error("there are two PKCS#12 files")]
    SeveralPkcs12,
    /// None of the certificates has the key; the first one's subject, and the two kinds of key.
    #[error("the private key is not the certificate's")]
    KeyOfAnotherCertificate {
        /// Of the first certificate, as it is called in a sentence.
        subject: String,
        /// The kind of that one's key.
        certified: String,
        /// The kind of the private key.
        key: String,
    },
}

impl From<KeyFileError> for CertifiedKeyRefusal {
    fn from(error: KeyFileError) -> Self {
        Self::Key(error.into())
    }
}
