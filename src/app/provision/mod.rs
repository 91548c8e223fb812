//! The factory: a data directory is prepared before its unit ever boots.
//!
//! A device is completed in a pending folder, then recorded (manifest, label, output), then published. If the run is killed
//! before it is recorded, nothing is left of it; after that, the next run finds its line by its keys and continues. So no code
//! is ever lost, the device keeps it only as a hash, and a device is recorded once. The caller decides how.

pub mod batch;
pub mod certify;
mod error;
pub mod line;
mod make;
pub mod manifest;
mod publish;
pub mod register;
#[cfg(test)]
mod tests;

use crate::Failure;
use crate::clock::Clock;
use crate::password_hash::Memory;
use line::Line;
use register::{Recorded, Register};
use signet_domain::hex;
use signet_domain::note::Note;
use signet_domain::record::Asked;
use signet_domain::request::NewRequest;
use signet_domain::unit::{Unit, folded};
use signet_domain::visible;
use signet_store::{Limits, Opening, Store, StoreError, StoredIdentity, WriteLock};
use std::net::IpAddr;
use std::path::Path;

pub use error::ProvisionError;
pub use publish::finish;

/// What is to be made.
#[derive(Debug, Clone)]
pub struct Job {
    /// The unit.
    pub unit: Unit,
    /// Addresses for the console's certificate.
    pub addresses: Vec<IpAddr>,
    /// Its factory CSRs, each with the answers it is made from.
    pub requests: Vec<(Asked, NewRequest, Option<Note>)>,
    /// The user and group that the directory is for, where that is not who runs this.
    pub owner: Option<(u32, u32)>,
    /// Start over a directory that is in use or a serial that is recorded.
    pub again: bool,
}

/// How a unit came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Now.
    Made,
    /// An earlier run had recorded it; it was published now.
    Resumed,
}

/// Makes one unit in the directory `data`. `tell` hands the line out (label, output); it may be asked again for the same
/// unit by a later run, and the unit is published only after it.
///
/// # Errors
/// See [`ProvisionError`]; [`Outcome`] says whether an earlier run had begun the unit.
pub fn provision(
    data: &Path,
    job: &Job,
    register: Option<&dyn Register>,
    clock: Clock,
    tell: impl FnOnce(&Line) -> Result<(), ProvisionError>,
) -> Result<Outcome, ProvisionError> {
    provision_in(&mut Memory::default(), data, job, register, clock, tell)
}

/// The same with memory for the hash of the code, which one unit after the other may use.
fn provision_in(
    memory: &mut Memory,
    data: &Path,
    job: &Job,
    register: Option<&dyn Register>,
    clock: Clock,
    tell: impl FnOnce(&Line) -> Result<(), ProvisionError>,
) -> Result<Outcome, ProvisionError> {
    if let (false, None, Some(register)) = (job.again, signet_store::owner_of(data)?, register)
        && let Some(recorded) = register.find(job.unit.serial())?
    {
        // Nothing was begun here, and no folder is left of what must not be made.
        return Err(recorded.taken);
    }
    let store = open(data, job)?;
    let lock = store.lock()?;
    let was_begun = publish::is_begun(&store)?;
    let begun = match (store.pending()?, register) {
        (Some(pending), Some(register)) if was_begun => register.noted(&pending, None)?,
        _ => None,
    };
    finish(&lock)?;
    let known = register.map(|register| register.find(job.unit.serial())).transpose()?.flatten();
    if was_begun && is_published(&store, &job.unit, known.as_ref().map(|known| known.key.as_str()))? {
        // It was recorded before it was published; where the line is known it is recorded again.
        if let Some(line) = begun.or(known.and_then(|known| known.line)) {
            tell(&line)?;
        }
        return Ok(Outcome::Resumed);
    }
    if job.again {
        refuse_left_alone(&store)?;
    } else {
        refuse_in_use(&store)?;
    }
    let resumed = match (store.pending()?, register) {
        (Some(pending), Some(register)) => match register.noted(&pending, known.as_ref())? {
            Some(line) if is_of(&line, &pending, job)? => Some((line, pending)),
            _ => None,
        },
        _ => None,
    };
    let (line, pending, outcome) = match (resumed, known) {
        (Some((line, pending)), _) => (line, pending, Outcome::Resumed),
        (None, Some(known)) if !job.again => {
            discard_of(&lock, &job.unit)?;
            return Err(known.taken);
        }
        (None, _) => {
            let (line, pending) = make::make(memory, &lock, job, clock, register)?;
            (line, pending, Outcome::Made)
        }
    };
    if let Some(register) = register {
        let recorded = register.record(&pending, &line, outcome);
        if recorded.as_ref().is_err_and(ProvisionError::is_taken) {
            // Its keys are of no use to anybody.
            lock.discard_pending()?;
        }
        recorded?;
        register.complete(&pending)?;
    }
    tell(&line)?;
    publish::begin(&lock, job)?;
    finish(&lock)?;
    Ok(outcome)
}

/// Refuses what [`provision`] would refuse because of the directory; nothing is changed. The register is not asked.
pub fn check(data: &Path, job: &Job) -> Result<(), ProvisionError> {
    match Store::open_read_only(data)? {
        Some(store) if !job.again => refuse_in_use(&store),
        _ => Ok(()),
    }
}

