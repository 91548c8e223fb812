//! `signet recover`: says what goes and what stays, asks, and does it so that no power cut can halve it.

use super::as_owner::Files;
use super::code::outlet;
use super::error::CliError;
use super::how::Change;
use super::messages::{DRY_RUN, NOTHING_CHANGED, recover as say, usage};
use super::output::{Text, ask, failure, hint, tell};
use super::{Directory, Place, reload_console, terminal};
use clap::Subcommand;
use serde::Serialize;
use signet_app::random;
use signet_app::recover::{Plan, Recovery};
use signet_domain::visible;
use signet_store::Document;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What is recovered.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(subcommand)]
    what: What,
    /// Do not ask for confirmation.
    #[arg(long, global = true)]
    yes: bool,
    /// Say what would be removed and what would stay, and do nothing.
    #[arg(long, global = true)]
    dry_run: bool,
    /// End a running console afterwards, for service managers that start it again whenever it ends.
    #[arg(long, global = true)]
    restart: bool,
}

const EXAMPLES: &str = "\
Exit code 1: the question was not answered with yes.

Examples:
  signet recover factory-reset --dry-run
  signet recover password";

#[derive(Debug, Subcommand)]
enum What {
    /// Reset the owner's password: the setup code lets a new one be set.
    Password(Code),
    /// Make a new key and certificate for the console.
    Identity,
    /// Clear the waiting times after wrong passwords.
    Lockout,
    /// Reset the device: remove the owner, requests, settings and the log.
    FactoryReset(Code),
}

#[derive(Debug, clap::Args)]
struct Code {
    /// Make a new setup code, which is valid instead of the label's, and show it on the terminal, else on /dev/console.
    #[arg(long)]
    new_code: bool,
    /// Write the new setup code to this new file (mode 0600) instead. - is standard output, whatever it is.
    #[arg(long, value_name = "FILE", requires = "new_code")]
    setup_code_file: Option<PathBuf>,
}

impl Args {
    /// The files that it names.
    pub fn files(&self) -> Files {
        let (_, code) = self.what.recovery();
        Files::default().output(code.and_then(|code| code.setup_code_file.as_ref()))
    }
}

impl Code {
    /// True where standard output could get the code.
    fn is_for_output(&self) -> bool {
        self.setup_code_file.as_deref().is_none_or(|path| path == Path::new("-"))
    }
}

impl What {
    fn recovery(&self) -> (Recovery, Option<&Code>) {
        match self {
            Self::Password(code) => (Recovery::Password, Some(code)),
            Self::Identity => (Recovery::Identity, None),
            Self::Lockout => (Recovery::Lockout, None),
            Self::FactoryReset(code) => (Recovery::FactoryReset, Some(code)),
        }
    }
}

