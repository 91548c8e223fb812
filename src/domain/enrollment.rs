//! What is kept of an enrollment: one request sent to one authority until its certificate is kept, or refused with a reason.
//!
//! The network is not known here; the steps themselves are in `signet-client`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// Where an order is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Waits to be taken up.
    Queued,
    /// An order is being placed; the CA may have it already.
    Ordering,
    /// The answers to the CA's challenges are in place.
    ChallengeReady,
    /// The CA checks the names.
    Validating,
    /// The CSR is being sent.
    Finalizing,
    /// The CA needs time, or asked to wait.
    Waiting,
    /// The certificate is here.
    Done,
    /// It failed, perhaps for now.
    Failed,
}

impl Step {
    /// All of them, in their order.
    pub const ALL: [Self; 8] = [
        Self::Queued,
        Self::Ordering,
        Self::ChallengeReady,
        Self::Validating,
        Self::Finalizing,
        Self::Waiting,
        Self::Done,
        Self::Failed,
    ];

    /// The word for programs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Ordering => "ordering",
            Self::ChallengeReady => "challenge_ready",
            Self::Validating => "validating",
            Self::Finalizing => "finalizing",
            Self::Waiting => "waiting",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }
}

/// What is kept of an order between two steps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Where it is.
    pub step: Step,
    /// The order's URL at the CA.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
    /// True once the CA refused to name the certificate that this one replaces, or to re-enroll.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub without_replaces: bool,
}

impl Default for Progress {
    fn default() -> Self {
        Self { step: Step::Queued, order: None, without_replaces: false }
    }
}

/// What a test of an authority found: whether it can be reached and is trusted, and what it says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tested {
    /// When.
    pub at: Timestamp,
    /// Why it cannot be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// Where its terms are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms: Option<String>,
    /// True where an account of the CA's own is needed first.
    #[serde(default)]
    pub external_account_required: bool,
    /// Profiles by name, with the CA's description.
    #[serde(default)]
    pub profiles: BTreeMap<String, String>,
    /// Whether the CA suggests when to renew (RFC 9773).
    #[serde(default)]
    pub renewal_info: bool,
    /// The CA's certificates at an EST server, by their subjects.
    #[serde(default)]
    pub cas: Vec<String>,
    /// What an EST server wants to find in a request.
    #[serde(default)]
    pub wanted: Vec<String>,
}

/// A name or an address that a certificate is ordered for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identifier {
    /// `dns` (RFC 8555) or `ip` (RFC 8738).
    pub r#type: String,
    /// A-labels, perhaps with `*.` before them; an address in its usual form.
    pub value: String,
}

impl Identifier {
    /// A DNS name.
    pub fn dns(name: &str) -> Self {
        Self { r#type: "dns".to_owned(), value: name.to_owned() }
    }

    /// An address; IPv6 as RFC 5952 writes it.
    pub fn ip(address: IpAddr) -> Self {
        Self { r#type: "ip".to_owned(), value: address.to_string() }
    }

    /// What a CA that checks it by TLS names as the server: an address has its name of reverse DNS (RFC 8738, section 6).
    pub fn server_name(&self) -> String {
        match self.value.parse() {
            Ok(IpAddr::V4(address)) => {
                let [a, b, c, d] = address.octets();
                format!("{d}.{c}.{b}.{a}.in-addr.arpa")
            }
            Ok(IpAddr::V6(address)) => {
                let digits = address.octets().into_iter().rev().map(|byte| format!("{:x}.{:x}.", byte & 15, byte >> 4));
                digits.collect::<String>() + "ip6.arpa"
            }
            Err(_) => self.value.to_ascii_lowercase(),
        }
    }
}

/// A way to prove a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChallengeKind {
    /// A page at the name's port 80 (RFC 8555, section 8.3).
    #[serde(rename = "http-01")]
    Http01,
    /// A TLS handshake at the name's port 443 (RFC 8737).
    #[serde(rename = "tls-alpn-01")]
    TlsAlpn01,
    /// A TXT record (RFC 8555, section 8.4).
    #[serde(rename = "dns-01")]
    Dns01,
}

impl ChallengeKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Http01, Self::TlsAlpn01, Self::Dns01];

    /// Its name in ACME.
    pub fn word(self) -> &'static str {
        match self {
            Self::Http01 => "http-01",
            Self::TlsAlpn01 => "tls-alpn-01",
            Self::Dns01 => "dns-01",
        }
    }

    /// The one of this name.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// Whether it can prove this name: wildcards need DNS, and addresses have none (RFC 8555, 7.1.3; RFC 8738, 7).
    pub fn can_prove(self, identifier: &Identifier) -> bool {
        match self {
            Self::Dns01 => identifier.r#type == "dns",
            Self::Http01 | Self::TlsAlpn01 => !identifier.value.starts_with("*."),
        }
    }
}

/// What a failure means for a command and for the next try.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The CA cannot be reached or is not trusted; tried again.
    Unreachable,
    /// The CA wants to be asked later; tried again.
    Later,
    /// Something between CA and device is not in order; tried again.
    Validation,
    /// The CA does not issue for this request; a person has to change something.
    Refused,
    /// The authority's settings are wrong; a person has to change them.
    Settings,
    /// Reading or writing failed here; tried again.
    Disk,
    /// The owner took it back.
    Cancelled,
}

