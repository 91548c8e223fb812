//! Requests that were made, imported, renewed, exported or changed.

use signet_app::requests::apply::Todo;
use signet_domain::invalid::{Invalid, quoted};
use signet_domain::name::CsrName;

/// The list is empty.
pub(in crate::cli) const NONE_YET: &str =
    "There are no requests yet. `signet csr create --help` explains how to create one.";

/// `key` is such as `RSA 2048 bits`.
pub(in crate::cli) fn created(name: &CsrName, key: &str) -> String {
    format!("Created {name}: {key}")
}

/// What would be made, and what it would replace.
pub(in crate::cli) fn would_create(name: &CsrName, key: &str, old: Option<&str>) -> String {
    let replaces = old.map(|old| format!(", to replace {old}")).unwrap_or_default();
    format!("Would create {name}: {key}{replaces}")
}

/// Where the file of a request is.
pub(in crate::cli) fn file(path: &str) -> String {
    format!("File: {path} (mode 0600). It contains the private key: do not send it to anyone.")
}

/// After a request was made.
pub(in crate::cli) fn send(name: &CsrName) -> String {
    format!("Next: `signet csr export {name}` prints the request. Send it to the CA.")
}

/// After a request was imported.
pub(in crate::cli) fn send_import(name: &CsrName) -> String {
    format!("Next: `signet csr export {name}` prints the request, byte for byte as it was. Send it to the CA.")
}

/// After a request was renewed.
pub(in crate::cli) fn send_renewal(name: &CsrName) -> String {
    format!("Next: `signet csr export {name}`, or the page /csrs/{name}, gives you the request. Send it to the CA.")
}

/// An import.
pub(in crate::cli) fn imported(name: &CsrName, dry_run: bool) -> String {
    if dry_run { format!("Would import {name}.") } else { format!("Imported {name}.") }
}

/// An import of a certificate.
pub(in crate::cli) fn imported_with_certificate(name: &CsrName, dry_run: bool) -> String {
    format!("{} {name} with its certificate.", if dry_run { "Would import" } else { "Imported" })
}

/// `left` is such as `52 days left`.
pub(in crate::cli) fn issued_by(issuer: &str, until: &str, left: &str) -> String {
    format!("Issued by {issuer}, valid until {until} ({left}).")
}

/// After a certificate was imported.
pub(in crate::cli) fn renew_later(name: &CsrName) -> String {
    format!("Next: `signet csr renew {name}` makes a request for the next certificate when this one is due.")
}

/// A renewal; `key` is none where it has the key of `old`.
pub(in crate::cli) fn renewed(made: &CsrName, old: &CsrName, key: Option<&str>) -> String {
    match key {
        None => format!("Created {made} with the key of {old}. It renews {old}."),
        Some(key) => format!("Created {made} with a new key, {key}. It renews {old}."),
    }
}

/// A renewal that waits already.
pub(in crate::cli) fn renews_already(open: &CsrName, old: &CsrName) -> String {
    format!("Nothing changed: {open} already renews {old} and waits for the CA.")
}

/// How to make another one.
pub(in crate::cli) const AGAIN: &str = "Add --again to create another one.";

/// What became of an entry of a request file; none for one that was not done.
pub(in crate::cli) fn entry(name: &CsrName, todo: Option<&Todo>, dry_run: bool) -> String {
    let (make, note) =
        if dry_run { ("would be created", "would get its note") } else { ("created", "has its new note") };
    match todo {
        None => format!("{name}: not done"),
        Some(Todo::Make) => format!("{name}: {make}"),
        Some(Todo::Keep(current)) if current == name => format!("{name}: is as the file says"),
        Some(Todo::Keep(current)) => format!("{name}: {current}, which replaces it, is as the file says"),
        Some(Todo::Note(current)) => format!("{current}: {note}"),
        Some(Todo::Replace { old, new }) => {
            format!("{name}: {new} {make}, to replace {old}, which differs from the file and stays until then")
        }
    }
}

/// A new name; none where it has that name already.
pub(in crate::cli) fn renamed(old: &CsrName, new: &CsrName, verb: &str) -> String {
    match verb {
        "" => format!("{old} has this name already."),
        verb => format!("{verb} {old} to {new}."),
    }
}

/// A file that was exported.
pub(in crate::cli) const EXPORTED: &str = "the request, without a key. Send this file to the CA.";
pub(in crate::cli) const EXPORTED_CHAIN: &str = "the certificate with its chain, without a key.";
pub(in crate::cli) const EXPORTED_CERTIFICATE: &str = "the certificate, without a key.";
pub(in crate::cli) const EXPORTED_PKCS12: &str =
    "the private key, its certificate and the chain, encrypted (mode 0600).";

/// A key that was exported.
pub(in crate::cli) fn exported_key(encrypted: bool) -> String {
    let protected = if encrypted { "encrypted" } else { "NOT encrypted" };
    format!("the private key, {protected} (mode 0600). The CA never needs it.")
}

/// An import has no answers to make openssl's configuration from.
pub(in crate::cli) fn no_openssl() -> Invalid {
    Invalid::new(
        "openssl",
        "This request was imported, so the values that it was made from are not known.",
        "`signet csr show NAME` decodes the request itself.",
    )
}

/// A usage that the wizard does not have; `all` are those it has.
pub(in crate::cli) fn unknown_extended_usage(value: &str, all: &[&str]) -> Invalid {
    let what = format!("{} is an unknown extended key usage.", quoted(value));
    Invalid::new("eku", what, format!("Choose from {}.", all.join(", ")))
}

/// Likewise for a bit.
pub(in crate::cli) fn unknown_usage(value: &str, all: &[&str]) -> Invalid {
    let what = format!("{} is an unknown key usage.", quoted(value));
    Invalid::new("ku", what, format!("Choose from {}.", all.join(", ")))
}

/// A calendar has no day for it.
pub(in crate::cli) fn no_expiry() -> Invalid {
    let what = "The certificate does not expire, so there is no day for a calendar.";
    Invalid::new("ics", what, "`signet csr show NAME` shows the certificate.")
}
