//! A guess at a password or a code: its place in the queue, its wait, and what is counted and kept of it.
//!
//! One guess is computed at a time and few may queue for it, so that a flood of them costs neither memory nor the owner's
//! patience. The counts are kept in `login.json`, written at most once a minute for failures. What is guessed at is the
//! door's.

mod throttle;

use crate::access::DoorError;
use crate::audit::{Actor, Refusal};
use crate::{App, AppError, password_hash};
use serde::{Deserialize, Serialize};
use signet_domain::invalid::Invalid;
use signet_domain::secret::Secret;
use signet_store::{Document, Hashed, StoreError, WriteLock, refuse_newer_document};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use throttle::{Counts, Delays, Source};

/// Guesses that are computed or wait for it, of all sources and of one: two quick clicks of the owner both get in.
const QUEUE: usize = 8;
const QUEUE_OF_ONE: usize = 3;
/// When to come back to a queue that is full.
const QUEUE_FULL: Duration = Duration::from_secs(2);
/// The version of `login.json` that this program writes.
const COUNTS_VERSION: u32 = 1;

/// Who guessed, and who is at it.
#[derive(Debug, Default)]
pub struct Guessing {
    guesses: Mutex<Guesses>,
    hashing: Mutex<()>,
    queue: Mutex<Vec<Source>>,
}

#[derive(Debug, Default)]
struct Guesses {
    delays: Delays,
    /// There are counts that are not on disk.
    changed: bool,
    /// `login.json` was there; when it is gone, somebody cleared the delays.
    kept: bool,
    /// `login.json` is of a newer version or may not be read: it is not written over, and counts are in memory alone.
    left_alone: bool,
}

/// `login.json`.
#[derive(Debug, Serialize, Deserialize)]
struct KeptCounts {
    version: u32,
    #[serde(flatten)]
    counts: Counts,
}

impl App {
    /// Takes up the counts of wrong guesses that an earlier console kept: each wait begins anew at `now`.
    pub fn take_up_counts(&self, now: Instant) {
        let kept = self.store.document(Document::LoginDelays);
        let counts = match kept {
            Ok(None) => return,
            Ok(Some(json)) => refuse_newer_document(&json, COUNTS_VERSION)
                .map_err(|damage| (damage.to_string(), true))
                .and_then(|()| serde_json::from_slice::<KeptCounts>(&json).map_err(|error| (error.to_string(), false))),
            Err(StoreError::Damaged { damage, .. }) => Err((damage.to_string(), damage.is_left_alone())),
            Err(error) => Err((error.to_string(), true)),
        };
        let mut guesses = locked(&self.door.guessing.guesses);
        guesses.kept = true;
        match counts {
            Ok(kept) => guesses.delays = Delays::from_counts(&kept.counts, now),
            Err((error, left_alone)) => {
                tracing::warn!(error, left_alone, "login.json cannot be used: wrong guesses are counted from zero");
                (guesses.changed, guesses.left_alone) = (!left_alone, left_alone);
            }
        }
    }

    /// True when wrong guesses were counted, or forgiven, that are not on disk.
    pub(crate) fn counts_have_changed(&self) -> bool {
        let guesses = locked(&self.door.guessing.guesses);
        guesses.changed && !guesses.left_alone
    }

    /// Keeps the counts over a restart.
    pub(crate) fn write_counts(&self, lock: &WriteLock<'_>) -> Result<(), AppError> {
        let mut guesses = locked(&self.door.guessing.guesses);
        if !guesses.changed || guesses.left_alone {
            return Ok(());
        }
        let kept = KeptCounts { version: COUNTS_VERSION, counts: guesses.delays.counts() };
        // Addresses and numbers: serialisation has nothing to fail at.
        lock.put_document(Document::LoginDelays, &serde_json::to_vec(&kept).unwrap_or_default())?;
        (guesses.changed, guesses.kept) = (false, true);
        Ok(())
    }

    /// Whether `typed` is what was kept; a wrong one is counted, recorded and costs its source a wait.
    pub(crate) fn guess(
        &self,
        by: Actor,
        now: Instant,
        refusal: Refusal,
        typed: &Secret,
        kept: &Hashed,
        wrong: impl FnOnce() -> Invalid,
    ) -> Result<(), DoorError> {
        let source = Source::from(by.address());
        self.forget_what_was_cleared();
        self.door.guessing.may_guess(source, now)?;
        let turn = self.door.guessing.turn(source)?;
        // Those before in the queue may have failed from the same source.
        self.door.guessing.may_guess(source, now)?;
        let right = password_hash::verify(typed, kept)?;
        let mut guesses = locked(&self.door.guessing.guesses);
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
    fn forget_what_was_cleared(&self) {
        let mut guesses = locked(&self.door.guessing.guesses);
        if guesses.kept && matches!(self.store.document(Document::LoginDelays), Ok(None)) {
            *guesses = Guesses::default();
        }
    }
}

/// A place in the queue, and the right to compute a hash.
struct Turn<'a> {
    of: &'a Guessing,
    source: Source,
    _hashing: MutexGuard<'a, ()>,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.of.leave(self.source);
    }
}

