//! `ledger verify`: the ledger beside what is on disk, and beside itself.

use super::export::{Row, each};
use super::{LEDGER, Reach, failed};
use crate::error::Broken;
use crate::messages::counted;
use crate::session::{Session, Use};
use serde_json::{Value, json};
use signet::cli::cause::Cause;
use signet::cli::error::CliError;
use signet::cli::how::How;
use signet::cli::output::Text;
use signet_app::provision::device_of;
use signet_domain::unit::folded;
use signet_domain::visible;
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use zeroize::Zeroizing;

/// Options of `ledger verify`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  signet-factory ledger verify --units devices --station line-2")]
pub(super) struct Args {
    #[command(flatten)]
    reach: Reach,
    /// Folder of data directories, DIR/SERIAL.
    #[arg(long, value_name = "DIR", required_unless_present = "manifest", conflicts_with = "manifest", help_heading = LEDGER)]
    units: Option<PathBuf>,
    /// Manifest, JSON Lines: its lines must be the ledger's.
    #[arg(long, value_name = "FILE", help_heading = LEDGER)]
    manifest: Option<PathBuf>,
    /// Compare only the devices of this station.
    #[arg(long, value_name = "NAME", help_heading = LEDGER)]
    station: Option<String>,
}

/// The newest row of each serial, folded.
type Newest = HashMap<String, Row>;

/// What does not match: a serial, or a folder's name, and why.
struct Finding {
    what: String,
    why: &'static str,
}

pub(super) fn run(args: &Args, how: &How) -> Result<ExitCode, CliError> {
    let sessions = args.reach.sessions(Use::Reader, 0)?;
    let read = sessions.run(|session| {
        let mut newest = Newest::new();
        let findings = own(session)?;
        each(session, |row| {
            if args.station.as_ref().is_none_or(|station| *station == row.station) {
                let serial = folded(&row.serial);
                if newest.get(&serial).is_none_or(|older| older.attempt < row.attempt) {
                    newest.insert(serial, row);
                }
            }
            true
        })?;
        Ok((newest, findings))
    });
    let (newest, mut findings) = read.map_err(failed)?;
    match (&args.units, &args.manifest) {
        (Some(folder), _) => with_folders(&newest, folder, &mut findings)?,
        (None, Some(path)) => with_manifest(&newest, path, &mut findings)?,
        (None, None) => {}
    }
    let told: Vec<Value> = findings.iter().map(|one| json!({"what": one.what, "why": one.why})).collect();
    how.report(&json!({"compared": newest.len(), "findings": told}), || {
        let mut text = Text::new();
        for one in &findings {
            text.line(format_args!("{}: {}", one.what, one.why));
        }
        let (compared, found) = (counted(newest.len(), "device"), counted(findings.len(), "difference"));
        text.line(format_args!("{compared} compared, {found}."));
        text
    })?;
    Ok(if findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(Cause::Damaged.code()) })
}

/// What the ledger itself must hold: each line is about its row's serial, and its keys are the unit's.
fn own(session: &mut Session) -> Result<Vec<Finding>, Broken> {
    let rows = session.client.query(
        "SELECT serial FROM (SELECT serial, line::jsonb AS line, keys FROM signet.unit \
             LEFT JOIN (SELECT unit, array_agg(encode(sha256, 'hex') ORDER BY sha256) AS keys \
                        FROM signet.public_key GROUP BY unit) AS known ON known.unit = unit.id) AS both_of \
         WHERE line ->> 'serial' IS DISTINCT FROM serial \
            OR keys IS DISTINCT FROM (SELECT array_agg(key ORDER BY key COLLATE \"C\") FROM ( \
                 SELECT line ->> 'spki_sha256' AS key \
                 UNION ALL SELECT csr ->> 'spki_sha256' FROM jsonb_array_elements(line -> 'csrs') AS csr) AS told)",
        &[],
    )?;
    let why = "the ledger's row and its line differ";
    Ok(rows.iter().map(|row| Finding { what: row.get(0), why }).collect())
}

/// Each device has its folder, with its key, and no folder is another's.
fn with_folders(newest: &Newest, folder: &Path, findings: &mut Vec<Finding>) -> Result<(), CliError> {
    let unreadable = |source| CliError::Unreadable { field: "units", path: folder.to_owned(), source };
    let mut found = HashMap::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        if !entry.file_type().map_err(unreadable)?.is_dir() {
            continue;
        }
        let name = visible::path(Path::new(&entry.file_name()));
        match device_of(&entry.path()) {
            Ok(Some((serial, key))) => {
                found.insert(folded(&serial), (name, key));
            }
            // What is left of a serial that another station was faster with has neither.
            Ok(None) if !entry.path().join("pending").exists() => {}
            Ok(None) => findings.push(Finding { what: name, why: "the folder is not a finished device" }),
            Err(_) => findings.push(Finding { what: name, why: "the folder cannot be read" }),
        }
    }
    for (serial, row) in newest {
        let value: Value = serde_json::from_str(&row.line).unwrap_or_default();
        match found.remove(serial) {
            None => findings.push(Finding { what: row.serial.clone(), why: "its folder is missing" }),
            Some((name, key)) if value.get("spki_sha256").and_then(Value::as_str) != Some(key.as_str()) => {
                findings.push(Finding { what: name, why: "the folder has another key than the ledger" });
            }
            Some(_) => {}
        }
    }
    findings.extend(
        found.into_values().map(|(name, _)| Finding { what: name, why: "the ledger does not know the folder" }),
    );
    findings.sort_by(|one, other| one.what.cmp(&other.what));
    Ok(())
}

/// The last line of each serial is the ledger's, and none is missing on either side.
fn with_manifest(newest: &Newest, path: &Path, findings: &mut Vec<Finding>) -> Result<(), CliError> {
    let unreadable = |source| CliError::Unreadable { field: "manifest", path: path.to_owned(), source };
    let mut reader = BufReader::new(File::open(path).map_err(unreadable)?);
    let mut told: HashMap<String, (usize, Value)> = HashMap::new();
    let mut text = Zeroizing::new(String::new());
    for number in 1.. {
        text.clear();
        if reader.read_line(&mut text).map_err(unreadable)? == 0 {
            break;
        }
        let mut value: Value = serde_json::from_str(&text).unwrap_or_default();
        let Some(fields) = value.as_object_mut() else {
            if !text.trim().is_empty() {
                findings.push(Finding { what: format!("line {number}"), why: "it does not describe a device" });
            }
            continue;
        };
        // Neither a part of what is recorded: the code, and what an export adds.
        fields.remove("setup_code");
        fields.remove("ledger");
        let serial = fields.get("serial").and_then(Value::as_str).map(folded).unwrap_or_default();
        told.insert(serial, (number, value));
    }
    for (serial, row) in newest {
        let value: Value = serde_json::from_str(&row.line).unwrap_or_default();
        match told.remove(serial) {
            None => findings.push(Finding { what: row.serial.clone(), why: "its line is missing" }),
            Some((number, line)) if line != value => {
                let what = format!("{}, line {number}", row.serial);
                findings.push(Finding { what, why: "the line differs from the ledger's" });
            }
            Some(_) => {}
        }
    }
    for (number, _) in told.into_values() {
        findings.push(Finding { what: format!("line {number}"), why: "the ledger does not know its device" });
    }
    findings.sort_by(|one, other| one.what.cmp(&other.what));
    Ok(())
}
