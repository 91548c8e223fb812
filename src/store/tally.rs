//! How many CSRs there are, how large they are and how they are called: so that keeping one more does not cost a look at all.
//!
//! True of one state of the folder, which generation and stamp name; anything else has it counted anew. Of names only
//! hashes are kept: one that is not there is free, one that is there is looked up in the folder itself.

use super::WriteLock;
use super::csrs::{bytes_in, names_in};
use super::dir::Dir;
use super::error::StoreError;
use super::stamp::Stamp;
use signet_domain::name::CsrName;
use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::sync::PoisonError;

#[derive(Debug)]
pub(super) struct Tally {
    generation: u64,
    folder: Stamp,
    /// The number of CSRs.
    pub(super) csrs: usize,
    /// The size of their files together.
    pub(super) bytes: u64,
    hasher: RandomState,
    folded: HashSet<u64>,
}

impl Tally {
    fn count(dir: &Dir, generation: u64) -> Result<Self, StoreError> {
        // The stamp first: what comes in between is then seen as a change.
        let folder = Stamp::of_dir(dir)?;
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

impl WriteLock<'_> {
    /// The tally of the folder as it is now.
    pub(super) fn tally(&self, dir: &Dir) -> Result<Tally, StoreError> {
        let generation = self.generation();
        let kept = self.store.0.tally.lock().unwrap_or_else(PoisonError::into_inner).take();
        match kept {
            Some(kept) if kept.generation == generation && kept.folder == Stamp::of_dir(dir)? => Ok(kept),
            _ => Tally::count(dir, generation),
        }
    }

    /// Keeps the tally after one more CSR of so many bytes was kept.
    pub(super) fn one_more(&self, mut tally: Tally, dir: &Dir, name: &CsrName, bytes: u64) {
        let Ok(folder) = Stamp::of_dir(dir) else { return };
        tally.folded.insert(tally.hasher.hash_one(name.folded()));
        let kept =
            Tally { generation: self.generation(), folder, csrs: tally.csrs + 1, bytes: tally.bytes + bytes, ..tally };
        *self.store.0.tally.lock().unwrap_or_else(PoisonError::into_inner) = Some(kept);
    }

    /// The generation has settled: what was true under the odd number is true under the even one, unless something else
    /// than CSRs that came was done under this lock.
    pub(super) fn carry_tally(&self, from: u64, to: u64) {
        let mut kept = self.store.0.tally.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = kept.as_mut().filter(|kept| kept.generation == from) {
            kept.generation = to;
        }
    }

    /// Something else is about to happen in the folder.
    pub(super) fn drop_tally(&self) {
        self.store.0.tally.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}
