//! Certificates that were added, handed to services, or are to be renewed.

use signet_domain::invalid::Invalid;
use signet_domain::name::CsrName;

const FIELD: &str = "certificate";

/// `--strict`: a name or usage is missing. `field` is the form's.
pub(in crate::cli) fn lacks(asked: &str, field: &str) -> Invalid {
    Invalid::new(
        FIELD,
        format!("The certificate lacks {asked}, which was requested ({field})."),
        "Ask the CA for it, or add the certificate without --strict.",
    )
}

/// `--strict`: a newer one is there.
pub(in crate::cli) fn older(issuer: &str, until: &str) -> Invalid {
    Invalid::new(
        FIELD,
        format!("The certificate is older than the one that is kept, by {issuer} until {until}."),
        "Add the newer certificate, or this one without --strict.",
    )
}

pub(in crate::cli) const ADDED: &str = "Added the certificate of";
pub(in crate::cli) const WOULD_ADD: &str = "Would add the certificate of";
pub(in crate::cli) const SAME: &str = "Nothing changed, this certificate is already there for";

/// `left` is such as `52 days left`; both are none for one that does not expire.
pub(in crate::cli) fn added(head: &str, name: &CsrName, issuer: &str, until: Option<(&str, &str)>) -> String {
    let until = match until {
        None => "does not expire".to_owned(),
        Some((until, left)) => format!("valid until {until} ({left})"),
    };
    format!("{head} {name}: issued by {issuer}, {until}.")
}

/// The certificate whose place it takes.
pub(in crate::cli) fn replaces(issuer: &str, until: &str, dry_run: bool) -> String {
    let replaces = if dry_run { "It would replace" } else { "It replaces" };
    format!("{replaces} the certificate by {issuer} until {until}.")
}

pub(in crate::cli) const COMPARED: &str = "Compared with the request:";

/// A field of the certificate alone.
pub(in crate::cli) fn not_requested(got: &str) -> String {
    format!("{got} (not requested)")
}

/// A field of the request alone.
pub(in crate::cli) fn not_issued(asked: &str) -> String {
    format!("{asked} (requested, not issued)")
}

/// A field that differs.
pub(in crate::cli) fn issued_differently(got: &str, asked: &str) -> String {
    format!("{got} (requested: {asked})")
}

/// After one was added.
pub(in crate::cli) fn export(name: &CsrName) -> String {
    format!("Next: `signet csr export {name} --chain` prints the certificate with its chain.")
}

/// Services that lose their copies.
pub(in crate::cli) fn services_stopped(name: &CsrName, may: &str) -> String {
    format!("Other services {may} {name}. Their copies are removed.")
}

/// Services that get copies; a list of them follows.
pub(in crate::cli) fn services_get(name: &CsrName, may: &str) -> String {
    format!("Other services {may} {name}. signet-deploy.service (`signet deploy`, as root) copies it to:")
}
