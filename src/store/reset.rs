//! What a reset asks of the CSRs: which ones the factory made, and that the others go.
//!
//! It can be asked for damaged files and for those of a newer program, too, as far as their record can be read:
//! a key of a past owner must not stay because its file is damaged, and an older program must not delete what the factory
//! made.

use super::csr_file::{self, MAX_FILE};
use super::csr_folder::{file_name, name_of, names_in};
use super::data_dir::{CSRS, Store};
use super::dir::{Content, Dir};
use super::error::{Damage, StoreError};
use super::lock::WriteLock;
use signet_domain::name::CsrName;
use signet_domain::record::Record;

impl Store {
    /// Every CSR, and whether the factory made it, by name.
    pub fn made_by_factory(&self) -> Result<Vec<(CsrName, bool)>, StoreError> {
        let Some(dir) = self.root().child(CSRS)? else { return Ok(Vec::new()) };
        let all = made_by_factory(&dir)?;
        Ok(all.into_iter().filter_map(|(file, by_factory)| Some((name_of(&file)?, by_factory))).collect())
    }
}

impl Store {
    /// The first CSR file that cannot be read for want of rights or by the disk's fault, as the error that says so: who made
    /// it is not known then, so a reset does not begin.
    pub fn refuse_unreadable_csrs(&self) -> Result<(), StoreError> {
        self.refuse_csrs(|damage| matches!(damage, Damage::Unreadable(_)))
    }

    /// As [`Store::refuse_unreadable_csrs`], and likewise for one of a newer version: for whoever deletes all of them.
    pub fn refuse_left_alone_csrs(&self) -> Result<(), StoreError> {
        self.refuse_csrs(Damage::is_left_alone)
    }

    /// The names of the CSRs that a newer version wrote.
    pub fn newer_csrs(&self) -> Result<Vec<CsrName>, StoreError> {
        let mut newer = Vec::new();
        self.each_csr(|entry| {
            if matches!(entry.content, Err(Damage::Newer(_))) {
                newer.push(entry.name);
            }
        })?;
        Ok(newer)
    }

    fn refuse_csrs(&self, refused: impl Fn(&Damage) -> bool) -> Result<(), StoreError> {
        let mut found = Ok(());
        self.each_csr(|entry| {
            if let (true, Err(damage)) = (found.is_ok(), entry.content)
                && refused(&damage)
            {
                let path = self.path().join(CSRS).join(file_name(&entry.name));
                found = Err(StoreError::Damaged { path, damage });
            }
        })?;
        found
    }
}

impl WriteLock<'_> {
    /// Deletes every CSR that the factory did not make, damaged ones among them, and the owner's notes on the others; no
    /// other service of the box is given them any more. Gives how many were deleted.
    pub fn reset_csrs(&self) -> Result<usize, StoreError> {
        let gone = self.clear_csrs(|_, by_factory| !by_factory)?;
        for entry in self.store.csrs()? {
            if let Ok(csr) = entry.content
                && (!csr.record.note.is_empty() || csr.record.deploy)
            {
                self.set_record(&entry.name, &Record { note: String::new(), deploy: false, ..csr.record })?;
            }
        }
        Ok(gone)
    }
}

/// The file names of the CSRs in `dir`, and whether the factory made them.
pub(super) fn made_by_factory(dir: &Dir) -> Result<Vec<(String, bool)>, StoreError> {
    let by_factory = |file: &str| match dir.read(file, MAX_FILE) {
        Ok(Content::Bytes(bytes)) => csr_file::says_factory(&bytes),
        _ => false,
    };
    Ok(names_in(dir)?
        .iter()
        .map(|name| {
            let file = file_name(name);
            let by_factory = by_factory(&file);
            (file, by_factory)
        })
        .collect())
}
