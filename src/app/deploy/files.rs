//! Files of a version: made whole with their rights, and looked at again. Knows neither what they mean nor their names.

use rustix::fs::{FileType, Gid, Mode, OFlags, Uid};
use rustix::io::Errno;
use std::os::fd::OwnedFd;

/// Whose the files are, and their permission bits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rights {
    pub(super) uid: u32,
    pub(super) gid: u32,
    pub(super) mode: u32,
}

/// A new file: its owner's alone until it is whole, then with its rights, and on the medium.
pub(super) fn write(folder: &OwnedFd, name: &str, bytes: &[u8], rights: Rights) -> Result<(), Errno> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let file = rustix::fs::openat(folder, name, flags, Mode::RUSR | Mode::WUSR)?;
    let mut rest = bytes;
    while !rest.is_empty() {
        match rustix::io::write(&file, rest) {
            Ok(0) => return Err(Errno::IO),
            Ok(count) => rest = rest.get(count..).unwrap_or_default(),
            Err(Errno::INTR) => {}
            Err(errno) => return Err(errno),
        }
    }
    // The mode first: afterwards the file may be another's, and changing it would take one more capability.
    rustix::fs::fchmod(&file, Mode::from_raw_mode(rights.mode))?;
    if (rights.uid, rights.gid) != (us(), our_group()) {
        rustix::fs::fchown(&file, Some(Uid::from_raw(rights.uid)), Some(Gid::from_raw(rights.gid)))?;
    }
    rustix::fs::fsync(&file)
}

/// True for a regular file of these bytes and rights.
pub(super) fn is_file(folder: &OwnedFd, name: &str, bytes: &[u8], rights: Rights) -> Result<bool, Errno> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let file = rustix::fs::openat(folder, name, flags, Mode::empty())?;
    let stat = rustix::fs::fstat(&file)?;
    let as_made = FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile
        && (stat.st_uid, stat.st_gid, stat.st_mode & 0o7777) == (rights.uid, rights.gid, rights.mode)
        && u64::try_from(stat.st_size).is_ok_and(|size| size == bytes.len() as u64);
    if !as_made {
        return Ok(false);
    }
    let mut found = zeroize::Zeroizing::new(vec![0; bytes.len()]);
    let mut filled = 0;
    while let Some(rest) = found.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match rustix::io::read(&file, rest) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(Errno::INTR) => {}
            Err(errno) => return Err(errno),
        }
    }
    Ok(filled == bytes.len() && found.as_slice() == bytes)
}

/// Waits until what was made, renamed or removed in a folder is on the medium.
pub(super) fn sync(folder: &OwnedFd) -> Result<(), Errno> {
    match rustix::fs::fsync(folder) {
        // Said by file systems that have no such operation on directories, because they write them through.
        Err(Errno::INVAL) => Ok(()),
        other => other,
    }
}

/// Who runs this.
pub(super) fn us() -> u32 {
    rustix::process::geteuid().as_raw()
}

pub(super) fn our_group() -> u32 {
    rustix::process::getegid().as_raw()
}
