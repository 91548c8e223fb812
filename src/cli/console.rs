//! `signet console`: which certificate the console uses and shows, another one from a CA, and the way back.
//!
//! A trial needs a console that runs and a browser: here a test handshake alone decides, and what is written stays.

use super::csr::{current, stored};
use super::error::CliError;
use super::how::{Change, How};
use super::messages::console as say;
use super::output::{Text, hint};
use super::reload_console::{self, Reloaded};
use super::{Directory, Place, json};
use crate::cli::messages::DRY_RUN;
use clap::{Subcommand, ValueEnum};
use serde::Serialize;
use signet_app::audit::Actor;
use signet_app::console::served::{Running, Served};
use signet_app::console::{Back, Standing, Why, rehearsal_failed};
use signet_app::{Failure, Services};
use signet_domain::time;
use signet_domain::visible::{self, VALUE, bounded};
use signet_net::self_test_of;
use signet_store::StoredIdentity;
use std::process::ExitCode;

/// What to do with the console's certificate.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show which certificate the console uses and a running one shows, and which ones it can go back to.
    Show,
    /// Use the certificate of a request for the console. The previous one is kept.
    Use(UseArgs),
    /// Go back to the previous certificate, or to the console's own.
    Back(BackArgs),
}

/// Options of `console use`.
#[derive(Debug, clap::Args)]
pub struct UseArgs {
    /// Name of the request, which must have a certificate.
    name: String,
    /// If NAME was replaced by a request that has a certificate, use that one.
    #[arg(long)]
    follow: bool,
    #[command(flatten)]
    change: ChangeArgs,
}

/// Options of `console back`.
#[derive(Debug, clap::Args)]
pub struct BackArgs {
    /// former: the previous certificate. own: the console's own, from the factory or made here.
    #[arg(long, value_enum, default_value_t = To::Former)]
    to: To,
    #[command(flatten)]
    change: ChangeArgs,
}

