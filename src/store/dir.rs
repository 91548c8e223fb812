//! One open directory: everything in it is named by a single component and opened relative to it.
//!
//! Links are never followed: a name is one component by contract and the last one is opened with `O_NOFOLLOW`, so a path
//! of ours has no place where a link could hide. Knows nothing of what the files mean.

use super::error::{StoreError, Why};
use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags};
use rustix::io::Errno;
use std::ffi::{OsStr, OsString};
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Directories are for their owner alone.
pub(super) const DIR_MODE: Mode = Mode::RWXU;
/// Files are for their owner alone, from the first byte.
pub(super) const FILE_MODE: Mode = Mode::RUSR.union(Mode::WUSR);

const DIR_FLAGS: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// An open directory, and its path for messages.
#[derive(Debug)]
pub(super) struct Dir {
    fd: OwnedFd,
    path: PathBuf,
}

/// One thing in a directory.
#[derive(Debug)]
pub(super) struct Listed {
    pub(super) name: OsString,
    pub(super) kind: FileType,
    pub(super) inode: u64,
}

/// What reading a file found.
pub(super) enum Content {
    Missing,
    /// A link, a folder, a pipe, a socket or a device.
    NotAFile,
    /// More bytes than the bound.
    TooLarge,
    /// All bytes, in memory that is zeroized when dropped: it may be a key.
    Bytes(Zeroizing<Vec<u8>>),
}

impl Dir {
    /// Opens a directory by its path; none when it is missing. The path's last component is not followed, even with a
    /// slash behind it.
    pub(super) fn open(path: &Path) -> Result<Option<Self>, StoreError> {
        // `a/` would make the kernel follow a link named `a`; the components have no such slash.
        let bare: PathBuf = path.components().collect();
        open_at(CWD, bare.as_os_str(), path.to_path_buf()).map_err(|error| match error {
            StoreError::NotPermitted { path } => not_permitted(path),
            other => other,
        })
    }

    /// Makes a directory of mode 0700, durably, and opens it; one that exists is used as it is.
    pub(super) fn make(path: &Path) -> Result<Self, StoreError> {
        let bare: PathBuf = path.components().collect();
        let no_parent = || StoreError::NoParent { path: path.to_path_buf() };
        let parent = match bare.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
            Some(_) => PathBuf::from("."),
            None => return Err(no_parent()),
        };
        match rustix::fs::mkdir(&bare, DIR_MODE) {
            Ok(()) => {
                // The folder above may be reached through links: it is the caller's to choose, not ours.
                let above =
                    rustix::fs::open(&parent, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
                        .map_err(|errno| StoreError::at(&parent, errno))?;
                sync_dir(&above).map_err(|errno| StoreError::at(&parent, errno))?;
            }
            Err(Errno::EXIST) => {}
            Err(Errno::NOENT) => return Err(no_parent()),
            Err(errno) => return Err(StoreError::at(path, errno)),
        }
        Self::open(path)?.ok_or_else(|| StoreError::at(path, Errno::NOENT))
    }

    /// A directory in this one; none when it is missing.
    pub(super) fn child(&self, name: &str) -> Result<Option<Self>, StoreError> {
        open_at(self.fd(), OsStr::new(name), self.at(name))
    }

    /// A directory in this one, made durably with mode 0700 when it is missing.
    pub(super) fn child_or_new(&self, name: &str) -> Result<Self, StoreError> {
        if let Some(child) = self.child(name)? {
            return Ok(child);
        }
        match rustix::fs::mkdirat(&self.fd, name, DIR_MODE) {
            Ok(()) => self.sync()?,
            Err(Errno::EXIST) => {}
            Err(errno) => return Err(StoreError::at(self.at(name), errno)),
        }
        self.child(name)?.ok_or_else(|| StoreError::at(self.at(name), Errno::NOENT))
    }

