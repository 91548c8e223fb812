//! The audit log: who did what, and what was tried in vain (docs/reference.md).
//!
//! Successes and failures have a journal each, so that failures cannot rotate successes away. What cannot be written, on
//! a partition that turned read-only or full, waits in bounded memory; failures wait there anyway, counted, so that they
//! cost flash one write a minute. `chain` holds the lines together, `read` says whether any is missing or was changed.

mod buffer;
mod caller;
mod chain;
mod error;
mod event;
mod read;
#[cfg(test)]
mod tests;

use crate::clock::Clock;
use crate::{Failure, seal};
use aws_lc_rs::hmac;
use buffer::{Buffer, Failures, lost_entries};
use chain::Head;
use signet_store::{Document, Journal, Store, WriteLock};
use std::sync::{Mutex, MutexGuard, PoisonError};

pub use caller::{Caller, set_caller};
pub use chain::Entry;
pub use error::Break;
pub use event::{Actor, Event, Refusal};
pub use read::{AuditState, Log};

/// Bytes that a line takes at most: two names of 120 characters and what is around them.
const LINE: usize = 1024;

/// The audit log of one data directory.
#[derive(Debug)]
pub struct AuditLog {
    store: Store,
    clock: Clock,
    buffer: Mutex<Buffer>,
}

impl AuditLog {
    /// The log of a data directory, with nothing waiting to be written.
    pub fn new(store: Store, clock: Clock) -> Self {
        Self { store, clock, buffer: Mutex::default() }
    }

    /// Records what was done, and waits for the medium; where that is not possible it waits in memory.
    pub fn record(&self, by: Actor, event: Event<'_>) {
        self.hold(by, event);
        match self.store.lock() {
            Ok(lock) => self.write_waiting(&lock),
            Err(error) => tracing::debug!(%error, "the audit log waits in memory"),
        }
    }

    /// Records what was changed under the lock; where that is not possible it waits in memory.
    pub fn record_under(&self, lock: &WriteLock<'_>, by: Actor, event: Event<'_>) {
        self.hold(by, event);
        self.write_waiting(lock);
    }

    /// Records what must not happen unrecorded, before it happens.
    pub fn record_first(&self, by: Actor, event: Event<'_>) -> Result<(), Failure> {
        let lock = self.store.lock()?;
        self.write_waiting(&lock);
        // A line may fit where nothing else does; a full partition is refused all the same, by the same rule each time.
        lock.try_room(4 * LINE)?;
        self.write(&lock, Journal::Done, vec![event.entry(self.clock.now(), by)])
    }

    /// Refuses a change that could not be recorded: to be asked under the lock, before it is made.
    pub fn room_to_record(&self, lock: &WriteLock<'_>) -> Result<(), Failure> {
        self.room_to_record_several(lock, 1)
    }

    /// As [`AuditLog::room_to_record`], for so many lines.
    pub fn room_to_record_several(&self, lock: &WriteLock<'_>, lines: usize) -> Result<(), Failure> {
        // Half a file at most: what is beyond that begins a new one anyway.
        Ok(lock.reserve(Journal::Done, LINE.saturating_mul(lines).min(Journal::Done.file_size() / 2))?)
    }

    /// Puts what was done into memory, to be written by [`AuditLog::write_waiting`].
    pub(crate) fn hold(&self, by: Actor, event: Event<'_>) {
        self.buffer().push(event.entry(self.clock.now(), by));
    }

    /// Counts a failure in memory, to be written by [`AuditLog::write_failures`].
    pub(crate) fn count_failure(&self, by: Actor, refusal: Refusal) {
        self.buffer().count(refusal, by.to_string(), self.clock.now(), 1);
    }

    /// True when something that was done waits in memory.
    pub(crate) fn has_waiting(&self) -> bool {
        !self.buffer().done.is_empty()
    }

    /// True when failures wait in memory.
    pub(crate) fn has_failures(&self) -> bool {
        !self.buffer().failures.is_empty()
    }

    /// Writes what was done and waits; what cannot be written waits on.
    pub(crate) fn write_waiting(&self, lock: &WriteLock<'_>) {
        let (entries, lost) = {
            let mut buffer = self.buffer();
            (std::mem::take(&mut buffer.done), std::mem::take(&mut buffer.lost))
        };
        if entries.is_empty() {
            return;
        }
        let note = (lost > 0).then(|| entries.front().map(|first| lost_entries(first.at, lost))).flatten();
        let all = note.into_iter().chain(entries.iter().cloned()).collect();
        if let Err(error) = self.write(lock, Journal::Done, all) {
            tracing::debug!(%error, "the audit log waits in memory");
            let mut buffer = self.buffer();
            buffer.lost = buffer.lost.saturating_add(lost);
            let newer = std::mem::take(&mut buffer.done);
            entries.into_iter().chain(newer).for_each(|entry| buffer.push(entry));
        }
    }

