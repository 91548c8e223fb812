//! The factory's manifest: one line a unit, appended durably, by several stations at once.
//!
//! What it holds is kept in memory as an index (serials, public keys), so that a unit costs the same whether it is the
//! tenth or the ten-thousandth; what other stations append is read before anything is asked or written. Appending holds a
//! lock (flock) on the file. A last line that a power cut left unfinished belongs to a unit that was never finished: it is
//! moved to `MANIFEST.cut`, with a note.

use super::line::Line;
use crate::messages::provision as say;
use rustix::fs::FlockOperation;
use signet_domain::unit::folded;
use signet_domain::visible;
use signet_store::{flock_until, sync_folder_of};
use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

mod error;

pub use error::ManifestError;

/// How long a station waits for another one, which holds the lock for one line only.
const PATIENCE: Duration = Duration::from_secs(30);
/// The longest line, bytes: 16 MiB are some 5,000 requests.
const MAX_LINE: usize = 16 << 20;
/// How much is read at a time.
const PIECE: usize = 1 << 20;

/// An open manifest. Threads share it.
#[derive(Debug)]
pub struct Manifest {
    path: PathBuf,
    file: File,
    known: Mutex<Known>,
}

/// What was read so far.
#[derive(Debug, Default)]
struct Known {
    /// Bytes, up to the end of a line.
    read: u64,
    lines: usize,
    /// The last line of each serial, folded.
    serials: HashMap<String, Kept>,
    /// The line of each public key's SHA-256.
    keys: HashMap<String, usize>,
    notes: Vec<String>,
}

#[derive(Debug, Clone, Copy)]
struct Kept {
    line: usize,
    at: u64,
    length: usize,
}

impl Manifest {
    /// Opens or makes one (mode 0600) and reads it.
    pub fn open(path: &Path) -> Result<Self, ManifestError> {
        let unreadable = |source| ManifestError::Unreadable { path: path.to_owned(), source };
        let is_new = !path.exists();
        let mut options = OpenOptions::new();
        let file = options.read(true).append(true).create(true).mode(0o600).open(path).map_err(unreadable)?;
        let mut known = Known::default();
        let mode = file.metadata().map_err(unreadable)?.permissions().mode() & 0o7777;
        if mode & 0o077 != 0 {
            file.set_permissions(std::fs::Permissions::from_mode(0o600)).map_err(unreadable)?;
            known.notes.push(say::manifest_was_open(&visible::path(path), mode));
        }
        if is_new {
            sync_folder_of(path).map_err(unreadable)?;
        }
        let manifest = Self { path: path.to_owned(), file, known: Mutex::new(known) };
        let mut known = manifest.known();
        let _lock = manifest.locked()?;
        manifest.read_on(&mut known, true)?;
        drop(_lock);
        drop(known);
        Ok(manifest)
    }

    /// What an operator should know of it, once.
    pub fn take_notes(&self) -> Vec<String> {
        std::mem::take(&mut self.known().notes)
    }

    /// The path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The last line of a serial, and its number.
    pub fn find(&self, serial: &str) -> Result<Option<(usize, Line)>, ManifestError> {
        let mut known = self.known();
        self.read_on(&mut known, false)?;
        let Some(kept) = known.serials.get(&folded(serial)).copied() else { return Ok(None) };
        drop(known);
        let mut text = Zeroizing::new(vec![0; kept.length]);
        self.file
            .read_exact_at(&mut text, kept.at)
            .map_err(|source| ManifestError::Unreadable { path: self.path.clone(), source })?;
        let line = serde_json::from_slice(&text).map_err(|_| self.wrong(kept.line))?;
        Ok(Some((kept.line, line)))
    }

    /// Appends a unit's line, and waits until it is on the medium. A serial that has one is refused unless
    /// [`Line::again`] says that it is started over; a public key that is there is always refused.
    pub fn append(&self, line: &Line) -> Result<(), ManifestError> {
        let mut known = self.known();
        let _lock = self.locked()?;
        self.read_on(&mut known, true)?;
        if let Some(kept) = known.serials.get(&folded(&line.serial)).filter(|_| !line.again) {
            let (path, serial) = (self.path.clone(), line.serial.clone());
            return Err(ManifestError::SerialTaken { path, serial, line: kept.line });
        }
        for (whose, key) in line.keys() {
            if let Some(&taken) = known.keys.get(key) {
                let (path, whose) = (self.path.clone(), visible::line(whose));
                return Err(ManifestError::KeyTaken { path, whose, line: taken });
            }
        }
        let mut text = Zeroizing::new(Vec::new());
        let json = line.to_json();
        text.reserve_exact(json.len() + 1);
        text.extend_from_slice(json.expose_secret());
        text.push(b'\n');
        if let Err(source) = self.write_whole(known.read, &text) {
            return Err(ManifestError::Unwritable { path: self.path.clone(), source });
        }
        let (at, length) = (known.read, text.len() - 1);
        known.take(line, at, length);
        known.read += text.len() as u64;
        Ok(())
    }

