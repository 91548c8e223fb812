//! Who may use the console: the setup code, the owner and the owner's password.
//!
//! Passwords and codes are stored as Argon2id hashes only; each guess goes through [`Attempts`], which makes guessers wait.

mod by_command;
#[cfg(test)]
mod tests;

use crate::attempts::Attempts;
use crate::audit::{Actor, AuditLog, Event, Refusal};
use crate::clock::Clock;
use crate::flush::Flush;
use crate::messages::access as say;
use crate::password_hash::hash;
use crate::{AppError, Failure, random};
use signet_domain::invalid::{Invalid, Mistakes};
use signet_domain::password;
use signet_domain::secret::Secret;
use signet_store::{Hashed, Owner, Setup, Store};
use std::sync::Arc;
use std::time::Instant;

pub use by_command::{Given, SetOwner};

/// Setup, login and the owner's password.
#[derive(Debug)]
pub struct Access {
    store: Store,
    clock: Clock,
    audit: Arc<AuditLog>,
    attempts: Arc<Attempts>,
    flush: Arc<Flush>,
}

impl Access {
    /// Access to the console of this data directory.
    pub fn new(store: Store, clock: Clock, audit: Arc<AuditLog>, attempts: Arc<Attempts>, flush: Arc<Flush>) -> Self {
        Self { store, clock, audit, attempts, flush }
    }

    /// Makes a setup code where there is neither an owner nor a code. `show` is given it before it is in force: where it
    /// fails there is none, so that a code that nobody has seen is never in force.
    pub fn make_setup_code<E: From<Failure>>(&self, show: impl FnOnce(&Secret) -> Result<(), E>) -> Result<(), E> {
        let (code, code_hash) = fresh_code()?;
        let lock = self.store.lock().map_err(Failure::from)?;
        if self.store.owner().map_err(Failure::from)?.is_some() || self.store.setup().map_err(Failure::from)?.is_some()
        {
            return Ok(());
        }
        show(&code)?;
        Ok(lock.put_setup(&Setup { code_hash, made: self.clock.now() }).map_err(Failure::from)?)
    }

    /// First boot: the code opens, the password is the owner's from now on. Gives the owner's generation.
    pub fn set_up(&self, code: &str, password: &str, confirm: &str, by: Actor, now: Instant) -> Result<u64, AppError> {
        self.set_up_with(code, &Given::Password(password), Some(confirm), by, now, Event::SetUp)
    }

    /// The same for a password that is given in another way; without its repetition where it is not typed.
    fn set_up_with(
        &self,
        code: &str,
        given: &Given<'_>,
        confirm: Option<&str>,
        by: Actor,
        now: Instant,
        event: Event<'_>,
    ) -> Result<u64, AppError> {
        if self.store.owner()?.is_some() {
            return Err(Failure::Owned.into());
        }
        let mut mistakes = Mistakes::none();
        let typed = random::normalised_code(code);
        let setup = match typed.is_empty() {
            true => {
                mistakes.add(say::no_setup_code());
                None
            }
            false => mistakes.keep(self.check_code(&typed, by, now)?),
        };
        if let Given::Password(password) = given {
            mistakes.keep(password::check_new(password, confirm.unwrap_or(password)));
            if !typed.is_empty() && typed.expose_secret() == random::normalised_code(password).expose_secret() {
                mistakes.add(say::password_is_setup_code());
            }
        }
        let (Some(setup), true) = (setup, mistakes.is_empty()) else { return Err(AppError::Rejected(mistakes)) };
        self.become_owned(given, by, event, || match self.store.setup()? {
            // The code may have been made anew by the command line.
            Some(now) if now.code_hash == setup.code_hash => Ok(()),
            _ => Err(AppError::Rejected(say::wrong_setup_code().into())),
        })
    }

    /// The first password, where `is_right` still says so under the lock.
    fn become_owned(
        &self,
        given: &Given<'_>,
        by: Actor,
        event: Event<'_>,
        is_right: impl FnOnce() -> Result<(), AppError>,
    ) -> Result<u64, AppError> {
        let password_hash = match given {
            Given::Password(password) => self.attempts.hash(by.address(), password)?,
            Given::Hash(_) => given.hashed()?,
        };
        let lock = self.store.lock()?;
        // Somebody may have been quicker.
        if self.store.owner()?.is_some() {
            return Err(Failure::Owned.into());
        }
        is_right()?;
        self.audit.room_to_record(&lock)?;
        let owner = Owner { generation: fresh_generation()?, password_hash, since: self.clock.now() };
        lock.put_owner(&owner)?;
        self.audit.record_under(&lock, by, event);
        Ok(owner.generation)
    }

