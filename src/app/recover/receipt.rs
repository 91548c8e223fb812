//! What a recovery leaves in the audit log: its last line, or after a reset the first.

use super::{Failure, Intent, Recoveries};
use crate::audit::{Actor, Entry, Event};
use signet_store::{Document, Journal, WriteLock};

/// Takes the logs away (a reset).
pub(super) fn clear(lock: &WriteLock<'_>) -> Result<(), Failure> {
    for journal in [Journal::Done, Journal::Refused] {
        lock.remove_journal(journal)?;
    }
    lock.remove_document(Document::AuditHead)?;
    Ok(())
}

/// Leaves the receipt, once an intent. A partition without room must not keep the console from starting: then the line
/// waits in memory, as others do.
pub(super) fn leave(recoveries: &Recoveries, lock: &WriteLock<'_>, intent: &Intent) -> Result<(), Failure> {
    let what = intent.recovery.word();
    let last =
        recoveries.store.journal(Journal::Done)?.last().and_then(|line| serde_json::from_str::<Entry>(line).ok());
    let is_there = last
        .is_some_and(|last| last.what == RECOVERY && last.detail.as_deref() == Some(what) && last.at >= intent.begun);
    if !is_there {
        recoveries.audit.record_under(lock, Actor::command_line(), Event::Recovered { what });
    }
    Ok(())
}

/// The log's word for it.
const RECOVERY: &str = "recovery";
