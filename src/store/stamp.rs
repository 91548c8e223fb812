//! What tells a file that another hand changed from the one that was read: a hint for those who keep what they read.
//!
//! Changes by this program are told by the generation; this sees a file that was edited, damaged or put there by others.

use super::csrs::file_name;
use super::dir::Dir;
use super::error::StoreError;
use super::{CSRS, Store};
use rustix::fs::{AtFlags, Stat};
use signet_domain::name::CsrName;

/// Of a file or folder at one moment. Time stamps are coarse: equal stamps prove nothing, different ones do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    inode: u64,
    size: i64,
    changed: (i64, i64),
}

impl Stamp {
    fn of(stat: &Stat) -> Self {
        // The fields' widths differ between targets; no value that matters is cut.
        #[expect(clippy::cast_possible_wrap, clippy::unnecessary_cast, reason = "see above")]
        let (size, changed) = (stat.st_size as i64, (stat.st_ctime as i64, stat.st_ctime_nsec as i64));
        Self { inode: stat.st_ino, size, changed }
    }
}

impl Stamp {
    /// Of an open directory.
    pub(super) fn of_dir(dir: &Dir) -> Result<Self, StoreError> {
        let stat = rustix::fs::fstat(dir.fd()).map_err(|errno| StoreError::at(dir.path(), errno))?;
        Ok(Self::of(&stat))
    }
}

impl Store {
    /// Of each CSR's file, as far as it is there.
    pub fn stamps<'a>(&self, names: impl IntoIterator<Item = &'a CsrName>) -> Result<Vec<Option<Stamp>>, StoreError> {
        let dir = self.root().child(CSRS)?;
        let stamp = |name: &CsrName| {
            let stat = rustix::fs::statat(dir.as_ref()?.fd(), file_name(name), AtFlags::SYMLINK_NOFOLLOW);
            stat.ok().map(|stat| Stamp::of(&stat))
        };
        Ok(names.into_iter().map(stamp).collect())
    }

    /// Of the CSRs' folder: moves when a file comes or goes.
    pub fn folder_stamp(&self) -> Result<Option<Stamp>, StoreError> {
        let dir = self.root().child(CSRS)?;
        Ok(dir.and_then(|dir| rustix::fs::fstat(dir.fd()).ok()).map(|stat| Stamp::of(&stat)))
    }
}
