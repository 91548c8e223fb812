//! The doctor: what `signet check` finds in the data directory, the config and the clock (docs/reference.md).
//!
//! Looks and changes nothing: the store is opened for reading alone. Each finding says what is so and, where something
//! is wrong, what to do; how it is printed and which exit code it makes is the command's.

mod answers;
mod audit;
mod contents;
mod deploy;
mod identity;
mod place;
pub mod risks;
#[cfg(test)]
mod tests;

use crate::audit::AuditLog;
use crate::clock::{self, Clock};
use crate::config::{Config, ConfigError};
use crate::console::Identity;
use crate::requests::catalog::Catalog;
use serde::Serialize;
use signet_domain::time;
use signet_domain::visible;
use signet_store::Store;
use std::path::Path;
use std::sync::Arc;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// As it should be.
    Fine,
    /// It works, and somebody should look at it.
    Attention,
    /// It does not work, or what is promised does not hold.
    Broken,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at: one word, stable.
    pub about: &'static str,
    /// How bad it is.
    pub state: State,
    /// What is so: a sentence.
    pub what: String,
    /// What to do: a sentence; empty where all is fine.
    pub fix: String,
    /// Where an owner or a mode is wrong: every component from `/` to the path, with its own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub way: Vec<String>,
}

/// What is wrong with a CSR: how bad it is, what it is, what to do.
type Wrong = (State, String, String);

/// Everything that was found, in the order of looking.
#[derive(Debug, Default)]
pub struct Report(Vec<Finding>);

impl Report {
    /// The findings.
    pub fn findings(&self) -> &[Finding] {
        &self.0
    }

    /// The worst of all.
    pub fn state(&self) -> State {
        self.0.iter().map(|finding| finding.state).max().unwrap_or(State::Fine)
    }

    fn fine(&mut self, about: &'static str, what: impl Into<String>) {
        self.add(about, State::Fine, what, "");
    }

    fn add(&mut self, about: &'static str, state: State, what: impl Into<String>, fix: impl Into<String>) {
        self.0.push(Finding { about, state, what: what.into(), fix: fix.into(), way: Vec::new() });
    }

    /// As [`Report::add`], with the owners and modes on the way to `path`.
    fn add_with_way(&mut self, about: &'static str, state: State, what: String, fix: String, path: &Path) {
        let way = Store::way_to(path).iter().map(ToString::to_string).collect();
        self.0.push(Finding { about, state, what, fix, way });
    }
}

/// Looks at everything. `config` is what loading it gave.
pub fn check(data: &Path, config: &Result<Config, ConfigError>, clock: Clock) -> Report {
    let mut report = Report::default();
    of_clock(&mut report, clock);
    of_config(&mut report, config);
    let defaults = Config::default();
    let config = config.as_ref().unwrap_or(&defaults);
    if let Some(store) = place::directory(&mut report, data) {
        place::file_system(&mut report, &store);
        risks::report(&mut report, &store);
        place::paths(&mut report, &store);
        contents::csrs(&mut report, &store, config, clock.now());
        contents::strays(&mut report, &store);
        deploy::services(&mut report, &store, config);
        contents::leftovers(&mut report, &store);
        let catalog = Arc::new(Catalog::new(store.clone(), clock));
        let console = Identity::new(store.clone(), clock, catalog, Arc::new(config.clone()));
        identity::identities(&mut report, &store, config, clock, &console);
        contents::small_files(&mut report, &store);
        audit::whole(&mut report, &AuditLog::new(store, clock));
    }
    report
}

fn of_clock(report: &mut Report, clock: Clock) {
    let (now, built) = (clock.now(), clock::build_date());
    if now >= built {
        return report.fine("clock", format!("The clock says {}.", time::shown(now)));
    }
    report.add(
        "clock",
        State::Attention,
        format!("The clock says {}, before this program was built ({}).", time::shown(now), time::shown(built)),
        "Set it; until then it counts as unknown, and certificates are dated by the build.",
    );
}

fn of_config(report: &mut Report, config: &Result<Config, ConfigError>) {
    let config = match config {
        Ok(config) => config,
        Err(error) => return report.add("config", State::Broken, sentence(error), error.fix()),
    };
    let Some(source) = &config.source else {
        return report.fine("config", "There is no config file; the defaults hold.");
    };
    for unknown in &config.unknown {
        report.add(
            "config",
            State::Broken,
            format!("{}, {unknown}.", visible::path(source)),
            "Correct the key or take it out; the console starts without it.",
        );
    }
    if config.unknown.is_empty() {
        report.fine("config", format!("{} holds known keys with valid values.", visible::path(source)));
    }
}

/// An error's words as a sentence.
fn sentence(error: &impl std::fmt::Display) -> String {
    let text = error.to_string();
    if text.ends_with('.') { text } else { format!("{text}.") }
}
