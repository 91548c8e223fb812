//! The command line: one file a command, the same rules and words as in the browser.
//!
//! Exit codes are those of sysexits(3). An error is two lines on standard error: what failed, and what to do next.

pub mod as_owner;
pub mod check;
pub mod code;
pub mod console;
pub mod csr;
pub mod deploy;
pub mod error;
pub mod install;
pub mod output;
pub mod provision;
pub mod recover;
mod reload;
pub mod serve;
pub mod terminal;

use clap::{Parser, Subcommand};
use error::CliError;
use output::tell;
use signet_app::Services;
use signet_app::clock::Clock;
use signet_app::config::{Config, ConfigError};
use signet_store::{Limits, Opening, Store};
use std::path::PathBuf;
use std::process::ExitCode;

/// The certificate-request console of this device.
///
/// Without a command it serves the console. What lands on disk is one folder, see --data.
#[derive(Debug, Parser)]
#[command(name = "signet", version, max_term_width = 100, disable_help_subcommand = true)]
struct Cli {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: Option<Command>,
}

/// Where the console keeps everything.
#[derive(Debug, clap::Args)]
pub struct Place {
    /// The data directory [default: $STATE_DIRECTORY, else ./signet-data].
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The config file [default: DIR/signet.toml, else /etc/signet/signet.toml].
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the console over HTTPS (the default command).
    Serve(serve::Args),
    /// Make, import, list, show and hand out certificate signing requests.
    #[command(subcommand)]
    Csr(csr::Command),
    /// Show which certificate the console uses, use a CA's answer, go back.
    #[command(subcommand)]
    Console(console::Command),
    /// Look whether everything is in order: owners and modes, space, CSRs, certificate, clock, config.
    Check(check::Args),
    /// Let the owner in again, or hand the device on.
    Recover(recover::Args),
    /// Prepare data directories in the factory, one or many, before the units ever boot.
    Provision(Box<provision::Args>),
    /// Hand certificates and keys to other services of this device, as root and as --config says [default:
    /// /etc/signet/deploy.toml].
    Deploy(deploy::Args),
    /// Put the program, its units and its config into the root of a firmware image.
    Install(install::Args),
}

/// Runs the command that the arguments name.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // What asks for a condition's code must not take a wrong argument for "not now".
            let is_condition = std::env::args_os().any(|argument| argument == "needs-renewal");
            let wrong = if is_condition { csr::renew::CANNOT_TELL } else { error::USAGE };
            let code = if error.use_stderr() { wrong } else { 0 };
            // Nothing is left to do when even the usage cannot be printed.
            let _ = output::usage(error);
            return ExitCode::from(code);
        }
    };
    let failure = match &cli.command {
        Some(Command::Csr(command)) => command.failure(),
        _ => None,
    };
    match run(cli) {
        Ok(code) => code,
        Err(error) => {
            output::failure(&error);
            ExitCode::from(failure.unwrap_or(error.code()))
        }
    }
}

fn run(cli: Cli) -> Result<ExitCode, CliError> {
    let command = cli.command.unwrap_or(Command::Serve(serve::Args::default()));
    // Before anything is opened. The factory's work is root's own: it gives away what it made when it is whole. So is
    // handing over: it only reads what the owner of the directory has there.
    let is_roots = matches!(command, Command::Provision(_) | Command::Install(_) | Command::Deploy(_));
    if !is_roots && let Some(code) = as_owner::become_owner(&cli.place.data())? {
        return Ok(code);
    }
    match command {
        Command::Serve(args) => serve::run(&cli.place, args),
        Command::Csr(command) => csr::run(&cli.place, command),
        Command::Console(command) => console::run(&cli.place, command),
        Command::Check(args) => check::run(&cli.place, &args),
        Command::Recover(args) => recover::run(&cli.place, &args),
        Command::Deploy(args) => deploy::run(&cli.place, &args),
        Command::Install(args) => install::run(&args),
        Command::Provision(args) => provision::run(&cli.place, &args),
    }
}

/// Whether a command may make the data directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Directory {
    /// It makes one that is missing.
    New,
    /// It refuses a missing one: a mistyped path must not become a directory where the console never looks.
    Existing,
}

impl Place {
    /// True for a directory that bears the mark of a data directory.
    fn is_in_use(&self) -> bool {
        let store = Store::open_read_only(&self.data()).ok().flatten();
        store.is_some_and(|store| store.is_marked().unwrap_or(true))
    }

    /// The data directory's path.
    pub fn data(&self) -> PathBuf {
        let given = self.data.clone().or_else(|| {
            // systemd separates several with colons; the first is the unit's own.
            let directories = std::env::var("STATE_DIRECTORY").ok()?;
            directories.split(':').next().filter(|first| !first.is_empty()).map(PathBuf::from)
        });
        given.unwrap_or_else(|| PathBuf::from("signet-data"))
    }

    /// The config in force.
    pub fn config(&self) -> Result<Config, CliError> {
        Ok(self.load_config()?)
    }

    /// The config in force, or what is wrong with it.
    pub fn load_config(&self) -> Result<Config, ConfigError> {
        Config::load(self.config.as_deref(), &self.data())
    }

    /// The services over the data directory, which others are told is held by `command`. Where a new directory
    /// would be made, the config must be right first.
    pub fn services(&self, command: &str, directory: Directory) -> Result<Services, CliError> {
        let config = self.load_config();
        if config.is_err() && !self.is_in_use() {
            config?;
        }
        let services = self.services_despite_config(command, directory, &self.load_config())?;
        // Read once more: a reset that was finished just now has taken a config away.
        let config = self.config()?;
        for unknown in &config.unknown {
            tell(format_args!("warning: config {unknown}"));
        }
        Ok(services.with_config(config))
    }

    /// As [`Place::services`], with the defaults where the config is wrong: a reset must be able to take it away.
    pub fn services_despite_config(
        &self,
        command: &str,
        directory: Directory,
        config: &Result<Config, ConfigError>,
    ) -> Result<Services, CliError> {
        let config = config.as_ref().map_or_else(|_| Config::default(), Config::clone);
        let limits = Limits { csrs: config.max_csrs, disk_mib: config.max_disk_mib };
        let (serves, existing) = (command == serve::COMMAND, directory == Directory::Existing);
        let store = Store::open(&self.data(), Opening { command: command.to_owned(), limits, serves, existing })?;
        let services = Services::open(store, config, Clock::System);
        if services.recoveries.finish_begun()? {
            tell("note: a recovery or provisioning that was cut short has been finished.");
        }
        Ok(services)
    }
}

#[cfg(test)]
mod tests;
