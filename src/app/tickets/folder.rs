//! The folder that root keeps tickets' notes in, and what makes the console believe a note: that nobody but root could have
//! written it.
//!
//! The way to it is walked from `/` part by part without following links. Each folder on it, and the note, must belong to root
//! and be writable by root alone. The user whose console it is can neither make, change nor rename anything there.

use super::error::TicketRefusal;
use super::note::Note;
use super::token::Digest;
use crate::{Failure, clock};
use rustix::fs::{AtFlags, CWD, FileType, FlockOperation, Mode, OFlags, Stat};
use rustix::io::Errno;
use signet_domain::hex;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Component, Path};

/// Where it is: in memory on most systems, so that tickets cost no flash and are gone after a restart.
pub const FOLDER: &str = "/run/signet-tickets";

/// The largest note, bytes.
const MOST: u64 = 1024;
/// Notes that root looks at to remove old ones.
const LOOKED_AT: usize = 4096;

/// The console's user may go through the folder and not list it.
const MODE: Mode = Mode::RWXU.union(Mode::XGRP).union(Mode::XOTH);
const WALK: OFlags = OFlags::PATH.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);
const LIST: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
const READ: OFlags =
    OFlags::RDONLY.union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC).union(OFlags::NONBLOCK).union(OFlags::NOCTTY);

/// A ticket's note; none where there is none.
pub(super) fn read(folder: &Path, digest: &Digest) -> Result<Option<Note>, TicketRefusal> {
    let json = bytes(folder, hex::lower(digest), MOST)?;
    Ok(json.and_then(|json| Note::parse(&json)))
}

/// A file's first `most` bytes, where nobody but root could have written it; none where it is missing.
pub(super) fn bytes(folder: &Path, name: impl rustix::path::Arg, most: u64) -> Result<Option<Vec<u8>>, TicketRefusal> {
    let opened = walk(folder).map_err(|error| match error {
        Walk::Missing => TicketRefusal::Unknown,
        Walk::Untrusted => TicketRefusal::Untrusted,
        Walk::Failed(_) => TicketRefusal::Unreadable,
    })?;
    let file = match rustix::fs::openat(&opened, name, READ, Mode::empty()) {
        Ok(file) => file,
        Err(Errno::NOENT) => return Ok(None),
        Err(Errno::LOOP) => return Err(TicketRefusal::Untrusted),
        Err(_) => return Err(TicketRefusal::Unreadable),
    };
    let stat = rustix::fs::fstat(&file).map_err(|_| TicketRefusal::Unreadable)?;
    if !is_trusted(&stat) || FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return Err(TicketRefusal::Untrusted);
    }
    let mut bytes = Vec::new();
    File::from(file).take(most).read_to_end(&mut bytes).map_err(|_| TicketRefusal::Unreadable)?;
    Ok(Some(bytes))
}

/// Keeps a ticket's note, and removes the old ones: for root.
pub(super) fn put(folder: &Path, digest: &Digest, note: &Note) -> Result<(), Failure> {
    let failed = |source: std::io::Error| Failure::TicketFolder { path: folder.to_owned(), source };
    let untrusted = || std::io::Error::other("others than root can write to it, or to a folder above it");
    let of_walk = |error| match error {
        Walk::Missing => Errno::NOENT.into(),
        Walk::Untrusted => untrusted(),
        Walk::Failed(errno) => errno.into(),
    };
    let (parent, name) = folder.parent().zip(folder.file_name()).ok_or_else(|| failed(untrusted()))?;
    let above = walk(parent).map_err(of_walk).map_err(failed)?;
    match rustix::fs::mkdirat(&above, name, MODE) {
        // The umask may have taken something away.
        Ok(()) => {
            rustix::fs::chmodat(&above, name, MODE, AtFlags::empty()).map_err(|errno| failed(errno.into()))?;
        }
        Err(Errno::EXIST) => {}
        Err(errno) => return Err(failed(errno.into())),
    }
    let opened = walk(folder).map_err(of_walk).map_err(failed)?;
    let opened = rustix::fs::openat(&opened, ".", LIST, Mode::empty()).map_err(|errno| failed(errno.into()))?;
    // One at a time, so that nobody removes a note that another one is about to write. The lock ends with the descriptor.
    rustix::io::retry_on_intr(|| rustix::fs::flock(&opened, FlockOperation::LockExclusive))
        .map_err(|errno| failed(errno.into()))?;
    remove_old(&opened);
    written(&opened, &hex::lower(digest), note).map_err(failed)
}

/// Writes a note. Nobody reads it before it is whole: its name is known to nobody yet.
fn written(folder: &OwnedFd, name: &str, note: &Note) -> std::io::Result<()> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut file = File::from(rustix::fs::openat(folder, name, flags, Mode::from_raw_mode(0o600))?);
    // Strings and numbers: serialisation has nothing to fail at.
    let outcome = file
        .write_all(&serde_json::to_vec(note).unwrap_or_default())
        .and_then(|()| Ok(rustix::fs::fchmod(&file, Mode::from_raw_mode(0o644))?));
    if outcome.is_err() {
        let _ = rustix::fs::unlinkat(folder, name, AtFlags::empty());
    }
    outcome
}

