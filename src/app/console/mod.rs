//! Which certificate the console shows, and how another one comes into use: a CA's certificate for one of its requests, the
//! previous one, or one that the console makes.
//!
//! Each change is one step on disk and keeps the way back. Who calls shakes hands with a [`Candidate`] before it is put in
//! use: TLS is not known here. A trial that nobody has confirmed lives in the running console's memory alone.

mod identity;
mod kind;
mod own;
pub mod served;
mod standing;
#[cfg(test)]
mod tests;
mod usable;

use crate::audit::{Actor, AuditLog, Event};
use crate::clock::{self, Clock};
use crate::messages::{advice as advise, console as say};
use crate::requests::catalog::Catalog;
use crate::{AppError, Failure};
use signet_domain::invalid::Invalid;
use signet_domain::name::CsrName;
use signet_pki::certificate::Certificate;
use signet_pki::serving::{self, Takers, Unfit};
use signet_store::{Store, StoredIdentity};
use std::sync::Arc;

pub(crate) use own::has_its_key;

pub use own::{Fingerprints, Identity};
pub use standing::{Standing, Why};
pub use usable::Usable;

/// A certificate with its key that could be the console's.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// The chain as it is sent, and the key.
    pub identity: StoredIdentity,
    /// What is worth knowing before visitors meet it, each one or two sentences.
    pub advice: Vec<String>,
    /// Who takes it in a handshake.
    pub takers: Takers,
}

/// Where to go back to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Back {
    /// The identity that was in use before.
    Former,
    /// The console's own: the factory's, or a self-made one.
    Own,
}

impl Back {
    /// Its word in forms, on the command line and in the log.
    pub fn word(self) -> &'static str {
        match self {
            Self::Former => "former",
            Self::Own => "own",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Result<Self, Invalid> {
        match word {
            "former" => Ok(Self::Former),
            "own" => Ok(Self::Own),
            _ => Err(say::no_such_way_back()),
        }
    }
}

/// Puts another certificate of the console in use, and goes back.
#[derive(Debug)]
pub struct Console {
    store: Store,
    clock: Clock,
    catalog: Arc<Catalog>,
    audit: Arc<AuditLog>,
    identity: Arc<Identity>,
}

impl Console {
    /// The console over this data directory, with its identity.
    pub fn new(
        store: Store,
        clock: Clock,
        catalog: Arc<Catalog>,
        audit: Arc<AuditLog>,
        identity: Arc<Identity>,
    ) -> Self {
        Self { store, clock, catalog, audit, identity }
    }

    /// What is known of a certificate of the console (DER).
    pub fn standing(&self, certificate: &[u8]) -> Result<Standing, Failure> {
        Standing::of(certificate, &self.identity)
    }

    /// Where the ways back lead to; one without a certificate makes a new key and certificate.
    pub fn ways_back(&self) -> Vec<(Back, Option<Standing>)> {
        let leaf = |identity: Option<StoredIdentity>| identity.and_then(|identity| identity.chain.into_iter().next());
        let in_use = leaf(self.store.identity().ok().flatten());
        let former = leaf(self.store.former_identity().ok().flatten()).filter(|leaf| Some(leaf) != in_use.as_ref());
        // One that not all browsers take comes back by a trial of its request alone.
        let former = former.and_then(|leaf| self.standing(&leaf).ok()).filter(|former| !former.ml_dsa);
        // A self-made former one is the console's own: one way to it is enough.
        let own_is_former = former.as_ref().is_some_and(|former| matches!(former.why, Why::Own | Why::Factory));
        let own_is_in_use = in_use.is_some_and(|leaf| self.identity.is_own(&leaf).unwrap_or(false));
        let mut ways: Vec<_> = former.map(|former| (Back::Former, Some(former))).into_iter().collect();
        if !own_is_former && !own_is_in_use {
            ways.push((Back::Own, leaf(self.identity.kept_own()).and_then(|leaf| self.standing(&leaf).ok())));
        }
        ways
    }

    /// A request's certificate, as the console's. `host` is the name or address that the visitor came in by; where
    /// it is not in the certificate, that is advice.
    ///
    /// # Errors
    /// A refusal says why browsers or TLS would not take it.
    pub fn candidate(&self, name: &CsrName, host: Option<&str>) -> Result<Candidate, AppError> {
        let content = self.catalog.readable(name)?;
        let key = self.store.private_key(name).map_err(Failure::from)?;
        let key = key.ok_or_else(|| Failure::NotFound(name.to_string()))?;
        let identity = StoredIdentity { chain: serving::to_send(&content.certificates), key };
        let takers = self.serves(&identity)?;
        let mut advice =
            serving::advice(&content.certificates, self.clock.now(), clock::build_date()).map_err(Failure::from)?;
        if let (Some(host), Some(leaf)) = (host, identity.chain.first()) {
            let names = signet_pki::identity::names(leaf).map_err(Failure::from)?;
            if names.is_empty() {
                advice.push(advise::CONSOLE_NO_NAMES.to_owned());
            } else if !standing::names_host(&names, host) {
                advice.push(advise::host_not_named(host, &names));
            }
        }
        Ok(Candidate { identity, advice, takers })
    }

