//! Who gets in: the setup code, the owner's password, and the waits of those who guess.
//!
//! Passwords and codes are kept as Argon2id hashes only. One hash is computed at a time and few may queue for it, so
//! that a flood of guesses costs neither memory nor the owner's patience.

use super::audit::{Actor, Deed, Refusal};
use super::delays::{Counts, Delays, Source};
use super::{App, AppError, random};
use crate::domain::invalid::{Invalid, Mistakes};
use crate::domain::password;
use crate::secret::Secret;
use crate::store::{Document, Hashed, Owner, Setup, StoreError, WriteLock, is_settled};
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use serde::{Deserialize, Serialize};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// RFC 9106's Argon2id with OWASP's first choice for small machines: 19 MiB, 2 passes, 1 lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Guesses that are computed or wait for it, of all sources and of one: two quick clicks of the owner both get in.
const QUEUE: usize = 8;
const QUEUE_OF_ONE: usize = 3;
/// When to come back to a queue that is full.
const QUEUE_FULL: Duration = Duration::from_secs(2);
/// The version of `login.json` that this program writes.
const COUNTS_VERSION: u32 = 1;

/// The door's memory.
#[derive(Debug, Default)]
pub struct Door {
    guesses: Mutex<Guesses>,
    hashing: Mutex<()>,
    queue: Mutex<Vec<Source>>,
    /// The owner's generation under a generation of the store.
    owner: Mutex<Option<(u64, Option<u64>)>>,
}

#[derive(Debug, Default)]
struct Guesses {
    delays: Delays,
    /// There are counts that are not on disk.
    changed: bool,
    /// `login.json` was there; when it is gone, somebody cleared the delays.
    kept: bool,
}

/// `login.json`.
#[derive(Debug, Serialize, Deserialize)]
struct KeptCounts {
    version: u32,
    #[serde(flatten)]
    counts: Counts,
}

