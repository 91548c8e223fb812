//! A guess at a password or a code: its place in the queue, its wait, and what is counted and kept of it.
//!
//! One guess is computed at a time and few may queue for it, so that a flood of them costs neither memory nor the owner's
//! patience. The counts outlive a restart in `login.json`; when it is written is not decided here, and what is guessed at is
//! not known.

mod throttle;

use crate::{Failure, password_hash};
use serde::{Deserialize, Serialize};
use signet_domain::secret::Secret;
use signet_store::{Document, Hashed, Store, StoreError, WriteLock, refuse_newer_document};
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use throttle::{Counts, Source, Throttle};

/// Guesses that are computed or wait for it, of all sources, of one IPv6 /64, and of one source: two quick clicks of the owner
/// both get in.
const QUEUE: usize = 8;
const QUEUE_OF_NETWORK: usize = 6;
const QUEUE_OF_ONE: usize = 3;
/// When to come back to a queue that is full.
const QUEUE_FULL: Duration = Duration::from_secs(2);
/// The version of `login.json` that this program writes.
const COUNTS_VERSION: u32 = 1;

/// Who guessed wrong, and who is guessing now.
#[derive(Debug)]
pub struct Attempts {
    store: Store,
    guesses: Mutex<Guesses>,
    hashing: Mutex<()>,
    queue: Mutex<Vec<Source>>,
}

/// A wait as it is shown: rounded up, at least 1.
pub fn whole_seconds(wait: Duration) -> u64 {
    (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1)
}

#[derive(Debug, Default)]
struct Guesses {
    throttle: Throttle,
    /// There are counts that are not on disk.
    changed: bool,
    /// `login.json` was there; when it is gone, somebody cleared the counts.
    written: bool,
    /// `login.json` is of a newer version or may not be read: it is not written over, and counts are in memory alone.
    left_alone: bool,
}

/// `login.json`.
#[derive(Debug, Serialize, Deserialize)]
struct WrittenCounts {
    version: u32,
    #[serde(flatten)]
    counts: Counts,
}

impl Attempts {
    /// No wrong guesses yet; [`Attempts::restore`] takes up those that were written.
    pub fn new(store: Store) -> Self {
        Self { store, guesses: Mutex::default(), hashing: Mutex::default(), queue: Mutex::default() }
    }

    /// Takes up the counts of wrong guesses that an earlier console wrote: each wait begins again at `now`.
    pub fn restore(&self, now: Instant) {
        let counts = match self.store.document(Document::LoginDelays) {
            Ok(None) => return,
            Ok(Some(json)) => {
                refuse_newer_document(&json, COUNTS_VERSION).map_err(|damage| (damage.to_string(), true)).and_then(
                    |()| serde_json::from_slice::<WrittenCounts>(&json).map_err(|error| (error.to_string(), false)),
                )
            }
            Err(StoreError::Damaged { damage, .. }) => Err((damage.to_string(), damage.is_left_alone())),
            Err(error) => Err((error.to_string(), true)),
        };
        let mut guesses = locked(&self.guesses);
        guesses.written = true;
        match counts {
            Ok(written) => guesses.throttle = Throttle::from_counts(&written.counts, now),
            Err((error, left_alone)) => {
                tracing::warn!(error, left_alone, "login.json cannot be used: wrong guesses are counted from zero");
                (guesses.changed, guesses.left_alone) = (!left_alone, left_alone);
            }
        }
    }

    /// True when wrong guesses were counted, or forgiven, that are not on disk.
    pub fn have_changed(&self) -> bool {
        let guesses = locked(&self.guesses);
        guesses.changed && !guesses.left_alone
    }

    /// Writes the counts, so that a restart does not forgive.
    pub fn write(&self, lock: &WriteLock<'_>) -> Result<(), Failure> {
        let mut guesses = locked(&self.guesses);
        if !guesses.changed || guesses.left_alone {
            return Ok(());
        }
        let counts = WrittenCounts { version: COUNTS_VERSION, counts: guesses.throttle.counts() };
        // Addresses and numbers: serialisation has nothing to fail at.
        lock.put_document(Document::LoginDelays, &serde_json::to_vec(&counts).unwrap_or_default())?;
        (guesses.changed, guesses.written) = (false, true);
        Ok(())
    }

