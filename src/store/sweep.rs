//! Taking away what a killed process or a power cut left half-written. `changing` is called before each change.

use super::atomic;
use super::csr_folder::name_of;
use super::data_dir::{AUTHORITIES, CSRS, ENROLL, FACTORY, RESTORING};
use super::dir::Dir;
use super::document::Document;
use super::error::StoreError;
use super::room::Room;
use super::tree::{DEPTH, exists, remove_tree};
use rustix::fs::FileType;

/// In every directory of ours.
pub(super) fn all(root: &Dir, changing: impl Fn() -> Result<(), StoreError>) -> Result<(), StoreError> {
    gathered(root, &changing)?;
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
    orders(root, &changing)?;
    atomic::sweep(root, changing)
}

/// Takes away what a restore had gathered when it was cut; what is to be moved to its place stays.
fn gathered(root: &Dir, changing: impl Fn() -> Result<(), StoreError>) -> Result<(), StoreError> {
    if root.child(RESTORING)?.is_none() || exists(root, Document::RestoreIntent.file_name())? {
        return Ok(());
    }
    changing()?;
    remove_tree(root, RESTORING, DEPTH)?;
    root.sync()
}

/// What a killed console or command left half-written.
fn orders(root: &Dir, changing: impl Fn() -> Result<(), StoreError>) -> Result<(), StoreError> {
    if let Some(enroll) = root.child(ENROLL)? {
        atomic::sweep(&enroll, &changing)?;
        for room in Room::CONSOLES {
            if let Some(dir) = enroll.child(room.folder())? {
                atomic::sweep(&dir, &changing)?;
            }
        }
    }
    let Some(all) = root.child(AUTHORITIES)? else { return Ok(()) };
    for listed in all.list()?.into_iter().filter(|listed| listed.kind == FileType::Directory) {
        if let Some(dir) = listed.name.to_str().and_then(|name| all.child(name).transpose()).transpose()? {
            atomic::sweep(&dir, &changing)?;
        }
    }
    Ok(())
}
