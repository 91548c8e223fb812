//! The audit log's chain: whether a line is missing or was touched.

use super::{Finding, Report, State, sentence};
use crate::audit::{AuditLog, AuditState, Break};
use crate::messages::{Said, check as say};
use std::time::Duration;

/// Looks at a log that seems broken, since somebody may be writing it just then; the doctor takes no lock.
const LOOKS: usize = 4;
const PAUSE: Duration = Duration::from_millis(50);

/// Verifies the chain.
pub(super) fn whole(report: &mut Report, log: &AuditLog) {
    let state = match looked(log) {
        Ok(state) => state,
        Err(error) => {
            report.broken("audit", "unreadable", Said::new(sentence(&error), error.fix()));
            return;
        }
    };
    for one in &state.breaks {
        // What was resumed was reported when it happened, and is in the log until rotation removes it.
        let level = if matches!(one, Break::Resumed { .. }) { State::Attention } else { State::Broken };
        let finding = report.push(Finding::new("audit", code(one), level, Said::new(sentence(one), say::LOG_CHANGED)));
        match one {
            Break::Changed { line, .. } => finding.number("line", *line),
            Break::Gap { after, before, .. } => finding.number("after", *after).number("before", *before),
            Break::Beginning { from, .. } => finding.number("from", *from),
            Break::End { to, .. } => finding.number("to", *to),
            Break::Resumed { n, .. } => finding.number("n", *n),
            Break::Head => finding,
        };
    }
    if state.breaks.is_empty() {
        let finding = report.fine("audit", say::log(state.entries, state.torn));
        finding.number("lines", state.entries).number("torn", state.torn);
    }
}

fn code(one: &Break) -> &'static str {
    match one {
        Break::Changed { .. } => "audit_changed",
        Break::Gap { .. } => "audit_gap",
        Break::Beginning { .. } => "audit_beginning",
        Break::End { .. } => "audit_end",
        Break::Head => "audit_head",
        Break::Resumed { .. } => "audit_resumed",
    }
}

fn looked(log: &AuditLog) -> Result<AuditState, crate::Failure> {
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
