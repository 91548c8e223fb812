//! Email addresses, in the subject and among the names.

use super::corrected;
use crate::invalid::{Refusal, quoted};

const SHORTER: &str = "Enter a shorter address.";

pub(crate) fn no_at(text: &str) -> Refusal {
    Refusal::new(format!("{} has no @.", quoted(text)), "Enter an email address such as root@nas.local.")
}

pub(crate) fn too_long(length: usize, max: usize) -> Refusal {
    Refusal::new(format!("An email address has at most {max} characters, and this one has {length}."), SHORTER)
}

/// A name before the address, or brackets around it; `meant` is the address where it is one.
pub(crate) fn more_than_the_address(text: &str, meant: Option<&str>) -> Refusal {
    alone(format!("{} contains more than the email address.", quoted(text)), meant)
}

/// A `mailto:` link; `meant` is the address where it is one.
pub(crate) fn link(text: &str, meant: Option<&str>) -> Refusal {
    alone(format!("{} is a link, not an email address.", quoted(text)), meant)
}

fn alone(what: String, meant: Option<&str>) -> Refusal {
    match meant {
        Some(address) => corrected(what, address),
        None => Refusal::new(what, "Enter the email address only, such as root@nas.local."),
    }
}

pub(crate) fn space(text: &str) -> Refusal {
    Refusal::new(
        format!("{} contains a space, which email addresses do not allow.", quoted(text)),
        "Remove the space, and enter one address only.",
    )
}

/// `meant` is the address with its host in ASCII, where that is all.
pub(crate) fn not_ascii(text: &str, meant: Option<String>) -> Refusal {
    let what =
        format!("{} has letters that are not ASCII, which email addresses in certificates cannot have.", quoted(text));
    match meant {
        Some(encoded) => corrected(what, encoded),
        None => Refusal::new(what, "Enter an address in plain letters, such as root@nas.local."),
    }
}

pub(crate) fn nothing_before_the_at(text: &str) -> Refusal {
    Refusal::new(format!("{} has nothing before the @.", quoted(text)), "Enter the user before it, such as root.")
}

pub(crate) fn several_ats(text: &str) -> Refusal {
    Refusal::new(format!("{} has more than one @.", quoted(text)), "Enter one address only.")
}

pub(crate) fn local_too_long(text: &str, length: usize, max: usize) -> Refusal {
    let what = format!("The part before the @ has at most {max} characters, and {} has {length}.", quoted(text));
    Refusal::new(what, SHORTER)
}

pub(crate) fn misplaced_dot(text: &str) -> Refusal {
    Refusal::new(
        format!("{} has a dot at the start or end of the part before the @, or two in a row.", quoted(text)),
        "Remove that dot.",
    )
}

pub(crate) fn character_before_the_at(text: &str, character: char) -> Refusal {
    Refusal::new(
        format!(
            "{} has {} before the @, where it is not allowed.",
            quoted(text),
            quoted(character.encode_utf8(&mut [0; 4]))
        ),
        "Enter an address of letters, digits, dots and hyphens.",
    )
}

pub(crate) fn nothing_after_the_at(text: &str, local: &str) -> Refusal {
    Refusal::new(
        format!("{} has nothing after the @.", quoted(text)),
        format!("Enter the host after it, such as {}.", quoted(&format!("{local}@nas.local"))),
    )
}

pub(crate) fn brackets_without_an_address(text: &str) -> Refusal {
    Refusal::new(
        format!("The brackets in {} do not contain an IP address.", quoted(text)),
        "Enter it as [192.0.2.1] or [IPv6:2001:db8::1], or a host name without brackets.",
    )
}

/// `meant` has the address in brackets.
pub(crate) fn address_without_brackets(text: &str, meant: String) -> Refusal {
    corrected(format!("{} has an IP address without brackets.", quoted(text)), meant)
}

/// `host` says what is wrong with the host.
pub(crate) fn bad_host(text: &str, host: Refusal) -> Refusal {
    let what = format!("The host in the email address {} is not valid: {}", quoted(text), host.what);
    Refusal::new(what, host.fix)
}

pub(crate) fn wildcard_host(text: &str, local: &str) -> Refusal {
    Refusal::new(
        format!("The host in the email address {} is a wildcard.", quoted(text)),
        format!("Enter one host, such as {}.", quoted(&format!("{local}@nas.local"))),
    )
}
