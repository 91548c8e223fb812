//! The audit log as it is read: newest first, and whether it is whole.
//!
//! Nothing is changed here. A log that is written to while it is read may look broken; it is then read again, while nobody
//! writes.

use super::AuditLog;
use super::chain::{self, Entry, Head};
use super::error::Break;
use crate::{Failure, seal};
use aws_lc_rs::hmac;
use signet_store::{Document, Journal};

/// The log and its state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// All lines that prove themselves, newest first.
    pub entries: Vec<Entry>,
    /// Whether there were more.
    pub state: AuditState,
}

/// Whether the log is whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditState {
    /// Lines that prove themselves.
    pub entries: usize,
    /// Lines that a power cut left unfinished, with none missing around them: no damage.
    pub torn: usize,
    /// Entries that wait in this process's memory, since the partition does not take them.
    pub held: usize,
    /// What is wrong; empty for a log that is whole.
    pub breaks: Vec<Break>,
}

impl AuditLog {
    /// The log, newest first, and its state.
    pub fn read(&self) -> Result<Log, Failure> {
        let log = self.read_once()?;
        if log.state.breaks.is_empty() {
            return Ok(log);
        }
        match self.store.lock() {
            Ok(_lock) => self.read_once(),
            // Nobody writes there, or somebody does for so long that the first look must do.
            Err(_) => Ok(log),
        }
    }

    fn read_once(&self) -> Result<Log, Failure> {
        let head = self.store.document(Document::AuditHead)?;
        let journals = [Journal::Done, Journal::Refused];
        let lines = [self.store.journal(Journal::Done)?, self.store.journal(Journal::Refused)?];
        let mut state = AuditState { held: self.buffer().done.len(), ..AuditState::default() };
        // Without a key no line was ever written.
        let key = self.store.seal_key()?.map(|key| seal::audit_key(&key)).transpose()?;
        let parsed = key.as_ref().zip(head.as_ref()).and_then(|(key, text)| Head::parse(key, text));
        let empty = lines.iter().all(Vec::is_empty);
        let unexpected = !empty || head.is_some() || (self.store.owner()?.is_some() && state.held == 0);
        if parsed.is_none() && unexpected {
            state.breaks.push(Break::Head);
        }
        let known = parsed.is_some();
        let head = parsed.unwrap_or_default();
        let mut found = Vec::new();
        for (journal, lines) in journals.into_iter().zip(&lines) {
            let mut reading = Reading { state: &mut state, journal, entries: Vec::new(), last: None };
            if let Some(key) = &key {
                reading.lines(key, lines);
            }
            if known {
                reading.ends(head.of(journal));
            }
            found.push(reading.entries);
        }
        let entries = merged(found);
        state.entries = entries.len();
        Ok(Log { entries, state })
    }
}

struct Reading<'a> {
    state: &'a mut AuditState,
    journal: Journal,
    entries: Vec<Entry>,
    /// The MAC of the last line.
    last: Option<String>,
}

impl Reading<'_> {
    fn lines(&mut self, key: &hmac::Key, lines: &[String]) {
        let journal = self.journal;
        let mut told = false;
        for (at, line) in lines.iter().enumerate() {
            let Some((entry, mac)) = chain::read(key, journal, line) else {
                // Half a line does not end as lines do. If one was cut by hand, the numbers around it tell.
                if line.ends_with("\"}") {
                    self.state.breaks.push(Break::Changed { journal, line: at + 1 });
                    told = true;
                } else {
                    self.state.torn += 1;
                }
                continue;
            };
            if let (Some(before), Some(last)) = (self.entries.last(), &self.last)
                && !(told && entry.n > before.n)
                && (entry.n != before.n + 1 || entry.prev != *last)
            {
                self.state.breaks.push(Break::Gap { journal, after: before.n, before: entry.n });
            }
            told = false;
            self.last = Some(mac);
            self.entries.push(entry);
        }
    }

    fn ends(&mut self, end: &chain::End) {
        let journal = self.journal;
        let (first, last) = (self.entries.first().map(|entry| entry.n), self.entries.last().map_or(0, |entry| entry.n));
        // A head that is late may not know of the last rotation.
        let late = last > end.n;
        if first.is_some_and(|first| first != end.older_from.max(1) && !(late && first == end.newer_from)) {
            self.state.breaks.push(Break::Beginning { journal, from: end.older_from.max(1) });
        }
        let other = last == end.n && self.last.as_ref().is_some_and(|mac| *mac != end.mac);
        if last < end.n || other {
            self.state.breaks.push(Break::End { journal, to: end.n });
        }
        if let Some(n) = end.resumed.filter(|n| first.is_none_or(|first| *n >= first)) {
            self.state.breaks.push(Break::Resumed { journal, n });
        }
    }
}

/// Newest first by the device's clock; within a journal in its own order, whatever the clock did.
fn merged(mut journals: Vec<Vec<Entry>>) -> Vec<Entry> {
    let mut entries = Vec::with_capacity(journals.iter().map(Vec::len).sum());
    while let Some(newest) =
        journals.iter_mut().filter(|one| !one.is_empty()).max_by_key(|one| one.last().map(|e| e.at))
    {
        entries.extend(newest.pop());
    }
    entries
}
