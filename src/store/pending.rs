//! The folder in which the factory prepares a device: `DATA/pending`, laid out as a data directory.
//!
//! Publishing moves its parts into place one by one, each by a rename: where DATA is a mount point there is no folder above
//! it to rename in. So the caller keeps a document that says what is under way ([`super::Document::ProvisionIntent`]), and
//! whoever opens the directory next goes on. Every step here may be cut anywhere and done again.

use super::csr_folder::name_of;
use super::data_dir::{CSRS, FACTORY, Store};
use super::device::{DEVICE, OWNER, SEAL_KEY, SETUP};
use super::document::Document;
use super::error::StoreError;
use super::identity::IDENTITY;
use super::journal::Journal;
use super::lock::WriteLock;
use super::lock_file::has_mark;
use super::reset;
use super::tree::{DEPTH, exists, move_all, remove_tree};

const PENDING: &str = "pending";

impl Store {
    /// The folder of a device that was started and not published, if there is one. One whose removal was interrupted does not
    /// count.
    pub fn pending(&self) -> Result<Option<Self>, StoreError> {
        match self.root().child(PENDING)? {
            Some(pending) if has_mark(&pending)? => self.open_pending().map(Some),
            _ => Ok(None),
        }
    }

    /// The first file that says that a console was at work here, or that the directory is a device's already.
    pub fn in_use(&self) -> Result<Option<&'static str>, StoreError> {
        for name in [DEVICE, OWNER, IDENTITY, SETUP, SEAL_KEY] {
            if exists(self.root(), name)? {
                return Ok(Some(name));
            }
        }
        if let Some(factory) = self.root().child(FACTORY)?
            && !factory.list()?.is_empty()
        {
            return Ok(Some(FACTORY));
        }
        Ok(if self.names()?.is_empty() { None } else { Some(CSRS) })
    }

    fn open_pending(&self) -> Result<Self, StoreError> {
        Self::open_as(&self.root().at(PENDING), self.opening().clone(), self.on_behalf_of())
    }
}

impl WriteLock<'_> {
    /// A new, empty folder to prepare a device in, instead of one that was started before.
    pub fn begin_pending(&self) -> Result<Store, StoreError> {
        self.discard_pending()?;
        self.store.open_pending()
    }

    /// Removes a device that was started; false when there is none.
    pub fn discard_pending(&self) -> Result<bool, StoreError> {
        if self.store.root().child(PENDING)?.is_none() {
            return Ok(false);
        }
        self.changing()?;
        remove_tree(self.store.root(), PENDING, DEPTH)?;
        self.store.root().sync()?;
        Ok(true)
    }

    /// Moves every part of the finished device to its place, the device record last, and removes the folder. Done
    /// again after a cut, it moves what is left.
    pub fn publish_pending(&self) -> Result<(), StoreError> {
        let root = self.store.root();
        let Some(pending) = root.child(PENDING)? else { return Ok(()) };
        self.store.usage().forget();
        self.changing()?;
        if let Some(made) = pending.child(CSRS)? {
            let of_a_csr = |name: &str| name_of(name).is_some();
            move_all(&made, &root.child_or_new(CSRS)?, of_a_csr)?;
        }
        if let Some(made) = pending.child(FACTORY)? {
            move_all(&made, &root.child_or_new(FACTORY)?, |name| [SETUP, IDENTITY].contains(&name))?;
        }
        move_all(&pending, root, |name| name == IDENTITY)?;
        move_all(&pending, root, |name| name == DEVICE)?;
        self.discard_pending()?;
        Ok(())
    }

    /// Removes everything that a console and a factory left here, but the configuration and a device that was started.
    pub fn clear_unit(&self) -> Result<(), StoreError> {
        self.remove_owner()?;
        self.clear_csrs(|_, _| true)?;
        self.remove_seal_key()?;
        self.remove_identity()?;
        self.remove_former_identity()?;
        self.remove_fresh_setup()?;
        self.remove_machine()?;
        for document in [Document::LoginDelays, Document::AuditHead] {
            self.remove_document(document)?;
        }
        for journal in [Journal::Done, Journal::Refused] {
            self.remove_journal(journal)?;
        }
        if let Some(factory) = self.store.root().child(FACTORY)? {
            for name in [SETUP, IDENTITY] {
                self.remove(&factory, name)?;
            }
        }
        self.remove(self.store.root(), DEVICE)?;
        Ok(())
    }

    /// Deletes the CSRs of which `goes` says so: it is given each one's file name and whether the factory made it.
    pub(super) fn clear_csrs(&self, goes: impl Fn(&str, bool) -> bool) -> Result<usize, StoreError> {
        let Some(dir) = self.store.root().child(CSRS)? else { return Ok(0) };
        self.store.usage().forget();
        let mut gone = 0;
        for (name, by_factory) in reset::made_by_factory(&dir)? {
            if goes(&name, by_factory) {
                self.changing()?;
                gone += usize::from(dir.remove(&name)?);
            }
        }
        Ok(gone)
    }
}
