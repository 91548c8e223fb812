//! `signet csr`: the same rules and words as the wizard, for scripts and for support.

pub mod answer;
pub mod create;
pub mod deploy;
pub mod export;
pub mod import;
pub mod keep;
pub mod record;
pub mod renew;

use super::error::CliError;
use super::output::raw;
use super::{Directory, Place, terminal};
use clap::Subcommand;
use signet_domain::name::CsrName;
use signet_domain::visible;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use zeroize::Zeroizing;

/// What to do with CSRs.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a key and a request.
    Create(Box<create::Args>),
    /// Import a request that was made elsewhere, with its key.
    Import(import::Args),
    /// List all CSRs.
    List(export::ListArgs),
    /// Show one CSR, decoded.
    Show(export::ShowArgs),
    /// Make a CSR with the answers of another one, which it supersedes.
    Renew(renew::RenewArgs),
    /// Tell by the exit code whether a CSR's certificate is due to be renewed.
    NeedsRenewal(renew::NeedsRenewalArgs),
    /// Show when a CSR's certificate ends, or write it for a calendar.
    Expiry(renew::ExpiryArgs),
    /// Write the request to a file or to standard output, to be sent to the CA; or the certificate that came back.
    Export(export::ExportArgs),
    /// Take what the CA sent: find the CSR it belongs to, check it, show what was asked and what came, keep it.
    Answer(answer::Args),
    /// Write key, certificate and chain as an encrypted PKCS#12 file.
    Pkcs12(export::Pkcs12Args),
    /// Write the private key to a file or to standard output.
    Key(export::KeyArgs),
    /// Give a CSR another name.
    Rename(keep::RenameArgs),
    /// Let other services of this device use a CSR's certificate and key, or stop it.
    Deploy(deploy::Args),
    /// Delete a CSR and the only copy of its private key.
    Delete(keep::DeleteArgs),
}

impl Command {
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
        Command::List(_) => "signet csr list",
        Command::Show(_) => "signet csr show",
        Command::Renew(_) => "signet csr renew",
        Command::NeedsRenewal(_) => "signet csr needs-renewal",
        Command::Expiry(_) => "signet csr expiry",
        Command::Export(_) => "signet csr export",
        Command::Answer(_) => "signet csr answer",
        Command::Pkcs12(_) => "signet csr pkcs12",
        Command::Key(_) => "signet csr key",
        Command::Rename(_) => "signet csr rename",
        Command::Deploy(_) => "signet csr deploy",
        Command::Delete(_) => "signet csr delete",
    };
    let directory = match command {
        Command::Create(_) | Command::Import(_) => Directory::New,
        _ => Directory::Existing,
    };
    let services = place.services(command_name, directory)?;
    match command {
        Command::Create(args) => create::run(&services, &args),
        Command::Import(args) => import::run(&services, &args),
        Command::List(args) => export::list(&services, &args),
        Command::Show(args) => export::show(&services, &args),
        Command::Renew(args) => renew::renew(&services, &args),
        Command::NeedsRenewal(args) => return renew::needs_renewal(&services, &args),
        Command::Expiry(args) => renew::expiry(&services, &args),
        Command::Export(args) => export::export(&services, &args),
        Command::Answer(args) => answer::run(&services, &args),
        Command::Pkcs12(args) => export::pkcs12(&services, &args),
        Command::Key(args) => export::key(&services, &args),
        Command::Rename(args) => keep::rename(&services, &args),
        Command::Deploy(args) => deploy::run(&services, &args),
        Command::Delete(args) => keep::delete(&services, &args),
    }?;
    Ok(ExitCode::SUCCESS)
}

/// Where a CSR's file is, and what it holds.
fn lies_in(path: &Path) -> String {
    let path = visible::path(path);
    format!("It lies in {path} (mode 0600), which also holds the private key: do not send that file.")
}

/// The name of an existing CSR, as the command line gives it.
fn named(name: &str) -> Result<CsrName, CliError> {
    Ok(CsrName::parse(name)?)
}

/// Reads a file, or standard input for `-`; at most `limit` bytes, into memory that is zeroized.
pub(super) fn read(path: &Path, limit: u64) -> Result<Zeroizing<Vec<u8>>, CliError> {
    let failed = |source| CliError::Unreadable { path: path.to_owned(), source };
    let mut content = Zeroizing::new(Vec::with_capacity(usize::try_from(limit).unwrap_or(0)));
    let reader: Box<dyn Read> =
        if path == Path::new("-") { terminal::input() } else { Box::new(std::fs::File::open(path).map_err(failed)?) };
    reader.take(limit + 1).read_to_end(&mut content).map_err(failed)?;
    if u64::try_from(content.len()).unwrap_or(u64::MAX) > limit {
        return Err(failed(std::io::Error::new(
            std::io::ErrorKind::FileTooLarge,
            format!("larger than {limit} bytes"),
        )));
    }
    Ok(content)
}

/// Writes to a new file by `make`, or to standard output for none and `-`, byte for byte; gives the file that was made.
fn write(
    path: Option<&Path>,
    content: &[u8],
    make: fn(&Path, &[u8]) -> std::io::Result<()>,
) -> Result<Option<PathBuf>, CliError> {
    match path {
        None => raw(content).map(|()| None),
        Some(path) if path == Path::new("-") => raw(content).map(|()| None),
        Some(path) => {
            make(path, content).map_err(|source| CliError::Unwritable { path: path.to_owned(), source })?;
            Ok(Some(path.to_owned()))
        }
    }
}
