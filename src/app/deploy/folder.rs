//! One service's folder: a folder a version, and the links that say which one is live.
//!
//! ```text
//! DIR/SERVICE/ID-DIGEST-N/{fullchain,privkey,cert,chain}.pem     a version: of which CSR, what is in it
//! DIR/SERVICE/live -> ID-DIGEST-N                                what services open
//! DIR/SERVICE/previous -> ID-DIGEST-N                            one back
//! DIR/SERVICE/reloaded                                           the version that the service has loaded
//! ```
//!
//! A version gets its name when it is whole and on the medium; `live` is switched by one rename. So `live` leads to the old
//! pair or to the new one at any time. Only names of ours are touched.

use super::error::{DeployError, Distrust};
use super::files::{Rights, is_file, our_group, sync, us, write};
use super::pair::{FILES, Pair, is_id};
use super::trusted::{self, io};
use rustix::fs::{AtFlags, Mode, OFlags, RenameFlags};
use rustix::io::Errno;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

/// What services open.
pub(super) const LIVE: &str = "live";
const PREVIOUS: &str = "previous";
const RELOADED: &str = "reloaded";
const NEW: &str = ".new";
/// Each of the three above while it is made anew.
const NEXT: &str = ".next";
/// The longest link or marker that is read, bytes: ours have 70.
const MAX_NAME: usize = 128;

/// An open folder of a service.
pub(super) struct Folder {
    fd: OwnedFd,
    path: PathBuf,
}

impl Folder {
    /// The service's folder in `directory`, made where it is missing.
    pub(super) fn open_or_new(directory: &OwnedFd, path: &Path, name: &str) -> Result<Self, DeployError> {
        let path = path.join(name);
        let fd = trusted::child_or_new(directory, name, &path)?;
        Ok(Self { fd, path })
    }

    /// The same; none where it is missing.
    pub(super) fn open(directory: &OwnedFd, path: &Path, name: &str) -> Result<Option<Self>, DeployError> {
        let path = path.join(name);
        Ok(trusted::child(directory, name, &path)?.map(|fd| Self { fd, path }))
    }

    /// The version that is live.
    pub(super) fn live(&self) -> Result<Option<String>, DeployError> {
        self.link(LIVE)
    }