impl Kind {
    /// True where it is tried again without a person.
    pub fn is_tried_again(self) -> bool {
        matches!(self, Self::Unreachable | Self::Later | Self::Validation | Self::Disk)
    }
}

/// What is kept and shown of an error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Stable for programs: `rate_limited`, `unreachable`, …
    pub code: String,
    /// What it means.
    pub kind: Kind,
    /// What is wrong: one sentence.
    pub what: String,
    /// What to do: one or two sentences.
    pub remedy: String,
    /// The CA's own words, bounded and escaped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Seconds that the CA asks to wait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait: Option<u64>,
}

/// What is known of an account at a CA.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its URL at the CA; none until the CA has said it.
    #[serde(default)]
    pub url: Option<String>,
    /// True once a new account has been asked for: it may exist.
    #[serde(default)]
    pub asked: bool,
}

/// An order, from the queue to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// The request's name when it was ordered.
    pub request: String,
    /// The authority's name.
    pub authority: String,
    /// The CSR, DER in base64.
    pub csr: String,
    /// Its names and addresses.
    pub identifiers: Vec<Identifier>,
    /// The certificate that this one replaces, by its ARI name (RFC 9773, section 5).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<String>,
    /// The CSR repeats the subject and the names of a certificate that this CA has issued to this device (RFC 7030, section
    /// 4.2.2).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reenrolls: bool,
    /// Nothing is ordered: the certificate in `csr` is revoked, for the reason with this code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revokes: Option<u8>,
    /// The account that it came from, by its URL at the CA.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The certificate that came of it and is kept, by its ARI name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issued: Option<String>,
    /// The proxy on the way to the CA.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<String>,
    /// When it was queued.
    pub since: Timestamp,
    /// Where it is.
    #[serde(default)]
    pub progress: Progress,
    /// Why the last try failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// When it is tried or looked at again; none for at once, or never where it failed for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_try: Option<Timestamp>,
    /// How often it failed in a row.
    #[serde(default)]
    pub failures: u32,
}

impl Order {
    /// True where only a person can get it going again.
    pub fn has_failed_for_good(&self) -> bool {
        self.failure.as_ref().is_some_and(|failure| !failure.kind.is_tried_again())
    }

    /// True when it is to be taken up at `now`.
    pub fn is_due(&self, now: Timestamp) -> bool {
        !self.has_failed_for_good() && self.next_try.is_none_or(|next| next <= now)
    }

    /// Seconds until the next try after so many failures in a row: a minute, doubled up to six hours. `wait` is what the CA
    /// asks for. `chance` (0 to 99) spreads devices that failed together over a fifth more.
    pub fn backoff(failures: u32, wait: Option<u64>, chance: u8) -> u64 {
        let doubled = 60_u64.checked_shl(failures.saturating_sub(1).min(16)).unwrap_or(u64::MAX).min(6 * 3600);
        let base = wait.map_or(doubled, |wait| wait.max(60));
        base + base * u64::from(chance.min(99)) / 500
    }
}

/// How an order ended. It is left by the enrolling process with the chain, and kept by the console without it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// The order as it was last.
    pub order: Order,
    /// The certificate with its chain, PEM; none where it failed, and once it is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chain: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_from_a_minute_to_six_hours_and_never_come_before_the_cas_own_time() {
        let waits: Vec<u64> = (1..=12).map(|failures| Order::backoff(failures, None, 0)).collect();
        assert_eq!(waits[..4], [60, 120, 240, 480]);
        assert_eq!(waits[11], 6 * 3600);
        assert_eq!(Order::backoff(1, Some(3600), 0), 3600);
        assert_eq!(Order::backoff(u32::MAX, Some(0), 0), 60);
        for chance in 0..=255 {
            assert!((3600..=3600 + 720).contains(&Order::backoff(1, Some(3600), chance)));
        }
    }

    #[test]
    fn a_check_by_tls_names_an_address_as_reverse_dns_does() {
        let named = |identifier: Identifier| identifier.server_name();
        assert_eq!(named(Identifier::dns("NAS.example")), "nas.example");
        assert_eq!(named(Identifier::ip([192, 0, 2, 17].into())), "17.2.0.192.in-addr.arpa");
        let address: std::net::Ipv6Addr = "2001:db8::1".parse().unwrap();
        let zeros = "0.".repeat(23);
        assert_eq!(named(Identifier::ip(address.into())), format!("1.{zeros}8.b.d.0.1.0.0.2.ip6.arpa"));
    }

    #[test]
    fn challenges_prove_what_the_standards_say() {
        let (plain, wild, address) =
            (Identifier::dns("a.example"), Identifier::dns("*.example"), Identifier::ip([192, 0, 2, 1].into()));
        for (kind, proves) in [
            (ChallengeKind::Http01, [true, false, true]),
            (ChallengeKind::TlsAlpn01, [true, false, true]),
            (ChallengeKind::Dns01, [true, true, false]),
        ] {
            assert_eq!([&plain, &wild, &address].map(|identifier| kind.can_prove(identifier)), proves, "{kind:?}");
        }
    }
}