/// Why somebody did not get in.
#[derive(Debug, thiserror::Error)]
pub enum DoorError {
    /// A field is wrong: the code, the password, its repetition.
    #[error("{}", .0.iter().next().map_or("", |invalid| invalid.what.as_str()))]
    Refused(Mistakes),
    /// Too soon after a wrong guess.
    #[error("another try is possible in {} seconds", whole_seconds(*.0))]
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

impl From<StoreError> for DoorError {
    fn from(error: StoreError) -> Self {
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
    pub fn set_up(&self, code: &str, password: &str, confirm: &str, by: Actor, now: Instant) -> Result<u64, DoorError> {
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
        let wrong = || {
            Invalid::new(
                "setup_code",
                "This is not the setup code of this device.",
                "Compare it with the label; capitals, blanks and dashes do not matter.",
            )
        };
        let setup = self.store.setup()?.ok_or(AppError::NoSetupCode)?;
        self.guess(by, now, Refusal::SetupCode, &typed, &setup.code_hash, wrong)?;
        let password_hash = self.door.hash_in_turn(by, password)?;
        let lock = self.store.lock()?;
        // Somebody may have been quicker, or the code may have been made anew by the command line.
        if self.store.owner()?.is_some() {
            return Err(DoorError::Owned);
        }
        if self.store.setup()?.is_none_or(|now| now.code_hash != setup.code_hash) {
            return Err(DoorError::Refused(wrong().into()));
        }
        self.room_to_record(&lock)?;
        let owner = Owner { generation: fresh_generation()?, password_hash, since: self.clock.now() };
        lock.put_owner(&owner)?;
        self.record_under(&lock, by, Deed::SetUp);
        Ok(owner.generation)
    }

    /// Login: gives the owner's generation.
    pub fn log_in(&self, password: &str, by: Actor, now: Instant) -> Result<u64, DoorError> {
        let generation = self.check(Refusal::Login, "password", password, by, now)?;
        self.record(by, Deed::LoggedIn);
        Ok(generation)
    }

    /// Checks the owner's password again, at the form's `field`; gives the owner's generation.
    pub fn check_password(
        &self,
        field: &'static str,
        password: &str,
        by: Actor,
        now: Instant,
    ) -> Result<u64, DoorError> {
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
    ) -> Result<u64, DoorError> {
        password::check_new(password, confirm).map_err(|invalid| DoorError::Refused(invalid.into()))?;
        let checked = self.check_password("current_password", current, by, now)?;
        let password_hash = self.door.hash_in_turn(by, password)?;
        let lock = self.store.lock()?;
        let owner = self.store.owner()?.ok_or(DoorError::NoOwner)?;
        if owner.generation != checked {
            // Changed or recovered meanwhile: what was proved was another owner's password.
            return Err(DoorError::Refused(wrong_password("current_password").into()));
        }
        self.room_to_record(&lock)?;
        let generation = fresh_generation()?;
        lock.put_owner(&Owner { generation, password_hash, since: self.clock.now() })?;
        self.record_under(&lock, by, Deed::PasswordChanged);
        drop(lock);
        self.waiting.clear();
        Ok(generation)
    }

    /// The owner's generation as it is on disk; none without an owner. Read anew when the store's generation has moved.
    pub fn owner_generation(&self) -> Result<Option<u64>, AppError> {
        // A directory whose lock file was taken away is still served.
        let of = self.store.generation().ok().filter(|of| is_settled(*of));
        if let Some((_, owner)) = (*locked(&self.door.owner)).filter(|(kept, _)| Some(*kept) == of) {
            return Ok(owner);
        }
        let owner = self.store.owner()?.map(|owner| owner.generation);
        *locked(&self.door.owner) = of.map(|of| (of, owner));
        Ok(owner)
    }

    /// Takes up the counts of wrong guesses that an earlier console kept: each wait begins anew at `now`.
    pub fn take_up_counts(&self, now: Instant) {
        let kept = self.store.document(Document::LoginDelays);
        let counts = match kept {
            Ok(None) => return,
            Ok(Some(json)) => serde_json::from_slice::<KeptCounts>(&json).map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        let mut guesses = locked(&self.door.guesses);
        guesses.kept = true;
        match counts {
            Ok(kept) => guesses.delays = Delays::from_counts(&kept.counts, now),
            Err(error) => tracing::warn!(error, "login.json cannot be read: wrong guesses are counted from zero"),
        }
    }

    /// True when wrong guesses were counted, or forgiven, that are not on disk.
    pub(super) fn counts_have_changed(&self) -> bool {
        locked(&self.door.guesses).changed
    }

    /// Keeps the counts over a restart.
    pub(super) fn write_counts(&self, lock: &WriteLock<'_>) -> Result<(), AppError> {
        let mut guesses = locked(&self.door.guesses);
        if !guesses.changed {
            return Ok(());
        }
        let kept = KeptCounts { version: COUNTS_VERSION, counts: guesses.delays.counts() };
        // Addresses and numbers: serialisation has nothing to fail at.
        lock.put_document(Document::LoginDelays, &serde_json::to_vec(&kept).unwrap_or_default())?;
        (guesses.changed, guesses.kept) = (false, true);
        Ok(())
    }

    fn check(
        &self,
        refusal: Refusal,
        field: &'static str,
        password: &str,
        by: Actor,
        now: Instant,
    ) -> Result<u64, DoorError> {
        let owner = self.store.owner()?.ok_or(DoorError::NoOwner)?;
        if password.is_empty() {
            let missing = Invalid::new(field, "The password is missing.", "Type the password of this console.");
            return Err(DoorError::Refused(missing.into()));
        }
        let typed = Secret::from(password.to_owned());
        self.guess(by, now, refusal, &typed, &owner.password_hash, || wrong_password(field))?;
        Ok(owner.generation)
    }

    fn guess(
        &self,
        by: Actor,
        now: Instant,
        refusal: Refusal,
        typed: &Secret,
        kept: &Hashed,
        wrong: impl FnOnce() -> Invalid,
    ) -> Result<(), DoorError> {
        let source = Source::from(by.address());
        self.forget_what_was_cleared()?;
        self.door.may_guess(source, now)?;
        let turn = self.door.turn(source)?;
        // Those before in the queue may have failed from the same source.
        self.door.may_guess(source, now)?;
        let right = verify(typed, kept)?;
        let mut guesses = locked(&self.door.guesses);
        if right {
            guesses.changed |= !guesses.delays.is_empty();
            guesses.delays.succeeded(source);
            return Ok(());
        }
        guesses.delays.failed(source, now);
        guesses.changed = true;
        drop(guesses);
        drop(turn);
        self.record_failure(by, refusal, now);
        Err(DoorError::Refused(wrong().into()))
    }

    /// `signet recover lockout` takes the file away.
    fn forget_what_was_cleared(&self) -> Result<(), AppError> {
        let mut guesses = locked(&self.door.guesses);
        if guesses.kept && self.store.document(Document::LoginDelays)?.is_none() {
            *guesses = Guesses::default();
        }
        Ok(())
    }
}

/// A place in the queue, and the right to compute a hash.
struct Turn<'a> {
    door: &'a Door,
    source: Source,
    _hashing: MutexGuard<'a, ()>,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.door.leave(self.source);
    }
}

impl Door {
    fn may_guess(&self, source: Source, now: Instant) -> Result<(), DoorError> {
        match locked(&self.guesses).delays.wait(source, now) {
            Duration::ZERO => Ok(()),
            wait => Err(DoorError::TooSoon(wait)),
        }
    }

