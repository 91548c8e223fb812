//! The name of a request, which is also its file's.

use crate::invalid::{Invalid, quoted};

const FIELD: &str = "name";

pub(crate) fn missing() -> Invalid {
    Invalid::new(FIELD, "A name is required.", "Enter a name for this request, such as nas-2026.")
}

pub(crate) fn not_allowed(character: char) -> Invalid {
    let shown = match character {
        ' ' => "a space".to_owned(),
        other => quoted(other.encode_utf8(&mut [0; 4])),
    };
    Invalid::new(
        FIELD,
        format!("The name contains {shown}, which is not allowed."),
        "Use letters A to Z without accents, digits, hyphens and underscores.",
    )
}

pub(crate) fn starts_with_a_hyphen() -> Invalid {
    Invalid::new(FIELD, "The name starts with a hyphen.", "Start it with a letter, a digit or an underscore.")
}

pub(crate) fn too_long(length: usize, max: usize) -> Invalid {
    let what = format!("The name has {length} characters; at most {max} are allowed.");
    Invalid::new(FIELD, what, "Enter a shorter name.")
}

/// The same refusal with a name that is allowed.
pub(crate) fn with_example(refused: Invalid, name: &str) -> Invalid {
    Invalid { fix: format!("{} For example: {name}.", refused.fix), ..refused }
}