#[derive(Debug, Clone, Copy, clap::Args)]
struct ChangeArgs {
    /// Make a running console use it, and wait until it does.
    #[arg(long)]
    reload: bool,
    /// Check it and show what would be used, and change nothing.
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum To {
    Former,
    Own,
}

/// Runs the command.
pub fn run(place: &Place, command: Command) -> Result<ExitCode, CliError> {
    let command_name = match command {
        Command::Show => "signet console show",
        Command::Use(_) => "signet console use",
        Command::Back(_) => "signet console back",
    };
    let services = place.services(command_name, Directory::Existing)?;
    match command {
        Command::Show => show(&services, &place.how),
        Command::Use(args) => put_in_use(&services, &args, &place.how),
        Command::Back(args) => back(&services, &args, &place.how),
    }?;
    Ok(ExitCode::SUCCESS)
}

fn put_in_use(services: &Services, args: &UseArgs, how: &How) -> Result<(), CliError> {
    let name = if args.follow { current(services, &args.name)? } else { stored(services, &args.name)? };
    services.catalog.answered(&name)?;
    let candidate = services.console.candidate_for_all(&name)?;
    for advice in &candidate.advice {
        how.advise(format_args!("advice: {}", hint(advice)));
    }
    let same = services.store.identity().ok().flatten().is_some_and(|now| now.chain == candidate.identity.chain);
    if !same {
        rehearsed(&candidate.identity)?;
    }
    if !same && !args.change.dry_run {
        services.console.put_in_use(&name, &candidate.identity, None, Actor::command_line())?;
    }
    told(services, &candidate.identity, Change::of(args.change.dry_run, !same), args.change, how)
}

fn back(services: &Services, args: &BackArgs, how: &How) -> Result<(), CliError> {
    let to = match args.to {
        To::Former => Back::Former,
        To::Own => Back::Own,
    };
    let identity = services.console.way_back(to)?;
    rehearsed(&identity)?;
    if !args.change.dry_run {
        services.console.go_back(to, &identity, Actor::command_line())?;
    }
    told(services, &identity, Change::of(args.change.dry_run, true), args.change, how)
}

fn rehearsed(identity: &StoredIdentity) -> Result<(), CliError> {
    self_test_of(identity.chain.clone(), identity.key.expose_secret()).map_err(|error| rehearsal_failed(&error).into())
}

/// Has a running console take over what was written where that was asked for, and says what is in use, where, and what is next.
fn told(
    services: &Services,
    identity: &StoredIdentity,
    change: Change,
    args: ChangeArgs,
    how: &How,
) -> Result<(), CliError> {
    let standing = services.console.standing(identity.chain.first().map(Vec::as_slice).unwrap_or_default())?;
    let fingerprint = standing.fingerprints.certificate_hex();
    let reloaded = match args.reload && !args.dry_run {
        true => Some(reload_console::reload(services, &fingerprint, how)?),
        false => None,
    };
    let running = services.console.running()?;
    let pending = running.reload_pending(&fingerprint).filter(|_| !args.dry_run);
    let is_running = running != Running::Stopped;
    let value = Changed { change, shown: Shown::of(&standing), running: is_running, reload_pending: pending };
    how.report(&value, || {
        let data = visible::path(services.store.path());
        let mut text = Text::new();
        let head = change.told("is now", "would be", "is already");
        text.line(say::in_use(head, &standing.why.told()));
        fingerprints(&mut text, &standing);
        if args.dry_run {
            text.line(DRY_RUN);
            return text;
        }
        text.line(say::written(&data));
        match reloaded {
            Some(Reloaded::Done) => text.line(say::RELOADED),
            _ if !is_running => text.line(say::NOT_RUNNING),
            _ if pending == Some(false) => text.line(say::USED_ALREADY),
            _ => text.line(say::RELOAD),
        };
        text
    })
}

fn show(services: &Services, how: &How) -> Result<(), CliError> {
    let standing = in_use(services)?;
    let ways = services.console.ways_back();
    let running = services.console.running()?;
    let pending = running.reload_pending(&standing.fingerprints.certificate_hex());
    if how.json {
        let back = ways.iter().map(|(to, standing)| (to.word(), standing.as_ref().map(Shown::of))).collect();
        return json::print(&Json {
            shown: Shown::of(&standing),
            running: running != Running::Stopped,
            serving: running.served().map(JsonServed::of),
            reload_pending: pending,
            back,
        });
    }
    let names: Vec<String> = standing.names.iter().map(|name| visible::line(name)).collect();
    let mut text = Text::new();
    text.line(format_args!("In use:       {}", standing.why.told()));
    text.line(format_args!("Issued by:    {}", bounded(&standing.issuer, VALUE)));
    text.line(format_args!("Names:        {}", names.join(", ")));
    text.line(format_args!("Valid:        {} to {}", time::shown(standing.from), time::shown(standing.until)));
    fingerprints(&mut text, &standing);
    if let Some((what, fix)) = standing.attention() {
        text.line(format_args!("Attention:    {what} {}", hint(fix)));
    }
    if let Some((what, fix)) = standing.shut_out() {
        text.line(format_args!("Attention:    {what} {}", hint(fix)));
    }
    text.line(format_args!("Shown:        {}", shown(&running, pending)));
    for (to, standing) in &ways {
        let leads = standing.as_ref().map_or_else(
            || say::MAKES_NEW.to_owned(),
            |standing| say::leads_to(&standing.why.told(), &time::shown(standing.until)),
        );
        let command = hint(format_args!("`signet console back --to {}`", to.word()));
        text.line(format_args!("Go back:      {command}: {leads}"));
    }
    text.print()
}

/// What a running console shows, in words.
fn shown(running: &Running, pending: Option<bool>) -> String {
    match running {
        Running::Stopped => say::NO_CONSOLE_RUNS.to_owned(),
        Running::Unknown => say::SHOWN_UNKNOWN.to_owned(),
        Running::Serving(served) if served.trial => say::shows_trial(&time::shown(served.since)),
        Running::Serving(served) if pending == Some(true) => say::shows_another(&served.certificate_sha256),
        Running::Serving(_) => say::SHOWS_THIS.to_owned(),
    }
}

fn fingerprints(text: &mut Text, standing: &Standing) {
    text.line(format_args!("Fingerprint:  {} (certificate, SHA-256)", standing.fingerprints.certificate));
    text.line(format_args!("Key:          {} (public key, SHA-256)", standing.fingerprints.key));
}

fn in_use(services: &Services) -> Result<Standing, CliError> {
    let identity = services.store.identity()?.ok_or(Failure::NoIdentity)?;
    Ok(services.console.standing(identity.chain.first().map(Vec::as_slice).unwrap_or_default())?)
}

#[derive(Serialize)]
struct Json {
    #[serde(flatten)]
    shown: Shown,
    running: bool,
    /// Null where no console runs, or it is not known.
    serving: Option<JsonServed>,
    /// Null where it is not known.
    reload_pending: Option<bool>,
    /// Where the ways back lead; null for a key and certificate that are made then.
    back: std::collections::BTreeMap<&'static str, Option<Shown>>,
}

#[derive(Serialize)]
struct Changed {
    #[serde(flatten)]
    change: Change,
    #[serde(flatten)]
    shown: Shown,
    running: bool,
    reload_pending: Option<bool>,
}

#[derive(Serialize)]
struct JsonServed {
    certificate_sha256: String,
    spki_sha256: String,
    not_after: String,
    since: String,
    trial: bool,
    pid: u32,
}

impl JsonServed {
    fn of(served: &Served) -> Self {
        Self {
            certificate_sha256: served.certificate_sha256.clone(),
            spki_sha256: served.spki_sha256.clone(),
            not_after: served.not_after.to_string(),
            since: served.since.to_string(),
            trial: served.trial,
            pid: served.pid,
        }
    }
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
    /// SHA-256, lower-case hex.
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
            certificate_sha256: standing.fingerprints.certificate_hex(),
            spki_sha256: standing.fingerprints.key_hex(),
        }
    }
}
