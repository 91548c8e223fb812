//! The requested lifetime.

use crate::invalid::{Invalid, quoted};

const FIELD: &str = "lifetime";

pub(crate) fn missing() -> Invalid {
    Invalid::new(FIELD, "A lifetime is required.", "Enter a number of days, such as 200.")
}

pub(crate) fn not_a_number(text: &str) -> Invalid {
    let what = format!("{} is not a whole number of days.", quoted(text));
    Invalid::new(FIELD, what, "Enter digits only, such as 200.")
}

pub(crate) fn too_short(max: u32) -> Invalid {
    Invalid::new(FIELD, "The lifetime must be at least 1 day.", format!("Enter a number from 1 to {max}."))
}

pub(crate) fn too_long(max: u32) -> Invalid {
    let what = format!("The lifetime can be at most {max} days.");
    Invalid::new(FIELD, what, "Enter a smaller number. Public CAs accept 200 or less.")
}