/// Recovers.
pub fn run(place: &Place, args: &Args) -> Result<ExitCode, CliError> {
    let asks = !args.yes && !args.dry_run;
    if asks && (place.how.json || !terminal::Standard::Input.is_terminal()) {
        return Err(usage::CONFIRMATION);
    }
    let config = place.load_config();
    let services = place.services_despite_config("signet recover", Directory::Existing, &config)?;
    if let Err(error) = &config {
        tell(format_args!("warning: {error}"));
    }
    let (recovery, code) = args.what.recovery();
    let code = code.filter(|code| code.new_code);
    if place.how.json && code.is_some_and(Code::is_for_output) {
        return Err(usage::CODE_AND_JSON);
    }
    let new_code = code.is_some();
    // Before anything is done: a code that nobody has seen must not be the only one.
    let mut outlet = match code {
        Some(code) => Some(outlet(code.setup_code_file.as_deref())?.ok_or(usage::CODE_NOWHERE)?),
        None => None,
    };
    let plan = services.recoveries.plan(recovery, new_code)?;
    let how = &place.how;
    // The question is asked about this, so it is said also where little is to be said.
    if !how.json && (!how.quiet || !args.yes) {
        said(recovery, &plan).print()?;
    }
    if args.dry_run {
        let report = Recovered::of(recovery, &plan, Change::would(true));
        how.report(&report, || nothing_was_done(DRY_RUN))?;
        return Ok(ExitCode::SUCCESS);
    }
    if !args.yes && !agreed()? {
        how.report(&Recovered::of(recovery, &plan, Change::done(false)), || nothing_was_done(NOTHING_CHANGED))?;
        return Ok(ExitCode::from(1));
    }
    let fresh = new_code.then(random::setup_code).transpose()?;
    if let (Some(outlet), Some(fresh)) = (&mut outlet, &fresh) {
        let shown = outlet.show(fresh);
        if shown.is_err() {
            outlet.withdraw();
        }
        shown?;
    }
    if let Err(error) = services.recoveries.recover(recovery, fresh.as_ref()) {
        // Where the recovery was begun it will be finished with this code.
        if let (Some(outlet), Ok(None)) = (&outlet, services.store.document(Document::RecoveryIntent)) {
            outlet.withdraw();
        }
        return Err(error.into());
    }
    if args.restart
        && let Err(error) = reload_console::end(&services)
    {
        // The recovery itself is done.
        failure(&error);
    }
    let shown_at = outlet.and_then(|outlet| outlet.told());
    let report = Recovered { setup_code: shown_at.clone(), ..Recovered::of(recovery, &plan, Change::done(true)) };
    how.report(&report, || {
        let mut text = Text::new();
        if let Some(shown_at) = shown_at {
            text.line(format_args!("Setup code:   {shown_at}"));
        }
        for newer in &plan.aside {
            text.line(say::kept_aside(&newer.path, &newer.kept_at));
        }
        done(&mut text, recovery, fresh.is_some(), !matches!(services.store.device(), Ok(None)));
        text
    })?;
    Ok(ExitCode::SUCCESS)
}

/// What was recovered, for programs.
#[derive(Serialize)]
struct Recovered {
    #[serde(flatten)]
    change: Change,
    recovery: &'static str,
    goes: Vec<String>,
    stays: Vec<String>,
    /// Where a new setup code was shown or written.
    #[serde(skip_serializing_if = "Option::is_none")]
    setup_code: Option<String>,
    /// Files of a newer version that were kept under another name.
    kept: Vec<String>,
}

impl Recovered {
    fn of(recovery: Recovery, plan: &Plan, change: Change) -> Self {
        Self {
            change,
            recovery: recovery.word(),
            goes: plan.goes.iter().map(ToString::to_string).collect(),
            stays: plan.stays.iter().map(ToString::to_string).collect(),
            setup_code: None,
            kept: plan.aside.iter().map(|newer| visible::path(&newer.kept_at)).collect(),
        }
    }
}

fn nothing_was_done(line: &str) -> Text {
    let mut text = Text::new();
    text.line(line);
    text
}

fn said(recovery: Recovery, plan: &Plan) -> Text {
    let mut text = Text::new();
    text.line(format_args!("recover {}", recovery.word()));
    for (title, phrases) in [("Removed:", &plan.goes), ("Kept:", &plan.stays)] {
        for (at, phrase) in phrases.iter().enumerate() {
            if at == 0 {
                text.line(title);
            }
            text.line(format_args!("  - {phrase}"));
        }
    }
    text
}

fn agreed() -> Result<bool, CliError> {
    ask(say::QUESTION)?;
    let answer = terminal::line().map_err(CliError::Os)?;
    Ok(answer.trim().eq_ignore_ascii_case("yes"))
}

fn done(text: &mut Text, recovery: Recovery, fresh: bool, labelled: bool) {
    let code = say::code(fresh, labelled);
    text.line(say::done(recovery.word()));
    match recovery {
        Recovery::Password => text.line(say::set_password(code)),
        Recovery::FactoryReset => text.line(say::restart(code)).line(say::FLASH),
        Recovery::Identity => text.line(hint(say::RELOAD)),
        Recovery::Lockout => text.line(say::LOG_IN),
    };
}
