//! A certificate that comes with its key, as an entry of its own: its request is made from the certificate.
//!
//! From the browser, what was given waits for Save in bounded memory, never in a cookie ([`waiting`]). Checked is what is
//! checked of a CA's answer, by the same rules.

#[cfg(test)]
mod tests;
mod uploaded;
mod waiting;

pub use uploaded::Uploaded;

use super::{Certificates, FIELD, Proposal, advice, audited, refused};
use crate::advice::Advice;
use crate::audit::Actor;
use crate::clock::{self, Clock};
pub use crate::messages::imports::certificate_gone;
use crate::messages::{advice as advise, certificates as say, imports};
use crate::requests::catalog::Catalog;
use crate::requests::content::Content;
use crate::requests::derivations::Derivations;
use crate::requests::{CameWith, Requests, name_taken};
use crate::{AppError, Failure, random};
use jiff::tz::TimeZone;
use signet_domain::draft::DraftId;
use signet_domain::key_spec::KeyKind;
use signet_domain::name::CsrName;
use signet_domain::record::{Origin, Record};
use signet_domain::secret::Secret;
use signet_pki::answer::Unread;
use signet_pki::certificate::Certificate;
use signet_pki::certified_key::{self, CertifiedKey, CertifiedKeyRefusal, Found, request_of};
use signet_pki::import::Source;
use signet_pki::inspect::inspect;
use signet_pki::private_key::PrivateKey;
use signet_store::StoreError;
use std::sync::Arc;
use waiting::Waiting;

/// What was given in one go: pasted text, files and the passphrase that opens them.
#[derive(Default)]
pub struct Given<'a> {
    /// The certificate, with its key or without.
    pub certificate: Source<'a>,
    /// The key, where it is not beside the certificate.
    pub key: Source<'a>,
    /// What opens key or file.
    pub passphrase: Option<Secret>,
}

/// A key with its certificates and the request that was made of them.
struct Prepared {
    request: Vec<u8>,
    key: PrivateKey,
    /// All that came, DER: the chain is chosen anew whenever it is looked at.
    certificates: Vec<Vec<u8>>,
    unread: Vec<Unread>,
}

impl Prepared {
    /// The certificate that the request was made from.
    fn leaf(&self) -> Option<Certificate> {
        let certificates = self.certificates.iter().filter_map(|der| Certificate::read(der).ok());
        let ours = certificates.filter(|certificate| certificate.has_key(self.key.spki_der()));
        ours.max_by_key(|certificate| certificate.not_before)
    }
}

/// Why files were not opened.
enum NotOpened {
    Refused(CertifiedKeyRefusal),
    /// Too many others are being opened.
    Busy,
}

