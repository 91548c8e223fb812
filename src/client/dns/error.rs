//! What can go wrong with a DNS server.

use signet_domain::visible;
use std::io;
use std::net::SocketAddr;

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum DnsError {
    /// A name or a key that was checked when it was given.
    #[error("the DNS settings of the authority are damaged")]
    Settings,
    /// It does not answer, or nobody is there.
    #[error("the DNS server {server} does not answer: {source}")]
    Unreachable {
        /// The server.
        server: SocketAddr,
        /// The system's reason.
        source: io::Error,
    },
    /// Not a DNS message.
    #[error("the DNS server {0} sends answers that cannot be read")]
    Damaged(SocketAddr),
    /// Its policy does not allow the update.
    #[error("the DNS server refuses the update")]
    Refused,
    /// It does not have the zone.
    #[error("the DNS server is not authoritative for {}", visible::line(.0))]
    NotAuthoritative(String),
    /// The name is in a zone that somebody else has.
    #[error("{} is in the zone {}, which this DNS server has delegated to another one", visible::line(.name), visible::line(.zone))]
    ZoneCut {
        /// The record's name.
        name: String,
        /// The zone that it is in.
        zone: String,
    },
    /// The name is in another zone than the settings say.
    #[error("{} is in the zone {}, not in {}", visible::line(.name), visible::line(.zone), visible::line(.expected))]
    OtherZone {
        /// The record's name.
        name: String,
        /// The zone that it is in.
        zone: String,
        /// The zone that was given.
        expected: String,
    },
    /// CNAME records that lead nowhere.
    #[error("the CNAME records of {} go in circles", visible::line(.0))]
    Circle(String),
    /// The server does not know the key, or not with this algorithm.
    #[error("the DNS server does not know the TSIG key, or not with this algorithm (BADKEY)")]
    BadKey,
    /// The server's secret is another one.
    #[error("the DNS server rejects the TSIG signature (BADSIG)")]
    BadSignature,
    /// The clocks differ.
    #[error("the clocks of this device and of the DNS server differ{} (BADTIME)", .apart.map(|seconds| format!(" by {seconds} seconds")).unwrap_or_default())]
    BadTime {
        /// Seconds, where the server says what time it has.
        apart: Option<u64>,
    },
    /// An answer that anybody could have sent.
    #[error("the answer of the DNS server is not signed with the TSIG key")]
    Unsigned,
    /// Another code of its own.
    #[error("the DNS server reports {}", code(.0))]
    Code(u16),
    /// The record is not there in time.
    #[error("the DNS server {server} does not show the record {}", visible::line(.name))]
    NotShown {
        /// The server.
        server: SocketAddr,
        /// The record's name.
        name: String,
    },
    /// Other values are there, and not ours.
    #[error("the DNS server {server} still shows an old record {}", visible::line(.name))]
    OldShown {
        /// The server.
        server: SocketAddr,
        /// The record's name.
        name: String,
    },
}

impl DnsError {
    /// True where the server has answered, and said no.
    pub fn is_refusal(&self) -> bool {
        !matches!(self, Self::Unreachable { .. } | Self::Damaged(_) | Self::Unsigned)
    }

    /// An update's code (RFC 2136, section 2.2).
    pub(super) fn of_code(code: u16) -> Self {
        match code {
            5 => Self::Refused,
            other => Self::Code(other),
        }
    }
}

/// The code as DNS people know it.
fn code(code: &u16) -> String {
    match code {
        1 => "FORMERR".to_owned(),
        2 => "SERVFAIL".to_owned(),
        3 => "NXDOMAIN".to_owned(),
        4 => "NOTIMP".to_owned(),
        9 => "NOTAUTH".to_owned(),
        10 => "NOTZONE".to_owned(),
        other => format!("error {other}"),
    }
}
