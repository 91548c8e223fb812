//! One change of one file as one durable step: a temporary, fsync, its name, fsync of the directory.
//!
//! What is new is written without a name and linked where it belongs (open(2), `O_TMPFILE`): nothing is left of it where that is
//! cut, and the file system has less to note, a seventh of the whole. What replaces an old file, and what is new where the file
//! system has no such thing, is a temporary sibling that is renamed.
//!
//! Called only under the write lock. Knows the meaning of neither bytes nor names.

use super::dir::{Dir, FILE_MODE};
use super::error::StoreError;
use super::new_file::{fill, link_unnamed};
use rustix::fs::{AtFlags, FileType, OFlags, RenameFlags};
use rustix::io::Errno;
use std::collections::HashMap;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::sync::atomic::{AtomicU32, Ordering};

/// How the name of a temporary begins: no CSR's name can begin with a dot.
const TEMPORARY: &str = ".tmp-";

/// True for the name of a file that was being written when its writer was killed.
pub(super) fn is_temporary(name: &str) -> bool {
    name.starts_with(TEMPORARY)
}

/// Where the new file goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Nothing may have that name ([`StoreError::Occupied`]).
    Free,
    /// Over the old file, or where none is.
    Over,
}

/// Writes a file whole: afterwards it is there and durable, or nothing has changed.
pub(super) fn write(dir: &Dir, name: &str, bytes: &[u8], place: Place) -> Result<(), StoreError> {
    let linked = place == Place::Free
        && link_unnamed(dir.fd(), name, bytes).map_err(|errno| match errno {
            Errno::EXIST => StoreError::Occupied { path: dir.at(name) },
            other => StoreError::at(dir.at(name), other),
        })?;
    if !linked {
        rename_sibling(dir, name, bytes, place)?;
    }
    dir.sync()
}

/// Writes a file as a temporary sibling and gives it its name.
pub(super) fn rename_sibling(dir: &Dir, name: &str, bytes: &[u8], place: Place) -> Result<(), StoreError> {
    let temporary = Temporary::filled(dir, bytes).map_err(|errno| StoreError::at(dir.at(name), errno))?;
    match place {
        Place::Free => rename_to_free(dir, &temporary.name, name)?,
        Place::Over => rename_over(dir, &temporary.name, name)?,
    }
    temporary.gone();
    Ok(())
}

/// As [`write`] over an old file, but for the last step: after a power cut the old file may be there again, whole.
pub(super) fn write_at_leisure(dir: &Dir, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
    rename_sibling(dir, name, bytes, Place::Over)
}

/// Makes a file of `bytes` bytes, waits for the medium, and removes it again: whether there is room for one.
pub(super) fn try_room(dir: &Dir, bytes: usize) -> Result<(), StoreError> {
    Temporary::filled(dir, &vec![0; bytes]).map(drop).map_err(|errno| StoreError::at(dir.path(), errno))
}

/// Renames durably, over nothing.
pub(super) fn rename(dir: &Dir, old: &str, new: &str) -> Result<(), StoreError> {
    rename_to_free(dir, old, new)?;
    dir.sync()
}

/// Renames durably where `new` is `old` in another case. A file system that ignores case finds `old` itself in the way.
pub(super) fn rename_case(dir: &Dir, old: &str, new: &str) -> Result<(), StoreError> {
    match rename_to_free(dir, old, new) {
        Err(StoreError::Occupied { .. }) if same_file(dir, old, new) => rename_over(dir, old, new)?,
        other => other?,
    }
    dir.sync()
}

/// Renames durably, over what has that name.
pub(super) fn rename_replacing(dir: &Dir, old: &str, new: &str) -> Result<(), StoreError> {
    rename_over(dir, old, new)?;
    dir.sync()
}

/// Gives each of two files the other's name, durably and as one step; false where the file system cannot.
pub(super) fn exchange(dir: &Dir, one: &str, other: &str) -> Result<bool, StoreError> {
    match rustix::fs::renameat_with(dir.fd(), one, dir.fd(), other, RenameFlags::EXCHANGE) {
        Ok(()) => dir.sync().map(|()| true),
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => Ok(false),
        Err(errno) => Err(StoreError::at(dir.at(one), errno)),
    }
}

/// Takes away temporaries that a killed process left. `before` is called ahead of the first removal.
pub(super) fn sweep(dir: &Dir, before: impl Fn() -> Result<(), StoreError>) -> Result<(), StoreError> {
    sweep_with_doubles(dir, |_| false, before)
}

