//! `signet restore`: brings the requests of a backup onto this device, all of them or none.

use super::as_owner::Files;
use super::error::CliError;
use super::how::Change;
use super::output::{Text, hint, tell};
use super::secret_file::first_line;
use super::{Directory, Place, caller, caller_files, terminal};
use serde::Serialize;
use signet_app::audit::Actor;
use signet_app::backup::{Part, Restored, Wanted};
use signet_domain::name::CsrName;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Options of `restore`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  signet restore nas.age --passphrase-file passphrase --dry-run\n  signet restore nas.age --passphrase-file passphrase"
)]
pub struct Args {
    /// The backup. - is standard input.
    file: PathBuf,
    /// File with its passphrase in the first line. - is standard input.
    #[arg(long, value_name = "FILE")]
    passphrase_file: PathBuf,
    /// Restore the owner's password as well, where there is no owner here. As root.
    #[arg(long)]
    with_owner: bool,
    /// Restore the configuration as well, where there is none in the data directory.
    #[arg(long)]
    with_settings: bool,
    /// Check the whole backup and say what it would bring, and bring nothing.
    #[arg(long)]
    dry_run: bool,
}

#[derive(Serialize)]
struct Json {
    #[serde(flatten)]
    change: Change,
    /// When the backup was made, by the clock of the device that it was made on.
    made: String,
    requests: Vec<String>,
    same: Vec<String>,
    kept: Vec<JsonKept>,
    owner: &'static str,
    settings: &'static str,
}

#[derive(Serialize)]
struct JsonKept {
    name: String,
    here: String,
}

impl Args {
    /// The files that it names.
    pub fn files(&self) -> Files {
        Files::default().input([&self.file, &self.passphrase_file])
    }
}

/// The configuration of the backup may be another device's.
const MOVES: &str = "warning: the configuration in the backup listens at other addresses, or trusts other web servers, than this device does now. Check it before the console starts again.";

/// Restores.
pub fn run(place: &Place, args: &Args) -> Result<ExitCode, CliError> {
    if args.file == Path::new("-") && args.passphrase_file == Path::new("-") {
        return Err(CliError::Usage {
            what: "only one of the backup and --passphrase-file can be standard input",
            fix: "Give the other one as a file.",
        });
    }
    if args.with_owner && !caller::is_root() {
        return Err(CliError::NotRoot { what: "only root may restore an owner" });
    }
    let services = place.services("signet restore", Directory::Existing)?;
    let passphrase = first_line("passphrase_file", &args.passphrase_file)?;
    let file = whole(args).map_err(|source| unreadable(args, source))?;
    let wanted = Wanted { owner: args.with_owner, settings: args.with_settings, dry_run: args.dry_run };
    let restored = services.backups.restore(BufReader::new(file), &passphrase, wanted, Actor::command_line())?;
    report(place, args, &restored)
}

/// The backup as a file. What comes by a pipe is taken first, encrypted as it is, since nobody else may change the data directory
/// while a restore reads.
fn whole(args: &Args) -> io::Result<File> {
    let mut from: Box<dyn Read> = match args.file == Path::new("-") {
        true => terminal::input()?,
        false => {
            let file = caller_files::open(&args.file)?;
            if file.metadata()?.is_file() {
                return Ok(file);
            }
            Box::new(file)
        }
    };
    let mut file = tempfile::tempfile()?;
    io::copy(&mut from, &mut file)?;
    file.rewind()?;
    Ok(file)
}

fn unreadable(args: &Args, source: std::io::Error) -> CliError {
    CliError::Unreadable { field: "file", path: args.file.clone(), source }
}

fn report(place: &Place, args: &Args, restored: &Restored) -> Result<ExitCode, CliError> {
    if restored.moves {
        tell(MOVES);
    }
    let change = Change::of(args.dry_run, restored.changes());
    let names = |names: &[CsrName]| names.iter().map(ToString::to_string).collect::<Vec<String>>();
    let json = Json {
        change,
        made: restored.made.to_string(),
        requests: names(&restored.requests),
        same: names(&restored.same),
        kept: restored
            .kept
            .iter()
            .map(|kept| JsonKept { name: kept.name.to_string(), here: kept.here.to_string() })
            .collect(),
        owner: word(restored.owner),
        settings: word(restored.settings),
    };
    place.how.report(&json, || {
        let mut text = Text::new();
        text.line(format_args!("Backup of {}", signet_domain::time::shown(restored.made)));
        for (title, list) in [
            (change.told("Restored:", "Would be restored:", "Restored:"), json.requests.clone()),
            ("Here already:", json.same.clone()),
            ("Different on this device, not replaced:", json.kept.iter().map(|kept| kept.here.clone()).collect()),
        ] {
            for (at, name) in list.iter().enumerate() {
                if at == 0 {
                    text.line(title);
                }
                text.line(format_args!("  - {name}"));
            }
        }
        for (what, part) in [("owner", restored.owner), ("configuration", restored.settings)] {
            if let Some(said) = said(part) {
                text.line(format_args!("The {what}: {said}"));
            }
        }
        text.line(hint(change.told(
            "Done. Run `signet check` to check everything.",
            "Nothing was changed (--dry-run).",
            "Nothing changed: everything is here already.",
        )));
        text
    })?;
    Ok(ExitCode::SUCCESS)
}

fn word(part: Part) -> &'static str {
    match part {
        Part::Absent => "absent",
        Part::Left => "left",
        Part::Same => "same",
        Part::Kept => "kept",
        Part::Restored => "restored",
    }
}

fn said(part: Part) -> Option<&'static str> {
    match part {
        Part::Absent | Part::Same => None,
        Part::Left => Some("in the backup, and not asked for"),
        Part::Kept => Some("the one on this device stays"),
        Part::Restored => Some("restored"),
    }
}
