//! The command line: one file a command, the same rules and words as in the browser.
//!
//! An error is two lines on standard error: what failed, and what to do next; its exit code says why ([`cause`]). A command
//! line that cannot be understood gets a usage error, which names flags as they are typed.

pub mod as_owner;
pub mod audit;
pub mod backup;
pub mod ca;
pub mod caller;
pub mod caller_files;
pub mod cause;
mod channel;
pub mod check;
pub mod code;
pub mod console;
pub mod csr;
pub mod deploy;
pub mod enroll;
pub mod error;
pub mod flags;
mod help;
pub mod how;
pub mod input;
pub mod install;
mod invocation;
pub mod journal;
pub mod json;
mod layout;
mod manual;
mod messages;
pub mod metrics;
pub mod out;
pub mod output;
pub mod owner;
pub mod place;
pub mod program;
pub mod provision;
pub mod recover;
mod reload;
pub mod reload_console;
pub mod restore;
pub mod secret_file;
pub mod serve;
pub mod setup;
pub mod style;
pub mod terminal;
mod usage;
pub mod watch;

use as_owner::Files;
use cause::Cause;
use clap::{ArgAction, Parser, Subcommand};
use error::CliError;
pub use place::{Directory, Place};
use std::path::Path;
use std::process::ExitCode;

/// The heading of the flags that every command has.
const GLOBAL: &str = "Global options";

/// Create certificate requests (CSRs) and keep their keys and certificates on this device.
#[derive(Debug, Parser)]
#[command(name = "signet", version, disable_help_subcommand = true, disable_help_flag = true, after_help = help::EXAMPLES)]
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
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the console over HTTPS (the default command).
    Serve(serve::Args),
    /// Create, import, list, show and export requests, and add their certificates.
    #[command(subcommand)]
    Csr(csr::Command),
    /// Add, test and change CAs that certificates are ordered from.
    #[command(subcommand)]
    Ca(ca::Command),
    /// Order the certificates that wait. The systemd unit signet-enroll.service runs it.
    Enroll(enroll::Args),
    /// Show or change the certificate that the console itself uses.
    #[command(subcommand)]
    Console(console::Command),
    /// List who did what, newest first.
    Audit(audit::Args),
    /// Check the data directory, requests, certificates, clock and configuration.
    Check(check::Args),
    /// Print numbers for monitoring, in the text format of Prometheus.
    Metrics(metrics::Args),
    /// Set the owner's first password.
    Setup(setup::Args),
    /// Set the owner's password, or make a link that logs in once.
    #[command(subcommand)]
    Owner(owner::Command),
    /// Write all requests with their keys and certificates into an encrypted file.
    Backup(backup::Args),
    /// Bring the requests of a backup onto this device. What is here stays.
    Restore(restore::Args),
    /// Reset the owner's password, the console's certificate or the whole device.
    Recover(recover::Args),
    /// Prepare data directories in the factory, before the devices boot.
    Provision(Box<provision::Args>),
    /// Copy certificates and keys to other services of this device, as root.
    Deploy(deploy::Args),
    /// On a device without systemd, as root: start recoveries, renewals, and copies for other services.
    Watch(watch::Args),
    /// Install program, service files and configuration into a firmware image.
    Install(install::Args),
    /// Explain a command.
    Help(help::Args),
    /// Print a script by which a shell completes commands.
    Completions(manual::CompletionsArgs),
    /// Write the manual pages into a folder.
    Man(manual::ManArgs),
}

impl Command {
    /// True for what is done as the owner of the data directory. The factory's work is root's own: it gives away what it made
    /// when it is whole. So is copying to other services, which only reads what the owner has there. Help opens nothing.
    fn is_owners(&self) -> bool {
        match self {
            Self::Ca(_) | Self::Enroll(_) => true,
            Self::Serve(_) | Self::Csr(_) | Self::Console(_) | Self::Check(_) | Self::Recover(_) => true,
            Self::Audit(_) | Self::Metrics(_) | Self::Setup(_) => true,
            Self::Owner(command) => command.is_owners(),
            Self::Backup(_) | Self::Restore(_) => true,
            Self::Provision(_) | Self::Deploy(_) | Self::Watch(_) | Self::Install(_) => false,
            Self::Help(_) | Self::Completions(_) | Self::Man(_) => false,
        }
    }
}

