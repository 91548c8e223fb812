//! The sums of the budget, and the choice of who is cut. It knows no locks and waits for nothing.

use std::collections::{BinaryHeap, HashMap};
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use tokio::time::Instant;

use super::super::phase::Life;
use super::super::source::Source;
use super::{LEAVING, RECOGNISED, UsedUp};

#[derive(Debug, Default)]
pub(super) struct State {
    /// Bytes for connections, in all.
    pub(super) all: usize,
    pub(super) strangers: usize,
    pub(super) recognised: usize,
    /// Of the strangers' bytes, those whose connections were cut and are about to end.
    pub(super) leaving: usize,
    pub(super) next: u64,
    pub(super) accounts: HashMap<u64, Entry, BuildHasherDefault<ByNumber>>,
    /// Of the strangers' bytes, those of each source that has a connection.
    pub(super) sources: HashMap<Source, Arc<AtomicUsize>>,
}

/// Accounts have our own numbers, one after the other: nobody chooses which of them collide, and a request looks its own up often.
#[derive(Debug, Default)]
pub(super) struct ByNumber(u64);

impl Hasher for ByNumber {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64(self.0 ^ u64::from(*byte)));
    }

    fn write_u64(&mut self, number: u64) {
        // 2^64 by the golden ratio: neighbours are far from each other in all bits.
        self.0 = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[derive(Debug)]
pub(super) struct Entry {
    pub(super) life: Arc<Life>,
    pub(super) source: Source,
    /// As in [`State::sources`].
    of_source: Arc<AtomicUsize>,
    pub(super) held: Held,
    pub(super) recognised: bool,
    pub(super) cut: bool,
}

/// Who needs room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// The application itself.
    Console,
    /// A visitor that the application knows, with the number of their account.
    Recognised(u64),
    /// Any other one, and what their source holds; one who has just come has no account.
    Stranger(Option<u64>, usize),
}

#[derive(Debug, Default)]
pub(super) struct Held {
    pub(super) connection: usize,
    pub(super) exchange: usize,
    pub(super) request: usize,
}

/// What memory is held for; each part is given back on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// The connection itself.
    Connection,
    /// Its handshake, or HTTP's buffers.
    Exchange,
    /// One request: its head and body, the work on it, its response.
    Request,
}

impl Held {
    pub(super) fn part(&mut self, part: Part) -> &mut usize {
        match part {
            Part::Connection => &mut self.connection,
            Part::Exchange => &mut self.exchange,
            Part::Request => &mut self.request,
        }
    }

    pub(super) fn sum(&self) -> usize {
        self.connection + self.exchange + self.request
    }
}

impl Entry {
    /// The account's owner, when they need room.
    pub(super) fn by(&self, number: u64) -> By {
        if self.recognised { By::Recognised(number) } else { By::Stranger(Some(number), self.of_source.load(Relaxed)) }
    }

    /// Replaces what it is in the sums.
    fn count(&self, sums: (&mut usize, &mut usize), before: usize, after: usize) {
        let (strangers, recognised) = sums;
        let replaced = |sum: usize| (sum + after).saturating_sub(before);
        if self.recognised {
            *recognised = replaced(*recognised);
            return;
        }
        *strangers = replaced(*strangers);
        // Under the lock of the whole state.
        self.of_source.store(replaced(self.of_source.load(Relaxed)), Relaxed);
    }
}

impl State {
    /// What strangers may hold. A quarter of their part is left for the gaps that sizes of all kinds leave in an allocator's
    /// memory: without that a mixed crowd took twice what it was charged.
    pub(super) fn for_strangers(&self) -> usize {
        self.all.saturating_sub(RECOGNISED) / 4 * 3
    }

    /// Whether `more` fits when `gone` bytes of strangers have been given back.
    pub(super) fn fits(&self, recognised: bool, more: usize, gone: usize) -> bool {
        let strangers = self.strangers.saturating_sub(gone);
        strangers + self.recognised + more <= self.all && (recognised || strangers + more <= self.for_strangers())
    }

    /// Lets `more` be held by somebody, at the expense of the slowest strangers where it does not fit.
    pub(super) fn make_room(&mut self, by: By, more: usize) -> Result<(), UsedUp> {
        let recognised = matches!(by, By::Recognised(_));
        let granted = |state: &Self| state.leaving <= LEAVING && state.fits(recognised, more, state.leaving);
        if self.fits(recognised, more, 0) || granted(self) {
            return Ok(());
        }
        // A little more than is needed: to check all accounts for each newcomer would cost more than its handshake.
        let spare = self.for_strangers() / 32;
        self.cut_until(by, |state| state.leaving > LEAVING || state.fits(recognised, more + spare, state.leaving));
        granted(self).then_some(()).ok_or(UsedUp)
    }

