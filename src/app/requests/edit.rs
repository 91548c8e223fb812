//! Small changes to one CSR: its name, its note, its deletion.

use super::create::{CreateError, name_taken};
use crate::audit::{Actor, Deed};
use crate::{App, AppError};
use signet_domain::name::CsrName;
use signet_domain::note::Note;
use signet_domain::record::Record;
use signet_store::StoreError;

impl App {
    /// Gives a CSR another name.
    pub fn rename(&self, old: &CsrName, new: &CsrName, by: Actor) -> Result<(), CreateError> {
        let lock = self.store.lock().map_err(AppError::from)?;
        self.catalog.may_change(old)?;
        self.audit.room_to_record(&lock)?;
        match lock.rename(old, new) {
            Ok(()) => {
                self.audit.record_under(&lock, by, Deed::Renamed { csr: old, to: new });
                self.catalog.put(lock.release(), &[old, new]);
                Ok(())
            }
            Err(StoreError::AlreadyExists { .. }) => Err(CreateError::Refused(name_taken(new).into())),
            Err(error) => Err(CreateError::App(error.into())),
        }
    }

    /// Writes the owner's note.
    pub fn set_note(&self, name: &CsrName, note: &Note, by: Actor) -> Result<(), AppError> {
        let lock = self.store.lock()?;
        let content = self.catalog.readable(name)?;
        self.audit.room_to_record(&lock)?;
        lock.set_record(name, &Record { note: note.as_str().to_owned(), ..content.record })?;
        self.audit.record_under(&lock, by, Deed::Noted { csr: name });
        self.catalog.put(lock.release(), &[name]);
        Ok(())
    }

    /// Deletes a CSR and the only copy of its key.
    ///
    /// The one change that a full partition takes, since it makes room: its record may wait in memory.
    pub fn delete(&self, name: &CsrName, by: Actor) -> Result<(), AppError> {
        let lock = self.store.lock()?;
        self.catalog.may_change(name)?;
        lock.delete(name)?;
        self.audit.record_under(&lock, by, Deed::Deleted { csr: name });
        self.catalog.put(lock.release(), &[name]);
        Ok(())
    }
}