    fn turn(&self, source: Source) -> Result<Turn<'_>, DoorError> {
        let mut queue = locked(&self.queue);
        let of_one = queue.iter().filter(|other| **other == source).count();
        if queue.len() >= QUEUE || of_one >= QUEUE_OF_ONE {
            return Err(DoorError::TooSoon(QUEUE_FULL));
        }
        queue.push(source);
        drop(queue);
        Ok(Turn { door: self, source, _hashing: locked(&self.hashing) })
    }

    fn leave(&self, source: Source) {
        let mut queue = locked(&self.queue);
        if let Some(place) = queue.iter().position(|other| *other == source) {
            queue.swap_remove(place);
        }
    }

    fn hash_in_turn(&self, by: Actor, password: &str) -> Result<Hashed, DoorError> {
        let _turn = self.turn(Source::from(by.address()))?;
        Ok(hash(&Secret::from(password.to_owned()))?)
    }
}

fn wrong_password(field: &'static str) -> Invalid {
    Invalid::new(field, "This is not the password.", "Try again; `signet recover password` helps when it is lost.")
}

/// A wait as it is told: rounded up, at least 1.
pub fn whole_seconds(wait: Duration) -> u64 {
    (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1)
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
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
    apart(|| {
        let hash = Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_with_salt(secret.expose_secret(), &salt)
            .map_err(|_| AppError::PasswordHash)?;
        Ok(Hashed::new(hash.to_string()))
    })
}

/// On a thread that ends with the work: an allocator that keeps memory for each thread, as glibc's does, would keep the
/// 19 MiB of a hash for every one that ever computed it.
fn apart<T: Send>(work: impl FnOnce() -> Result<T, AppError> + Send) -> Result<T, AppError> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("hash".to_owned()).spawn_scoped(scope, work);
        thread.map_err(|_| AppError::PasswordHash)?.join().map_err(|_| AppError::PasswordHash)?
    })
}

/// The costs come from the kept hash; they are bounded, so that a damaged file cannot make the console compute for ever.
fn verify(secret: &Secret, kept: &Hashed) -> Result<bool, AppError> {
    let kept = PasswordHash::new(kept.as_str()).map_err(|_| AppError::PasswordHash)?;
    let params = Params::try_from(&kept).map_err(|_| AppError::PasswordHash)?;
    if params.m_cost() > 4 * MEMORY_KIB || params.t_cost() > 16 || params.p_cost() > 4 {
        return Err(AppError::PasswordHash);
    }
    apart(|| Ok(Argon2::default().verify_password(secret.expose_secret(), &kept).is_ok()))
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
