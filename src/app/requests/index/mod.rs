//! The list in memory: a short line a CSR, so that ten thousand cost a page no more than ten.
//!
//! Built when it is first asked for, and again when the store's generation has moved by another hand (the command line);
//! our own changes are put in one by one. A file that was touched from outside is seen by its stamp when it is shown. It holds no key, and of each request only what the list shows and search
//! looks at: some 350 bytes a CSR.

mod entries;
mod summary;

use crate::Failure;
use crate::requests::lineage::Successor;
use entries::Entries;
use jiff::Timestamp;
use signet_domain::draft::DraftId;
use signet_domain::name::CsrName;
use signet_store::{Moved, Store, is_settled};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use entries::{Part, Sort};
pub use summary::{Answered, Line, Summary};

/// The index of one data directory.
#[derive(Debug, Default)]
pub struct Index(Mutex<Option<Entries>>);

impl Index {
    /// Lines `skip` to `skip + count` of those that match `query` (ignoring case, empty for all), in order; what is due is
    /// so at `now`, a trusted time.
    pub fn part(
        &self,
        store: &Store,
        query: &str,
        (sort, descending): (Sort, bool),
        (skip, count): (usize, usize),
        now: Timestamp,
    ) -> Result<Part, Failure> {
        let query = query.trim().to_lowercase();
        let select = |entries: &mut Entries| {
            let due = entries.due(now);
            entries.ordered(sort);
            if due > 0 && sort == Sort::Due {
                entries.put_first(due, now);
            }
            let order = match sort {
                Sort::Due => entries.by_due.as_ref().filter(|_| due > 0).map(|(_, order)| order.as_slice()),
                Sort::Name => None,
                Sort::Created => entries.by_created.as_deref(),
                Sort::Key => entries.by_key.as_deref(),
                Sort::Expiry => entries.by_expiry.as_deref(),
            };
            let all = entries.by_name.len();
            let at = |place: usize| {
                let place = if descending { all - 1 - place } else { place };
                let place = order.map_or(Some(place), |order| order.get(place).map(|at| *at as usize))?;
                entries.by_name.get(place)
            };
            if query.is_empty() {
                let lines = (skip.min(all)..(skip + count).min(all)).filter_map(at).cloned().collect();
                return entries.part(lines, all, due);
            }
            let matching: Vec<&Arc<Summary>> =
                (0..all).filter_map(at).filter(|summary| summary.haystack.contains(&query)).collect();
            let lines = matching.iter().skip(skip).take(count).map(|summary| Arc::clone(summary)).collect();
            let total = matching.len();
            entries.part(lines, total, due)
        };
        self.look(store, |entries| {
            let part = select(entries);
            // What is shown is what lies there: a file that another hand has touched since is read again.
            let stamps = store.file_states(part.lines.iter().map(|summary| &summary.name))?;
            let touched = part.lines.iter().zip(&stamps).filter(|(summary, stamp)| summary.stamp != **stamp);
            let touched: Vec<CsrName> = touched.map(|(summary, _)| summary.name.clone()).collect();
            if touched.is_empty() {
                return Ok(part);
            }
            touched.iter().try_for_each(|name| entries.put(store, name))?;
            Ok(select(entries))
        })
    }

    /// Those whose certificate is valid at `now`, a trusted time, and was not replaced, by name.
    pub fn in_force(&self, store: &Store, now: Timestamp) -> Result<Vec<Arc<Summary>>, Failure> {
        self.look(store, |entries| Ok(entries.in_force(now)))
    }

    /// The present name of the CSR that a draft was saved as.
    pub fn saved_from(&self, store: &Store, draft: &DraftId) -> Result<Option<CsrName>, Failure> {
        self.look(store, |entries| {
            let of_draft = |summary: &&Arc<Summary>| summary.draft.as_ref() == Some(draft);
            Ok(entries.by_name.iter().find(of_draft).map(|summary| summary.name.clone()))
        })
    }

    /// The present name of the CSR with this record's id.
    pub fn named(&self, store: &Store, id: &str) -> Result<Option<CsrName>, Failure> {
        self.look(store, |entries| {
            Ok(entries.by_name.iter().find(|summary| &*summary.id == id).map(|summary| summary.name.clone()))
        })
    }

    /// The CSR that renews or changes the one with this record's id.
    pub fn successor(&self, store: &Store, id: &str) -> Result<Option<Successor>, Failure> {
        self.look(store, |entries| Ok(entries.successors().of(id).cloned()))
    }

    /// The present names of all CSRs whose public key has this SHA-256 (`key_sha256` of request or certificate), by name.
    pub fn of_key(&self, store: &Store, key_sha256: &[u8; 32]) -> Result<Vec<CsrName>, Failure> {
        self.look(store, |entries| {
            let of_key = entries.by_name.iter().filter(|summary| summary.line.is_ok() && summary.key == *key_sha256);
            Ok(of_key.map(|summary| summary.name.clone()).collect())
        })
    }

    /// The CSR that keeps others from being called `name`: of the same name, ignoring case.
    pub fn taken(&self, store: &Store, name: &CsrName) -> Result<Option<CsrName>, Failure> {
        let generation = store.generation().ok();
        let folder = store.folder_state()?;
        let guard = self.locked();
        // Reading all CSRs only for that would be the long way: a listing tells it, too.
        let current = |entries: &&Entries| generation.is_some_and(|generation| entries.is_current(generation, folder));
        let Some(entries) = guard.as_ref().filter(current) else {
            return Ok(store.taken(name)?);
        };
        let first = entries.by_name.get(entries.place(name)).map(|summary| &summary.name);
        Ok(first.filter(|other| other.folded() == name.folded()).cloned())
    }

    /// After a change of our own to `names`: puts it in, where nobody else changed anything meanwhile.
    pub fn put(&self, store: &Store, moved: Moved, names: &[&CsrName]) {
        let mut guard = self.locked();
        let Some(entries) = guard.as_mut().filter(|entries| entries.generation == moved.before) else { return };
        let done = names.iter().try_for_each(|name| entries.put(store, name));
        entries.generation = moved.after;
        if done.is_err() || !is_settled(moved.after) {
            *guard = None;
        }
    }

    fn look<T>(&self, store: &Store, see: impl FnOnce(&mut Entries) -> Result<T, Failure>) -> Result<T, Failure> {
        let mut guard = self.locked();
        let (generation, folder) = (store.generation()?, store.folder_state()?);
        if let Some(entries) = guard.as_mut().filter(|entries| entries.is_current(generation, folder)) {
            return see(entries);
        }
        let mut entries = Entries::read(store, generation)?;
        let seen = see(&mut entries)?;
        // A change that is under way may show half of what it does.
        *guard = is_settled(generation).then_some(entries);
        Ok(seen)
    }

    fn locked(&self) -> MutexGuard<'_, Option<Entries>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
