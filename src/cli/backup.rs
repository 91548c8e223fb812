//! `signet backup`: what is the owner's, encrypted, as a file that leaves the device.

use super::as_owner::Files;
use super::caller_files;
use super::error::CliError;
use super::how::Change;
use super::output::{Text, tell};
use super::secret_file::first_line;
use super::{Directory, Place};
use serde::Serialize;
use signet_app::audit::Actor;
use signet_app::backup::Plan;
use signet_domain::{password, visible};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Options of `backup`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  signet backup nas.age --passphrase-file passphrase")]
pub struct Args {
    /// New file (mode 0600). - is standard output.
    file: PathBuf,
    /// File with the passphrase in its first line, 12 to 128 characters. - is standard input.
    #[arg(long, value_name = "FILE")]
    passphrase_file: PathBuf,
    /// Put the owner's password in as well, as its hash.
    #[arg(long)]
    with_owner: bool,
    /// Say what the backup would hold, and write nothing.
    #[arg(long)]
    dry_run: bool,
}

#[derive(Serialize)]
struct BackedUp {
    #[serde(flatten)]
    change: Change,
    path: String,
    requests: Vec<String>,
    left_out: Vec<LeftOut>,
    owner: bool,
    settings: bool,
}

#[derive(Serialize)]
struct LeftOut {
    name: String,
    why: String,
}

impl Args {
    /// The files that it names.
    pub fn files(&self) -> Files {
        Files::default().input([&self.passphrase_file]).output([&self.file])
    }

    fn is_for_output(&self) -> bool {
        self.file == Path::new("-")
    }
}

/// Writes a backup.
pub fn run(place: &Place, args: &Args) -> Result<ExitCode, CliError> {
    if place.how.json && args.is_for_output() && !args.dry_run {
        return Err(CliError::Usage {
            what: "with --json the backup needs a place of its own",
            fix: "Name a file instead of -, or leave --json out.",
        });
    }
    let services = place.services("signet backup", Directory::Existing)?;
    let passphrase = first_line("passphrase_file", &args.passphrase_file)?;
    password::check_backup(&String::from_utf8_lossy(passphrase.expose_secret()))?;
    let backups = &services.backups;
    let plan = backups.plan(args.with_owner)?;
    if !place.how.json {
        for left_out in &plan.left_out {
            tell(format_args!("warning: {} stays out: {}.", left_out.name, left_out.why));
        }
    }
    let by = Actor::command_line();
    match (args.dry_run, args.is_for_output()) {
        (true, _) => {}
        (false, true) => {
            backups.record(&plan, by)?;
            let mut out = BufWriter::new(std::io::stdout().lock());
            backups.write(&plan, &mut out, &passphrase)?;
            out.flush().map_err(CliError::Output)?;
            // Standard output is the backup's.
            return Ok(ExitCode::SUCCESS);
        }
        (false, false) => {
            let failed = |source| CliError::Unwritable { path: args.file.clone(), source };
            let (file, new) = caller_files::begin(&args.file).map_err(failed)?;
            let mut out = BufWriter::new(file);
            backups.write(&plan, &mut out, &passphrase)?;
            out.flush().map_err(failed)?;
            drop(out);
            backups.record(&plan, by)?;
            new.publish().map_err(failed)?;
        }
    }
    report(place, args, &plan)
}

fn report(place: &Place, args: &Args, plan: &Plan) -> Result<ExitCode, CliError> {
    let change = Change::of(args.dry_run, true);
    let backed_up = BackedUp {
        change,
        path: visible::path(&args.file),
        requests: plan.requests.iter().map(ToString::to_string).collect(),
        left_out: plan
            .left_out
            .iter()
            .map(|one| LeftOut { name: one.name.to_string(), why: one.why.clone() })
            .collect(),
        owner: plan.owner,
        settings: plan.settings,
    };
    place.how.report(&backed_up, || {
        let mut text = Text::new();
        let head = change.told("Wrote", "Would write", "");
        let requests = match plan.requests.len() {
            1 => "1 request with its key".to_owned(),
            count => format!("{count} requests with their keys"),
        };
        let settings = if plan.settings { ", the settings" } else { "" };
        let owner = if plan.owner { ", the owner" } else { "" };
        text.line(format_args!("{head} {}: {requests}{settings}{owner}", backed_up.path));
        if !args.dry_run {
            text.line(
                "Next: keep it off this device, and its passphrase apart from it. `signet restore` brings it back.",
            );
        }
        text
    })?;
    Ok(ExitCode::SUCCESS)
}
