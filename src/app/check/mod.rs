//! The doctor: what `signet check` finds in the data directory, the config and the clock (docs/reference.md).
//!
//! Looks and changes nothing: the store is opened for reading alone. Each finding says what is so and, where something
//! is wrong, what to do; how it is printed and which exit code it makes is the command's.

mod answers;
mod audit;
mod contents;
mod deploy;
mod finding;
mod identity;
mod limits;
mod orders;
mod place;
pub mod risks;
mod support;
#[cfg(test)]
mod tests;

use crate::audit::AuditLog;
use crate::brand::Brand;
use crate::clock::{self, Clock};
use crate::config::{Config, ConfigError};
use crate::console::Identity;
use crate::messages::{Said, check as say};
use crate::requests::catalog::Catalog;
use signet_domain::time;
use signet_domain::visible;
use signet_store::Store;
use std::path::Path;
use std::sync::Arc;

use finding::FINE;

pub use finding::{Finding, Severity, State, Subject};

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

    fn fine(&mut self, about: &'static str, what: impl Into<String>) -> &mut Finding {
        self.push(Finding::new(about, FINE, State::Fine, Said::new(what, "")))
    }

    fn attention(&mut self, about: &'static str, code: &'static str, said: Said) -> &mut Finding {
        self.push(Finding::new(about, code, State::Attention, said))
    }

    fn broken(&mut self, about: &'static str, code: &'static str, said: Said) -> &mut Finding {
        self.push(Finding::new(about, code, State::Broken, said))
    }

    fn push(&mut self, finding: Finding) -> &mut Finding {
        self.0.push(finding);
        let last = self.0.len() - 1;
        #[expect(clippy::indexing_slicing, reason = "it was pushed just now")]
        &mut self.0[last]
    }

    /// Adds a finding about a path, with the owners and modes on the way to it.
    fn push_with_way(&mut self, finding: Finding, path: &Path) {
        let way = Store::way_to(path).iter().map(ToString::to_string).collect();
        self.push(Finding { way, ..finding }).file(path);
    }
}

/// Looks at everything. `config` is what loading it gave.
pub fn check(data: &Path, config: &Result<Config, ConfigError>, clock: Clock) -> Report {
    let mut report = Report::default();
    of_clock(&mut report, clock);
    of_config(&mut report, config);
    let defaults = Config::default();
    let config = config.as_ref().unwrap_or(&defaults);
    support::promised(&mut report, config, clock);
    if let Some(store) = place::directory(&mut report, data) {
        place::file_system(&mut report, &store);
        limits::compared(&mut report, &store, config);
        risks::report(&mut report, &store);
        place::paths(&mut report, &store);
        contents::csrs(&mut report, &store, config, clock.now());
        contents::strays(&mut report, &store);
        deploy::services(&mut report, &store, config);
        orders::orders(&mut report, &store, clock.now());
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
        report.fine("clock", say::clock(&time::shown(now))).number("now", now.as_second());
        return;
    }
    let finding = report.attention(
        "clock",
        "clock_before_build",
        say::clock_before_build(&time::shown(now), &time::shown(built)),
    );
    finding.number("now", now.as_second()).number("built", built.as_second());
}

fn of_config(report: &mut Report, config: &Result<Config, ConfigError>) {
    let brand = config.as_ref().ok().map(Brand::load);
    let config = match (config, &brand) {
        (Ok(config), Some(Ok(_)) | None) => config,
        (Err(error), _) | (_, Some(Err(error))) => {
            let (code, path) = match error {
                ConfigError::Unreadable { path, .. } => ("config_unreadable", path),
                ConfigError::Wrong { path, .. } => ("config_wrong", path),
            };
            report.broken("config", code, Said::new(sentence(error), error.fix())).file(path);
            return;
        }
    };
    let Some(source) = &config.source else {
        report.fine("config", say::NO_CONFIG);
        return;
    };
    for unknown in &config.unknown {
        let said = say::unknown_key(&visible::path(source), unknown);
        report.broken("config", "config_unknown_key", said).file(source);
    }
    if config.unknown.is_empty() {
        report.fine("config", say::config(&visible::path(source)));
    }
    if let Some(brand) = &config.brand {
        of_command(report, &brand.command);
    }
}

/// Pages show commands with the vendor's name of the program: it must be there beside the program.
fn of_command(report: &mut Report, command: &str) {
    let program = std::env::current_exe().unwrap_or_default();
    let path = program.with_file_name(command);
    if !std::fs::metadata(&path).is_ok_and(|found| found.is_file()) {
        let said = say::command_missing(&visible::path(&path), &visible::path(&program));
        report.attention("config", "brand_command_missing", said).file(&path);
    }
}

/// An error's words as a sentence.
fn sentence(error: &impl std::fmt::Display) -> String {
    let text = error.to_string();
    if text.ends_with('.') { text } else { format!("{text}.") }
}

/// What an error of the data directory says, and what to do about it.
fn of_error(error: &signet_store::StoreError) -> Said {
    Said::new(sentence(error), error.fix())
}
