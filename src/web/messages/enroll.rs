//! Certificates that are ordered at a CA.

use signet_app::authorities::Shown;
use signet_app::enroll::Status;
use signet_domain::authority::AuthorityName;
use signet_domain::enrollment::Step;
use signet_domain::invalid::Invalid;

/// What is not set.
pub(in crate::web) const CAS_CHOICE: &str = "the CA’s choice";

/// Of the requests whose certificate may authenticate this device.
pub(in crate::web) const NO_CLIENT: &str = "none: a user and a password";

pub(in crate::web) fn no_ca() -> Invalid {
    Invalid::new("ca", "No CA is chosen.", "Choose the CA that the certificate is ordered from.")
}

/// An authority in the list to choose from.
pub(in crate::web) fn authority(shown: &Shown) -> String {
    let host = shown.settings.url.trim_start_matches("https://");
    format!("{} ({})", shown.name, host.split('/').next().unwrap_or(host))
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
