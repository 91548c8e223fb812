//! Writes what waits in memory: the audit log's entries and the counts of wrong guesses, under one lock.
//!
//! Failures cost flash one write a minute, however many there are. Neither the log nor the counts know when they are written:
//! it is decided here, for both together.

use crate::attempts::Attempts;
use crate::audit::{Actor, AuditLog, Event};
use signet_store::{Store, WriteLock};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The least time between two writes that failures bring about.
pub const FAILURES_EVERY: Duration = Duration::from_secs(60);

/// The writer of what waits.
#[derive(Debug)]
pub struct Flush {
    store: Store,
    audit: Arc<AuditLog>,
    attempts: Arc<Attempts>,
    failures_written: Mutex<Option<Instant>>,
}

impl Flush {
    /// A writer of this log and these counts.
    pub fn new(store: Store, audit: Arc<AuditLog>, attempts: Arc<Attempts>) -> Self {
        Self { store, audit, attempts, failures_written: Mutex::default() }
    }

    /// Records what was done, and writes the counts that it changed: a login forgives failures.
    pub fn record(&self, by: Actor, event: Event<'_>) {
        self.audit.hold(by, event);
        match self.store.lock() {
            Ok(lock) => {
                self.audit.write_waiting(&lock);
                self.write_counts(&lock);
            }
            Err(error) => tracing::debug!(%error, "the audit log waits in memory"),
        }
    }

    /// Writes what waits and is due. To be called after a failure, which is written at once after a quiet minute, and every
    /// few seconds.
    pub fn due(&self, now: Instant) {
        let failures = self.failures_are_due(now);
        if !failures && !self.audit.has_waiting() {
            return;
        }
        match self.store.lock() {
            Ok(lock) => self.write(&lock, failures),
            Err(error) => tracing::debug!(%error, "the audit log waits in memory"),
        }
    }

    /// Writes all that waits: to be called at a clean stop.
    pub fn all(&self) {
        if !self.audit.has_waiting() && !self.failures_wait() {
            return;
        }
        match self.store.lock() {
            Ok(lock) => self.write(&lock, true),
            Err(error) => tracing::warn!(%error, "what waited in memory for the audit log is lost"),
        }
    }

    /// True when failures wait and none were written within the last minute; this then counts as the next write.
    fn failures_are_due(&self, now: Instant) -> bool {
        let mut written = self.failures_written.lock().unwrap_or_else(PoisonError::into_inner);
        let quiet = written.is_none_or(|at| now.saturating_duration_since(at) >= FAILURES_EVERY);
        let due = quiet && self.failures_wait();
        if due {
            *written = Some(now);
        }
        due
    }

    fn failures_wait(&self) -> bool {
        self.audit.has_failures() || self.attempts.have_changed()
    }

    fn write(&self, lock: &WriteLock<'_>, failures: bool) {
        self.audit.write_waiting(lock);
        if failures {
            self.audit.write_failures(lock);
            self.write_counts(lock);
        }
    }

    fn write_counts(&self, lock: &WriteLock<'_>) {
        if let Err(error) = self.attempts.write(lock) {
            tracing::debug!(%error, "the counts of wrong guesses wait in memory");
        }
    }
}
