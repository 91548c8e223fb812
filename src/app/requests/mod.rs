//! Requests: made, imported, read, changed, renewed and deleted, with the keys that belong to them.
//!
//! [`Requests`] changes them; each change is one durable step under the lock, with its entry in the audit log. Reading is the
//! [`catalog`]'s.

pub mod apply;
pub mod catalog;
pub mod cli_equivalent;
pub mod content;
pub mod create;
pub mod derivations;
pub mod export;
pub mod import;
pub mod index;
pub mod key_queue;
pub mod lineage;
pub mod renewal;
pub mod suggest;

use crate::audit::{Actor, AuditLog, Event};
use crate::clock::Clock;
use crate::messages::requests as say;
use crate::{AppError, Failure};
use catalog::Catalog;
use key_queue::KeyQueue;
use signet_domain::invalid::Invalid;
use signet_domain::name::CsrName;
use signet_domain::note::Note;
use signet_domain::record::{Origin, Record};
use signet_domain::secret::Secret;
use signet_store::{Store, StoreError, WriteLock};
use std::sync::Arc;

/// Changes to the CSRs of one data directory.
#[derive(Debug)]
pub struct Requests {
    store: Store,
    clock: Clock,
    catalog: Arc<Catalog>,
    audit: Arc<AuditLog>,
    keys: KeyQueue,
}

/// What a key came with.
#[derive(Debug, Default)]
pub(crate) struct CameWith<'a> {
    /// Its certificate and those above it, DER; none for a request.
    pub(crate) certificates: &'a [Vec<u8>],
    /// Whose certificate it is and until when, for the log.
    pub(crate) told: &'a str,
}

/// The refusal of a name that another request has, at step 1 and again when it is kept.
pub fn name_taken(name: &CsrName) -> Invalid {
    say::name_taken(name)
}

impl Requests {
    /// Changes to the CSRs of this data directory, with the keys that are made ahead for them.
    pub fn new(store: Store, clock: Clock, catalog: Arc<Catalog>, audit: Arc<AuditLog>, keys: KeyQueue) -> Self {
        Self { store, clock, catalog, audit, keys }
    }

    /// Gives a CSR another name.
    pub fn rename(&self, old: &CsrName, new: &CsrName, by: Actor) -> Result<(), AppError> {
        let lock = self.store.lock().map_err(Failure::from)?;
        self.catalog.may_change(old)?;
        self.audit.room_to_record(&lock)?;
        match lock.rename(old, new) {
            Ok(()) => {
                self.audit.record_under(&lock, by, Event::Renamed { csr: old, to: new });
                self.catalog.put(lock.release(), &[old, new]);
                Ok(())
            }
            Err(StoreError::AlreadyExists { .. }) => Err(AppError::Rejected(name_taken(new).into())),
            Err(error) => Err(AppError::Failed(error.into())),
        }
    }

    /// Writes the owner's note.
    pub fn set_note(&self, name: &CsrName, note: &Note, by: Actor) -> Result<(), Failure> {
        let lock = self.store.lock()?;
        let content = self.catalog.readable(name)?;
        self.audit.room_to_record(&lock)?;
        lock.set_record(name, &Record { note: note.as_str().to_owned(), ..content.record })?;
        self.audit.record_under(&lock, by, Event::Noted { csr: name });
        self.catalog.put(lock.release(), &[name]);
        Ok(())
    }

    /// Deletes a CSR and the only copy of its key.
    ///
    /// The one change that a full partition takes, since it makes room: its record may wait in memory.
    pub fn delete(&self, name: &CsrName, by: Actor) -> Result<(), Failure> {
        let lock = self.store.lock()?;
        self.catalog.may_change(name)?;
        let id = self.catalog.readable(name).ok().map(|content| content.record.id);
        lock.delete(name)?;
        self.audit.record_under(&lock, by, Event::Deleted { csr: name });
        // What is left of its orders is in nobody's way, and where the partition is full it may stay.
        if let Some(Err(error)) = id.map(|id| crate::enroll::files::forget(&self.store, &id)) {
            tracing::debug!(%error, "the orders of a deleted request are not removed");
        }
        self.catalog.put(lock.release(), &[name]);
        Ok(())
    }

