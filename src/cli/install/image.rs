//! The root of an image: files and links are put into it, and no link of it leads outside.

use super::{Became, Report, in_root};
use crate::cli::error::CliError;
use rustix::fs::{AtFlags, CWD, Mode, OFlags};
use rustix::io::Errno;
use signet_domain::visible;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

/// The image's root.
pub(super) struct Image {
    root: OwnedFd,
    path: PathBuf,
    /// Nothing is made: what would be is reported.
    dry_run: bool,
}

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

impl Image {
    pub(super) fn open(path: &Path, dry_run: bool) -> Result<Self, CliError> {
        let root = rustix::fs::openat(CWD, path, FOLDER, Mode::empty()).map_err(|errno| CliError::Unreadable {
            field: "root",
            path: path.to_owned(),
            source: errno.into(),
        })?;
        Ok(Self { root, path: path.to_owned(), dry_run })
    }

    /// True where the image has something at this path.
    pub(super) fn has(&self, path: &str) -> bool {
        in_root::open(&self.root, path, OFlags::PATH | OFlags::CLOEXEC).is_ok()
    }

    /// A text of the image, of at most so many bytes; none where there is none that can be read.
    pub(super) fn text(&self, path: &str, most: u64) -> Option<String> {
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let file = in_root::open(&self.root, path, flags).ok()?;
        let mut text = String::new();
        File::from(file).take(most).read_to_string(&mut text).ok()?;
        Some(text)
    }

    /// A file of `mode`, whole or as it was.
    pub(super) fn file(
        &self,
        path: &str,
        bytes: &[u8],
        mode: u32,
        keep: bool,
        reports: &mut Vec<Report>,
    ) -> Result<(), CliError> {
        let (folder, name) = self.folder_of(path, reports)?;
        let failed = |source: io::Error| CliError::Unwritable { path: self.path.join(path), source };
        let old = folder.as_ref().map(|folder| self.read(folder, name)).transpose().map_err(failed)?.flatten();
        let became = match &old {
            Some(_) if keep => Became::Kept,
            Some((old, old_mode)) if old == bytes && *old_mode == mode => Became::Same,
            Some(_) => Became::Replaced,
            None => Became::Made,
        };
        if let Some(folder) = folder.filter(|_| became.changes() && !self.dry_run) {
            replace(&folder, name, bytes, mode).map_err(|errno| failed(errno.into()))?;
        }
        reports.push(Report { path: visible::path(&self.path.join(path)), mode: format!("{mode:04o}"), became });
        Ok(())
    }

