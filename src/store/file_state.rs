//! How to recognise a file that someone else has changed since it was read: a hint for whoever keeps what they read.
//!
//! The generation shows changes by this program; this sees a file that was edited, damaged or put there by others.

use super::dir::Dir;
use super::error::StoreError;
use rustix::fs::Stat;

/// Of a file or folder at one moment. Time stamps are coarse: equal states prove nothing, different ones do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileState {
    inode: u64,
    size: i64,
    changed: (i64, i64),
}

impl FileState {
    pub(super) fn of(stat: &Stat) -> Self {
        // The fields' widths differ between targets; no value that matters is cut.
        #[expect(clippy::cast_possible_wrap, clippy::unnecessary_cast, reason = "see above")]
        let (size, changed) = (stat.st_size as i64, (stat.st_ctime as i64, stat.st_ctime_nsec as i64));
        Self { inode: stat.st_ino, size, changed }
    }

    /// Of an open directory.
    pub(super) fn of_dir(dir: &Dir) -> Result<Self, StoreError> {
        let stat = rustix::fs::fstat(dir.fd()).map_err(|errno| StoreError::at(dir.path(), errno))?;
        Ok(Self::of(&stat))
    }
}