/// As [`sweep`]; also, among names that are `ours`, one of two names of one file: what [`link_then_unlink`] leaves when it
/// is cut in the middle. Either name is a state that was promised.
pub(super) fn sweep_with_doubles(
    dir: &Dir,
    ours: impl Fn(&str) -> bool,
    before: impl Fn() -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut changed = false;
    let all = dir.list()?;
    // As it nearly always is: no temporary, and no inode twice. Nothing else has to be looked into.
    let mut inodes: Vec<u64> = all.iter().map(|listed| listed.inode).collect();
    inodes.sort_unstable();
    let doubled = inodes.windows(2).any(|two| matches!(two, [one, other] if one == other));
    if !doubled && !all.iter().any(|listed| listed.name.as_bytes().starts_with(TEMPORARY.as_bytes())) {
        return Ok(());
    }
    let mut named: HashMap<u64, String> = HashMap::new();
    for listed in all {
        let Some(name) = listed.name.to_str().filter(|_| listed.kind == FileType::RegularFile) else { continue };
        let useless = if is_temporary(name) {
            true
        } else if ours(name) {
            match named.get(&listed.inode) {
                // Inode numbers of a listing are only a hint: a stacked file system may repeat them.
                Some(other) => same_file(dir, other, name),
                None => {
                    named.insert(listed.inode, name.to_owned());
                    false
                }
            }
        } else {
            false
        };
        if useless {
            before()?;
            match rustix::fs::unlinkat(dir.fd(), name, AtFlags::empty()) {
                Ok(()) | Err(Errno::NOENT) => changed = true,
                Err(errno) => return Err(StoreError::at(dir.at(name), errno)),
            }
        }
    }
    if changed { dir.sync() } else { Ok(()) }
}

/// A file without its final name; removed unless it gets that name.
struct Temporary<'a> {
    dir: &'a Dir,
    name: String,
    named: bool,
}

impl<'a> Temporary<'a> {
    fn filled(dir: &'a Dir, bytes: &[u8]) -> Result<Self, Errno> {
        let (temporary, file) = Self::empty(dir)?;
        fill(&file, bytes)?;
        Ok(temporary)
    }

    fn empty(dir: &'a Dir) -> Result<(Self, OwnedFd), Errno> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let process = rustix::process::getpid().as_raw_nonzero();
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        loop {
            let name = format!("{TEMPORARY}{process}-{}", NEXT.fetch_add(1, Ordering::Relaxed));
            match rustix::fs::openat(dir.fd(), &name, flags, FILE_MODE) {
                Ok(file) => return Ok((Self { dir, name, named: false }, file)),
                Err(Errno::EXIST) => {}
                Err(errno) => return Err(errno),
            }
        }
    }

    fn gone(mut self) {
        self.named = true;
    }
}

impl Drop for Temporary<'_> {
    fn drop(&mut self) {
        if !self.named {
            // What cannot be removed now is swept at the next start.
            let _ = rustix::fs::unlinkat(self.dir.fd(), &self.name, AtFlags::empty());
        }
    }
}

fn rename_to_free(dir: &Dir, old: &str, new: &str) -> Result<(), StoreError> {
    match rustix::fs::renameat_with(dir.fd(), old, dir.fd(), new, RenameFlags::NOREPLACE) {
        Ok(()) => Ok(()),
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => link_then_unlink(dir, old, new),
        Err(Errno::EXIST) => Err(StoreError::Occupied { path: dir.at(new) }),
        Err(errno) => Err(StoreError::at(dir.at(new), errno)),
    }
}

/// A rename over nothing for file systems without NOREPLACE: for a moment the file has both names.
pub(super) fn link_then_unlink(dir: &Dir, old: &str, new: &str) -> Result<(), StoreError> {
    match rustix::fs::linkat(dir.fd(), old, dir.fd(), new, AtFlags::empty()) {
        Ok(()) => {}
        Err(Errno::EXIST) => return Err(StoreError::Occupied { path: dir.at(new) }),
        Err(errno) => return Err(StoreError::at(dir.at(new), errno)),
    }
    rustix::fs::unlinkat(dir.fd(), old, AtFlags::empty()).map_err(|errno| {
        // Not both names: back to the old state, or to what the next start sweeps.
        let _ = rustix::fs::unlinkat(dir.fd(), new, AtFlags::empty());
        StoreError::at(dir.at(old), errno)
    })
}

fn rename_over(dir: &Dir, old: &str, new: &str) -> Result<(), StoreError> {
    rustix::fs::renameat(dir.fd(), old, dir.fd(), new).map_err(|errno| StoreError::at(dir.at(new), errno))
}

fn same_file(dir: &Dir, one: &str, other: &str) -> bool {
    let stat = |name| rustix::fs::statat(dir.fd(), name, AtFlags::SYMLINK_NOFOLLOW);
    matches!((stat(one), stat(other)), (Ok(one), Ok(other)) if (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino))
}
