//! A new CSR: key, request, record, one durable file.

use super::audit::{Actor, Deed};
use super::forge::Slow;
use super::{App, AppError, random};
use crate::domain::draft::DraftId;
use crate::domain::invalid::{Invalid, Mistakes};
use crate::domain::name::CsrName;
use crate::domain::record::{Asked, Origin, Record};
use crate::domain::request::NewRequest;
use crate::pki;
use crate::pki::private_key::{KeyError, PrivateKey};
use crate::store::StoreError;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Why a CSR was not kept.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// The name is taken by now, or something else that was typed does not hold.
    #[error("{}", .0.iter().next().map_or("refused", |invalid| invalid.what.as_str()))]
    Refused(Mistakes),
    /// Something below failed.
    #[error(transparent)]
    App(#[from] AppError),
}

/// How a Save from the wizard went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Saved {
    /// It is kept, under this name.
    Kept(CsrName),
    /// Its key is still being made; it is kept as soon as that is there.
    Later,
}

/// How long Save waits for a key before it shows the progress page instead.
const PATIENCE: Duration = Duration::from_millis(700);

/// The refusal of a name that another CSR has, told at step 1 and again when it is kept.
pub fn name_taken(name: &CsrName) -> Invalid {
    Invalid::new(
        "name",
        format!("There is a CSR named {name} already; names are unique, ignoring case."),
        "Choose another name, or delete or rename the other CSR first.",
    )
}

impl App {
    /// True when a CSR has this name, ignoring case.
    pub fn name_is_taken(&self, name: &CsrName) -> Result<bool, AppError> {
        Ok(self.index.taken(&self.store, name)?.is_some())
    }

    /// Makes the key and the request and keeps both. From the wizard, `draft` names the draft: saved twice, it makes
    /// one CSR, whose present name is given both times.
    pub fn create(
        &self,
        asked: &Asked,
        request: &NewRequest,
        draft: Option<&DraftId>,
        by: Actor,
    ) -> Result<CsrName, CreateError> {
        if let Some(saved) = draft.map(|draft| self.saved_from(draft)).transpose()?.flatten() {
            return Ok(saved);
        }
        if self.name_is_taken(&request.name)? {
            return self.taken_by(draft, &request.name);
        }
        let key = pki::generate::generate(request.key).map_err(AppError::from)?;
        self.create_with(key, asked, request, draft, by)
    }

    /// [`App::create`] from the wizard: with the key that was made ahead, or, where that takes long, as soon as it is
    /// there. Nothing is lost when nobody waits for it.
    pub fn save(
        self: &Arc<Self>,
        asked: Asked,
        request: NewRequest,
        draft: &DraftId,
        by: Actor,
        now: Instant,
    ) -> Result<Saved, CreateError> {
        if let Some(saved) = self.saved_from(draft)? {
            return Ok(Saved::Kept(saved));
        }
        let Some(slow) = Slow::of(request.key) else {
            return self.create(&asked, &request, Some(draft), by).map(Saved::Kept);
        };
        if self.name_is_taken(&request.name)? {
            return self.taken_by(Some(draft), &request.name).map(Saved::Kept);
        }
        self.forge.begin(draft, slow, now);
        if let Some(key) = self.forge.take(draft, slow, PATIENCE) {
            return self.create_with(key, &asked, &request, Some(draft), by).map(Saved::Kept);
        }
        let (app, id) = (Arc::clone(self), draft.clone());
        let then = move |key: Result<PrivateKey, KeyError>| {
            app.create_with(key.map_err(AppError::from)?, &asked, &request, Some(&id), by)
        };
        self.forge.when_ready(draft, slow, now, Box::new(then));
        Ok(Saved::Later)
    }

    /// A name that is taken: by this very draft, perhaps, whose other half of a double click came first.
    fn taken_by(&self, draft: Option<&DraftId>, name: &CsrName) -> Result<CsrName, CreateError> {
        let saved = draft.map(|draft| self.saved_from(draft)).transpose()?.flatten();
        saved.ok_or_else(|| CreateError::Refused(name_taken(name).into()))
    }

    fn create_with(
        &self,
        key: PrivateKey,
        asked: &Asked,
        request: &NewRequest,
        draft: Option<&DraftId>,
        by: Actor,
    ) -> Result<CsrName, CreateError> {
        let NewRequest { name, key: spec, lifetime, subject, names, extensions } = request;
        let der = pki::request::encode(subject, names, extensions, &key, spec.digest()).map_err(AppError::from)?;
        let record = Record {
            draft: draft.cloned(),
            asked: Some(asked.clone()),
            lifetime: Some(lifetime.days()),
            ..Record::new(random::id()?, Origin::Created, self.clock.now())
        };
        self.keep(name, &record, &der, key.pkcs8(), by)
    }

    /// The CSR that a draft was saved as, under its present name.
    pub fn saved_from(&self, draft: &DraftId) -> Result<Option<CsrName>, AppError> {
        self.index.saved_from(&self.store, draft)
    }

    /// The last step of [`App::create`] and of an import: under the lock, once a draft.
    pub(super) fn keep(
        &self,
        name: &CsrName,
        record: &Record,
        der: &[u8],
        key: &crate::secret::Secret,
        by: Actor,
    ) -> Result<CsrName, CreateError> {
        let lock = self.store.lock().map_err(AppError::from)?;
        if let Some(saved) = record.draft.as_ref().map(|draft| self.saved_from(draft)).transpose()?.flatten() {
            return Ok(saved);
        }
        self.room_to_record(&lock)?;
        match lock.create(name, record, der, key) {
            Ok(()) => {
                let key = pki::inspect::inspect(der).map(|request| request.key.label).unwrap_or_default();
                let deed = match record.origin {
                    Origin::Imported => Deed::Imported { csr: name, key: &key },
                    Origin::Created | Origin::Factory => Deed::Created { csr: name, key: &key },
                };
                match by {
                    // Who waits for the page does not wait for the head: the console brings it up when that is sent.
                    Actor::Browser(_) => self.record_line_under(&lock, by, deed),
                    _ => self.record_under(&lock, by, deed),
                }
                self.index.put(&self.store, lock.release(), &[name]);
                Ok(name.clone())
            }
            Err(StoreError::AlreadyExists { .. }) => Err(CreateError::Refused(name_taken(name).into())),
            Err(error) => Err(CreateError::App(error.into())),
        }
    }
}
