//! Opening a data directory for use: whether it is ours, or may become so.

use super::data_dir::{Opening, Store};
use super::dir::{DIR_MODE, Dir};
use super::error::{StoreError, Why};
use super::lock_file::{self, SERVE_LOCK};
use super::sweep;
use rustix::fs::{AtFlags, Mode, OFlags};
use rustix::io::Errno;
use signet_domain::visible;
use std::path::Path;
use std::time::Duration;

/// What an empty data directory may hold: an integrator's configuration, and what mkfs leaves at a mount point.
/// The serve lock exists where making the directory was interrupted.
pub(super) const HARMLESS: [&str; 3] = ["signet.toml", "lost+found", SERVE_LOCK];

impl Store {
    /// Opens a data directory; makes it (mode 0700) when it is missing or empty, unless [`Opening::existing`] says that it
    /// must be there. What a killed process left is swept.
    ///
    /// Refused: no directory, a link, another user's, one that this user may not write to, one that holds files but no
    /// lock file. A partition that is read-only or full opens where the directory was in use before.
    pub fn open(path: &Path, opening: Opening) -> Result<Self, StoreError> {
        Self::open_as(path, opening, None)
    }

    /// As [`Store::open`]; root may also open a directory that belongs to user `uid` already (`provision --owner`).
    pub fn open_for(path: &Path, opening: Opening, uid: u32) -> Result<Self, StoreError> {
        Self::open_as(path, opening, Some(uid))
    }

    pub(super) fn open_as(path: &Path, opening: Opening, on_behalf_of: Option<u32>) -> Result<Self, StoreError> {
        let missing = || StoreError::NoDirectory { path: path.to_path_buf() };
        let root = match Dir::open(path)? {
            Some(root) => root,
            None if opening.existing => return Err(missing()),
            None => Dir::make(path)?,
        };
        may_use(&root, on_behalf_of)?;
        if !lock_file::has_mark(&root)? {
            refuse_foreign(&root)?;
            if !opening.existing {
                take_over(&root)?;
            } else if !lock_file::has_mark(&root)? {
                return Err(missing());
            }
        }
        let store = Self::new(root, opening, on_behalf_of, false);
        match store.lock_within(Duration::ZERO) {
            Ok(lock) if store.opening().serves => sweep::small(store.root(), || lock.changing())?,
            Ok(lock) => sweep::all(store.root(), || lock.changing())?,
            // Who holds the lock has swept; and where nothing can be removed, nothing has to be.
            Err(StoreError::Busy { .. } | StoreError::ReadOnly { .. } | StoreError::NoSpace { .. }) => {}
            Err(other) => return Err(other),
        }
        Ok(store)
    }

    /// Takes away what a power cut left among the CSRs, for those who opened with [`Opening::serves`].
    pub fn sweep_csrs(&self) -> Result<(), StoreError> {
        let lock = self.lock()?;
        sweep::csrs(self.root(), || lock.changing())
    }
}

/// Ours, or of the user that root works for, and open to us.
fn may_use(root: &Dir, on_behalf_of: Option<u32>) -> Result<(), StoreError> {
    let failed = |errno| StoreError::at(root.path(), errno);
    let stat = rustix::fs::fstat(root.fd()).map_err(failed)?;
    let us = rustix::process::geteuid().as_raw();
    let for_its_owner = us == 0 && on_behalf_of == Some(stat.st_uid);
    if stat.st_uid != us && !for_its_owner {
        let why = Why::AnotherOwner { owner: stat.st_uid, us };
        return Err(StoreError::NotOurs { path: root.path().to_path_buf(), why });
    }
    let access = rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK;
    match rustix::fs::accessat(root.fd(), ".", access, AtFlags::EACCESS) {
        Err(Errno::ACCESS) => Err(failed(Errno::ACCESS)),
        // Read-only is a state to be lived with, and an old kernel's "no such call" says nothing.
        _ => Ok(()),
    }
}

/// Refuses a directory with files in it that are not ours.
fn refuse_foreign(root: &Dir) -> Result<(), StoreError> {
    let foreign = root.list()?.into_iter().find(|listed| !HARMLESS.iter().any(|name| listed.name == *name));
    // Another process may have locked it meanwhile.
    if let Some(foreign) = foreign
        && !lock_file::has_mark(root)?
    {
        let why = Why::Foreign { found: visible::path(Path::new(&foreign.name)) };
        return Err(StoreError::NotOurs { path: root.path().to_path_buf(), why });
    }
    Ok(())
}

/// Makes an empty directory ours: mode 0700, and the lock file as its mark.
fn take_over(root: &Dir) -> Result<(), StoreError> {
    let failed = |errno| StoreError::at(root.path(), errno);
    let stat = rustix::fs::fstat(root.fd()).map_err(failed)?;
    if Mode::from_raw_mode(stat.st_mode) & (Mode::RWXU | Mode::RWXG | Mode::RWXO) != DIR_MODE {
        rustix::fs::fchmod(root.fd(), DIR_MODE).map_err(failed)?;
    }
    // Both now: a partition that is full or read-only later on has them already. The mark comes last.
    for name in [SERVE_LOCK, lock_file::LOCK] {
        lock_file::open_file(root, name, OFlags::RDWR | OFlags::CREATE)?;
    }
    root.sync()
}
