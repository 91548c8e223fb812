//! `ledger init`: tables, and roles where they are asked for.

use super::{LEDGER, Reach, failed};
use crate::schema;
use crate::session::Use;
use serde_json::json;
use signet::cli::error::CliError;
use signet::cli::how::How;
use signet::cli::output::Text;
use std::process::ExitCode;

/// Options of `ledger init`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  signet-factory ledger init --roles --ledger 'postgres:///factory?host=/run/postgresql'"
)]
pub(super) struct Args {
    #[command(flatten)]
    reach: Reach,
    /// Also create the roles signet_station and signet_labels. They belong to the server: a restored database needs them first.
    #[arg(long, help_heading = LEDGER)]
    roles: bool,
}

pub(super) fn run(args: &Args, how: &How) -> Result<ExitCode, CliError> {
    let sessions = args.reach.sessions(Use::Bare, 0)?;
    let done =
        sessions.run(|session| schema::set_up(&mut session.client, sessions.target(), args.roles)).map_err(failed)?;
    let value = json!({
        "changed": done.before != schema::VERSION, "from": done.before, "version": schema::VERSION, "roles": done.roles,
    });
    how.report(&value, || {
        let (place, version) = (sessions.target().shown(), schema::VERSION);
        let mut text = Text::new();
        match done.before {
            0 => text.line(format_args!("Created the ledger in {place}, version {version}.")),
            before if before == version => {
                text.line(format_args!("The ledger in {place} has version {version} already."))
            }
            before => text.line(format_args!("Updated the ledger in {place} from version {before} to {version}.")),
        };
        match done.roles {
            true => text.line("Roles: signet_station for stations, signet_labels for label printers."),
            false => text.line("There are no roles for stations yet. Add them: signet-factory ledger init --roles"),
        };
        text
    })?;
    Ok(ExitCode::SUCCESS)
}
