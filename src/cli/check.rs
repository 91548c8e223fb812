//! `signet check`: the doctor. Prints a line for each thing that was looked at, and what to do where something is wrong.

use super::Place;
use super::csr::print;
use super::error::CliError;
use serde::Serialize;
use signet_app::check::{Finding, Report, State, check};
use signet_app::clock::Clock;
use std::fmt::Write;
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
    let text = if args.json { json(&report) } else { lines(&report) };
    print(text.as_bytes())?;
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

fn lines(report: &Report) -> String {
    let mut text = String::new();
    for Finding { about, state, what, fix, way } in report.findings() {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{:<9}  {about:<10}  {}", word(*state), format!("{what} {fix}").trim_end());
        for step in way {
            let _ = writeln!(text, "{:23}{step}", "");
        }
    }
    text
}

fn json(report: &Report) -> String {
    #[derive(Serialize)]
    struct Told<'a> {
        state: State,
        findings: &'a [Finding],
    }
    let told = Told { state: report.state(), findings: report.findings() };
    #[expect(clippy::expect_used, reason = "structs of strings are always JSON")]
    let mut text = serde_json::to_string(&told).expect("strings are JSON");
    text.push('\n');
    text
}
