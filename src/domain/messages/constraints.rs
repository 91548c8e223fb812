//! Extensions and the rules between them.

use super::any_of;
use crate::extensions::{KeyUsageBit, Usage};
use crate::invalid::{Invalid, quoted};

const PATH_LENGTH: &str = "bc_path_length";
const ISSUER: &str = "aki_issuer";

/// What to do about a text that is not a CA's certificate; what it is instead says who has read it.
const GIVE_THE_CERTIFICATE: &str = "Give the CA's certificate, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----, \
                                    or its key identifier in hex.";

pub(crate) fn path_length_without_ca() -> Invalid {
    Invalid::new(
        PATH_LENGTH,
        "Only a CA has a path length (RFC 5280 4.2.1.9).",
        "Leave the path length empty, or make the request one for a CA.",
    )
}

pub(crate) fn negative_path_length(text: &str) -> Invalid {
    path_length(format!("The path length is less than 0: {text}."))
}

pub(crate) fn path_length_not_a_number(text: &str) -> Invalid {
    path_length(format!("{} is not a whole number.", quoted(text)))
}

pub(crate) fn path_length_too_large() -> Invalid {
    path_length("The path length is more than 255.".to_owned())
}

fn path_length(what: String) -> Invalid {
    Invalid::new(PATH_LENGTH, what, "Enter a number from 0 to 255, or leave the field empty for no limit.")
}

pub(crate) fn no_issuer() -> Invalid {
    Invalid::new(
        ISSUER,
        "Authority Key Identifier is on, but the CA is missing.",
        "Give the CA's certificate or its key identifier in hex, or turn the extension off.",
    )
}

/// `what` says what the text is instead of a CA's certificate.
pub(crate) fn not_a_ca(what: String) -> Invalid {
    Invalid::new(ISSUER, what, GIVE_THE_CERTIFICATE)
}

pub(crate) fn issuer_and_serial_unknown() -> Invalid {
    Invalid::new(
        "aki_cert_issuer",
        "The issuer and serial number come from the CA's certificate, and you gave only a key identifier.",
        "Give the CA's certificate, or request the key identifier without issuer and serial number.",
    )
}

pub(crate) fn not_a_key_id(text: &str) -> Invalid {
    Invalid::new(
        ISSUER,
        format!("{} is neither a certificate in PEM nor hex digits.", quoted(text)),
        "Give the CA's certificate with its BEGIN and END lines, or a key identifier such as 5A:3C:01:FF.",
    )
}

pub(crate) fn key_id_without_digits(text: &str) -> Invalid {
    Invalid::new(ISSUER, format!("{} contains no hex digit.", quoted(text)), "Enter the whole key identifier.")
}

pub(crate) fn key_id_with_half_a_byte(digits: usize) -> Invalid {
    Invalid::new(
        ISSUER,
        format!("The key identifier has an odd number of hex digits, {digits}; each byte has two."),
        "Look for a missing or an extra digit.",
    )
}

pub(crate) fn key_id_too_long(bytes: usize, max: usize) -> Invalid {
    Invalid::new(
        ISSUER,
        format!("The key identifier has {bytes} bytes; at most {max} are allowed."),
        "Enter the CA's subject key identifier, which usually has 20 bytes, not its key.",
    )
}

pub(crate) fn no_usage() -> Invalid {
    Invalid::new(
        "eku_enabled",
        "Extended Key Usage is on, but no usage is selected.",
        "Add one, such as Web server (SERVER_AUTH), or turn the extension off.",
    )
}

pub(crate) fn any_usage_is_critical() -> Invalid {
    let any = Usage::AnyExtendedKeyUsage.label();
    Invalid::new(
        "eku_critical",
        format!("Extended Key Usage must not be critical with {any} (RFC 5280 4.2.1.12)."),
        "Make the extension not critical, or remove that usage.",
    )
}

/// A usage that needs one of these bits beside it.
pub(crate) fn usage_without_its_bits(usage: Usage, needed: &[KeyUsageBit]) -> Invalid {
    let labels = any_of(&needed.iter().map(|bit| bit.label()).collect::<Vec<_>>());
    Invalid::new(
        usage.field(),
        format!("{} needs {labels} in Key Usage (RFC 5280 4.2.1.12).", usage.label()),
        format!("Add {labels}, remove {}, or turn Key Usage off.", usage.label()),
    )
}

pub(crate) fn no_bit() -> Invalid {
    Invalid::new(
        "ku_enabled",
        "Key Usage is on, but nothing is selected (RFC 5280 4.2.1.3).",
        "Add what the key is for, such as Digital Signature, or turn the extension off.",
    )
}

pub(crate) fn cert_sign_without_ca() -> Invalid {
    Invalid::new(
        KeyUsageBit::KeyCertSign.field(),
        "Key Cert Sign is for CAs only (RFC 5280 4.2.1.9).",
        "Remove it, or make the request one for a CA in Basic Constraints.",
    )
}

pub(crate) fn ca_without_cert_sign() -> Invalid {
    Invalid::new(
        KeyUsageBit::KeyCertSign.field(),
        "The Key Usage of a CA needs Key Cert Sign (RFC 5280 4.2.1.9).",
        "Add Key Cert Sign, or remove CA from Basic Constraints.",
    )
}

pub(crate) fn bit_without_agreement(bit: KeyUsageBit) -> Invalid {
    Invalid::new(
        bit.field(),
        format!("{} needs Key Agreement (RFC 5280 4.2.1.3).", bit.label()),
        format!("Add Key Agreement, or remove {}.", bit.label()),
    )
}

pub(crate) fn both_only_bits() -> Invalid {
    Invalid::new(
        KeyUsageBit::DecipherOnly.field(),
        "Encipher Only and Decipher Only exclude each other.",
        "Remove one of them, or both.",
    )
}
