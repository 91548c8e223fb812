//! What root relies on: files and folders that nobody but root (or the user who runs this) could have changed; and what the
//! console believes because nobody but root could have written it.
//!
//! The whole way is walked from `/`, each part opened from the one before and no link followed, so that what was looked at
//! is what is used.

use super::error::{DeployError, Distrust};
use rustix::fs::{CWD, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;
use std::fs::File;
use std::io::Read;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Component, Path, PathBuf};

/// The largest list of services, bytes.
const MAX_FILE: u64 = 64 * 1024;

const WALK: OFlags = OFlags::PATH.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);
const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// Whose files are trusted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whose {
    /// Root's, and those of the user who runs this.
    RootOrOurs,
    /// Root's alone: the console's user must not be able to change them.
    Root,
}

/// The text of a file that is trusted; none where there is none.
///
/// # Errors
/// Where others than root (or the user who runs this) could have written it, or it is larger than 64 KiB.
pub fn read(path: &Path) -> Result<Option<String>, DeployError> {
    let Some(content) = content(path, MAX_FILE, Whose::RootOrOurs)? else { return Ok(None) };
    let not_text = |error| DeployError::Io { path: path.to_owned(), source: std::io::Error::other(error) };
    String::from_utf8(content).map(Some).map_err(not_text)
}

/// The content of a file that nobody but root could have written, of at most `most` bytes; none where there is none.
pub(crate) fn of_root(path: &Path, most: u64) -> Result<Option<Vec<u8>>, DeployError> {
    content(path, most, Whose::Root)
}

/// Whether nobody but root could have written this program. It is not read: it may be large.
pub(crate) fn program_of_root(path: &Path) -> Result<(), DeployError> {
    open(path, OFlags::PATH, Whose::Root)?.map(drop).ok_or_else(|| io(path, Errno::NOENT))
}

fn content(path: &Path, most: u64, whose: Whose) -> Result<Option<Vec<u8>>, DeployError> {
    let distrusted = |why| DeployError::Untrusted { path: path.to_owned(), why };
    let Some(file) = open(path, OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY, whose)? else { return Ok(None) };
    let mut content = Vec::new();
    File::from(file)
        .take(most + 1)
        .read_to_end(&mut content)
        .map_err(|source| DeployError::Io { path: path.to_owned(), source })?;
    if content.len() as u64 > most {
        return Err(distrusted(Distrust::TooLarge(most)));
    }
    Ok(Some(content))
}

/// A file that is trusted; none where there is none.
fn open(path: &Path, how: OFlags, whose: Whose) -> Result<Option<OwnedFd>, DeployError> {
    let distrusted = |why| DeployError::Untrusted { path: path.to_owned(), why };
    let Some((parent, name)) = walk_to_parent(path, whose)? else { return Ok(None) };
    let file = match rustix::fs::openat(&parent, name, how | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty()) {
        Ok(file) => file,
        Err(Errno::NOENT) => return Ok(None),
        Err(Errno::LOOP) => return Err(distrusted(Distrust::Link)),
        Err(Errno::NXIO) => return Err(distrusted(Distrust::NotAFile)),
        Err(errno) => return Err(io(path, errno)),
    };
    let stat = rustix::fs::fstat(&file).map_err(|errno| io(path, errno))?;
    // With O_PATH a link itself is opened.
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => {}
        FileType::Symlink => return Err(distrusted(Distrust::Link)),
        _ => return Err(distrusted(Distrust::NotAFile)),
    }
    judge(&stat, false, whose).map_err(distrusted)?;
    Ok(Some(file))
}

/// A folder that is trusted; made with mode 0755 when it is missing and the one above it is there.
pub(super) fn folder(path: &Path) -> Result<OwnedFd, DeployError> {
    let missing = || io(path, Errno::NOENT);
    let (parent, name) = walk_to_parent(path, Whose::RootOrOurs)?.ok_or_else(missing)?;
    child_or_new(&parent, &name, path)
}

