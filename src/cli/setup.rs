//! `signet setup`: the owner's first password by command, for devices that are set up without a browser.
//!
//! Who knows the setup code may set it, as in the browser; root may without. Passwords and codes come from files.

use super::as_owner::Files;
use super::caller;
use super::error::CliError;
use super::how::Change;
use super::messages::{DRY_RUN, recover as say, usage};
use super::output::Text;
use super::secret_file::first_line_as_text;
use super::{Directory, Place};
use serde::Serialize;
use signet_app::audit::Actor;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

/// Options of `setup`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  signet setup --password-file password --code-file code")]
pub struct Args {
    /// File with the owner's new password in its first line. - is standard input.
    #[arg(long, value_name = "FILE")]
    password_file: PathBuf,
    /// File with the device's setup code in its first line. All but root need it.
    #[arg(long, value_name = "FILE")]
    code_file: Option<PathBuf>,
    /// Check the password, and change nothing.
    #[arg(long)]
    dry_run: bool,
}

#[derive(Serialize)]
struct SetUp {
    #[serde(flatten)]
    change: Change,
    /// There is an owner now.
    owner: bool,
}

impl Args {
    /// The files that it names.
    pub fn files(&self) -> Files {
        Files::default().input([&self.password_file]).input(&self.code_file)
    }
}

/// Sets the password, unless there is an owner: then it is nobody's to set here.
pub fn run(place: &Place, args: &Args) -> Result<ExitCode, CliError> {
    if args.code_file.is_none() && !caller::is_root() {
        return Err(usage::CODE_FILE);
    }
    if args.code_file.as_deref() == Some(Path::new("-")) && args.password_file == Path::new("-") {
        return Err(usage::ONE_INPUT_OF_SETUP);
    }
    let services = place.services("signet setup", Directory::Existing)?;
    let code = args.code_file.as_deref().map(|path| first_line_as_text("code_file", path)).transpose()?;
    let password = first_line_as_text("password_file", &args.password_file)?;
    if args.dry_run {
        services.access.may_set_up(&password)?;
    } else {
        let code = code.as_ref().map(|code| code.as_str());
        services.access.set_up_by_command(code, &password, Actor::command_line(), Instant::now())?;
    }
    let change = Change::of(args.dry_run, true);
    place.how.report(&SetUp { change, owner: !args.dry_run }, || {
        let mut text = Text::new();
        text.line(change.told(say::PASSWORD_SET, say::PASSWORD_WOULD_BE_SET, ""));
        text.line(match args.dry_run {
            true => DRY_RUN,
            false => say::LOG_IN_WITH_IT,
        });
        text
    })?;
    Ok(ExitCode::SUCCESS)
}
