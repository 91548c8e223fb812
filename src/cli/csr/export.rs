//! `signet csr list|show|export|key`: what leaves the device, and what stays.

use super::record::Records;
use super::{current, stored, table};
use crate::cli::error::CliError;
use crate::cli::how::How;
use crate::cli::input::read;
use crate::cli::json;
use crate::cli::messages::{files, requests as messages, usage};
use crate::cli::out::Out;
use crate::cli::output::{Text, hint, raw, say};
use crate::cli::style::Style;
use signet_app::Services;
use signet_app::audit::Actor;
use signet_app::requests::cli_equivalent;
use signet_app::requests::content::Row;
use signet_app::requests::export::Protection;
use signet_domain::hex::colons;
use signet_domain::password;
use signet_domain::secret::Secret;
use signet_domain::time;
use signet_domain::visible::{VALUE, bounded};
use signet_pki::pem;
use signet_store::Secrecy;
use std::path::PathBuf;

/// Bytes of a passphrase file: its first line counts.
const MAX_PASSPHRASE_FILE: u64 = 4096;

/// Options of `csr show`.
#[derive(Debug, clap::Args)]
pub struct ShowArgs {
    /// Name of the request.
    name: String,
    /// If NAME was replaced by a request that has a certificate, show that one.
    #[arg(long)]
    follow: bool,
    /// Print the configuration file and commands with which OpenSSL makes the same request.
    #[arg(long)]
    openssl: bool,
}

/// Options of `csr export`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXPORT_EXAMPLES)]
pub struct ExportArgs {
    /// Name of the request.
    name: String,
    /// Write the certificate instead of the request.
    #[arg(long, conflicts_with = "chain")]
    certificate: bool,
    /// Write the certificate with its chain, as servers need it.
    #[arg(long, conflicts_with = "der")]
    chain: bool,
    /// Write DER instead of PEM.
    #[arg(long)]
    der: bool,
    /// If NAME was replaced by a request that has a certificate, use that one.
    #[arg(long)]
    follow: bool,
    #[command(flatten)]
    pub(super) out: Out,
}

const EXPORT_EXAMPLES: &str = "\
Examples:
  signet csr export nas --out nas.csr
  signet csr export nas --chain --out nas.chain.pem";

/// Options of `csr pkcs12`.
#[derive(Debug, clap::Args)]
#[command(after_help = PKCS12_EXAMPLES)]
pub struct Pkcs12Args {
    /// Name of the request.
    name: String,
    /// File with the passphrase in its first line; it encrypts the PKCS#12 file. - is standard input.
    #[arg(long, value_name = "FILE")]
    pub(super) passphrase_file: PathBuf,
    /// If NAME was replaced by a request that has a certificate, use that one.
    #[arg(long)]
    follow: bool,
    #[command(flatten)]
    pub(super) out: Out,
}

const PKCS12_EXAMPLES: &str = "\
Example:
  signet csr pkcs12 nas --passphrase-file passphrase --out nas.p12";

/// Options of `csr key`.
#[derive(Debug, clap::Args)]
#[command(after_help = KEY_EXAMPLES)]
pub struct KeyArgs {
    /// Name of the request.
    name: String,
    /// File with the passphrase in its first line; it encrypts the key. - is standard input.
    #[arg(long, value_name = "FILE", conflicts_with = "unencrypted")]
    pub(super) passphrase_file: Option<PathBuf>,
    /// Do not encrypt the key.
    #[arg(long)]
    unencrypted: bool,
    /// If NAME was replaced by a request that has a certificate, use that one.
    #[arg(long)]
    follow: bool,
    #[command(flatten)]
    pub(super) out: Out,
}

const KEY_EXAMPLES: &str = "\
One of --passphrase-file and --unencrypted is required.

Example:
  signet csr key nas --passphrase-file passphrase --out nas.key";

/// Prints all requests.
pub fn list(services: &Services, how: &How) -> Result<(), CliError> {
    if how.json {
        return list_json(services);
    }
    if services.store.names()?.is_empty() {
        return say(hint(messages::NONE_YET));
    }
    table::print(services)
}

