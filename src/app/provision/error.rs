//! Why a unit was not made, and what to do about it.

use super::manifest::ManifestError;
use super::register::{RegisterError, Trouble};
use crate::Failure;
use signet_store::StoreError;
use std::path::PathBuf;

/// Why a unit was not made. What was there before is still there.
#[derive(Debug, thiserror::Error)]
pub enum ProvisionError {
    /// The directory is a unit already.
    #[error("{} is already provisioned, as serial {serial}", path.display())]
    Provisioned {
        /// The directory.
        path: PathBuf,
        /// The serial in its device record.
        serial: String,
    },
    /// A console was started on the directory before.
    #[error("{} is already in use: it contains {found}", path.display())]
    InUse {
        /// The directory.
        path: PathBuf,
        /// A file in it.
        found: &'static str,
    },
    /// The manifest.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// A register that is not the manifest.
    #[error(transparent)]
    Register(#[from] Box<RegisterError>),
    /// A label or another file beside the manifest.
    #[error("cannot write {}: {source}", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Something below failed.
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl From<StoreError> for ProvisionError {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl ProvisionError {
    /// What to do next: one sentence.
    pub fn fix(&self) -> String {
        match self {
            Self::Provisioned { .. } | Self::InUse { .. } => {
                "Name another directory, or start this one over with --again: its keys and its setup code are lost."
                    .to_owned()
            }
            Self::Manifest(error) => error.fix().to_owned(),
            Self::Register(error) => error.fix.clone(),
            Self::Unwritable { .. } => {
                "Check the path and its space, then run the command again: it continues with this device.".to_owned()
            }
            Self::Failed(error) => error.fix(),
        }
    }

    /// True when no other unit can be made either, until somebody makes room or the register can be used again.
    pub fn stops(&self) -> bool {
        match self {
            Self::Manifest(error) => error.is_full(),
            Self::Register(error) => error.stops(),
            Self::Unwritable { source, .. } => source.kind() == std::io::ErrorKind::StorageFull,
            Self::Failed(Failure::Store(StoreError::NoSpace { .. } | StoreError::ReadOnly { .. })) => true,
            _ => false,
        }
    }

    /// True when the serial or a key has been recorded for another device, so that this one must not be.
    pub(super) fn is_taken(&self) -> bool {
        match self {
            Self::Manifest(error) => {
                matches!(error, ManifestError::SerialTaken { .. } | ManifestError::KeyTaken { .. })
            }
            Self::Register(error) => matches!(error.kind, Trouble::Taken | Trouble::Elsewhere | Trouble::KeyTaken),
            _ => false,
        }
    }

    /// True when another station has recorded the serial.
    pub(super) fn is_elsewhere(&self) -> bool {
        matches!(self, Self::Register(error) if error.kind == Trouble::Elsewhere)
    }
}
