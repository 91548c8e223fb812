//! What the list shows: each CSR decoded once and kept in memory until the store's generation moves.
//!
//! The rows hold no key. A damaged file is a row of its own and hides no other.

use super::{App, AppError};
use crate::domain::draft::DraftId;
use crate::domain::name::CsrName;
use crate::domain::record::Record;
use crate::pki::inspect::{Inspected, inspect};
use crate::pki::pem;
use crate::store::{Entry, Store, StoredCsr, is_settled};
use std::sync::{Arc, Mutex, PoisonError};

/// One CSR of the list.
#[derive(Debug, Clone)]
pub struct Row {
    /// Its name.
    pub name: CsrName,
    /// What is in it, or why it cannot be read.
    pub content: Result<Content, String>,
}

/// A CSR that can be read.
#[derive(Debug, Clone)]
pub struct Content {
    /// What is kept beside the request.
    pub record: Record,
    /// The request's own bytes.
    pub der: Vec<u8>,
    /// What they say.
    pub request: Inspected,
}

impl Content {
    /// The request as PEM.
    pub fn pem(&self) -> String {
        pem::encode("CERTIFICATE REQUEST", &self.der).to_string()
    }
}

/// How a list is put in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "the values are SPEC 2's")]
pub enum Sort {
    #[default]
    Name,
    Created,
    Key,
}

/// The decoded rows of one generation.
#[derive(Debug, Default)]
pub struct Catalog(Mutex<Option<(u64, Arc<Vec<Row>>)>>);

impl Catalog {
    /// All rows by name, as of the store's present generation.
    pub fn rows(&self, store: &Store) -> Result<Arc<Vec<Row>>, AppError> {
        let generation = store.generation()?;
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, rows)) = kept.as_ref().filter(|(of, _)| *of == generation) {
            return Ok(Arc::clone(rows));
        }
        let rows = Arc::new(store.csrs()?.into_iter().map(row).collect::<Vec<_>>());
        // A change that is under way may show half of what it does.
        *kept = is_settled(generation).then(|| (generation, Arc::clone(&rows)));
        Ok(rows)
    }

    /// The present name of the CSR that a draft was saved as.
    pub fn saved_from(&self, store: &Store, draft: &DraftId) -> Result<Option<CsrName>, AppError> {
        let rows = self.rows(store)?;
        let of_draft =
            |row: &&Row| row.content.as_ref().is_ok_and(|content| content.record.draft.as_ref() == Some(draft));
        Ok(rows.iter().find(of_draft).map(|row| row.name.clone()))
    }
}

impl App {
    /// The rows whose name, subject or names contain `query` (ignoring case), in order.
    pub fn list(&self, query: &str, sort: Sort, descending: bool) -> Result<Vec<Row>, AppError> {
        let rows = self.catalog.rows(&self.store)?;
        let query = query.trim().to_lowercase();
        let mut rows: Vec<Row> = rows.iter().filter(|row| query.is_empty() || row.matches(&query)).cloned().collect();
        rows.sort_by_cached_key(|row| row.sort_key(sort));
        if descending {
            rows.reverse();
        }
        Ok(rows)
    }

    /// One CSR, read afresh from its file.
    pub fn csr(&self, name: &CsrName) -> Result<Row, AppError> {
        let entry = self.store.csr(name)?.ok_or_else(|| AppError::NotFound(name.to_string()))?;
        Ok(row(entry))
    }

    /// One CSR that must be readable.
    pub fn readable(&self, name: &CsrName) -> Result<Content, AppError> {
        let row = self.csr(name)?;
        row.content.map_err(|reason| AppError::Damaged { name: name.to_string(), reason })
    }

    /// Gives a CSR another name.
    pub fn rename(&self, old: &CsrName, new: &CsrName) -> Result<(), super::create::CreateError> {
        use super::create::{CreateError, name_taken};
        let lock = self.store.lock().map_err(AppError::from)?;
        match lock.rename(old, new) {
            Ok(()) => Ok(()),
            Err(crate::store::StoreError::AlreadyExists { .. }) => Err(CreateError::Refused(name_taken(new).into())),
            Err(error) => Err(CreateError::App(error.into())),
        }
    }

    /// Writes the owner's note, at most [`NOTE_MAX`] characters.
    pub fn set_note(&self, name: &CsrName, note: &str) -> Result<(), AppError> {
        let lock = self.store.lock()?;
        let content = self.readable(name)?;
        Ok(lock.set_record(name, &Record { note: note.to_owned(), ..content.record })?)
    }

    /// Deletes a CSR and the only copy of its key.
    pub fn delete(&self, name: &CsrName) -> Result<(), AppError> {
        Ok(self.store.lock()?.delete(name)?)
    }
}

/// Characters that a note may have.
pub const NOTE_MAX: usize = 1000;

impl Row {
    fn matches(&self, query: &str) -> bool {
        let contains = |text: &str| text.to_lowercase().contains(query);
        contains(self.name.as_str())
            || self.content.as_ref().is_ok_and(|content| {
                content.request.common_name.as_deref().is_some_and(contains)
                    || content.request.san.iter().any(|name| contains(name))
                    || contains(&content.record.note)
            })
    }

    fn sort_key(&self, sort: Sort) -> (String, String) {
        let by_name = self.name.folded();
        match (sort, &self.content) {
            (Sort::Name, _) => (by_name, String::new()),
            (_, Err(_)) => (String::new(), by_name),
            (Sort::Created, Ok(content)) => (content.record.created.to_string(), by_name),
            (Sort::Key, Ok(content)) => (content.request.key.label.clone(), by_name),
        }
    }
}

fn row(Entry { name, content }: Entry) -> Row {
    let content = content.map_err(|damage| damage.to_string()).and_then(|StoredCsr { record, request, .. }| {
        let decoded = inspect(&request).map_err(|error| format!("the request cannot be decoded: {error}"))?;
        Ok(Content { record, der: request, request: decoded })
    });
    Row { name, content }
}
