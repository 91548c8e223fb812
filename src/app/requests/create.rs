//! A new CSR: key, request, record, one durable file.

use super::content::Content;
use super::key_queue::Slow;
use super::{CameWith, Requests, name_taken};
use crate::audit::Actor;
use crate::{AppError, Failure, random};
use signet_domain::draft::{DraftId, FinishedDraft};
use signet_domain::key_spec::{Curve, Digest, KeySpec};
use signet_domain::name::CsrName;
use signet_domain::record::{Origin, Record};
use signet_domain::request::NewRequest;
use signet_domain::supersedes::{Supersedes, another_key, key_is_gone};
use signet_pki::key_error::KeyError;
use signet_pki::private_key::PrivateKey;
use std::sync::Arc;
use std::time::{Duration, Instant};

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

impl Requests {
    /// Makes the key and the request and keeps both. From the wizard, `draft` names the draft: saved twice, it makes
    /// one CSR, whose present name is given both times.
    pub fn create(&self, finished: &FinishedDraft, draft: Option<&DraftId>, by: Actor) -> Result<CsrName, AppError> {
        if let Some(saved) = draft.map(|draft| self.catalog.saved_from(draft)).transpose()?.flatten() {
            return Ok(saved);
        }
        if self.catalog.name_is_taken(&finished.request.name)? {
            return self.taken_by(draft, &finished.request.name);
        }
        if let Some(supersedes) = finished.supersedes.as_ref().filter(|supersedes| supersedes.same_key) {
            return self.create_with_old_key(supersedes, finished, draft, by);
        }
        let key = signet_pki::generate::generate_soon(finished.request.key).map_err(Failure::from)?;
        self.create_with(&key, finished, draft, by)
    }

    /// What [`Requests::create`] would keep, decoded: signed with a key that nobody keeps, so that its key and digests are
    /// none of the later request. Refused as that is.
    pub fn preview(&self, finished: &FinishedDraft) -> Result<Content, AppError> {
        let name = &finished.request.name;
        if self.catalog.name_is_taken(name)? {
            return Err(AppError::Rejected(name_taken(name).into()));
        }
        self.store.may_create(1).map_err(Failure::from)?;
        let spec = KeySpec::Ec(Curve::Secp256r1, Digest::Sha256);
        let key = signet_pki::generate::generate(spec).map_err(Failure::from)?;
        let (request, record) = self.made_with(&key, Some(Digest::Sha256), finished, None)?;
        let decoded = signet_pki::inspect::inspect(&request).map_err(Failure::from)?;
        Ok(Content { record, der: request, request: decoded, certificates: Vec::new() })
    }

    /// [`Requests::create`] from the wizard: with the key that was made ahead, or, where that takes long, as soon as it is
    /// there. Nothing is lost when nobody waits for it.
    pub fn save(
        self: &Arc<Self>,
        finished: FinishedDraft,
        draft: &DraftId,
        by: Actor,
        now: Instant,
    ) -> Result<Saved, AppError> {
        if let Some(saved) = self.catalog.saved_from(draft)? {
            return Ok(Saved::Kept(saved));
        }
        let Some(slow) = Slow::of(finished.request.key).filter(|_| !finished.keeps_key()) else {
            return self.create(&finished, Some(draft), by).map(Saved::Kept);
        };
        if self.catalog.name_is_taken(&finished.request.name)? {
            return self.taken_by(Some(draft), &finished.request.name).map(Saved::Kept);
        }
        self.keys.begin(draft, slow, now);
        if let Some(key) = self.keys.take(draft, slow, PATIENCE) {
            return self.create_with(&key, &finished, Some(draft), by).map(Saved::Kept);
        }
        let (requests, id) = (Arc::clone(self), draft.clone());
        let then = move |key: Result<PrivateKey, KeyError>| {
            requests.create_with(&key.map_err(Failure::from)?, &finished, Some(&id), by)
        };
        self.keys.when_ready(draft, slow, now, Box::new(then));
        Ok(Saved::Later)
    }

    /// A name that is taken: by this very draft, perhaps, whose other half of a double click came first.
    fn taken_by(&self, draft: Option<&DraftId>, name: &CsrName) -> Result<CsrName, AppError> {
        let saved = draft.map(|draft| self.catalog.saved_from(draft)).transpose()?.flatten();
        saved.ok_or_else(|| AppError::Rejected(name_taken(name).into()))
    }

    fn create_with(
        &self,
        key: &PrivateKey,
        finished: &FinishedDraft,
        draft: Option<&DraftId>,
        by: Actor,
    ) -> Result<CsrName, AppError> {
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
    ) -> Result<CsrName, AppError> {
        let gone = || AppError::Rejected(key_is_gone(&supersedes.name));
        let lock = self.store.lock().map_err(Failure::from)?;
        let (old, old_record) = self.catalog.predecessor(supersedes)?.ok_or_else(gone)?;
        let pkcs8 = self.store.private_key(&old).map_err(Failure::from)?.ok_or_else(gone)?;
        let key = PrivateKey::from_pkcs8(pkcs8.expose_secret()).map_err(Failure::from)?;
        let (is, wanted) = (key.kind().label(), finished.request.key.kind().label());
        if is != wanted {
            return Err(AppError::Rejected(another_key(&old, &is, &wanted)));
        }
        let (der, record) = self.made(&key, finished, draft)?;
        let record = Record { factory_key: old_record.has_factory_key(), ..record };
        self.keep_under(lock, &finished.request.name, &record, (&der, key.pkcs8()), &CameWith::default(), by)
    }

    fn made(
        &self,
        key: &PrivateKey,
        finished: &FinishedDraft,
        draft: Option<&DraftId>,
    ) -> Result<(Vec<u8>, Record), Failure> {
        self.made_with(key, finished.request.key.digest(), finished, draft)
    }

    fn made_with(
        &self,
        key: &PrivateKey,
        digest: Option<Digest>,
        finished: &FinishedDraft,
        draft: Option<&DraftId>,
    ) -> Result<(Vec<u8>, Record), Failure> {
        let FinishedDraft { asked, request, supersedes } = finished;
        let NewRequest { name: _, key: _, lifetime, subject, names, extensions } = request;
        let der = signet_pki::request::encode(subject, names, extensions, key, digest)?;
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
}