    /// Writes the failures that were counted; what cannot be written waits on.
    pub(crate) fn write_failures(&self, lock: &WriteLock<'_>) {
        let failures = std::mem::take(&mut self.buffer().failures);
        let entries = failures.iter().map(|one| one.refusal.entry(one.last, one.who.clone(), one.count)).collect();
        if let Err(error) = self.write(lock, Journal::Refused, entries) {
            tracing::debug!(%error, "the log of failures waits in memory");
            let mut buffer = self.buffer();
            let newer = std::mem::replace(&mut buffer.failures, failures);
            for Failures { refusal, who, count, last } in newer {
                buffer.count(refusal, who, last, count);
            }
        }
    }

    /// Lines, then the head: a power cut between leaves lines that prove themselves behind a head that is late.
    fn write(&self, lock: &WriteLock<'_>, journal: Journal, entries: Vec<Entry>) -> Result<(), Failure> {
        if entries.is_empty() {
            return Ok(());
        }
        let key = self.key(lock)?;
        let mut head = self.head_to_go_on_from(lock, &key, journal)?;
        let end = head.of_mut(journal);
        let first = end.n + 1;
        let lines: Vec<String> = entries.into_iter().map(|entry| end.next(&key, journal, entry)).collect();
        let begun = lock.append(journal, &lines.iter().map(String::as_str).collect::<Vec<_>>())?;
        if begun {
            end.older_from = if first == 1 { 1 } else { end.newer_from };
            end.newer_from = first;
        }
        if let Err(error) = lock.put_document(Document::AuditHead, head.to_text(&key).as_bytes()) {
            tracing::debug!(%error, "the audit log's head is late");
        }
        Ok(())
    }

    /// The kept head, moved on to the last line that proves itself. One that is missing or changed is reported for good.
    fn head_to_go_on_from(&self, lock: &WriteLock<'_>, key: &hmac::Key, journal: Journal) -> Result<Head, Failure> {
        let kept = self.store.document(Document::AuditHead)?.and_then(|text| Head::parse(key, &text));
        let last = self.store.last_line(journal).and_then(|line| chain::read(key, journal, &line));
        if let (Some(head), Some((last, _))) = (&kept, &last)
            && last.n <= head.of(journal).n
        {
            // As it nearly always is: the head knows of the last line, and nothing else has to be read.
            return Ok(head.clone());
        }
        let newer = self.store.newer_journal(journal)?;
        let read = |line: &String| chain::read(key, journal, line);
        let last = newer.iter().rev().find_map(read);
        let found = kept.is_some();
        let mut head = kept.unwrap_or_default();
        if !found {
            self.take_up(key, &mut head)?;
            // Before the first line, so that a cut between the two does not look like a head that was taken away.
            lock.put_document(Document::AuditHead, head.to_text(key).as_bytes())?;
        }
        let end = head.of_mut(journal);
        if let Some((entry, mac)) = last.filter(|(entry, _)| entry.n > end.n) {
            // The head is late. Was the file begun meanwhile, too?
            if let Some((first, _)) = newer.iter().find_map(read).filter(|(first, _)| first.n > end.n) {
                end.older_from = if first.n == 1 { 1 } else { end.newer_from };
                end.newer_from = first.n;
            }
            (end.n, end.mac) = (entry.n, mac);
        }
        Ok(head)
    }

    /// A head for journals that have none: nothing but their own lines says where they end.
    fn take_up(&self, key: &hmac::Key, head: &mut Head) -> Result<(), Failure> {
        for journal in [Journal::Done, Journal::Refused] {
            let (all, newer) = (self.store.journal(journal)?, self.store.newer_journal(journal)?);
            let read = |line: &String| chain::read(key, journal, line);
            let end = head.of_mut(journal);
            if let Some((entry, mac)) = all.iter().rev().find_map(read) {
                (end.n, end.mac) = (entry.n, mac);
            }
            end.older_from = all.iter().find_map(read).map_or(0, |(entry, _)| entry.n);
            end.newer_from = newer.iter().find_map(read).map_or(0, |(entry, _)| entry.n);
            end.resumed = (!all.is_empty()).then_some(end.n + 1);
        }
        Ok(())
    }

    /// The log's key, from the unit's seal key, which is made when there is none.
    fn key(&self, lock: &WriteLock<'_>) -> Result<hmac::Key, Failure> {
        seal::audit_key(&seal::ensure_key_under(&self.store, lock)?)
    }

    fn buffer(&self) -> MutexGuard<'_, Buffer> {
        self.buffer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
