//! How many connections there may be, in all and from one source, and which of them makes room for a newcomer.
//!
//! Connections that wait for nothing give way to new ones, the oldest first, so that whoever opens many and keeps them
//! shuts out nobody. It knows connections as lives (`phase`), not as sockets.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustix::process::{Resource, getrlimit, setrlimit};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

use super::budget::{Account, CONNECTION, Memory};
use super::phase::Life;
use super::source::Source;

/// Connections that wait for room. One more, and the last one of the source with most of them is closed.
pub(super) const WAITING: usize = 256;

/// Files that the console has open beside its connections: listeners, locks, the store, and those that wait for room.
const OTHER_FILES: u64 = 64 + WAITING as u64;

/// The fewest connections that a browser can be served with.
const FEWEST: usize = 16;

/// The bounds on connections and on a request's head.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Connections in all. Where every slot is in use, a visitor gets the place of the oldest idle connection. How many there
    /// are at most before that is the memory's to say (`budget`).
    pub connections: usize,
    /// Connections of one source: an IPv4 address, or an IPv6 /64 (a LAN, or one device that changes addresses). A browser
    /// opens 6 to one host; 128 is a NAT with a score of visitors. Beyond it the source's own oldest idle one goes.
    pub per_source: usize,
    /// Loopback is not a single visitor but a proxy, a tunnel or the device itself, so only the bound in all holds there. The
    /// same is so for a trusted proxy, wherever it is; whom it speaks for is bounded.
    pub spare_loopback: bool,
    /// The size of a request's head in bytes, at least 8192; a longer one gets a 431.
    pub head: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connections: 2_560, per_source: 128, spare_loopback: true, head: 24 * 1024 }
    }
}

impl Limits {
    /// Lets the process open a file for each connection (many systems start with 1024), and takes fewer connections
    /// where the hard limit does not allow that.
    pub(super) fn within_open_files(mut self) -> Self {
        let wanted = self.connections as u64 + OTHER_FILES;
        let mut limit = getrlimit(Resource::Nofile);
        let now = limit.current.unwrap_or(u64::MAX);
        if now >= wanted {
            return self;
        }
        let hard = limit.maximum.map_or(wanted, |maximum| maximum.min(wanted));
        limit.current = Some(hard);
        let allowed = if setrlimit(Resource::Nofile, limit).is_ok() { hard } else { now };
        if allowed < wanted {
            let slots = usize::try_from(allowed.saturating_sub(OTHER_FILES)).unwrap_or(usize::MAX);
            self.connections = slots.clamp(FEWEST.min(self.connections), self.connections);
            tracing::warn!(
                wanted,
                allowed,
                connections = self.connections,
                "few open files are allowed; raise LimitNOFILE"
            );
        }
        self
    }
}

/// One bound for all listeners of a server.
#[derive(Debug)]
pub(super) struct Bounds {
    limits: Limits,
    memory: Memory,
    free: Arc<Semaphore>,
    slots: Mutex<Slots>,
    loosened: Arc<Notify>,
}

#[derive(Debug, Default)]
struct Slots {
    next: u64,
    /// Each source's own, so that one that has many is no more work for the others.
    taken: HashMap<Source, HashMap<u64, Arc<Life>>>,
}

/// A connection's place; whoever still works for the connection holds it, and the last one gives it back.
#[derive(Debug)]
pub(super) struct Slot {
    bounds: Arc<Bounds>,
    number: u64,
    /// Changed under the lock of all slots.
    source: Mutex<Source>,
    pub(super) life: Arc<Life>,
    pub(super) account: Account,
    _permit: OwnedSemaphorePermit,
}

impl Bounds {
    pub(super) fn new(limits: Limits, memory: Memory) -> Arc<Self> {
        Arc::new(Self {
            limits,
            memory,
            free: Arc::new(Semaphore::new(limits.connections)),
            slots: Mutex::default(),
            loosened: Arc::new(Notify::new()),
        })
    }

    /// Waits for a free slot and its memory; where all slots are in use it closes the oldest connection that serves no request.
    pub(super) async fn room(&self, source: Source) -> OwnedSemaphorePermit {
        let permit = self.free_slot().await;
        self.memory.room_for(source, CONNECTION).await;
        permit
    }

    /// As [`Bounds::room`], where nobody has to be waited for.
    pub(super) fn room_now(&self, source: Source) -> Option<OwnedSemaphorePermit> {
        let permit = Arc::clone(&self.free).try_acquire_owned().ok()?;
        self.memory.has_room(source, CONNECTION).then_some(permit)
    }

    /// True for a source that would hold far less than others do.
    pub(super) fn holds_little(&self, source: Source) -> bool {
        self.memory.holds_little(source)
    }

