//! `signet csr check`: what a kind of CA would do with a request.

use super::stored;
use crate::cli::cause::Cause;
use crate::cli::error::CliError;
use crate::cli::how::How;
use crate::cli::messages::enrollment as say;
use crate::cli::output::{Text, hint};
use serde::Serialize;
use signet_app::Services;
use signet_app::enroll::findings;
use signet_domain::preflight::{CaKind, Effect, Finding};
use std::process::ExitCode;

/// Options of `csr check`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  signet csr check nas --for public")]
pub struct Args {
    /// Name of the request.
    name: String,
    /// Who will sign: public, own-ca (your own CA by ACME), est, or private (your own CA, by hand).
    #[arg(long = "for", value_name = "KIND", value_parser = ["public", "own-ca", "est", "private"])]
    kind: String,
}

#[derive(Serialize)]
struct Checked {
    name: String,
    #[serde(rename = "for")]
    kind: &'static str,
    /// True where nothing is refused.
    accepted: bool,
    findings: Vec<JsonFinding>,
}

#[derive(Serialize)]
struct JsonFinding {
    field: &'static str,
    /// `refuses`, `drops`, `ignores` or `accepts`.
    effect: &'static str,
    what: String,
    remedy: String,
    source: &'static str,
}

impl JsonFinding {
    fn of(one: &Finding) -> Self {
        let Finding { field, effect, what, remedy, source, .. } = one;
        Self { field, effect: effect.word(), what: what.clone(), remedy: remedy.clone(), source }
    }
}

/// Checks.
pub fn run(services: &Services, args: &Args, how: &How) -> Result<ExitCode, CliError> {
    let name = stored(services, &args.name)?;
    // Checked by clap.
    let kind = CaKind::parse(&args.kind).unwrap_or(CaKind::Private);
    let ways = services.authorities.known().ways(kind);
    let found = findings(&services.catalog.readable(&name)?, kind, &ways, services.clock.today());
    let accepted = found.iter().all(|one| one.effect != Effect::Refuses);
    let checked = Checked {
        name: name.to_string(),
        kind: kind.word(),
        accepted,
        findings: found.iter().map(JsonFinding::of).collect(),
    };
    how.report(&checked, || {
        let mut text = Text::new();
        for one in &found {
            text.line(format_args!("{} ({}): {}", one.field, one.effect.word(), one.what));
            text.line(format_args!("  {}", hint(&one.remedy)));
            text.line(format_args!("  {}", one.source));
        }
        if found.is_empty() {
            text.line(say::suits(name.as_str(), kind.word()));
        }
        text
    })?;
    Ok(ExitCode::from(if accepted { 0 } else { Cause::Refused.code() }))
}
