//! Priorities of lines on standard error, as the journal and some loggers read them: `<3>` to `<7>` before a line (sd-daemon(3)).
//!
//! Only where standard error is the journal, or where it was asked for: a person would read them as noise.

use std::os::unix::fs::MetadataExt;
use std::sync::OnceLock;
use tracing::Level;

/// How important a line is, by the numbers of syslog(3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Priority {
    /// Something failed.
    Error,
    /// It works, and somebody should look at it.
    Warning,
    /// What somebody may want to know.
    Notice,
    /// Everything else.
    Info,
    /// For those who look for a mistake.
    Debug,
}

impl Priority {
    /// Of an event of the log.
    pub fn of_level(level: Level) -> Self {
        match level {
            Level::ERROR => Self::Error,
            Level::WARN => Self::Warning,
            Level::INFO => Self::Info,
            Level::DEBUG | Level::TRACE => Self::Debug,
        }
    }

    /// Of a line, by the word that it begins with.
    pub fn of_line(line: &str) -> Self {
        match line.split_once(':').map(|(word, _)| word) {
            Some("error") => Self::Error,
            Some("warning") => Self::Warning,
            Some("advice" | "note") => Self::Notice,
            _ => Self::Info,
        }
    }

    /// What comes before the line: nothing where nobody reads it as a priority.
    pub fn prefix(self) -> &'static str {
        if !*PREFIXED.get_or_init(error_is_journal) {
            return "";
        }
        match self {
            Self::Error => "<3>",
            Self::Warning => "<4>",
            Self::Notice => "<5>",
            Self::Info => "<6>",
            Self::Debug => "<7>",
        }
    }
}

/// Whether lines have one. It is decided once.
static PREFIXED: OnceLock<bool> = OnceLock::new();

/// From now on every line has its priority.
pub fn always() {
    // Fails only where a line was written before.
    let _ = PREFIXED.set(true);
}

/// systemd says of which file it is the journal, as `DEVICE:INODE`: the variable is inherited by processes whose standard error
/// goes elsewhere.
fn error_is_journal() -> bool {
    let Some(stream) = std::env::var("JOURNAL_STREAM").ok() else { return false };
    std::fs::metadata("/proc/self/fd/2").is_ok_and(|error| stream == format!("{}:{}", error.dev(), error.ino()))
}
