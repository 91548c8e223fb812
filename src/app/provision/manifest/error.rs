//! Why the manifest cannot be used, and what to do about it.

use std::io;
use std::path::PathBuf;

/// Why the manifest cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// It cannot be opened, read or locked.
    #[error("the manifest {} cannot be read: {source}", path.display())]
    Unreadable {
        /// The manifest.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// A line could not be appended. It was taken back.
    #[error("the manifest {} cannot be written: {source}", path.display())]
    Unwritable {
        /// The manifest.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// A complete line in it does not describe a device.
    #[error("the manifest {} is wrong in line {line}: it does not describe a device", path.display())]
    Line {
        /// The manifest.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// Another station holds the lock for long.
    #[error("the manifest {} is locked by another station", path.display())]
    Busy {
        /// The manifest.
        path: PathBuf,
    },
    /// The serial has a line already.
    #[error("the manifest {} already has serial {serial}, in line {line}", path.display())]
    SerialTaken {
        /// The manifest.
        path: PathBuf,
        /// The serial.
        serial: String,
        /// The line, from 1.
        line: usize,
    },
    /// Another device has the public key.
    #[error("the manifest {} already has the public key of {whose}, in line {line}", path.display())]
    KeyTaken {
        /// The manifest.
        path: PathBuf,
        /// `the console`, or a CSR's name.
        whose: String,
        /// The line, from 1.
        line: usize,
    },
}

impl ManifestError {
    /// What to do next: one sentence.
    pub fn fix(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "Check the path and who may read and write it.",
            Self::Unwritable { source, .. } if is_full(source) => {
                "Free space there and run the command again: it continues with this device."
            }
            Self::Unwritable { .. } => "Check the path and its file system, then run the command again: it continues.",
            Self::Line { .. } => "Restore the manifest from a copy, or remove that line. Nothing was made.",
            Self::Busy { .. } => "Find out which station does not continue, then run the command again.",
            Self::SerialTaken { .. } => "Check the serial. To start a device over on purpose, add --again.",
            Self::KeyTaken { .. } => {
                "Two machines share one random generator's state: never copy a station or a data directory that has started."
            }
        }
    }

    /// True when no further unit can be written either.
    pub fn is_full(&self) -> bool {
        matches!(self, Self::Unwritable { source, .. } if is_full(source))
    }
}

fn is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::ReadOnlyFilesystem
    )
}
