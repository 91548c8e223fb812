//! How a command speaks to its user, a person or a program, and how long it waits: flags that every command has.

use super::error::CliError;
use super::output::{Text, hint, tell};
use super::{GLOBAL, invocation, json};
use serde::Serialize;
use std::fmt::Display;
use std::time::Duration;

/// Flags of every command.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct How {
    /// Print JSON, also for an error.
    #[arg(long, global = true, help_heading = GLOBAL)]
    pub json: bool,
    /// Print only errors and what was asked for: no reports, no advice.
    #[arg(long, global = true, help_heading = GLOBAL)]
    pub quiet: bool,
    /// Wait so long while another process changes something, 0 to 3600 [default: 5].
    #[arg(long, global = true, value_name = "SECONDS", value_parser = clap::value_parser!(u16).range(0..=3600), help_heading = GLOBAL)]
    pub wait: Option<u16>,
}

/// Whether a command changed something, or would.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Change {
    changed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    would_change: Option<bool>,
}

impl Change {
    /// Of a command that was carried out.
    pub fn done(changed: bool) -> Self {
        Self { changed, would_change: None }
    }

    /// Of a dry run.
    pub fn would(change: bool) -> Self {
        Self { changed: false, would_change: Some(change) }
    }

    /// Of either.
    pub fn of(dry_run: bool, change: bool) -> Self {
        if dry_run { Self::would(change) } else { Self::done(change) }
    }

    /// Words for each: done, would be done, was so before.
    pub fn told<'a>(self, done: &'a str, would: &'a str, same: &'a str) -> &'a str {
        match (self.changed, self.would_change) {
            (true, _) => done,
            (false, Some(true)) => would,
            (false, _) => same,
        }
    }
}

impl How {
    /// How long a writer waits for another one.
    pub fn patience(&self) -> Option<Duration> {
        self.wait.map(|seconds| Duration::from_secs(seconds.into()))
    }

    /// Reports what was done: as JSON, or in words.
    pub fn report(&self, value: &impl Serialize, text: impl FnOnce() -> Text) -> Result<(), CliError> {
        match (self.json, self.quiet) {
            (true, _) => json::print(value),
            (false, false) => text().print(),
            (false, true) => Ok(()),
        }
    }

    /// Says in words what was done.
    pub fn say(&self, text: &Text) -> Result<(), CliError> {
        if self.quiet { Ok(()) } else { text.print() }
    }

    /// Advice on a field of a request, by the flag that sets it.
    pub fn advise_on(&self, field: &str, text: &str) {
        self.advise(format_args!("advice: {}: {}", invocation::flag(field), hint(text)));
    }

    /// Advice and notes, on standard error.
    pub fn advise(&self, line: impl Display) {
        if !self.quiet {
            tell(line);
        }
    }
}
