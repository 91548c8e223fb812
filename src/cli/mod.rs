//! The command line: one file a command, the same rules and words as in the browser.
//!
//! An error is two lines on standard error: what failed, and what to do next; its exit code says why ([`cause`]).

pub mod as_owner;
pub mod audit;
pub mod caller;
pub mod caller_files;
pub mod cause;
mod channel;
pub mod check;
pub mod code;
pub mod console;
pub mod csr;
pub mod deploy;
pub mod error;
pub mod flags;
pub mod how;
pub mod install;
pub mod json;
pub mod metrics;
pub mod out;
pub mod output;
pub mod provision;
pub mod recover;
mod reload;
pub mod reload_console;
pub mod secret_file;
pub mod serve;
pub mod setup;
pub mod terminal;

use as_owner::Files;
use cause::Cause;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use error::CliError;
use how::How;
use output::tell;
use signet_app::Services;
use signet_app::clock::Clock;
use signet_app::config::{Config, ConfigError};
use signet_domain::visible;
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
    #[command(flatten)]
    how: How,
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
    /// List who did what, newest first.
    Audit(audit::Args),
    /// Look whether everything is in order: owners and modes, space, CSRs, certificate, clock, config.
    Check(check::Args),
    /// Print numbers for monitoring, as Prometheus reads them.
    Metrics(metrics::Args),
    /// Set the owner's first password.
    Setup(setup::Args),
    /// Let the owner in again, or hand the device on.
    Recover(recover::Args),
    /// Prepare data directories in the factory, one or many, before the units ever boot.
    Provision(Box<provision::Args>),
    /// Hand certificates and keys to other services of this device, as root and as the list of services says.
    Deploy(deploy::Args),
    /// Put the program, its units and its config into the root of a firmware image.
    Install(install::Args),
}

/// All commands, with the exit codes in their help.
pub fn command() -> clap::Command {
    cause::described(Cli::command())
}

/// A command line that is not understood, for programs.
fn usage_told(error: &clap::Error) -> error::Told {
    let text = error.render().to_string();
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let what = lines.next().unwrap_or_default();
    let field = error.get(clap::error::ContextKind::InvalidArg).map(ToString::to_string);
    let field = field.map(|flag| flag.trim_start_matches('-').chars().take_while(|c| !" =[<".contains(*c)).collect());
    error::Told {
        code: Cause::Usage.word(),
        field,
        what: visible::bounded(what.strip_prefix("error: ").unwrap_or(what), visible::VALUE),
        remedy: "See `signet --help` and the command's own --help.".to_owned(),
    }
}

/// Runs the command that the arguments name.
pub fn main() -> ExitCode {
    let parsed = command().try_get_matches().and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => {
            // What asks for a condition's code must not take a wrong argument for "not now".
            let is_condition = std::env::args_os().any(|argument| argument == "needs-renewal");
            let wrong = if is_condition { csr::renew::CANNOT_TELL } else { Cause::Usage.code() };
            if !error.use_stderr() {
                return output::usage(error).map_or_else(
                    |error| {
                        output::failure(&error);
                        ExitCode::from(error.code())
                    },
                    |()| ExitCode::SUCCESS,
                );
            }
            if std::env::args_os().any(|argument| argument == "--json") {
                json::failure(&[usage_told(&error)]);
            }
            let _ = output::usage(error);
            return ExitCode::from(wrong);
        }
    };
    let failure = match &cli.command {
        Some(Command::Csr(command)) => command.failure(),
        _ => None,
    };
    let json = cli.place.how.json;
    match run(cli) {
        Ok(code) => code,
        Err(error) => {
            if json {
                json::failure(&error.told());
            }
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
    if !is_roots && let Some(code) = as_owner::become_owner(&cli.place.data(), files(&command, &cli.place))? {
        return Ok(code);
    }
    signet_app::audit::set_caller(caller::caller());
    match command {
        Command::Serve(args) => serve::run(&cli.place, args),
        Command::Csr(command) => csr::run(&cli.place, command),
        Command::Console(command) => console::run(&cli.place, command),
        Command::Audit(args) => audit::run(&cli.place, &args),
        Command::Check(args) => check::run(&cli.place, &args),
        Command::Metrics(args) => metrics::run(&cli.place, &args),
        Command::Setup(args) => setup::run(&cli.place, &args),
        Command::Recover(args) => recover::run(&cli.place, &args),
        Command::Deploy(args) => deploy::run(&cli.place, &args),
        Command::Install(args) => install::run(&args, &cli.place.how),
        Command::Provision(args) => provision::run(&cli.place, &args),
    }
}

/// The files that the command line names.
fn files(command: &Command, place: &Place) -> Files {
    let files = match command {
        Command::Serve(args) => args.files(),
        Command::Csr(command) => command.files(),
        Command::Recover(args) => args.files(),
        Command::Setup(args) => args.files(),
        Command::Console(_) | Command::Audit(_) | Command::Check(_) | Command::Metrics(_) => Files::default(),
        Command::Provision(_) | Command::Deploy(_) | Command::Install(_) => Files::default(),
    };
    // A service that is started so stays one process.
    match command {
        Command::Serve(_) => files.setting(&place.config),
        _ => files.input(&place.config),
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
        match &self.config {
            Some(named) => Config::read_by(named, |path| caller_files::read_to_string(path, Config::MOST)),
            None => Config::load(None, &self.data()),
        }
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
        let wait = self.how.patience();
        let opening = Opening { command: command.to_owned(), limits, serves, existing, wait };
        let store = Store::open(&self.data(), opening)?;
        let services = Services::open(store, config, Clock::System);
        if services.recoveries.finish_begun()? {
            tell("note: a recovery or provisioning that was cut short has been finished.");
        }
        Ok(services)
    }
}

#[cfg(test)]
mod tests;
