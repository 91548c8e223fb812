//! `signet csr import`: a request that was made elsewhere, with its key.

use super::export::passphrase_to_open;
use super::record::Records;
use super::{named, read};
use crate::cli::error::CliError;
use crate::cli::how::{Change, How};
use crate::cli::output::Text;
use signet_app::Services;
use signet_app::audit::Actor;
use signet_app::requests::content::Row;
use signet_app::requests::import::{Given, advice};
use signet_pki::import::Source;
use std::path::{Path, PathBuf};

/// Options of `csr import`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Letters, digits, _ and -; at most 120.
    #[arg(long)]
    name: String,
    /// The request, PEM or DER; - for standard input.
    #[arg(long, value_name = "FILE")]
    pub(super) request: PathBuf,
    /// Its private key, PEM or DER; - for standard input.
    #[arg(long, value_name = "FILE")]
    pub(super) key: PathBuf,
    /// A file whose first line is the key's passphrase.
    #[arg(long, value_name = "FILE")]
    pub(super) passphrase_file: Option<PathBuf>,
    /// Check everything and say what would be imported, and import nothing.
    #[arg(long)]
    dry_run: bool,
}

/// Bytes that are read: more than any request or key may have, so that the refusal is the import's own.
const MOST: u64 = 4 * 1024 * 1024;

/// Imports.
pub fn run(services: &Services, args: &Args, how: &How) -> Result<(), CliError> {
    let name = named(&args.name)?;
    one_from_input(args)?;
    let request = read("request", &args.request, MOST)?;
    let key = read("key", &args.key, MOST)?;
    let passphrase = args.passphrase_file.as_deref().map(passphrase_to_open).transpose()?;
    let given = Given {
        request: Source { paste: None, file: Some(&request) },
        key: Source { paste: None, file: Some(&key) },
        confirm: passphrase.clone(),
        passphrase,
    };
    let (row, change) = match args.dry_run {
        true => {
            let content = services.imports.preview(&name, &given)?;
            (Row { name, content: Ok(content) }, Change::would(true))
        }
        false => {
            let name = services.imports.import(&name, &given, Actor::command_line())?;
            (services.catalog.csr(&name)?, Change::done(true))
        }
    };
    for advice in row.content.iter().flat_map(|content| advice(&content.request)) {
        how.advise(format_args!("advice: {}: {}", advice.field, advice.text));
    }
    let name = &row.name;
    how.report(&Records::alone(services).of(&row).with(change), || {
        let mut text = Text::new();
        if args.dry_run {
            text.line(format_args!("Would import {name}.")).line("Nothing was done (--dry-run).");
            return text;
        }
        let path = services.store.path().join("csrs").join(format!("{name}.pem"));
        text.line(format_args!("Imported {name}.")).line(super::lies_in(&path)).line(format_args!(
            "Next: `signet csr export {name}` writes the request, byte for byte as it came, to send to the CA."
        ));
        text
    })
}

/// Standard input can be read once.
fn one_from_input(args: &Args) -> Result<(), CliError> {
    let paths = [Some(&args.request), Some(&args.key), args.passphrase_file.as_ref()];
    if paths.into_iter().flatten().filter(|path| path.as_path() == Path::new("-")).count() < 2 {
        return Ok(());
    }
    Err(CliError::Usage {
        what: "only one of --request, --key and --passphrase-file can be standard input",
        fix: "Give the others as files. A file that holds request and key can be given for both.",
    })
}
