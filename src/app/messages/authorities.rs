//! Authorities, and orders at them.

use signet_domain::authority::AuthorityName;
use signet_domain::enrollment::{Failure, Kind};
use signet_domain::invalid::Invalid;
use signet_domain::name::CsrName;

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

/// What is given is for the other protocol.
pub(crate) fn other_protocol(protocol: &str) -> Invalid {
    Invalid::new(
        "url",
        format!("This CA is not reached by {protocol}, which is what some of the values are for."),
        "Delete it and add it again, or leave these values out.",
    )
}

pub(crate) fn password_without_user() -> Invalid {
    Invalid::new("password", "A password is given without a user.", "Give the user, too.")
}

pub(crate) fn est_password(max: usize) -> Invalid {
    Invalid::new(
        "password",
        format!("The password is empty, or longer than {max} bytes."),
        "Enter it as the CA's operator wrote it.",
    )
}

pub(crate) fn password_missing(is_changed: bool) -> Invalid {
    let what = if is_changed {
        "The password that is kept is for another user or another server."
    } else {
        "The password is missing."
    };
    Invalid::new("password", what, "Give the user's password.")
}

/// A key that TLS clients do not use.
pub(crate) fn client_key(name: &CsrName, kind: &str) -> Invalid {
    Invalid::new(
        "client",
        format!("The key of {name} is {kind}, which cannot authenticate a TLS client here."),
        "Choose a request with an RSA, P-256, P-384, P-521 or Ed25519 key.",
    )
}

pub(crate) fn not_for_clients(name: &CsrName) -> Invalid {
    Invalid::new(
        "client",
        format!("The certificate of {name} is not for clients: its extended key usages lack TLS client (CLIENT_AUTH)."),
        "Choose a request whose certificate has it, or give a user and a password.",
    )
}

pub(crate) fn client_expired(name: &CsrName, until: &str) -> Invalid {
    Invalid::new(
        "client",
        format!("The certificate of {name} was valid until {until}."),
        "Choose a request whose certificate is valid, or give a user and a password.",
    )
}

pub(crate) fn tsig_secret() -> Invalid {
    Invalid::new(
        "tsig_secret",
        "The TSIG key's secret is not base64.",
        "Copy the value of `secret` from the DNS server's configuration, in one line and without quotes.",
    )
}

pub(crate) fn tsig_secret_missing() -> Invalid {
    Invalid::new(
        "tsig_secret",
        "The TSIG key's secret is missing.",
        "Give it as the DNS server's configuration has it, in base64.",
    )
}

pub(crate) fn tsig_secret_not_used() -> Invalid {
    Invalid::new(
        "tsig_secret",
        "A TSIG secret is given without a DNS server.",
        "Give the DNS server and the name of the key, too, or leave it out.",
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

/// Nobody here can revoke it.
pub(crate) fn not_revocable(name: &CsrName) -> Invalid {
    Invalid::new(
        "name",
        format!(
            "The certificate of {name} was not ordered by ACME from a CA of this device, so it cannot be revoked from here."
        ),
        "Ask the CA that issued it to revoke it.",
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

/// CAs connect to port 80, where this console does not listen.
pub(crate) fn port_80_elsewhere(addresses: &str) -> String {
    let at = if addresses.is_empty() { String::new() } else { format!(" ({addresses})") };
    format!(
        "The CA connects to port 80, where this console does not listen. Pass /.well-known/acme-challenge/ on to the console{at} at the router or in the device's web server."
    )
}

pub(crate) fn nobody_answers() -> Invalid {
    Invalid::new(
        "name",
        "The console is not running, so nobody answers the CA's check of the names.",
        "Start it, then order again. With --no-wait the order is queued and tried later.",
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

pub(crate) fn failure(code: &str, kind: Kind, what: &str, remedy: &str) -> Failure {
    Failure { code: code.to_owned(), kind, what: what.to_owned(), remedy: remedy.to_owned(), detail: None, wait: None }
}
