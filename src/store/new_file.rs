//! New files that have their name only when they are whole and on the medium.
//!
//! A secret is written to a file without any name (open(2), `O_TMPFILE`) and linked where nothing is: not even a power cut
//! leaves a part of it behind. Anything else may leave a temporary sibling.

use super::dir::{FILE_MODE, sync_dir};
use rustix::fs::{AtFlags, CWD, Mode, OFlags};
use rustix::io::Errno;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Writes to a new file of mode 0644, less the umask, durably; an existing one is refused. Not for secrets.
pub fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mode = std::fs::Permissions::from_mode(0o644);
    let made = tempfile::Builder::new().prefix(".signet-").permissions(mode).tempfile_in(folder_of(path));
    // Without the temporary's own path, which says nothing to whoever named another one.
    let mut file = made.map_err(|error| io::Error::from(error.kind()))?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist_noclobber(path).map_err(|failed| failed.error)?;
    sync_folder_of(path)
}

/// Writes a secret to a new file of mode 0600, durably; an existing one is refused.
pub fn write_new_secret(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidFilename)?;
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let folder = rustix::fs::open(folder_of(path), flags, Mode::empty())?;
    if !link_unnamed(&folder, name, bytes)? {
        // A file system that knows no files without a name.
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = rustix::fs::openat(&folder, name, flags, FILE_MODE)?;
        if let Err(errno) = fill(&file, bytes) {
            let _ = rustix::fs::unlinkat(&folder, name, AtFlags::empty());
            return Err(errno.into());
        }
    }
    Ok(sync_dir(&folder)?)
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
    let flags = OFlags::WRONLY | OFlags::TMPFILE | OFlags::CLOEXEC;
    let file = match rustix::fs::openat(&folder, ".", flags, FILE_MODE) {
        Ok(file) => file,
        // Said by file systems and kernels that do not know of it.
        Err(Errno::OPNOTSUPP | Errno::ISDIR | Errno::INVAL | Errno::NOENT | Errno::NOSYS) => return Ok(false),
        Err(errno) => return Err(errno),
    };
    fill(&file, bytes)?;
    let unnamed = format!("/proc/self/fd/{}", file.as_raw_fd());
    match rustix::fs::linkat(CWD, unnamed, &folder, name.as_ref(), AtFlags::SYMLINK_FOLLOW) {
        Ok(()) => Ok(true),
        // No /proc, or a rule of the system's against links.
        Err(Errno::NOENT | Errno::ACCESS | Errno::PERM | Errno::XDEV | Errno::OPNOTSUPP | Errno::NOSYS) => Ok(false),
        Err(errno) => Err(errno),
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

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    #[test]
    fn a_new_file_is_alone_in_its_folder_and_never_over_another_one() {
        let folder = tempfile::tempdir().unwrap();
        let (open, secret) = (folder.path().join("nas.csr"), folder.path().join("nas.key"));
        write_new(&open, b"request").unwrap();
        write_new_secret(&secret, b"key").unwrap();
        assert_eq!((fs::read(&open).unwrap(), fs::read(&secret).unwrap()), (b"request".to_vec(), b"key".to_vec()));
        assert_eq!((mode(&open) & 0o600, mode(&secret)), (0o600, 0o600));
        for path in [&open, &secret] {
            for write in [write_new, write_new_secret] {
                assert_eq!(write(path, b"other").unwrap_err().kind(), io::ErrorKind::AlreadyExists);
            }
        }
        std::os::unix::fs::symlink(folder.path().join("elsewhere"), folder.path().join("link")).unwrap();
        for write in [write_new, write_new_secret] {
            assert!(write(&folder.path().join("link"), b"other").is_err(), "a link is not followed");
            assert_eq!(write(&folder.path().join("none/nas"), b"other").unwrap_err().kind(), io::ErrorKind::NotFound);
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3, "nothing is left beside them");
        assert_eq!(fs::read(&open).unwrap(), b"request");
    }
}
