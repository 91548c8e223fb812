//! `signet check`: the doctor. Prints a line for each thing that was looked at, and what to do where something is wrong.

use super::Place;
use super::error::CliError;
use super::output::{self, Text};
use serde::Serialize;
use signet_app::check::{Finding, Report, State, check};
use signet_app::clock::Clock;
use std::process::ExitCode;

/// Options of `check`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Exit codes: 0 all is fine, 1 something needs attention, 2 something is broken.")]
pub struct Args {
    /// Print the findings as JSON.
    #[arg(long)]
    json: bool,
}

/// Looks, prints, and changes nothing.
pub fn run(place: &Place, args: &Args) -> Result<ExitCode, CliError> {
    let report = check(&place.data(), &place.load_config(), Clock::System);
    if args.json { json(&report) } else { lines(&report).print() }?;
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

fn lines(report: &Report) -> Text {
    let mut text = Text::new();
    for Finding { about, state, what, fix, way } in report.findings() {
        text.line(format_args!("{:<9}  {about:<10}  {}", word(*state), format!("{what} {fix}").trim_end()));
        for step in way {
            text.line(format_args!("{:23}{step}", ""));
        }
    }
    text
}

fn json(report: &Report) -> Result<(), CliError> {
    #[derive(Serialize)]
    struct Told<'a> {
        state: State,
        findings: &'a [Finding],
    }
    output::json(&Told { state: report.state(), findings: report.findings() })
}