/// What is recorded of a directory that is this unit already, whole and as the register has it; none when it is not.
pub fn finished(data: &Path, unit: &Unit, register: &dyn Register) -> Result<Option<Recorded>, ProvisionError> {
    let Some((uid, _)) = signet_store::owner_of(data)? else { return Ok(None) };
    let Some(recorded) = register.find(unit.serial())? else { return Ok(None) };
    let store = Store::open_for(data, opening(), uid)?;
    if publish::is_begun(&store)? {
        return Ok(None);
    }
    Ok(is_published(&store, unit, Some(&recorded.key))?.then_some(recorded))
}

/// Removes what a run that was killed has left of this unit, which is another station's by now.
fn discard_of(lock: &WriteLock<'_>, unit: &Unit) -> Result<(), ProvisionError> {
    let Some(pending) = lock.store().pending()? else { return Ok(()) };
    let serial = pending.device()?.and_then(|device| device.serial);
    if serial.is_none_or(|serial| folded(&serial) == folded(unit.serial())) {
        lock.discard_pending()?;
    }
    Ok(())
}

/// Serial and key of a directory that is a finished device; none where nothing was published.
pub fn device_of(data: &Path) -> Result<Option<(String, String)>, ProvisionError> {
    let Some(store) = Store::open_read_only(data)? else { return Ok(None) };
    if publish::is_begun(&store)? {
        return Ok(None);
    }
    let serial = store.device()?.and_then(|device| device.serial);
    let key = store.factory_identity()?.map(|identity| spki(&identity)).transpose()?;
    Ok(serial.zip(key))
}

/// True when the directory is this unit, with the recorded key where one is known.
fn is_published(store: &Store, unit: &Unit, recorded: Option<&str>) -> Result<bool, Failure> {
    let serial = store.device()?.and_then(|device| device.serial);
    if serial.is_none_or(|serial| folded(&serial) != folded(unit.serial())) {
        return Ok(false);
    }
    let Some(recorded) = recorded else { return Ok(true) };
    let key = store.factory_identity()?.map(|identity| spki(&identity)).transpose()?;
    Ok(key.is_some_and(|key| key == recorded))
}

fn opening() -> Opening {
    // The factory's own CSRs are as many as its requests file says.
    Opening {
        command: "signet provision".to_owned(),
        limits: Limits { csrs: u32::MAX, disk_mib: u64::MAX >> 20 },
        ..Opening::default()
    }
}

/// Opens or makes the directory; root also takes one that belongs to the owner it is for.
fn open(data: &Path, job: &Job) -> Result<Store, ProvisionError> {
    let Some((uid, _)) = job.owner else { return Ok(Store::open(data, opening())?) };
    Ok(Store::open_for(data, opening(), uid)?)
}

fn refuse_in_use(store: &Store) -> Result<(), ProvisionError> {
    let path = store.path().to_owned();
    if let Some(device) = store.device()? {
        return Err(ProvisionError::Provisioned { path, serial: visible::line(&device.serial.unwrap_or_default()) });
    }
    match store.in_use()? {
        Some(found) => Err(ProvisionError::InUse { path, found }),
        None => Ok(()),
    }
}

/// Starting over deletes everything: not what a newer version wrote, and not what cannot be read here.
fn refuse_left_alone(store: &Store) -> Result<(), StoreError> {
    store.refuse_left_alone_csrs()?;
    let found = [
        store.owner().err(),
        store.setup().err(),
        store.device().err(),
        store.seal_key().err(),
        store.identity().err(),
        store.former_identity().err(),
        store.factory_identity().err(),
    ];
    let left_alone = |error: &StoreError| matches!(error, StoreError::Damaged { damage, .. } if damage.is_left_alone());
    found.into_iter().flatten().find(left_alone).map_or(Ok(()), Err)
}

/// True when `line` describes the complete device in the pending folder.
fn is_of(line: &Line, pending: &Store, job: &Job) -> Result<bool, ProvisionError> {
    let serial = pending.device()?.and_then(|device| device.serial);
    if serial.as_deref() != Some(job.unit.serial()) || pending.setup()?.is_none() {
        return Ok(false);
    }
    let mut kept = Vec::new();
    for identity in [pending.identity(), pending.factory_identity()] {
        let Some(identity) = identity? else { return Ok(false) };
        kept.push(spki(&identity)?);
    }
    if kept.iter().any(|key| *key != line.spki_sha256) {
        return Ok(false);
    }
    let mut found = 0;
    for entry in pending.csrs()? {
        let Ok(csr) = entry.content else { return Ok(false) };
        let key = hex::lower(&signet_pki::inspect::inspect(&csr.request).map_err(Failure::from)?.spki_sha256);
        if !line.csrs.iter().any(|told| told.name == entry.name.as_str() && told.spki_sha256 == key) {
            return Ok(false);
        }
        found += 1;
    }
    Ok(found == line.csrs.len())
}

fn spki(identity: &StoredIdentity) -> Result<String, Failure> {
    let certificate = identity.chain.first().map(Vec::as_slice).unwrap_or_default();
    Ok(hex::lower(&signet_pki::identity::spki_sha256(certificate)?))
}
