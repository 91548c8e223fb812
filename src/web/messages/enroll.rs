//! Certificates that are ordered at a CA.

use signet_app::authorities::Shown;
use signet_app::enroll::Status;
use signet_domain::authority::{AuthorityName, DnsServer};
use signet_domain::enrollment::{ChallengeKind, Step};
use signet_domain::invalid::Invalid;

/// What is not set.
pub(in crate::web) const CAS_CHOICE: &str = "the CA’s choice";

/// Of the requests whose certificate may authenticate this device.
pub(in crate::web) const NO_CLIENT: &str = "none: a user and a password";

/// What leaving it alone does where a user or a certificate is set.
pub(in crate::web) const SAME_CLIENT: &str = "as it is";

/// What a change leaves as it is.
pub(in crate::web) fn account(agreed: bool, has_external: bool) -> &'static str {
    match (agreed, has_external) {
        (false, false) => "The key of its account stays.",
        (true, false) => "The key of its account stays. You have agreed to its terms; another address has its own.",
        (false, true) => "The key of its account stays, and so does the key of its external account.",
        (true, true) => {
            "The key of its account stays, and so does the key of its external account. You have agreed to its terms; \
             another address has its own."
        }
    }
}

/// How a kind of challenge works.
pub(in crate::web) fn challenge(kind: ChallengeKind) -> &'static str {
    match kind {
        ChallengeKind::Http01 => "The CA asks for a page at port 80 of the name.",
        ChallengeKind::TlsAlpn01 => "The CA connects by TLS to port 443 of the name.",
        ChallengeKind::Dns01 => "The CA looks for a TXT record in DNS. No port has to be open.",
    }
}

/// The server of dns-01, and the key that signs.
pub(in crate::web) fn dns_server(server: &DnsServer) -> String {
    let zone = server.zone.as_ref().map(|zone| format!(", zone {zone}")).unwrap_or_default();
    format!("{}{zone}\nTSIG key {}, {}", server.address, server.key, server.algorithm.word())
}

pub(in crate::web) fn no_challenge() -> Invalid {
    Invalid::new("challenge", "No way to check names is chosen.", "Choose at least one.")
}

pub(in crate::web) fn no_ca() -> Invalid {
    Invalid::new("ca", "No CA is chosen.", "Choose the CA that the certificate is ordered from.")
}

pub(in crate::web) const PUBLIC_ROOTS: &str = "public";
pub(in crate::web) const AGREED: &str = "agreed";
pub(in crate::web) const NOT_AGREED: &str = "terms not agreed";
pub(in crate::web) const REACHED: &str = "reachable, and its certificate is trusted";
pub(in crate::web) const CANNOT_BE_USED: &str = "cannot be used";
pub(in crate::web) const REQUIRED: &str = "required";
pub(in crate::web) const NOT_REQUIRED: &str = "not required";

/// The box is not ticked.
pub(in crate::web) fn deletion_not_confirmed() -> Invalid {
    let fix = "Tick the box to delete the CA and the key of its account.";
    Invalid::new("confirm", "The deletion is not confirmed.", fix)
}

/// The host of an address.
pub(in crate::web) fn host(url: &str) -> &str {
    let host = url.trim_start_matches("https://");
    host.split('/').next().unwrap_or(host)
}

/// An authority in the list to choose from.
pub(in crate::web) fn authority(shown: &Shown) -> String {
    format!("{} ({})", shown.name, host(&shown.settings.url))
}

/// Orders under way.
pub(in crate::web) fn orders(count: usize) -> String {
    format!("{count} {} under way", if count == 1 { "order" } else { "orders" })
}

pub(in crate::web) fn revoke_at(ca: &AuthorityName) -> String {
    format!("Revoke its certificate at {ca}")
}

/// What the revocation of a certificate does; `users` is who uses it, perhaps nobody.
pub(in crate::web) fn revocation(users: &str) -> String {
    let what = "The CA declares it invalid. This cannot be undone, and is tried again until the CA can be reached.";
    if users.is_empty() {
        what.to_owned()
    } else {
        format!(
            "{what} It is used by {users}: whoever checks revocation is then refused there. Replace it there first."
        )
    }
}

/// Where an order is.
pub(in crate::web) fn state(status: &Status) -> &'static str {
    match status {
        Status::Cancelling(_) => "being cancelled",
        Status::Ended(order) if order.failure.is_none() => "the certificate has come and is kept",
        Status::Ended(_) => "failed",
        Status::Open(order) => match order.progress.step {
            Step::Queued => "waiting to be taken up",
            Step::Ordering => "placing the order",
            Step::ChallengeReady | Step::Validating => "the CA checks the names",
            Step::Finalizing => "sending the request",
            Step::Waiting => "waiting for the CA",
            Step::Done => "the certificate has come",
            Step::Failed => "failed, tried again",
        },
    }
}
