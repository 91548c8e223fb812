//! Which CSR comes after which, from what the records say.

use jiff::Timestamp;
use signet_domain::name::CsrName;
use signet_domain::record::Record;
use signet_store::{Store, StoreError};
use std::collections::HashMap;

/// The CSR that renews or changes another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Successor {
    /// Its name.
    pub name: CsrName,
    /// Whether the CA has answered it: the other one is history then.
    pub answered: bool,
    created: Timestamp,
}

/// What a CSR replaces and is replaced by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Relatives {
    /// The one that it renews or changes, while that is still there.
    pub supersedes: Option<CsrName>,
    /// The one that renews or changes it.
    pub superseded_by: Option<Successor>,
}

/// Which request replaces which, by the id of the one that is replaced.
#[derive(Debug, Default)]
pub struct Successors(HashMap<String, Successor>);

impl Successors {
    /// Notes that `name` supersedes the CSR of that id. Of several the answered one counts, else the youngest.
    pub fn add(&mut self, id: &str, name: &CsrName, answered: bool, created: Timestamp) {
        let rank = |one: &Successor| (one.answered, one.created, one.name.clone());
        let new = Successor { name: name.clone(), answered, created };
        match self.0.get_mut(id) {
            Some(old) if rank(old) >= rank(&new) => {}
            Some(old) => *old = new,
            None => drop(self.0.insert(id.to_owned(), new)),
        }
    }

    /// The successor of the CSR of that id.
    pub fn of(&self, id: &str) -> Option<&Successor> {
        self.0.get(id)
    }
}

/// All CSRs of a directory, as far as relations go.
#[derive(Debug, Default)]
pub struct Lineage {
    names: HashMap<String, CsrName>,
    successors: Successors,
}

impl Lineage {
    /// Reads all CSRs of a directory, one by one; nothing is decoded.
    pub fn read(store: &Store) -> Result<Self, StoreError> {
        let mut lineage = Self::default();
        store.each_csr(|entry| {
            if let Ok(stored) = &entry.content {
                lineage.add(&entry.name, &stored.record, !stored.certificates.is_empty());
            }
        })?;
        Ok(lineage)
    }

    /// Notes a CSR, and whether it has a certificate.
    pub fn add(&mut self, name: &CsrName, record: &Record, answered: bool) {
        self.names.insert(record.id.clone(), name.clone());
        if let Some(id) = &record.supersedes {
            self.successors.add(id, name, answered, record.created);
        }
    }

    /// How a request relates to the others.
    pub fn relatives(&self, record: &Record) -> Relatives {
        Relatives {
            supersedes: record.supersedes.as_ref().and_then(|id| self.names.get(id)).cloned(),
            superseded_by: self.successors.of(&record.id).cloned(),
        }
    }

    /// True when another CSR has replaced the one with this record: the CA has answered it.
    pub fn is_replaced(&self, record: &Record) -> bool {
        self.successors.of(&record.id).is_some_and(|successor| successor.answered)
    }

    /// The last of a row of CSRs that renewed each other, as far as the CA has answered them: `name` itself where
    /// nothing has replaced it.
    pub fn in_force(&self, name: &CsrName) -> CsrName {
        self.last(name, |successor| successor.answered)
    }

    /// The last of that row, whether or not the CA has answered it.
    pub fn newest(&self, name: &CsrName) -> CsrName {
        self.last(name, |_| true)
    }

    fn last(&self, name: &CsrName, counts: impl Fn(&Successor) -> bool) -> CsrName {
        let ids: HashMap<&CsrName, &str> = self.names.iter().map(|(id, name)| (name, id.as_str())).collect();
        let next = |name: &CsrName| self.successors.of(ids.get(name)?).filter(|next| counts(next));
        let mut last = name;
        // Records that were written by hand may go round in a circle.
        for _ in 0..self.names.len() {
            match next(last) {
                Some(successor) => last = &successor.name,
                None => break,
            }
        }
        last.clone()
    }
}
