//! One budget for the memory that visitors can make the console hold, and who loses a connection when it is used up.
//!
//! Memory is charged to the account of its connection before it is held, and given back with it. Connections are strangers'
//! until the application recognises their visitor; strangers can never use the part that is kept for recognised ones. It knows
//! connections by their lives (`phase`), and nothing of sockets or of the application.

mod state;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, timeout};

use super::phase::{Life, Phase};
use super::source::Source;
pub(super) use state::Part;
use state::{By, State};

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

/// An accepted connection that waits: socket, task and TLS session, measured with 1,000 of them and musl's allocator.
pub(super) const CONNECTION: usize = 17 * KIB;
/// The same after a request, as TLS keeps some of its buffers.
pub(super) const USED: usize = 22 * KIB;
/// What it needs more while it is served: HTTP's buffers and its side of the exchange.
pub(super) const EXCHANGE: usize = 16 * KIB;
/// What TLS may hold of a response that it has encrypted and the socket has not accepted.
pub(super) const TLS_ANSWER: usize = 16 * KIB;

/// Kept for recognised visitors: a page, a form and a draft at the same time, several times.
const RECOGNISED: usize = 6 * MIB;
/// Connections that were cut give back their memory a moment later. So much may be granted again before that.
const LEAVING: usize = 2 * MIB;
/// How long something waits for strangers to leave.
const PATIENCE: Duration = Duration::from_secs(2);

/// The memory that all connections share; clones are the same budget.
#[derive(Debug, Clone)]
pub struct Memory(Arc<Budget>);

/// No more memory for this visitor now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the memory for visitors is used up")]
pub struct UsedUp;

#[derive(Debug)]
struct Budget {
    state: Mutex<State>,
    /// Notified when memory was given back.
    freed: Notify,
}

/// What one connection holds of the budget; all of it is given back when the last clone is dropped.
#[derive(Debug, Clone)]
pub struct Account(Arc<Open>);

#[derive(Debug)]
struct Open {
    budget: Arc<Budget>,
    number: u64,
    life: Arc<Life>,
}

/// Memory that the application uses for itself for a while, at the expense of strangers; given back when dropped.
#[derive(Debug)]
pub struct SetAside {
    budget: Arc<Budget>,
    bytes: usize,
}

impl Default for Memory {
    fn default() -> Self {
        Self::new(48 * MIB, 0)
    }
}

impl Memory {
    /// `total` bytes, of which the application uses `apart` for itself and connections the rest.
    pub fn new(total: usize, apart: usize) -> Self {
        let state = State { all: total.saturating_sub(apart), ..State::default() };
        Self(Arc::new(Budget { state: Mutex::new(state), freed: Notify::new() }))
    }

    /// Takes `bytes` from the connections: strangers who hold too much then are cut. Waits until they have gone, at most two
    /// seconds, on a thread that may wait.
    pub fn set_aside(&self, bytes: usize) -> SetAside {
        let mut state = self.0.locked();
        let bytes = bytes.min(state.all);
        state.all -= bytes;
        let aside = SetAside { budget: Arc::clone(&self.0), bytes };
        state.cut_until(By::Console, |state| state.fits(false, 0, state.leaving));
        let fits = |state: &State| state.fits(false, 0, 0);
        let until = Instant::now() + PATIENCE;
        while !fits(&state) && Instant::now() < until {
            drop(state);
            std::thread::sleep(Duration::from_millis(5));
            state = self.0.locked();
        }
        drop(state);
        aside
    }

    /// An account with `bytes` for a connection from `source` that was just accepted.
    pub(super) fn open(&self, life: &Arc<Life>, source: Source, bytes: usize) -> Account {
        let number = self.0.locked().open(Arc::clone(life), source, bytes);
        Account(Arc::new(Open { budget: Arc::clone(&self.0), number, life: Arc::clone(life) }))
    }

    /// True when there is room for a newcomer with `bytes`, the slowest strangers having been cut for it. A sixteenth of their
    /// part is left free by those whose source holds something, so that those who came before can go on with their requests.
    pub(super) fn has_room(&self, source: Source, bytes: usize) -> bool {
        let mut state = self.0.locked();
        let of_source = state.held_by(source);
        let left = if state.is_little(of_source) { 0 } else { state.for_strangers() / 16 };
        state.make_room(By::Stranger(None, of_source), bytes + left).is_ok()
    }