impl From<CertifiedKeyRefusal> for NotOpened {
    fn from(refusal: CertifiedKeyRefusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Imports of certificates with their keys, at once or from the wizard.
#[derive(Debug)]
pub struct CertifiedImports {
    clock: Clock,
    catalog: Arc<Catalog>,
    requests: Arc<Requests>,
    certificates: Arc<Certificates>,
    derivations: Arc<Derivations>,
    allow_weak: bool,
    waiting: Waiting,
}

impl CertifiedImports {
    /// Imports that become CSRs through `requests`; weak keys are refused unless they are allowed.
    pub fn new(
        clock: Clock,
        catalog: Arc<Catalog>,
        requests: Arc<Requests>,
        certificates: Arc<Certificates>,
        derivations: Arc<Derivations>,
        allow_weak: bool,
    ) -> Self {
        Self { clock, catalog, requests, certificates, derivations, allow_weak, waiting: Waiting::default() }
    }

    /// Imports in one go, for the command line.
    ///
    /// # Errors
    /// [`AppError::Rejected`] at the fields `name`, `certificate`, `private_key` and `passphrase`.
    pub fn import(&self, name: &CsrName, given: &Given<'_>, by: Actor) -> Result<Proposal, AppError> {
        let prepared = self.read(name, given)?;
        let proposal = self.proposal(name, &prepared)?;
        self.keep(name, None, &prepared, &proposal, by)?;
        Ok(proposal)
    }

    /// What [`CertifiedImports::import`] would make: the entry without its certificates, and these. Nothing is kept.
    ///
    /// # Errors
    /// As [`CertifiedImports::import`].
    pub fn preview(&self, name: &CsrName, given: &Given<'_>) -> Result<(Content, Proposal), AppError> {
        let prepared = self.read(name, given)?;
        Ok((self.content(&prepared)?, self.proposal(name, &prepared)?))
    }

    fn read(&self, name: &CsrName, given: &Given<'_>) -> Result<Prepared, AppError> {
        if self.catalog.name_is_taken(name)? {
            return Err(AppError::Rejected(name_taken(name).into()));
        }
        let found = certified_key::find(given.certificate, given.key).map_err(|error| refused(error.invalid()))?;
        let opened = match self.open(&found, given.passphrase.as_ref()) {
            Ok(opened) => opened,
            Err(NotOpened::Refused(refusal)) => return Err(refused(refusal.invalid())),
            Err(NotOpened::Busy) => return Err(Failure::DerivationsBusy.into()),
        };
        self.prepared(opened)
    }

    /// Opens key or file; what derives a key has to wait for its turn. What is refused without any work is refused at once.
    fn open(&self, found: &Found, passphrase: Option<&Secret>) -> Result<CertifiedKey, NotOpened> {
        let opening = found.opening(passphrase)?;
        let turn = opening.derives().then(|| self.derivations.turn()).transpose();
        let Ok(_turn) = turn else { return Err(NotOpened::Busy) };
        let _room = self.derivations.room(opening.memory());
        Ok(opening.open()?)
    }

    /// Makes the request of the newest of the certificates that have the key.
    fn prepared(&self, CertifiedKey { key, certificates, unread }: CertifiedKey) -> Result<Prepared, AppError> {
        let ours = certificates.iter().filter(|certificate| certificate.has_key(key.spki_der()));
        let Some(leaf) = ours.max_by_key(|certificate| certificate.not_before) else {
            return Err(refused(say::only_of_cas(&certificates)));
        };
        if !self.allow_weak && matches!(leaf.key.kind, Some(KeyKind::Rsa { bits: ..2048 })) {
            return Err(refused(imports::short_key_not_allowed()));
        }
        // What breaks a rule is refused before it is copied into a request.
        if let Some(fault) = leaf.fault() {
            return Err(refused(say::faulty(leaf, &fault)));
        }
        let request = request_of(leaf, &key).map_err(Failure::from)?;
        Ok(Prepared { request, key, certificates: certificates.into_iter().map(|it| it.der).collect(), unread })
    }

    /// What would be kept, with the chain, and what is worth knowing of it.
    fn proposal(&self, name: &CsrName, prepared: &Prepared) -> Result<Proposal, AppError> {
        let content = self.content(prepared)?;
        let certificates = prepared.certificates.iter().filter_map(|der| Certificate::read(der).ok()).collect();
        let mut proposal = self.certificates.propose(name, content, certificates)?.with_spare();
        proposal.advice.extend(prepared.unread.iter().map(advice::unread));
        if let Some(other) = proposal.others.first() {
            let text = advise::same_key(other);
            proposal.advice.push(Advice { field: FIELD, text });
        }
        Ok(proposal)
    }

    fn content(&self, prepared: &Prepared) -> Result<Content, AppError> {
        let record = self.record(None)?;
        let request = inspect(&prepared.request).map_err(Failure::from)?;
        Ok(Content { record, der: prepared.request.clone(), request, certificates: Vec::new() })
    }

    fn keep(
        &self,
        name: &CsrName,
        draft: Option<&DraftId>,
        prepared: &Prepared,
        proposal: &Proposal,
        by: Actor,
    ) -> Result<CsrName, AppError> {
        let record = self.record(draft)?;
        let came_with = CameWith { certificates: &proposal.certificates(), told: &audited(proposal) };
        let made = (prepared.request.as_slice(), prepared.key.pkcs8());
        match self.requests.keep_with(name, &record, made, &came_with, by) {
            Err(AppError::Failed(Failure::Store(StoreError::TooLarge { .. }))) => Err(refused(say::too_large())),
            outcome => outcome,
        }
    }

    fn record(&self, draft: Option<&DraftId>) -> Result<Record, Failure> {
        let now = self.clock.now();
        Ok(Record {
            draft: draft.cloned(),
            with_certificate: true,
            answered: Some(now),
            ..Record::new(random::id()?, Origin::Imported, now)
        })
    }

    /// A free name for an entry with this certificate.
    fn name_for(&self, certificate: &Certificate) -> Result<Option<CsrName>, Failure> {
        let Some(name) = CsrName::nearest(&certificate.subject_short()) else { return Ok(None) };
        if !self.catalog.name_is_taken(&name)? {
            return Ok(Some(name));
        }
        let year = TimeZone::UTC.to_datetime(clock::trusted(self.clock.now())).year();
        let free = name.successor(year, |other| self.catalog.name_is_taken(other).unwrap_or(false));
        Ok(Some(free))
    }
}
