//! The parts of a subject.

use crate::invalid::{Invalid, quoted};
use crate::subject_part::Part;

/// A required part that was left empty.
pub(crate) fn missing(part: Part) -> Invalid {
    let (what, fix) = match part {
        Part::Country => ("Country is required.", "Choose the country of the organization."),
        Part::State => ("State is required.", "Enter the state or province. If there is none, enter the city."),
        Part::City => ("Locality is required.", "Enter the city or town."),
        Part::Organization => ("Organization is required.", "Enter the company's name, or your own."),
        Part::OrganizationalUnit => ("Organizational Unit is required.", "Enter the department."),
        Part::Email => ("Email is required.", "Enter the address of the person responsible, such as root@nas.local."),
        Part::Common => ("Common Name is required.", "Enter the device's full host name, such as nas.local."),
        Part::San => (
            "Subject Alternate Names are required.",
            "Enter each name or address that clients connect to on a line of its own, such as nas.local.",
        ),
    };
    Invalid::new(part.field(), what, fix)
}

/// A request that certifies nothing.
pub(crate) fn no_name() -> Invalid {
    Invalid::new(
        Part::San.field(),
        "The request has no name: it needs a subject alternative name or a common name.",
        "Enter the name that clients connect to, such as nas.local.",
    )
}

pub(crate) fn control_character(part: Part, character: char) -> Invalid {
    Invalid::new(
        part.field(),
        format!(
            "{} contains a line break, tab or other control character ({}).",
            part.label(),
            character.escape_unicode()
        ),
        "Enter it in one line; type it by hand if you copied it.",
    )
}

/// `plain` is the text without such marks.
pub(crate) fn direction_mark(part: Part, mark: char, plain: &str) -> Invalid {
    Invalid::new(
        part.field(),
        format!("{} contains an invisible mark of writing direction ({}).", part.label(), mark.escape_unicode()),
        format!("Enter it again by hand: {}.", quoted(plain)),
    )
}

pub(crate) fn too_long(part: Part, length: usize, max: usize) -> Invalid {
    let what = format!("{} has {length} characters; at most {max} are allowed.", part.label());
    Invalid::new(part.field(), what, "Shorten it.")
}

/// A host name that is too long for a common name, and not for the alternative names.
pub(crate) fn too_long_host(length: usize, max: usize) -> Invalid {
    let fix = "Leave the common name empty and enter the name in Subject Alternate Names, where clients look for it.";
    Invalid { fix: fix.to_owned(), ..too_long(Part::Common, length, max) }
}
