//! A new CSR: key, request, record, one durable file.

use crate::audit::{Actor, Deed};
use crate::requests::key_queue::Slow;
use crate::{App, AppError, random};
use signet_domain::draft::DraftId;
use signet_domain::invalid::{Invalid, Mistakes};
use signet_domain::name::CsrName;
use signet_domain::record::{Origin, Record};
use signet_domain::request::NewRequest;
use signet_domain::supersedes::{Supersedes, another_key, key_is_gone};
use signet_pki::private_key::{KeyError, PrivateKey};
use signet_store::{StoreError, WriteLock};
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
        "Choose another name, or rename the other request first.",
    )
}

impl App {
    /// Makes the key and the request and keeps both. From the wizard, `draft` names the draft: saved twice, it makes
    /// one CSR, whose present name is given both times.
    pub fn create(&self, order: &Order, draft: Option<&DraftId>, by: Actor) -> Result<CsrName, CreateError> {
        if let Some(saved) = draft.map(|draft| self.catalog.saved_from(draft)).transpose()?.flatten() {
            return Ok(saved);
        }
        if self.catalog.name_is_taken(&order.request.name)? {
            return self.taken_by(draft, &order.request.name);
        }
        if let Some(supersedes) = finished.supersedes.as_ref().filter(|supersedes| supersedes.same_key) {
            return self.create_with_old_key(supersedes, finished, draft, by);
        }
        let key = signet_pki::generate::generate_soon(finished.request.key).map_err(AppError::from)?;
        self.create_with(&key, finished, draft, by)
    }

    /// [`App::create`] from the wizard: with the key that was made ahead, or, where that takes long, as soon as it is
    /// there. Nothing is lost when nobody waits for it.
    pub fn save(
        self: &Arc<Self>,
        finished: FinishedDraft,
        draft: &DraftId,
        by: Actor,
        now: Instant,
    ) -> Result<Saved, CreateError> {
        if let Some(saved) = self.catalog.saved_from(draft)? {
            return Ok(Saved::Kept(saved));
        }
        let Some(slow) = Slow::of(finished.request.key).filter(|_| !finished.keeps_key()) else {
            return self.create(&finished, Some(draft), by).map(Saved::Kept);
        };
        if self.catalog.name_is_taken(&order.request.name)? {
            return self.taken_by(Some(draft), &order.request.name).map(Saved::Kept);
        }
        self.forge.begin(draft, slow, now);
        if let Some(key) = self.forge.take(draft, slow, PATIENCE) {
            return self.create_with(&key, &finished, Some(draft), by).map(Saved::Kept);
        }
        let (app, id) = (Arc::clone(self), draft.clone());
        let then = move |key: Result<PrivateKey, KeyError>| {
            app.create_with(&key.map_err(AppError::from)?, &finished, Some(&id), by)
        };
        self.forge.when_ready(draft, slow, now, Box::new(then));
        Ok(Saved::Later)
    }

    /// A name that is taken: by this very draft, perhaps, whose other half of a double click came first.
    fn taken_by(&self, draft: Option<&DraftId>, name: &CsrName) -> Result<CsrName, CreateError> {
        let saved = draft.map(|draft| self.catalog.saved_from(draft)).transpose()?.flatten();
        saved.ok_or_else(|| CreateError::Refused(name_taken(name).into()))
    }

    fn create_with(
        &self,
        key: &PrivateKey,
        finished: &FinishedDraft,
        draft: Option<&DraftId>,
        by: Actor,
    ) -> Result<CsrName, CreateError> {
        let (der, record) = self.made(key, finished, draft)?;
        self.keep(&finished.request.name, &record, &der, key.pkcs8(), by)
    }

