//! New files that have their name only when they are whole and on the medium.
//!
//! One is written without any name (open(2), `O_TMPFILE`) and linked where nothing is: not even a power cut leaves a part of it
//! behind. Where the file system knows no such thing, it is a temporary sibling first.

use super::dir::{FILE_MODE, sync_dir};
use rustix::fs::{AtFlags, CWD, Mode, OFlags, RenameFlags};
use rustix::io::Errno;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use zeroize::Zeroizing;

/// What a new file holds: it decides who may read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secrecy {
    /// Mode 0644, less the umask.
    Public,
    /// Mode 0600.
    Secret,
}

/// A file that is whole and on the medium, and has no name yet. Nothing of it is left where it is dropped.
#[derive(Debug)]
pub struct NewFile {
    folder: OwnedFd,
    name: OsString,
    file: OwnedFd,
    /// Where the file system knows no files without a name: the name of a sibling.
    sibling: Option<OsString>,
}

impl NewFile {
    /// Writes it; the path must be free.
    pub fn prepare(path: &Path, bytes: &[u8], secrecy: Secrecy) -> io::Result<Self> {
        let new = Self::begin(path, secrecy)?;
        fill(&new.file, bytes)?;
        Ok(new)
    }

    /// An empty one, to be written by way of [`NewFile::file`]; the path must be free.
    pub fn begin(path: &Path, secrecy: Secrecy) -> io::Result<Self> {
        let name = path.file_name().ok_or(Errno::ISDIR)?.to_owned();
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let folder = rustix::fs::open(folder_of(path), flags, Mode::empty())?;
        match rustix::fs::statat(&folder, &name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(_) => return Err(Errno::EXIST.into()),
            Err(Errno::NOENT) => {}
            Err(errno) => return Err(errno.into()),
        }
        let mode = match secrecy {
            Secrecy::Public => FILE_MODE | Mode::RGRP | Mode::ROTH,
            Secrecy::Secret => FILE_MODE,
        };
        let (file, sibling) = match unnamed(&folder, mode)? {
            Some(file) => (file, None),
            None => sibling(&folder, mode).map(|(file, name)| (file, Some(name)))?,
        };
        Ok(Self { folder, name, file, sibling })
    }

    /// The file, to be written to.
    pub fn file(&self) -> io::Result<File> {
        Ok(File::from(self.file.try_clone()?))
    }

    /// Whether a regular file is there with the same bytes; a secret that others may read is not the same.
    pub fn is_there(path: &Path, bytes: &[u8], secrecy: Secrecy) -> bool {
        same(path, bytes, secrecy).unwrap_or(false)
    }

    /// Gives it its name, durably; what has come to be there meanwhile is not replaced.
    pub fn publish(mut self) -> io::Result<()> {
        rustix::fs::fsync(&self.file)?;
        match self.sibling.take() {
            None => {
                if !link(&self.file, &self.folder, &self.name)? {
                    self.write_again()?;
                    return self.publish();
                }
            }
            Some(sibling) => {
                if let Err(errno) = rename_to_free(&self.folder, &sibling, &self.name) {
                    self.sibling = Some(sibling);
                    return Err(errno.into());
                }
            }
        }
        Ok(sync_dir(&self.folder)?)
    }
}

impl NewFile {
    /// Writes it as a sibling, where a rule of the system's forbids the link.
    fn write_again(&mut self) -> io::Result<()> {
        let stat = rustix::fs::fstat(&self.file)?;
        let mut bytes = Zeroizing::new(vec![0; usize::try_from(stat.st_size).unwrap_or_default()]);
        let length = rustix::io::pread(&self.file, bytes.as_mut_slice(), 0)?;
        if length != bytes.len() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mode = Mode::from_raw_mode(stat.st_mode) & (FILE_MODE | Mode::RGRP | Mode::ROTH);
        let (file, name) = sibling(&self.folder, mode)?;
        (self.file, self.sibling) = (file, Some(name));
        Ok(fill(&self.file, &bytes)?)
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if let Some(sibling) = &self.sibling {
            let _ = rustix::fs::unlinkat(&self.folder, sibling, AtFlags::empty());
        }
    }
}

fn same(path: &Path, bytes: &[u8], secrecy: Secrecy) -> io::Result<bool> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = File::from(rustix::fs::open(path, flags, Mode::empty())?);
    let metadata = file.metadata()?;
    let is_open = secrecy == Secrecy::Secret && metadata.mode() & 0o077 != 0;
    if !metadata.is_file() || metadata.len() != bytes.len() as u64 || is_open {
        return Ok(false);
    }
    let mut there = Zeroizing::new(Vec::with_capacity(bytes.len().saturating_add(1)));
    file.take(metadata.len().saturating_add(1)).read_to_end(&mut there)?;
    Ok(there.as_slice() == bytes)
}

/// Waits until a new name in a file's folder is on the medium.
pub fn sync_folder_of(path: &Path) -> io::Result<()> {
    Ok(sync_dir(&File::open(folder_of(path))?.into())?)
}

/// The folder that a path names a file in.
fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}

/// Writes a file without a name, waits for the medium, and gives it a name that is free ([`Errno::EXIST`] otherwise). False,
/// and nothing done, where that cannot be.
pub(super) fn link_unnamed(folder: impl AsFd, name: impl AsRef<OsStr>, bytes: &[u8]) -> Result<bool, Errno> {
    let Some(file) = unnamed(&folder, FILE_MODE)? else { return Ok(false) };
    fill(&file, bytes)?;
    link(&file, &folder, name.as_ref())
}