    /// One write, then fsync; what was written in part is taken back.
    fn write_whole(&self, end: u64, text: &[u8]) -> io::Result<()> {
        let written = (&self.file).write(text).and_then(|count| {
            if count == text.len() { Ok(()) } else { Err(io::Error::from(io::ErrorKind::StorageFull)) }
        });
        let kept = written.and_then(|()| self.file.sync_all());
        if kept.is_err() {
            // If this fails, too, the piece has no line end: the next reader sets it aside.
            let _ = self.file.set_len(end);
        }
        kept
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wrong(&self, line: usize) -> ManifestError {
        ManifestError::Line { path: self.path.clone(), line }
    }

    /// Reads what was appended since. Under the lock (`mend`) a last line without an end is nobody's who still writes.
    fn read_on(&self, known: &mut Known, mend: bool) -> Result<(), ManifestError> {
        let unreadable = |source| ManifestError::Unreadable { path: self.path.clone(), source };
        let mut open = Zeroizing::new(Vec::new());
        let mut piece = Zeroizing::new(vec![0; PIECE]);
        loop {
            let count = self.file.read_at(&mut piece, known.read + open.len() as u64).map_err(unreadable)?;
            let Some(new) = piece.get(..count).filter(|new| !new.is_empty()) else { break };
            open.extend_from_slice(new);
            let mut from = 0;
            while let Some(length) = open.get(from..).and_then(|rest| rest.iter().position(|byte| *byte == b'\n')) {
                self.read_line(known, open.get(from..from + length).unwrap_or_default())?;
                known.read += length as u64 + 1;
                from += length + 1;
            }
            open.drain(..from);
            if open.len() > MAX_LINE {
                return Err(self.wrong(known.lines + 1));
            }
        }
        if open.is_empty() || !mend {
            return Ok(());
        }
        if serde_json::from_slice::<Line>(&open).is_ok() {
            // Whole but for its end: an editor's doing, or a cut at the very last byte.
            self.write_whole(known.read + open.len() as u64, b"\n").map_err(unreadable)?;
            self.read_line(known, &open)?;
            known.read += open.len() as u64 + 1;
            return Ok(());
        }
        self.set_aside(known, &open)
    }

    fn read_line(&self, known: &mut Known, text: &[u8]) -> Result<(), ManifestError> {
        if text.iter().all(u8::is_ascii_whitespace) {
            known.lines += 1;
            return Ok(());
        }
        let line: Line = serde_json::from_slice(text).map_err(|_| self.wrong(known.lines + 1))?;
        let at = known.read;
        known.take(&line, at, text.len());
        Ok(())
    }

    fn set_aside(&self, known: &mut Known, piece: &[u8]) -> Result<(), ManifestError> {
        let mut name = self.path.as_os_str().to_owned();
        name.push(".cut");
        let aside = PathBuf::from(name);
        let unwritable = |source| ManifestError::Unwritable { path: aside.clone(), source };
        let mut file = OpenOptions::new().append(true).create(true).mode(0o600).open(&aside).map_err(unwritable)?;
        file.write_all(piece)
            .and_then(|()| file.write_all(b"\n"))
            .and_then(|()| file.sync_all())
            .map_err(unwritable)?;
        let cut = |source| ManifestError::Unwritable { path: self.path.clone(), source };
        self.file.set_len(known.read).and_then(|()| self.file.sync_all()).map_err(cut)?;
        known.notes.push(say::manifest_was_cut(known.lines + 1, piece.len(), &visible::path(&aside)));
        Ok(())
    }

    fn locked(&self) -> Result<Locked<'_>, ManifestError> {
        match flock_until(&self.file, Instant::now() + PATIENCE) {
            Ok(true) => Ok(Locked(&self.file)),
            Ok(false) => Err(ManifestError::Busy { path: self.path.clone() }),
            Err(errno) => Err(ManifestError::Unreadable { path: self.path.clone(), source: errno.into() }),
        }
    }
}

impl Known {
    fn take(&mut self, line: &Line, at: u64, length: usize) {
        self.lines += 1;
        let number = self.lines;
        self.serials.insert(folded(&line.serial), Kept { line: number, at, length });
        for (_, key) in line.keys() {
            self.keys.insert(key.to_owned(), number);
        }
    }
}

struct Locked<'a>(&'a File);

impl Drop for Locked<'_> {
    fn drop(&mut self) {
        // The end of the process would do it as well.
        let _ = rustix::fs::flock(self.0, FlockOperation::Unlock);
    }
}
