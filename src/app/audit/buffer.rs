//! What the audit log has not written yet, in bounded memory: successes in order, failures counted by source.

use super::chain::Entry;
use super::event::{Actor, Refusal};
use jiff::Timestamp;
use std::collections::VecDeque;

/// Successes that wait in memory at most; over it the oldest are lost, and their number is recorded.
pub(super) const HELD: usize = 256;
/// Kinds of failures, by source, that are counted apart; over it they are counted together.
pub(super) const COUNTED: usize = 64;

/// What waits to be written.
#[derive(Debug, Default)]
pub(super) struct Buffer {
    pub(super) done: VecDeque<Entry>,
    pub(super) lost: u32,
    pub(super) failures: Vec<Failures>,
}

#[derive(Debug)]
pub(super) struct Failures {
    pub(super) refusal: Refusal,
    pub(super) who: String,
    pub(super) count: u32,
    pub(super) last: Timestamp,
}

impl Buffer {
    pub(super) fn push(&mut self, entry: Entry) {
        if self.done.len() >= HELD {
            self.done.pop_front();
            self.lost = self.lost.saturating_add(1);
        }
        self.done.push_back(entry);
    }

    pub(super) fn count(&mut self, refusal: Refusal, who: String, at: Timestamp, times: u32) {
        let known = self.failures.iter().position(|one| one.refusal == refusal && one.who == who);
        let full = self.failures.len() >= COUNTED;
        let others = || self.failures.iter().position(|one| one.refusal == refusal && one.who == OTHERS);
        match known.or_else(|| full.then(others).flatten()).and_then(|place| self.failures.get_mut(place)) {
            Some(one) => {
                one.count = one.count.saturating_add(times);
                one.last = at;
            }
            None => {
                let who = if full { OTHERS.to_owned() } else { who };
                self.failures.push(Failures { refusal, who, count: times, last: at });
            }
        }
    }
}

/// Whose failures are counted together when too many sources fail at once.
pub(super) const OTHERS: &str = "other addresses";

/// The entry that tells how many were lost.
pub(super) fn lost_entries(at: Timestamp, count: u32) -> Entry {
    let (who, what) = (Actor::Console.to_string(), "lost".to_owned());
    Entry { n: 0, at, who, caller: None, what, csr: None, detail: None, count: Some(count), prev: String::new() }
}
