//! `signet csr import`: a request that was made elsewhere, or a certificate, with its key.

use super::export::passphrase_to_open;
use super::named;
use super::record::{Records, adviser};
use crate::cli::error::CliError;
use crate::cli::how::{Change, How};
use crate::cli::input::read;
use crate::cli::messages::DRY_RUN;
use crate::cli::messages::{requests as say, usage};
use crate::cli::output::{Text, hint};
use signet_app::advice::Advice;
use signet_app::audit::Actor;
use signet_app::certificates::certified;
use signet_app::requests::content::Row;
use signet_app::requests::import::Given;
use signet_app::validity::Validity;
use signet_app::{AppError, Services};
use signet_domain::invalid::{Invalid, Mistakes};
use signet_domain::name::CsrName;
use signet_domain::secret::Secret;
use signet_pki::import::Source;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Options of `csr import`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = EXAMPLES,
    group = clap::ArgGroup::new("what").required(true).args(["request", "certificate", "pkcs12"])
)]
pub struct Args {
    /// Name of the request: letters, digits, hyphens and underscores, at most 120.
    #[arg(long)]
    name: String,
    /// The request, as PEM or DER. - is standard input.
    #[arg(long, value_name = "FILE", requires = "key")]
    pub(super) request: Option<PathBuf>,
    /// Certificate that the request is made from: PEM, DER or PKCS#7, with its chain and key in any order. - is standard
    /// input.
    #[arg(long, value_name = "FILE")]
    pub(super) certificate: Option<PathBuf>,
    /// PKCS#12 file (.p12, .pfx) with a certificate and its key. - is standard input.
    #[arg(long, value_name = "FILE")]
    pub(super) pkcs12: Option<PathBuf>,
    /// Private key, as PEM or DER, if it is not in the file of the certificate. - is standard input.
    #[arg(long, value_name = "FILE")]
    pub(super) key: Option<PathBuf>,
    /// File with the passphrase of the key or of the PKCS#12 file in its first line.
    #[arg(long, value_name = "FILE")]
    pub(super) passphrase_file: Option<PathBuf>,
    /// Check everything and show what would be imported, and import nothing.
    #[arg(long)]
    dry_run: bool,
}

const EXAMPLES: &str = "\
Example:
  signet csr import --name nas --request nas.csr --key nas.key";

/// Bytes that are read: more than any request or key may have, so that the refusal is the import's own.
const MOST: u64 = 4 * 1024 * 1024;

/// Imports.
pub fn run(services: &Services, args: &Args, how: &How) -> Result<(), CliError> {
    let name = named(&args.name)?;
    one_from_input(args)?;
    let named_file = |flag, path: &Option<PathBuf>| path.clone().map(|path| (flag, path));
    let file = named_file("request", &args.request)
        .or_else(|| named_file("certificate", &args.certificate))
        .or_else(|| named_file("pkcs12", &args.pkcs12));
    let file = file.map(|(flag, path)| read(flag, &path, MOST)).transpose()?.unwrap_or_default();
    let key = args.key.as_deref().map(|path| read("key", path, MOST)).transpose()?;
    let passphrase = args.passphrase_file.as_deref().map(passphrase_to_open).transpose()?;
    match args.request {
        Some(_) => request(services, args, &name, (&file, key.unwrap_or_default(), passphrase), how),
        None => certificate(services, args, &name, (&file, key, passphrase), how),
    }
}

type Files<'a, Key> = (&'a [u8], Key, Option<Secret>);

