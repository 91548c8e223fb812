//! How much of the partition the requests may take: what the configuration says, and never what others need.
//!
//! A NAS keeps its configuration on a partition of some MiB, where other programs write, too. So the requests take half of it at most, and
//! no new one is made where little is free.

use super::data_dir::{CSRS, Store};
use super::error::StoreError;
use rustix::fs::fstatvfs;

/// The requests take at most this part of the partition.
const SHARE: u64 = 2;
/// This part of the partition stays free of new requests.
const RESERVE: u64 = 16;
/// And no more than these bytes.
const MOST_RESERVE: u64 = 4 * 1024 * 1024;

/// How much the requests may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Bytes of all requests' files together.
    pub bytes: u64,
    /// The partition is what limits it, and not `[limits] disk_mib`.
    pub by_partition: bool,
    /// Bytes of the partition that stay free of new requests.
    pub reserve: u64,
}

impl Budget {
    /// On a partition of `total` bytes, 0 where the file system does not tell.
    pub(super) fn of(total: u64, disk_mib: u64) -> Self {
        let configured = disk_mib.saturating_mul(1 << 20);
        let share = if total == 0 { u64::MAX } else { total / SHARE };
        Self {
            bytes: configured.min(share),
            by_partition: share < configured,
            reserve: (total / RESERVE).min(MOST_RESERVE),
        }
    }
}

impl Store {
    /// How much the requests may take of the partition as it is now.
    pub fn budget(&self) -> Result<Budget, StoreError> {
        self.budget_for(self.limits().disk_mib)
    }

    /// The same for another `[limits] disk_mib`.
    pub fn budget_for(&self, disk_mib: u64) -> Result<Budget, StoreError> {
        Ok(Budget::of(self.space()?.total, disk_mib))
    }

    /// How many requests there are, and the size of their files together.
    pub fn csrs_and_bytes(&self) -> Result<(usize, u64), StoreError> {
        use super::csr_folder::{bytes_in, names_in};
        let Some(dir) = self.root().child(CSRS)? else { return Ok((0, 0)) };
        let names = names_in(&dir)?;
        Ok((names.len(), bytes_in(&dir, &names)))
    }

    /// Refuses a state with so many requests of so many bytes in all, of which `new` bytes are not written yet.
    pub(super) fn within_limits(&self, csrs: usize, bytes: u64, new: u64) -> Result<(), StoreError> {
        let limits = self.limits();
        if csrs > usize::try_from(limits.csrs).unwrap_or(usize::MAX) {
            return Err(StoreError::TooMany { limit: limits.csrs });
        }
        let stat = fstatvfs(self.root().fd()).map_err(|errno| StoreError::at(self.path(), errno))?;
        let budget = Budget::of(stat.f_blocks.saturating_mul(stat.f_frsize), limits.disk_mib);
        if bytes > budget.bytes {
            return Err(StoreError::OverBudget { kib: budget.bytes / 1024, by_partition: budget.by_partition });
        }
        let free = stat.f_bavail.saturating_mul(stat.f_frsize);
        // One that does not fit at all is told as that by whoever writes it.
        if free >= new && free - new < budget.reserve {
            return Err(StoreError::Reserved { path: self.path().to_path_buf(), kib: budget.reserve / 1024 });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    #[test]
    fn the_requests_take_half_of_a_small_partition_and_what_is_configured_of_a_large_one() {
        let of = |total, configured| Budget::of(total, configured);
        assert_eq!(of(4 * MIB, 64), Budget { bytes: 2 * MIB, by_partition: true, reserve: MIB / 4 });
        assert_eq!(of(16 * MIB, 64), Budget { bytes: 8 * MIB, by_partition: true, reserve: MIB });
        assert_eq!(of(128 * MIB, 64), Budget { bytes: 64 * MIB, by_partition: false, reserve: 4 * MIB });
        assert_eq!(of(1024 * 1024 * MIB, 64), Budget { bytes: 64 * MIB, by_partition: false, reserve: 4 * MIB });
        assert_eq!(of(0, 64), Budget { bytes: 64 * MIB, by_partition: false, reserve: 0 });
        assert_eq!(of(4 * MIB, u64::MAX).bytes, 2 * MIB);
    }
}