    /// The descriptor.
    pub(super) fn fd(&self) -> BorrowedFd<'_> {
        use std::os::fd::AsFd;
        self.fd.as_fd()
    }

    /// The directory's path, for messages.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The path of something in it, for messages.
    pub(super) fn at(&self, name: impl AsRef<Path>) -> PathBuf {
        self.path.join(name)
    }

    /// Everything in it but `.` and `..`, in no order.
    pub(super) fn list(&self) -> Result<Vec<Listed>, StoreError> {
        let failed = |errno| StoreError::at(&self.path, errno);
        let mut found = Vec::new();
        for entry in rustix::fs::Dir::read_from(&self.fd).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = OsStr::from_bytes(entry.file_name().to_bytes());
            if name == "." || name == ".." {
                continue;
            }
            let mut kind = entry.file_type();
            if kind == FileType::Unknown {
                // Some file systems do not give the kind in the listing.
                kind = match rustix::fs::statat(&self.fd, name, AtFlags::SYMLINK_NOFOLLOW) {
                    Ok(stat) => FileType::from_raw_mode(stat.st_mode),
                    Err(Errno::NOENT) => continue,
                    Err(_) => FileType::Unknown,
                };
            }
            found.push(Listed { name: name.to_os_string(), kind, inode: entry.ino() });
        }
        Ok(found)
    }

    /// The bytes of a regular file, at most `bound` of them.
    pub(super) fn read(&self, name: &str, bound: usize) -> Result<Content, Errno> {
        // Non-blocking, so that a planted pipe cannot hold us up.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
        let file = match rustix::fs::openat(&self.fd, name, flags, Mode::empty()) {
            Ok(file) => file,
            Err(Errno::NOENT) => return Ok(Content::Missing),
            Err(Errno::LOOP | Errno::NXIO) => return Ok(Content::NotAFile),
            Err(errno) => return Err(errno),
        };
        let stat = rustix::fs::fstat(&file)?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Ok(Content::NotAFile);
        }
        let Some(size) = usize::try_from(stat.st_size).ok().filter(|&size| size <= bound) else {
            return Ok(Content::TooLarge);
        };
        // The buffer never grows: growing would leave a copy of a key behind. Files are replaced whole, so the size holds.
        let mut bytes = Zeroizing::new(vec![0; size]);
        let mut filled = 0;
        while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match rustix::io::read(&file, rest) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(Errno::INTR) => {}
                Err(errno) => return Err(errno),
            }
        }
        bytes.truncate(filled);
        Ok(Content::Bytes(bytes))
    }

    /// Removes a file and makes that durable; false when there was none.
    pub(super) fn remove(&self, name: &str) -> Result<bool, StoreError> {
        match rustix::fs::unlinkat(&self.fd, name, AtFlags::empty()) {
            Ok(()) => {}
            Err(Errno::NOENT) => return Ok(false),
            Err(errno) => return Err(StoreError::at(self.at(name), errno)),
        }
        self.sync()?;
        Ok(true)
    }

    /// Waits until what was renamed, made or removed in it is on the medium.
    pub(super) fn sync(&self) -> Result<(), StoreError> {
        sync_dir(&self.fd).map_err(|errno| StoreError::at(&self.path, errno))
    }
}

/// The user and group id that a path belongs to, without following a link; none when nothing is there.
pub fn owner_of(path: &Path) -> Result<Option<(u32, u32)>, StoreError> {
    match rustix::fs::lstat(path) {
        Ok(stat) => Ok(Some((stat.st_uid, stat.st_gid))),
        Err(Errno::NOENT) => Ok(None),
        Err(errno) => Err(StoreError::at(path, errno)),
    }
}

/// Says whose directory it is, which is what somebody needs to know who may not look into it.
fn not_permitted(path: PathBuf) -> StoreError {
    let us = rustix::process::geteuid().as_raw();
    match owner_of(&path) {
        Ok(Some((owner, _))) if owner != us => StoreError::NotOurs { path, why: Why::AnotherOwner { owner, us } },
        _ => StoreError::NotPermitted { path },
    }
}

fn open_at(at: BorrowedFd<'_>, name: &OsStr, path: PathBuf) -> Result<Option<Dir>, StoreError> {
    match rustix::fs::openat(at, name, DIR_FLAGS, Mode::empty()) {
        Ok(fd) => Ok(Some(Dir { fd, path })),
        Err(Errno::NOENT) => Ok(None),
        // With O_DIRECTORY the kernel says "no directory" of a link, too.
        Err(Errno::NOTDIR | Errno::LOOP) => {
            let link = rustix::fs::statat(at, name, AtFlags::SYMLINK_NOFOLLOW)
                .is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::Symlink);
            Err(StoreError::NotOurs { path, why: if link { Why::Link } else { Why::NotADirectory } })
        }
        Err(errno) => Err(StoreError::at(path, errno)),
    }
}

pub(super) fn sync_dir(fd: &OwnedFd) -> Result<(), Errno> {
    match rustix::fs::fsync(fd) {
        // Said by file systems that have no such operation on directories, because they write them through.
        Err(Errno::INVAL) => Ok(()),
        other => other,
    }
}
