//! The lock's file: three lines of fixed width. The first is the mark that makes a directory ours, the second counts
//! changes, the third is there for messages only. Knows neither who may lock nor when.
//!
//! ```text
//! signet lock 1
//! generation 00000000000000000042
//! holder process 1234 (signet csr create)
//! ```
//!
//! Readers take no lock. A number that is read while it is written can only be an odd one or one that never comes again:
//! from even to odd one digit changes, and from odd to even the last digit does.

use super::dir::{Dir, FILE_MODE};
use super::error::{StoreError, Why};
use rustix::fs::{AtFlags, FileType, OFlags};
use rustix::io::Errno;
use std::os::fd::OwnedFd;

/// The write lock's file, and the mark of a data directory.
pub(super) const LOCK: &str = "lock";
/// The lock of the console that serves.
pub(super) const SERVE_LOCK: &str = "serve.lock";

const HEADER: &str = "signet lock 1\ngeneration ";
const DIGITS: usize = 20;
const HOLDER: &str = "\nholder ";
const HOLDER_WIDTH: usize = 96;
const HOLDER_AT: usize = HEADER.len() + DIGITS + HOLDER.len();
const LENGTH: usize = HOLDER_AT + HOLDER_WIDTH + 1;

/// Opens a regular file for reading or writing, mode 0600 when it is made; anything else in its place is refused.
pub(super) fn open_file(root: &Dir, name: &str, flags: OFlags) -> Result<OwnedFd, StoreError> {
    let flags = flags | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
    let not_a_file = || StoreError::NotOurs { path: root.at(name), why: Why::NotAFile };
    let file = rustix::fs::openat(root.fd(), name, flags, FILE_MODE).map_err(|errno| match errno {
        Errno::LOOP | Errno::ISDIR | Errno::NXIO => not_a_file(),
        other => StoreError::at(root.at(name), other),
    })?;
    let stat = rustix::fs::fstat(&file).map_err(|errno| StoreError::at(root.at(name), errno))?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return Err(not_a_file());
    }
    Ok(file)
}

/// True where something has that name.
pub(super) fn exists(root: &Dir, name: &str) -> Result<bool, StoreError> {
    match rustix::fs::statat(root.fd(), name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(_) => Ok(true),
        Err(Errno::NOENT) => Ok(false),
        Err(errno) => Err(StoreError::at(root.at(name), errno)),
    }
}

/// True when the directory is ours already.
pub(super) fn has_mark(root: &Dir) -> Result<bool, StoreError> {
    match rustix::fs::statat(root.fd(), LOCK, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) if FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile => Ok(true),
        Ok(_) => Err(StoreError::NotOurs { path: root.at(LOCK), why: Why::NotAFile }),
        Err(Errno::NOENT) => Ok(false),
        Err(errno) => Err(StoreError::at(root.at(LOCK), errno)),
    }
}

/// The number in the file; 0 in one that is new.
pub(super) fn generation(file: &OwnedFd) -> u64 {
    let digits = |lines: String| lines.get(HEADER.len()..HEADER.len() + DIGITS)?.parse().ok();
    read_lines(file).and_then(digits).unwrap_or_default()
}

/// Sets the number.
pub(super) fn set_generation(file: &OwnedFd, generation: u64) -> Result<(), Errno> {
    pwrite_all(file, format!("{generation:0DIGITS$}").as_bytes(), HEADER.len() as u64)
}

/// Who holds the lock, as far as the file says.
pub(super) fn holder(file: &OwnedFd) -> String {
    let lines = read_lines(file).unwrap_or_default();
    let who = lines.get(HOLDER_AT..).map(str::trim).unwrap_or_default();
    if who.is_empty() { "another program".to_owned() } else { signet_domain::visible::line(who) }
}

/// Sets who holds the lock, empty for nobody; a new or a cut file gets its lines.
pub(super) fn set_holder(file: &OwnedFd, who: &str) -> Result<(), Errno> {
    let printable = who.chars().map(|c| if c.is_ascii_graphic() { c } else { ' ' }).take(HOLDER_WIDTH);
    let who = format!("{:<HOLDER_WIDTH$}", printable.collect::<String>());
    if read_lines(file).is_none() {
        return pwrite_all(file, format!("{HEADER}{:0DIGITS$}{HOLDER}{who}\n", 0).as_bytes(), 0);
    }
    // For messages only: a partition that refuses it refuses the change itself, too, and says so then.
    let _ = pwrite_all(file, who.as_bytes(), HOLDER_AT as u64);
    Ok(())
}

/// True when `name` still is this file: removed and made anew by hand, it is not the file that others lock.
pub(super) fn still_named(root: &Dir, name: &str, file: &OwnedFd) -> bool {
    let named = rustix::fs::statat(root.fd(), name, AtFlags::SYMLINK_NOFOLLOW);
    matches!((named, rustix::fs::fstat(file)), (Ok(named), Ok(held)) if (named.st_dev, named.st_ino) == (held.st_dev, held.st_ino))
}

/// Writes in one call.
pub(super) fn pwrite_all(file: &OwnedFd, bytes: &[u8], at: u64) -> Result<(), Errno> {
    match rustix::io::pwrite(file, bytes, at)? {
        count if count == bytes.len() => Ok(()),
        _ => Err(Errno::NOSPC),
    }
}

/// The three lines, or none where a new or cut file does not have them.
fn read_lines(file: &OwnedFd) -> Option<String> {
    let mut bytes = [0; LENGTH];
    let length = rustix::io::pread(file, &mut bytes, 0).ok()?;
    let text = std::str::from_utf8(bytes.get(..length)?).ok()?;
    (text.len() == LENGTH && text.starts_with(HEADER)).then(|| text.to_owned())
}
