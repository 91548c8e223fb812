//! `ledger status`: what is in the ledger, and what this login may do.

use super::{Reach, failed};
use crate::ledger::NEWEST_TIME;
use crate::messages::counted;
use crate::schema;
use crate::session::Use;
use serde_json::json;
use signet::cli::error::CliError;
use signet::cli::how::How;
use signet::cli::output::Text;
use std::process::ExitCode;

/// Options of `ledger status`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    reach: Reach,
}

/// What a station made.
struct Made {
    station: String,
    rows: i64,
    newest: String,
}

pub(super) fn run(args: &Args, how: &How) -> Result<ExitCode, CliError> {
    let sessions = args.reach.sessions(Use::Reader, 0)?;
    let found = sessions.run(|session| {
        let sql = format!(
            "SELECT station, count(*), {NEWEST_TIME} \
             FROM signet.made GROUP BY station ORDER BY station"
        );
        let rows = session.client.query(&sql, &[])?;
        let made: Vec<Made> =
            rows.iter().map(|row| Made { station: row.get(0), rows: row.get(1), newest: row.get(2) }).collect();
        let one = session.client.query_one(
            "SELECT (SELECT count(DISTINCT serial_folded) FROM signet.made), (SELECT count(*) FROM signet.known_key), \
             current_user::text, current_setting('server_version'), current_setting('transaction_read_only') = 'on'",
            &[],
        )?;
        Ok((made, one))
    });
    let (made, one) = found.map_err(failed)?;
    let (serials, keys): (i64, i64) = (one.get(0), one.get(1));
    let (user, server, read_only): (String, String, bool) = (one.get(2), one.get(3), one.get(4));
    let stations: Vec<_> =
        made.iter().map(|one| json!({"station": one.station, "attempts": one.rows, "newest": one.newest})).collect();
    let value = json!({
        "version": schema::VERSION, "server": server, "user": user, "read_only": read_only,
        "devices": serials, "public_keys": keys, "stations": stations,
    });
    how.report(&value, || {
        let mut text = Text::new();
        let fact = |text: &mut Text, label: &str, value: String| {
            text.fact(label, 11, [value]);
        };
        fact(&mut text, "Ledger", format!("{}, version {}", sessions.target().shown(), schema::VERSION));
        fact(&mut text, "Server", format!("PostgreSQL {server}{}", if read_only { ", read-only" } else { "" }));
        fact(&mut text, "Login", user.clone());
        fact(&mut text, "Devices", serials.to_string());
        fact(&mut text, "Public keys", keys.to_string());
        for one in &made {
            let attempts = counted(usize::try_from(one.rows).unwrap_or_default(), "attempt");
            fact(&mut text, "Station", format!("{}: {attempts}, the last on {}", one.station, one.newest));
        }
        text
    })?;
    Ok(ExitCode::SUCCESS)
}
