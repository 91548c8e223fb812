//! The owner's password by command: for devices that are set up without a browser, and for a vendor whose own login sets it.
//!
//! Root may set it at any time; who knows the setup code may do so as long as there is no owner. It is given as text, by the rules
//! of the browser, or as a hash that another login of the device keeps already.

use super::{Access, fresh_generation};
use crate::audit::{Actor, Event};
use crate::password_hash::{accepted, hash};
use crate::{AppError, Failure};
use signet_domain::password;
use signet_domain::secret::Secret;
use signet_store::{Hashed, Owner};
use std::time::Instant;

/// A password as a command gives it.
pub enum Given<'a> {
    /// The password itself, which must keep the rules of a new one.
    Password(&'a str),
    /// Its hash ([`Given::hash`]). The rules of a password cannot be checked.
    Hash(Hashed),
}

/// What setting the owner changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetOwner {
    /// The device had no owner.
    First,
    /// The owner has another password, and all sessions have ended.
    Again,
}

impl Given<'static> {
    /// A PHC string of Argon2id whose costs are within the bounds of docs/reference.md; else refused at `hash_stdin`.
    pub fn hash(phc: &str) -> Result<Self, AppError> {
        Ok(Self::Hash(accepted(phc)?))
    }
}

impl std::fmt::Debug for Given<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Given({})", self.word())
    }
}

impl Given<'_> {
    /// How the audit log calls it.
    fn word(&self) -> &'static str {
        match self {
            Self::Password(_) => "password",
            Self::Hash(_) => "hash",
        }
    }

    /// Refuses a password that may not be the owner's.
    pub(super) fn check(&self) -> Result<(), AppError> {
        match self {
            Self::Password(password) => Ok(password::check_new(password, password)?),
            Self::Hash(_) => Ok(()),
        }
    }

    pub(super) fn hashed(&self) -> Result<Hashed, AppError> {
        match self {
            Self::Password(password) => Ok(hash(&Secret::from((*password).to_owned()))?),
            Self::Hash(hashed) => Ok(hashed.clone()),
        }
    }
}

impl Access {
    /// First boot by command: with the code as in the browser, or without one for root, who could make one.
    pub fn set_up_by_command(
        &self,
        code: Option<&str>,
        password: &str,
        by: Actor,
        now: Instant,
    ) -> Result<u64, AppError> {
        self.first(code, &Given::Password(password), by, now, Event::SetUp)
    }

    /// Refuses a password that may not be the owner's first one, and all of them where there is an owner.
    pub fn may_set_up(&self, password: &str) -> Result<(), AppError> {
        self.has_no_owner()?;
        Given::Password(password).check()
    }

    /// What [`Access::set_owner`] would do, with its refusals but that of a wrong code.
    pub fn may_set_owner(&self, code: Option<&str>, given: &Given<'_>) -> Result<SetOwner, AppError> {
        if code.is_some() {
            self.has_no_owner()?;
        }
        given.check()?;
        Ok(if self.store.owner()?.is_some() { SetOwner::Again } else { SetOwner::First })
    }

    /// Sets the owner's password: the first one with the `code`, any one without it, which is for root alone. Where there is an
    /// owner all sessions and drafts end.
    pub fn set_owner(
        &self,
        code: Option<&str>,
        given: &Given<'_>,
        by: Actor,
        now: Instant,
    ) -> Result<SetOwner, AppError> {
        let event = |first| Event::OwnerSet { first, how: given.word() };
        if code.is_some() {
            return self.first(code, given, by, now, event(true)).map(|_| SetOwner::First);
        }
        given.check()?;
        let password_hash = given.hashed()?;
        let lock = self.store.lock()?;
        let outcome = if self.store.owner()?.is_some() { SetOwner::Again } else { SetOwner::First };
        self.audit.room_to_record(&lock)?;
        lock.put_owner(&Owner { generation: fresh_generation()?, password_hash, since: self.clock.now() })?;
        self.audit.record_under(&lock, by, event(outcome == SetOwner::First));
        Ok(outcome)
    }

    fn first(
        &self,
        code: Option<&str>,
        given: &Given<'_>,
        by: Actor,
        now: Instant,
        event: Event<'_>,
    ) -> Result<u64, AppError> {
        match code {
            Some(code) => self.set_up_with(code, given, None, by, now, event),
            None => {
                self.has_no_owner()?;
                given.check()?;
                self.become_owned(given, by, event, || Ok(()))
            }
        }
    }

    fn has_no_owner(&self) -> Result<(), AppError> {
        match self.store.owner()? {
            Some(_) => Err(Failure::Owned.into()),
            None => Ok(()),
        }
    }
}
