//! `signet recover`: says what goes and what stays, asks, and does it so that no power cut can halve it.

use super::code::outlet;
use super::error::CliError;
use super::output::{Text, ask, say, tell};
use super::{Directory, Place, terminal};
use clap::Subcommand;
use signet_app::random;
use signet_app::recover::{Plan, Recovery};
use signet_domain::visible;
use signet_store::Document;
use std::path::PathBuf;
use std::process::ExitCode;

/// What is recovered.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
    /// Do not ask.
    #[arg(long, global = true)]
    yes: bool,
    /// Say what would go and what would stay, and do nothing.
    #[arg(long, global = true)]
    dry_run: bool,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Remove the owner: the label's setup code opens /setup again.
    Password(Code),
    /// Give the console a new key and certificate.
    Identity,
    /// Forget the waits after wrong passwords.
    Lockout,
    /// Make the unit as it left the factory: owner, CSRs, settings and log go.
    FactoryReset(Code),
}

#[derive(Debug, clap::Args)]
struct Code {
    /// Make a new setup code, which is in force instead of the label's, and show it on the terminal, else on /dev/console.
    #[arg(long)]
    new_code: bool,
    /// Write the new setup code to this new file (mode 0600) instead; - for standard output, whatever it is.
    #[arg(long, value_name = "FILE", requires = "new_code")]
    setup_code_file: Option<PathBuf>,
}

/// A code would go into a pipe or a log.
const NOWHERE: CliError = CliError::Usage {
    what: "there is nobody to show a new setup code to: this is no terminal, and /dev/console cannot be used",
    fix: "Run the command on a terminal, or name a new file: --setup-code-file FILE (- for standard output).",
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
    if !args.yes && !args.dry_run && !terminal::Standard::Input.is_terminal() {
        return Err(CliError::Usage {
            what: "a recovery asks before it begins, and there is nobody to ask",
            fix: "Say --yes to do it without a question, or --dry-run to only see what it would do.",
        });
    }
    let config = place.load_config();
    let services = place.services_despite_config("signet recover", Directory::Existing, &config)?;
    if let Err(error) = &config {
        tell(format_args!("warning: {error}"));
    }
    let (recovery, code) = args.what.recovery();
    let code = code.filter(|code| code.new_code);
    let new_code = code.is_some();
    // Before anything is done: a code that nobody has seen must not be the only one.
    let mut outlet = code.map(|code| outlet(code.setup_code_file.as_deref()).ok_or(NOWHERE)).transpose()?;
    let plan = services.recoveries.plan(recovery, new_code)?;
    said(recovery, &plan).print()?;
    if args.dry_run {
        say("Nothing was done (--dry-run).")?;
        return Ok(ExitCode::SUCCESS);
    }
    if !args.yes && !agreed()? {
        say("Nothing was done.")?;
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
    if let Some(told) = outlet.and_then(|outlet| outlet.told()) {
        say(format_args!("Setup code:   {told}"))?;
    }
    for newer in &plan.aside {
        let (path, kept_at) = (visible::path(&newer.path), visible::path(&newer.kept_at));
        say(format_args!("Kept:         {path}, written by a newer version of Signet, as {kept_at}"))?;
    }
    done(recovery, fresh.is_some(), !matches!(services.store.device(), Ok(None))).print()?;
    Ok(ExitCode::SUCCESS)
}

fn said(recovery: Recovery, plan: &Plan) -> Text {
    let mut text = Text::new();
    text.line(format_args!("recover {}", recovery.word()));
    for (title, phrases) in [("Goes:", &plan.goes), ("Stays:", &plan.stays)] {
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
    ask("Type yes to go on: ")?;
    let answer = terminal::line().map_err(CliError::Os)?;
    Ok(answer.trim().eq_ignore_ascii_case("yes"))
}

fn done(recovery: Recovery, fresh: bool, labelled: bool) -> Text {
    let code = match (fresh, labelled) {
        (true, _) => "the new setup code",
        (false, true) => "the setup code on the label",
        (false, false) => "the setup code of the first start (lost? --new-code gives another)",
    };
    let mut text = Text::new();
    text.line(format_args!("Done: recover {}. Every session has ended.", recovery.word()));
    match recovery {
        Recovery::Password => text.line(format_args!("Next: open the console and set a new password with {code}.")),
        Recovery::FactoryReset => text
            .line(format_args!(
                "Next: restart the console (`systemctl restart signet.service`); {code} opens it for its new owner."
            ))
            .line("Flash memory may keep what was deleted until it is overwritten."),
        Recovery::Identity => text.line(
            "Next: `systemctl reload signet.service` (or a restart) takes the new certificate up; `signet check` shows it.",
        ),
        Recovery::Lockout => text.line("Next: log in; a console that runs takes it up at once."),
    };
    text
}
