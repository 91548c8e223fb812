//! The folder in which a restore gathers what it brings, `DATA/restoring`, until all of it is there; then each part is moved to its
//! place by a rename.
//!
//! The caller keeps a document that says that the gathering is over ([`super::Document::RestoreIntent`]). Before that a cut leaves
//! a folder that the next change takes away; after that whoever takes the write lock next moves what is left, before anything else.

use super::atomic::{self, Place};
use super::csr_file::{MAX_FILE, StoredCsr, decode, decode_key, with_record};
use super::csr_folder::{file_name, name_of};
use super::data_dir::{CSRS, RESTORING, Store};
use super::device::{MAX_SMALL, OWNER, Owner, json_of};
use super::dir::{Content, Dir};
use super::document::Document;
use super::error::{Damage, StoreError};
use super::lock::WriteLock;
use super::tree::{DEPTH, move_all, remove_tree};
use signet_domain::name::CsrName;
use signet_domain::record::Record;
use signet_domain::secret::Secret;

/// A restore that gathers. Where it is dropped before [`Restoring::keep`] nothing of it is left.
#[derive(Debug)]
pub struct Restoring<'a> {
    lock: &'a WriteLock<'a>,
    dir: Dir,
    /// The CSRs that are here and those that were gathered, and the size of their files.
    csrs: usize,
    bytes: u64,
    is_kept: bool,
}

/// A CSR's file, key included, and what is in it.
#[derive(Debug)]
pub struct CsrFile {
    /// All but the key.
    pub stored: StoredCsr,
    /// The private key, PKCS#8 DER.
    pub key: Secret,
}

impl CsrFile {
    /// Reads the bytes of a file as they lie on the disk of whichever device.
    pub fn parse(file: &Secret) -> Result<Self, Damage> {
        if file.len() > MAX_FILE {
            return Err(Damage::TooLarge(MAX_FILE));
        }
        Ok(Self { stored: decode(file.expose_secret())?, key: decode_key(file.expose_secret())? })
    }

    /// The bytes of such a file with another record.
    pub fn with_record(file: &Secret, record: &Record) -> Result<Secret, Damage> {
        with_record(file.expose_secret(), record)?.map(Secret::from).ok_or(Damage::TooLarge(MAX_FILE))
    }
}

impl Store {
    /// The bytes of a CSR's file as they lie there, key included; none where there is no such CSR.
    pub fn csr_file(&self, name: &CsrName) -> Result<Option<Secret>, StoreError> {
        let Some(dir) = self.root().child(CSRS)? else { return Ok(None) };
        let damaged = |damage| StoreError::Damaged { path: dir.at(file_name(name)), damage };
        match dir.read(&file_name(name), MAX_FILE) {
            Ok(Content::Missing | Content::NotAFile) => Ok(None),
            Ok(Content::TooLarge) => Err(damaged(Damage::TooLarge(MAX_FILE))),
            Ok(Content::Bytes(file)) => Ok(Some(file.into())),
            Err(errno) => Err(damaged(Damage::Unreadable(errno))),
        }
    }

    /// Refuses `csrs` more CSRs with files of `bytes` bytes in all, none of them written yet, where the limits do not take them.
    pub fn may_restore(&self, csrs: usize, bytes: u64) -> Result<(), StoreError> {
        let (here, size) = self.csrs_and_bytes()?;
        self.within_limits(here.saturating_add(csrs), size.saturating_add(bytes), bytes)
    }

    /// True where a restore was gathering when it was cut.
    pub fn has_restoring(&self) -> Result<bool, StoreError> {
        Ok(self.root().child(RESTORING)?.is_some())
    }
}

impl WriteLock<'_> {
    /// A new, empty folder to gather in, instead of one that was cut.
    pub fn begin_restore(&self) -> Result<Restoring<'_>, StoreError> {
        discard(self)?;
        self.changing()?;
        let (csrs, bytes) = self.store.csrs_and_bytes()?;
        let dir = self.store.root().child_or_new(RESTORING)?;
        Ok(Restoring { lock: self, dir, csrs, bytes, is_kept: false })
    }

    /// Moves everything that was gathered to its place and takes the folder away. Done again after a cut, it moves what is left.
    pub fn publish_restore(&self) -> Result<(), StoreError> {
        let root = self.store.root();
        let Some(gathered) = root.child(RESTORING)? else { return Ok(()) };
        self.store.usage().forget();
        self.changing()?;
        move_all(&gathered, &root.child_or_new(CSRS)?, |name| name_of(name).is_some())?;
        move_all(&gathered, root, |name| [OWNER, Document::Config.file_name()].contains(&name))?;
        discard(self)
    }
}

impl Restoring<'_> {
    /// Gathers a CSR's file. Its name must be free here, which the caller has looked at under the lock.
    pub fn add_csr(&mut self, name: &CsrName, file: &Secret) -> Result<(), StoreError> {
        self.csrs += 1;
        self.bytes += file.len() as u64;
        self.lock.store.within_limits(self.csrs, self.bytes, file.len() as u64)?;
        atomic::write(&self.dir, &file_name(name), file.expose_secret(), Place::Free)
    }

    /// Gathers the owner.
    pub fn add_owner(&mut self, owner: &Owner) -> Result<(), StoreError> {
        atomic::write(&self.dir, OWNER, &json_of(owner), Place::Free)
    }

    /// Gathers `signet.toml`.
    pub fn add_settings(&mut self, toml: &[u8]) -> Result<(), StoreError> {
        let name = Document::Config.file_name();
        if toml.len() > MAX_SMALL {
            return Err(StoreError::TooLarge { path: self.dir.at(name), bound: MAX_SMALL });
        }
        atomic::write(&self.dir, name, toml, Place::Free)
    }

    /// All is there, and the document that says so is kept: nothing is taken away any more.
    pub fn keep(mut self) {
        self.is_kept = true;
    }
}

impl Drop for Restoring<'_> {
    fn drop(&mut self) {
        if !self.is_kept {
            // What cannot be taken away now goes with the next change.
            let _ = discard(self.lock);
        }
    }
}

fn discard(lock: &WriteLock<'_>) -> Result<(), StoreError> {
    let root = lock.store.root();
    if root.child(RESTORING)?.is_none() {
        return Ok(());
    }
    lock.changing()?;
    remove_tree(root, RESTORING, DEPTH)?;
    root.sync()
}