    async fn free_slot(&self) -> OwnedSemaphorePermit {
        loop {
            if let Ok(permit) = Arc::clone(&self.free).try_acquire_owned() {
                return permit;
            }
            // One that is leaving already is room enough.
            if !self.anyone_leaving() {
                self.give_one_up();
            }
            tokio::select! {
                Ok(permit) = Arc::clone(&self.free).acquire_owned() => return permit,
                () = self.loosened.notified() => {}
            }
        }
    }

    /// A slot for a connection from `source`; `None` when that source has its share and serves requests on all of it. A
    /// `spared` one has no share of its own.
    pub(super) fn slot(
        self: &Arc<Self>,
        permit: OwnedSemaphorePermit,
        source: Source,
        spared: bool,
    ) -> Option<Arc<Slot>> {
        let mut slots = self.lock();
        if !(spared && self.limits.spare_loopback) {
            self.has_share(&slots, source).then_some(())?;
        }
        let life = Arc::new(Life::new(Arc::clone(&self.loosened)));
        let number = slots.next;
        slots.next += 1;
        slots.taken.entry(source).or_default().insert(number, Arc::clone(&life));
        drop(slots);
        let account = self.memory.open(&life, source, CONNECTION);
        let source = Mutex::new(source);
        Some(Arc::new(Slot { bounds: Arc::clone(self), number, source, life, account, _permit: permit }))
    }

    /// True when `source` may have one more connection, for which its oldest idle one makes room where it has its share.
    fn has_share(&self, slots: &Slots, source: Source) -> bool {
        if slots.of(source) < self.limits.per_source {
            return true;
        }
        // Those that are leaving already are no part of its share.
        let present = slots.present(source);
        present.len() < self.limits.per_source || give_up_oldest(present.into_iter())
    }

    /// Closes the oldest connection that serves no request; false when there is none.
    pub(super) fn give_one_up(&self) -> bool {
        give_up_oldest(self.lock().lives())
    }

    /// Tells every connection to end: idle ones at once, the others after their response.
    pub(super) fn finish_all(&self) {
        self.lock().lives().for_each(|life| life.finish());
    }

    /// Waits until every slot was given back.
    pub(super) async fn all_gone(&self) {
        let all = u32::try_from(self.limits.connections).unwrap_or(u32::MAX);
        // An error means that the semaphore was closed, which nobody does.
        let _ = self.free.acquire_many(all).await;
    }

    fn anyone_leaving(&self) -> bool {
        self.lock().lives().any(|life| life.is_ending())
    }

    fn lock(&self) -> MutexGuard<'_, Slots> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slot {
    /// From here on the connection counts as a visitor's for whom a proxy speaks; false when they have their share and serve
    /// requests on all of it.
    pub(super) fn speaks_for(&self, visitor: IpAddr) -> bool {
        let visitor_source = Source::of(visitor);
        let mut slots = self.bounds.lock();
        let mut source = self.source.lock().unwrap_or_else(PoisonError::into_inner);
        if *source == visitor_source {
            return true;
        }
        let spared = self.bounds.limits.spare_loopback && visitor.is_loopback();
        if !spared && !self.bounds.has_share(&slots, visitor_source) {
            return false;
        }
        slots.remove(*source, self.number);
        slots.taken.entry(visitor_source).or_default().insert(self.number, Arc::clone(&self.life));
        *source = visitor_source;
        drop(source);
        drop(slots);
        self.account.moves_to(visitor_source);
        true
    }
}

impl Slots {
    fn remove(&mut self, source: Source, number: u64) {
        let Some(of_source) = self.taken.get_mut(&source) else { return };
        of_source.remove(&number);
        if of_source.is_empty() {
            self.taken.remove(&source);
        }
    }

    fn lives(&self) -> impl Iterator<Item = &Arc<Life>> {
        self.taken.values().flat_map(HashMap::values)
    }

    /// How many a source has.
    fn of(&self, source: Source) -> usize {
        self.taken.get(&source).map_or(0, HashMap::len)
    }

    /// Those of one source that are not leaving already.
    fn present(&self, source: Source) -> Vec<&Arc<Life>> {
        let of_source = self.taken.get(&source).into_iter().flat_map(HashMap::values);
        of_source.filter(|life| !life.is_ending()).collect()
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut slots = self.bounds.lock();
        let source = *self.source.get_mut().unwrap_or_else(PoisonError::into_inner);
        slots.remove(source, self.number);
    }
}

fn give_up_oldest<'a>(lives: impl Iterator<Item = &'a Arc<Life>>) -> bool {
    let mut expendable: Vec<_> = lives.filter_map(|life| life.expendable().map(|key| (key, life))).collect();
    expendable.sort_by_key(|(key, _)| *key);
    // One that got a request in this very moment is passed over.
    expendable.into_iter().any(|(_, life)| life.give_up())
}

#[cfg(test)]
mod tests {
    use super::super::phase::Phase;
    use super::*;
    use std::time::Duration;
    use tokio::time::timeout;

    fn bounds(connections: usize, per_source: usize) -> Arc<Bounds> {
        Bounds::new(Limits { connections, per_source, ..Limits::default() }, Memory::default())
    }

