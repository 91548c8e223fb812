//! Why a certificate cannot be a web server's: one variant a cause, with what to do.

use jiff::Timestamp;
use signet_domain::ml_dsa;

/// Why a certificate cannot serve.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// There is no certificate.
    #[error("There is no certificate yet.")]
    Unanswered,
    /// Not DER of a certificate.
    #[error("The certificate is damaged.")]
    Damaged,
    /// Of version 1 or 2: rustls and browsers read only version 3 (RFC 5280 4.1.2.1).
    #[error("The certificate has version {0}, without names and usages.")]
    Version(u8),
    /// It certifies another key.
    #[error("The certificate belongs to another key.")]
    AnotherKey,
    /// A key that browsers do not accept in a handshake: Ed25519, secp256k1, Brainpool, short RSA, or one unknown here.
    #[error("Browsers do not accept {0} keys.")]
    Key(String),
    /// A key that some clients accept: it serves only after one of them has shown that.
    #[error("Only programs that know ML-DSA accept {0} keys.")]
    Untried(String),
    /// It has expired.
    #[error("The certificate expired on {}.", signet_domain::time::shown(*.0))]
    Ended(Timestamp),
    /// Extended Key Usage without Server Auth (RFC 5280 4.2.1.12).
    #[error("The certificate is not for servers: its Extended Key Usage lacks Web server (SERVER_AUTH).")]
    NotForServers,
    /// Key Usage without Digital Signature, which every current handshake needs (RFC 8446 4.4.2.2).
    #[error("The certificate must not sign handshakes: its Key Usage lacks Digital Signature.")]
    NotForSigning,
}

impl Unfit {
    /// What to do: one sentence.
    pub fn fix(&self) -> &'static str {
        match self {
            Self::Unanswered => "Send the request to the CA and add its certificate first.",
            Self::Damaged => "Add the certificate again.",
            Self::Version(_) => "Ask the CA for a certificate of version 3, with Subject Alternative Names.",
            Self::AnotherKey => "Add the certificate that was issued for this request.",
            Self::Key(_) => "Make a request with EC SECP256R1, SECP384R1 or RSA of 2048 bits or more for the console.",
            Self::Untried(_) => ml_dsa::messages::TRY_IT,
            Self::Ended(_) => "Renew the request and add the new certificate.",
            Self::NotForServers => {
                "Make a request with Web server (SERVER_AUTH), or ask the CA for a server certificate."
            }
            Self::NotForSigning => "Make a request with Digital Signature, or ask the CA to allow it.",
        }
    }
}
