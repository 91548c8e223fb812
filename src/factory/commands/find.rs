//! `ledger find`: where and when a device was made.

use super::{Reach, failed};
use crate::error::trouble;
use crate::ledger::TIME;
use crate::session::Use;
use serde_json::{Value, json};
use signet::cli::error::CliError;
use signet::cli::how::How;
use signet::cli::output::Text;
use signet_app::provision::register::Trouble;
use signet_domain::hex;
use signet_domain::invalid::quoted;
use signet_domain::unit::{Unit, folded};
use std::process::ExitCode;

/// Options of `ledger find`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  signet-factory ledger find NX4-24-0017\n  signet-factory ledger find 02:00:5e:10:00:11"
)]
pub(super) struct Args {
    /// A serial number, the SHA-256 of a public key in hex, or a MAC address.
    what: String,
    #[command(flatten)]
    reach: Reach,
}

pub(super) fn run(args: &Args, how: &How) -> Result<ExitCode, CliError> {
    let sessions = args.reach.sessions(Use::Reader, 0)?;
    let what = args.what.trim();
    let digest = hex::decode(&what.replace(':', "").to_ascii_lowercase()).filter(|bytes| bytes.len() == 32);
    let mac = Unit::parse("A1", "", "", what).ok().and_then(|unit| unit.mac().map(str::to_owned));
    let rows = sessions.run(|session| {
        let columns = format!("serial, attempt, station, {TIME} AS shown, coalesce(mac, ''), coalesce(key, '')");
        // A serial may look like any of the three.
        let sql = format!(
            "SELECT {columns} FROM signet.made WHERE serial_folded = $1 \
             UNION SELECT {columns} FROM signet.made WHERE mac = $2 \
             UNION SELECT {columns} FROM signet.made WHERE (serial_folded, attempt) IN \
                 (SELECT serial_folded, attempt FROM signet.known_key WHERE sha256 = $3) \
             ORDER BY serial, attempt"
        );
        Ok(session.client.query(&sql, &[&folded(what), &mac, &digest])?)
    });
    let rows = rows.map_err(failed)?;
    if rows.is_empty() {
        let told = format!("the ledger at {} has nothing for {}", sessions.target().shown(), quoted(what));
        let fix = "Check the value. A public key is found by the SHA-256 of its SubjectPublicKeyInfo.";
        return Err(failed(trouble(Trouble::NotFound, told, fix)));
    }
    let column = |row: &postgres::Row, at: usize| row.get::<_, String>(at);
    let devices: Vec<Value> = rows
        .iter()
        .map(|row| {
            json!({
                "serial": column(row, 0), "attempt": row.get::<_, i32>(1), "station": column(row, 2),
                "time": column(row, 3), "mac": Some(column(row, 4)).filter(|mac| !mac.is_empty()),
                "spki_sha256": column(row, 5),
            })
        })
        .collect();
    how.report(&json!({"devices": devices}), || {
        let mut text = Text::new();
        for row in &rows {
            text.fact("Serial", 10, [column(row, 0)]);
            text.fact("Attempt", 10, [row.get::<_, i32>(1).to_string()]);
            text.fact("Station", 10, [column(row, 2)]);
            text.fact("Time", 10, [column(row, 3)]);
            if !column(row, 4).is_empty() {
                text.fact("MAC", 10, [column(row, 4)]);
            }
            text.fact("Public key", 10, [column(row, 5)]);
        }
        text
    })?;
    Ok(ExitCode::SUCCESS)
}
