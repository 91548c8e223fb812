//! The owner's note on a request.

use crate::invalid::Invalid;

const FIELD: &str = "note";

pub(crate) fn too_long(length: usize, max: usize) -> Invalid {
    let what = format!("The note has {length} characters; at most {max} are allowed.");
    Invalid::new(FIELD, what, "Shorten it.")
}

/// `is_command`: the character commands a terminal or turns the direction of writing; otherwise it shows nothing.
pub(crate) fn not_allowed(line: usize, character: char, is_command: bool) -> Invalid {
    let kind = if is_command { "a control or direction character" } else { "an invisible character" };
    Invalid::new(
        FIELD,
        format!("Line {line} of the note contains {kind}, {}.", character.escape_unicode()),
        "Remove the character, or type the line again by hand. Line breaks are allowed.",
    )
}