/// Removes notes of tickets that are valid no more. One that cannot be removed is as little valid.
fn remove_old(folder: &OwnedFd) {
    let now = clock::since_boot();
    let Ok(entries) = rustix::fs::Dir::read_from(folder) else { return };
    for entry in entries.take(LOOKED_AT).flatten() {
        let Ok(file) = rustix::fs::openat(folder, entry.file_name(), READ, Mode::empty()) else { continue };
        let mut json = Vec::new();
        if File::from(file).take(MOST).read_to_end(&mut json).is_ok()
            && Note::parse(&json).is_none_or(|note| !note.is_timely(now))
        {
            let _ = rustix::fs::unlinkat(folder, entry.file_name(), AtFlags::empty());
        }
    }
}

enum Walk {
    Missing,
    Untrusted,
    Failed(Errno),
}

/// Opens a folder by way of trusted ones alone.
fn walk(path: &Path) -> Result<OwnedFd, Walk> {
    let failed = |errno| match errno {
        Errno::NOENT => Walk::Missing,
        // A link counts as one that is no folder.
        Errno::NOTDIR | Errno::LOOP => Walk::Untrusted,
        errno => Walk::Failed(errno),
    };
    let mut folder = open(CWD, "/").map_err(failed)?;
    judge(&folder)?;
    for part in path.components() {
        let Component::Normal(name) = part else {
            if part == Component::RootDir {
                continue;
            }
            return Err(Walk::Untrusted);
        };
        folder = open(&folder, name).map_err(failed)?;
        judge(&folder)?;
    }
    Ok(folder)
}

fn open(folder: impl AsFd, name: impl rustix::path::Arg) -> Result<OwnedFd, Errno> {
    rustix::fs::openat(folder, name, WALK, Mode::empty())
}

fn judge(folder: &OwnedFd) -> Result<(), Walk> {
    let stat = rustix::fs::fstat(folder).map_err(Walk::Failed)?;
    if is_trusted(&stat) { Ok(()) } else { Err(Walk::Untrusted) }
}

/// Root's, and writable by root alone.
fn is_trusted(stat: &Stat) -> bool {
    stat.st_uid == 0 && stat.st_mode & 0o022 == 0
}

#[cfg(test)]
mod tests {
    use super::super::Wish;
    use super::*;
    use std::fs::{create_dir, set_permissions};
    use std::os::unix::fs::{PermissionsExt, chown, symlink};

    /// A folder below root's own, as `/run` is; none where the tests are not root's.
    fn place() -> Option<tempfile::TempDir> {
        if !rustix::process::geteuid().is_root() {
            signet_testing::skip("only root can own what root alone can write to");
            return None;
        }
        Some(tempfile::tempdir_in("/run").unwrap())
    }

    #[test]
    fn a_note_is_read_by_way_of_roots_own_folders_alone() {
        let Some(place) = place() else { return };
        let (above, digest) = (place.path().join("above"), [7; 32]);
        create_dir(&above).unwrap();
        let folder = above.join("tickets");
        let note = Note::new(clock::since_boot(), &Wish::default());
        put(&folder, &digest, &note).unwrap();
        assert_eq!(read(&folder, &digest), Ok(Some(note.clone())));
        assert_eq!(read(&folder, &[8; 32]), Ok(None));
        assert_eq!(read(&above.join("none"), &digest), Err(TicketRefusal::Unknown));
        for path in [&above, &folder] {
            for mode in [0o775, 0o757, 0o1777] {
                set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
                assert_eq!(read(&folder, &digest), Err(TicketRefusal::Untrusted), "{path:?} {mode:o}");
                assert!(put(&folder, &[9; 32], &note).is_err(), "{path:?} {mode:o}");
            }
            set_permissions(path, PermissionsExt::from_mode(0o755)).unwrap();
            chown(path, Some(65534), None).unwrap();
            assert_eq!(read(&folder, &digest), Err(TicketRefusal::Untrusted), "{path:?}");
            assert!(put(&folder, &[9; 32], &note).is_err(), "{path:?}");
            chown(path, Some(0), None).unwrap();
        }
        let link = above.join("link");
        symlink(&folder, &link).unwrap();
        assert_eq!(read(&link, &digest), Err(TicketRefusal::Untrusted));
        assert_eq!(read(&above.join("tickets/../tickets"), &digest), Err(TicketRefusal::Untrusted));
        assert_eq!(read(&folder, &digest), Ok(Some(note)));
    }

    #[test]
    fn notes_of_links_that_are_over_go_with_the_next_one() {
        let Some(place) = place() else { return };
        let folder = place.path().join("tickets");
        let now = clock::since_boot();
        put(&folder, &[1; 32], &Note::new(now, &Wish::default())).unwrap();
        put(&folder, &[2; 32], &Note::new(now + super::super::LIFE, &Wish::default())).unwrap();
        std::fs::write(folder.join("half"), "{").unwrap();
        put(&folder, &[3; 32], &Note::new(now, &Wish::default())).unwrap();
        let entries = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name());
        let mut left: Vec<String> = entries.map(|name| name.into_string().unwrap()).collect();
        left.sort_unstable();
        assert_eq!(left, [hex::lower(&[1; 32]), hex::lower(&[3; 32])]);
    }
}
