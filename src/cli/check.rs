//! `signet check`: prints a line for each thing that was checked, and what to do where something is wrong.

use super::cause::Cause;
use super::error::CliError;
use super::output::{Text, hint};
use super::style::Style;
use super::{Place, json};
use serde::Serialize;
use signet_app::check::{Finding, Report, Severity, State, check};
use signet_app::clock::Clock;
use signet_store::owner_of;
use std::process::ExitCode;

/// Options of `check`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit codes: 0 all is fine, 1 something needs attention, 2 something is broken, 66 there is no \
                        data directory."
)]
pub struct Args {}

/// Looks, prints, and changes nothing.
pub fn run(place: &Place, _args: &Args) -> Result<ExitCode, CliError> {
    let report = check(place.data(), &place.load_config(), Clock::System);
    match place.how.json {
        true => print(&report),
        false => lines(&report, place.how.quiet).print(),
    }?;
    if matches!(owner_of(place.data()), Ok(None)) {
        return Ok(ExitCode::from(Cause::NotFound.code()));
    }
    Ok(ExitCode::from(match report.state() {
        State::Fine => 0,
        State::Attention => 1,
        State::Broken => 2,
    }))
}

fn word(state: State) -> &'static str {
    match state {
        State::Fine => "fine",
        State::Attention => "attention",
        State::Broken => "BROKEN",
    }
}

fn style(state: State) -> Style {
    match state {
        State::Fine => Style::Good,
        State::Attention => Style::Attention,
        State::Broken => Style::Bad,
    }
}

/// With `quiet` only what is not fine.
fn lines(report: &Report, quiet: bool) -> Text {
    let mut text = Text::new();
    let told = report.findings().iter().filter(|finding| !quiet || finding.state != State::Fine);
    for Finding { about, state, what, fix, way, .. } in told {
        let pieces = [(style(*state), format!("{:<9}", word(*state))), (Style::Plain, format!("  {about:<10}  "))];
        text.beside(pieces, format!("{what} {}", hint(fix)).trim_end());
        for step in way {
            text.line(format_args!("{:23}{step}", ""));
        }
    }
    text
}

fn print(report: &Report) -> Result<(), CliError> {
    #[derive(Serialize)]
    struct Told<'a> {
        state: State,
        severity: Severity,
        findings: &'a [Finding],
    }
    json::print(&Told { state: report.state(), severity: report.state().severity(), findings: report.findings() })
}
