//! Certificates that are ordered: authorities, orders, and what became of them.

use signet_domain::enrollment::{Failure, Kind, Step};

pub(in crate::cli) const ANOTHER_IS_AT_WORK: &str =
    "note: another process is ordering certificates; it takes up what waits.";

fn counted(count: u32, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// What one run did.
pub(in crate::cli) fn pass(issued: u32, failed: u32, open: u32) -> String {
    if (issued, failed, open) == (0, 0, 0) {
        return "No certificate is waiting to be ordered.".to_owned();
    }
    format!(
        "{} issued, {} failed, {} open.",
        counted(issued, "certificate"),
        counted(failed, "try").replace("trys", "tries"),
        counted(open, "order")
    )
}

/// A step, while it is taken.
pub(in crate::cli) fn step(step: Step) -> &'static str {
    match step {
        Step::Queued => "Waiting to be taken up",
        Step::Ordering => "Placing the order",
        Step::ChallengeReady => "Ready for the CA's check",
        Step::Validating => "The CA checks the names",
        Step::Finalizing => "Sending the request",
        Step::Waiting => "Waiting for the CA",
        Step::Done => "The certificate has come",
        Step::Failed => "Failed",
    }
}

pub(in crate::cli) fn no_authority(name: &str) -> Failure {
    Failure {
        code: "no_authority".to_owned(),
        kind: Kind::Settings,
        what: format!("There is no authority named {} any more.", signet_domain::visible::line(name)),
        remedy: "Order the certificate again at another authority.".to_owned(),
        detail: None,
        wait: None,
    }
}

pub(in crate::cli) fn damaged_order() -> Failure {
    Failure {
        code: "damaged".to_owned(),
        kind: Kind::Refused,
        what: "The order's file is damaged.".to_owned(),
        remedy: "Order the certificate again.".to_owned(),
        detail: None,
        wait: None,
    }
}

/// Somebody cancelled the order that this command waits for.
pub(in crate::cli) fn cancelled_meanwhile(name: &str) -> Failure {
    Failure {
        code: "cancelled".to_owned(),
        kind: Kind::Cancelled,
        what: format!("The order of {name} was cancelled."),
        remedy: format!("Order again with `signet csr enroll {name} --ca CA`."),
        detail: None,
        wait: None,
    }
}

/// The CA's own words, beside ours.
pub(in crate::cli) fn with_detail(failure: &Failure) -> String {
    match &failure.detail {
        Some(detail) => format!("{} The CA says: \"{detail}\"", failure.what),
        None => failure.what.clone(),
    }
}

pub(in crate::cli) fn queued(name: &str, ca: &str) -> String {
    format!("{name}: the order at {ca} is queued.")
}

pub(in crate::cli) const QUEUED_HINT: &str =
    "`signet enroll --pending` takes it up; where signet-enroll.path is installed, it runs by itself.";

pub(in crate::cli) fn kept(name: &str, ca: &str) -> String {
    format!("{name}: the certificate from {ca} has come and is kept.")
}

pub(in crate::cli) fn cancelled(name: &str) -> String {
    format!("{name}: the order is cancelled.")
}

pub(in crate::cli) fn not_yet(name: &str, when: &str) -> String {
    format!("{name}: the CA needs time; it is asked again at {when}.")
}

pub(in crate::cli) fn again(when: &str) -> String {
    format!("It is tried again automatically at {when}.")
}

pub(in crate::cli) fn added(name: &str, url: &str) -> String {
    format!("{name}: added, {url}")
}

pub(in crate::cli) fn add_hint(name: &str) -> String {
    format!("`signet ca test {name}` shows its terms and whether it can be reached.")
}

pub(in crate::cli) fn changed(name: &str, is_changed: bool) -> String {
    format!("{name}: {}", if is_changed { "changed" } else { "unchanged" })
}

pub(in crate::cli) fn deleted(name: &str) -> String {
    format!("{name}: deleted with its account's key.")
}

pub(in crate::cli) fn not_agreed(name: &str) -> String {
    format!("The terms are not agreed to: read them, then run `signet ca change {name} --agree-terms`.")
}

pub(in crate::cli) fn needs_external(name: &str) -> String {
    format!(
        "The CA requires an external account: give it with `signet ca change {name} --eab-kid KID --eab-key-file FILE`."
    )
}

pub(in crate::cli) const NO_AUTHORITIES: &str = "There is no authority. `signet ca add` adds one.";

pub(in crate::cli) fn suits(name: &str, kind: &str) -> String {
    format!("{name}: nothing is known against it for {kind}.")
}

pub(in crate::cli) fn not_renewed(name: &str) -> String {
    format!("{name}: not renewed automatically.")
}
