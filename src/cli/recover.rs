//! `signet recover`: says what goes and what stays, asks, and does it so that no power cut can halve it.

use super::as_owner::Files;
use super::code::outlet;
use super::error::CliError;
use super::how::Change;
use super::output::{Text, ask, hint, tell};
use super::{Directory, Place, terminal};
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

/// A code would go into a pipe or a log.
const NOWHERE: CliError = CliError::Usage {
    what: "a new setup code cannot be shown: this is not a terminal, and /dev/console cannot be used",
    fix: "Run the command on a terminal, or add --setup-code-file FILE (- is standard output).",
};

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
        return Err(CliError::Usage {
            what: "a recovery asks for confirmation, and this is not a terminal",
            fix: "Add --yes to do it without a question, or --dry-run to see what it would do.",
        });
    }
    let config = place.load_config();
    let services = place.services_despite_config("signet recover", Directory::Existing, &config)?;
    if let Err(error) = &config {
        tell(format_args!("warning: {error}"));
    }
    let (recovery, code) = args.what.recovery();
    let code = code.filter(|code| code.new_code);
    if place.how.json && code.is_some_and(Code::is_for_output) {
        return Err(CliError::Usage {
            what: "with --json a new setup code needs a place of its own",
            fix: "Name a new file with --setup-code-file FILE.",
        });
    }
    let new_code = code.is_some();
    // Before anything is done: a code that nobody has seen must not be the only one.
    let mut outlet = code.map(|code| outlet(code.setup_code_file.as_deref()).ok_or(NOWHERE)).transpose()?;
    let plan = services.recoveries.plan(recovery, new_code)?;
    let how = &place.how;
    // The question is asked about this, so it is said also where little is to be said.
    if !how.json && (!how.quiet || !args.yes) {
        said(recovery, &plan).print()?;
    }
    if args.dry_run {
        let report = Recovered::of(recovery, &plan, Change::would(true));
        how.report(&report, || nothing_was_done("Nothing was changed (--dry-run)."))?;
        return Ok(ExitCode::SUCCESS);
    }
    if !args.yes && !agreed()? {
        how.report(&Recovered::of(recovery, &plan, Change::done(false)), || nothing_was_done("Nothing was changed."))?;
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
    let told = outlet.and_then(|outlet| outlet.told());
    let report = Recovered { setup_code: told.clone(), ..Recovered::of(recovery, &plan, Change::done(true)) };
    how.report(&report, || {
        let mut text = Text::new();
        if let Some(told) = told {
            text.line(format_args!("Setup code:   {told}"));
        }
        for newer in &plan.aside {
            let (path, kept_at) = (visible::path(&newer.path), visible::path(&newer.kept_at));
            text.line(format_args!("Kept:         {path}, written by a newer version of Signet, as {kept_at}"));
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
    ask("Type yes to continue: ")?;
    let answer = terminal::line().map_err(CliError::Os)?;
    Ok(answer.trim().eq_ignore_ascii_case("yes"))
}

fn done(text: &mut Text, recovery: Recovery, fresh: bool, labelled: bool) {
    let code = match (fresh, labelled) {
        (true, _) => "the new setup code",
        (false, true) => "the setup code on the label",
        (false, false) => "the setup code of the first start (--new-code makes another one)",
    };
    text.line(format_args!("Done: recover {}. All sessions have ended.", recovery.word()));
    match recovery {
        Recovery::Password => text.line(format_args!("Next: open the console and set a new password with {code}.")),
        Recovery::FactoryReset => text
            .line(format_args!(
                "Next: restart the console (`systemctl restart signet.service`). The new owner sets it up with {code}."
            ))
            .line("Flash memory may keep what was deleted until it is overwritten."),
        Recovery::Identity => text.line(
            hint("Next: `systemctl reload signet.service` makes a running console use the new certificate. `signet check` shows it."),
        ),
        Recovery::Lockout => text.line("Next: log in."),
    };
}
