//! `signet csr`: the same rules as the wizard, for scripts and for support.

pub mod answer;
pub mod apply;
pub mod check;
pub mod create;
pub mod deploy;
pub mod enroll;
pub mod entries;
pub mod export;
pub mod given;
pub mod import;
pub mod keep;
pub mod record;
pub mod renew;
pub mod revoke;
mod table;
mod wanted;

use super::as_owner::Files;
use super::error::CliError;
use super::{Directory, Place};
use crate::cli::messages::requests as say;
use clap::Subcommand;
use signet_app::Services;
use signet_domain::name::CsrName;
use signet_domain::visible;
use std::path::Path;
use std::process::ExitCode;

/// What to do with requests.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Create a private key and a request.
    Create(Box<create::Args>),
    /// Import a request that was made elsewhere, or a certificate, with its private key.
    Import(import::Args),
    /// Create the requests that a file lists. What differs is replaced by a new request; nothing is deleted.
    Apply(apply::Args),
    /// List all requests.
    List,
    /// Show one request, decoded.
    Show(export::ShowArgs),
    /// Create a request that renews another one.
    Renew(renew::RenewArgs),
    /// Say by the exit code whether a certificate is due to be renewed.
    NeedsRenewal(renew::NeedsRenewalArgs),
    /// Show when a certificate expires, or write it for a calendar.
    Expiry(renew::ExpiryArgs),
    /// Write the request, to send it to the CA, or the certificate.
    Export(export::ExportArgs),
    /// Order the certificate from a CA, and keep it when it comes.
    Enroll(enroll::Args),
    /// Have the CA revoke the certificate, which it issued by ACME.
    Revoke(revoke::Args),
    /// Say what a kind of CA would refuse, leave out or ignore.
    Check(check::Args),
    /// Add the certificate that the CA issued.
    #[command(name = "add-certificate", alias = "answer")]
    Answer(answer::Args),
    /// Write private key, certificate and chain as an encrypted PKCS#12 file.
    Pkcs12(export::Pkcs12Args),
    /// Write the private key.
    Key(export::KeyArgs),
    /// Rename a request.
    Rename(keep::RenameArgs),
    /// Write or remove the note of a request.
    Note(keep::NoteArgs),
    /// Let other services of this device use a certificate and its key, or stop it.
    Deploy(deploy::Args),
    /// Delete a request and its private key.
    Delete(keep::DeleteArgs),
}

impl Command {
    /// The files that it names.
    pub fn files(&self) -> Files {
        let files = Files::default();
        match self {
            Self::Create(args) => files.input(&args.from).input(args.issuer_file().as_ref()),
            Self::Import(args) => {
                let given = [&args.request, &args.certificate, &args.pkcs12, &args.key, &args.passphrase_file];
                files.input(given.into_iter().flatten())
            }
            Self::Apply(args) => files.input([&args.file]),
            Self::Export(args) => files.output(&args.out.out),
            Self::Answer(args) => files.input([&args.certificate]),
            Self::Pkcs12(args) => files.input([&args.passphrase_file]).output(&args.out.out),
            Self::Key(args) => files.input(&args.passphrase_file).output(&args.out.out),
            Self::Note(args) => files.input(&args.file),
            Self::List
            | Self::Show(_)
            | Self::Renew(_)
            | Self::NeedsRenewal(_)
            | Self::Expiry(_)
            | Self::Enroll(_)
            | Self::Revoke(_)
            | Self::Check(_)
            | Self::Rename(_)
            | Self::Deploy(_)
            | Self::Delete(_) => files,
        }
    }

    /// The exit code of a failure, where the command has one of its own.
    pub fn failure(&self) -> Option<u8> {
        matches!(self, Self::NeedsRenewal(_)).then_some(renew::CANNOT_TELL)
    }
}

/// Runs the command.
pub fn run(place: &Place, command: Command) -> Result<ExitCode, CliError> {
    let command_name = match command {
        Command::Create(_) => "signet csr create",
        Command::Import(_) => "signet csr import",
        Command::Apply(_) => "signet csr apply",
        Command::List => "signet csr list",
        Command::Show(_) => "signet csr show",
        Command::Renew(_) => "signet csr renew",
        Command::NeedsRenewal(_) => "signet csr needs-renewal",
        Command::Expiry(_) => "signet csr expiry",
        Command::Export(_) => "signet csr export",
        Command::Enroll(_) => "signet csr enroll",
        Command::Revoke(_) => "signet csr revoke",
        Command::Check(_) => "signet csr check",
        Command::Answer(_) => "signet csr add-certificate",
        Command::Pkcs12(_) => "signet csr pkcs12",
        Command::Key(_) => "signet csr key",
        Command::Rename(_) => "signet csr rename",
        Command::Note(_) => "signet csr note",
        Command::Deploy(_) => "signet csr deploy",
        Command::Delete(_) => "signet csr delete",
    };
    let directory = match command {
        Command::Create(_) | Command::Import(_) | Command::Apply(_) => Directory::New,
        _ => Directory::Existing,
    };
    let services = place.services(command_name, directory)?;
    let how = &place.how;
    match command {
        Command::Create(args) => create::run(&services, &args, how),
        Command::Import(args) => import::run(&services, &args, how),
        Command::Apply(args) => return apply::run(&services, &args, how),
        Command::List => export::list(&services, how),
        Command::Show(args) => export::show(&services, &args, how),
        Command::Renew(args) => renew::renew(&services, &args, how),
        Command::NeedsRenewal(args) => return renew::needs_renewal(&services, &args, how),
        Command::Expiry(args) => renew::expiry(&services, &args, how),
        Command::Export(args) => export::export(&services, &args, how),
        Command::Enroll(args) => return enroll::run(&services, &args, how),
        Command::Revoke(args) => return revoke::run(&services, &args, how),
        Command::Check(args) => return check::run(&services, &args, how),
        Command::Answer(args) => return answer::run(&services, &args, how),
        Command::Pkcs12(args) => export::pkcs12(&services, &args, how),
        Command::Key(args) => export::key(&services, &args, how),
        Command::Rename(args) => keep::rename(&services, &args, how),
        Command::Note(args) => keep::note(&services, &args, how),
        Command::Deploy(args) => deploy::run(&services, &args, how),
        Command::Delete(args) => keep::delete(&services, &args, how),
    }?;
    Ok(ExitCode::SUCCESS)
}

/// Where a request's file is, and what it holds.
fn lies_in(path: &Path) -> String {
    say::file(&visible::path(path))
}

/// A name as the command line gives it.
fn named(name: &str) -> Result<CsrName, CliError> {
    Ok(CsrName::parse(name)?)
}

/// The name of an existing request, as it is stored: names are not case-sensitive.
pub(super) fn stored(services: &Services, name: &str) -> Result<CsrName, CliError> {
    Ok(services.catalog.as_stored(&named(name)?)?)
}

/// The last request with a certificate that replaced this one; this one where there is none.
pub(super) fn current(services: &Services, name: &str) -> Result<CsrName, CliError> {
    Ok(services.catalog.lineage()?.in_force(&stored(services, name)?))
}
