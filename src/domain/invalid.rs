//! A refusal: which field, which rule, and what to do about it.
//!
//! The browser shows it at the field and in the error summary; the command line prints `error: FIELD: what` and the
//! way out on a line of its own. Both get the words from here.

/// One rule that one field breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    /// The form's field name (SPEC 3), such as `common` or `ku_key_cert_sign`.
    pub field: &'static str,
    /// What is wrong, with the rule: one sentence with its full stop.
    pub what: String,
    /// What to do about it: one sentence with its full stop.
    pub fix: String,
}

impl Invalid {
    /// A refusal of `field`.
    pub fn new(field: &'static str, what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { field, what: what.into(), fix: fix.into() }
    }
}

/// All refusals of one step, in the order of its fields; never empty inside an `Err`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mistakes(Vec<Invalid>);

impl Mistakes {
    /// No mistake yet.
    pub fn none() -> Self {
        Self::default()
    }

    /// Adds one.
    pub fn add(&mut self, invalid: Invalid) {
        self.0.push(invalid);
    }

    /// Keeps the value, or notes its refusal and goes on to the next field.
    pub fn keep<T>(&mut self, result: Result<T, Invalid>) -> Option<T> {
        result.map_err(|invalid| self.add(invalid)).ok()
    }

    /// True while nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The refusals, in the order of the fields.
    pub fn iter(&self) -> impl Iterator<Item = &Invalid> {
        self.0.iter()
    }

    /// Those of one field.
    pub fn of(&self, field: &str) -> impl Iterator<Item = &Invalid> {
        self.0.iter().filter(move |invalid| invalid.field == field)
    }
}

impl From<Invalid> for Mistakes {
    fn from(invalid: Invalid) -> Self {
        Self(vec![invalid])
    }
}