    /// The new request signed with the key of the CSR that it supersedes. That one stays as it is under the lock, and
    /// its key goes nowhere but into the new file.
    fn create_with_old_key(
        &self,
        supersedes: &Supersedes,
        finished: &FinishedDraft,
        draft: Option<&DraftId>,
        by: Actor,
    ) -> Result<CsrName, CreateError> {
        let gone = || CreateError::Refused(key_is_gone(&supersedes.name));
        let lock = self.store.lock().map_err(AppError::from)?;
        let (old, old_record) = self.catalog.predecessor(supersedes)?.ok_or_else(gone)?;
        let pkcs8 = self.store.private_key(&old).map_err(AppError::from)?.ok_or_else(gone)?;
        let key = PrivateKey::from_pkcs8(pkcs8.expose_secret()).map_err(AppError::from)?;
        let (is, wanted) = (key.kind().label(), finished.request.key.label());
        if is != wanted {
            return Err(CreateError::Refused(another_key(&old, &is, &wanted)));
        }
        let (der, record) = self.made(&key, finished, draft)?;
        let record = Record { factory_key: old_record.has_factory_key(), ..record };
        self.keep_under(lock, &finished.request.name, &record, &der, key.pkcs8(), by)
    }

    fn made(
        &self,
        key: &PrivateKey,
        finished: &FinishedDraft,
        draft: Option<&DraftId>,
    ) -> Result<(Vec<u8>, Record), AppError> {
        let FinishedDraft { asked, request, supersedes } = finished;
        let NewRequest { name: _, key: spec, lifetime, subject, names, extensions } = request;
        let der = signet_pki::request::encode(subject, names, extensions, key, spec.digest())?;
        let record = Record {
            draft: draft.cloned(),
            asked: Some(asked.clone()),
            lifetime: Some(lifetime.days()),
            // What became of that one meanwhile is looked at under the lock.
            supersedes: supersedes.as_ref().map(|supersedes| supersedes.id.clone()),
            ..Record::new(random::id()?, Origin::Created, self.clock.now())
        };
        Ok((der, record))
    }

    /// The last step of [`App::create`] and of an import: under the lock, once a draft.
    pub(crate) fn keep(
        &self,
        name: &CsrName,
        record: &Record,
        der: &[u8],
        key: &signet_domain::secret::Secret,
        by: Actor,
    ) -> Result<CsrName, CreateError> {
        let lock = self.store.lock().map_err(AppError::from)?;
        self.keep_under(lock, name, record, der, key, by)
    }

    fn keep_under(
        &self,
        lock: WriteLock<'_>,
        name: &CsrName,
        record: &Record,
        der: &[u8],
        key: &signet_domain::secret::Secret,
        by: Actor,
    ) -> Result<CsrName, CreateError> {
        if let Some(saved) = record.draft.as_ref().map(|draft| self.catalog.saved_from(draft)).transpose()?.flatten() {
            return Ok(saved);
        }
        self.audit.room_to_record(&lock)?;
        // A CSR that was deleted since the draft was begun is superseded by none.
        let old = record.supersedes.as_ref().map(|id| self.catalog.named(id)).transpose()?.flatten();
        // The owner has said once, with the password, that a service lives by this line's certificate: its renewal goes the
        // same way by itself, since the day on which the old one ends is a bad day to be asked again.
        let deploy =
            old.as_ref().is_some_and(|old| self.catalog.readable(old).is_ok_and(|content| content.record.deploy));
        let supersedes = record.supersedes.clone().filter(|_| old.is_some());
        let record = &Record { supersedes, deploy, ..record.clone() };
        match lock.create(name, record, der, key) {
            Ok(()) => {
                let made = signet_pki::inspect::inspect(der);
                let key = made.as_ref().map(|request| request.key.label.clone()).unwrap_or_default();
                let deed = match (record.origin, &old) {
                    (Origin::Imported, _) => Deed::Imported { csr: name, key: &key },
                    (Origin::Created | Origin::Factory, None) => Deed::Created { csr: name, key: &key },
                    (Origin::Created | Origin::Factory, Some(old)) => {
                        let spki = made.map(|request| request.spki_sha256).ok();
                        let before = self.catalog.readable(old).map(|content| content.request.spki_sha256).ok();
                        Deed::CreatedAfter { csr: name, key: &key, old, same_key: spki.is_some() && spki == before }
                    }
                };
                self.audit.record_under(&lock, by, deed);
                self.catalog.put(lock.release(), &[name]);
                Ok(name.clone())
            }
            Err(StoreError::AlreadyExists { .. }) => Err(CreateError::Refused(name_taken(name).into())),
            Err(error) => Err(CreateError::App(error.into())),
        }
    }
}
