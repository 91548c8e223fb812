//! `signet owner set`: the owner's password as text or as a hash, from standard input.

use crate::cli::as_owner::Files;
use crate::cli::caller;
use crate::cli::error::CliError;
use crate::cli::how::Change;
use crate::cli::output::Text;
use crate::cli::secret_file::first_line_as_text;
use crate::cli::terminal::Standard;
use crate::cli::{Directory, Place};
use serde::Serialize;
use signet_app::access::{Given, SetOwner};
use signet_app::audit::Actor;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

/// Options of `owner set`.
#[derive(Debug, clap::Args)]
#[command(
    group(clap::ArgGroup::new("given").required(true).args(["password_stdin", "hash_stdin"])),
    after_help = "Example:\n  signet owner set --hash-stdin < hash"
)]
pub struct Args {
    /// Read the password from the first line of standard input.
    #[arg(long)]
    password_stdin: bool,
    /// Read its Argon2id hash from there, as a PHC string that another login of this device keeps.
    #[arg(long)]
    hash_stdin: bool,
    /// File with the device's setup code in its first line. All but root need it, and it sets a first password only.
    #[arg(long, value_name = "FILE")]
    code_file: Option<PathBuf>,
    /// Check everything, and change nothing.
    #[arg(long)]
    dry_run: bool,
}

#[derive(Serialize)]
struct Set {
    #[serde(flatten)]
    change: Change,
    /// The device had no owner before.
    first: bool,
}

impl Args {
    /// The files that it names.
    pub fn files(&self) -> Files {
        Files::default().input(&self.code_file)
    }
}

/// Sets the password.
pub fn run(place: &Place, args: &Args) -> Result<ExitCode, CliError> {
    if args.code_file.is_none() && !caller::is_root() {
        return Err(CliError::Usage {
            what: "setting the owner's password needs root or the setup code",
            fix: "Run the command as root; or, where there is no owner yet, name a file with the code: --code-file FILE.",
        });
    }
    if args.code_file.as_deref() == Some(Path::new("-")) {
        return Err(CliError::Usage {
            what: "standard input holds the password or its hash",
            fix: "Name a file with the code: --code-file FILE.",
        });
    }
    if Standard::Input.is_terminal() {
        return Err(CliError::Usage {
            what: "standard input is a terminal, which would show what is typed",
            fix: "Pipe the password or its hash into the command, or redirect a file.",
        });
    }
    let services = place.services("signet owner set", Directory::Existing)?;
    let code = args.code_file.as_deref().map(|path| first_line_as_text("code_file", path)).transpose()?;
    let code = code.as_ref().map(|code| code.as_str());
    let field = if args.hash_stdin { "hash_stdin" } else { "password_stdin" };
    let line = first_line_as_text(field, Path::new("-"))?;
    let given = if args.hash_stdin { Given::hash(&line)? } else { Given::Password(&line) };
    let outcome = match args.dry_run {
        true => services.access.may_set_owner(code, &given)?,
        false => services.access.set_owner(code, &given, Actor::command_line(), Instant::now())?,
    };
    let first = outcome == SetOwner::First;
    let change = Change::of(args.dry_run, true);
    place.how.report(&Set { change, first }, || {
        let mut text = Text::new();
        text.line(change.told("The owner's password is set.", "The owner's password would be set.", ""));
        text.line(match (args.dry_run, first) {
            (true, _) => "Nothing was changed (--dry-run).",
            (false, true) => "Next: log in with it. A running console uses it at once.",
            (false, false) => {
                "All sessions and unfinished requests in the browser have ended. A running console uses it at once."
            }
        });
        text
    })?;
    Ok(ExitCode::SUCCESS)
}
