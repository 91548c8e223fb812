//! `signet csr deploy`: the owner allows other services of the device to use a request's certificate and key, or stops it.

use super::{current, stored};
use crate::cli::error::CliError;
use crate::cli::how::{Change, How};
use crate::cli::messages::certificates as say;
use crate::cli::output::{Text, hint};
use serde::Serialize;
use signet_app::audit::Actor;
use signet_app::deploy::Use;
use signet_app::{Failure, Services};
use signet_domain::visible;

/// Options of `csr deploy`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Name of the request, which must have a certificate.
    name: String,
    /// Stop it: the copies of the other services are removed.
    #[arg(long)]
    stop: bool,
    /// If NAME was replaced by a request that has a certificate, use that one.
    #[arg(long)]
    follow: bool,
    /// Check it, and change nothing.
    #[arg(long)]
    dry_run: bool,
}

#[derive(Serialize)]
struct Allowed {
    #[serde(flatten)]
    change: Change,
    name: String,
    deploy: bool,
    services: Vec<JsonUse>,
}

#[derive(Serialize)]
struct JsonUse {
    name: String,
    path: String,
    has_it: bool,
}

/// Allows it, or stops it; root's side does the rest.
pub fn run(services: &Services, args: &Args, how: &How) -> Result<(), CliError> {
    let name = if args.follow { current(services, &args.name)? } else { stored(services, &args.name)? };
    let content = services.catalog.readable(&name)?;
    let differs = content.record.deploy == args.stop;
    let offer = services.deploy.offer(&name, &content.record)?;
    let uses: Vec<Use> = offer.map(|offer| offer.services).unwrap_or_default();
    if !args.stop {
        services.catalog.answered(&name)?;
        if uses.is_empty() {
            return Err(Failure::NoService(name.to_string()).into());
        }
    }
    match (args.dry_run, args.stop) {
        (true, _) => {}
        (false, true) => services.deploy.stop_handing_over(&name, Actor::command_line())?,
        (false, false) => services.deploy.hand_over(&name, Actor::command_line())?,
    }
    let change = Change::of(args.dry_run, differs);
    let shown =
        uses.iter().map(|one| JsonUse { name: one.name.clone(), path: visible::path(&one.live), has_it: one.has_it });
    let value = Allowed { change, name: name.to_string(), deploy: !args.stop, services: shown.collect() };
    how.report(&value, || {
        let mut text = Text::new();
        if args.stop {
            let may = change.told("may no longer use", "would no longer be allowed to use", "may not use");
            text.line(say::services_stopped(&name, may));
            return text;
        }
        let may = change.told("may use", "would be allowed to use", "may already use");
        text.line(hint(say::services_get(&name, may)));
        for service in &uses {
            let state = if service.has_it { " (up to date)" } else { "" };
            text.line(format_args!("  {}: {}{state}", service.name, visible::path(&service.live)));
        }
        text
    })
}
