//! Where a command writes a file that leaves the device: a new file, or standard output.
//!
//! A file is whole and on the medium before it has its name, and what has to be recorded is recorded in between. One that
//! is there already with the same content is no mistake: then there is nothing to do.

use super::caller_files::{self, New};
use super::error::CliError;
use super::how::{Change, How};
use super::messages::usage;
use super::output::{Text, raw};
use serde::Serialize;
use signet_domain::visible;
use signet_store::Secrecy;
use std::path::{Path, PathBuf};

/// Options of commands that write such a file.
#[derive(Debug, Clone, clap::Args)]
pub struct Out {
    /// New file [default: standard output].
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Check everything and say whether the file would be written, and write nothing. Needs --out.
    #[arg(long, requires = "out")]
    pub dry_run: bool,
}

/// What is ready to be written.
#[derive(Debug)]
pub struct Ready<'a> {
    path: Option<&'a Path>,
    place: Place<'a>,
}

#[derive(Debug)]
enum Place<'a> {
    /// Standard output gets these bytes.
    Output(&'a [u8]),
    /// The very same is there.
    Same,
    New(New),
}

/// A file that was written, or would be.
#[derive(Serialize)]
struct Written<'a> {
    #[serde(flatten)]
    change: Change,
    /// The request.
    name: &'a str,
    path: String,
}

impl Out {
    /// Standard output holds the file itself: then there is no room for JSON.
    pub fn check(&self, how: &How) -> Result<(), CliError> {
        if how.json && self.file().is_none() {
            return Err(usage::FILE_AND_JSON);
        }
        if self.dry_run && self.file().is_none() {
            return Err(usage::DRY_RUN_NEEDS_FILE);
        }
        Ok(())
    }

    fn file(&self) -> Option<&Path> {
        self.out.as_deref().filter(|path| *path != Path::new("-"))
    }

    /// Writes the bytes where nothing can see them yet.
    ///
    /// # Errors
    /// Where another file is there, or the place does not take it.
    pub fn prepare<'a>(&'a self, bytes: &'a [u8], secrecy: Secrecy) -> Result<Ready<'a>, CliError> {
        let Some(path) = self.file() else { return Ok(Ready { path: None, place: Place::Output(bytes) }) };
        let failed = |source| CliError::Unwritable { path: path.to_owned(), source };
        let new = caller_files::prepare(path, bytes, secrecy).map_err(failed)?;
        Ok(Ready { path: Some(path), place: new.map_or(Place::Same, Place::New) })
    }

    /// Says what was written; nothing where that was standard output.
    pub fn report(&self, how: &How, name: &str, changed: bool, what: &str) -> Result<(), CliError> {
        let Some(path) = self.file() else { return Ok(()) };
        let change = Change::of(self.dry_run, changed);
        how.report(&Written { change, name, path: visible::path(path) }, || {
            let mut text = Text::new();
            let head = change.told("Wrote", "Would write", "Nothing changed, already there:");
            text.line(format_args!("{head} {}: {what}", visible::path(path)));
            text
        })
    }
}

impl Ready<'_> {
    /// Whether anything is to be written.
    pub fn changes(&self) -> bool {
        !matches!(self.place, Place::Same)
    }

    /// Gives the file its name, or writes to standard output.
    pub fn publish(self) -> Result<(), CliError> {
        match (self.place, self.path) {
            (Place::Output(bytes), _) => raw(bytes),
            (Place::New(new), Some(path)) => {
                new.publish().map_err(|source| CliError::Unwritable { path: path.to_owned(), source })
            }
            (Place::Same | Place::New(_), _) => Ok(()),
        }
    }
}
