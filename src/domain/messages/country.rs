//! The country of a subject.

use crate::invalid::{Invalid, quoted};

const FIELD: &str = "country";

/// A country's name, or letters that are not its code.
pub(crate) fn not_its_code(text: &str, name: &str, code: &str) -> Invalid {
    let what = format!("{} is not the two-letter code of {name}.", quoted(text));
    Invalid::new(FIELD, what, format!("Choose {name}, code {code}.")).corrected(text, code)
}

pub(crate) fn unknown(text: &str) -> Invalid {
    Invalid::new(
        FIELD,
        format!("{} is not a country code of ISO 3166-1.", quoted(text)),
        "Choose a country by its two letters, such as DE or US.",
    )
}
