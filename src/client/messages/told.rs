//! A sentence and what to do: what all messages of this crate are made of.

use signet_domain::enrollment::Kind;

/// What a problem means.
pub(crate) struct Told {
    /// A stable word.
    pub(crate) code: &'static str,
    pub(crate) kind: Kind,
    pub(crate) what: String,
    pub(crate) remedy: String,
}

pub(super) fn told(code: &'static str, kind: Kind, what: impl Into<String>, remedy: impl Into<String>) -> Told {
    Told { code, kind, what: what.into(), remedy: remedy.into() }
}

/// A sentence of its own: with a capital and a full stop.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    let dot = if text.ends_with('.') { "" } else { "." };
    format!("{first}{}{dot}", letters.as_str())
}
