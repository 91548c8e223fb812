//! One CSR and what can be done with it: read, rename, note, delete.
//!
//! What is read holds no key. A damaged file is a row of its own and hides no other.

use crate::audit::{Actor, Deed};
use crate::clock;
use crate::requests::index::{Part, Sort};
use crate::validity::Term;
use crate::{App, AppError};
use jiff::Timestamp;
use signet_domain::name::CsrName;
use signet_domain::note::Note;
use signet_domain::record::Record;
use signet_pki::certificate::{Certificate, CertificateError};
use signet_pki::inspect::{Inspected, inspect};
use signet_pki::pem;
use signet_store::{Damage, Entry, StoredCsr};

/// One CSR of the list.
#[derive(Debug, Clone)]
pub struct Row {
    /// Its name.
    pub name: CsrName,
    /// What is in it, or why it cannot be read.
    pub content: Result<Content, Unread>,
}

/// Why a CSR cannot be shown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    /// A newer version wrote it, or this user may not read it: nothing is changed about it.
    #[error("{0}")]
    LeftAlone(Damage),
    /// Its file is damaged. Its owner may give it another name, and may delete it.
    #[error("{0}")]
    Damaged(String),
}

impl Unread {
    /// Its word in the list and in JSON, where a readable one has [`Content::state`].
    pub fn state(&self) -> &'static str {
        match self {
            Self::LeftAlone(_) => "unreadable",
            Self::Damaged(_) => "damaged",
        }
    }

    /// As the error of a CSR that was asked for by name.
    fn of(self, name: &CsrName) -> AppError {
        let name = name.to_string();
        match self {
            Self::LeftAlone(why) => AppError::LeftAlone { name, why },
            Self::Damaged(reason) => AppError::Damaged { name, reason },
        }
    }
}

/// A CSR that can be read.
#[derive(Debug, Clone)]
pub struct Content {
    /// What is kept beside the request.
    pub record: Record,
    /// The request's own bytes.
    pub der: Vec<u8>,
    /// What they say.
    pub request: Inspected,
    /// The CA's answer, DER, the one of this key first; none until it was taken.
    pub certificates: Vec<Vec<u8>>,
}

impl Content {
    /// The request as PEM.
    pub fn pem(&self) -> String {
        pem::encode("CERTIFICATE REQUEST", &self.der).to_string()
    }

    /// True once the CA's answer was taken.
    pub fn is_answered(&self) -> bool {
        !self.certificates.is_empty()
    }

    /// The certificate of this key, read anew; none for an unanswered CSR.
    pub fn certificate(&self) -> Option<Result<Certificate, CertificateError>> {
        self.certificates.first().map(|der| Certificate::read(der))
    }

    /// When the certificate holds; none without one, or where it cannot be read.
    pub fn term(&self) -> Option<Term> {
        self.certificate()?.ok().map(|certificate| Term::of(&certificate))
    }

    /// SPEC 2's word for it: `ready` until it is answered, then `answered`, `due` or `expired`.
    pub fn state(&self, now: Timestamp) -> &'static str {
        match self.term() {
            Some(term) => term.state(now),
            None if self.is_answered() => "answered",
            None => "ready",
        }
    }
}

impl App {
    /// Lines `skip` to `skip + count` of those that match `query` (ignoring case, empty for all), in order.
    pub fn list(&self, query: &str, order: (Sort, bool), part: (usize, usize)) -> Result<Part, AppError> {
        self.index.part(&self.store, query, order, part, clock::trusted(self.clock.now()))
    }

    /// Every CSR, decoded, by name: read from the disk one by one.
    pub fn each(&self, mut see: impl FnMut(Row)) -> Result<(), AppError> {
        Ok(self.store.each_csr(|entry| see(row(entry)))?)
    }

    /// One CSR, read afresh from its file.
    pub fn csr(&self, name: &CsrName) -> Result<Row, AppError> {
        let entry = self.store.csr(name)?.ok_or_else(|| AppError::NotFound(name.to_string()))?;
        Ok(row(entry))
    }

    /// One CSR that must be readable.
    pub fn readable(&self, name: &CsrName) -> Result<Content, AppError> {
        let row = self.csr(name)?;
        row.content.map_err(|why| why.of(name))
    }

    /// Refuses a CSR that is left alone: one of a newer version, and one without the right to read it. A damaged one may be
    /// renamed and deleted.
    pub fn may_change(&self, name: &CsrName) -> Result<(), AppError> {
        match self.store.csr(name)? {
            Some(Entry { content: Err(why), .. }) if why.is_left_alone() => Err(Unread::LeftAlone(why).of(name)),
            _ => Ok(()),
        }
    }

    /// Gives a CSR another name.
    pub fn rename(&self, old: &CsrName, new: &CsrName, by: Actor) -> Result<(), crate::requests::create::CreateError> {
        use crate::requests::create::{CreateError, name_taken};
        let lock = self.store.lock().map_err(AppError::from)?;
        self.may_change(old)?;
        self.audit.room_to_record(&lock)?;
        match lock.rename(old, new) {
            Ok(()) => {
                self.audit.record_under(&lock, by, Deed::Renamed { csr: old, to: new });
                self.index.put(&self.store, lock.release(), &[old, new]);
                Ok(())
            }
            Err(signet_store::StoreError::AlreadyExists { .. }) => Err(CreateError::Refused(name_taken(new).into())),
            Err(error) => Err(CreateError::App(error.into())),
        }
    }

    /// Writes the owner's note.
    pub fn set_note(&self, name: &CsrName, note: &Note, by: Actor) -> Result<(), AppError> {
        let lock = self.store.lock()?;
        let content = self.readable(name)?;
        self.audit.room_to_record(&lock)?;
        lock.set_record(name, &Record { note: note.as_str().to_owned(), ..content.record })?;
        self.audit.record_under(&lock, by, Deed::Noted { csr: name });
        self.index.put(&self.store, lock.release(), &[name]);
        Ok(())
    }

    /// Deletes a CSR and the only copy of its key.
    ///
    /// The one change that a full partition takes, since it makes room: its record may wait in memory.
    pub fn delete(&self, name: &CsrName, by: Actor) -> Result<(), AppError> {
        let lock = self.store.lock()?;
        self.may_change(name)?;
        lock.delete(name)?;
        self.audit.record_under(&lock, by, Deed::Deleted { csr: name });
        self.index.put(&self.store, lock.release(), &[name]);
        Ok(())
    }
}

pub(crate) fn row(Entry { name, content }: Entry) -> Row {
    let unread = |damage: Damage| {
        if damage.is_left_alone() { Unread::LeftAlone(damage) } else { Unread::Damaged(damage.to_string()) }
    };
    let content = content.map_err(unread).and_then(|StoredCsr { record, request, certificates }| {
        let decoded =
            inspect(&request).map_err(|error| Unread::Damaged(format!("the request cannot be decoded: {error}")))?;
        Ok(Content { record, der: request, request: decoded, certificates })
    });
    Row { name, content }
}
