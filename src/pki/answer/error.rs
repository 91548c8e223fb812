//! Why certificates from a CA are refused: one variant a cause. The sentences for each are in `messages`.

use crate::certificate::CertificateError;
use crate::keyfile::kind::Kind;
use crate::pem::PemError;

/// One reason for which certificates are refused. [`AnswerError::invalid`] gives its sentences.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// Nothing, or nothing but blanks.
    #[error("no certificate was given")]
    Empty,
    /// The lines of a certificate around nothing but zeros.
    #[error("a certificate without content")]
    NoContent,
    /// More than [`MAX_ANSWER`](super::MAX_ANSWER) bytes; how many.
    #[error("{0} bytes of certificates are too large")]
    TooLarge(usize),
    /// More than [`MAX_CERTIFICATES`](super::MAX_CERTIFICATES) different ones; how many.
    #[error("{0} certificates are too many")]
    TooMany(usize),
    /// A private key, alone or beside certificates. It is not kept.
    #[error("a private key was given")]
    PrivateKey(Kind),
    /// Something else, named where possible.
    #[error("not a certificate but {}", .0.name().unwrap_or("something unknown"))]
    NotAnAnswer(Kind),
    /// HTML.
    #[error("not a certificate but a web page")]
    WebPage,
    /// The PEM around it.
    #[error("the certificate's PEM is damaged: {0}")]
    Pem(PemError),
    /// Base64 without PEM's borders, and damaged.
    #[error("the base64 text is damaged")]
    Base64,
    /// DER that ends too early; how many bytes are missing at least.
    #[error("{missing} bytes are missing at the end")]
    CutOff {
        /// Bytes.
        missing: usize,
    },
    /// BER of indefinite length that cannot be made DER.
    #[error("BER of indefinite length that is damaged")]
    Indefinite,
    /// PKCS#7 that is encrypted.
    #[error("an encrypted PKCS#7 message")]
    Encrypted,
    /// PKCS#7 without a certificate in it.
    #[error("a PKCS#7 file without certificates")]
    NoCertificates,
    /// PKCS#7 whose structure is broken.
    #[error("a damaged PKCS#7 file")]
    Pkcs7Damaged,
    /// One certificate among those given.
    #[error("certificate {place} of {of}: {why}")]
    Damaged {
        /// Counted from 1.
        place: usize,
        /// How many there are, the same one twice counted twice.
        of: usize,
        /// What is wrong.
        why: CertificateError,
    },
}
