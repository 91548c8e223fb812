//! What is wrong with a log whose integrity check failed.

use signet_store::Journal;

/// What is wrong with the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Break {
    /// A line that was not written here, or was changed since.
    #[error("{} has a line that was changed or added (line {line} of both files together)", journal.file_name())]
    Changed {
        /// Which journal.
        journal: Journal,
        /// From 1, over the older file and the newer one.
        line: usize,
    },
    /// Lines are missing between two that are there.
    #[error("{} lacks the lines between number {after} and number {before}", journal.file_name())]
    Gap {
        /// Which journal.
        journal: Journal,
        /// The last number before them.
        after: u64,
        /// The first number after them.
        before: u64,
    },
    /// The oldest lines are missing, and rotation did not remove them.
    #[error("{} lacks its oldest lines, from number {from} on", journal.file_name())]
    Beginning {
        /// Which journal.
        journal: Journal,
        /// The first number that should be there.
        from: u64,
    },
    /// The newest lines are missing.
    #[error("{} lacks its newest lines, up to number {to}", journal.file_name())]
    End {
        /// Which journal.
        journal: Journal,
        /// The last number that should be there.
        to: u64,
    },
    /// The head is missing or was changed.
    #[error("audit.head, which records where the log ends, is missing or was changed")]
    Head,
    /// The head was missing or changed, and the log continued after that.
    #[error("audit.head was missing or changed before number {n} of {} was written", journal.file_name())]
    Resumed {
        /// Which journal.
        journal: Journal,
        /// The first number after it.
        n: u64,
    },
}
