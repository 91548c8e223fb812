//! Why the configuration cannot be used, and what to do about it.

use std::path::PathBuf;

/// A configuration file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file exists and cannot be read.
    #[error("cannot read the configuration file {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is not TOML, or a value has the wrong type.
    #[error("the configuration file {} is wrong in line {line}: {what}", path.display())]
    Wrong {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What is wrong there.
        what: String,
    },
}

impl ConfigError {
    /// What to do next.
    pub fn fix(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "Let the console's user read the file, or name another one with --config.",
            Self::Wrong { .. } => "Correct that line. `signet check` shows whether the file is right.",
        }
    }
}
