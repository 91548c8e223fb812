//! `signet csr apply`: a file says which requests there must be.
//!
//! Every entry is checked before anything is made. What happens to one is the app's to decide
//! ([`signet_app::requests::apply`]).

use super::entries::many_from_file;
use super::given::Given;
use super::record::{JsonRecord, Records, adviser};
use crate::cli::error::{CliError, Told};
use crate::cli::flags::flag_of;
use crate::cli::how::{Change, How};
use crate::cli::json;
use crate::cli::messages::DRY_RUN;
use crate::cli::messages::requests as say;
use crate::cli::output::{Text, failure, hint};
use serde::Serialize;
use signet_app::Services;
use signet_app::advice::Advice;
use signet_app::audit::Actor;
use signet_app::requests::apply::{Todo, Wanted};
use signet_domain::invalid::{Invalid, Mistakes};
use signet_domain::lifetime::Lifetime;
use signet_domain::name::CsrName;
use std::path::PathBuf;
use std::process::ExitCode;

/// Options of `csr apply`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  signet csr apply --file requests.toml --dry-run")]
pub struct Args {
    /// TOML file with one request as for csr create --from, or many as [[csr]]. - is standard input.
    #[arg(long, short = 'f', value_name = "FILE")]
    pub(super) file: PathBuf,
    /// Check everything and show what would be done, and change nothing.
    #[arg(long)]
    dry_run: bool,
}

#[derive(Serialize)]
struct Report {
    #[serde(flatten)]
    change: Change,
    requests: Vec<Outcome>,
    /// Why it did not go on; what was made before stays.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Told>,
}

/// What became of an entry, or would.
#[derive(Serialize)]
struct Outcome {
    /// The entry's name.
    name: String,
    /// `made`, `replaced`, `noted`, `same`, `failed` or, after that, `not_begun`.
    outcome: &'static str,
    #[serde(flatten)]
    change: Change,
    /// The request that is there for the entry.
    request: String,
    /// The request that it replaces once it has a certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    replaces: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    record: Option<JsonRecord>,
}

/// Makes what is missing, and replaces what differs.
pub fn run(services: &Services, args: &Args, how: &How) -> Result<ExitCode, CliError> {
    let entries = many_from_file("file", &args.file)?;
    let wanted = checked(services, &entries)?;
    let plan = services.applications.plan(&wanted)?;
    if args.dry_run {
        return would_do(services, &wanted, &plan, how).map(|()| ExitCode::SUCCESS);
    }
    let mut done: Vec<(CsrName, Option<Todo>)> = Vec::with_capacity(wanted.len());
    let mut failed: Option<CliError> = None;
    for (entry, todo) in wanted.iter().zip(plan) {
        let name = entry.finished.request.name.clone();
        if failed.is_some() {
            done.push((name, None));
            continue;
        }
        match services.applications.carry_out(entry, todo, Actor::command_line()) {
            Ok(todo) => done.push((name, Some(todo))),
            Err(error) => {
                done.push((name, None));
                failed = Some(error.into());
            }
        }
    }
    let adviser = adviser(services);
    let made = wanted.iter().zip(&done).filter(|(_, (_, todo))| todo.as_ref().is_some_and(Todo::makes));
    for (entry, _) in made {
        for Advice { field, text } in adviser.of_new(&entry.finished.request) {
            how.advise(format_args!("advice: {}: {}: {}", entry.finished.request.name, flag_of(field), hint(text)));
        }
    }
    report(services, &done, failed.as_ref(), how)?;
    Ok(match failed {
        None => ExitCode::SUCCESS,
        Some(error) => {
            failure(&error);
            ExitCode::from(error.code())
        }
    })
}