impl Guessing {
    fn may_guess(&self, source: Source, now: Instant) -> Result<(), DoorError> {
        match locked(&self.guesses).delays.wait(source, now) {
            Duration::ZERO => Ok(()),
            wait => Err(DoorError::TooSoon(wait)),
        }
    }

    fn turn(&self, source: Source) -> Result<Turn<'_>, DoorError> {
        self.place(source)?;
        Ok(Turn { of: self, source, _hashing: locked(&self.hashing) })
    }

    fn place(&self, source: Source) -> Result<(), DoorError> {
        let mut queue = locked(&self.queue);
        let of_one = queue.iter().filter(|other| **other == source).count();
        if queue.len() >= QUEUE || of_one >= QUEUE_OF_ONE {
            return Err(DoorError::TooSoon(QUEUE_FULL));
        }
        queue.push(source);
        Ok(())
    }

    fn leave(&self, source: Source) {
        let mut queue = locked(&self.queue);
        if let Some(place) = queue.iter().position(|other| *other == source) {
            queue.swap_remove(place);
        }
    }

    /// The hash of a new password, in its turn.
    pub(crate) fn hash_in_turn(&self, by: Actor, password: &str) -> Result<Hashed, DoorError> {
        let _turn = self.turn(Source::from(by.address()))?;
        Ok(password_hash::hash(&Secret::from(password.to_owned()))?)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::config::Config;
    use jiff::Timestamp;
    use signet_store::{Opening, Owner, Store};

    const PASSWORD: &str = "correct horse battery staple";

    fn owned(folder: &tempfile::TempDir) -> App {
        let store = Store::open(&folder.path().join("data"), Opening::default()).unwrap();
        let app = App::new(store, Config::parse("").unwrap(), Clock::Fixed(Timestamp::UNIX_EPOCH));
        let password_hash = password_hash::hash(&Secret::from(PASSWORD.to_owned())).unwrap();
        app.store
            .lock()
            .unwrap()
            .put_owner(&Owner { generation: 7, password_hash, since: Timestamp::UNIX_EPOCH })
            .unwrap();
        app
    }

    fn visitor(last: u8) -> Actor {
        Actor::Browser([192, 0, 2, last].into())
    }

    #[test]
    fn guesses_sent_at_once_are_not_looked_at_before_the_first_ones_wait_is_over() {
        let folder = tempfile::tempdir().unwrap();
        let (app, now) = (owned(&folder), Instant::now());
        for _ in 0..2 {
            assert!(matches!(app.log_in("wrong", visitor(1), now), Err(DoorError::Refused(_))));
        }
        let looked_at = std::thread::scope(|scope| {
            let guesses: Vec<_> =
                (0..QUEUE_OF_ONE).map(|_| scope.spawn(|| app.log_in("wrong", visitor(1), now))).collect();
            let outcomes = guesses.into_iter().map(|guess| guess.join().unwrap());
            outcomes.filter(|outcome| matches!(outcome, Err(DoorError::Refused(_)))).count()
        });
        assert_eq!(looked_at, 1);
        assert!(matches!(app.log_in(PASSWORD, visitor(1), now), Err(DoorError::TooSoon(_))));
        assert_eq!(app.log_in(PASSWORD, visitor(2), now).unwrap(), 7, "another source gets in meanwhile");
    }

    #[test]
    fn one_source_leaves_room_in_the_queue_for_others() {
        let (guessing, one) = (Guessing::default(), Source::from(visitor(1).address()));
        assert_eq!((0..10).filter(|_| guessing.place(one).is_ok()).count(), QUEUE_OF_ONE);
        let others = (2..20).map(|last| Source::from(visitor(last).address()));
        assert_eq!(others.filter(|other| guessing.place(*other).is_ok()).count(), QUEUE - QUEUE_OF_ONE);
        guessing.leave(one);
        assert!(guessing.place(one).is_ok());
    }

    #[test]
    fn counts_come_back_after_a_restart_and_a_damaged_file_is_no_obstacle() {
        let folder = tempfile::tempdir().unwrap();
        let (app, now) = (owned(&folder), Instant::now());
        for _ in 0..3 {
            let _ = app.log_in("wrong", visitor(1), now);
        }
        app.settle();
        let again = App::new(app.store.clone(), Config::parse("").unwrap(), Clock::Fixed(Timestamp::UNIX_EPOCH));
        again.take_up_counts(now);
        assert!(matches!(again.log_in(PASSWORD, visitor(1), now), Err(DoorError::TooSoon(_))));
        std::fs::write(folder.path().join("data/login.json"), "{\"version\":").unwrap();
        let third = App::new(app.store.clone(), Config::parse("").unwrap(), Clock::Fixed(Timestamp::UNIX_EPOCH));
        third.take_up_counts(now);
        assert_eq!(third.log_in(PASSWORD, visitor(1), now).unwrap(), 7);
        let kept = std::fs::read_to_string(folder.path().join("data/login.json")).unwrap();
        assert!(kept.contains("\"shared\""), "written anew: {kept}");
    }
}
