//! `ledger import`: the devices of a manifest, such as one from before there was a ledger.

use super::{Reach, Recording, failed};
use crate::ledger::{Ledger, whole};
use crate::note::random_id;
use serde_json::{Value, json};
use signet::cli::error::CliError;
use signet::cli::how::How;
use signet::cli::output::{Text, tell};
use signet_app::provision::line::Line;
use signet_domain::hex;
use signet_domain::invalid::Invalid;
use signet_domain::unit::folded;
use signet_domain::visible;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use zeroize::Zeroizing;

/// Options of `ledger import`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  signet-factory ledger import manifest.jsonl --labels-key labels.pub")]
pub(super) struct Args {
    /// The manifest, JSON Lines. What the ledger has already is left as it is.
    file: PathBuf,
    #[command(flatten)]
    reach: Reach,
    #[command(flatten)]
    recording: Recording,
}

pub(super) fn run(args: &Args, how: &How) -> Result<ExitCode, CliError> {
    let ledger = args.recording.ledger(&args.reach, how.wait.unwrap_or(0), None)?;
    // The whole file is read before the first line is sent.
    let lines = read(&args.file)?;
    let (mut new, mut known, mut wrong) = (0usize, 0usize, None);
    for (number, line) in &lines {
        if is_known(&ledger, line)? {
            known += 1;
            continue;
        }
        match ledger.enter(&random_id()?, line) {
            Ok(_) => new += 1,
            Err(error) if error.stops() => return Err(CliError::Provision(error)),
            Err(error) => {
                tell(format_args!("error: {}, line {number}: {error}", visible::path(&args.file)));
                tell(error.fix());
                wrong = wrong.or(Some(error));
            }
        }
    }
    let failed = lines.len() - new - known;
    how.report(&json!({"changed": new > 0, "recorded": new, "known": known, "failed": failed}), || {
        let mut text = Text::new();
        text.line(format_args!("{new} recorded, {known} already present, {failed} failed."));
        text
    })?;
    Ok(wrong.map_or(ExitCode::SUCCESS, |error| ExitCode::from(CliError::Provision(error).code())))
}

/// Every line with its number, from 1. Lines of `ledger export` have no code.
fn read(path: &Path) -> Result<Vec<(usize, Line)>, CliError> {
    let unreadable = |source| CliError::Unreadable { field: "file", path: path.to_owned(), source };
    let mut reader = BufReader::new(File::open(path).map_err(unreadable)?);
    let mut lines = Vec::new();
    let mut text = Zeroizing::new(String::new());
    for number in 1.. {
        text.clear();
        if reader.read_line(&mut text).map_err(unreadable)? == 0 {
            break;
        }
        if text.trim().is_empty() {
            continue;
        }
        let line = serde_json::from_str(&text).ok().or_else(|| of_export(&text));
        let line = line.filter(|line: &Line| line.keys().all(|(_, key)| is_digest(key)));
        lines.push((number, line.ok_or_else(|| wrong(path, number))?));
    }
    Ok(lines)
}

fn of_export(text: &str) -> Option<Line> {
    let value: Value = serde_json::from_str(text).ok()?;
    let has_code = value.get("setup_code").is_some();
    if has_code { None } else { whole(text, "") }
}

fn is_digest(text: &str) -> bool {
    hex::decode(text).is_some_and(|bytes| bytes.len() == 32)
}

fn wrong(path: &Path, number: usize) -> CliError {
    let what = format!("{} is wrong in line {number}: it does not describe a device.", visible::path(path));
    Invalid::new("file", what, "Restore the manifest from a copy, or remove that line. Nothing was recorded.").into()
}

/// True when this very device is recorded: its console's key belongs to its serial.
fn is_known(ledger: &Ledger, line: &Line) -> Result<bool, CliError> {
    let key = hex::decode(&line.spki_sha256).unwrap_or_default();
    let sql = "SELECT serial_folded FROM signet.known_key WHERE sha256 = $1";
    let found = ledger.sessions.run(|session| Ok(session.client.query_opt(sql, &[&key])?)).map_err(failed)?;
    Ok(found.is_some_and(|row| row.get::<_, String>(0) == folded(&line.serial)))
}
