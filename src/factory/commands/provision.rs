//! `provision`: as `signet provision` does it, recorded in the ledger.

use super::{Reach, Recording, failed};
use crate::enroll::Enrolling;
use signet::cli::Place;
use signet::cli::error::CliError;
use signet::cli::provision::{self, Wanted, provision_in};
use signet_app::provision::register::Register;
use signet_domain::unit::Unit;
use signet_domain::visible;
use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

/// Options of `provision`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    #[command(flatten)]
    wanted: Wanted,
    #[command(flatten)]
    reach: Reach,
    #[command(flatten)]
    recording: Recording,
    /// Order certificates for the devices' requests from this CA, before the devices are published.
    #[arg(long, value_name = "CA", requires_all = ["authorities", "requests"], help_heading = CERTIFICATES)]
    enroll: Option<String>,
    /// Data directory of this station, in which `signet ca add` has set up the CA.
    #[arg(long, value_name = "DIR", requires = "enroll", help_heading = CERTIFICATES)]
    authorities: Option<PathBuf>,
}

const CERTIFICATES: &str = "Certificates";

const EXAMPLES: &str = "\
If a run is interrupted, the same command finishes it. While the ledger is away, a station waits for --wait seconds, 60 where
nothing is said.

Examples:
  signet-factory provision --batch devices.csv --out devices --jobs 4 --labels-key labels.pub
  signet-factory --data build/data provision --serial NX4-0017 --hostname vault --no-codes
  signet-factory provision --batch devices.csv --out devices --requests requests.toml --no-codes --enroll plant --authorities station";

/// How long a station waits for a ledger that is away, seconds.
const WAIT: u16 = 60;
/// The rows that are to be run again.
const LEFT: &str = "rows-to-run-again.csv";

pub(super) fn run(place: &Place, args: &Args) -> Result<ExitCode, CliError> {
    let wait = place.how.wait.unwrap_or(WAIT);
    let enrolling = match (&args.enroll, &args.authorities) {
        (Some(name), Some(data)) => {
            let proxy = place.config()?.outgoing_proxy;
            Some(Enrolling::open(data, name, proxy, Duration::from_secs(wait.into()))?)
        }
        _ => None,
    };
    let ledger = args.recording.ledger(&args.reach, wait, enrolling)?;
    let told = format!("Ledger: {}, as station {}", ledger.sessions.target().shown(), ledger.station);
    let is_reached = OnceCell::new();
    let recording = provision::Recording {
        open: &|| {
            if is_reached.set(()).is_ok() {
                // Whatever is wrong with the ledger is known before anything is made.
                ledger.sessions.run(|_| Ok(())).map_err(failed)?;
            }
            Ok(Some(&ledger as &dyn Register))
        },
        place: Some(told),
        not_made: &keep_rows,
        is_shared: true,
    };
    provision_in(place, &args.wanted, &recording)
}

/// Writes the rows of a batch that were not made beside the devices.
fn keep_rows(out: &Path, units: &[&Unit]) -> Result<Option<String>, CliError> {
    let path = out.join(LEFT);
    let mut rows = csv::Writer::from_writer(Vec::new());
    let unwritable = |source: std::io::Error| CliError::Unwritable { path: path.clone(), source };
    let of_csv = |error: csv::Error| unwritable(std::io::Error::other(error));
    rows.write_record(["serial", "model", "hostname", "mac"]).map_err(of_csv)?;
    for unit in units {
        let field = |value: Option<&str>| value.unwrap_or_default().to_owned();
        let row = [unit.serial().to_owned(), field(unit.model()), field(unit.hostname()), field(unit.mac())];
        rows.write_record(row).map_err(of_csv)?;
    }
    let text = rows.into_inner().map_err(|error| unwritable(error.into_error()))?;
    std::fs::write(&path, text).map_err(unwritable)?;
    Ok(Some(visible::path(&path)))
}
