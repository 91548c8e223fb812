//! Where devices are recorded before they are published, so that no serial and no key is used twice.
//!
//! The manifest ([`super::manifest`]) is one register; a factory with many stations has another one. [`super::provision`] asks
//! whichever it is given.

use super::line::Line;
use super::manifest::{Manifest, ManifestError};
use super::{Outcome, ProvisionError};
use signet_store::{Store, WriteLock};

/// What a register has of a serial.
#[derive(Debug)]
pub struct Recorded {
    /// SHA-256 of the console's public key, lower-case hex.
    pub key: String,
    /// The device's line, where the register hands it out.
    pub line: Option<Line>,
    /// Why the serial cannot be used once more.
    pub taken: ProvisionError,
}

/// Where devices are recorded. Threads share it.
pub trait Register: Sync {
    /// The newest that is recorded of a serial.
    fn find(&self, serial: &str) -> Result<Option<Recorded>, ProvisionError>;

    /// Leaves in the pending folder what [`Register::noted`] needs, before the device in it is complete.
    fn note(&self, pending: &WriteLock<'_>, line: &Line) -> Result<(), ProvisionError>;

    /// The line of the device in the pending folder, if an earlier run may have recorded it.
    fn noted(&self, pending: &Store, recorded: Option<&Recorded>) -> Result<Option<Line>, ProvisionError>;

    /// Records a complete device, durably. [`Outcome::Resumed`]: an earlier run may have done so.
    fn record(&self, pending: &Store, line: &Line, outcome: Outcome) -> Result<(), ProvisionError>;

    /// Does what is left to do for a device that is recorded and not published, such as ordering its certificates. After a run
    /// that was cut it is called again.
    fn complete(&self, _: &Store) -> Result<(), ProvisionError> {
        Ok(())
    }
}

impl Register for Manifest {
    fn find(&self, serial: &str) -> Result<Option<Recorded>, ProvisionError> {
        let Some((number, line)) = Self::find(self, serial)? else { return Ok(None) };
        let taken =
            ManifestError::SerialTaken { path: self.path().to_owned(), serial: serial.to_owned(), line: number };
        Ok(Some(Recorded { key: line.spki_sha256.clone(), line: Some(line), taken: taken.into() }))
    }

    /// The line itself is enough: it has the keys.
    fn note(&self, _: &WriteLock<'_>, _: &Line) -> Result<(), ProvisionError> {
        Ok(())
    }

    fn noted(&self, _: &Store, recorded: Option<&Recorded>) -> Result<Option<Line>, ProvisionError> {
        Ok(recorded.and_then(|recorded| recorded.line.clone()))
    }

    fn record(&self, _: &Store, line: &Line, outcome: Outcome) -> Result<(), ProvisionError> {
        match outcome {
            Outcome::Made => Ok(self.append(line)?),
            Outcome::Resumed => Ok(()),
        }
    }
}

/// What a register that is not the manifest says.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub struct RegisterError {
    /// What it is about.
    pub kind: Trouble,
    /// What is wrong.
    pub what: String,
    /// What to do about it: one sentence.
    pub fix: String,
}

/// What a [`RegisterError`] is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// This station has recorded the serial.
    Taken,
    /// Another station has recorded the serial.
    Elsewhere,
    /// A device has the public key.
    KeyTaken,
    /// The register cannot be reached.
    Away,
    /// It could not be reached for as long as it was waited for.
    InVain,
    /// It does not allow it.
    Rights,
    /// It is read-only or full.
    Full,
    /// It is not set up, or something else is there.
    NotSetUp,
    /// It was set up by a newer program.
    Newer,
    /// What it has does not match what it should have.
    Damaged,
    /// A value is refused.
    Refused,
    /// Nothing of that name is recorded.
    NotFound,
    /// Anything else.
    Failed,
}

impl RegisterError {
    /// True when the next device cannot be recorded either.
    pub(super) fn stops(&self) -> bool {
        !matches!(self.kind, Trouble::Taken | Trouble::Elsewhere | Trouble::KeyTaken | Trouble::Refused)
    }
}
