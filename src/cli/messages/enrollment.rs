//! Certificates that are ordered: authorities, orders, and what became of them.

use signet_domain::enrollment::{Failure, Kind, Step};
use signet_domain::renewal_window::Suggested;
use signet_domain::time::shown;

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

/// The program of enroll.toml could not be told of a failure.
pub(in crate::cli) fn not_told(request: &str, why: &str) -> String {
    format!("warning: {request}: the program in enroll.toml that is run when an order fails: {why}")
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

fn failure(code: &str, kind: Kind, what: String, remedy: String) -> Failure {
    Failure { code: code.to_owned(), kind, what, remedy, detail: None, wait: None }
}

/// An EST server refuses a request, and has said what it wants of requests.
pub(in crate::cli) fn wanted(wanted: &str) -> String {
    format!("The CA asks for {wanted}, which the request lacks. Change the request, then try again.")
}

pub(in crate::cli) fn client_expired(until: &str) -> Failure {
    failure(
        "client_expired",
        Kind::Settings,
        format!("The client certificate of this authority was valid until {until}; the EST server was not asked."),
        "Give a user and a password with `signet ca change NAME --user U --password-file FILE`, or a valid certificate with `--client REQUEST`.".to_owned(),
    )
}

/// Something else came than certificates.
pub(in crate::cli) fn not_certificates(why: &str) -> Failure {
    failure(
        "not_certificates",
        Kind::Settings,
        format!("The EST server does not answer with certificates. {why}"),
        "Check the address and the label, or ask the CA's operator.".to_owned(),
    )
}

pub(in crate::cli) fn without_leaf() -> Failure {
    failure(
        "no_certificate",
        Kind::Refused,
        "The EST server's response has no certificate for the key of this request.".to_owned(),
        "Ask the CA's operator: the server must send the issued certificate (RFC 7030, 4.2.3).".to_owned(),
    )
}

/// Somebody cancelled the order that this command waits for.
pub(in crate::cli) fn cancelled_meanwhile(name: &str) -> Failure {
    failure(
        "cancelled",
        Kind::Cancelled,
        format!("The order of {name} was cancelled."),
        format!("Order again with `signet csr enroll {name} --ca CA`."),
    )
}

/// The CA's own words, beside ours.
pub(in crate::cli) fn with_detail(failure: &Failure) -> String {
    match &failure.detail {
        Some(detail) => format!("{} The CA says: \"{detail}\"", failure.what),
        None => failure.what.clone(),
    }
}

/// A try failed, for now or for good.
pub(in crate::cli) fn failing(request: &str, failure: &Failure) -> String {
    let request = signet_domain::visible::line(request);
    format!("warning: {request}: {} {}", with_detail(failure), failure.remedy)
}

pub(in crate::cli) fn queued(name: &str, ca: &str) -> String {
    format!("{name}: the order at {ca} is queued.")
}

pub(in crate::cli) const QUEUED_HINT: &str =
    "`signet enroll --pending` takes it up; where signet-enroll.path is installed, it runs by itself.";

pub(in crate::cli) fn kept(name: &str, ca: &str) -> String {
    format!("{name}: the certificate from {ca} has come and is kept.")
}

pub(in crate::cli) fn revoked(name: &str, ca: &str) -> String {
    format!("{name}: {ca} has revoked the certificate.")
}

pub(in crate::cli) fn renew_revoked(name: &str) -> String {
    format!("`signet csr renew {name}` makes a request with a new key; after a loss of the key, do so now.")
}

/// When the CA suggests to renew.
pub(in crate::cli) fn suggested(window: &Suggested) -> String {
    let (start, end, moment) = (shown(window.start), shown(window.end), shown(window.moment));
    let why = window.explanation.as_ref().map(|url| format!(" The CA gives its reason at {url}.")).unwrap_or_default();
    format!("The CA suggests to renew it between {start} and {end}. It is renewed at {moment}.{why}")
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

pub(in crate::cli) fn dns_server(server: &str, zone: Option<&str>) -> String {
    format!("{server}, {}", zone.map_or_else(|| "any zone of its own".to_owned(), |zone| format!("zone {zone}")))
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

pub(in crate::cli) fn reachable(name: &str) -> String {
    format!("{name}: reachable, and its certificate is trusted")
}

/// What an EST server says about requests.
pub(in crate::cli) fn wants(wanted: &str) -> String {
    format!("The CA asks for: {wanted}")
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
