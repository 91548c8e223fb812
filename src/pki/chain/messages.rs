//! The words for every chain that does not hold: what is wrong, what to do.

use super::{ChainError, MAX_LINKS};
use signet_domain::invalid::Invalid;

impl ChainError {
    /// The refusal at the field where the answer was given.
    pub fn invalid(&self, field: &'static str) -> Invalid {
        let (what, fix) = match self {
            Self::Signature { of, by } => (
                format!(
                    "The signature of {of} by {by} does not verify: one of the two certificates is damaged or is not the CA's."
                ),
                "Download both again from the CA.",
            ),
            Self::NotACa { of, by } => (
                format!("{of} is signed by {by}, which is no CA's certificate: every browser refuses that."),
                "Ask the CA for a certificate signed by a CA certificate (Basic Constraints CA:TRUE).",
            ),
            Self::PathLength { by, allowed, below } => (
                format!(
                    "{by} allows {allowed} CAs between it and a certificate, and there are {below}: every browser refuses that."
                ),
                "Ask the CA for a chain that its own limits allow.",
            ),
            Self::Unverifiable { of, by, why } => (
                format!("The signature of {of} by {by} cannot be verified: {why}."),
                "Hand in the certificate without that CA's own, or ask for one signed with RSA, ECDSA or Ed25519.",
            ),
            Self::TooMuchWork => (
                format!("The chain has more than {MAX_LINKS} certificates, or too many that could each be the issuer."),
                "Hand in the certificate and the CA certificates above it alone.",
            ),
        };
        Invalid::new(field, what, fix)
    }
}
