//! `signet audit`: who did what, newest first, and whether the log is whole.

use super::error::CliError;
use super::json;
use super::output::{Text, tell};
use super::{Directory, Place};
use serde::Serialize;
use signet_app::audit::Entry;
use signet_domain::time;
use signet_domain::visible::{self, VALUE, bounded};
use std::process::ExitCode;

/// Options of `audit`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Print only the newest N entries [default: all].
    #[arg(long, value_name = "N")]
    last: Option<usize>,
}

#[derive(Serialize)]
struct Log<'a> {
    /// False where a line is missing or was changed.
    whole: bool,
    /// What is wrong with it.
    breaks: Vec<String>,
    entries: &'a [Entry],
}

/// Lists the log.
pub fn run(place: &Place, args: &Args) -> Result<ExitCode, CliError> {
    let services = place.services("signet audit", Directory::Existing)?;
    let log = services.audit.read()?;
    let most = args.last.unwrap_or(usize::MAX).min(log.entries.len());
    let entries = log.entries.get(..most).unwrap_or_default();
    let breaks: Vec<String> = log.state.breaks.iter().map(ToString::to_string).collect();
    if place.how.json {
        json::print(&Log { whole: breaks.is_empty(), breaks, entries })?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut text = Text::new();
    for entry in entries {
        let csr = entry.csr.as_deref().map(|csr| format!("{}: ", visible::line(csr))).unwrap_or_default();
        let who = bounded(&entry.told_by(), VALUE);
        text.line(format_args!("{}  {who}  {csr}{}", time::shown(entry.at), bounded(&entry.told(), VALUE)));
    }
    text.print()?;
    for one in breaks {
        tell(format_args!("warning: the log's integrity check failed: {one}"));
    }
    Ok(ExitCode::SUCCESS)
}
