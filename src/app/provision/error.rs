//! Why a unit was not made, and what to do about it.

use super::manifest::ManifestError;
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
            Self::Unwritable { .. } => {
                "Check the path and its space, then run the command again: it continues with this device.".to_owned()
            }
            Self::Failed(error) => error.fix(),
        }
    }

    /// True when no other unit can be made either, until somebody makes room.
    pub fn is_full(&self) -> bool {
        match self {
            Self::Manifest(error) => error.is_full(),
            Self::Unwritable { source, .. } => source.kind() == std::io::ErrorKind::StorageFull,
            Self::Failed(Failure::Store(StoreError::NoSpace { .. } | StoreError::ReadOnly { .. })) => true,
            _ => false,
        }
    }
}
