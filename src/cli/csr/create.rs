//! `signet csr create`: a request from flags, or from a TOML file whose keys are the flags' names.
//!
//! The same answers, one entry or many, are what `csr apply` and `signet provision` read ([`super::entries`]).

use super::entries::from_file;
use super::given::{Given, PLACES};
use super::record::{Records, adviser};
use crate::cli::error::CliError;
use crate::cli::how::{Change, How};
use crate::cli::messages::DRY_RUN;
use crate::cli::messages::requests as say;
use crate::cli::output::{Text, hint};
use signet_app::Services;
use signet_app::audit::Actor;
use signet_domain::draft::FinishedDraft;
use signet_domain::lifetime::Lifetime;
use std::path::PathBuf;

/// Options of `csr create`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    given: Given,
    /// Read the values from a TOML file. Flags win.
    #[arg(long, value_name = "FILE", help_heading = "Request", display_order = 1 + PLACES)]
    pub(super) from: Option<PathBuf>,
    /// Request that the new one replaces, once it has a certificate.
    #[arg(long, value_name = "OLD", help_heading = "Request", display_order = 2 + PLACES)]
    supersedes: Option<String>,
    /// Check everything and show what would be created, and create nothing.
    #[arg(long, help_heading = "Output")]
    dry_run: bool,
}

const EXAMPLES: &str = "\
[required] holds unless the configuration says otherwise (subject.required).

Examples:
  signet csr create --name nas --profile https-rsa \\
      --san nas.example.org --san 192.168.1.20 \\
      --country DE --state Bavaria --city Munich \\
      --organization Example --email admin@example.org

  signet csr create --from nas.toml --json

The file has the same names, with underscores:
  name = \"nas\"
  profile = \"https-rsa\"
  san = [\"nas.example.org\", \"192.168.1.20\"]";

/// Creates the request.
pub fn run(services: &Services, args: &Args, how: &How) -> Result<(), CliError> {
    let given = match &args.from {
        None => args.given.clone(),
        Some(path) => args.given.over(from_file(path)?),
    };
    let given = given.or_defaults(&services.config.subject_defaults);
    let today = services.clock.today();
    let note = given.note()?;
    let finished = given.finish(Lifetime::public_limit(today), &services.config.policy);
    let finished = finished.map_err(|error| given.by_flags(error))?;
    let old = args.supersedes.as_deref().map(|old| super::stored(services, old)).transpose()?;
    let supersedes = old.as_ref().map(|old| services.renewals.supersedes(old)).transpose()?;
    let finished = FinishedDraft { supersedes, ..finished };
    if args.dry_run {
        return would_make(services, &finished, how);
    }
    let name = services.requests.create(&finished, None, Actor::command_line())?;
    if let Some(note) = note.filter(|note| !note.as_str().is_empty()) {
        services.requests.set_note(&name, &note, Actor::command_line())?;
    }
    let request = &finished.request;
    for advice in adviser(services).of_new(request) {
        how.advise_on(advice.field, &advice.text);
    }
    let row = services.catalog.csr(&name)?;
    let records = if old.is_some() { Records::read(services)? } else { Records::alone(services) };
    how.report(&records.of(&row).with(Change::done(true)), || {
        let path = services.store.path().join("csrs").join(format!("{name}.pem"));
        let mut text = Text::new();
        text.line(say::created(&name, &request.key.kind().label()))
            .line(super::lies_in(&path))
            .line(hint(say::send(&name)));
        text
    })
}

/// What would be made; also of a renewal and of an entry of a file.
pub(super) fn would_make(services: &Services, finished: &FinishedDraft, how: &How) -> Result<(), CliError> {
    let request = &finished.request;
    for advice in adviser(services).of_new(request) {
        how.advise_on(advice.field, &advice.text);
    }
    let old = finished.supersedes.as_ref().map(|old| old.name.as_str());
    let content = services.requests.preview(finished)?;
    let record = Records::alone(services).of_preview(&request.name, &content, request.key, old);
    how.report(&record.with(Change::would(true)), || {
        let mut text = Text::new();
        text.line(say::would_create(&request.name, &request.key.kind().label(), old));
        text.line(DRY_RUN);
        text
    })
}

impl Args {
    /// The CA's certificate where the command line names it as a file.
    pub(super) fn issuer_file(&self) -> Option<PathBuf> {
        self.given.issuer_file()
    }
}
