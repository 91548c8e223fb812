//! Taking away what a killed process or a power cut left half-written. `changing` is called before each change.

use super::atomic;
use super::csr_folder::name_of;
use super::data_dir::{CSRS, FACTORY};
use super::dir::Dir;
use super::enrollment;
use super::error::StoreError;
use super::restoring;

/// In every directory of ours.
pub(super) fn all(root: &Dir, changing: impl Fn() -> Result<(), StoreError>) -> Result<(), StoreError> {
    restoring::sweep(root, &changing)?;
    csrs(root, &changing)?;
    small(root, changing)
}

/// Among the CSRs.
pub(super) fn csrs(root: &Dir, changing: impl Fn() -> Result<(), StoreError>) -> Result<(), StoreError> {
    match root.child(CSRS)? {
        Some(csrs) => atomic::sweep_with_doubles(&csrs, |file| name_of(file).is_some(), changing),
        None => Ok(()),
    }
}

/// Everywhere but among the CSRs.
pub(super) fn small(root: &Dir, changing: impl Fn() -> Result<(), StoreError>) -> Result<(), StoreError> {
    if let Some(factory) = root.child(FACTORY)? {
        atomic::sweep(&factory, &changing)?;
    }
    enrollment::sweep(root, &changing)?;
    atomic::sweep(root, changing)
}
