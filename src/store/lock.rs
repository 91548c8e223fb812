//! Who may write, who serves, and how everybody else learns of a change.
//!
//! `DATA/lock` is locked by flock and never removed ([`super::lock_file`] has its lines); `DATA/serve.lock` likewise.

use super::data_dir::Store;
use super::document::Document;
use super::error::StoreError;
use super::flock::{Locked, flock_until};
use super::lock_file::{self, LOCK, SERVE_LOCK, open_file, pwrite_all};
use super::messages::THIS_PROGRAM;
use super::sweep;
use super::turn::Taken;
use rustix::fs::{FlockOperation, OFlags};
use rustix::io::Errno;
use std::cell::Cell;
use std::time::{Duration, Instant};

/// How long a writer waits for another one.
pub(super) const LOCK_WAIT: Duration = Duration::from_secs(5);

/// The right to change the directory; given back when dropped.
#[derive(Debug)]
pub struct WriteLock<'a> {
    pub(super) store: &'a Store,
    before: u64,
    generation: Cell<u64>,
    pub(super) file: Locked,
    // Last: the turn ends after the file is closed.
    _turn: Taken<'a>,
}

/// What one lock made of the generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    /// The number when the lock was taken. Odd after a writer that was killed.
    pub before: u64,
    /// The number now; the same where nothing changed.
    pub after: u64,
}

/// How long a console waits for others that only look whether one serves.
const LOOK: Duration = Duration::from_millis(250);

/// The right to serve the directory; given back when dropped.
#[derive(Debug)]
pub struct ServeLock {
    store: Store,
    pub(super) _file: Locked,
}

/// Characters of the process's number, which is in the first line.
const PID: usize = 10;
/// The longest text that a console keeps beside its lock, bytes.
const MAX_TOLD: usize = 4096;

impl ServeLock {
    /// Keeps a text of one line beside the lock, for [`Store::serving`]: what is served. It is not waited for the medium, since
    /// it says nothing once the console has stopped.
    pub fn tell(&self, text: &str) -> Result<(), StoreError> {
        let root = self.store.root();
        let failed = |errno| StoreError::at(root.at(SERVE_LOCK), errno);
        let file = open_file(root, SERVE_LOCK, OFlags::RDWR)?;
        let lines = format!("{:<PID$}\n{text}\n", std::process::id());
        pwrite_all(&file, lines.as_bytes(), 0).map_err(failed)?;
        rustix::fs::ftruncate(&file, lines.len() as u64).map_err(failed)
    }
}

