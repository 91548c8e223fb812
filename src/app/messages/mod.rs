//! The sentences of this crate that people read: what is wrong, then what to do.
//!
//! A file has one subject, and a function or constant the name of its situation. What an error says and how it is remedied are
//! beside each other in its own `error.rs` (docs/decisions.md has the rule). Nothing here decides anything.

pub(crate) mod access;
pub(crate) mod advice;
pub(crate) mod audit;
pub(crate) mod authorities;
pub(crate) mod brand;
pub(crate) mod certificates;
pub(crate) mod check;
pub(crate) mod config;
pub(crate) mod console;
pub(crate) mod difference;
pub(crate) mod hooks;
pub(crate) mod imports;
pub(crate) mod provision;
pub(crate) mod recover;
pub(crate) mod renewal;
pub(crate) mod requests;
pub(crate) mod services;

/// Two sentences: what is so, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    /// What is so.
    pub(crate) what: String,
    /// What to do.
    pub(crate) fix: String,
}

impl Said {
    /// The two.
    pub(crate) fn new(what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { what: what.into(), fix: fix.into() }
    }
}

/// `1 request`, `2 requests`: a count with its noun.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
