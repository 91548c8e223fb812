//! What is made: the type of the request, its profile, its key and its digest.

use super::any_of;
use crate::invalid::{Invalid, quoted};

pub(crate) fn unknown_type(text: &str) -> Invalid {
    Invalid::new(
        "type",
        format!("{} is not a known type.", quoted(text)),
        "Choose csr for a new request, import for one that was made elsewhere, or certificate for a certificate with its key.",
    )
}

pub(crate) fn not_a_new_request() -> Invalid {
    Invalid::new(
        "type",
        "An imported request is not made here.",
        "Choose csr for a new request, or import the request with its key.",
    )
}

pub(crate) fn unknown_profile(text: &str) -> Invalid {
    Invalid::new(
        "profile",
        format!("{} is not a known profile.", quoted(text)),
        "Choose https-rsa or https-ecc, or leave the profile empty.",
    )
}

pub(crate) fn weak_rsa() -> Invalid {
    Invalid::new(
        "key_length",
        "RSA keys of 1024 bits are too weak. This device does not allow them.",
        "Choose 2048 or more.",
    )
}

pub(crate) fn weak_digest() -> Invalid {
    Invalid::new("digest_algorithm", "SHA1 is broken. This device does not allow it.", "Choose SHA256.")
}

/// A text that is none of a field's values.
pub(crate) fn unknown(field: &'static str, noun: &str, text: &str, known: &[&str]) -> Invalid {
    Invalid::new(field, format!("{} is not a known {noun}.", quoted(text)), format!("Choose {}.", any_of(known)))
}