/// All entries, each by the rules; refused with the mistakes of all of them.
fn checked(services: &Services, entries: &[Given]) -> Result<Vec<Wanted>, CliError> {
    let limit = Lifetime::public_limit(services.clock.today());
    let mut wanted = Vec::with_capacity(entries.len());
    let mut mistakes = Mistakes::none();
    let alone = entries.len() == 1;
    for (number, entry) in (1..).zip(entries) {
        let checked = entry
            .finish(limit, &services.config.policy)
            .and_then(|finished| Ok(Wanted { finished, has_lifetime: entry.has("lifetime"), note: entry.note()? }));
        match checked {
            Ok(entry) => wanted.push(entry),
            Err(CliError::Refused(refused)) => refused.into_iter().for_each(|one| {
                mistakes.add(match alone {
                    true => one,
                    false => Invalid { what: format!("{}: {}", place(number, entry), one.what), ..one },
                });
            }),
            Err(error) => return Err(error),
        }
    }
    if mistakes.is_empty() { Ok(wanted) } else { Err(CliError::Refused(mistakes)) }
}

/// Which entry it is.
fn place(number: usize, entry: &Given) -> String {
    let name = entry.text("name").map(|name| format!(" ({})", signet_domain::invalid::shortened(name)));
    format!("[[csr]] {number}{}", name.unwrap_or_default())
}

fn would_do(services: &Services, wanted: &[Wanted], plan: &[Todo], how: &How) -> Result<(), CliError> {
    let records = Records::read(services)?;
    let mut requests = Vec::with_capacity(plan.len());
    for (entry, todo) in wanted.iter().zip(plan) {
        let name = &entry.finished.request.name;
        let record = match todo.makes() {
            true => {
                let finished = services.applications.replacement(entry, todo)?;
                let content = services.requests.preview(&finished)?;
                let old = finished.supersedes.as_ref().map(|old| old.name.as_str());
                records.of_preview(&finished.request.name, &content, finished.request.key, old)
            }
            false => records.of(&services.catalog.csr(todo.request(name))?),
        };
        requests.push(outcome(name, Some(todo), Change::would(todo.changes()), Some(record)));
    }
    let report = Report { change: Change::would(plan.iter().any(Todo::changes)), requests, error: None };
    how.report(&report, || {
        let mut text = Text::new();
        for (entry, todo) in wanted.iter().zip(plan) {
            text.line(say::entry(&entry.finished.request.name, Some(todo), true));
        }
        text.line(DRY_RUN);
        text
    })
}

fn report(
    services: &Services,
    done: &[(CsrName, Option<Todo>)],
    failed: Option<&CliError>,
    how: &How,
) -> Result<(), CliError> {
    if !how.json {
        let mut text = Text::new();
        done.iter().for_each(|(name, todo)| {
            text.line(say::entry(name, todo.as_ref(), false));
        });
        return how.say(&text);
    }
    let records = Records::read(services)?;
    let requests = done.iter().map(|(name, todo)| {
        // One that is gone already has no record.
        let row = todo.as_ref().and_then(|todo| services.catalog.csr(todo.request(name)).ok());
        let changed = todo.as_ref().is_some_and(Todo::changes);
        outcome(name, todo.as_ref(), Change::done(changed), row.map(|row| records.of(&row)))
    });
    let mut requests: Vec<Outcome> = requests.collect();
    if let Some(first) = done.iter().position(|(_, todo)| todo.is_none()).and_then(|at| requests.get_mut(at)) {
        first.outcome = "failed";
    }
    let changed = done.iter().any(|(_, todo)| todo.as_ref().is_some_and(Todo::changes));
    let error = failed.and_then(|error| error.told().into_iter().next());
    json::print(&Report { change: Change::done(changed), requests, error })
}

fn outcome(name: &CsrName, todo: Option<&Todo>, change: Change, record: Option<JsonRecord>) -> Outcome {
    let replaces = match todo {
        Some(Todo::Replace { old, .. }) => Some(old.to_string()),
        _ => None,
    };
    Outcome {
        name: name.to_string(),
        outcome: match todo {
            None => "not_begun",
            Some(Todo::Make) => "made",
            Some(Todo::Keep(_)) => "same",
            Some(Todo::Note(_)) => "noted",
            Some(Todo::Replace { .. }) => "replaced",
        },
        change,
        request: todo.map_or(name, |todo| todo.request(name)).to_string(),
        replaces,
        record,
    }
}
