//! Recovery: how an owner gets back in, and how a unit is handed on (docs/reference.md).
//!
//! What is to be done is written down first (`DATA/recover.json`); from then on whoever opens the directory finishes it
//! before anything else, so that a power cut cannot halve it. Every step may be cut and done again. There is never a
//! shared or an empty password: what opens the console afterwards is this unit's own setup code.

mod plan;
mod receipt;
#[cfg(test)]
mod tests;

use crate::audit::AuditLog;
use crate::clock::Clock;
use crate::console::Identity;
use crate::{Failure, access, backup, password_hash, provision, random};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use signet_domain::secret::Secret;
use signet_store::{
    Damage, Document, Hashed, InTheWay, Owner, Setup, Store, StoreError, WriteLock, refuse_newer_document,
};
use std::sync::Arc;

pub use plan::Plan;

/// What is recovered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Recovery {
    /// The owner goes; the setup code opens `/setup` again.
    Password,
    /// The console gets a new key and certificate.
    Identity,
    /// The waits after wrong guesses are forgotten.
    Lockout,
    /// The unit is as it left the factory.
    FactoryReset,
}

impl Recovery {
    /// Its word on the command line, and the marker's name.
    pub fn word(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Identity => "identity",
            Self::Lockout => "lockout",
            Self::FactoryReset => "factory-reset",
        }
    }

    /// True when a fresh setup code may be asked for with it.
    pub fn takes_a_code(self) -> bool {
        matches!(self, Self::Password | Self::FactoryReset)
    }
}

/// The version of `recover.json` that this program writes.
const VERSION: u32 = 1;

/// What was begun and has to be finished.
#[derive(Debug, Serialize, Deserialize)]
struct Intent {
    version: u32,
    recovery: Recovery,
    /// By the device's clock.
    begun: Timestamp,
    /// Hash of a fresh setup code that is to be in force; without one the label's is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    code_hash: Option<Hashed>,
}

/// Recoveries of one data directory.
#[derive(Debug)]
pub struct Recoveries {
    store: Store,
    clock: Clock,
    audit: Arc<AuditLog>,
    identity: Arc<Identity>,
}

impl Recoveries {
    /// Recoveries of this data directory, recorded in its log.
    pub fn new(store: Store, clock: Clock, audit: Arc<AuditLog>, identity: Arc<Identity>) -> Self {
        Self { store, clock, audit, identity }
    }

    /// Finishes what a killed command had begun: a unit's publication, a recovery, a restore. True when there was anything.
    ///
    /// Every command and the console call it before anything else.
    pub fn finish_begun(&self) -> Result<bool, Failure> {
        let begun = |document| self.store.document(document).map(|found| found.is_some());
        let intents = [Document::ProvisionIntent, Document::RecoveryIntent, Document::RestoreIntent];
        if !intents.into_iter().map(begun).collect::<Result<Vec<_>, _>>()?.contains(&true) {
            return Ok(false);
        }
        let lock = self.store.lock()?;
        provision::finish(&lock)?;
        self.finish_recovery(&lock)?;
        backup::finish(&self.store, &lock, &self.audit)?;
        Ok(true)
    }

    /// Recovers; a `code` is put in force instead of the label's. When it returns, all of it is done and durable; when it
    /// fails, either nothing has changed or [`Recoveries::finish_begun`] will do the rest. What [`Recoveries::plan`] refuses
    /// is refused here, too.
    pub fn recover(&self, recovery: Recovery, code: Option<&Secret>) -> Result<(), Failure> {
        let code_hash = code
            .map(|code| password_hash::hash(&random::normalised_code(&String::from_utf8_lossy(code.expose_secret()))))
            .transpose()?;
        let intent = Intent { version: VERSION, recovery, begun: self.clock.now(), code_hash };
        // Strings and a number: serialisation has nothing to fail at.
        let json = serde_json::to_vec_pretty(&intent).unwrap_or_default();
        let lock = self.store.lock()?;
        self.refuse_unreadable(recovery)?;
        lock.put_document(Document::RecoveryIntent, &json)?;
        self.finish_recovery(&lock)
    }