/// A file without a name; none where the file system or the kernel knows no such thing, or it could not be given one later.
fn unnamed(folder: &impl AsFd, mode: Mode) -> Result<Option<OwnedFd>, Errno> {
    let flags = OFlags::RDWR | OFlags::TMPFILE | OFlags::CLOEXEC;
    match rustix::fs::openat(folder, ".", flags, mode) {
        Ok(file) => {
            let nameable = rustix::fs::stat(link_to(&file)).is_ok();
            Ok(nameable.then_some(file))
        }
        Err(Errno::OPNOTSUPP | Errno::ISDIR | Errno::INVAL | Errno::NOENT | Errno::NOSYS) => Ok(None),
        Err(errno) => Err(errno),
    }
}

/// Names a file that has none; false where that cannot be: no /proc, or a rule of the system's against links.
fn link(file: &OwnedFd, folder: &impl AsFd, name: &OsStr) -> Result<bool, Errno> {
    match rustix::fs::linkat(CWD, link_to(file), folder, name, AtFlags::SYMLINK_FOLLOW) {
        Ok(()) => Ok(true),
        Err(Errno::NOENT | Errno::ACCESS | Errno::PERM | Errno::XDEV | Errno::OPNOTSUPP | Errno::NOSYS) => Ok(false),
        Err(errno) => Err(errno),
    }
}

fn link_to(file: &OwnedFd) -> String {
    format!("/proc/self/fd/{}", file.as_raw_fd())
}

/// A file under a name that nobody has, in the same folder.
fn sibling(folder: &OwnedFd, mode: Mode) -> Result<(OwnedFd, OsString), Errno> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut turn = 0_u32;
    loop {
        let name = OsString::from(format!(".signet-{}-{turn}", std::process::id()));
        match rustix::fs::openat(folder, &name, flags, mode) {
            Ok(file) => return Ok((file, name)),
            Err(Errno::EXIST) if turn < 100 => turn += 1,
            Err(errno) => return Err(errno),
        }
    }
}

/// Renames over nothing, also where the file system cannot promise that in one step.
fn rename_to_free(folder: &OwnedFd, old: &OsStr, new: &OsStr) -> Result<(), Errno> {
    match rustix::fs::renameat_with(folder, old, folder, new, RenameFlags::NOREPLACE) {
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {
            match rustix::fs::statat(folder, new, AtFlags::SYMLINK_NOFOLLOW) {
                Err(Errno::NOENT) => rustix::fs::renameat(folder, old, folder, new),
                Ok(_) => Err(Errno::EXIST),
                Err(errno) => Err(errno),
            }
        }
        outcome => outcome,
    }
}

/// Writes all of it and waits for the medium.
pub(super) fn fill(file: &OwnedFd, bytes: &[u8]) -> Result<(), Errno> {
    let mut rest = bytes;
    while !rest.is_empty() {
        match rustix::io::write(file, rest) {
            Ok(0) => return Err(Errno::IO),
            Ok(count) => rest = rest.get(count..).unwrap_or_default(),
            Err(Errno::INTR) => {}
            Err(errno) => return Err(errno),
        }
    }
    rustix::fs::fsync(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    fn write(path: &Path, bytes: &[u8], secrecy: Secrecy) -> io::Result<()> {
        NewFile::prepare(path, bytes, secrecy)?.publish()
    }

    #[test]
    fn a_new_file_is_alone_in_its_folder_and_never_over_another_one() {
        let folder = tempfile::tempdir().unwrap();
        let (open, secret) = (folder.path().join("nas.csr"), folder.path().join("nas.key"));
        write(&open, b"request", Secrecy::Public).unwrap();
        write(&secret, b"key", Secrecy::Secret).unwrap();
        assert_eq!((fs::read(&open).unwrap(), fs::read(&secret).unwrap()), (b"request".to_vec(), b"key".to_vec()));
        assert_eq!((mode(&open) & 0o600, mode(&secret)), (0o600, 0o600));
        std::os::unix::fs::symlink(folder.path().join("elsewhere"), folder.path().join("link")).unwrap();
        for secrecy in [Secrecy::Public, Secrecy::Secret] {
            for path in [&open, &secret, &folder.path().join("link")] {
                assert_eq!(write(path, b"other", secrecy).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
            }
            let missing = write(&folder.path().join("none/nas"), b"other", secrecy);
            assert_eq!(missing.unwrap_err().kind(), io::ErrorKind::NotFound);
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3, "nothing is left beside them");
        assert_eq!(fs::read(&open).unwrap(), b"request");
    }

    #[test]
    fn one_that_is_not_published_leaves_nothing_and_one_that_comes_too_late_replaces_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("nas.key");
        drop(NewFile::prepare(&path, b"key", Secrecy::Secret).unwrap());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        let late = NewFile::prepare(&path, b"late", Secrecy::Secret).unwrap();
        write(&path, b"first", Secrecy::Secret).unwrap();
        assert_eq!(late.publish().unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).unwrap(), b"first");
    }

    #[test]
    fn a_sibling_takes_the_place_where_nothing_can_be_without_a_name() {
        let folder = tempfile::tempdir().unwrap();
        let dir: OwnedFd = File::open(folder.path()).unwrap().into();
        let make = |name: &str, bytes: &[u8]| {
            let (file, sibling) = sibling(&dir, FILE_MODE).unwrap();
            fill(&file, bytes).unwrap();
            let folder = dir.try_clone().unwrap();
            NewFile { folder, name: name.into(), file, sibling: Some(sibling) }
        };
        let (one, other) = (make("a", b"one"), make("a", b"other"));
        one.publish().unwrap();
        assert_eq!(other.publish().unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        drop(make("b", b"none"));
        assert_eq!(fs::read(folder.path().join("a")).unwrap(), b"one");
        assert_eq!((mode(&folder.path().join("a")), fs::read_dir(folder.path()).unwrap().count()), (0o600, 1));
    }
}