    /// The setup code that is in force, if this is it. It is checked whatever is wrong with the password, so that all
    /// mistakes are shown at once.
    fn check_code(&self, typed: &Secret, by: Actor, now: Instant) -> Result<Result<Setup, Invalid>, AppError> {
        let setup = self.store.setup()?.ok_or(Failure::NoSetupCode)?;
        match self.guess(by, now, Refusal::SetupCode, typed, &setup.code_hash)? {
            true => Ok(Ok(setup)),
            false => Ok(Err(say::wrong_setup_code())),
        }
    }

    /// Login: gives the owner's generation.
    pub fn log_in(&self, password: &str, by: Actor, now: Instant) -> Result<u64, AppError> {
        let generation = self.check(Refusal::Login, "password", password, by, now)?;
        self.flush.record(by, Event::LoggedIn);
        Ok(generation)
    }

    /// Checks the owner's password again, at the form's `field`; gives the owner's generation.
    pub fn check_password(
        &self,
        field: &'static str,
        password: &str,
        by: Actor,
        now: Instant,
    ) -> Result<u64, AppError> {
        self.check(Refusal::Password, field, password, by, now)
    }

    /// A new password for the owner, who proves the current one; every other session and every draft ends with the
    /// generation. Gives the new one.
    pub fn change_password(
        &self,
        current: &str,
        password: &str,
        confirm: &str,
        by: Actor,
        now: Instant,
    ) -> Result<u64, AppError> {
        password::check_new(password, confirm).map_err(|invalid| AppError::Rejected(invalid.into()))?;
        let checked = self.check_password("current_password", current, by, now)?;
        let password_hash = self.attempts.hash(by.address(), password)?;
        let lock = self.store.lock()?;
        let owner = self.store.owner()?.ok_or(Failure::NoOwner)?;
        if owner.generation != checked {
            // Changed or recovered meanwhile: what was proved was another owner's password.
            return Err(AppError::Rejected(say::wrong_password("current_password").into()));
        }
        self.audit.room_to_record(&lock)?;
        let generation = fresh_generation()?;
        lock.put_owner(&Owner { generation, password_hash, since: self.clock.now() })?;
        self.audit.record_under(&lock, by, Event::PasswordChanged);
        Ok(generation)
    }

    /// The owner's generation as it is on disk; none without an owner. It is read each time, so that a recovery by command
    /// line ends every session at once.
    pub fn owner_generation(&self) -> Result<Option<u64>, Failure> {
        Ok(self.store.owner()?.map(|owner| owner.generation))
    }

    fn check(
        &self,
        refusal: Refusal,
        field: &'static str,
        password: &str,
        by: Actor,
        now: Instant,
    ) -> Result<u64, AppError> {
        let owner = self.store.owner()?.ok_or(Failure::NoOwner)?;
        if password.is_empty() {
            return Err(AppError::Rejected(say::no_password(field).into()));
        }
        let typed = Secret::from(password.to_owned());
        if !self.guess(by, now, refusal, &typed, &owner.password_hash)? {
            return Err(AppError::Rejected(say::wrong_password(field).into()));
        }
        Ok(owner.generation)
    }

    /// Whether `typed` has this hash; a wrong guess is counted, recorded and costs its source a wait.
    fn guess(
        &self,
        by: Actor,
        now: Instant,
        refusal: Refusal,
        typed: &Secret,
        expected: &Hashed,
    ) -> Result<bool, AppError> {
        let is_right = self.attempts.guess(by.address(), now, typed, expected)?;
        if !is_right {
            self.audit.count_failure(by, refusal);
            self.flush.due(now);
        }
        Ok(is_right)
    }
}

fn fresh_code() -> Result<(Secret, Hashed), Failure> {
    let code = random::setup_code()?;
    let code_hash = hash(&random::normalised_code(&String::from_utf8_lossy(code.expose_secret())))?;
    Ok((code, code_hash))
}

/// A generation that no owner had: a draft or session of an earlier one can never fit it.
pub(crate) fn fresh_generation() -> Result<u64, Failure> {
    Ok(u64::from_be_bytes(random::bytes::<8>()?) >> 2)
}
