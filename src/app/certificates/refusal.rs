//! Why an answer is not taken, once its bytes have been read: a cause each, with what to do.

use super::FIELD;
use crate::validity::Validity;
use jiff::Timestamp;
use signet_domain::invalid::{Invalid, Mistakes, quoted};
use signet_domain::name::CsrName;
use signet_domain::time;
use signet_pki::NEW_CERTIFICATE;
use signet_pki::certificate::{Certificate, Fault};
use signet_pki::inspect::Inspected;

/// Its key is that of another CSR here.
pub(super) fn of_other_csr(certificate: &Certificate, name: &CsrName, other: &CsrName) -> Invalid {
    Invalid::new(
        FIELD,
        format!(
            "The certificate for {} belongs to the request {other}, not to {name}.",
            quoted(&certificate.subject_short())
        ),
        format!("Add it to {other}, or use “Add certificate”, which finds the request."),
    )
}

/// Its key is not the CSR's, and no other's here.
pub(super) fn not_this_key(certificate: &Certificate, name: &CsrName, request: &Inspected) -> Invalid {
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

/// Its key is that of no CSR here.
pub(super) fn no_csr(certificate: &Certificate) -> Invalid {
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
pub(super) fn no_leaf(given: &[Certificate]) -> Invalid {
    let names: Vec<String> = given.iter().take(3).map(|certificate| quoted(&certificate.subject_short())).collect();
    let more = if given.len() > 3 { " and others" } else { "" };
    Invalid::new(
        FIELD,
        format!(
            "Only certificates of CAs were given ({}{more}), and none for a request of this device.",
            names.join(", ")
        ),
        "Ask the CA for the certificate of the device itself. Its own certificates can be added together with that one.",
    )
}

/// It has ended, by a clock that can be right.
pub(super) fn expired(certificate: &Certificate, now: Timestamp) -> Invalid {
    Invalid::new(
        FIELD,
        format!(
            "The certificate expired on {}, and this device’s clock says {}.",
            Validity::of(certificate).until(),
            time::shown(now)
        ),
        "Ask the CA for a new one. If the clock is wrong, have it set and try again.",
    )
}

/// It breaks a rule that every program checks.
pub(super) fn faulty(certificate: &Certificate, fault: &Fault) -> Invalid {
    Invalid::new(
        FIELD,
        format!("The certificate for {} {fault}.", quoted(&certificate.subject_short())),
        NEW_CERTIFICATE,
    )
}

/// It does not fit into the CSR's file.
pub(super) fn too_large() -> Invalid {
    Invalid::new(
        FIELD,
        "The certificates are too large for the file of a request.",
        "Add only the certificate and its chain.",
    )
}

/// Why nothing is kept of several answers: each refusal with the name of its CSR, and those that fit.
pub(super) fn of_several(refused: Vec<(CsrName, Mistakes)>, fitting: &[&CsrName]) -> Mistakes {
    let alone = refused.len() == 1 && fitting.is_empty();
    let mut all = Mistakes::none();
    for (name, why) in refused {
        for one in why {
            all.add(if alone { one } else { Invalid { what: format!("{name}: {}", one.what), ..one } });
        }
    }
    for name in fitting {
        all.add(Invalid::new(
            FIELD,
            format!("{name}: The certificate fits, but it was not kept, because another one was refused."),
            format!("Add the certificate for {name} alone, or leave out what was refused."),
        ));
    }
    all
}