/// A JSON array, a record a line.
fn list_json(services: &Services) -> Result<(), CliError> {
    let records = Records::read(services)?;
    let mut before = "[";
    let mut printed = Ok(());
    services.catalog.each(|row| {
        let record = json::line(&records.of(&row));
        if printed.is_ok() {
            printed = raw(format!("{before}{record}").as_bytes());
        }
        before = ",\n";
    })?;
    printed?;
    raw(if before == "[" { b"[]\n" } else { b"]\n" })
}

/// Prints one CSR.
pub fn show(services: &Services, args: &ShowArgs, how: &How) -> Result<(), CliError> {
    let name = if args.follow { current(services, &args.name)? } else { stored(services, &args.name)? };
    let row = services.catalog.csr(&name)?;
    if how.json && !args.openssl {
        return json::print(&Records::read(services)?.of(&row));
    }
    if args.openssl {
        let request =
            cli_equivalent::asked_request(&row.name, &services.catalog.readable(&row.name)?, &services.config.policy);
        let request = request.ok_or_else(messages::no_openssl)?;
        // A file to be saved.
        return raw(cli_equivalent::openssl_text(&request)?.as_bytes());
    }
    described(services, &row)?.print()
}

fn described(services: &Services, row: &Row) -> Result<Text, CliError> {
    let content = services.catalog.readable(&row.name)?;
    let request = &content.request;
    let value = |text: &str| bounded(text, VALUE);
    let all = |values: &[String]| values.iter().map(|text| value(text)).collect::<Vec<_>>().join(", ");
    let now = services.clock.now();
    let mut lines: Vec<(&str, String)> = Vec::new();
    lines.extend(request.subject.iter().map(|part| (part.label.as_str(), value(&part.value))));
    let (same, extensions): (Vec<_>, Vec<_>) =
        request.extensions.iter().partition(|extension| extension.lines == request.san);
    let critical = if same.iter().any(|extension| extension.critical) { " (critical)" } else { "" };
    lines.push(("Names", all(&request.san) + critical));
    for extension in extensions {
        let critical = if extension.critical { " (critical)" } else { "" };
        lines.push((extension.name.as_str(), format!("{}{critical}", all(&extension.lines))));
    }
    lines.extend(request.attributes.iter().map(|attribute| (attribute.label.as_str(), value(&attribute.value))));
    lines.push(("Key", value(&request.key.label)));
    lines.push(("Signature", value(&request.signature.label)));
    lines.push(("Public key SHA-256", colons(&request.spki_sha256)));
    lines.push(("Request SHA-256", colons(&request.csr_sha256)));
    lines.push(("Origin", content.record.origin_in_words().to_owned()));
    lines.push(("Created", time::shown(content.record.created)));
    if let Some(days) = content.record.lifetime {
        lines.push(("Requested lifetime", format!("{days} day{}", if days == 1 { "" } else { "s" })));
    }
    let relatives = services.catalog.lineage()?.relatives(&content.record);
    if let Some(old) = relatives.supersedes {
        lines.push(("Replaces", old.to_string()));
    }
    match &relatives.superseded_by {
        Some(new) if new.answered => lines.push(("Replaced by", new.name.to_string())),
        Some(new) => lines.push(("Replaced by", format!("{}, which waits for the CA: do not send this one", new.name))),
        None => {}
    }
    // Of several lines: lists, whose values are escaped already, and the note, whose line ends are its own.
    let mut blocks = Vec::new();
    if content.is_answered() {
        blocks.extend(content.answer_facts(now));
    }
    if !content.record.note.is_empty() {
        blocks.push(("Note", content.record.note.replace("\r\n", "\n")));
    }
    let labels = lines.iter().map(|(label, _)| label).chain(blocks.iter().map(|(label, _)| label));
    let width = labels.map(|label| label.len()).max().unwrap_or(0);
    let mut text = Text::new();
    text.fact("Name", width, [row.name.as_str()]);
    let (style, status) = table::status(&content, relatives.superseded_by.as_ref(), now);
    text.styled([(Style::Title, format!("{:width$}  ", "Status")), (style, status)]);
    for (label, value) in &lines {
        text.fact(label, width, [value]);
    }
    for (label, block) in &blocks {
        text.fact(label, width, block.split('\n').map(value));
    }
    content.pem().lines().for_each(|line| {
        text.line(line);
    });
    Ok(text)
}