    /// The same, to be put in use without a trial: only what browsers as they are common take.
    ///
    /// # Errors
    /// As [`Console::candidate`], and for a key that only some clients take: one of them has to show that by a trial.
    pub fn candidate_for_all(&self, name: &CsrName) -> Result<Candidate, AppError> {
        let candidate = self.candidate(name, None)?;
        suits_all(&candidate.identity, candidate.takers)?;
        Ok(candidate)
    }

    /// Puts a request's certificate in use for good, and keeps the previous identity for the way back. `instead_of` is the
    /// certificate (DER) that was in use when the choice was made: where another one is now, nothing is changed and the
    /// result is false.
    pub fn put_in_use(
        &self,
        name: &CsrName,
        identity: &StoredIdentity,
        instead_of: Option<&[u8]>,
        by: Actor,
    ) -> Result<bool, Failure> {
        let lock = self.store.lock()?;
        if let Some(before) = instead_of
            && self.is_overtaken(before)
        {
            return Ok(false);
        }
        self.audit.room_to_record(&lock)?;
        lock.change_identity(identity)?;
        self.audit.record_under(&lock, by, Event::ConsoleChanged { csr: name });
        self.catalog.put(lock.release(), &[]);
        Ok(true)
    }

    /// The identity that the way back leads to, renewed with its key where it is the console's own and due.
    ///
    /// # Errors
    /// A refusal where there is none, or browsers as they are common would not take it.
    pub fn way_back(&self, to: Back) -> Result<StoredIdentity, AppError> {
        let in_use = self.store.identity().ok().flatten().and_then(|identity| identity.chain.into_iter().next());
        let identity = match to {
            Back::Former => self.former(in_use.as_deref())?,
            Back::Own => self.own(in_use.as_deref())?,
        };
        suits_all(&identity, self.serves(&identity)?)?;
        Ok(identity)
    }

    /// Puts in use what [`Console::way_back`] gave, and keeps the previous identity for the way forth again.
    pub fn go_back(&self, to: Back, identity: &StoredIdentity, by: Actor) -> Result<(), Failure> {
        let lock = self.store.lock()?;
        self.audit.room_to_record(&lock)?;
        let former = self.store.former_identity().ok().flatten();
        if former.is_some_and(|former| former.chain == identity.chain) {
            lock.exchange_identities()?;
        } else {
            lock.change_identity(identity)?;
        }
        self.audit.record_under(&lock, by, Event::ConsoleWentBack { to: to.word() });
        self.catalog.put(lock.release(), &[]);
        Ok(())
    }

    /// True when the certificate (DER) is the first of the identity on disk.
    pub fn is_in_use(&self, certificate: &[u8]) -> bool {
        let on_disk = self.store.identity().ok().flatten();
        on_disk.is_some_and(|identity| identity.chain.first().is_some_and(|leaf| leaf == certificate))
    }

    /// True when a CSR has the key of the identity on disk.
    pub fn has_key_of(&self, name: &CsrName) -> bool {
        let leaf = self.store.identity().ok().flatten().and_then(|identity| identity.chain.into_iter().next());
        let Some(key) = leaf.and_then(|leaf| signet_pki::identity::key_sha256(&leaf).ok()) else { return false };
        self.catalog.readable(name).is_ok_and(|content| content.request.key_sha256 == key)
    }

    /// True when another identity lies on disk, and one that can be used: what cannot be may be replaced.
    fn is_overtaken(&self, before: &[u8]) -> bool {
        self.store.identity().ok().flatten().is_some_and(|identity| has_its_key(&identity)) && !self.is_in_use(before)
    }

    fn serves(&self, identity: &StoredIdentity) -> Result<Takers, AppError> {
        serving::serves(&identity.chain, &identity.key, self.clock.now(), clock::build_date()).map_err(unfit)
    }

    fn former(&self, in_use: Option<&[u8]>) -> Result<StoredIdentity, AppError> {
        let former = self.store.former_identity().map_err(Failure::from)?;
        let former = former.filter(|former| former.chain.first().map(Vec::as_slice) != in_use);
        let former = former.ok_or_else(|| AppError::Rejected(say::no_previous().into()))?;
        Ok(self.identity.with_time_left(former)?)
    }

    /// The kept one, else a new one.
    fn own(&self, in_use: Option<&[u8]>) -> Result<StoredIdentity, AppError> {
        if in_use.is_some_and(|leaf| self.identity.is_own(leaf).unwrap_or(false)) {
            return Err(AppError::Rejected(say::own_in_use().into()));
        }
        match self.identity.kept_own() {
            Some(own) => Ok(self.identity.with_time_left(own)?),
            None => Ok(self.identity.make(None)?),
        }
    }
}

/// A rehearsal that failed, with what TLS said of it.
pub fn rehearsal_failed(error: &impl std::fmt::Display) -> Invalid {
    say::self_test_failed(error)
}

/// What is put in use without a trial has to be taken by browsers as they are common.
fn suits_all(identity: &StoredIdentity, takers: Takers) -> Result<(), AppError> {
    if takers == Takers::Browsers {
        return Ok(());
    }
    let leaf = identity.chain.first().and_then(|leaf| Certificate::read(leaf).ok());
    Err(unfit(Unfit::Untried(leaf.map(|leaf| leaf.key.label).unwrap_or_default())))
}

fn unfit(unfit: Unfit) -> AppError {
    AppError::Rejected(Invalid::new(say::FIELD, unfit.to_string(), unfit.fix()).into())
}
