//! Keys that are derived from the passphrases of key files: one at a time, and few may wait.
//!
//! Each takes up to 32 MiB and seconds, and several at once would exceed the memory of a small device. Passwords have a queue
//! of their own (`attempts`): whoever guesses at one does not fill the queue of the owner's files, nor do these that of logins.
//! Only those that take much memory wait for each other.

use crate::Failure;
use crate::password_hash;
use std::any::Any;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

/// Those that are computed or wait for it: pages have 16 threads, of which passwords may take eight.
pub const QUEUE: usize = 4;
/// How long one may wait; its browser's connection lasts a minute.
const PATIENCE: Duration = Duration::from_secs(20);
/// When to come back where it was in vain.
pub const COME_BACK: Duration = Duration::from_secs(5);

const MIB: usize = 1024 * 1024;
/// The memory that this crate uses beside what is held for connections: a password hash (19 MiB), imports that wait for Save
/// (8 of 256 KiB, and 4 with their certificates), and what sessions, counts and the log's buffer take. Derivations with more
/// make room by [`MakeRoom`].
pub const APART: usize = 23 * MIB;
/// Derivations below it need no room of their own.
const SMALL: usize = MIB;

/// Makes room for so many bytes over [`APART`], until what it gives is dropped.
pub type MakeRoom = Arc<dyn Fn(usize) -> Box<dyn Any> + Send + Sync>;

/// Who is at it.
#[derive(Default)]
pub struct Derivations {
    queue: Mutex<Queue>,
    freed: Condvar,
    make_room: OnceLock<MakeRoom>,
}

impl std::fmt::Debug for Derivations {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Derivations(..)")
    }
}

#[derive(Debug, Default)]
struct Queue {
    computing: bool,
    waiting: usize,
}

/// The right to derive a key, until it is dropped.
#[derive(Debug)]
pub struct Turn<'a>(&'a Derivations);

/// The memory of a derivation, until it is dropped.
#[derive(Debug)]
pub struct Room {
    _made: Option<Box<dyn Any>>,
    _alone: Option<MutexGuard<'static, ()>>,
}

impl Derivations {
    /// Waits for a turn, on a thread that may wait.
    ///
    /// # Errors
    /// [`Failure::DerivationsBusy`] where too many wait already, or the turn does not come soon enough.
    pub fn turn(&self) -> Result<Turn<'_>, Failure> {
        self.turn_within(PATIENCE)
    }

    /// Has `make_room` called before each derivation that takes much memory; only the first one that is given counts.
    pub fn make_room_by(&self, make_room: MakeRoom) {
        let _ = self.make_room.set(make_room);
    }

    /// Waits until a derivation may take `bytes`: no password is being hashed, and the rest of its memory is free.
    pub(crate) fn room(&self, bytes: usize) -> Room {
        if bytes < SMALL {
            return Room { _made: None, _alone: None };
        }
        let alone = password_hash::alone();
        let made = self.make_room.get().map(|make_room| make_room(bytes.saturating_sub(password_hash::MEMORY)));
        Room { _made: made, _alone: Some(alone) }
    }

    fn turn_within(&self, patience: Duration) -> Result<Turn<'_>, Failure> {
        let until = Instant::now() + patience;
        let mut queue = self.locked();
        if queue.computing && queue.waiting + 1 >= QUEUE {
            return Err(Failure::DerivationsBusy);
        }
        queue.waiting += 1;
        while queue.computing {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                queue.waiting -= 1;
                return Err(Failure::DerivationsBusy);
            }
            queue = self.freed.wait_timeout(queue, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        queue.waiting -= 1;
        queue.computing = true;
        Ok(Turn(self))
    }

    /// Does something while as many are at it as may be.
    #[cfg(test)]
    pub(crate) fn while_full<T>(&self, something: impl FnOnce() -> T) -> T {
        *self.locked() = Queue { computing: true, waiting: QUEUE - 1 };
        let outcome = something();
        *self.locked() = Queue::default();
        outcome
    }

    fn locked(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.locked().computing = false;
        self.0.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn one_has_its_turn_at_a_time() {
        let (derivations, at_once, most) = (Derivations::default(), AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..QUEUE {
                scope.spawn(|| {
                    for _ in 0..100 {
                        let turn = derivations.turn().unwrap();
                        most.fetch_max(at_once.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        std::thread::yield_now();
                        at_once.fetch_sub(1, Ordering::SeqCst);
                        drop(turn);
                    }
                });
            }
        });
        assert_eq!(most.into_inner(), 1);
    }

    #[test]
    fn few_wait_and_one_more_is_told_to_come_back() {
        let derivations = Derivations::default();
        let turn = derivations.turn().unwrap();
        std::thread::scope(|scope| {
            let waiting: Vec<_> = (1..QUEUE).map(|_| scope.spawn(|| derivations.turn().is_ok())).collect();
            while derivations.locked().waiting < QUEUE - 1 {
                std::thread::yield_now();
            }
            assert!(matches!(derivations.turn(), Err(Failure::DerivationsBusy)));
            drop(turn);
            assert!(waiting.into_iter().all(|one| one.join().unwrap()), "those who waited have had their turn");
        });
        assert!(derivations.turn().is_ok(), "and the queue is empty again");
    }

    #[test]
    fn a_turn_that_does_not_come_is_not_waited_for_and_leaves_its_place() {
        let derivations = Derivations::default();
        let _turn = derivations.turn().unwrap();
        for _ in 0..2 * QUEUE {
            assert!(matches!(derivations.turn_within(Duration::ZERO), Err(Failure::DerivationsBusy)));
        }
        assert_eq!(derivations.locked().waiting, 0);
    }
}
