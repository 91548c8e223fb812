//! `ledger export`: every device, oldest first, as a line of JSON without its code.

use super::{Reach, failed};
use crate::ledger::TIME;
use crate::session::{Session, Use};
use postgres::fallible_iterator::FallibleIterator;
use serde_json::{Value, json};
use signet::cli::error::CliError;
use signet::cli::output::raw;
use signet_app::json as print;
use std::process::ExitCode;

/// Options of `ledger export`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    reach: Reach,
}

pub(super) fn run(args: &Args) -> Result<ExitCode, CliError> {
    let sessions = args.reach.sessions(Use::Reader, 0)?;
    let mut stopped = None;
    sessions
        .run(|session| {
            each(session, |row| {
                let line = format!("{}\n", print::to_string(&row.to_json()));
                stopped = raw(line.as_bytes()).err();
                stopped.is_none()
            })
        })
        .map_err(failed)?;
    stopped.map_or(Ok(ExitCode::SUCCESS), Err)
}

/// A row of the ledger.
pub(super) struct Row {
    pub(super) serial: String,
    pub(super) attempt: i32,
    pub(super) station: String,
    pub(super) time: String,
    /// The manifest's line without the code.
    pub(super) line: String,
}

impl Row {
    fn to_json(&self) -> Value {
        let mut value: Value = serde_json::from_str(&self.line).unwrap_or_default();
        if let Some(fields) = value.as_object_mut() {
            let ledger = json!({"attempt": self.attempt, "station": self.station, "time": self.time});
            fields.insert("ledger".to_owned(), ledger);
        }
        value
    }
}

/// Reads all rows, oldest first, one after the other, until `visit` says no.
pub(super) fn each(session: &mut Session, mut visit: impl FnMut(Row) -> bool) -> Result<(), crate::error::Broken> {
    let sql =
        format!("SELECT serial, attempt, station, {TIME}, line FROM signet.unit ORDER BY unit.time, serial_folded");
    let none: [&str; 0] = [];
    let mut rows = session.client.query_raw(&sql, none)?;
    while let Some(row) = rows.next()? {
        let row =
            Row { serial: row.get(0), attempt: row.get(1), station: row.get(2), time: row.get(3), line: row.get(4) };
        if !visit(row) {
            break;
        }
    }
    Ok(())
}