/// Writes the request, or its certificate.
pub fn export(services: &Services, args: &ExportArgs, how: &How) -> Result<(), CliError> {
    args.out.check(how)?;
    let name = if args.follow { current(services, &args.name)? } else { stored(services, &args.name)? };
    let (bytes, what) = if args.certificate || args.chain {
        let content = services.catalog.answered(&name)?;
        let what = if args.chain { messages::EXPORTED_CHAIN } else { messages::EXPORTED_CERTIFICATE };
        let bytes = match (args.chain, args.der) {
            (true, _) => content.chain_pem().into_bytes(),
            (false, true) => content.certificates.first().cloned().unwrap_or_default(),
            (false, false) => content.certificate_pem().into_bytes(),
        };
        (bytes, what)
    } else {
        let content = services.catalog.readable(&name)?;
        let bytes = if args.der { content.der.clone() } else { content.pem().into_bytes() };
        (bytes, messages::EXPORTED)
    };
    let ready = args.out.prepare(&bytes, Secrecy::Public)?;
    let changes = ready.changes();
    if !args.out.dry_run {
        ready.publish()?;
    }
    args.out.report(how, name.as_str(), changes, what)
}

/// Writes key, certificate and chain as PKCS#12.
pub fn pkcs12(services: &Services, args: &Pkcs12Args, how: &How) -> Result<(), CliError> {
    args.out.check(how)?;
    let name = if args.follow { current(services, &args.name)? } else { stored(services, &args.name)? };
    services.pkcs12.may_export(&name)?;
    let bundle = services.pkcs12.bundle(&name, &passphrase(&args.passphrase_file)?)?;
    let ready = args.out.prepare(&bundle, Secrecy::Secret)?;
    if !args.out.dry_run {
        services.pkcs12.record(&name, Actor::command_line())?;
        ready.publish()?;
    }
    args.out.report(how, name.as_str(), true, messages::EXPORTED_PKCS12)
}

/// Writes the key.
pub fn key(services: &Services, args: &KeyArgs, how: &How) -> Result<(), CliError> {
    args.out.check(how)?;
    let name = if args.follow { current(services, &args.name)? } else { stored(services, &args.name)? };
    let passphrase = match (&args.passphrase_file, args.unencrypted) {
        (Some(path), _) => Some(passphrase(path)?),
        (None, true) => None,
        (None, false) => {
            return Err(usage::PROTECTION);
        }
    };
    let protection = passphrase.as_ref().map_or(Protection::None, Protection::Passphrase);
    let pem = services.private_keys.protected(&name, &protection)?;
    let ready = args.out.prepare(pem.expose_secret(), Secrecy::Secret)?;
    let changes = ready.changes();
    if changes && !args.out.dry_run {
        // Between the two: a key is recorded before it leaves, and one that could not be written never left.
        services.private_keys.record(&name, &protection, Actor::command_line())?;
        ready.publish()?;
    }
    args.out.report(how, name.as_str(), changes, &messages::exported_key(!args.unencrypted))
}

/// The first line of a file, which is how passphrases reach a command: never as an argument, which everybody can see.
///
/// # Errors
/// Where it is empty, too long or in an encoding that cannot be recognised.
pub(super) fn passphrase(path: &std::path::Path) -> Result<Secret, CliError> {
    let passphrase = passphrase_to_open(path)?;
    if passphrase.is_empty() {
        return Err(files::no_passphrase(path).into());
    }
    Ok(passphrase)
}

/// The same for a key that exists: it may have been encrypted with an empty passphrase.
pub(super) fn passphrase_to_open(path: &std::path::Path) -> Result<Secret, CliError> {
    let content = read("passphrase_file", path, MAX_PASSPHRASE_FILE)?;
    let text = pem::decoded(&content).ok_or_else(|| files::not_text("passphrase", path))?;
    let line = text.split('\n').next().unwrap_or_default();
    let line = line.strip_suffix('\r').unwrap_or(line);
    if !line.is_empty() {
        password::check_passphrase(line, line)?;
    }
    Ok(Secret::from(line.to_owned()))
}