    /// The version that the service has loaded.
    pub(super) fn told(&self) -> Result<Option<String>, DeployError> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let file = match rustix::fs::openat(&self.fd, RELOADED, flags, Mode::empty()) {
            Ok(file) => file,
            Err(Errno::NOENT) => return Ok(None),
            Err(errno) => return Err(self.failed(RELOADED, errno)),
        };
        let mut bytes = [0; MAX_NAME];
        let count = rustix::io::read(&file, &mut bytes).map_err(|errno| self.failed(RELOADED, errno))?;
        Ok(bytes.get(..count).and_then(|bytes| Some(std::str::from_utf8(bytes).ok()?.trim_end().to_owned())))
    }

    /// Writes down that the service has loaded a version.
    pub(super) fn set_told(&self, version: &str) -> Result<(), DeployError> {
        self.unlink(NEXT)?;
        let rights = Rights { uid: us(), gid: our_group(), mode: 0o644 };
        write(&self.fd, NEXT, format!("{version}\n").as_bytes(), rights).map_err(|errno| self.failed(NEXT, errno))?;
        self.rename(NEXT, RELOADED)
    }

    /// Makes the pair live, where it is not. Gives the version and whether it is another one than before.
    pub(super) fn put(&self, pair: &Pair, rights: Rights) -> Result<(String, bool), DeployError> {
        let stem = format!("{}-{}", pair.id, pair.digest(rights.uid, rights.gid, rights.mode));
        let live = self.live()?;
        // A version that somebody has spoilt is not mended under the readers' hands: the next number takes its place.
        let mut number = 1;
        let version = loop {
            let version = format!("{stem}-{number}");
            if self.holds(&version, pair, rights)? {
                break version;
            }
            if !self.exists(&version)? {
                self.make(&version, pair, rights)?;
                break version;
            }
            number += 1;
        };
        if live.as_ref() == Some(&version) {
            return Ok((version, false));
        }
        if let Some(live) = live {
            self.point(PREVIOUS, &live)?;
        }
        self.point(LIVE, &version)?;
        Ok((version, true))
    }

    /// Removes what is neither live nor one back, one back whose CSR `is_over`, and what a killed run left.
    pub(super) fn sweep(&self, is_over: impl Fn(&str) -> bool) -> Result<(), DeployError> {
        let live = self.live()?;
        let mut previous = self.link(PREVIOUS)?;
        if previous
            .as_deref()
            .is_some_and(|version| live.as_deref() == Some(version) || id_of(version).is_none_or(&is_over))
        {
            self.unlink(PREVIOUS)?;
            previous = None;
        }
        self.unlink(NEXT)?;
        for version in self.versions()? {
            if Some(&version) != live.as_ref() && Some(&version) != previous.as_ref() {
                self.remove(&version)?;
            }
        }
        Ok(())
    }

    /// Takes all copies away: the live link first. True where there was anything.
    pub(super) fn empty(&self) -> Result<bool, DeployError> {
        let versions = self.versions()?;
        let mut any = !versions.is_empty();
        for name in [LIVE, PREVIOUS, RELOADED, NEXT] {
            any |= self.unlink(name)?;
        }
        self.sync()?;
        for version in versions {
            self.remove(&version)?;
        }
        self.sync()?;
        Ok(any)
    }

    /// Names of versions, and of the one that was being made.
    fn versions(&self) -> Result<Vec<String>, DeployError> {
        let failed = |errno| io(&self.path, errno);
        let mut found = Vec::new();
        for entry in rustix::fs::Dir::read_from(&self.fd).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name().to_str().unwrap_or_default();
            if name == NEW || id_of(name).is_some() {
                found.push(name.to_owned());
            }
        }
        Ok(found)
    }

    /// A whole version of its own name, on the medium.
    fn make(&self, version: &str, pair: &Pair, rights: Rights) -> Result<(), DeployError> {
        self.remove(NEW)?;
        let made = self.fill(pair, rights);
        if made.is_err() {
            // What cannot be removed now is swept by the next run; why it was not made is what counts.
            let _ = self.remove(NEW);
        }
        made?;
        rustix::fs::renameat_with(&self.fd, NEW, &self.fd, version, RenameFlags::NOREPLACE)
            .or_else(|errno| match errno {
                // Nothing is there: that was checked.
                Errno::INVAL | Errno::NOSYS => rustix::fs::renameat(&self.fd, NEW, &self.fd, version),
                errno => Err(errno),
            })
            .map_err(|errno| self.failed(version, errno))?;
        self.sync()
    }

    fn fill(&self, pair: &Pair, rights: Rights) -> Result<(), DeployError> {
        rustix::fs::mkdirat(&self.fd, NEW, Mode::RWXU).map_err(|errno| self.failed(NEW, errno))?;
        let folder = self.version(NEW)?.ok_or_else(|| self.failed(NEW, Errno::NOENT))?;
        for name in FILES {
            write(&folder, name, pair.file(name).as_bytes(), rights)
                .map_err(|errno| self.failed(&format!("{NEW}/{name}"), errno))?;
        }
        // The names are not secret, and services of other users go through.
        rustix::fs::fchmod(&folder, Mode::from_raw_mode(0o755))
            .and_then(|()| sync(&folder))
            .map_err(|errno| self.failed(NEW, errno))
    }

    /// True when the version's files are the pair's, with these rights.
    fn holds(&self, version: &str, pair: &Pair, rights: Rights) -> Result<bool, DeployError> {
        let Some(folder) = self.version(version)? else { return Ok(false) };
        Ok(FILES.iter().all(|name| is_file(&folder, name, pair.file(name).as_bytes(), rights).unwrap_or(false)))
    }

    fn version(&self, name: &str) -> Result<Option<OwnedFd>, DeployError> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        match rustix::fs::openat(&self.fd, name, flags, Mode::empty()) {
            Ok(folder) => Ok(Some(folder)),
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => Ok(None),
            Err(errno) => Err(self.failed(name, errno)),
        }
    }

    fn exists(&self, name: &str) -> Result<bool, DeployError> {
        match rustix::fs::statat(&self.fd, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(_) => Ok(true),
            Err(Errno::NOENT) => Ok(false),
            Err(errno) => Err(self.failed(name, errno)),
        }
    }

    /// Removes a version, its key first.
    fn remove(&self, version: &str) -> Result<(), DeployError> {
        let Some(folder) = self.version(version)? else { return Ok(()) };
        for name in FILES {
            match rustix::fs::unlinkat(&folder, name, AtFlags::empty()) {
                Ok(()) | Err(Errno::NOENT) => {}
                Err(errno) => return Err(self.failed(&format!("{version}/{name}"), errno)),
            }
        }
        rustix::fs::unlinkat(&self.fd, version, AtFlags::REMOVEDIR).map_err(|errno| self.failed(version, errno))
    }

    /// Makes a link lead to a version, by one rename.
    fn point(&self, link: &str, version: &str) -> Result<(), DeployError> {
        self.unlink(NEXT)?;
        rustix::fs::symlinkat(version, &self.fd, NEXT).map_err(|errno| self.failed(NEXT, errno))?;
        self.rename(NEXT, link)
    }

    fn rename(&self, old: &str, new: &str) -> Result<(), DeployError> {
        rustix::fs::renameat(&self.fd, old, &self.fd, new).map_err(|errno| self.failed(new, errno))?;
        self.sync()
    }

    /// Where a link of ours leads; none where there is none.
    fn link(&self, name: &str) -> Result<Option<String>, DeployError> {
        match rustix::fs::readlinkat(&self.fd, name, Vec::with_capacity(MAX_NAME)) {
            Ok(target) => Ok(target.into_string().ok()),
            Err(Errno::NOENT) => Ok(None),
            Err(Errno::INVAL) => Err(DeployError::Untrusted { path: self.path.join(name), why: Distrust::NotAFile }),
            Err(errno) => Err(self.failed(name, errno)),
        }
    }

    fn unlink(&self, name: &str) -> Result<bool, DeployError> {
        match rustix::fs::unlinkat(&self.fd, name, AtFlags::empty()) {
            Ok(()) => Ok(true),
            Err(Errno::NOENT) => Ok(false),
            Err(errno) => Err(self.failed(name, errno)),
        }
    }

    fn sync(&self) -> Result<(), DeployError> {
        sync(&self.fd).map_err(|errno| io(&self.path, errno))
    }

    fn failed(&self, name: &str, errno: Errno) -> DeployError {
        io(&self.path.join(name), errno)
    }
}

/// The id of the CSR that a version is of; none for names that are not ours.
pub(super) fn id_of(version: &str) -> Option<&str> {
    let mut parts = version.split('-');
    let (id, digest, number) = (parts.next()?, parts.next()?, parts.next()?);
    let ours = is_id(id)
        && digest.len() == 16
        && digest.bytes().all(|byte| byte.is_ascii_hexdigit())
        && number.parse::<u32>().is_ok()
        && parts.next().is_none();
    ours.then_some(id)
}
