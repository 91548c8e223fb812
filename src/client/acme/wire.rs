//! Orders and authorizations as the server sends them (RFC 8555, section 7.1). Fields that are not used are not read.

use super::problem::Problem;
use serde::Deserialize;
pub use signet_domain::enrollment::Identifier;

/// The status of an order, an authorization or a challenge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "RFC 8555, section 7.1.6 says what each one is")]
pub enum Status {
    Pending,
    Ready,
    Processing,
    Valid,
    Invalid,
    Deactivated,
    Expired,
    Revoked,
    #[serde(other)]
    Unknown,
}

/// An order.
#[derive(Debug, Clone, Deserialize)]
pub struct Order {
    /// Where it is.
    pub status: Status,
    /// One URL for each identifier.
    pub authorizations: Vec<String>,
    /// Where the CSR goes.
    pub finalize: String,
    /// Where the certificate is, once it is issued.
    #[serde(default)]
    pub certificate: Option<String>,
    /// Why it failed.
    #[serde(default)]
    pub error: Option<Problem>,
}

/// The proof that a name is the account's.
#[derive(Debug, Clone, Deserialize)]
pub struct Authorization {
    /// For whom.
    pub identifier: Identifier,
    /// Where it is.
    pub status: Status,
    /// The ways to prove it.
    #[serde(default)]
    pub challenges: Vec<Challenge>,
}

/// One way to prove it.
#[derive(Debug, Clone, Deserialize)]
pub struct Challenge {
    /// `http-01`, `tls-alpn-01`, `dns-01`, or one that is not known here.
    pub r#type: String,
    /// Where the server is told that it can look.
    pub url: String,
    /// A random value of the server's; some kinds have none.
    #[serde(default)]
    pub token: String,
    /// Where it is.
    pub status: Status,
    /// Why it failed.
    #[serde(default)]
    pub error: Option<Problem>,
}

/// What a CA suggests for a renewal (RFC 9773, section 4.2).
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RenewalInfo {
    /// The window.
    pub suggested_window: Window,
    /// A page that says why.
    #[serde(default, rename = "explanationURL")]
    pub explanation: Option<String>,
}

/// A time in it is to be chosen at random.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Window {
    /// Its beginning.
    pub start: jiff::Timestamp,
    /// Its end.
    pub end: jiff::Timestamp,
}
