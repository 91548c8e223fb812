//! Why a certificate and key cannot be the console's identity: one variant a cause.

/// Why a certificate and key cannot be the console's identity.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// The chain is empty.
    #[error("there is no certificate")]
    NoCertificate,
    /// The key cannot be read, or TLS cannot use keys of its kind.
    #[error("the private key cannot be used for TLS")]
    Key,
    /// The certificate cannot be read, or it certifies another key.
    #[error("the certificate does not match its private key: {0}")]
    Mismatch(#[source] rustls::Error),
    /// The provider refused its own defaults, or had no randomness for the keys of session tickets.
    #[error("TLS cannot be set up: {0}")]
    Setup(#[source] rustls::Error),
    /// A client inside this process could not shake hands with it.
    #[error("a test handshake with it fails: {0}")]
    SelfTest(#[source] rustls::Error),
}
