//! Authorities, and orders at them.

use signet_domain::authority::AuthorityName;
use signet_domain::enrollment::{Failure, Kind};
use signet_domain::invalid::Invalid;

pub(crate) fn name_taken(name: &AuthorityName) -> Invalid {
    Invalid::taken(
        "name",
        format!("There is an authority named {name} already."),
        format!("Choose another name, or change it with `signet ca change {name}`."),
    )
}

pub(crate) fn too_many(max: usize) -> Invalid {
    Invalid::new(
        "name",
        format!("This device has {max} authorities, which is the limit."),
        "Delete one that is no longer needed.",
    )
}

pub(crate) fn eab_key() -> Invalid {
    Invalid::new(
        "eab_key",
        "The external account's key is not base64url.",
        "Copy the HMAC key from the CA again, in one line.",
    )
}

pub(crate) fn eab_key_missing() -> Invalid {
    Invalid::new(
        "eab_key",
        "The external account has a key identifier and no key.",
        "Give both, as the CA handed them out.",
    )
}

pub(crate) fn roots_not_pem() -> Invalid {
    Invalid::new(
        "root",
        "The file has no certificate in PEM format, or one that cannot be read.",
        "Give the CA's root certificate in PEM format.",
    )
}

pub(crate) fn roots_too_large(max: usize) -> Invalid {
    Invalid::new("root", format!("The file is larger than {max} bytes."), "Give the CA's root certificate alone.")
}

/// An order for this request is under way.
pub(crate) fn ordered_already(request: &str, authority: &str) -> Invalid {
    Invalid::taken(
        "name",
        format!("A certificate for {request} is being ordered at {authority} already."),
        format!("`signet csr enroll {request} --status` shows it; `--cancel` ends it."),
    )
}

pub(crate) fn clock(now: &str) -> Invalid {
    Invalid::new(
        "name",
        format!(
            "This device's clock says {now}, before this program was built. A CA would refuse the order, and its certificate could not be checked."
        ),
        "Set the clock, then order again.",
    )
}

/// What came is not kept. What to do with a file that a person has does not help here.
pub(crate) fn not_kept(what: &str) -> Failure {
    let remedy = "Order the certificate again. If this happens again, ask the CA's operator.";
    failure("certificate_refused", Kind::Refused, what, remedy)
}

/// The request is gone.
pub(crate) fn no_request() -> Failure {
    failure(
        "no_request",
        Kind::Refused,
        "The request that the certificate is for does not exist any more.",
        "Nothing is needed: the certificate expires unused.",
    )
}

pub(crate) fn lost_names(names: &str) -> Failure {
    failure(
        "names_missing",
        Kind::Refused,
        &format!("The CA's certificate lacks {names}, which the previous one has. It is not kept."),
        "Ask the CA's operator why. If these names are no longer needed, make a request without them and order its certificate.",
    )
}

fn failure(code: &str, kind: Kind, what: &str, remedy: &str) -> Failure {
    Failure { code: code.to_owned(), kind, what: what.to_owned(), remedy: remedy.to_owned(), detail: None, wait: None }
}