/// The same in an open folder.
pub(super) fn child_or_new(parent: &impl AsFd, name: &str, path: &Path) -> Result<OwnedFd, DeployError> {
    if let Some(folder) = child(parent, name, path)? {
        return Ok(folder);
    }
    // Not subject to the umask afterwards: services of other users go through it.
    match rustix::fs::mkdirat(parent, name, Mode::from_raw_mode(0o755)) {
        Ok(()) | Err(Errno::EXIST) => {}
        Err(errno) => return Err(io(path, errno)),
    }
    let folder = child(parent, name, path)?.ok_or_else(|| io(path, Errno::NOENT))?;
    rustix::fs::fchmod(&folder, Mode::from_raw_mode(0o755)).map_err(|errno| io(path, errno))?;
    Ok(folder)
}

/// A trusted folder in an open one; none where it is missing.
pub(super) fn child(parent: &impl AsFd, name: &str, path: &Path) -> Result<Option<OwnedFd>, DeployError> {
    let Some(folder) = step(parent, name, path, FOLDER)? else { return Ok(None) };
    let stat = rustix::fs::fstat(&folder).map_err(|errno| io(path, errno))?;
    // What is in a folder with the sticky bit belongs to its maker; a service's folder must not.
    judge(&stat, false, Whose::RootOrOurs).map_err(|why| DeployError::Untrusted { path: path.to_owned(), why })?;
    Ok(Some(folder))
}

/// The folder that the path's last part lies in; none where a part is missing.
fn walk_to_parent(path: &Path, whose: Whose) -> Result<Option<(OwnedFd, String)>, DeployError> {
    let distrusted = |path: &Path, why| DeployError::Untrusted { path: path.to_owned(), why };
    if !path.is_absolute() {
        return Err(distrusted(path, Distrust::Relative));
    }
    let mut so_far = PathBuf::from("/");
    let mut folder = rustix::fs::openat(CWD, "/", WALK, Mode::empty()).map_err(|errno| io(&so_far, errno))?;
    let mut parts = path.components().filter(|part| *part != Component::RootDir).peekable();
    while let Some(part) = parts.next() {
        let name = part.as_os_str().to_str().ok_or_else(|| distrusted(path, Distrust::Relative))?;
        if parts.peek().is_none() && matches!(part, Component::Normal(_)) {
            return Ok(Some((folder, name.to_owned())));
        }
        so_far.push(name);
        let Some(next) = step(&folder, name, &so_far, WALK)? else { return Ok(None) };
        let stat = rustix::fs::fstat(&next).map_err(|errno| io(&so_far, errno))?;
        judge(&stat, true, whose).map_err(|why| distrusted(&so_far, why))?;
        folder = next;
    }
    Err(distrusted(path, Distrust::NotAFolder))
}

fn step(parent: &impl AsFd, name: &str, path: &Path, flags: OFlags) -> Result<Option<OwnedFd>, DeployError> {
    match rustix::fs::openat(parent, name, flags, Mode::empty()) {
        Ok(folder) => Ok(Some(folder)),
        Err(Errno::NOENT) => Ok(None),
        // With O_DIRECTORY the kernel says "no directory" of a link, too.
        Err(Errno::NOTDIR | Errno::LOOP) => {
            let link = rustix::fs::statat(parent, name, rustix::fs::AtFlags::SYMLINK_NOFOLLOW)
                .is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::Symlink);
            let why = if link { Distrust::Link } else { Distrust::NotAFolder };
            Err(DeployError::Untrusted { path: path.to_owned(), why })
        }
        Err(errno) => Err(io(path, errno)),
    }
}

/// Root's or ours, as `whose` says, and writable by its owner alone. On the way a sticky folder (`/tmp`) will do: what is root's in it stays.
fn judge(stat: &Stat, on_the_way: bool, whose: Whose) -> Result<(), Distrust> {
    let is_ours = || whose == Whose::RootOrOurs && stat.st_uid == rustix::process::geteuid().as_raw();
    if stat.st_uid != 0 && !is_ours() {
        return Err(Distrust::Owner(stat.st_uid));
    }
    let sticky = on_the_way && stat.st_mode & 0o1000 != 0;
    if stat.st_mode & 0o022 != 0 && !sticky {
        return Err(Distrust::Writable(stat.st_mode & 0o7777));
    }
    Ok(())
}

pub(super) fn io(path: &Path, errno: Errno) -> DeployError {
    DeployError::Io { path: path.to_owned(), source: errno.into() }
}
