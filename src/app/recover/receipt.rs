//! What a recovery leaves in the audit log: its last line, or after a reset the first.

use super::{AppError, Intent};
use crate::store::{Journal, StoreError, WriteLock};

/// Takes the logs away (a reset).
pub(super) fn clear(lock: &WriteLock<'_>) -> Result<(), AppError> {
    for journal in [Journal::Done, Journal::Refused] {
        lock.remove_journal(journal)?;
    }
    Ok(())
}

/// Leaves the receipt, once an intent. A partition without room must not keep the console from starting: then there is
/// none, and the system's log says so.
pub(super) fn leave(lock: &WriteLock<'_>, intent: &Intent) -> Result<(), AppError> {
    let line = serde_json::json!({
        "time": intent.begun.to_string(),
        "event": "recovery",
        "what": intent.recovery.word(),
        "new_code": intent.code_hash.is_some(),
        "id": intent.id,
    })
    .to_string();
    let written = lock.store().journal(Journal::Done)?.iter().any(|kept| kept.contains(&intent.id));
    if written {
        return Ok(());
    }
    match lock.append(Journal::Done, &[&line]) {
        Err(error @ StoreError::NoSpace { .. }) => {
            tracing::warn!(%error, "the recovery could not be noted in the audit log");
            Ok(())
        }
        other => Ok(other?),
    }
}
