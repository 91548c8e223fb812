//! Why an imported request cannot be renewed with answers of the wizard. Each ends a sentence, without a full stop.

use signet_domain::invalid::quoted;

/// A length that the wizard does not offer.
pub(crate) fn rsa_length(bits: u32) -> String {
    format!("its RSA key has {bits} bits, and keys of that length are not made here")
}

/// A key of another kind.
pub(crate) fn unknown_key(label: &str) -> String {
    format!("keys of its kind ({label}) are not made here")
}

/// A field of the subject that the wizard does not have.
pub(crate) fn unknown_subject_field(label: &str) -> String {
    format!("its subject has a field that the wizard does not offer, {label}")
}

/// A field of the subject that is there several times.
pub(crate) fn repeated_subject_field(label: &str) -> String {
    format!("its subject has the field {label} more than once")
}

/// A field of the subject with nothing in it.
pub(crate) fn empty_subject_field(label: &str) -> String {
    format!("its subject has an empty field, {label}")
}

/// A field of the subject that the wizard encodes differently.
pub(crate) fn subject_written_differently(value: &str) -> String {
    format!("a field of its subject would be written differently, {}", quoted(value))
}

/// An extension that the wizard does not have.
pub(crate) fn unknown_extension(oid: &str) -> String {
    format!("it requests an extension that the wizard does not offer, {oid}")
}

/// An extension that the CA chooses.
pub(crate) const SUBJECT_KEY_ID: &str = "it requests a Subject Key Identifier, which the wizard does not offer";
/// Issuer and serial number, or critical.
pub(crate) const AUTHORITY_KEY_ID: &str = "its Authority Key Identifier contains more than a key identifier";

/// A usage that the wizard does not have.
pub(crate) fn unknown_usage(usage: &str) -> String {
    format!("it requests a usage that the wizard does not offer, {usage}")
}

/// An attribute beside the extensions.
pub(crate) fn unknown_attribute(label: &str) -> String {
    format!("it has an attribute that requests made here do not have, {label}")
}

/// A name that would change.
pub(crate) fn name_written_differently(name: &str) -> String {
    format!("its name {name} would be written differently")
}

/// A name that the wizard takes from the common name.
pub(crate) fn name_missing(name: &str) -> String {
    format!("it does not name {name}, which the wizard would add because it is the common name")
}

/// Critical where requests made here are not, or the other way round.
pub(crate) const NAMES_CRITICAL: &str =
    "its Subject Alternate Names are marked critical differently from those of requests made here (RFC 5280 4.2.1.6)";
