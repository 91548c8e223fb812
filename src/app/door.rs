//! Who gets in: the setup code, the owner's password, and the waits of those who guess.
//!
//! Passwords and codes are kept as Argon2id hashes only. One hash is computed at a time and few may queue for it, so
//! that a flood of guesses costs neither memory nor the owner's patience.

use super::delays::{Delays, Source};
use super::{App, AppError, random};
use crate::domain::invalid::{Invalid, Mistakes};
use crate::domain::password;
use crate::secret::Secret;
use crate::store::{Hashed, Owner, Setup};
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// RFC 9106's Argon2id with OWASP's first choice for small machines: 19 MiB, 2 passes, 1 lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Guesses that may wait for the one that is computed.
const QUEUE: usize = 8;

/// The door's memory.
#[derive(Debug, Default)]
pub struct Door {
    delays: Mutex<Delays>,
    hashing: Mutex<()>,
    queued: AtomicUsize,
}

/// Why somebody did not get in.
#[derive(Debug, thiserror::Error)]
pub enum DoorError {
    /// A field is wrong: the code, the password, its repetition.
    #[error("{}", .0.iter().next().map_or("", |invalid| invalid.what.as_str()))]
    Refused(Mistakes),
    /// Too soon after a wrong guess.
    #[error("another try is possible in {} seconds", .0.as_secs())]
    TooSoon(Duration),
    /// Somebody else finished the setup first.
    #[error("this device has an owner already")]
    Owned,
    /// There is no owner yet.
    #[error("this device has no owner yet")]
    NoOwner,
    /// Something below failed.
    #[error(transparent)]
    App(#[from] AppError),
}

impl From<crate::store::StoreError> for DoorError {
    fn from(error: crate::store::StoreError) -> Self {
        Self::App(error.into())
    }
}

impl App {
    /// Makes a setup code when there is neither an owner nor a code; gives it this one time.
    pub fn ensure_setup_code(&self) -> Result<Option<Secret>, AppError> {
        if self.store.owner()?.is_some() || self.store.setup()?.is_some() {
            return Ok(None);
        }
        let code = random::setup_code()?;
        let text = String::from_utf8_lossy(code.expose_secret());
        let code_hash = hash(&random::normalised_code(&text))?;
        let lock = self.store.lock()?;
        if self.store.owner()?.is_some() || self.store.setup()?.is_some() {
            return Ok(None);
        }
        lock.put_setup(&Setup { code_hash, made: self.clock.now() })?;
        Ok(Some(code))
    }

    /// First boot: the code opens, the password is the owner's from now on. Gives the owner's generation.
    pub fn set_up(
        &self,
        code: &str,
        password: &str,
        confirm: &str,
        source: Source,
        now: Instant,
    ) -> Result<u64, DoorError> {
        if self.store.owner()?.is_some() {
            return Err(DoorError::Owned);
        }
        let mut mistakes = Mistakes::none();
        mistakes.keep(password::check_new(password, confirm));
        let typed = random::normalised_code(code);
        if !typed.is_empty() && typed.expose_secret() == random::normalised_code(password).expose_secret() {
            mistakes.add(Invalid::new(
                "password",
                "The password is the setup code, which stands on the label.",
                "Choose a password of your own.",
            ));
        }
        if typed.is_empty() {
            mistakes.add(Invalid::new(
                "setup_code",
                "The setup code is missing.",
                "It stands on the device's label, or where the console was started for the first time.",
            ));
        }
        if !mistakes.is_empty() {
            return Err(DoorError::Refused(mistakes));
        }
        let setup = self.store.setup()?.ok_or(AppError::NoSetupCode)?;
        self.guess(source, now, &typed, &setup.code_hash, || {
            Invalid::new(
                "setup_code",
                "This is not the setup code of this device.",
                "Compare it with the label; capitals, blanks and dashes do not matter.",
            )
        })?;
        let password_hash = hash(&Secret::from(password.to_owned()))?;
        let lock = self.store.lock()?;
        if self.store.owner()?.is_some() {
            return Err(DoorError::Owned);
        }
        let owner = Owner { generation: fresh_generation()?, password_hash, since: self.clock.now() };
        lock.put_owner(&owner)?;
        Ok(owner.generation)
    }

    /// Login: gives the owner's generation.
    pub fn log_in(&self, password: &str, source: Source, now: Instant) -> Result<u64, DoorError> {
        self.check_password("password", password, source, now)
    }