    /// Waits until there is.
    pub(super) async fn room_for(&self, source: Source, bytes: usize) {
        while !self.has_room(source, bytes) {
            self.0.somebody_leaves().await;
        }
    }

    /// True for a source that would hold far less than others do.
    pub(super) fn holds_little(&self, source: Source) -> bool {
        let state = self.0.locked();
        state.is_little(state.held_by(source))
    }
}

impl Drop for SetAside {
    fn drop(&mut self) {
        self.budget.locked().all += self.bytes;
        self.budget.freed.notify_one();
    }
}

impl Account {
    /// Charges `bytes` more to a request before they are held. Where there is no room, the slowest strangers lose their
    /// connections; a recognised visitor loses none.
    ///
    /// # Errors
    /// [`UsedUp`] when that is not enough, or this connection itself was cut.
    pub fn take(&self, bytes: usize) -> Result<(), UsedUp> {
        self.take_for(Part::Request, bytes)
    }

    /// As [`Account::take`], after waiting two seconds at most for others to leave.
    ///
    /// # Errors
    /// As [`Account::take`].
    pub async fn take_soon(&self, bytes: usize) -> Result<(), UsedUp> {
        self.soon(|| self.take(bytes)).await
    }

    /// As [`Account::hold`], after waiting two seconds at most for others to leave.
    pub(super) async fn hold_soon(&self, part: Part, bytes: usize) -> Result<(), UsedUp> {
        self.soon(|| self.hold(part, bytes)).await
    }

    async fn soon(&self, charge: impl Fn() -> Result<(), UsedUp>) -> Result<(), UsedUp> {
        let until = Instant::now() + PATIENCE;
        loop {
            let outcome = charge();
            if outcome.is_ok() || self.0.life.phase() == Phase::Cut || Instant::now() >= until {
                return outcome;
            }
            self.0.budget.somebody_leaves().await;
        }
    }

    /// The request's visitor is known to the application, or is not. What the connection holds counts accordingly.
    pub fn recognise(&self, known: bool) {
        self.0.budget.locked().recognise(self.0.number, known);
    }

    /// What the connection holds counts as this source's from here on.
    pub(super) fn moves_to(&self, source: Source) {
        self.0.budget.locked().moves(self.0.number, source);
    }

    /// From here until its response, a request waits for this program, not for its visitor: it is not cut.
    pub fn working(&self) {
        self.0.life.working();
    }

    pub(super) fn take_for(&self, part: Part, bytes: usize) -> Result<(), UsedUp> {
        let mut state = self.0.budget.locked();
        let entry = state.accounts.get(&self.0.number).filter(|entry| !entry.cut).ok_or(UsedUp)?;
        let by = entry.by(self.0.number);
        state.make_room(by, bytes)?;
        state.change(self.0.number, part, |held| held + bytes);
        Ok(())
    }

    /// Holds exactly `bytes` for `part` from now on.
    ///
    /// # Errors
    /// As [`Account::take`], where that is more than before.
    pub(super) fn hold(&self, part: Part, bytes: usize) -> Result<(), UsedUp> {
        let mut state = self.0.budget.locked();
        let entry = state.accounts.get_mut(&self.0.number).ok_or(UsedUp)?;
        let before = *entry.held.part(part);
        if bytes == before {
            return Ok(());
        }
        let (by, cut) = (entry.by(self.0.number), entry.cut);
        if bytes > before {
            if cut {
                return Err(UsedUp);
            }
            state.make_room(by, bytes - before)?;
        }
        state.change(self.0.number, part, |_| bytes);
        drop(state);
        if bytes < before {
            self.0.budget.freed.notify_one();
        }
        Ok(())
    }

    /// Gives back what `part` holds.
    pub(super) fn give_back(&self, part: Part) {
        // Less is always possible.
        let _ = self.hold(part, 0);
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let mut state = self.budget.locked();
        state.close(self.number);
        drop(state);
        self.budget.freed.notify_one();
    }
}

impl Budget {
    /// Waits for memory that is given back. Only one of those who wait is notified, so that none waits for long.
    async fn somebody_leaves(&self) {
        let _ = timeout(Duration::from_millis(20), self.freed.notified()).await;
    }

    fn locked(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