    /// The last step of [`Requests::create`] and of an import: under the lock, once a draft.
    pub(crate) fn keep(
        &self,
        name: &CsrName,
        record: &Record,
        der: &[u8],
        key: &Secret,
        by: Actor,
    ) -> Result<CsrName, AppError> {
        let lock = self.store.lock().map_err(Failure::from)?;
        self.keep_under(lock, name, record, (der, key), &CameWith::default(), by)
    }

    /// The same of a key that came with its certificate, from which its request was made.
    pub(crate) fn keep_with(
        &self,
        name: &CsrName,
        record: &Record,
        made: (&[u8], &Secret),
        came_with: &CameWith<'_>,
        by: Actor,
    ) -> Result<CsrName, AppError> {
        let lock = self.store.lock().map_err(Failure::from)?;
        self.keep_under(lock, name, record, made, came_with, by)
    }

    fn keep_under(
        &self,
        lock: WriteLock<'_>,
        name: &CsrName,
        record: &Record,
        (der, key): (&[u8], &Secret),
        came_with: &CameWith<'_>,
        by: Actor,
    ) -> Result<CsrName, AppError> {
        if let Some(saved) = record.draft.as_ref().map(|draft| self.catalog.saved_from(draft)).transpose()?.flatten() {
            return Ok(saved);
        }
        self.audit.room_to_record_several(&lock, 1 + usize::from(!came_with.certificates.is_empty()))?;
        // A CSR that was deleted since the draft was begun is superseded by none.
        let old = record.supersedes.as_ref().map(|id| self.catalog.named(id)).transpose()?.flatten();
        // The owner has said once, with the password, that a service lives by this line's certificate: its renewal goes the
        // same way by itself, since the day on which the old one ends is a bad day to be asked again.
        let before = old.as_ref().and_then(|old| self.catalog.readable(old).ok()).map(|content| content.record);
        let deploy = before.as_ref().is_some_and(|before| before.deploy);
        // Whoever has chosen that it is renewed by itself has chosen so for this one, too.
        let auto_renew = before.and_then(|before| before.auto_renew);
        let supersedes = record.supersedes.clone().filter(|_| old.is_some());
        // The console itself makes none but for that.
        let automatic = by == Actor::Console && auto_renew.is_some();
        let record = &Record { supersedes, deploy, auto_renew, automatic, ..record.clone() };
        match lock.create_with(name, record, (der, key), came_with.certificates) {
            Ok(()) => {
                let made = signet_pki::inspect::inspect(der);
                let key = made.as_ref().map(|request| request.key.label.clone()).unwrap_or_default();
                let event = match (record.origin, &old) {
                    (Origin::Imported, _) => Event::Imported { csr: name, key: &key },
                    (Origin::Created | Origin::Factory, None) => Event::Created { csr: name, key: &key },
                    (Origin::Created | Origin::Factory, Some(old)) => {
                        let spki = made.map(|request| request.key_sha256).ok();
                        let before = self.catalog.readable(old).map(|content| content.request.key_sha256).ok();
                        Event::CreatedAfter { csr: name, key: &key, old, same_key: spki.is_some() && spki == before }
                    }
                };
                self.audit.record_under(&lock, by, event);
                if !came_with.certificates.is_empty() {
                    let event = Event::Answered { csr: name, certificate: came_with.told };
                    self.audit.record_under(&lock, by, event);
                }
                self.catalog.put(lock.release(), &[name]);
                Ok(name.clone())
            }
            Err(StoreError::AlreadyExists { .. }) => Err(AppError::Rejected(name_taken(name).into())),
            Err(error) => Err(AppError::Failed(error.into())),
        }
    }
}