    /// Checks the owner's password again, at the form's `field`; gives the owner's generation.
    pub fn check_password(
        &self,
        field: &'static str,
        password: &str,
        source: Source,
        now: Instant,
    ) -> Result<u64, DoorError> {
        let owner = self.store.owner()?.ok_or(DoorError::NoOwner)?;
        if password.is_empty() {
            let missing = Invalid::new(field, "The password is missing.", "Type the password of this console.");
            return Err(DoorError::Refused(missing.into()));
        }
        self.guess(source, now, &Secret::from(password.to_owned()), &owner.password_hash, || {
            Invalid::new(
                field,
                "This is not the password.",
                "Try again; `signet recover password` helps when it is lost.",
            )
        })?;
        Ok(owner.generation)
    }

    /// A new password for the owner, who proves the current one; every other session and every draft ends with the
    /// generation. Gives the new one.
    pub fn change_password(
        &self,
        current: &str,
        password: &str,
        confirm: &str,
        source: Source,
        now: Instant,
    ) -> Result<u64, DoorError> {
        password::check_new(password, confirm).map_err(|invalid| DoorError::Refused(invalid.into()))?;
        self.check_password("current_password", current, source, now)?;
        let password_hash = hash(&Secret::from(password.to_owned()))?;
        let lock = self.store.lock()?;
        let owner = self.store.owner()?.ok_or(DoorError::NoOwner)?;
        let generation = owner.generation.saturating_add(1);
        lock.put_owner(&Owner { generation, password_hash, ..owner })?;
        Ok(generation)
    }

    fn guess(
        &self,
        source: Source,
        now: Instant,
        typed: &Secret,
        kept: &Hashed,
        wrong: impl FnOnce() -> Invalid,
    ) -> Result<(), DoorError> {
        let wait = locked(&self.door.delays).wait(source, now);
        if !wait.is_zero() {
            return Err(DoorError::TooSoon(wait));
        }
        let right = self.door.one_at_a_time(|| verify(typed, kept))??;
        let mut delays = locked(&self.door.delays);
        if right {
            delays.succeeded(source);
            return Ok(());
        }
        delays.failed(source, now);
        drop(delays);
        Err(DoorError::Refused(wrong().into()))
    }
}

impl Door {
    fn one_at_a_time<T>(&self, work: impl FnOnce() -> T) -> Result<T, DoorError> {
        if self.queued.fetch_add(1, Ordering::AcqRel) > QUEUE {
            self.queued.fetch_sub(1, Ordering::AcqRel);
            return Err(DoorError::TooSoon(Duration::from_secs(2)));
        }
        let turn = locked(&self.hashing);
        let outcome = work();
        drop(turn);
        self.queued.fetch_sub(1, Ordering::AcqRel);
        Ok(outcome)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A generation that no owner had: a draft or session of an earlier one can never fit it.
pub(super) fn fresh_generation() -> Result<u64, AppError> {
    Ok(u64::from_be_bytes(random::bytes::<8>()?) >> 2)
}

/// A PHC string (`$argon2id$v=19$m=…,t=…,p=…$salt$hash`) with 16 random bytes of salt.
pub(super) fn hash(secret: &Secret) -> Result<Hashed, AppError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|_| AppError::PasswordHash)?;
    let salt = random::bytes::<16>()?;
    let hash = Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_with_salt(secret.expose_secret(), &salt)
        .map_err(|_| AppError::PasswordHash)?;
    Ok(Hashed::new(hash.to_string()))
}

/// The costs come from the kept hash; they are bounded, so that a damaged file cannot make the console compute for ever.
fn verify(secret: &Secret, kept: &Hashed) -> Result<bool, AppError> {
    let kept = PasswordHash::new(kept.as_str()).map_err(|_| AppError::PasswordHash)?;
    let params = Params::try_from(&kept).map_err(|_| AppError::PasswordHash)?;
    if params.m_cost() > 4 * MEMORY_KIB || params.t_cost() > 16 || params.p_cost() > 4 {
        return Err(AppError::PasswordHash);
    }
    Ok(Argon2::default().verify_password(secret.expose_secret(), &kept).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_verifies_its_secret_alone() {
        let kept = hash(&Secret::from("correct horse".to_owned())).unwrap();
        assert!(kept.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(verify(&Secret::from("correct horse".to_owned()), &kept).unwrap());
        assert!(!verify(&Secret::from("correct house".to_owned()), &kept).unwrap());
    }

    #[test]
    fn a_hash_with_unreasonable_costs_is_refused() {
        let costly =
            "$argon2id$v=19$m=4294967295,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        assert!(matches!(
            verify(&Secret::from("any".to_owned()), &Hashed::new(costly.to_owned())),
            Err(AppError::PasswordHash)
        ));
    }
}