fn request(
    services: &Services,
    args: &Args,
    name: &CsrName,
    (file, key, passphrase): Files<'_, Zeroizing<Vec<u8>>>,
    how: &How,
) -> Result<(), CliError> {
    let given = Given {
        request: Source { paste: None, file: Some(file) },
        key: Source { paste: None, file: Some(&key) },
        confirm: passphrase.clone(),
        passphrase,
    };
    let (row, change) = match args.dry_run {
        true => {
            let content = services.imports.preview(name, &given)?;
            (Row { name: name.clone(), content: Ok(content) }, Change::would(true))
        }
        false => {
            let name = services.imports.import(name, &given, Actor::command_line())?;
            (services.catalog.csr(&name)?, Change::done(true))
        }
    };
    let advice = row.content.iter().flat_map(|content| adviser(services).of_stored(name, content)).collect();
    let name = &row.name;
    let lines = [say::imported(name, args.dry_run)];
    let next = say::send_import(name);
    told(services, (&row, change), advice, &lines, &next, how)
}

fn certificate(
    services: &Services,
    args: &Args,
    name: &CsrName,
    (file, key, passphrase): Files<'_, Option<Zeroizing<Vec<u8>>>>,
    how: &How,
) -> Result<(), CliError> {
    let given = certified::Given {
        certificate: Source { paste: None, file: Some(file) },
        key: Source { paste: None, file: key.as_ref().map(|key| key.as_slice()) },
        passphrase,
    };
    let (row, mut proposal, change) = match args.dry_run {
        true => {
            let preview = services.certified.preview(name, &given);
            let (content, proposal) = preview.map_err(|error| refused_at_flag(args, error))?;
            (Row { name: name.clone(), content: Ok(content) }, proposal, Change::would(true))
        }
        false => {
            let imported = services.certified.import(name, &given, Actor::command_line());
            let proposal = imported.map_err(|error| refused_at_flag(args, error))?;
            (services.catalog.csr(name)?, proposal, Change::done(true))
        }
    };
    let mut lines = vec![say::imported_with_certificate(name, args.dry_run)];
    if let Some(leaf) = proposal.chain.certificates.first() {
        let validity = Validity::of(leaf);
        let left = validity.left(services.clock.now());
        lines.push(say::issued_by(&leaf.issuer_short, &validity.until(), &left));
    }
    proposal.advice.iter_mut().for_each(|advice| advice.field = flag_given(args, advice.field));
    let next = say::renew_later(name);
    told(services, (&row, change), proposal.advice, &lines, &next, how)
}

/// The form has one field for files of certificates, and this command has a flag for PKCS#12.
fn flag_given(args: &Args, field: &'static str) -> &'static str {
    if field == "certificate" && args.pkcs12.is_some() { "pkcs12" } else { field }
}

fn refused_at_flag(args: &Args, error: AppError) -> AppError {
    let AppError::Rejected(mistakes) = error else { return error };
    let mut at_flags = Mistakes::none();
    for mistake in mistakes.iter().cloned() {
        at_flags.add(Invalid { field: flag_given(args, mistake.field), ..mistake });
    }
    AppError::Rejected(at_flags)
}

/// What was imported, as JSON or for people.
fn told(
    services: &Services,
    (row, change): (&Row, Change),
    advice: Vec<Advice>,
    lines: &[String],
    next: &str,
    how: &How,
) -> Result<(), CliError> {
    for advice in advice {
        how.advise_on(advice.field, &advice.text);
    }
    how.report(&Records::alone(services).of(row).with(change), || {
        let mut text = Text::new();
        lines.iter().for_each(|line| {
            text.line(line);
        });
        if change == Change::done(true) {
            let path = services.store.path().join("csrs").join(format!("{}.pem", row.name));
            text.line(super::lies_in(&path)).line(hint(next));
        } else {
            text.line(DRY_RUN);
        }
        text
    })
}

/// Standard input can be read once.
fn one_from_input(args: &Args) -> Result<(), CliError> {
    let paths = [&args.request, &args.certificate, &args.pkcs12, &args.key, &args.passphrase_file];
    if paths.into_iter().flatten().filter(|path| path.as_path() == Path::new("-")).count() < 2 {
        return Ok(());
    }
    Err(usage::ONE_INPUT_OF_IMPORT)
}
