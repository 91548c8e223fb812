//! How many CSRs there are, how large they are and how they are called: so that keeping one more does not cost a count of all.
//!
//! True of one state of the folder, which generation and state name; anything else has it counted anew. Of names only
//! hashes are kept: one that is not there is free, one that is there is looked up in the folder itself.

use super::csr_folder::{bytes_in, names_in};
use super::dir::Dir;
use super::error::StoreError;
use super::file_state::FileState;
use signet_domain::name::CsrName;
use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};

#[derive(Debug)]
pub(super) struct Usage {
    generation: u64,
    folder: FileState,
    /// The number of CSRs.
    pub(super) csrs: usize,
    /// The size of their files together.
    pub(super) bytes: u64,
    hasher: RandomState,
    folded: HashSet<u64>,
}

impl Usage {
    fn count(dir: &Dir, generation: u64) -> Result<Self, StoreError> {
        // The state first: what comes in between is then seen as a change.
        let folder = FileState::of_dir(dir)?;
        let names = names_in(dir)?;
        let hasher = RandomState::new();
        let folded = names.iter().map(|name| hasher.hash_one(name.folded())).collect();
        Ok(Self { generation, folder, csrs: names.len(), bytes: bytes_in(dir, &names), hasher, folded })
    }

    /// False when no CSR is called so, ignoring case; true when one may be.
    pub(super) fn may_hold(&self, name: &CsrName) -> bool {
        self.folded.contains(&self.hasher.hash_one(name.folded()))
    }
}

/// The usage of a data directory's CSRs, for as long as it is true.
#[derive(Debug, Default)]
pub(super) struct CurrentUsage(Mutex<Option<Usage>>);

impl CurrentUsage {
    /// The usage of the folder as it is under a lock of that generation.
    pub(super) fn current(&self, dir: &Dir, generation: u64) -> Result<Usage, StoreError> {
        match self.stored().take() {
            Some(stored) if stored.generation == generation && stored.folder == FileState::of_dir(dir)? => Ok(stored),
            _ => Usage::count(dir, generation),
        }
    }

    /// Takes the usage back after one more CSR of so many bytes was stored.
    pub(super) fn one_more(&self, mut usage: Usage, dir: &Dir, generation: u64, name: &CsrName, bytes: u64) {
        let Ok(folder) = FileState::of_dir(dir) else { return };
        usage.folded.insert(usage.hasher.hash_one(name.folded()));
        let (csrs, bytes) = (usage.csrs + 1, usage.bytes + bytes);
        *self.stored() = Some(Usage { generation, folder, csrs, bytes, ..usage });
    }

    /// The generation has settled: what was true under the odd number is true under the even one, unless something else
    /// than CSRs that came was done under this lock.
    pub(super) fn carry(&self, from: u64, to: u64) {
        if let Some(stored) = self.stored().as_mut().filter(|stored| stored.generation == from) {
            stored.generation = to;
        }
    }

    /// Something else is about to happen in the folder.
    pub(super) fn forget(&self) {
        self.stored().take();
    }

    fn stored(&self) -> MutexGuard<'_, Option<Usage>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
