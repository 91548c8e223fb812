//! The audit log's chain: whether a line is missing or was touched.

use super::{Report, State, sentence};
use crate::audit::{AuditLog, AuditState, Break};
use std::time::Duration;

/// Looks at a log that seems broken, since somebody may be writing it just then; the doctor takes no lock.
const LOOKS: usize = 4;
const PAUSE: Duration = Duration::from_millis(50);

/// Verifies the chain.
pub(super) fn whole(report: &mut Report, log: &AuditLog) {
    let state = match looked(log) {
        Ok(state) => state,
        Err(error) => return report.add("audit", State::Broken, sentence(&error), error.fix()),
    };
    for one in &state.breaks {
        // What was resumed was told when it happened, and stays in the log until rotation takes it.
        let level = if matches!(one, Break::Resumed { .. }) { State::Attention } else { State::Broken };
        report.add(
            "audit",
            level,
            sentence(one),
            "Find out who can write to the data directory; a copy of the log from elsewhere tells what was there.",
        );
    }
    if state.breaks.is_empty() {
        let torn = if state.torn > 0 { format!(", {} more cut by a power failure", state.torn) } else { String::new() };
        report.fine("audit", format!("The audit log is whole: {} lines{torn}.", state.entries));
    }
}

fn looked(log: &AuditLog) -> Result<AuditState, crate::AppError> {
    let mut state = log.read()?.state;
    for _ in 1..LOOKS {
        if state.breaks.is_empty() {
            break;
        }
        std::thread::sleep(PAUSE);
        state = log.read()?.state;
    }
    Ok(state)
}