impl Store {
    /// The right to change anything. Waits up to 5 seconds, or as long as [`super::Opening::wait`] says, so call it where waiting is allowed, and never while holding
    /// it; then [`StoreError::Busy`]. On a read-only partition [`StoreError::ReadOnly`].
    pub fn lock(&self) -> Result<WriteLock<'_>, StoreError> {
        self.lock_within(self.opening().wait.unwrap_or(LOCK_WAIT))
    }

    /// As [`Store::lock`], with another patience.
    pub(super) fn lock_within(&self, wait: Duration) -> Result<WriteLock<'_>, StoreError> {
        if self.is_read_only() {
            return Err(StoreError::ReadOnly { path: self.path().to_path_buf() });
        }
        let until = Instant::now() + wait;
        let busy = |who| StoreError::Busy { path: self.path().to_path_buf(), who };
        let turn = self.turn().take(until).ok_or_else(|| busy(THIS_PROGRAM.to_owned()))?;
        let root = self.root();
        let file = loop {
            let file = open_file(root, LOCK, OFlags::RDWR | OFlags::CREATE)?;
            if !flock_until(&file, until).map_err(|errno| StoreError::at(root.at(LOCK), errno))? {
                return Err(busy(lock_file::holder(&file)));
            }
            if lock_file::still_named(root, LOCK, &file) {
                break file;
            }
        };
        lock_file::set_holder(&file, &format!("process {} ({})", std::process::id(), self.command()))
            .map_err(|errno| StoreError::at(root.at(LOCK), errno))?;
        let generation = lock_file::generation(&file);
        let lock = WriteLock {
            store: self,
            before: generation,
            generation: Cell::new(generation),
            file: Locked::holding(file),
            _turn: turn,
        };
        if lock_file::exists(root, Document::RestoreIntent.file_name())? {
            // A restore was killed after it had gathered everything. Nobody may take a name that it is about to fill.
            lock.publish_restore()?;
        }
        if is_changing(generation) {
            // The last writer was killed in the middle.
            sweep::all(self.root(), || lock.changing())?;
        }
        Ok(lock)
    }

    /// What the console that serves the directory keeps beside its lock ([`ServeLock::tell`]), perhaps nothing; none where no
    /// console serves it.
    pub fn serving(&self) -> Result<Option<String>, StoreError> {
        let root = self.root();
        if !lock_file::exists(root, SERVE_LOCK)? {
            return Ok(None);
        }
        let file = open_file(root, SERVE_LOCK, OFlags::RDONLY)?;
        match rustix::fs::flock(&file, FlockOperation::NonBlockingLockShared) {
            Ok(()) => return Ok(None),
            Err(Errno::WOULDBLOCK | Errno::INTR) => {}
            Err(errno) => return Err(StoreError::at(root.at(SERVE_LOCK), errno)),
        }
        let mut bytes = vec![0; MAX_TOLD];
        let length = rustix::io::pread(&file, bytes.as_mut_slice(), 0).unwrap_or_default();
        let text = String::from_utf8_lossy(bytes.get(..length).unwrap_or_default()).into_owned();
        Ok(Some(text.lines().nth(1).unwrap_or_default().to_owned()))
    }

    /// The right to serve, refused soon where another console has it.
    pub fn serve_lock(&self) -> Result<ServeLock, StoreError> {
        if self.is_read_only() {
            return Err(StoreError::ReadOnly { path: self.path().to_path_buf() });
        }
        let root = self.root();
        // Held for reading alone: a file that is open for writing would keep an operator from mounting read-only.
        let file = match open_file(root, SERVE_LOCK, OFlags::RDONLY | OFlags::CREATE) {
            // A partition that turned read-only keeps its console.
            Err(StoreError::ReadOnly { .. }) => open_file(root, SERVE_LOCK, OFlags::RDONLY)?,
            opened => opened?,
        };
        if !flock_until(&file, Instant::now() + LOOK).map_err(|errno| StoreError::at(root.at(SERVE_LOCK), errno))? {
            let mut text = [0; PID];
            let length = rustix::io::pread(&file, &mut text, 0).unwrap_or_default();
            let pid = text.get(..length).and_then(|text| std::str::from_utf8(text).ok()?.trim().parse().ok());
            return Err(StoreError::Serving { path: self.path().to_path_buf(), pid });
        }
        // For messages only.
        if let Ok(file) = open_file(root, SERVE_LOCK, OFlags::RDWR) {
            let _ = pwrite_all(&file, format!("{:<PID$}", std::process::id()).as_bytes(), 0);
        }
        Ok(ServeLock { store: self.clone(), _file: Locked::holding(file) })
    }

    /// A number that every change of the directory moves, by whichever process. Cheap to ask.
    ///
    /// Ask before reading, and keep what was read under that number only if it is even ([`is_settled`]): an odd one says
    /// that a change is under way, or that its writer was killed in the middle. A power cut may set it back, so it is
    /// nothing to be kept in a file.
    pub fn generation(&self) -> Result<u64, StoreError> {
        Ok(lock_file::generation(&open_file(self.root(), LOCK, OFlags::RDONLY)?))
    }
}

/// True when what is read under this generation may be kept until the generation moves.
pub fn is_settled(generation: u64) -> bool {
    generation.is_multiple_of(2)
}

impl WriteLock<'_> {
    /// The store that is locked.
    pub fn store(&self) -> &Store {
        self.store
    }

    /// Gives the lock back, and says how the generation moved: who kept something under [`Moved::before`] and made every
    /// change since itself may keep it under [`Moved::after`], without reading all again.
    pub fn release(self) -> Moved {
        self.settle();
        Moved { before: self.before, after: self.generation.get() }
    }

    /// The number as it is under this lock.
    pub(super) fn generation(&self) -> u64 {
        self.generation.get()
    }

    fn settle(&self) {
        let generation = self.generation.get();
        // If this fails the number stays odd: readers keep nothing, and the next writer sweeps.
        if is_changing(generation) && lock_file::set_generation(&self.file, generation.wrapping_add(1)).is_ok() {
            self.generation.set(generation.wrapping_add(1));
            self.store.usage().carry(generation, generation.wrapping_add(1));
        }
    }

    /// Called before each change: from here to the end of the lock the generation is odd.
    pub(super) fn changing(&self) -> Result<(), StoreError> {
        let generation = self.generation.get();
        if is_changing(generation) {
            return Ok(());
        }
        let next = generation.wrapping_add(1);
        lock_file::set_generation(&self.file, next)
            .map_err(|errno| StoreError::at(self.store.root().at(LOCK), errno))?;
        self.generation.set(next);
        Ok(())
    }
}

impl Drop for WriteLock<'_> {
    fn drop(&mut self) {
        self.settle();
        let _ = lock_file::set_holder(&self.file, "");
    }
}

fn is_changing(generation: u64) -> bool {
    !is_settled(generation)
}
