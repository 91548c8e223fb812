//! URIs among the names.

use crate::invalid::{Refusal, quoted};

pub(crate) fn no_scheme(text: &str) -> Refusal {
    Refusal::new(
        format!("{} does not start with a scheme, as an absolute URI does.", quoted(text)),
        "Enter the scheme before it, such as URI:https://nas.example.com/.",
    )
}

pub(crate) fn scheme_alone(text: &str) -> Refusal {
    Refusal::new(format!("Nothing follows the scheme in {}.", quoted(text)), "Enter the whole URI.")
}

pub(crate) fn no_slashes(text: &str, scheme: &str) -> Refusal {
    Refusal::new(
        format!("{} has {scheme}: without the two slashes after it.", quoted(text)),
        "Enter them before the host, such as URI:https://nas.example.com/.",
    )
}

pub(crate) fn password() -> Refusal {
    Refusal::new(
        "The URI contains a password, and everybody can read a certificate (RFC 3986 3.2.1).",
        "Remove the part between // and @, and change that password if it was sent anywhere.",
    )
}

pub(crate) fn port_not_a_number(text: &str, port: &str) -> Refusal {
    Refusal::new(
        format!("The port {} in {} is not a number.", quoted(port), quoted(text)),
        "Enter digits after the host's colon, or no colon. Put an IPv6 address in brackets.",
    )
}

pub(crate) fn comma(text: &str) -> Refusal {
    Refusal::new(
        format!("{} contains a comma, which separates names.", quoted(text)),
        "Enter %2C where the URI itself contains a comma.",
    )
}

pub(crate) fn character(text: &str, character: char) -> Refusal {
    let mut buffer = [0; 4];
    let bytes = character.encode_utf8(&mut buffer);
    let coded: String = bytes.bytes().map(|byte| format!("%{byte:02X}")).collect();
    Refusal::new(
        format!("{} contains {}, which URIs do not allow.", quoted(text), quoted(bytes)),
        format!("Enter {coded} instead, or the xn-- form of a host (RFC 3986)."),
    )
}

pub(crate) fn bad_escape(text: &str) -> Refusal {
    Refusal::new(
        format!("A % in {} is not followed by two hex digits.", quoted(text)),
        "Enter %25 for a percent sign itself.",
    )
}

pub(crate) fn no_host(text: &str) -> Refusal {
    Refusal::new(
        format!("{} has no host after the //.", quoted(text)),
        "Enter the host's full name, such as URI:https://nas.example.com/.",
    )
}

pub(crate) fn brackets_without_an_address(text: &str) -> Refusal {
    Refusal::new(
        format!("The brackets in {} do not contain an IPv6 address.", quoted(text)),
        "Enter an address such as [2001:db8::1], without a zone.",
    )
}

/// `host` says what is wrong with the host.
pub(crate) fn bad_host(text: &str, host: Refusal) -> Refusal {
    Refusal::new(format!("The host in the URI {} is not valid: {}", quoted(text), host.what), host.fix)
}

pub(crate) fn wildcard_host(text: &str) -> Refusal {
    let what = format!("The host in the URI {} is a wildcard.", quoted(text));
    Refusal::new(what, "Enter one host's full name there.")
}

pub(crate) fn host_without_a_domain(text: &str, host: &str) -> Refusal {
    Refusal::new(
        format!(
            "The host in the URI {} has no domain, which URIs in certificates need (RFC 5280 4.2.1.6).",
            quoted(text)
        ),
        format!("Enter it with its domain, such as {host}.local, or an address."),
    )
}
