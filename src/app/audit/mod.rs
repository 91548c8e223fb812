//! The audit log: who did what, and what was tried in vain (SPEC 6).
//!
//! Successes and failures have a journal each, so that failures cannot rotate successes away. What cannot be written, on
//! a partition that turned read-only or full, waits in bounded memory; failures wait there anyway, counted, so that they
//! cost flash one write a minute. `chain` holds the lines together, `read` tells whether any is gone or was touched.

mod buffer;
mod chain;
mod event;
mod read;
#[cfg(test)]
mod tests;

use crate::{App, AppError, seal};
use aws_lc_rs::hmac;
use buffer::{Failures, lost_entries};
use chain::Head;
use signet_domain::secret::Secret;
use signet_store::{Document, Journal, WriteLock};
use std::time::{Duration, Instant};

pub use buffer::Audit;
pub use chain::Entry;
pub use event::{Actor, Deed, Refusal};
pub use read::{AuditState, Break, Log, verify};

/// The least time between two writes that failures bring about.
pub const FAILURES_EVERY: Duration = Duration::from_secs(60);

/// Bytes that a line takes at most: two names of 120 characters and what is around them.
const LINE: usize = 1024;

impl App {
    /// Records what was done, and waits for the medium; where that is not possible it is held.
    pub fn record(&self, by: Actor, deed: Deed<'_>) {
        self.audit.held().push(deed.entry(self.clock.now(), by));
        match self.store.lock() {
            Ok(lock) => {
                self.write_held(&lock);
                // A login may have forgiven failures.
                self.keep_counts(&lock);
            }
            Err(error) => tracing::debug!(%error, "the audit log waits in memory"),
        }
    }

    /// Records what was changed under the lock; where that is not possible it is held.
    pub fn record_under(&self, lock: &WriteLock<'_>, by: Actor, deed: Deed<'_>) {
        self.audit.held().push(deed.entry(self.clock.now(), by));
        self.write_held(lock);
    }

    /// Records what must not happen unrecorded, before it happens.
    pub fn record_first(&self, by: Actor, deed: Deed<'_>) -> Result<(), AppError> {
        let lock = self.store.lock()?;
        self.write_held(&lock);
        // A line may fit where nothing else does; a full partition is refused all the same, by the same rule each time.
        lock.try_room(4 * LINE)?;
        self.write(&lock, Journal::Done, vec![deed.entry(self.clock.now(), by)])
    }

    /// Refuses a change that could not be recorded: to be asked under the lock, before it is made.
    pub fn room_to_record(&self, lock: &WriteLock<'_>) -> Result<(), AppError> {
        Ok(lock.reserve(Journal::Done, LINE)?)
    }

    /// Counts a failure; what is counted is written at once after a quiet minute, else with [`App::catch_up`].
    pub fn record_failure(&self, by: Actor, refusal: Refusal, now: Instant) {
        self.audit.held().count(refusal, by.to_string(), self.clock.now(), 1);
        self.catch_up(now);
    }

    /// Writes what waits, and the counts of wrong guesses: to be called every few seconds.
    pub fn catch_up(&self, now: Instant) {
        let counts = self.counts_have_changed();
        let (successes, failures) = {
            let mut held = self.audit.held();
            let due = held.failures_written.is_none_or(|at| now.saturating_duration_since(at) >= FAILURES_EVERY);
            let failures = due && (counts || !held.failures.is_empty());
            if failures {
                held.failures_written = Some(now);
            }
            (!held.done.is_empty(), failures)
        };
        if !successes && !failures {
            return;
        }
        match self.store.lock() {
            Ok(lock) => {
                self.write_held(&lock);
                if failures {
                    self.write_failures(&lock);
                }
            }
            Err(error) => tracing::debug!(%error, "the audit log waits in memory"),
        }
    }

    /// Writes all that waits: to be called at a clean stop.
    pub fn settle(&self) {
        let counts = self.counts_have_changed();
        let held = self.audit.held();
        let nothing = held.done.is_empty() && held.failures.is_empty() && !counts;
        drop(held);
        if nothing {
            return;
        }
        match self.store.lock() {
            Ok(lock) => {
                self.write_held(&lock);
                self.write_failures(&lock);
            }
            Err(error) => tracing::warn!(%error, "what was held in memory for the audit log is lost"),
        }
    }

    /// Successes, and what a success changes of the counts.
    fn write_held(&self, lock: &WriteLock<'_>) {
        let (entries, lost) = {
            let mut held = self.audit.held();
            (std::mem::take(&mut held.done), std::mem::take(&mut held.lost))
        };
        if entries.is_empty() {
            return;
        }
        let note = (lost > 0).then(|| entries.front().map(|first| lost_entries(first.at, lost))).flatten();
        let all = note.into_iter().chain(entries.iter().cloned()).collect();
        if let Err(error) = self.write(lock, Journal::Done, all) {
            tracing::debug!(%error, "the audit log waits in memory");
            let mut held = self.audit.held();
            held.lost = held.lost.saturating_add(lost);
            let newer = std::mem::take(&mut held.done);
            entries.into_iter().chain(newer).for_each(|entry| held.push(entry));
        }
    }

    fn write_failures(&self, lock: &WriteLock<'_>) {
        let failures = std::mem::take(&mut self.audit.held().failures);
        let entries = failures.iter().map(|one| one.refusal.entry(one.last, one.who.clone(), one.count)).collect();
        if let Err(error) = self.write(lock, Journal::Refused, entries) {
            tracing::debug!(%error, "the log of failures waits in memory");
            let mut held = self.audit.held();
            let newer = std::mem::replace(&mut held.failures, failures);
            for Failures { refusal, who, count, last } in newer {
                held.count(refusal, who, last, count);
            }
        }
        self.keep_counts(lock);
    }

    fn keep_counts(&self, lock: &WriteLock<'_>) {
        if let Err(error) = self.write_counts(lock) {
            tracing::debug!(%error, "the counts of wrong guesses wait in memory");
        }
    }

    /// Lines, then the head: a power cut between leaves lines that prove themselves behind a head that is late.
    fn write(&self, lock: &WriteLock<'_>, journal: Journal, entries: Vec<Entry>) -> Result<(), AppError> {
        if entries.is_empty() {
            return Ok(());
        }
        let key = self.audit_key(lock)?;
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

    /// The kept head, moved on to the last line that proves itself. One that is gone or touched is told for good.
    fn head_to_go_on_from(&self, lock: &WriteLock<'_>, key: &hmac::Key, journal: Journal) -> Result<Head, AppError> {
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
    fn take_up(&self, key: &hmac::Key, head: &mut Head) -> Result<(), AppError> {
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
    fn audit_key(&self, lock: &WriteLock<'_>) -> Result<hmac::Key, AppError> {
        let seal_key = match self.store.seal_key()? {
            Some(key) => key,
            None => {
                let key = Secret::new(crate::random::bytes::<32>()?.to_vec());
                lock.put_seal_key(&key)?;
                key
            }
        };
        seal::audit_key(&seal_key)
    }
}
