//! The audit log's files: lines appended, durable one by one, bounded by rotation. What a line says is not known here.
//!
//! Each journal is `NAME` and, behind it, `NAME.1`: what is full becomes the second one, over the old second one. Appending
//! needs the write lock, but moves no generation: nothing that is kept in memory depends on it.

use super::atomic;
use super::data_dir::Store;
use super::dir::Content;
use super::error::StoreError;
use super::lock::WriteLock;
use super::lock_file::open_file;
use rustix::fs::{FallocateFlags, OFlags};
use rustix::io::Errno;
use std::os::fd::OwnedFd;
use zeroize::Zeroizing;

/// The longest line, bytes.
pub const MAX_LINE: usize = 4096;

/// A journal, with its own share of the partition: one cannot rotate the other away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Journal {
    /// `audit.log`: what was done.
    Done,
    /// `refused.log`: what was tried in vain, such as a wrong password.
    Refused,
}

impl Journal {
    /// The name of the newer file.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Done => "audit.log",
            Self::Refused => "refused.log",
        }
    }

    /// The name of the older file.
    pub fn older_file_name(self) -> &'static str {
        match self {
            Self::Done => "audit.log.1",
            Self::Refused => "refused.log.1",
        }
    }

    /// The size of one of its two files, bytes.
    pub fn file_size(self) -> usize {
        match self {
            Self::Done => 512 * 1024,
            Self::Refused => 64 * 1024,
        }
    }
}

impl Store {
    /// All lines of a journal, oldest first. A line that a power cut left unfinished is among them.
    pub fn journal(&self, journal: Journal) -> Result<Vec<String>, StoreError> {
        let mut lines = Vec::new();
        for name in [journal.older_file_name(), journal.file_name()] {
            let Some(text) = self.journal_file(name, journal)? else { continue };
            lines.extend(String::from_utf8_lossy(&text).lines().filter(|line| !line.is_empty()).map(str::to_owned));
        }
        Ok(lines)
    }

    /// The lines of a journal's newer file, oldest first.
    pub fn newer_journal(&self, journal: Journal) -> Result<Vec<String>, StoreError> {
        let text = self.journal_file(journal.file_name(), journal)?.unwrap_or_default();
        Ok(String::from_utf8_lossy(&text).lines().filter(|line| !line.is_empty()).map(str::to_owned).collect())
    }

    /// The last line of a journal's newer file, read alone. None when there is none, when a power cut left it unfinished, or
    /// when it cannot be read: [`Store::newer_journal`] says more then.
    pub fn last_line(&self, journal: Journal) -> Option<String> {
        let file = open_file(self.root(), journal.file_name(), OFlags::RDONLY).ok()?;
        let mut end = vec![0; MAX_LINE + 2];
        let from = size_of(&file).ok()?.saturating_sub(end.len() as u64);
        let length = rustix::io::pread(&file, &mut end, from).ok()?;
        end.truncate(length);
        let lines = end.strip_suffix(b"\n")?;
        let begin = lines.iter().rposition(|byte| *byte == b'\n').map(|at| at + 1).or((from == 0).then_some(0))?;
        std::str::from_utf8(lines.get(begin..)?).ok().map(str::to_owned)
    }

    fn journal_file(&self, name: &str, journal: Journal) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        let root = self.root();
        // A file that somebody made larger is not read: it counts as full.
        match root.read(name, journal.file_size()).map_err(|errno| StoreError::at(root.at(name), errno))? {
            Content::Bytes(bytes) => Ok(Some(bytes)),
            Content::Missing | Content::TooLarge => Ok(None),
            Content::NotAFile => Err(StoreError::Occupied { path: root.at(name) }),
        }
    }
}

impl WriteLock<'_> {
    /// Appends lines, each at most [`MAX_LINE`] bytes and without a line end in it, and waits until they are on the medium.
    /// True when they are the first ones of the newer file: what was in it before is the older one now.
    pub fn append(&self, journal: Journal, lines: &[&str]) -> Result<bool, StoreError> {
        let root = self.store.root();
        let name = journal.file_name();
        let mut text = String::new();
        for line in lines {
            if line.len() > MAX_LINE {
                return Err(StoreError::TooLarge { path: root.at(name), bound: MAX_LINE });
            }
            text.extend(line.chars().map(|c| if c == '\n' || c == '\r' { ' ' } else { c }));
            text.push('\n');
        }
        let failed = |errno| StoreError::at(root.at(name), errno);
        let (file, size) = self.with_room(journal, text.len())?;
        if size == 0 {
            root.sync()?;
        } else if !ends_with_line_end(&file, size).map_err(failed)? {
            // A power cut left half a line: the next one starts a line of its own.
            text.insert(0, '\n');
        }
        match rustix::io::write(&file, text.as_bytes()) {
            Ok(count) if count == text.len() => {}
            other => {
                // Half a line is removed again, as far as that is possible.
                let _ = rustix::fs::ftruncate(&file, size);
                return Err(failed(other.err().unwrap_or(Errno::NOSPC)));
            }
        }
        rustix::fs::fdatasync(&file).map_err(failed)?;
        Ok(size == 0)
    }

    /// Takes room for the next `bytes` of a journal, so that a change that is about to be made can be recorded. A file
    /// system that cannot do that says nothing.
    pub fn reserve(&self, journal: Journal, bytes: usize) -> Result<(), StoreError> {
        let (file, size) = self.with_room(journal, bytes)?;
        loop {
            match rustix::fs::fallocate(&file, FallocateFlags::KEEP_SIZE, size, bytes as u64) {
                Ok(()) | Err(Errno::OPNOTSUPP | Errno::NOSYS) => return Ok(()),
                Err(Errno::INTR) => {}
                Err(errno) => return Err(StoreError::at(self.store.root().at(journal.file_name()), errno)),
            }
        }
    }

    /// The newer file, and its size; rotated when `bytes` more would make it too large.
    fn with_room(&self, journal: Journal, bytes: usize) -> Result<(OwnedFd, u64), StoreError> {
        let root = self.store.root();
        let name = journal.file_name();
        let failed = |errno| StoreError::at(root.at(name), errno);
        let flags = OFlags::RDWR | OFlags::APPEND | OFlags::CREATE;
        let file = open_file(root, name, flags)?;
        let size = size_of(&file).map_err(failed)?;
        if size == 0 || size + (bytes as u64) < journal.file_size() as u64 {
            return Ok((file, size));
        }
        atomic::rename_replacing(root, name, journal.older_file_name())?;
        Ok((open_file(root, name, flags)?, 0))
    }

    /// Removes a journal (a reset).
    pub fn remove_journal(&self, journal: Journal) -> Result<(), StoreError> {
        for name in [journal.file_name(), journal.older_file_name()] {
            self.store.root().remove(name)?;
        }
        Ok(())
    }
}

fn size_of(file: &impl std::os::fd::AsFd) -> Result<u64, Errno> {
    Ok(u64::try_from(rustix::fs::fstat(file)?.st_size).unwrap_or_default())
}

fn ends_with_line_end(file: &impl std::os::fd::AsFd, size: u64) -> Result<bool, Errno> {
    let mut last = [0];
    rustix::io::pread(file, &mut last, size.saturating_sub(1))?;
    Ok(last == *b"\n")
}
