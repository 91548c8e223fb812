//! The data directory opened for reading alone: nothing is made, swept or locked, whoever owns it.
//!
//! What opening for use refuses is reported here as a fact, for `check` to judge.

use super::data_dir::{CSRS, FACTORY, Opening, Store};
use super::dir::Dir;
use super::error::StoreError;
use super::lock_file;
use super::{atomic, open};
use rustix::fs::{Access, AtFlags, FileType};
use rustix::io::Errno;
use signet_domain::visible;
use std::path::{Path, PathBuf};

/// One component of the way from `/` to a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnTheWay {
    /// The path so far.
    pub path: PathBuf,
    /// `d`, `-`, `l` and so on, as `ls -l` writes them.
    pub kind: char,
    /// Permission bits with set-id and sticky bits, such as 0o1777.
    pub mode: u32,
    /// Its owner's user id.
    pub uid: u32,
    /// Its group id.
    pub gid: u32,
}

impl std::fmt::Display for OnTheWay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{:04o} user {} group {} {}", self.kind, self.mode, self.uid, self.gid, visible::path(&self.path))
    }
}

impl Store {
    /// Opens a directory for reading alone; none when it is missing. Nothing is made and nothing is swept, and whether
    /// the directory is ours is not asked. [`Store::lock`] is refused here.
    pub fn open_read_only(path: &Path) -> Result<Option<Self>, StoreError> {
        let Some(root) = Dir::open(path)? else { return Ok(None) };
        Ok(Some(Self::new(root, Opening::default(), None, true)))
    }

    /// True when the directory bears the mark of a data directory.
    pub fn is_marked(&self) -> Result<bool, StoreError> {
        lock_file::has_mark(self.root())
    }

    /// True when the directory was never used: nothing lies in it but what a new one may hold.
    pub fn is_new(&self) -> Result<bool, StoreError> {
        let mut listed = self.root().list()?.into_iter();
        Ok(listed.all(|listed| open::HARMLESS.iter().any(|name| listed.name == *name)))
    }

    /// Whether this process may make, rename and remove files in each of the directories; nothing is tried out.
    pub fn may_write(&self) -> Result<(), StoreError> {
        let access = Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK;
        let may = |dir: &Dir| match rustix::fs::accessat(dir.fd(), ".", access, AtFlags::EACCESS) {
            // An old kernel's "no such call" says nothing.
            Ok(()) | Err(Errno::NOSYS | Errno::INVAL) => Ok(()),
            Err(errno) => Err(StoreError::at(dir.path(), errno)),
        };
        may(self.root())?;
        for name in [CSRS, FACTORY] {
            if let Some(dir) = self.root().child(name)? {
                may(&dir)?;
            }
        }
        Ok(())
    }

    /// Files that a killed process left half-written; the next change sweeps them.
    pub fn leftovers(&self) -> Result<Vec<PathBuf>, StoreError> {
        let mut found = Vec::new();
        let mut collect = |dir: &Dir| -> Result<(), StoreError> {
            let temporary =
                dir.list()?.into_iter().filter(|listed| listed.name.to_str().is_some_and(atomic::is_temporary));
            found.extend(temporary.map(|listed| dir.at(&listed.name)));
            Ok(())
        };
        collect(self.root())?;
        for name in [CSRS, FACTORY] {
            if let Some(dir) = self.root().child(name)? {
                collect(&dir)?;
            }
        }
        found.sort_unstable();
        Ok(found)
    }

    /// Every component from `/` to `path` with its owner and mode, as far as they can be seen. A path that is relative is
    /// taken from the working directory.
    pub fn way_to(path: &Path) -> Vec<OnTheWay> {
        let Ok(absolute) = std::path::absolute(path) else { return Vec::new() };
        let mut ancestors: Vec<&Path> = absolute.ancestors().collect();
        ancestors.reverse();
        let seen = ancestors.into_iter().map_while(|path| {
            let stat = rustix::fs::lstat(path).ok()?;
            Some(OnTheWay {
                path: path.to_path_buf(),
                kind: letter(FileType::from_raw_mode(stat.st_mode)),
                mode: stat.st_mode & 0o7777,
                uid: stat.st_uid,
                gid: stat.st_gid,
            })
        });
        seen.collect()
    }
}

fn letter(kind: FileType) -> char {
    match kind {
        FileType::RegularFile => '-',
        FileType::Directory => 'd',
        FileType::Symlink => 'l',
        FileType::Fifo => 'p',
        FileType::Socket => 's',
        FileType::CharacterDevice => 'c',
        FileType::BlockDevice => 'b',
        _ => '?',
    }
}
