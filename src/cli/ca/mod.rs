//! `signet ca`: certificate authorities (CAs) that certificates are ordered from.

mod set;
mod show;
mod test;

use super::as_owner::Files;
use super::error::CliError;
use super::{Directory, Place};
use clap::Subcommand;
use signet_domain::authority::AuthorityName;
use std::process::ExitCode;

/// What to do with authorities.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Add a CA that certificates are ordered from.
    Add(Box<set::AddArgs>),
    /// List all CAs.
    List,
    /// Show one CA. Its secrets are never shown.
    Show(NameArgs),
    /// Try whether a CA can be reached, and show its terms and profiles. Nothing is ordered.
    Test(NameArgs),
    /// Change a CA. What is not named stays, and so does the account's key.
    Change(Box<set::ChangeArgs>),
    /// Delete a CA with its account's key.
    Delete(set::DeleteArgs),
}

/// Options of commands for one authority.
#[derive(Debug, clap::Args)]
pub struct NameArgs {
    /// Name of the CA.
    name: String,
}

impl Command {
    /// The files that it names.
    pub fn files(&self) -> Files {
        match self {
            Self::Add(args) => args.set.files(),
            Self::Change(args) => args.set.files(),
            Self::List | Self::Show(_) | Self::Test(_) | Self::Delete(_) => Files::default(),
        }
    }
}

/// Runs the command.
pub fn run(place: &Place, command: &Command) -> Result<ExitCode, CliError> {
    let (name, directory) = match command {
        Command::Add(_) => ("signet ca add", Directory::New),
        Command::List => ("signet ca list", Directory::Existing),
        Command::Show(_) => ("signet ca show", Directory::Existing),
        Command::Test(_) => ("signet ca test", Directory::Existing),
        Command::Change(_) => ("signet ca change", Directory::Existing),
        Command::Delete(_) => ("signet ca delete", Directory::Existing),
    };
    let services = place.services(name, directory)?;
    let how = &place.how;
    match command {
        Command::Add(args) => set::add(&services, args, how),
        Command::List => show::list(&services, how),
        Command::Show(args) => show::show(&services, &named(&args.name)?, how),
        Command::Test(args) => test::test(&services, &named(&args.name)?, how),
        Command::Change(args) => set::change(&services, args, how),
        Command::Delete(args) => set::delete(&services, args, how),
    }?;
    Ok(ExitCode::SUCCESS)
}

pub(super) fn named(name: &str) -> Result<AuthorityName, CliError> {
    Ok(AuthorityName::parse(name)?)
}
