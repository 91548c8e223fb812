//! How a unit that was made becomes the directory's: by an intent that any command finishes.
//!
//! `DATA/provision.json` says which step is under way. `clear` takes away what a started-over unit left, `move` brings the
//! new parts to their places. Each step may be cut and begun again; the document goes last.

use super::{Failure, Job};
use serde::{Deserialize, Serialize};
use signet_store::{Document, Store, StoreError, WriteLock, refuse_newer_document};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Step {
    Clear,
    Move,
}

/// The version of `provision.json` that this program writes.
const VERSION: u32 = 1;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Intent {
    version: u32,
    step: Step,
    /// User and group id that everything is given to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    owner: Option<(u32, u32)>,
}

/// From here on the unit is published, whatever happens.
pub(super) fn begin(lock: &WriteLock<'_>, job: &Job) -> Result<(), Failure> {
    let step = if job.again { Step::Clear } else { Step::Move };
    write(lock, Intent { version: VERSION, step, owner: job.owner })
}

/// True when a device is recorded and not published yet.
pub(super) fn is_begun(store: &Store) -> Result<bool, Failure> {
    Ok(store.document(Document::ProvisionIntent)?.is_some())
}

/// Finishes what was begun; nothing where nothing was.
pub fn finish(lock: &WriteLock<'_>) -> Result<(), Failure> {
    let Some(json) = lock.store().document(Document::ProvisionIntent)? else { return Ok(()) };
    let name = Document::ProvisionIntent.file_name();
    refuse_newer_document(&json, VERSION)
        .map_err(|damage| StoreError::Damaged { path: lock.store().path().join(name), damage })?;
    let intent: Intent = serde_json::from_slice(&json).map_err(|_| Failure::DamagedIntent(name))?;
    if intent.step == Step::Clear {
        lock.clear_unit()?;
        write(lock, Intent { step: Step::Move, ..intent })?;
    }
    lock.publish_pending()?;
    if let Some((uid, gid)) = intent.owner {
        lock.give_to(uid, gid)?;
    }
    lock.remove_document(Document::ProvisionIntent)?;
    Ok(())
}

fn write(lock: &WriteLock<'_>, intent: Intent) -> Result<(), Failure> {
    // Two words and two numbers: serialisation has nothing to fail at.
    let json = serde_json::to_vec(&intent).unwrap_or_default();
    Ok(lock.put_document(Document::ProvisionIntent, &json)?)
}