    /// A link in the image.
    pub(super) fn link(&self, path: &str, target: &str, reports: &mut Vec<Report>) -> Result<(), CliError> {
        let (folder, name) = self.folder_of(path, reports)?;
        let made = |folder: &OwnedFd| match self.dry_run {
            true => match rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(_) => Err(Errno::EXIST),
                Err(Errno::NOENT) => Ok(()),
                Err(errno) => Err(errno),
            },
            false => rustix::fs::symlinkat(target, folder, name),
        };
        let became = match folder.as_ref().map_or(Ok(()), made) {
            Ok(()) => Became::Made,
            // Whatever is there belongs to the integrator: a link elsewhere, or to /dev/null to switch it off.
            Err(Errno::EXIST) => Became::Kept,
            Err(errno) => return Err(CliError::Unwritable { path: self.path.join(path), source: errno.into() }),
        };
        reports.push(Report { path: visible::path(&self.path.join(path)), mode: "link".to_owned(), became });
        Ok(())
    }

    /// Removes a link of ours; anything else at its path belongs to the integrator.
    pub(super) fn unlink(&self, path: &str, target: &str, reports: &mut Vec<Report>) -> Result<(), CliError> {
        let (folder, name) = path.rsplit_once('/').unwrap_or((".", path));
        let folder = match self.resolve(folder) {
            Ok(folder) => folder,
            Err(Errno::NOENT) => return Ok(()),
            Err(errno) => return Err(self.unwritable(path, errno)),
        };
        let is_ours =
            rustix::fs::readlinkat(&folder, name, Vec::new()).is_ok_and(|to| to.as_bytes() == target.as_bytes());
        if is_ours {
            if !self.dry_run {
                let removed = rustix::fs::unlinkat(&folder, name, AtFlags::empty());
                removed.map_err(|errno| self.unwritable(path, errno))?;
            }
            let path = visible::path(&self.path.join(path));
            reports.push(Report { path, mode: "link".to_owned(), became: Became::Removed });
        }
        Ok(())
    }

    /// The folder that a path lies in, made with mode 0755 where it is missing, and the last part. None for one that a dry run
    /// does not make.
    fn folder_of<'a>(&self, path: &'a str, reports: &mut Vec<Report>) -> Result<(Option<OwnedFd>, &'a str), CliError> {
        let (folders, name) = path.rsplit_once('/').unwrap_or((".", path));
        let mut so_far = String::new();
        let mut folder = self.resolve(".").map_err(|errno| self.unwritable(".", errno))?;
        let mut is_missing = false;
        for part in folders.split('/') {
            so_far.push_str(part);
            folder = match self.resolve(&so_far) {
                Ok(folder) => folder,
                Err(Errno::NOENT) if self.dry_run => {
                    is_missing = true;
                    let path = visible::path(&self.path.join(&so_far));
                    if !reports.iter().any(|report| report.path == path) {
                        reports.push(Report { path, mode: "0755".to_owned(), became: Became::Made });
                    }
                    folder
                }
                Err(Errno::NOENT) => {
                    let mode = Mode::from_raw_mode(0o755);
                    rustix::fs::mkdirat(&folder, part, mode)
                        .and_then(|()| rustix::fs::chmodat(&folder, part, mode, AtFlags::empty()))
                        .map_err(|errno| self.unwritable(&so_far, errno))?;
                    reports.push(Report {
                        path: visible::path(&self.path.join(&so_far)),
                        mode: "0755".to_owned(),
                        became: Became::Made,
                    });
                    self.resolve(&so_far).map_err(|errno| self.unwritable(&so_far, errno))?
                }
                Err(errno) => return Err(self.unwritable(&so_far, errno)),
            };
            so_far.push('/');
        }
        Ok(((!is_missing).then_some(folder), name))
    }

    fn resolve(&self, folder: &str) -> Result<OwnedFd, Errno> {
        in_root::open(&self.root, folder, FOLDER)
    }

    fn unwritable(&self, path: &str, errno: Errno) -> CliError {
        CliError::Unwritable { path: self.path.join(path), source: errno.into() }
    }

    /// A regular file's bytes and permission bits; none where there is none.
    fn read(&self, folder: &OwnedFd, name: &str) -> io::Result<Option<(Vec<u8>, u32)>> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let file = match rustix::fs::openat(folder, name, flags, Mode::empty()) {
            Ok(file) => file,
            Err(Errno::NOENT) => return Ok(None),
            Err(errno) => return Err(errno.into()),
        };
        let mode = rustix::fs::fstat(&file)?.st_mode & 0o7777;
        let mut bytes = Vec::new();
        File::from(file).read_to_end(&mut bytes)?;
        Ok(Some((bytes, mode)))
    }
}

/// A temporary sibling, fsync, rename, fsync of the folder.
fn replace(folder: &OwnedFd, name: &str, bytes: &[u8], mode: u32) -> Result<(), Errno> {
    let part = format!(".{name}.part");
    match rustix::fs::unlinkat(folder, &part, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => {}
        Err(errno) => return Err(errno),
    }
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let file = rustix::fs::openat(folder, &part, flags, Mode::from_raw_mode(mode))?;
    let mut rest = bytes;
    while !rest.is_empty() {
        let count = rustix::io::write(&file, rest)?;
        rest = rest.get(count..).unwrap_or_default();
    }
    // The umask of whoever builds the image is not the image's.
    rustix::fs::fchmod(&file, Mode::from_raw_mode(mode))?;
    rustix::fs::fsync(&file)?;
    rustix::fs::renameat(folder, &part, folder, name)?;
    rustix::fs::fsync(folder)
}
