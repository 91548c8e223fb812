//! `signet watch`: for devices without systemd, what its path units and timers do.
//!
//! Looks every few seconds, by stat alone, whether the reset button has left a marker, whether a request or the list of services
//! has changed, and whether renewals are to be checked, and starts the command for it. It stays root, as the reset button's
//! folder and other services' files are root's; each command becomes the owner of the data directory where it should. It knows
//! nothing of what the commands do.

mod changes;
mod child;
mod markers;
mod renewals;

use super::error::CliError;
use super::{Place, json};
use crate::cli::messages::watch as say;
use changes::Deployments;
use child::{Commands, Ran};
use markers::Markers;
use renewals::Renewals;
use serde::Serialize;
use signet_app::config::SERVICES;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Options of `watch`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  signet watch --data /var/lib/signet")]
pub struct Args {
    /// Do now whatever is to be done, and end.
    #[arg(long)]
    once: bool,
    /// Seconds between two looks, 1 to 3600.
    #[arg(long, value_name = "SECONDS", default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..=3600))]
    interval: u64,
    /// Folder where the handler of the reset button leaves an empty file named password, identity, lockout or factory-reset.
    #[arg(long, value_name = "DIR", default_value = markers::FOLDER)]
    recovery: PathBuf,
    /// The list of services; without it nothing is handed to them.
    #[arg(long, value_name = "FILE", default_value = SERVICES)]
    services: PathBuf,
    /// The requests that are renewed when they are due: one name a line. Without it none is.
    #[arg(long, value_name = "FILE", default_value = renewals::FILE)]
    renewals: PathBuf,
}

/// How nice it is, with what it starts: everything else on the device is more important.
const NICE: i32 = 10;

/// Watches until it is stopped.
pub fn run(place: &Place, args: &Args) -> Result<ExitCode, CliError> {
    if !rustix::process::geteuid().is_root() {
        return Err(CliError::NotRoot { what: say::ONLY_ROOT });
    }
    // A kernel or container that refuses it costs nothing but politeness.
    let _ = rustix::process::setpriority_process(None, NICE);
    let data = std::path::absolute(place.data()).map_err(CliError::Os)?;
    let commands = Commands { data, is_silent: place.how.json };
    let mut markers = Markers::new(args.recovery.clone());
    let mut deployments = Deployments::new(&commands.data, args.services.clone());
    let mut renewals = Renewals::new(args.renewals.clone());
    loop {
        let now = Instant::now();
        let mut done = markers.look(&commands, now);
        done.extend(deployments.look(&commands, now));
        done.extend(renewals.look(&commands, now, args.once));
        if args.once {
            let code = done.iter().map(|ran| ran.code).find(|code| *code != 0).unwrap_or_default();
            if place.how.json {
                json::print(&Done { commands: done })?;
            }
            return Ok(ExitCode::from(code));
        }
        std::thread::sleep(Duration::from_secs(args.interval));
    }
}

/// What was done, for programs.
#[derive(Serialize)]
struct Done {
    commands: Vec<Ran>,
}
