//! Chains that do not hold.

use super::counted;
use crate::chain::{ChainError, MAX_LINKS};
use signet_domain::invalid::Invalid;

impl ChainError {
    /// The refusal at the field where the certificates were given.
    pub fn invalid(&self, field: &'static str) -> Invalid {
        let (what, fix) = match self {
            Self::Signature { of, by } => (
                format!(
                    "The signature of {of} by {by} does not verify: one of the two certificates is damaged or is not the CA's."
                ),
                "Download both again from the CA.",
            ),
            Self::NotACa { of, by } => (
                format!("{of} is signed by {by}, which is not a CA certificate: every browser refuses that."),
                "Ask the CA for a certificate signed by a CA certificate (Basic Constraints CA:TRUE).",
            ),
            Self::PathLength { by, allowed, below } => (
                format!(
                    "{by} allows {} between it and a certificate, but the chain has {below}: every browser refuses that.",
                    counted(*allowed, "CA")
                ),
                "Ask the CA for a chain that its own limits allow.",
            ),
            Self::Unverifiable { of, by, why } => (
                format!("The signature of {of} by {by} cannot be verified: {why}."),
                "Give the certificate without that CA's own, or ask for one signed with RSA, ECDSA, Ed25519 or ML-DSA.",
            ),
            Self::TooMuchWork => (
                format!("The chain has more than {MAX_LINKS} certificates, or too many that could each be the issuer."),
                "Give only the certificate and its intermediates.",
            ),
        };
        Invalid::new(field, what, fix)
    }
}
