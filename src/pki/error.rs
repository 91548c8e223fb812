//! What goes wrong while keys, requests and certificates are made. Reading has errors of its own, beside its functions.

use super::key_error::KeyError;
use super::sign::SignError;

/// Why something could not be made.
#[derive(Debug, thiserror::Error)]
pub enum PkiError {
    /// The key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The signature.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// A value that does not fit its ASN.1 type.
    #[error("the {part} could not be encoded: {source}")]
    Encoding {
        /// Which part of what is made.
        part: &'static str,
        /// What the encoder says.
        source: der::Error,
    },
    /// The kernel's generator.
    #[error("the kernel gave no randomness")]
    Randomness,
    /// A key of another kind than the console's certificate has.
    #[error("the console's key must be P-256, and this is {0}")]
    ForeignKey(String),
    /// The console's own certificate.
    #[error("the console's certificate could not be made: {0}")]
    Certificate(#[from] rcgen::Error),
}

impl PkiError {
    /// Names the part that an encoder's error came from.
    pub(super) fn encoding(part: &'static str) -> impl FnOnce(der::Error) -> Self {
        move |source| Self::Encoding { part, source }
    }
}
