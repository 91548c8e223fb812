//! `signet provision`: one unit or many, without a screen and without a clock to trust.
//!
//! Here are the words and the files beside the data directory (manifest, label); what a unit is made of and how a kill is
//! survived is in [`signet_app::provision`].

mod args;
mod batch;
mod label;
mod progress;
mod recording;
mod requests;
mod units;

use super::code::Outlet;
use super::error::CliError;
use super::how::{Change, How};
use super::output::{Text, tell};
use super::{Place, code};
use crate::cli::messages::DRY_RUN;
use crate::cli::messages::recover::{CODE_ABOVE, CODE_NOT_SHOWN, CODE_ON_CONSOLE};
use crate::cli::messages::{provision as say, unknown_key, usage};
pub use args::{Args, Wanted};
pub use recording::{KeepsRows, Recording};
use requests::Requests;
use serde::Serialize;
use signet_app::clock::{self, Clock};
use signet_app::config::Config;
use signet_app::provision::line::Line;
use signet_app::provision::manifest::Manifest;
use signet_app::provision::register::Register;
use signet_app::provision::{Job, Outcome, ProvisionError, provision};
use signet_app::random;
use signet_domain::secret::Secret;
use signet_domain::time;
use signet_domain::unit::Unit;
use signet_domain::visible;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use zeroize::Zeroizing;

/// Provisions, and records in a manifest.
pub fn run(place: &Place, args: &Args) -> Result<ExitCode, CliError> {
    let default = args.wanted.out.as_ref().map(|out| out.join("manifest.jsonl"));
    let path = args.manifest.clone().or(default);
    let opened = std::cell::OnceCell::new();
    let recording = Recording {
        open: &|| {
            let Some(path) = &path else { return Ok(None) };
            let manifest = open_manifest(path)?;
            Ok(Some(opened.get_or_init(|| manifest) as &dyn Register))
        },
        place: path.as_deref().map(say::manifest),
        not_made: &|_, _| Ok(None),
        is_shared: false,
    };
    provision_in(place, &args.wanted, &recording)
}

/// Provisions, and records where `recording` says.
pub fn provision_in(place: &Place, args: &Wanted, recording: &Recording<'_>) -> Result<ExitCode, CliError> {
    if args.owner.is_some() && !rustix::process::geteuid().is_root() {
        return Err(usage::OWNER);
    }
    wait_for_randomness();
    advise_on_the_clock(Clock::System);
    match (&args.batch, &args.out) {
        (Some(units), Some(out)) => batch::run(place, args, units, out, recording),
        _ => single(place, args, recording),
    }
}

fn single(place: &Place, args: &Wanted, recording: &Recording<'_>) -> Result<ExitCode, CliError> {
    let typed = |field: &Option<String>| field.clone().unwrap_or_default();
    let unit = Unit::parse(&typed(&args.serial), &typed(&args.model), &typed(&args.hostname), &typed(&args.mac))
        .map_err(CliError::Refused)?;
    let config = place.config()?;
    warn_of_unknown(&config);
    let requests = args.requests.as_deref().map(Requests::read).transpose()?;
    let job = Job {
        requests: match &requests {
            Some(requests) => requests.of(&unit, &config.policy, Clock::System.today())?,
            None => Vec::new(),
        },
        unit,
        addresses: args.address.clone(),
        owner: args.owner,
        again: args.again,
    };
    if args.label.is_some() {
        label::url(&job.unit, &job.addresses, &config)?;
    }
    let data = place.data();
    if args.dry_run {
        return would_make(data, &job, &place.how);
    }
    let register = (recording.open)()?;
    // Before anything is made: a place that cannot be used ends it here.
    let mut outlet = match args.setup_code_file.as_deref() {
        Some(path) => code::outlet(Some(path))?,
        None => None,
    };
    let outcome = provision(data, &job, register, Clock::System, |line| {
        if let Some(path) = &args.label {
            write_label(path, line, &job, &config)?;
        }
        print_line(line, outlet.as_mut())
    })?;
    if !place.how.quiet {
        report(data, &job, args, recording, outcome);
    }
    Ok(ExitCode::SUCCESS)
}

/// What would be made, for programs.
#[derive(Serialize)]
struct WouldMake<'a> {
    #[serde(flatten)]
    change: Change,
    serial: &'a str,
    path: String,
    /// The factory requests.
    csrs: Vec<String>,
}

