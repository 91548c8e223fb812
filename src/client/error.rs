//! What can go wrong with a CA, and what a person can do about it.
//!
//! [`ClientError`] is what happened; [`Failure`] is what is kept of it: sentences, the CA's own words, and whether it is
//! tried again.

use crate::acme::problem::Problem;
use crate::est::refused::Refused;
use crate::https::roots::RootsError;
pub use crate::https::untrusted::Untrusted;
use crate::messages::{acme, est, tls};
pub use signet_domain::enrollment::{Failure, Kind};
use signet_domain::visible;
use std::io;

/// What went wrong between this device and a CA.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Not an https URL, or one with a user in it.
    #[error("\"{}\" is not an https address", visible::line(.0))]
    Address(String),
    /// The host's name has no address here.
    #[error("the address of {host} cannot be found: {source}")]
    NoAddress {
        /// The host.
        host: String,
        /// The resolver's reason.
        source: io::Error,
    },
    /// Nobody answers.
    #[error("{host} cannot be reached at port {port}: {source}")]
    Connect {
        /// The host.
        host: String,
        /// Its port.
        port: u16,
        /// The system's reason.
        source: io::Error,
    },
    /// The proxy does not pass it on.
    #[error("the proxy {proxy} gives no connection: {why}")]
    Proxy {
        /// The proxy's address.
        proxy: String,
        /// Its answer, or the system's reason.
        why: String,
    },
    /// The CA's own certificate.
    #[error("the certificate of {host} is not trusted: {}", tls::untrusted(why))]
    Untrusted {
        /// The host.
        host: String,
        /// Why.
        why: Untrusted,
    },
    /// TLS failed for another reason.
    #[error("no TLS connection to {host}: {why}")]
    Tls {
        /// The host.
        host: String,
        /// The library's reason.
        why: String,
    },
    /// The server refused the handshake by an alert.
    #[error("no TLS connection to {host}: {}", rustls::Error::AlertReceived(*alert))]
    Alert {
        /// The host.
        host: String,
        /// What it said.
        alert: rustls::AlertDescription,
    },
    /// The connection ended in the middle.
    #[error("the connection to {host} broke: {source}")]
    Broken {
        /// The host.
        host: String,
        /// Its reason.
        source: hyper::Error,
    },
    /// Too slow.
    #[error("{host} does not answer in time")]
    Deadline {
        /// The host.
        host: String,
    },
    /// More than [`crate::https::MAX_BODY`].
    #[error("{host} sent more than 1 MiB")]
    TooLarge {
        /// The host.
        host: String,
    },
    /// Redirects are not followed: a CA says its URLs in its directory.
    #[error("{host} redirects to another address")]
    Redirect {
        /// The host.
        host: String,
    },
    /// Not what the protocol says.
    #[error("{url} does not answer as an ACME server: {what}")]
    NotAcme {
        /// The URL.
        url: String,
        /// What is there instead.
        what: String,
    },
    /// Not what EST says.
    #[error("{url} does not answer as an EST server: {what}")]
    NotEst {
        /// The URL.
        url: String,
        /// What is there instead.
        what: String,
    },
    /// An EST server's refusal.
    #[error("{}", est::refused(.0).what)]
    Est(Box<Refused>),
    /// The key and certificate that this device is to authenticate itself with.
    #[error("the client certificate or its key cannot be used for TLS")]
    ClientCertificate,
    /// Every nonce was rejected.
    #[error("the CA rejected {0} nonces in a row")]
    Nonces(usize),
    /// The CA's own refusal.
    #[error("{}", acme::problem(.0).what)]
    Problem(Box<Problem>),
    /// A roots file that was good once.
    #[error("the roots of the authority cannot be used: {0}")]
    Roots(#[from] RootsError),
    /// The account's key.
    #[error("the account's key cannot be used")]
    AccountKey,
    /// The directory has no account of ours and the terms were not agreed to.
    #[error("the CA asks to agree to its terms{}", .0.as_deref().map(|url| format!(" at {}", visible::line(url))).unwrap_or_default())]
    Terms(Option<String>),
    /// An external account is required and none is configured.
    #[error("the CA requires an external account")]
    ExternalAccount,
    /// No challenge that is offered can be answered.
    #[error("the CA offers no challenge for {name} that this authority's settings allow (it offers {offered})")]
    NoChallenge {
        /// The name.
        name: String,
        /// The kinds that it offers.
        offered: String,
    },
    /// The CA no longer knows the order, twice.
    #[error("the CA's order is {0}")]
    Order(String),
    /// Whoever puts the answers to challenges in place says it itself.
    #[error("{}", .0.what)]
    Told(Box<Failure>),
    /// What must outlive a power cut could not be written.
    #[error("{0}")]
    Keep(Box<dyn std::error::Error + Send + Sync>),
    /// The owner took it back.
    #[error("the enrollment was cancelled")]
    Cancelled,
}

impl ClientError {
    /// What `tokio-rustls` says of a handshake that failed.
    pub(crate) fn of_handshake(host: &str, error: io::Error) -> Self {
        use rustls::CertificateError as Bad;
        let host = host.to_owned();
        let of_tls = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
        let why = match of_tls {
            Some(rustls::Error::InvalidCertificate(bad)) => match bad {
                // A root of the same name with another key is another root.
                Bad::UnknownIssuer | Bad::BadSignature => Untrusted::UnknownRoot,
                Bad::Expired | Bad::ExpiredContext { .. } => Untrusted::Expired,
                Bad::NotValidYet | Bad::NotValidYetContext { .. } => Untrusted::NotYetValid,
                Bad::NotValidForName | Bad::NotValidForNameContext { .. } => Untrusted::OtherName,
                // rustls hands webpki's own error on.
                other if format!("{other:?}").contains("CaUsedAsEndEntity") => Untrusted::IsAuthority,
                other => Untrusted::Other(other.to_string()),
            },
            Some(rustls::Error::AlertReceived(alert)) => return Self::Alert { host, alert: *alert },
            Some(other) => return Self::Tls { host, why: other.to_string() },
            None => return Self::Tls { host, why: error.to_string() },
        };
        Self::Untrusted { host, why }
    }

    /// The CA's problem document of this type (the last part of its URN).
    pub(crate) fn is_problem(&self, kind: &str) -> bool {
        matches!(self, Self::Problem(problem) if problem.kind() == kind)
    }
}
