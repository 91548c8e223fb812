//! `signet provision --batch`: the list, the progress, and the summary of what failed and why.

use super::progress::Progress;
use super::requests::Requests;
use super::units::{BadRow, Listed, bad_rows, read_list};
use super::{Recording, Wanted, label, warn_of_unknown, write_label};
use crate::cli::Place;
use crate::cli::cause::Cause;
use crate::cli::error::{CliError, of_provision};
use crate::cli::how::How;
use crate::cli::json as print;
use crate::cli::messages::DRY_RUN;
use crate::cli::messages::provision as say;
use crate::cli::output::{Text, failure, tell};
use serde_json::json;
use signet_app::clock::Clock;
use signet_app::config::Config;
use signet_app::provision::batch::{self, Fate};
use signet_app::provision::line::Line;
use signet_app::provision::{Job, Outcome, ProvisionError, check};
use signet_domain::unit::{Unit, folded};
use std::collections::HashMap;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What became of all.
#[derive(Debug, Default)]
struct Sums {
    made: usize,
    resumed: usize,
    done: usize,
    elsewhere: usize,
    failed: Vec<(String, String)>,
    not_begun: usize,
    /// The numbers of the jobs that a later run has to do.
    left: Vec<usize>,
    /// Why the first one failed; room that ran out counts before anything else.
    why: Option<Cause>,
}

/// Makes the units of the list.
pub(super) fn run(
    place: &Place,
    args: &Wanted,
    list: &Path,
    out: &Path,
    recording: &Recording<'_>,
) -> Result<ExitCode, CliError> {
    let config = Config::load(place.named_config(), out)?;
    warn_of_unknown(&config);
    let units = read_list(list)?;
    let requests = args.requests.as_deref().map(Requests::read).transpose()?;
    let jobs = jobs(args, list, units, requests.as_ref(), &config)?;
    if args.dry_run {
        return would_make(&jobs, out, &place.how);
    }
    for folder in [Some(out), args.label.as_deref()].into_iter().flatten() {
        make_folder(folder)?;
    }
    let Some(register) = (recording.open)()? else { return Err(crate::cli::messages::usage::NO_REGISTER) };
    let by_serial: HashMap<String, &Job> = jobs.iter().map(|job| (folded(job.unit.serial()), job)).collect();
    let print = |line: &Line| -> Result<(), ProvisionError> {
        let (Some(folder), Some(job)) = (&args.label, by_serial.get(&folded(&line.serial))) else { return Ok(()) };
        write_label(&folder.join(format!("{}.svg", job.unit.serial())), line, job, &config)
    };
    let threads = args.jobs.map_or_else(|| std::thread::available_parallelism().map_or(1, usize::from), usize::from);
    let mut progress = Progress::new(jobs.len(), &place.how);
    let mut sums = Sums::default();
    batch::run(out, &jobs, threads, register, Clock::System, print, |number, fate| {
        let serial = jobs.get(number).map(|job| job.unit.serial()).unwrap_or_default();
        progress.step(serial, &fate, out);
        sums.add(number, serial, fate);
    });
    progress.end();
    let left: Vec<&Unit> = sums.left.iter().filter_map(|number| jobs.get(*number)).map(|job| &job.unit).collect();
    let kept = if left.is_empty() { None } else { (recording.not_made)(out, &left)? };
    summary(&sums, args, out, recording, kept, &place.how)?;
    Ok(sums.why.map_or(ExitCode::SUCCESS, |why| ExitCode::from(why.code())))
}

/// What would become of each device; those that are there already are left as they are.
fn would_make(jobs: &[Job], out: &Path, how: &How) -> Result<ExitCode, CliError> {
    let (mut made, mut done, mut first) = (0, 0, None);
    for job in jobs {
        let path = out.join(job.unit.serial());
        let (outcome, error) = match check(&path, job) {
            Ok(()) => ("would_make", None),
            Err(ProvisionError::Provisioned { .. }) => ("done", None),
            Err(error) => ("failed", Some(error)),
        };
        made += usize::from(outcome == "would_make");
        done += usize::from(outcome == "done");
        if how.json {
            let mut line = json!({"serial": job.unit.serial(), "outcome": outcome, "path": path});
            if let (Some(error), Some(fields)) = (&error, line.as_object_mut()) {
                fields.remove("path");
                fields.insert("code".to_owned(), of_provision(error).word().into());
                fields.insert("error".to_owned(), error.to_string().into());
                fields.insert("fix".to_owned(), error.fix().into());
            }
            print::print(&line)?;
        }
        if let Some(error) = error {
            let error = CliError::Provision(error);
            failure(&error);
            first = first.or(Some(error.cause()));
        }
    }
    let failed = jobs.len() - made - done;
    let sums = json!({"would_make": made, "done": done, "failed": failed});
    how.report(&sums, || {
        let mut text = Text::new();
        text.line(say::would_make_all(made, done, failed));
        text.line(DRY_RUN);
        text
    })?;
    Ok(first.map_or(ExitCode::SUCCESS, |cause| ExitCode::from(cause.code())))
}

