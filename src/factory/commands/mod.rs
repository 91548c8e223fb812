//! The program's commands, and how they reach the ledger.

mod codes;
mod export;
mod find;
mod import;
mod init;
mod man;
mod provision;
mod status;
mod verify;

use crate::enroll::Enrolling;
use crate::labels::PublicKey;
use crate::ledger::Ledger;
use crate::passfile;
use crate::session::{Sessions, Use};
use crate::target::{Source, Target};
use clap::{ArgAction, CommandFactory, Parser, Subcommand};
use signet::cli::cause::Cause;
use signet::cli::error::CliError;
use signet::cli::place::{self, Place};
use signet::cli::{program, style};
use signet_app::provision::ProvisionError;
use signet_app::provision::register::RegisterError;
use signet_domain::invalid::Invalid;
use signet_domain::visible;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// The heading of the flags that every command has, as `signet` has it.
const GLOBAL: &str = "Global options";
const LEDGER: &str = "Ledger";

/// Prepare data directories at many stations, with one ledger that no serial and no key enters twice.
#[derive(Debug, Parser)]
#[command(name = "signet-factory", version, disable_help_subcommand = true, disable_help_flag = true)]
struct Cli {
    #[command(flatten)]
    place: place::Args,
    /// Use colours. auto: on a terminal, unless NO_COLOR is set.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", help_heading = GLOBAL)]
    color: style::Color,
    /// Print help.
    #[arg(short, long, global = true, action = ArgAction::Help, help_heading = GLOBAL)]
    help: Option<bool>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Prepare data directories, before the devices boot, and record them in the ledger.
    Provision(Box<provision::Args>),
    /// Set up the ledger, read it, and compare it with what is on disk.
    #[command(subcommand)]
    Ledger(LedgerCommand),
    /// Write the manual pages into a folder.
    Man(man::Args),
}

#[derive(Debug, Subcommand)]
enum LedgerCommand {
    /// Create the tables in a database, or bring older ones up to date.
    Init(init::Args),
    /// Show how many devices are recorded, by which stations, and what this login may do.
    Status(status::Args),
    /// Find a device by its serial number, a public key or a MAC address.
    Find(find::Args),
    /// Print all devices, as JSON Lines without setup codes.
    Export(export::Args),
    /// Compare the ledger with a manifest or with data directories.
    Verify(verify::Args),
    /// Record the devices of a manifest.
    Import(import::Args),
    /// Open the sealed setup codes, for printing labels.
    Codes(codes::Args),
}

/// Where the ledger is.
#[derive(Debug, clap::Args)]
struct Reach {
    /// The ledger's database, such as postgres://user@host/factory?sslmode=verify-full&sslrootcert=ca.pem, without a password
    /// [default: $DATABASE_URL].
    #[arg(long, value_name = "URL", help_heading = LEDGER)]
    ledger: Option<String>,
}

impl Reach {
    /// Connections for this use, which wait so long for a server that is away.
    fn sessions(&self, purpose: Use, wait: u16) -> Result<Sessions, CliError> {
        let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let text = |name: &str| variable(name).and_then(|value| value.into_string().ok());
        let login = text("PGUSER").or_else(|| text("USER")).unwrap_or_default();
        let target = match (&self.ledger, text("DATABASE_URL")) {
            (Some(url), _) => Target::parse(url, Source::Argument, &login)?,
            (None, Some(url)) => Target::parse(&url, Source::Variable, &login)?,
            (None, None) => {
                return Err(CliError::Usage {
                    what: "no ledger is named",
                    fix: "Add --ledger URL, or set DATABASE_URL.",
                });
            }
        };
        let password = passfile::password(&target, variable)?;
        let wait = Duration::from_secs(wait.into());
        Sessions::new(target, password.as_ref(), purpose, wait).map_err(failed)
    }
}

/// A trouble of the ledger as a failure of the command.
fn failed(error: Box<RegisterError>) -> CliError {
    CliError::Provision(ProvisionError::Register(error))
}

/// Who records, and what of the setup codes.
#[derive(Debug, clap::Args)]
struct Recording {
    /// The station's name in the ledger [default: this machine's].
    #[arg(long, value_name = "NAME", help_heading = LEDGER)]
    station: Option<String>,
    /// Seal setup codes to this public key (X25519, PEM), so that only the label printer can read them in the ledger.
    #[arg(long, value_name = "FILE", required_unless_present = "no_codes", conflicts_with = "no_codes", help_heading = LEDGER)]
    labels_key: Option<PathBuf>,
    /// Do not send setup codes to the ledger.
    #[arg(long, help_heading = LEDGER)]
    no_codes: bool,
}

impl Recording {
    /// The ledger as this station uses it.
    fn ledger(&self, reach: &Reach, wait: u16, enrolling: Option<Enrolling>) -> Result<Ledger, CliError> {
        let station = self.station()?;
        let labels = self.labels_key.as_deref().map(PublicKey::read).transpose()?;
        Ok(Ledger { sessions: reach.sessions(Use::Station, wait)?, station, labels, enrolling })
    }

    /// The name of this station: what was given, else the machine's.
    fn station(&self) -> Result<String, CliError> {
        let own = rustix::system::uname().nodename().to_string_lossy().into_owned();
        let name = self.station.as_ref().map_or(own, |given| given.trim().to_owned());
        if name.is_empty() || name.chars().count() > 64 || name.chars().any(visible::is_hidden) {
            let what = "The station's name has 1 to 64 characters, and none that cannot be seen.";
            return Err(Invalid::new("station", what, "Give it a name that your factory knows, such as line-2.").into());
        }
        Ok(name)
    }
}

fn with_codes() -> clap::Command {
    program::with_codes(Cli::command())
}

/// Runs the command that the arguments name.
pub fn main() -> ExitCode {
    let cli: Cli = match program::parse(with_codes, Cause::Usage.code()) {
        Ok(cli) => cli,
        Err(code) => return code,
    };
    style::choose(cli.color);
    let is_json = cli.place.how().json;
    program::end::<Cli>(run(cli), is_json, None)
}

fn run(cli: Cli) -> Result<ExitCode, CliError> {
    let place = Place::found(cli.place);
    match cli.command {
        Command::Provision(args) => provision::run(&place, &args),
        Command::Ledger(command) => match command {
            LedgerCommand::Init(args) => init::run(&args, &place.how),
            LedgerCommand::Status(args) => status::run(&args, &place.how),
            LedgerCommand::Find(args) => find::run(&args, &place.how),
            LedgerCommand::Export(args) => export::run(&args),
            LedgerCommand::Verify(args) => verify::run(&args, &place.how),
            LedgerCommand::Import(args) => import::run(&args, &place.how),
            LedgerCommand::Codes(args) => codes::run(&args, &place.how),
        },
        Command::Man(args) => man::run(&args, &place.how),
    }
}
