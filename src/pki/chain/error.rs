//! Why certificates do not make a chain: one variant a cause.

use crate::verify::VerifyError;

/// Why certificates do not make a chain. Each variant names them as
/// [`Certificate::subject_short`](crate::certificate::Certificate::subject_short) does.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// The issuer's certificate is there, and the signature is not its key's: one of the two is damaged.
    #[error("the signature of {of} by {by} does not verify")]
    Signature {
        /// What is signed.
        of: String,
        /// Who signed it, by its own statement.
        by: String,
    },
    /// The signature verifies, and the signer may not sign.
    #[error("{of} is signed by {by}, which is not a CA")]
    NotACa {
        /// What is signed.
        of: String,
        /// The signer.
        by: String,
    },
    /// More CAs below one than its Basic Constraints allow (RFC 5280 4.2.1.9).
    #[error("{by} allows at most {allowed} CAs below it, but there are {below}")]
    PathLength {
        /// The CA with the limit.
        by: String,
        /// The limit.
        allowed: u64,
        /// CAs between it and the leaf.
        below: u64,
    },
    /// The signer's key or the signature is of a kind that is not supported.
    #[error("the signature of {of} by {by} cannot be verified: {why}")]
    Unverifiable {
        /// What is signed.
        of: String,
        /// Who signed it, by its own statement.
        by: String,
        /// What is not known.
        why: VerifyError,
    },
    /// More than [`MAX_LINKS`](super::MAX_LINKS) certificates, or [`MAX_CHECKS`](super::MAX_CHECKS) signatures.
    #[error("the chain is too long or too entangled")]
    TooMuchWork,
}