    async fn room(bounds: &Bounds) -> OwnedSemaphorePermit {
        let source = Source::of("192.0.2.99".parse().expect("an address"));
        timeout(Duration::from_secs(20), bounds.room(source)).await.expect("there is room soon")
    }

    async fn slot(bounds: &Arc<Bounds>, remote: &str) -> Option<Arc<Slot>> {
        let permit = room(bounds).await;
        let remote: IpAddr = remote.parse().expect("an address");
        bounds.slot(permit, Source::of(remote), remote.is_loopback())
    }

    #[tokio::test]
    async fn the_oldest_idle_one_makes_room_and_a_busy_one_does_not() {
        let bounds = bounds(3, 9);
        let busy = slot(&bounds, "192.0.2.1").await.expect("a slot");
        busy.life.enter(Phase::Exchange);
        let older = slot(&bounds, "192.0.2.2").await.expect("a slot");
        let younger = slot(&bounds, "192.0.2.3").await.expect("a slot");
        older.life.enter(Phase::Idle);
        younger.life.enter(Phase::Idle);
        let (_permit, ()) = tokio::join!(room(&bounds), async move {
            assert_eq!(older.life.phase(), Phase::Closing, "room() ran first and chose");
            drop(older);
        });
        assert_eq!((busy.life.phase(), younger.life.phase()), (Phase::Exchange, Phase::Idle));
    }

    #[tokio::test]
    async fn room_waits_until_a_busy_one_is_idle() {
        let bounds = bounds(1, 9);
        let only = slot(&bounds, "192.0.2.1").await.expect("a slot");
        only.life.enter(Phase::Exchange);
        let (_permit, ()) = tokio::join!(room(&bounds), async move {
            only.life.enter(Phase::Idle);
            while only.life.phase() != Phase::Closing {
                tokio::task::yield_now().await;
            }
        });
    }

    #[tokio::test]
    async fn a_source_over_its_share_loses_its_own_oldest_or_is_refused() {
        let bounds = bounds(9, 2);
        let other = slot(&bounds, "2001:db8:0:2::1").await.expect("another network");
        let first = slot(&bounds, "2001:db8:0:1::1").await.expect("a slot");
        let second = slot(&bounds, "2001:db8:0:1:ffff::2").await.expect("a slot");
        let third = slot(&bounds, "2001:db8:0:1::3").await.expect("the first one's");
        assert_eq!(first.life.phase(), Phase::Closing);
        second.life.enter(Phase::Exchange);
        third.life.enter(Phase::Exchange);
        assert!(slot(&bounds, "2001:db8:0:1::4").await.is_none());
        assert_eq!(other.life.phase(), Phase::Handshake);
    }

    #[tokio::test]
    async fn loopback_is_no_single_visitor() {
        let bounds = bounds(9, 1);
        let slots = [slot(&bounds, "127.0.0.1").await, slot(&bounds, "127.0.0.1").await, slot(&bounds, "::1").await];
        assert!(slots.iter().flatten().all(|slot| slot.life.phase() == Phase::Handshake));
    }

    #[tokio::test]
    async fn nothing_is_kept_of_a_source_that_has_gone() {
        let bounds = bounds(9, 9);
        let slots = [slot(&bounds, "192.0.2.1").await, slot(&bounds, "192.0.2.1").await];
        assert_eq!(bounds.lock().of(Source::of("192.0.2.1".parse().expect("an address"))), 2);
        drop(slots);
        assert!(bounds.lock().taken.is_empty());
    }

    #[tokio::test]
    async fn a_proxys_connection_counts_as_that_of_whom_it_speaks_for() {
        let bounds = bounds(9, 2);
        let source = |text: &str| Source::of(text.parse().expect("an address"));
        let mut slots = Vec::new();
        for _ in 0..4 {
            let permit = room(&bounds).await;
            slots.extend(bounds.slot(permit, Source::UNIX, true));
        }
        let visitor = "192.0.2.7".parse().expect("an address");
        let taken: Vec<bool> = slots
            .iter()
            .map(|slot| {
                slot.life.enter(Phase::Exchange);
                slot.speaks_for(visitor)
            })
            .collect();
        assert_eq!(taken, [true, true, false, false], "a visitor has no larger share behind a proxy");
        assert!(slots[0].speaks_for(visitor) && slots[2].speaks_for("192.0.2.8".parse().expect("an address")));
        let counts = |bounds: &Bounds| {
            [Source::UNIX, source("192.0.2.7"), source("192.0.2.8")].map(|source| bounds.lock().of(source))
        };
        assert_eq!(counts(&bounds), [1, 2, 1]);
        // One that rests makes room for the same visitor's next one.
        slots[0].life.enter(Phase::Idle);
        assert!(slots[3].speaks_for(visitor));
        assert_eq!(slots[0].life.phase(), Phase::Closing);
        drop(slots);
        assert!(bounds.lock().taken.is_empty());
    }
}
