//! Folders of ours: whether something is there, and how they move and go.

use super::dir::Dir;
use super::error::StoreError;
use rustix::fs::{AtFlags, FileType};
use rustix::io::Errno;

/// Folders in a folder that is removed: `pending/csrs` is the deepest of ours.
pub(super) const DEPTH: u32 = 4;

pub(super) fn exists(dir: &Dir, name: &str) -> Result<bool, StoreError> {
    match rustix::fs::statat(dir.fd(), name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(_) => Ok(true),
        Err(Errno::NOENT) => Ok(false),
        Err(errno) => Err(StoreError::at(dir.at(name), errno)),
    }
}

/// Moves the regular files whose names are `wanted`, durably at the new place before the old one forgets them.
pub(super) fn move_all(from: &Dir, to: &Dir, wanted: impl Fn(&str) -> bool) -> Result<(), StoreError> {
    let mut moved = false;
    for listed in from.list()? {
        let Some(name) = listed.name.to_str().filter(|name| listed.kind == FileType::RegularFile && wanted(name))
        else {
            continue;
        };
        rustix::fs::renameat(from.fd(), name, to.fd(), name).map_err(|errno| StoreError::at(to.at(name), errno))?;
        moved = true;
    }
    if !moved {
        return Ok(());
    }
    to.sync()?;
    from.sync()
}

/// Removes a folder of ours with all that is in it. Links are removed, not followed.
pub(super) fn remove_tree(dir: &Dir, name: &str, depth: u32) -> Result<(), StoreError> {
    if let Some(child) = dir.child(name)? {
        for listed in child.list()? {
            let name = listed.name.to_str().ok_or_else(|| StoreError::Occupied { path: child.at(&listed.name) })?;
            if listed.kind == FileType::Directory && depth > 0 {
                remove_tree(&child, name, depth - 1)?;
                continue;
            }
            match rustix::fs::unlinkat(child.fd(), name, AtFlags::empty()) {
                Ok(()) | Err(Errno::NOENT) => {}
                Err(errno) => return Err(StoreError::at(child.at(name), errno)),
            }
        }
    }
    match rustix::fs::unlinkat(dir.fd(), name, AtFlags::REMOVEDIR) {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(errno) => Err(StoreError::at(dir.at(name), errno)),
    }
}
