//! Sentences of certificates that a station orders.

use signet_domain::authority::AuthorityName;
use signet_domain::enrollment::Failure;
use signet_domain::visible;
use std::path::Path;

/// The station does not know the CA.
pub(crate) fn no_ca(data: &Path, name: &str) -> String {
    format!("{} has no CA named {}", visible::path(data), visible::bounded(name, visible::VALUE))
}

/// A console uses the CAs in the station's folder.
pub(crate) fn is_served(data: &Path) -> String {
    format!("a console uses the CAs in {}", visible::path(data))
}

/// Another run orders certificates from the station's folder.
pub(crate) fn in_use(data: &Path) -> String {
    format!("another process orders certificates by the CAs in {}", visible::path(data))
}

/// A device whose row is written and whose certificate has not come.
pub(crate) fn not_certified(serial: &str, request: &str, why: &str) -> String {
    let serial = visible::line(serial);
    format!("device {serial} is recorded, but its request {request} has no certificate: {}", why.trim_end_matches('.'))
}

/// The system gives no connections.
pub(crate) fn no_network(why: &str) -> String {
    format!("no connection to a CA can be made: {why}")
}

/// The CA's own words, beside ours.
pub(crate) fn with_detail(failure: &Failure) -> String {
    match &failure.detail {
        Some(detail) => format!("{} The CA says: \"{detail}\"", failure.what),
        None => failure.what.clone(),
    }
}

/// A CA that asks for patience.
pub(crate) fn needs_time(serial: &str, request: &str, until: &str) -> String {
    not_certified(serial, request, &format!("the CA needs time until {until}"))
}

/// Certificates that expire before some devices are sold.
pub(crate) fn short(ca: &AuthorityName, days: i64) -> String {
    format!(
        "warning: certificates from {ca} are valid for {days} days. A device may be in a warehouse for years before its owner \
         enrolls with this certificate: ask the CA for five years or more."
    )
}

pub(crate) const ADD_CA: &str = "Add it with `signet --data DIR ca add NAME`, where DIR is what --authorities names.";
pub(crate) const OWN_FOLDER: &str = "Add the CA in a folder that only this station uses: `signet --data DIR ca add NAME`, and name DIR by --authorities.";
pub(crate) const ONE_AT_A_TIME: &str =
    "Run the command again when that process is done. For two runs at the same time, give each a folder with the CA.";
pub(crate) const ASK_CA: &str = "Ask the CA's operator, then run the command again. Without --enroll the device is published without a certificate.";
pub(crate) const CHECK_LIMITS: &str = "Check this machine's limit of open files, then run the command again.";
pub(crate) const RUN_AGAIN: &str = "Run the same command again then: it continues with this device.";
