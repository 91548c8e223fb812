//! `signet csr rename|note|delete`: what changes a request, and its end.

use super::revoke::revoke;
use super::{named, stored};
use crate::cli::error::CliError;
use crate::cli::how::{Change, How};
use crate::cli::messages::{requests as say, usage};
use crate::cli::output::Text;
use serde::Serialize;
use signet_app::Services;
use signet_app::audit::Actor;
use signet_app::requests::content::Row;
use signet_app::requests::name_taken;
use signet_app::uses::{User, Uses};
use signet_domain::note::Note;
use std::path::PathBuf;

/// Options of `csr rename`.
#[derive(Debug, clap::Args)]
pub struct RenameArgs {
    /// Name of the request.
    old: String,
    /// Its new name.
    new: String,
    /// Check both names, and change nothing.
    #[arg(long)]
    dry_run: bool,
}

/// Options of `csr note`.
#[derive(Debug, clap::Args)]
pub struct NoteArgs {
    /// Name of the request.
    name: String,
    /// Note, at most 1000 characters. Empty removes it.
    #[arg(required_unless_present = "file", conflicts_with = "file")]
    text: Option<String>,
    /// Read the note from a file. - is standard input.
    #[arg(long, value_name = "FILE")]
    pub(super) file: Option<PathBuf>,
    /// Check the note, and change nothing.
    #[arg(long)]
    dry_run: bool,
}

/// Options of `csr delete`.
#[derive(Debug, clap::Args)]
pub struct DeleteArgs {
    /// Name of the request.
    name: String,
    /// Confirm that the request and the only copy of its private key are to be deleted.
    #[arg(long)]
    yes: bool,
    /// Delete it even if the console or another service uses its certificate.
    #[arg(long)]
    force: bool,
    /// Have the CA revoke its certificate first. Where that fails, nothing is deleted.
    #[arg(long)]
    revoke: bool,
    /// Show what would be deleted, and delete nothing.
    #[arg(long)]
    dry_run: bool,
}

/// Bytes of a file with a note: more than any note has, so that the refusal is the note's own.
const MAX_NOTE_FILE: u64 = 64 * 1024;

#[derive(Serialize)]
struct Renamed {
    #[serde(flatten)]
    change: Change,
    name: String,
    former_name: String,
}

/// Renames.
pub fn rename(services: &Services, args: &RenameArgs, how: &How) -> Result<(), CliError> {
    let (old, new) = (stored(services, &args.old)?, named(&args.new)?);
    if args.dry_run {
        services.catalog.csr(&old)?;
        services.catalog.may_change(&old)?;
        if old.folded() != new.folded() && services.catalog.name_is_taken(&new)? {
            return Err(name_taken(&new).into());
        }
    } else if old == new {
        services.catalog.csr(&old)?;
    } else {
        services.requests.rename(&old, &new, Actor::command_line())?;
    }
    let change = Change::of(args.dry_run, old != new);
    how.report(&Renamed { change, name: new.to_string(), former_name: old.to_string() }, || {
        let mut text = Text::new();
        text.line(say::renamed(&old, &new, change.told("Renamed", "Would rename", "")));
        text
    })
}

#[derive(Serialize)]
struct Noted {
    #[serde(flatten)]
    change: Change,
    name: String,
    note: String,
}

/// Writes the note.
pub fn note(services: &Services, args: &NoteArgs, how: &How) -> Result<(), CliError> {
    let name = stored(services, &args.name)?;
    let typed = match (&args.text, &args.file) {
        (_, Some(path)) => {
            let content = crate::cli::input::read("file", path, MAX_NOTE_FILE)?;
            String::from_utf8_lossy(&content).into_owned()
        }
        (text, None) => text.clone().unwrap_or_default(),
    };
    let note = Note::parse(&typed)?;
    let differs = services.catalog.readable(&name)?.record.note != note.as_str();
    if differs && !args.dry_run {
        services.requests.set_note(&name, &note, Actor::command_line())?;
    }
    let change = Change::of(args.dry_run, differs);
    how.report(&Noted { change, name: name.to_string(), note: note.as_str().to_owned() }, || {
        let mut text = Text::new();
        let head = change.told(
            "Changed the note of",
            "Would change the note of",
            "Nothing changed, this is already the note of",
        );
        text.line(format_args!("{head} {name}."));
        text
    })
}

#[derive(Serialize)]
struct Deleted {
    #[serde(flatten)]
    change: Change,
    name: String,
    used_by: Vec<User>,
    /// Its certificate was revoked.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    revoked: bool,
}

/// Deletes.
pub fn delete(services: &Services, args: &DeleteArgs, how: &How) -> Result<(), CliError> {
    let name = stored(services, &args.name)?;
    services.catalog.may_change(&name)?;
    let row = services.catalog.csr(&name)?;
    let uses = Uses::of(&services.store, &services.config.services);
    let used_by = row.content.as_ref().map(|content| uses.of_request(content)).unwrap_or_default();
    if !args.yes && !args.dry_run {
        return Err(not_confirmed(&row));
    }
    if !used_by.is_empty() && !args.force {
        let users: Vec<String> = used_by.iter().map(User::told).collect();
        return Err(CliError::InUse { name: name.to_string(), users: users.join(", ") });
    }
    if !args.dry_run {
        if args.revoke {
            revoke(services, &name, "cessation-of-operation", how)?;
        }
        services.requests.delete(&name, Actor::command_line())?;
    }
    let change = Change::of(args.dry_run, true);
    how.report(&Deleted { change, name: name.to_string(), used_by, revoked: args.revoke && !args.dry_run }, || {
        let mut text = Text::new();
        text.line(format_args!("{} {name} and its private key.", change.told("Deleted", "Would delete", "")));
        text
    })
}

fn not_confirmed(row: &Row) -> CliError {
    match row.content {
        Err(_) => usage::DELETE_DAMAGED,
        Ok(_) => usage::DELETE,
    }
}