/// Everything that can be known before is judged before anything is made.
fn jobs(
    args: &Wanted,
    list: &Path,
    units: Vec<Listed>,
    requests: Option<&Requests>,
    config: &Config,
) -> Result<Vec<Job>, CliError> {
    let mut jobs = Vec::with_capacity(units.len());
    let mut bad = Vec::new();
    let today = Clock::System.today();
    for Listed { line, unit } in units {
        let wanted = match requests {
            Some(requests) => requests.of(&unit, &config.policy, today),
            None => Ok(Vec::new()),
        };
        let wanted = wanted.and_then(|wanted| match &args.label {
            Some(_) => label::url(&unit, &[], config).map(|_| wanted),
            None => Ok(wanted),
        });
        match wanted {
            Ok(requests) => {
                jobs.push(Job { unit, addresses: Vec::new(), requests, owner: args.owner, again: false });
            }
            Err(CliError::Refused(mistakes)) => bad.extend(mistakes.into_iter().map(|one| BadRow {
                line,
                what: format!("{}: {}", one.field, one.what),
                fix: one.fix,
            })),
            Err(error) => bad.push(BadRow { line, what: error.to_string(), fix: error.fix() }),
        }
    }
    if bad.is_empty() { Ok(jobs) } else { Err(bad_rows(list, &bad)) }
}

fn make_folder(path: &Path) -> Result<(), CliError> {
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(|source| CliError::Unwritable { path: PathBuf::from(path), source })
}

impl Sums {
    fn add(&mut self, number: usize, serial: &str, fate: Fate) {
        if matches!(fate, Fate::Failed(_) | Fate::NotBegun) {
            self.left.push(number);
        }
        match fate {
            Fate::Made(Outcome::Made) => self.made += 1,
            Fate::Made(Outcome::Resumed) => self.resumed += 1,
            Fate::Done => self.done += 1,
            Fate::Elsewhere(_) => self.elsewhere += 1,
            Fate::NotBegun => self.not_begun += 1,
            Fate::Failed(error) => {
                self.failed.push((format!("{serial}: {error}"), error.fix()));
                match error.stops() {
                    true => self.why = Some(of_provision(&error)),
                    false => self.why = self.why.or(Some(of_provision(&error))),
                }
            }
        }
    }
}

fn summary(
    sums: &Sums,
    args: &Wanted,
    out: &Path,
    recording: &Recording<'_>,
    kept: Option<String>,
    how: &How,
) -> Result<(), CliError> {
    let Sums { made, resumed, done, elsewhere, failed, not_begun, .. } = sums;
    for (what, fix) in failed {
        tell(format_args!("error: {what}"));
        tell(fix);
    }
    if *not_begun > 0 {
        tell(say::not_begun(*not_begun, sums.why == Some(Cause::ReadOnlyOrFull)));
    }
    if how.json {
        let mut sums = json!({
            "made": made, "resumed": resumed, "done": done, "failed": failed.len(), "not_begun": not_begun,
        });
        if let (true, Some(fields)) = (recording.is_shared, sums.as_object_mut()) {
            fields.insert("elsewhere".to_owned(), (*elsewhere).into());
            fields.insert("left".to_owned(), kept.into());
        }
        return print::print(&sums);
    }
    let counts = [*made, *resumed, *done, failed.len(), *not_begun];
    let mut text = Text::new();
    text.line(say::made_all(counts, recording.is_shared.then_some(*elsewhere)));
    text.line(say::directories(out));
    if let Some(place) = &recording.place {
        text.line(place);
    }
    if let Some(kept) = kept {
        text.line(say::left(&kept));
    }
    if let Some(folder) = &args.label {
        text.line(say::labels(folder));
    }
    how.say(&text)
}
