//! The sums of the budget, and the choice of whom to cut. It knows no locks and waits for nothing.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::time::Instant;

use super::super::phase::Life;
use super::{LEAVING, RECOGNISED, UsedUp};

#[derive(Debug)]
pub(super) struct State {
    /// Bytes for connections, in all.
    pub(super) all: usize,
    pub(super) strangers: usize,
    pub(super) recognised: usize,
    /// Of the strangers' bytes, those whose connections were cut and are about to end.
    pub(super) leaving: usize,
    pub(super) next: u64,
    pub(super) accounts: HashMap<u64, Entry>,
}

#[derive(Debug)]
pub(super) struct Entry {
    pub(super) life: Arc<Life>,
    pub(super) held: Held,
    pub(super) recognised: bool,
    pub(super) cut: bool,
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
    /// One request: its head and body, the work on it, its answer.
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

    /// Lets `more` be held, at the expense of the slowest strangers where it does not fit; `but` is never one of them.
    pub(super) fn make_room(&mut self, recognised: bool, more: usize, but: Option<u64>) -> Result<(), UsedUp> {
        if self.fits(recognised, more, 0) {
            return Ok(());
        }
        loop {
            if self.leaving > LEAVING {
                return Err(UsedUp);
            }
            if self.fits(recognised, more, self.leaving) {
                return Ok(());
            }
            if !self.cut_slowest(but) {
                return Err(UsedUp);
            }
        }
    }

    /// Cuts the stranger who holds most for longest with the least progress; false where there is none to be cut.
    pub(super) fn cut_slowest(&mut self, but: Option<u64>) -> bool {
        let now = Instant::now();
        let candidates =
            self.accounts.iter_mut().filter(|(number, entry)| !entry.cut && !entry.recognised && but != Some(**number));
        let cost = |entry: &Entry| entry.life.slowness(now).map(|slowness| slowness * entry.held.sum() as u128);
        let costs = candidates.filter_map(|(_, entry)| cost(entry).map(|cost| (cost, entry)));
        let Some((_, entry)) = costs.max_by_key(|(cost, _)| *cost) else { return false };
        entry.cut = true;
        self.leaving += entry.held.sum();
        entry.life.cut();
        true
    }

    /// Changes what one account holds for `part`.
    pub(super) fn change(&mut self, number: u64, part: Part, to: impl FnOnce(usize) -> usize) {
        let Some(entry) = self.accounts.get_mut(&number) else { return };
        let (recognised, cut) = (entry.recognised, entry.cut);
        let held = entry.held.part(part);
        let (before, after) = (*held, to(*held));
        *held = after;
        let replaced = |sum: usize| (sum + after).saturating_sub(before);
        match recognised {
            true => self.recognised = replaced(self.recognised),
            false => self.strangers = replaced(self.strangers),
        }
        if cut {
            self.leaving = replaced(self.leaving);
        }
    }
}
