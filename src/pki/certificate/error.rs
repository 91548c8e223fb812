//! Why bytes are not a certificate, and how many of them are read.

use super::fault::Fault;

/// The longest certificate that is read, in bytes. One of 100 long names and an RSA key of 8192 bits has some 30 KiB.
pub const MAX_CERTIFICATE: usize = 64 * 1024;

/// Why bytes are not a certificate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// Longer than [`MAX_CERTIFICATE`].
    #[error("a certificate of {0} bytes is too long: the limit is {MAX_CERTIFICATE}")]
    TooLong(usize),
    /// Not the structure of RFC 5280 4.1, or bytes behind it.
    #[error("this is not a certificate")]
    NotACertificate,
    /// The structure of a certificate around something that is not one of its parts.
    #[error("the certificate's {0} is damaged")]
    Damaged(&'static str),
    /// Whole, and made against a rule that it must keep to be read.
    #[error("the certificate {0}")]
    Fault(#[from] Fault),
}