fn would_make(data: &Path, job: &Job, how: &How) -> Result<ExitCode, CliError> {
    signet_app::provision::check(data, job)?;
    let (serial, path) = (job.unit.serial(), visible::path(data));
    let csrs = job.requests.iter().map(|(_, request, _)| request.name.to_string()).collect::<Vec<_>>();
    let count = csrs.len();
    how.report(&WouldMake { change: Change::would(true), serial, path: path.clone(), csrs }, || {
        let mut text = Text::new();
        text.line(say::would_make(serial, &path, count));
        text.line(DRY_RUN);
        text
    })?;
    Ok(ExitCode::SUCCESS)
}

/// The line on standard output, which is what a station reads. The last one printed for a unit is true: it is printed
/// before the unit is published.
///
/// The code is in it, unless it is shown at `outlet`, or standard output is the journal.
fn print_line(line: &Line, outlet: Option<&mut Outlet>) -> Result<(), ProvisionError> {
    let code = || Secret::from(line.setup_code.clone());
    let shown_at = match outlet {
        Some(outlet) => {
            outlet.show(&code()).map_err(|error| match error {
                CliError::Unwritable { path, source } => ProvisionError::Unwritable { path, source },
                CliError::Output(source) | CliError::Os(source) => no_output(source),
                other => no_output(std::io::Error::other(other)),
            })?;
            Some(outlet.told().unwrap_or_else(|| CODE_ABOVE.to_owned()))
        }
        None if code::output_is_journal() => {
            let mut console = code::system_console().map(Outlet::Console);
            let is_shown = console.as_mut().is_some_and(|console| console.show(&code()).is_ok());
            Some(if is_shown { CODE_ON_CONSOLE } else { CODE_NOT_SHOWN }.to_owned())
        }
        None => None,
    };
    let mut text = Zeroizing::new(Vec::new());
    match shown_at {
        Some(shown_at) => {
            text.extend_from_slice(format!("{}\nSetup code:   {shown_at}\n", line.to_public_json()).as_bytes());
        }
        None => {
            text.extend_from_slice(line.to_json().expose_secret());
            text.push(b'\n');
        }
    }
    let mut out = std::io::stdout().lock();
    out.write_all(&text).and_then(|()| out.flush()).map_err(no_output)
}

fn no_output(source: std::io::Error) -> ProvisionError {
    ProvisionError::Unwritable { path: "standard output".into(), source }
}

fn report(data: &Path, job: &Job, args: &Wanted, recording: &Recording<'_>, outcome: Outcome) {
    let serial = job.unit.serial();
    let (data, count) = (visible::path(data), job.requests.len());
    tell(say::made(serial, &data, count, matches!(outcome, Outcome::Resumed)));
    if let Some(place) = &recording.place {
        tell(format_args!("{place}."));
    }
    if let Some(path) = &args.label {
        tell(say::label(path));
    }
    tell(say::NEXT);
}

fn open_manifest(path: &Path) -> Result<Manifest, CliError> {
    let manifest = Manifest::open(path).map_err(ProvisionError::from)?;
    for note in manifest.take_notes() {
        tell(format_args!("warning: {note}"));
    }
    Ok(manifest)
}

fn write_label(path: &Path, line: &Line, job: &Job, config: &Config) -> Result<(), ProvisionError> {
    // The URL was found to be there before anything was made.
    let url = label::url(&job.unit, &job.addresses, config).unwrap_or_default();
    let svg = label::draw(line, &url);
    label::write(path, svg.expose_secret())
        .map_err(|source| ProvisionError::Unwritable { path: path.to_owned(), source })
}

/// The kernel's generator is waited for by every use; here it is said why nothing happens.
fn wait_for_randomness() {
    if !random::is_ready() {
        tell(say::WAITING_FOR_RANDOMNESS);
        random::wait_until_ready();
    }
}

fn advise_on_the_clock(clock: Clock) {
    let (now, built) = (clock.now(), clock::build_date());
    if now < built {
        tell(say::clock(&time::shown(now), &time::shown(built)));
    }
}

fn warn_of_unknown(config: &Config) {
    for unknown in &config.unknown {
        tell(unknown_key(unknown));
    }
}
