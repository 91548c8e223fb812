//! Host names.

use super::corrected;
use crate::invalid::{Refusal, quoted};

const ONE_DIRECTION: &str = "Enter the name in one direction of writing.";

pub(crate) fn too_long(text: &str, length: usize, max: usize) -> Refusal {
    let what = format!("A host name has at most {max} characters, and {} has {length}.", quoted(text));
    Refusal::new(what, "Enter a shorter name.")
}

pub(crate) fn empty() -> Refusal {
    Refusal::new("A host name cannot be empty.", "Enter a name such as nas.local.")
}

pub(crate) fn wildcard_alone(text: &str) -> Refusal {
    Refusal::new(
        format!("{} alone is not a name: a wildcard replaces one label of a domain.", quoted(text)),
        "Enter the domain after it, such as *.nas.local.",
    )
}

pub(crate) fn wildcard_elsewhere(text: &str) -> Refusal {
    Refusal::new(
        format!("The * in {} is not the whole first label, the only place for a wildcard.", quoted(text)),
        "Enter *. and a domain, such as *.nas.local, or each name on a line of its own.",
    )
}

/// `first` is what is before the space, where that is a name.
pub(crate) fn space(text: &str, first: Option<&str>) -> Refusal {
    let first = first.map(|first| format!(", starting with {}", quoted(first))).unwrap_or_default();
    Refusal::new(
        format!("{} contains a space, which host names do not allow.", quoted(text)),
        format!("Remove the space, or put each name on a line of its own{first}."),
    )
}

/// `meant` is the name that is most likely meant, where there is one.
pub(crate) fn underscore(text: &str, meant: Option<&str>) -> Refusal {
    Refusal::new(
        format!("{} contains an underscore, which host names do not allow.", quoted(text)),
        match meant {
            Some(name) => format!("Enter {}, if the host has that name.", quoted(name)),
            None => "Enter the host's name without it.".to_owned(),
        },
    )
}

pub(crate) fn character(text: &str, character: char) -> Refusal {
    Refusal::new(
        format!(
            "{} contains {}. Host names consist of letters, digits, hyphens and dots.",
            quoted(text),
            quoted(character.encode_utf8(&mut [0; 4]))
        ),
        "Enter the name only, such as nas.local. Put each name on a line of its own.",
    )
}

/// `rest` is the label without its hyphen, where that is a name.
pub(crate) fn hyphen_at_an_end(host: &str, label: &str, rest: Option<&str>) -> Refusal {
    Refusal::new(
        format!("The label {} in {} starts or ends with a hyphen.", quoted(label), quoted(host)),
        match rest {
            Some(rest) => format!("Remove that hyphen: {}.", quoted(rest)),
            None => "Enter a label of letters and digits there.".to_owned(),
        },
    )
}

pub(crate) fn reserved_hyphens(host: &str) -> Refusal {
    Refusal::new(
        format!("A label of {} has hyphens in places 3 and 4, which are reserved for xn-- names.", quoted(host)),
        "Enter an internationalised name in its own letters, or another name.",
    )
}

pub(crate) fn mixed_directions(host: &str) -> Refusal {
    let what = format!("The labels of {} mix right-to-left and left-to-right writing (RFC 5893).", quoted(host));
    Refusal::new(what, ONE_DIRECTION)
}

pub(crate) fn not_punycode(label: &str) -> Refusal {
    Refusal::new(
        format!("{} is not the xn-- form of any name: it does not decode and encode back.", quoted(label)),
        "Enter the name in its own letters, such as b\u{fc}cher.example. It is converted to the xn-- form.",
    )
}

pub(crate) fn not_international(label: &str, character: char) -> Refusal {
    Refusal::new(
        format!(
            "{} contains {}, which is not allowed there in internationalised names.",
            quoted(label),
            quoted(character.encode_utf8(&mut [0; 4]))
        ),
        "Enter the name without it.",
    )
}

pub(crate) fn breaks_the_writing_rules(label: &str) -> Refusal {
    Refusal::new(
        format!("The writing of {} breaks the rules for internationalised names (RFC 5893).", quoted(label)),
        "Enter the name in one direction of writing, without joiners and without a mark at its start.",
    )
}

pub(crate) fn empty_label(text: &str) -> Refusal {
    Refusal::new(
        format!("{} has an empty label: two dots in a row, or a dot at its start.", quoted(text)),
        "Enter the labels with one dot between them, such as nas.local.",
    )
}

pub(crate) fn label_too_long(label: &str, max: usize) -> Refusal {
    Refusal::new(
        format!("A label has at most {max} characters, and {} has {} as encoded.", quoted(label), label.len()),
        "Shorten it, or add the dot that is missing.",
    )
}

/// `meant` is the address that is meant, where it is one.
pub(crate) fn ends_with_digits(text: &str, meant: Option<String>) -> Refusal {
    let what = format!("The last label of {} consists of digits, which host names do not allow.", quoted(text));
    match meant {
        Some(address) => corrected(what, address),
        None => Refusal::new(
            what,
            "Enter an address as four numbers from 0 to 255, such as 192.168.1.10, or a name that ends in letters.",
        ),
    }
}