    /// What a source's strangers hold.
    pub(super) fn held_by(&self, source: Source) -> usize {
        self.sources.get(&source).map_or(0, |bytes| bytes.load(Relaxed))
    }

    /// True for a source that holds less than half of what it would if all sources held the same.
    pub(super) fn is_little(&self, of_source: usize) -> bool {
        of_source < self.strangers / self.sources.len().max(1) / 2
    }

    /// An account with `bytes` for a stranger; its number.
    pub(super) fn open(&mut self, life: Arc<Life>, source: Source, bytes: usize) -> u64 {
        let number = self.next;
        self.next += 1;
        let of_source = Arc::clone(self.sources.entry(source).or_default());
        let entry = Entry { life, source, of_source, held: Held::default(), recognised: false, cut: false };
        self.accounts.insert(number, entry);
        self.change(number, Part::Connection, |_| bytes);
        number
    }

    /// Ends an account; what it holds is given back.
    pub(super) fn close(&mut self, number: u64) {
        for part in [Part::Connection, Part::Exchange, Part::Request] {
            self.change(number, part, |_| 0);
        }
        let Some(entry) = self.accounts.remove(&number) else { return };
        self.leave(entry.source, &entry.of_source);
    }

    /// An account of the source ends, or becomes another's.
    fn leave(&mut self, source: Source, of_source: &Arc<AtomicUsize>) {
        // The other one is in `sources`.
        if Arc::strong_count(of_source) == 2 {
            self.sources.remove(&source);
        }
    }

    /// What an account holds counts as another source's from here on: a proxy has said whom it speaks for.
    pub(super) fn moves(&mut self, number: u64, source: Source) {
        let of_source = Arc::clone(self.sources.entry(source).or_default());
        let Some(entry) = self.accounts.get_mut(&number) else { return };
        if !entry.recognised {
            let held = entry.held.sum();
            // Under the lock of the whole state.
            entry.of_source.store(entry.of_source.load(Relaxed).saturating_sub(held), Relaxed);
            of_source.store(of_source.load(Relaxed) + held, Relaxed);
        }
        let before = std::mem::replace(&mut entry.source, source);
        let of_before = std::mem::replace(&mut entry.of_source, of_source);
        self.leave(before, &of_before);
    }

    /// What an account holds counts as a known visitor's, or as a stranger's, from here on.
    pub(super) fn recognise(&mut self, number: u64, known: bool) {
        let Some(entry) = self.accounts.get_mut(&number) else { return };
        if entry.recognised == known || entry.cut {
            return;
        }
        let held = entry.held.sum();
        entry.count((&mut self.strangers, &mut self.recognised), held, 0);
        entry.recognised = known;
        entry.count((&mut self.strangers, &mut self.recognised), 0, held);
    }

    /// Cuts strangers until it is enough, as far as there are any to be cut: those who hold most for longest with the least
    /// progress. No stranger takes the place of one whose source holds little, however slow that one is; and one whose source
    /// holds more than that takes no place of a young connection, so that a crowd cannot be renewed without end.
    pub(super) fn cut_until(&mut self, by: By, enough: impl Fn(&Self) -> bool) {
        if enough(self) {
            return;
        }
        let (number, of_crowd) = match by {
            By::Console => (None, None),
            By::Recognised(number) => (Some(number), None),
            By::Stranger(number, of_source) => (number, Some(!self.is_little(of_source))),
        };
        let now = Instant::now();
        let cost = |entry: &Entry| {
            let holds_little = self.is_little(entry.of_source.load(Relaxed));
            let spared = of_crowd.is_some_and(|of_crowd| holds_little || of_crowd && entry.life.is_young(now));
            let slowness = entry.life.slowness(now).filter(|_| !spared)?;
            Some((!holds_little, slowness * entry.held.sum() as u128))
        };
        let strangers = self.accounts.iter().filter(|(_, entry)| !entry.cut && !entry.recognised);
        let others = strangers.filter(|(other, _)| number != Some(**other));
        let mut slowest: BinaryHeap<_> =
            others.filter_map(|(number, entry)| cost(entry).map(|cost| (cost, *number))).collect();
        while !enough(self) {
            let Some((_, number)) = slowest.pop() else { return };
            self.cut(number);
        }
    }

    fn cut(&mut self, number: u64) {
        let Some(entry) = self.accounts.get_mut(&number) else { return };
        entry.cut = true;
        self.leaving += entry.held.sum();
        entry.life.cut();
    }

    /// Changes what one account holds for `part`.
    pub(super) fn change(&mut self, number: u64, part: Part, to: impl FnOnce(usize) -> usize) {
        let Some(entry) = self.accounts.get_mut(&number) else { return };
        let held = entry.held.part(part);
        let (before, after) = (*held, to(*held));
        *held = after;
        entry.count((&mut self.strangers, &mut self.recognised), before, after);
        if entry.cut {
            self.leaving = (self.leaving + after).saturating_sub(before);
        }
    }
}
