//! The options of `provision`.

use crate::cli::messages::provision as say;
use std::net::IpAddr;
use std::path::PathBuf;

/// Options of `provision`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    pub(super) wanted: Wanted,
    /// List of what was made, which is appended to. It contains setup codes [default: none; with --batch DIR/manifest.jsonl].
    #[arg(long, value_name = "FILE", help_heading = BOTH)]
    pub(super) manifest: Option<PathBuf>,
}

/// What to make: options of `provision`, wherever devices are recorded.
#[derive(Debug, clap::Args)]
pub struct Wanted {
    /// Serial number of the device.
    #[arg(long, value_name = "SN", required_unless_present = "batch", conflicts_with = "batch", help_heading = DEVICE)]
    pub(super) serial: Option<String>,
    /// Its model.
    #[arg(long, conflicts_with = "batch", help_heading = DEVICE)]
    pub(super) model: Option<String>,
    /// Its host name, for the console's certificate and the label's URL.
    #[arg(long, conflicts_with = "batch", help_heading = DEVICE)]
    pub(super) hostname: Option<String>,
    /// Its MAC address.
    #[arg(long, conflicts_with = "batch", help_heading = DEVICE)]
    pub(super) mac: Option<String>,
    /// Address for the console's certificate. Repeatable.
    #[arg(long, value_name = "IP", conflicts_with = "batch", help_heading = DEVICE)]
    pub(super) address: Vec<IpAddr>,
    /// Start over: replace a data directory in use, or a serial number that is recorded. Its keys and its code are lost.
    #[arg(long, conflicts_with = "batch", help_heading = DEVICE)]
    pub(super) again: bool,
    /// CSV file with the columns serial, model, hostname and mac.
    #[arg(long, value_name = "UNITS.csv", requires = "out", help_heading = BATCH)]
    pub(super) batch: Option<PathBuf>,
    /// Folder for the data directories, DIR/SERIAL.
    #[arg(long, value_name = "DIR", requires = "batch", help_heading = BATCH)]
    pub(super) out: Option<PathBuf>,
    /// Devices made at a time, 1 to 256, each with 20 MiB of memory [default: one for each processor].
    #[arg(long, value_name = "N", requires = "batch", value_parser = clap::value_parser!(u16).range(1..=256), help_heading = BATCH)]
    pub(super) jobs: Option<u16>,
    /// Requests to create: a TOML file with a [[csr]] table for each, with the keys of `csr create --from`. {serial}, {model},
    /// {hostname} and {mac} are replaced.
    #[arg(long, value_name = "FILE", help_heading = BOTH)]
    pub(super) requests: Option<PathBuf>,
    /// Label to print, as SVG. With --batch a folder for SERIAL.svg.
    #[arg(long, value_name = "FILE", help_heading = BOTH)]
    pub(super) label: Option<PathBuf>,
    /// Owner of the data directory, as numbers; only root can set it [default: who runs the command].
    #[arg(long, value_name = "UID:GID", value_parser = owner, help_heading = BOTH)]
    pub(super) owner: Option<(u32, u32)>,
    /// Show the setup code on this device, such as /dev/console, or write it to this new file (mode 0600), and not to standard
    /// output.
    #[arg(long, value_name = "FILE", conflicts_with = "batch", help_heading = DEVICE)]
    pub(super) setup_code_file: Option<PathBuf>,
    /// Check everything and say what would be made, and make nothing. What is recorded is not read.
    #[arg(long, help_heading = BOTH)]
    pub(super) dry_run: bool,
}

const DEVICE: &str = "One device";
const BATCH: &str = "Many devices";
const BOTH: &str = "One or many";

const EXAMPLES: &str = "\
If a run is interrupted, the same command finishes it.

Examples:
  signet --data build/data provision --serial NX4-0017 --hostname vault
  signet provision --batch devices.csv --out devices --label labels";

fn owner(text: &str) -> Result<(u32, u32), String> {
    let parsed = text.split_once(':').and_then(|(uid, gid)| Some((uid.parse().ok()?, gid.parse().ok()?)));
    // -1 means no change to the kernel.
    parsed.filter(|(uid, gid)| *uid != u32::MAX && *gid != u32::MAX).ok_or_else(|| say::OWNER.to_owned())
}
