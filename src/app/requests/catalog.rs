//! The CSRs of the data directory: listed, read one by one, and found by what is known of them.

use super::content::{Content, Row, Unread, row};
use super::index::{Index, Part, Sort, Summary};
use super::lineage::{Lineage, Relatives};
use crate::Failure;
use crate::clock::{self, Clock};
use signet_domain::draft::DraftId;
use signet_domain::name::CsrName;
use signet_domain::record::Record;
use signet_domain::supersedes::Supersedes;
use signet_store::{Entry, Moved, Store};
use std::sync::Arc;

/// All CSRs, for reading.
#[derive(Debug)]
pub struct Catalog {
    store: Store,
    clock: Clock,
    index: Index,
}

impl Catalog {
    /// The CSRs of a data directory; the list is read into memory when it is first asked for.
    pub fn new(store: Store, clock: Clock) -> Self {
        Self { store, clock, index: Index::default() }
    }

    /// Lines `skip` to `skip + count` of those that match `query` (ignoring case, empty for all), in order.
    pub fn list(&self, query: &str, order: (Sort, bool), part: (usize, usize)) -> Result<Part, Failure> {
        self.index.part(&self.store, query, order, part, clock::trusted(self.clock.now()))
    }

    /// Those whose certificate has not expired and was not replaced, by name.
    pub fn in_force(&self) -> Result<Vec<Arc<Summary>>, Failure> {
        self.index.in_force(&self.store, clock::trusted(self.clock.now()))
    }

    /// Every CSR, decoded, by name: read from the disk one by one.
    pub fn each(&self, mut see: impl FnMut(Row)) -> Result<(), Failure> {
        Ok(self.store.each_csr(|entry| see(row(entry)))?)
    }

    /// One CSR, read afresh from its file.
    pub fn csr(&self, name: &CsrName) -> Result<Row, Failure> {
        let entry = self.store.csr(name)?.ok_or_else(|| Failure::NotFound(name.to_string()))?;
        Ok(row(entry))
    }

    /// One CSR that must be readable.
    pub fn readable(&self, name: &CsrName) -> Result<Content, Failure> {
        let row = self.csr(name)?;
        row.content.map_err(|why| why.of(name))
    }

    /// Refuses a CSR that is left alone: one of a newer version, and one without the right to read it. A damaged one may be
    /// renamed and deleted.
    pub fn may_change(&self, name: &CsrName) -> Result<(), Failure> {
        match self.store.csr(name)? {
            Some(Entry { content: Err(why), .. }) if why.is_left_alone() => Err(Unread::LeftAlone(why).of(name)),
            _ => Ok(()),
        }
    }

    /// A CSR that has its certificate.
    pub fn answered(&self, name: &CsrName) -> Result<Content, Failure> {
        let content = self.readable(name)?;
        if content.is_answered() { Ok(content) } else { Err(Failure::Unanswered(name.to_string())) }
    }

    /// The name as it is stored, where it was given in other letters; the name itself where there is no such request.
    pub fn as_stored(&self, name: &CsrName) -> Result<CsrName, Failure> {
        if self.store.csr_exists(name)? {
            return Ok(name.clone());
        }
        Ok(self.store.taken(name)?.unwrap_or_else(|| name.clone()))
    }

    /// True when a CSR has this name, ignoring case.
    pub fn name_is_taken(&self, name: &CsrName) -> Result<bool, Failure> {
        Ok(self.index.taken(&self.store, name)?.is_some())
    }

    /// The CSR that a draft was saved as, under its present name.
    pub fn saved_from(&self, draft: &DraftId) -> Result<Option<CsrName>, Failure> {
        self.index.saved_from(&self.store, draft)
    }

    /// The present name of the CSR with this record's id.
    pub fn named(&self, id: &str) -> Result<Option<CsrName>, Failure> {
        self.index.named(&self.store, id)
    }

    /// The present names of all CSRs whose public key has this SHA-256 (`key_sha256` of request or certificate), by name.
    pub fn of_key(&self, key_sha256: &[u8; 32]) -> Result<Vec<CsrName>, Failure> {
        self.index.of_key(&self.store, key_sha256)
    }

    /// The CSR that a draft supersedes, under its present name; none when it was deleted meanwhile.
    pub fn predecessor(&self, supersedes: &Supersedes) -> Result<Option<(CsrName, Record)>, Failure> {
        let under = |name: CsrName| -> Result<Option<(CsrName, Record)>, Failure> {
            let record = self.store.csr(&name)?.and_then(|entry| entry.content.ok()).map(|stored| stored.record);
            Ok(record.filter(|record| record.id == supersedes.id).map(|record| (name, record)))
        };
        let found = CsrName::parse(&supersedes.name).ok().map(under).transpose()?.flatten();
        if found.is_some() {
            return Ok(found);
        }
        self.named(&supersedes.id)?.map_or(Ok(None), under)
    }

    /// What a CSR replaces and is replaced by, by what the list has in memory.
    pub fn relatives(&self, record: &Record) -> Result<Relatives, Failure> {
        let supersedes = record.supersedes.as_ref().map(|id| self.named(id)).transpose()?.flatten();
        Ok(Relatives { supersedes, superseded_by: self.index.successor(&self.store, &record.id)? })
    }

    /// What all CSRs replace: read from the disk one by one, nothing decoded, for a command's single look.
    pub fn lineage(&self) -> Result<Lineage, Failure> {
        Ok(Lineage::read(&self.store)?)
    }

    /// After a change of our own to `names`: takes it into the list.
    pub(crate) fn put(&self, moved: Moved, names: &[&CsrName]) {
        self.index.put(&self.store, moved, names);
    }
}
