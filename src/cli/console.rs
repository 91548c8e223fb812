//! `signet console`: which certificate the console uses, a CA's answer put in use, and the way back.
//!
//! A trial needs a console that runs and a browser: here the rehearsal alone decides, and what is written stays.

use super::error::CliError;
use super::output::{self, Text, tell};
use super::{Directory, Place};
use clap::{Subcommand, ValueEnum};
use serde::Serialize;
use signet_app::audit::Actor;
use signet_app::console::{Back, Standing, Why, rehearsal_failed};
use signet_app::{AppError, Services};
use signet_domain::name::CsrName;
use signet_domain::time;
use signet_domain::visible::{self, VALUE, bounded};
use signet_net::self_test_of;
use signet_store::StoredIdentity;
use std::process::ExitCode;

/// What to do with the console's certificate.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show which certificate is in use and why, and where the way back leads to.
    Show(ShowArgs),
    /// Use the CA's answer to a CSR for the console; the certificate of before is kept for the way back.
    Use(UseArgs),
    /// Go back to the certificate of before, or to the console's own.
    Back(BackArgs),
}

/// Options of `console show`.
#[derive(Debug, clap::Args)]
pub struct ShowArgs {
    /// One line of JSON.
    #[arg(long)]
    json: bool,
}

/// Options of `console use`.
#[derive(Debug, clap::Args)]
pub struct UseArgs {
    /// The CSR; the CA must have answered it.
    name: String,
}

/// Options of `console back`.
#[derive(Debug, clap::Args)]
pub struct BackArgs {
    /// Where to.
    #[arg(long, value_enum, default_value_t = To::Former)]
    to: To,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum To {
    /// The certificate that was in use before.
    Former,
    /// The console's own: the factory's, or one made here.
    Own,
}

/// Said after each change: a console that runs shows what it has in memory.
const RELOAD: &str =
    "Next: `systemctl reload signet.service` (or a restart) takes it up; a console that does not run needs nothing.";

/// Runs the command.
pub fn run(place: &Place, command: Command) -> Result<ExitCode, CliError> {
    let command_name = match command {
        Command::Show(_) => "signet console show",
        Command::Use(_) => "signet console use",
        Command::Back(_) => "signet console back",
    };
    let services = place.services(command_name, Directory::Existing)?;
    match command {
        Command::Show(args) => show(&services, &args),
        Command::Use(args) => put_in_use(&services, &args),
        Command::Back(args) => back(&services, &args),
    }?;
    Ok(ExitCode::SUCCESS)
}

fn put_in_use(services: &Services, args: &UseArgs) -> Result<(), CliError> {
    let name = CsrName::parse(&args.name)?;
    let candidate = services.console.candidate(&name, None)?;
    rehearsed(&candidate.identity)?;
    for advice in &candidate.advice {
        tell(format_args!("advice: {advice}"));
    }
    services.console.put_in_use(&name, &candidate.identity, None, Actor::command_line())?;
    told(services, "The console's certificate is now")?.print()
}

fn back(services: &Services, args: &BackArgs) -> Result<(), CliError> {
    let to = match args.to {
        To::Former => Back::Former,
        To::Own => Back::Own,
    };
    let identity = services.console.way_back(to)?;
    rehearsed(&identity)?;
    services.console.go_back(to, &identity, Actor::command_line())?;
    told(services, "The console's certificate is again")?.print()
}

fn rehearsed(identity: &StoredIdentity) -> Result<(), CliError> {
    self_test_of(identity.chain.clone(), identity.key.expose_secret()).map_err(|error| rehearsal_failed(&error).into())
}

/// What was written, where, and what is next.
fn told(services: &Services, begin: &str) -> Result<Text, CliError> {
    let standing = in_use(services)?;
    let data = visible::path(services.store.path());
    let mut text = Text::new();
    text.line(format_args!("{begin} {}.", standing.why.told()));
    fingerprints(&mut text, &standing);
    text.line(format_args!(
        "Written:      {data}/identity.pem (mode 0600); the one of before: {data}/former.pem (mode 0600)"
    ));
    text.line(RELOAD);
    Ok(text)
}

fn show(services: &Services, args: &ShowArgs) -> Result<(), CliError> {
    let standing = in_use(services)?;
    let ways = services.console.ways_back();
    if args.json {
        let back = ways.iter().map(|(to, standing)| (to.word(), standing.as_ref().map(Shown::of))).collect();
        let json = Json { shown: Shown::of(&standing), back };
        return output::json(&json);
    }
    let names: Vec<String> = standing.names.iter().map(|name| visible::line(name)).collect();
    let mut text = Text::new();
    text.line(format_args!("In use:       {}", standing.why.told()));
    text.line(format_args!("Issued by:    {}", bounded(&standing.issuer, VALUE)));
    text.line(format_args!("Names:        {}", names.join(", ")));
    text.line(format_args!("Valid:        {} to {}", time::shown(standing.from), time::shown(standing.until)));
    fingerprints(&mut text, &standing);
    if let Some((what, fix)) = standing.attention() {
        text.line(format_args!("Attention:    {what} {fix}"));
    }
    for (to, standing) in &ways {
        let leads = standing.as_ref().map_or_else(
            || "a new key and certificate, made here".to_owned(),
            |standing| format!("{}, until {}", standing.why.told(), time::shown(standing.until)),
        );
        text.line(format_args!("Way back:     `signet console back --to {}`: {leads}", to.word()));
    }
    text.print()
}

fn fingerprints(text: &mut Text, standing: &Standing) {
    text.line(format_args!("Fingerprint:  {} (certificate, SHA-256)", standing.fingerprints.certificate));
    text.line(format_args!("Key:          {} (public key, SHA-256)", standing.fingerprints.key));
}

fn in_use(services: &Services) -> Result<Standing, CliError> {
    let identity = services.store.identity()?.ok_or(AppError::NoIdentity)?;
    Ok(services.console.standing(identity.chain.first().map(Vec::as_slice).unwrap_or_default())?)
}

#[derive(Serialize)]
struct Json {
    #[serde(flatten)]
    shown: Shown,
    /// Where the ways back lead to; null for a key and certificate that are made then.
    back: std::collections::BTreeMap<&'static str, Option<Shown>>,
}

#[derive(Serialize)]
struct Shown {
    /// `own`, `factory`, `csr` or `elsewhere`.
    why: &'static str,
    csr: Option<String>,
    issuer: String,
    names: Vec<String>,
    /// RFC 3339, UTC.
    not_before: String,
    not_after: String,
    due: bool,
    ended: bool,
    /// SHA-256, `AB:CD:…`.
    certificate_sha256: String,
    spki_sha256: String,
}

impl Shown {
    fn of(standing: &Standing) -> Self {
        let csr = match &standing.why {
            Why::Csr(name) => Some(name.to_string()),
            _ => None,
        };
        Self {
            why: standing.why.word(),
            csr,
            issuer: standing.issuer.clone(),
            names: standing.names.clone(),
            not_before: standing.from.to_string(),
            not_after: standing.until.to_string(),
            due: standing.due,
            ended: standing.ended,
            certificate_sha256: standing.fingerprints.certificate.clone(),
            spki_sha256: standing.fingerprints.key.clone(),
        }
    }
}
