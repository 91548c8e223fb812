//! The sentences that commands print: what was done or is wrong, then what to do.
//!
//! A file has one subject, and a function or constant the name of its situation. Help is at its flags, errors with their
//! remedies are in `cli::error`, and labels before a value are where they are printed (docs/decisions.md has the rule).

pub(super) mod certificates;
pub(super) mod console;
pub(super) mod enrollment;
pub(super) mod files;
pub(super) mod owner;
pub(super) mod provision;
pub(super) mod recover;
pub(super) mod requests;
pub(super) mod usage;
pub(super) mod user;
pub(super) mod watch;

/// The end of each report of a command that only said what it would do.
pub(super) const DRY_RUN: &str = "Nothing was changed (--dry-run).";
/// The end of one that was not confirmed.
pub(super) const NOTHING_CHANGED: &str = "Nothing was changed.";

/// A key of the configuration that does not exist; `unknown` names the line.
pub(super) fn unknown_key(unknown: &str) -> String {
    format!("warning: configuration, {unknown}")
}
