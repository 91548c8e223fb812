//! Why a certificate is not kept, once its bytes have been read; its calendar entry; what its facts are called.

use jiff::Timestamp;
use signet_domain::invalid::{Invalid, quoted};
use signet_domain::name::CsrName;
use signet_domain::time;
use signet_pki::NEW_CERTIFICATE;
use signet_pki::certificate::{Certificate, Fault};
use signet_pki::inspect::Inspected;

/// The field that certificates come in by.
pub(crate) const FIELD: &str = "certificate";

/// Its key is that of another request here.
pub(crate) fn of_other_request(certificate: &Certificate, name: &CsrName, other: &CsrName) -> Invalid {
    Invalid::new(
        FIELD,
        format!(
            "The certificate for {} belongs to the request {other}, not to {name}.",
            quoted(&certificate.subject_short())
        ),
        format!("Add it to {other}, or use “Add certificate”, which finds the request."),
    )
}

/// Its key is not the request's, and no other's here.
pub(crate) fn not_this_key(certificate: &Certificate, name: &CsrName, request: &Inspected) -> Invalid {
    let keys = if certificate.key.label == request.key.label {
        "It has another key of the same kind".to_owned()
    } else {
        format!("Its key is {}, that of the request is {}", certificate.key.label, request.key.label)
    };
    Invalid::new(
        FIELD,
        format!(
            "The certificate for {} belongs neither to {name} nor to another request of this device. {keys}.",
            quoted(&certificate.subject_short())
        ),
        "Ask the CA for the certificate of the request that you sent from here. Its fingerprint is on the request’s page.",
    )
}

/// Its key is that of no request here.
pub(crate) fn no_request(certificate: &Certificate) -> Invalid {
    Invalid::new(
        FIELD,
        format!(
            "The certificate for {} (key {}) belongs to no request of this device.",
            quoted(&certificate.subject_short()),
            certificate.key.label
        ),
        "Add it on the device that made its request, or import that request with its key first.",
    )
}

/// Certificates of CAs, and none of a device.
pub(crate) fn only_of_cas(given: &[Certificate]) -> Invalid {
    let names: Vec<String> = given.iter().take(3).map(|certificate| quoted(&certificate.subject_short())).collect();
    let more = if given.len() > 3 { " and others" } else { "" };
    Invalid::new(
        FIELD,
        format!(
            "There are only certificates of CAs ({}{more}), and none for a request of this device.",
            names.join(", ")
        ),
        "Ask the CA for the certificate of the device itself. You can add the CA's own certificates together with it.",
    )
}

/// It has expired, by a clock that can be right.
pub(crate) fn expired(until: &str, now: Timestamp) -> Invalid {
    Invalid::new(
        FIELD,
        format!("The certificate expired on {until}, and this device’s clock says {}.", time::shown(now)),
        "Ask the CA for a new one. If the clock is wrong, have it set and try again.",
    )
}

/// It breaks a rule that every program checks.
pub(crate) fn faulty(certificate: &Certificate, fault: &Fault) -> Invalid {
    Invalid::new(
        FIELD,
        format!("The certificate for {} {fault}.", quoted(&certificate.subject_short())),
        NEW_CERTIFICATE,
    )
}

/// It does not fit into the request's file.
pub(crate) fn too_large() -> Invalid {
    Invalid::new(
        FIELD,
        "The certificates are too large for the file of a request.",
        "Add only the certificate and its chain.",
    )
}

/// It fits, and another one of the same file does not.
pub(crate) fn fits_but_not_kept(name: &CsrName) -> Invalid {
    Invalid::new(
        FIELD,
        format!("{name}: The certificate fits, but it was not kept, because another one was refused."),
        format!("Add the certificate for {name} alone, or leave out what was refused."),
    )
}

/// The event of its last day in a calendar.
pub(crate) fn event_title(common: &str) -> String {
    format!("The certificate of {common} expires")
}

/// The reminder, some days before.
pub(crate) fn reminder_in_days(title: &str, days: i64) -> String {
    format!("{title} in {days} days")
}

/// The reminder of a short life.
pub(crate) fn reminder_on(title: &str, until: &str) -> String {
    format!("{title} on {until}")
}

/// What the event says.
pub(crate) fn event_text(name: &CsrName, issuer: &str, serial: &str, until: &str) -> String {
    format!(
        "The certificate from {issuer} with the serial number {serial} for the request {name} is valid until \
         {until}.\nTo renew it, open the console, choose {name}, then Renew."
    )
}