    /// True when `typed` has this hash; a wrong guess is counted and costs its source a wait.
    pub fn guess(&self, from: IpAddr, now: Instant, typed: &Secret, expected: &Hashed) -> Result<bool, Failure> {
        let source = Source::from(from);
        self.forget_what_was_cleared();
        self.may_guess(source, now)?;
        let _turn = self.turn(source)?;
        // Those before in the queue may have failed from the same source.
        self.may_guess(source, now)?;
        let right = password_hash::verify(typed, expected)?;
        let mut guesses = locked(&self.guesses);
        if right {
            guesses.changed |= !guesses.throttle.is_empty();
            guesses.throttle.succeeded(source);
        } else {
            guesses.throttle.failed(source, now);
            guesses.changed = true;
        }
        Ok(right)
    }

    /// The hash of a new password, in its turn.
    pub fn hash(&self, from: IpAddr, password: &str) -> Result<Hashed, Failure> {
        let _turn = self.turn(Source::from(from))?;
        password_hash::hash(&Secret::from(password.to_owned()))
    }

    /// `signet recover lockout` takes the file away.
    fn forget_what_was_cleared(&self) {
        let mut guesses = locked(&self.guesses);
        if guesses.written && matches!(self.store.document(Document::LoginDelays), Ok(None)) {
            *guesses = Guesses::default();
        }
    }

    fn may_guess(&self, source: Source, now: Instant) -> Result<(), Failure> {
        match locked(&self.guesses).throttle.wait(source, now) {
            Duration::ZERO => Ok(()),
            wait => Err(Failure::TooSoon(wait)),
        }
    }

    fn turn(&self, source: Source) -> Result<Turn<'_>, Failure> {
        self.place(source)?;
        Ok(Turn { of: self, source, _hashing: locked(&self.hashing) })
    }

    fn place(&self, source: Source) -> Result<(), Failure> {
        let mut queue = locked(&self.queue);
        let of_one = queue.iter().filter(|other| **other == source).count();
        // IPv4 addresses are nobody's neighbours but their own.
        let of_network = queue.iter().filter(|other| other.is_neighbour(source)).count();
        if queue.len() >= QUEUE || of_network >= QUEUE_OF_NETWORK || of_one >= QUEUE_OF_ONE {
            return Err(Failure::TooSoon(QUEUE_FULL));
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
}

/// A place in the queue, and the right to compute a hash.
struct Turn<'a> {
    of: &'a Attempts,
    source: Source,
    _hashing: MutexGuard<'a, ()>,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.of.leave(self.source);
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use signet_store::Opening;

    #[test]
    fn one_source_leaves_room_in_the_queue_for_others() {
        let folder = tempfile::tempdir().unwrap();
        let attempts = Attempts::new(Store::open(&folder.path().join("data"), Opening::default()).unwrap());
        let source = |last: u8| Source::from(IpAddr::from([192, 0, 2, last]));
        assert_eq!((0..10).filter(|_| attempts.place(source(1)).is_ok()).count(), QUEUE_OF_ONE);
        assert_eq!((2..20).filter(|last| attempts.place(source(*last)).is_ok()).count(), QUEUE - QUEUE_OF_ONE);
        attempts.leave(source(1));
        assert!(attempts.place(source(1)).is_ok());
    }

    #[test]
    fn one_ipv6_network_leaves_room_in_the_queue_for_others() {
        let folder = tempfile::tempdir().unwrap();
        let attempts = Attempts::new(Store::open(&folder.path().join("data"), Opening::default()).unwrap());
        let source = |address: String| Source::from(address.parse::<IpAddr>().unwrap());
        let of_one = (0..10).filter(|_| attempts.place(source("2001:db8::66".to_owned())).is_ok()).count();
        assert_eq!(of_one, QUEUE_OF_ONE, "the owner beside a guesser has a place");
        let of_network = (0..20).filter(|host| attempts.place(source(format!("2001:db8::1:{host}"))).is_ok()).count();
        assert_eq!(of_one + of_network, QUEUE_OF_NETWORK);
        assert!(attempts.place(source("2001:db8:0:1::7".to_owned())).is_ok());
        assert!(attempts.place(source("192.0.2.7".to_owned())).is_ok());
    }
}
