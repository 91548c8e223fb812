//! `signet owner`: the owner by command, for a vendor whose own first boot and login work together with this console.

mod link;
pub mod set;
pub mod ticket;

use super::Place;
use super::as_owner::Files;
use super::error::CliError;
use clap::Subcommand;
use std::process::ExitCode;

/// What is done for the owner.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Set the owner's password, the first one or another one.
    Set(set::Args),
    /// Make a link that logs in once within a minute, without the password. As root.
    Ticket(ticket::Args),
}

impl Command {
    /// True for what is done as the owner of the data directory. A ticket is root's own.
    pub fn is_owners(&self) -> bool {
        matches!(self, Self::Set(_))
    }

    /// The files that it names.
    pub fn files(&self) -> Files {
        match self {
            Self::Set(args) => args.files(),
            Self::Ticket(_) => Files::default(),
        }
    }
}

/// Runs the command.
pub fn run(place: &Place, command: &Command) -> Result<ExitCode, CliError> {
    match command {
        Command::Set(args) => set::run(place, args),
        Command::Ticket(args) => ticket::run(place, args),
    }
}
