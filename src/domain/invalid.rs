//! A refusal: which field, which rule, and what to do about it.
//!
//! The browser shows it at the field and in the error summary; the command line prints `error: FIELD: what` and the
//! way out on a line of its own. Both get the words from here.

use super::visible::cut;

/// One rule that one field breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    /// The form's field name (docs/reference.md), such as `common` or `ku_key_cert_sign`.
    pub field: &'static str,
    /// What is wrong, with the rule: one sentence with its full stop.
    pub what: String,
    /// What to do about it: one sentence with its full stop.
    pub fix: String,
    /// Which kind of rule it is.
    pub kind: Kind,
    /// The right value, where the rule knows it: a page offers it as a button.
    pub correction: Option<Correction>,
}

/// What kind of rule a field breaks: scripts can tell the two apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kind {
    /// What was typed or given does not hold.
    #[default]
    Value,
    /// It would do, but what it asks for exists already.
    Taken,
}

impl Invalid {
    /// A refusal of `field`.
    pub fn new(field: &'static str, what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { field, what: what.into(), fix: fix.into(), kind: Kind::Value, correction: None }
    }

    /// A refusal of `field` because what it names exists already.
    pub fn taken(field: &'static str, what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { kind: Kind::Taken, ..Self::new(field, what, fix) }
    }

    /// The same refusal of the text `refused`, with the value that is right instead.
    pub fn corrected(self, refused: &str, right: impl Into<String>) -> Self {
        let correction = Correction { refused: refused.trim().to_owned(), right: right.into() };
        Self { correction: Some(correction), ..self }
    }
}

/// A value that its rule accepts, in place of one that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    /// What was entered: a whole field, or one entry of a list.
    refused: String,
    /// What to enter instead; for a list perhaps several entries with commas between.
    right: String,
}

impl Correction {
    /// The right value.
    pub fn right(&self) -> &str {
        &self.right
    }

    /// The right value as a page or a terminal shows it.
    pub fn shown(&self) -> String {
        shortened(&self.right)
    }

    /// A field's text with the right value in it; the other entries of a list stay as they are.
    pub fn apply(&self, text: &str) -> String {
        if text.trim() == self.refused {
            return self.right.clone();
        }
        let entry = |entry: &str| {
            let kept = entry.trim();
            if kept == self.refused && !kept.is_empty() {
                entry.replacen(kept, &self.right, 1)
            } else {
                entry.to_owned()
            }
        };
        let line = |line: &str| line.split(',').map(entry).collect::<Vec<_>>().join(",");
        text.split('\n').map(line).collect::<Vec<_>>().join("\n")
    }
}

/// A refusal that no field has claimed yet: the same rule serves several (`email` and `san` both take a mailbox).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What is wrong, with the rule: one sentence with its full stop.
    pub what: String,
    /// What to do about it: one sentence with its full stop.
    pub fix: String,
    /// The right value, where the rule knows it.
    pub right: Option<String>,
}

impl Refusal {
    /// A refusal by one rule.
    pub fn new(what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { what: what.into(), fix: fix.into(), right: None }
    }

    /// The refusal of `refused`, at the field where it was entered.
    pub fn at(self, field: &'static str, refused: &str) -> Invalid {
        let invalid = Invalid::new(field, self.what, self.fix);
        match self.right {
            Some(right) => invalid.corrected(refused, right),
            None => invalid,
        }
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

    /// How many.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Adds those of another step behind these.
    pub fn append(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Keeps the value of a whole step, or notes its refusals and goes on to the next.
    pub fn keep_all<T>(&mut self, result: Result<T, Self>) -> Option<T> {
        result.map_err(|mistakes| self.append(mistakes)).ok()
    }

    /// The refusals, in the order of the fields.
    pub fn iter(&self) -> impl Iterator<Item = &Invalid> {
        self.0.iter()
    }

    /// True when `field` is refused.
    pub fn has(&self, field: &str) -> bool {
        self.of(field).next().is_some()
    }

    /// True when a refusal knows the right value.
    pub fn has_corrections(&self) -> bool {
        self.0.iter().any(|invalid| invalid.correction.is_some())
    }

    /// The correction that one of these refusals offers for `field`, by its value.
    pub fn correction(&self, field: &str, right: &str) -> Option<&Correction> {
        self.of(field).filter_map(|invalid| invalid.correction.as_ref()).find(|correction| correction.right == right)
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

impl IntoIterator for Mistakes {
    type Item = Invalid;
    type IntoIter = std::vec::IntoIter<Invalid>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// What was typed, as a message may show it: in quotes, at most 48 characters, nothing that a terminal or a page would
/// obey or hide (such characters are written as their code).
pub fn quoted(text: &str) -> String {
    format!("\"{}\"", cut(text, 48, "..."))
}

/// What was typed, without quotes and up to 60 characters: to be typed again, or as one of a list.
pub fn shortened(text: &str) -> String {
    cut(text, 60, "...")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_what_was_typed_short_and_harmless() {
        assert_eq!(quoted("nas.local"), "\"nas.local\"");
        assert_eq!(quoted("a\u{1b}[2J\u{202e}b"), "\"a\\u{1b}[2J\\u{202e}b\"");
        assert_eq!(quoted(&"x".repeat(60)), format!("\"{}...\"", "x".repeat(48)));
    }

    #[test]
    fn a_correction_takes_the_place_of_what_was_refused_and_of_nothing_else() {
        let correct = |text: &str, refused: &str, right: &str| {
            Invalid::new("san", "", "").corrected(refused, right).correction.unwrap().apply(text)
        };
        for (text, refused, right, corrected) in [
            (" nas:80 ", "nas:80", "nas", "nas"),
            ("a\nnas:80\nb", "nas:80", "nas", "a\nnas\nb"),
            ("a, nas:80 ,b:1", "nas:80", "nas", "a, nas ,b:1"),
            ("nas:80\nnas:8080", "nas:80", "nas", "nas\nnas:8080"),
            ("a\nb c", "b c", "b, c", "a\nb, c"),
            ("Root, NAS <root@nas>", "Root, NAS <root@nas>", "root@nas", "root@nas"),
            ("a", "gone since", "b", "a"),
        ] {
            assert_eq!(correct(text, refused, right), corrected, "{text}");
        }
    }
}
