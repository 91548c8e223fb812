//! A backup of what is the owner's: requests with their keys, certificates and notes, the settings of the data directory, and, where
//! asked for, the owner. Never the console's certificate, the serial, the setup codes or the seal key, which are one device's alone.
//!
//! The file is encrypted with a passphrase ([`signet_pki::age`]). What is inside is in `container`.

mod container;
mod error;
mod restore;
#[cfg(test)]
mod tests;
mod write;

use crate::Failure;
use crate::audit::{Actor, AuditLog, Event};
use crate::clock::Clock;
use crate::config::Config;
use signet_store::{Document, Store, StoreError, WriteLock, refuse_newer_document};
use std::sync::Arc;

pub use error::BackupError;
pub use restore::{Kept, Part, Restored, Wanted};
pub use write::{LeftOut, Plan};

/// Backups of one data directory.
#[derive(Debug)]
pub struct Backups {
    store: Store,
    clock: Clock,
    audit: Arc<AuditLog>,
    config: Arc<Config>,
}

/// The version of `restore.json` that this program writes.
const VERSION: u32 = 1;

/// What was gathered and has to be moved to its place.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
struct Intent {
    version: u32,
    /// For the audit log.
    detail: String,
}

impl Backups {
    /// Backups of this data directory, as far as the config lets keys out.
    pub fn new(store: Store, clock: Clock, audit: Arc<AuditLog>, config: Arc<Config>) -> Self {
        Self { store, clock, audit, config }
    }
}

/// Finishes a restore that had gathered everything when it was cut; true when there was one.
pub(crate) fn finish(store: &Store, lock: &WriteLock<'_>, audit: &AuditLog) -> Result<bool, Failure> {
    finish_by(store, lock, audit, Actor::Console)
}

fn finish_by(store: &Store, lock: &WriteLock<'_>, audit: &AuditLog, by: Actor) -> Result<bool, Failure> {
    let Some(json) = store.document(Document::RestoreIntent)? else { return Ok(false) };
    let name = Document::RestoreIntent.file_name();
    refuse_newer_document(&json, VERSION)
        .map_err(|damage| StoreError::Damaged { path: store.path().join(name), damage })?;
    let intent: Intent = serde_json::from_slice(&json).map_err(|_| Failure::DamagedIntent(name))?;
    lock.publish_restore()?;
    audit.record_under(lock, by, Event::Restored { detail: &intent.detail });
    lock.remove_document(Document::RestoreIntent)?;
    Ok(true)
}

/// `1 request`, `12 requests`, and what else.
fn told(requests: usize, others: &[(bool, &str)]) -> String {
    let requests = if requests == 1 { "1 request".to_owned() } else { format!("{requests} requests") };
    let others = others.iter().filter(|(is_there, _)| *is_there).map(|(_, name)| (*name).to_owned());
    [requests].into_iter().chain(others).collect::<Vec<_>>().join(", ")
}