/// Runs the command that the arguments name.
pub fn main() -> ExitCode {
    // What asks for a condition's code must not take a wrong argument for "not now".
    let is_condition = std::env::args_os().any(|argument| argument == "needs-renewal");
    let wrong = if is_condition { csr::renew::CANNOT_TELL } else { Cause::Usage.code() };
    let cli: Cli = match program::parse(help::with_codes, wrong) {
        Ok(cli) => cli,
        Err(code) => return code,
    };
    style::choose(cli.color);
    let failure = match &cli.command {
        Some(Command::Csr(command)) => command.failure(),
        _ => None,
    };
    let json = cli.place.how.json;
    program::end::<Cli>(run(cli), json, failure)
}

fn run(cli: Cli) -> Result<ExitCode, CliError> {
    let command = cli.command.unwrap_or(Command::Serve(serve::Args::default()));
    let place = Place::found(cli.place);
    invocation::set_data_flag(place.data_flag());
    // Before anything is opened.
    let elsewhere = match &command {
        // It becomes that user by itself.
        Command::Serve(args) if args.becomes_user() => as_owner::leave_terminal(files(&command, &place))?,
        command if command.is_owners() => as_owner::become_owner(place.data(), files(command, &place))?,
        _ => None,
    };
    if let Some(code) = elsewhere {
        return Ok(code);
    }
    signet_app::audit::set_caller(caller::caller());
    match command {
        Command::Serve(args) => serve::run(&place, args),
        Command::Csr(command) => csr::run(&place, command),
        Command::Ca(command) => ca::run(&place, &command),
        Command::Enroll(args) => enroll::run(&place, &args),
        Command::Console(command) => console::run(&place, command),
        Command::Audit(args) => audit::run(&place, &args),
        Command::Check(args) => check::run(&place, &args),
        Command::Metrics(args) => metrics::run(&place, &args),
        Command::Setup(args) => setup::run(&place, &args),
        Command::Owner(command) => owner::run(&place, &command),
        Command::Backup(args) => backup::run(&place, &args),
        Command::Restore(args) => restore::run(&place, &args),
        Command::Recover(args) => recover::run(&place, &args),
        Command::Deploy(args) => deploy::run(&place, &args),
        Command::Watch(args) => watch::run(&place, &args),
        Command::Install(args) => install::run(&args, &place.how),
        Command::Provision(args) => provision::run(&place, &args),
        Command::Help(args) => help::run(&args),
        Command::Completions(args) => manual::completions(&args),
        Command::Man(args) => manual::man(&args, &place.how),
    }
}

/// The files that the command line names.
fn files(command: &Command, place: &Place) -> Files {
    let files = match command {
        Command::Serve(args) => args.files(),
        Command::Csr(command) => command.files(),
        Command::Ca(command) => command.files(),
        Command::Enroll(_) => Files::default(),
        Command::Recover(args) => args.files(),
        Command::Setup(args) => args.files(),
        Command::Owner(command) => command.files(),
        Command::Backup(args) => args.files(),
        Command::Restore(args) => args.files(),
        Command::Console(_) | Command::Audit(_) | Command::Check(_) | Command::Metrics(_) => Files::default(),
        Command::Provision(_) | Command::Deploy(_) | Command::Watch(_) | Command::Install(_) => Files::default(),
        Command::Help(_) | Command::Completions(_) | Command::Man(_) => Files::default(),
    };
    let config = place.named_config().map(Path::to_path_buf);
    // A service that is started so stays one process.
    match command {
        Command::Serve(_) => files.setting(&config),
        _ => files.input(&config),
    }
}

#[cfg(test)]
mod tests;
