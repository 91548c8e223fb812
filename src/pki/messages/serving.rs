//! What is worth knowing before a certificate is used for the console, in one or two sentences each.

use jiff::Timestamp;
use signet_domain::time::shown;

pub(crate) const A_CA: &str = "This is a CA's own certificate. Some browsers do not accept one for a server.";
pub(crate) const SECP521R1: &str = "Chrome, Edge and Safari do not accept EC SECP521R1 keys; Firefox does.";

pub(crate) fn clock_not_set(not_after: Timestamp) -> String {
    format!(
        "The device's clock is not set, so it cannot tell whether the certificate is still valid: it expires on {}.",
        shown(not_after)
    )
}

pub(crate) fn not_valid_yet(not_before: Timestamp) -> String {
    format!(
        "The certificate is valid from {}, which is later than the device's clock says now. Browsers refuse it until then.",
        shown(not_before)
    )
}

/// `at`: where the missing certificate can be downloaded.
pub(crate) fn issuer_missing(issuer: &str, at: Option<&str>) -> String {
    let from = at.map(|address| format!(" (download it at {address})")).unwrap_or_default();
    format!(
        "The certificate of {issuer} is missing. Unless it is a root that browsers know, they will warn: add it to the \
         request{from}."
    )
}

pub(crate) fn chain_in_a_loop(issuer: &str) -> String {
    format!("The chain comes back to {issuer} and has no root: browsers may warn.")
}

pub(crate) fn chain_broken(why: impl std::fmt::Display) -> String {
    format!("The chain is broken: {why}. Browsers will warn.")
}
