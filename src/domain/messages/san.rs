//! Subject alternative names: one entry, and the list of them.

use super::corrected;
use crate::invalid::{Invalid, Refusal, quoted, shortened};
use std::net::IpAddr;

const FIELD: &str = "san";

pub(crate) fn control_character(entry: &str, character: char) -> Refusal {
    Refusal::new(
        format!("{} contains the control character {}.", quoted(entry), character.escape_unicode()),
        "Enter the name again by hand.",
    )
}

pub(crate) fn nothing_after_the_prefix(entry: &str, example: &str) -> Refusal {
    Refusal::new(
        format!("Nothing follows the prefix in {}.", quoted(entry)),
        format!("Enter the name after it, such as {example}, or remove the entry."),
    )
}

pub(crate) fn several_names(entry: &str, parts: &[&str]) -> Refusal {
    let right = parts.join(", ");
    let fix = format!("Put each on a line of its own, or separate them with commas: {}.", shortened(&right));
    Refusal { fix, ..corrected(format!("{} contains several names.", quoted(entry)), right) }
}

pub(crate) fn address_as_dns(text: &str, address: IpAddr) -> Refusal {
    let what = format!("{} is an address, and DNS: is for host names.", quoted(text));
    corrected(what, format!("IP:{address}"))
}

/// `meant` is the email address, where it is one.
pub(crate) fn mailbox_as_dns(text: &str, meant: Option<&str>) -> Refusal {
    let what = format!("{} contains an @, and DNS: is for host names.", quoted(text));
    match meant {
        Some(mailbox) => corrected(what, format!("email:{mailbox}")),
        None => Refusal::new(what, "Enter the host name only, or email: and an address."),
    }
}

/// `meant` is the host name, where it is one.
pub(crate) fn not_an_address(text: &str, meant: Option<&str>) -> Refusal {
    let what = format!("{} is not an IP address.", quoted(text));
    match meant {
        Some(host) => corrected(what, format!("DNS:{host}")),
        None => Refusal::new(what, "Enter one such as IP:192.168.1.10 or IP:2001:db8::1."),
    }
}

/// The refusal of an entry in a text of many lines.
pub(crate) fn in_line(number: usize, refusal: Refusal) -> Refusal {
    Refusal { what: format!("Line {number}: {}", refusal.what), ..refusal }
}

/// Refusals beyond those that are listed.
pub(crate) fn more_refused(more: usize) -> Invalid {
    let names = if more == 1 { "name is" } else { "names are" };
    Invalid::new(FIELD, format!("{more} more {names} not valid."), "Correct the names above first to see the others.")
}

/// `with_copy`: the common name's copy is among them.
pub(crate) fn too_many(count: usize, max: usize, with_copy: bool) -> Invalid {
    let copy = if with_copy { ", including the copy of the common name" } else { "" };
    Invalid::new(
        FIELD,
        format!("A request has at most {max} names, and this one has {count}{copy}."),
        "Remove some, or request a wildcard such as *.nas.local.",
    )
}