    /// What cannot be read for want of rights, or by the disk's fault, is not replaced or deleted: it may be put right.
    fn refuse_unreadable(&self, recovery: Recovery) -> Result<(), Failure> {
        readable(self.store.owner())?;
        match recovery {
            Recovery::Password | Recovery::Lockout => {}
            Recovery::Identity => {
                readable(self.store.identity())?;
                readable(self.store.former_identity())?;
            }
            Recovery::FactoryReset => {
                self.store.refuse_unreadable_csrs()?;
                for identity in [self.store.identity(), self.store.former_identity(), self.store.factory_identity()] {
                    readable(identity)?;
                }
                readable(self.store.seal_key())?;
            }
        }
        if recovery.takes_a_code() {
            readable(self.store.setup())?;
        }
        readable(self.store.document(Document::LoginDelays))?;
        Ok(())
    }

    fn finish_recovery(&self, lock: &WriteLock<'_>) -> Result<(), Failure> {
        let Some(json) = self.store.document(Document::RecoveryIntent)? else { return Ok(()) };
        let name = Document::RecoveryIntent.file_name();
        refuse_newer_document(&json, VERSION)
            .map_err(|damage| StoreError::Damaged { path: self.store.path().join(name), damage })?;
        let intent: Intent = serde_json::from_slice(&json).map_err(|_| Failure::DamagedIntent(name))?;
        match intent.recovery {
            Recovery::Password => {
                put_code(lock, &intent)?;
                lock.remove_document(Document::LoginDelays)?;
                lock.remove_owner()?;
            }
            Recovery::Identity => {
                lock.put_identity(&self.identity.make(None)?)?;
                // The way back must not lead to a key that was thrown away.
                lock.remove_former_identity()?;
                // A copy that has a key of its own now is a device of its own; the next start notes it.
                lock.remove_machine()?;
                end_sessions(&self.store, lock)?;
            }
            Recovery::Lockout => {
                lock.remove_document(Document::LoginDelays)?;
                end_sessions(&self.store, lock)?;
            }
            Recovery::FactoryReset => {
                put_code(lock, &intent)?;
                lock.remove_owner()?;
                lock.remove_document(Document::LoginDelays)?;
                lock.reset_csrs()?;
                lock.remove_enrollment()?;
                lock.remove_seal_key()?;
                lock.remove_machine()?;
                lock.remove_document(Document::Config)?;
                match self.store.factory_identity()? {
                    Some(identity) => lock.put_identity(&identity)?,
                    None => {
                        lock.remove_identity()?;
                    }
                }
                lock.remove_former_identity()?;
                receipt::clear(lock)?;
            }
        }
        receipt::leave(self, lock, &intent)?;
        lock.remove_document(Document::RecoveryIntent)?;
        Ok(())
    }
}

fn put_code(lock: &WriteLock<'_>, intent: &Intent) -> Result<(), Failure> {
    match &intent.code_hash {
        Some(code_hash) => {
            lock.set_aside(InTheWay::FreshSetup)?;
            lock.put_fresh_setup(&Setup { code_hash: code_hash.clone(), made: intent.begun })?;
        }
        None => {
            lock.remove_fresh_setup()?;
        }
    }
    Ok(())
}

/// The owner's generation moves: sessions and drafts of another one have ended. Where this version cannot read the owner's
/// file no session is let in either, and the file stays as it is.
fn end_sessions(store: &Store, lock: &WriteLock<'_>) -> Result<(), Failure> {
    match store.owner() {
        Ok(Some(owner)) => lock.put_owner(&Owner { generation: access::fresh_generation()?, ..owner })?,
        Ok(None) | Err(StoreError::Damaged { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

/// Whether a file is there: one that is damaged or of a newer version is. One that cannot be read is an error.
fn readable<T>(found: Result<Option<T>, StoreError>) -> Result<bool, StoreError> {
    match found {
        Ok(found) => Ok(found.is_some()),
        Err(StoreError::Damaged { damage, .. }) if !matches!(damage, Damage::Unreadable(_)) => Ok(true),
        Err(error) => Err(error),
    }
}
