//! A request that was made elsewhere, with its key: imported in one go, or read in the wizard and saved later.

mod advice;
mod pending;

use super::catalog::Catalog;
use super::content::Content;
use super::derivations::Derivations;
use super::{Requests, name_taken};
use crate::audit::Actor;
use crate::clock::Clock;
use crate::messages::imports as say;
use crate::{AppError, Failure, random};
pub use advice::{advice, field};
use pending::{KeyToOpen, Pending, PendingKey};
use signet_domain::draft::DraftId;
use signet_domain::invalid::{Invalid, Mistakes};
use signet_domain::key_spec::KeyKind;
use signet_domain::name::CsrName;
use signet_domain::record::{Origin, Record};
use signet_domain::secret::Secret;
use signet_pki::import::{self, ImportRefusal, ReadRequest, Source};
use signet_pki::inspect::{Inspected, inspect};
use signet_pki::keyfile::{KeyFile, KeyFileError};
use signet_pki::private_key::PrivateKey;
use std::sync::Arc;
use std::time::Instant;

/// What was given in one go: pasted text, files, passphrase and its repetition.
pub struct Given<'a> {
    /// The request.
    pub request: Source<'a>,
    /// The key.
    pub key: Source<'a>,
    /// Its passphrase; an empty one is given, too.
    pub passphrase: Option<Secret>,
    /// The passphrase again; none or an empty one where it was not repeated.
    pub confirm: Option<Secret>,
}

impl Given<'_> {
    fn has_request(&self) -> bool {
        self.request.paste.is_some() || self.request.file.is_some()
    }

    fn has_key(&self) -> bool {
        self.key.paste.is_some() || self.key.file.is_some()
    }
}

/// Why a key was not opened.
enum NotOpened {
    /// The file is of no use.
    Refused(ImportRefusal),
    /// The file is good, its passphrase is missing, wrong or too much.
    Locked(Box<KeyFile>, ImportRefusal),
    /// Too many others are being opened.
    Busy(KeyToOpen),
}

/// Why the import's step does not go on.
#[derive(Debug)]
pub struct NotHeld {
    /// What is wrong, and where.
    pub mistakes: Mistakes,
    /// One of them is that the key was not opened yet: it is held with its passphrase, for another try soon.
    pub busy: bool,
}

/// Imports, at once or from the wizard.
#[derive(Debug)]
pub struct Imports {
    clock: Clock,
    catalog: Arc<Catalog>,
    requests: Arc<Requests>,
    derivations: Arc<Derivations>,
    allow_weak: bool,
    pending: Pending,
}

impl Imports {
    /// Imports that become CSRs through `requests`; weak keys and signatures are refused unless they are allowed.
    pub fn new(
        clock: Clock,
        catalog: Arc<Catalog>,
        requests: Arc<Requests>,
        derivations: Arc<Derivations>,
        allow_weak: bool,
    ) -> Self {
        Self { clock, catalog, requests, derivations, allow_weak, pending: Pending::default() }
    }

    /// Drops all that waits.
    pub(crate) fn clear(&self) {
        self.pending.clear();
    }

    /// Drops what has waited too long.
    pub(crate) fn expire(&self, now: Instant) {
        drop(self.pending.live(now));
    }

    /// How many drafts are in memory, looked at or not.
    #[cfg(test)]
    pub(crate) fn in_memory(&self) -> usize {
        self.pending.in_memory()
    }

    /// Imports in one go, for the command line.
    pub fn import(&self, name: &CsrName, given: &Given<'_>, by: Actor) -> Result<CsrName, AppError> {
        let (request, key) = self.read(name, given)?;
        self.keep_import(name, None, &request, &key, by)
    }

    /// What [`Imports::import`] would keep, decoded; refused as that is.
    pub fn preview(&self, name: &CsrName, given: &Given<'_>) -> Result<Content, AppError> {
        let (request, _) = self.read(name, given)?;
        let record = Record::new(random::id()?, Origin::Imported, self.clock.now());
        let decoded = inspect(request.der()).map_err(Failure::from)?;
        Ok(Content { record, der: request.der().to_vec(), request: decoded, certificates: Vec::new() })
    }

    fn read(&self, name: &CsrName, given: &Given<'_>) -> Result<(ReadRequest, PrivateKey), AppError> {
        if self.catalog.name_is_taken(name)? {
            return Err(AppError::Rejected(name_taken(name).into()));
        }
        let key = match import::find_key(given.key).map_err(NotOpened::Refused).and_then(|key| self.open(key, given)) {
            Ok(key) => Ok(key),
            Err(NotOpened::Refused(refusal) | NotOpened::Locked(_, refusal)) => Err(refusal),
            Err(NotOpened::Busy(_)) => return Err(Failure::DerivationsBusy.into()),
        };
        let (request, key) = match (import::read_request(given.request), key) {
            (Ok(request), Ok(key)) => (request, key),
            (request, key) => {
                let mut mistakes = Mistakes::none();
                import::refused(request.err(), key.err()).into_iter().for_each(|invalid| mistakes.add(invalid));
                return Err(AppError::Rejected(mistakes));
            }
        };
        self.belongs(&request, &key).map_err(|invalid| AppError::Rejected(invalid.into()))?;
        Ok((request, key))
    }

    /// Takes what the wizard's import step was given; what was read before and is not given again stays. A good key file
    /// stays without its passphrase, too: only that is asked for then.
    pub fn hold(&self, draft: &DraftId, given: &Given<'_>, now: Instant) -> Result<(), NotHeld> {
        let mut one = self.pending.live(now).remove(draft).unwrap_or_default();
        // The slow part, a key derivation, runs without the lock.
        let mut request_refused = None;
        if given.has_request() || !one.wants_passphrase() {
            match import::read_request(given.request) {
                Ok(request) => one.request = Some(request),
                Err(refusal) => {
                    one.request = None;
                    request_refused = Some(refusal);
                }
            }
        }
        let (mut key_refused, mut busy) = (None, false);
        one.key = match self.next_key(std::mem::take(&mut one.key), given) {
            Ok(key) => PendingKey::Open(key),
            Err(NotOpened::Refused(refusal)) => {
                key_refused = Some(refusal);
                PendingKey::Missing
            }
            Err(NotOpened::Locked(file, refusal)) => {
                key_refused = Some(refusal);
                PendingKey::Locked(KeyToOpen { file: *file, passphrase: None })
            }
            Err(NotOpened::Busy(key)) => {
                busy = true;
                PendingKey::Locked(key)
            }
        };
        let mut mistakes = Mistakes::none();
        import::refused(request_refused, key_refused).into_iter().for_each(|invalid| mistakes.add(invalid));
        if busy {
            mistakes.add(say::key_not_opened_yet());
        }
        if let (Some(request), PendingKey::Open(key)) = (&one.request, &one.key)
            && let Err(invalid) = self.belongs(request, key)
        {
            one.key = PendingKey::Missing;
            mistakes.add(invalid);
        }
        self.pending.put(draft, one, now);
        if mistakes.is_empty() { Ok(()) } else { Err(NotHeld { mistakes, busy }) }
    }

    /// The key that is given now, else the one that waits, perhaps with the passphrase that is given now.
    fn next_key(&self, waiting: PendingKey, given: &Given<'_>) -> Result<PrivateKey, NotOpened> {
        match waiting {
            PendingKey::Open(key) if !given.has_key() => Ok(key),
            // It had no turn, and nothing else was given.
            PendingKey::Locked(key) if !given.has_key() && key.passphrase.is_some() && given.passphrase.is_none() => {
                self.in_turn(key)
            }
            PendingKey::Locked(key) if !given.has_key() => self.open(key.file, given),
            _ => self.open(import::find_key(given.key).map_err(NotOpened::Refused)?, given),
        }
    }

    /// Opens a key with the passphrase that is given. An empty one opens a key that was encrypted with one, and counts as
    /// none for a plain key.
    fn open(&self, file: KeyFile, given: &Given<'_>) -> Result<PrivateKey, NotOpened> {
        if let Err(refusal) = import::confirmed(&file, given.passphrase.as_ref(), given.confirm.as_ref()) {
            return Err(NotOpened::Locked(Box::new(file), refusal));
        }
        let passphrase = given.passphrase.as_ref().filter(|it| !it.is_empty() || file.is_encrypted()).cloned();
        self.in_turn(KeyToOpen { file, passphrase })
    }

    /// Opens a key; one that is encrypted has to wait for its turn. What is refused without any work is refused at once.
    fn in_turn(&self, key: KeyToOpen) -> Result<PrivateKey, NotOpened> {
        match self.try_to_open(&key) {
            Ok(Some(opened)) => Ok(opened),
            Ok(None) => Err(NotOpened::Busy(key)),
            Err(error) if error.is_of_passphrase() => Err(NotOpened::Locked(Box::new(key.file), error.into())),
            Err(error) => Err(NotOpened::Refused(error.into())),
        }
    }

    /// None where there was no turn.
    fn try_to_open(&self, key: &KeyToOpen) -> Result<Option<PrivateKey>, KeyFileError> {
        let opening = key.file.opening(key.passphrase.as_ref())?;
        let Ok(_turn) = opening.derives().then(|| self.derivations.turn()).transpose() else { return Ok(None) };
        let _room = self.derivations.room(opening.memory());
        opening.open().map(Some)
    }

    /// True when a request and its key wait for Save.
    pub fn waits(&self, draft: &DraftId, now: Instant) -> bool {
        self.pending.live(now).get(draft).is_some_and(pending::PendingImport::is_complete)
    }

    /// True when the passphrase of the key is all that is missing.
    pub fn wants_passphrase(&self, draft: &DraftId, now: Instant) -> bool {
        self.pending.live(now).get(draft).is_some_and(pending::PendingImport::wants_passphrase)
    }

    /// True when a key waits, perhaps without its request or not opened yet.
    pub fn key_waits(&self, draft: &DraftId, now: Instant) -> bool {
        self.pending.live(now).get(draft).is_some_and(|one| !matches!(one.key, PendingKey::Missing))
    }

    /// The request that waits, as PEM.
    pub fn pem(&self, draft: &DraftId, now: Instant) -> Option<String> {
        let pending = self.pending.live(now);
        let request = pending.get(draft)?.request.as_ref()?;
        Some(signet_pki::pem::encode("CERTIFICATE REQUEST", request.der()).to_string())
    }

    /// The request that waits, decoded.
    pub fn request(&self, draft: &DraftId, now: Instant) -> Result<Option<Inspected>, Failure> {
        let pending = self.pending.live(now);
        let request = pending.get(draft).and_then(|one| one.request.as_ref());
        Ok(request.map(|request| inspect(request.der())).transpose()?)
    }

    /// Saves what waits.
    pub fn save(&self, draft: &DraftId, name: &CsrName, by: Actor, now: Instant) -> Result<CsrName, AppError> {
        let gone = || AppError::Rejected(say::request_gone().into());
        let one = self.pending.live(now).remove(draft).ok_or_else(gone)?;
        let saved = match (&one.request, &one.key) {
            (Some(request), PendingKey::Open(key)) => self.keep_import(name, Some(draft), request, key, by),
            _ => Err(gone()),
        };
        if saved.is_err() {
            // A taken name, a full disk or a passphrase that is still missing loses nothing: it waits on.
            self.pending.put(draft, one, now);
        }
        saved
    }

    fn belongs(&self, request: &ReadRequest, key: &PrivateKey) -> Result<(), Invalid> {
        if request.public_key() != key.public_key() {
            return Err(ImportRefusal::KeyOfAnotherRequest.invalid());
        }
        weak(request.der(), self.allow_weak)
    }

    fn keep_import(
        &self,
        name: &CsrName,
        draft: Option<&DraftId>,
        request: &ReadRequest,
        key: &PrivateKey,
        by: Actor,
    ) -> Result<CsrName, AppError> {
        let record = Record { draft: draft.cloned(), ..Record::new(random::id()?, Origin::Imported, self.clock.now()) };
        self.requests.keep(name, &record, request.der(), key.pkcs8(), by)
    }
}

/// The integrator's `[keys] allow_weak = false` holds for imports, too.
fn weak(der: &[u8], allowed: bool) -> Result<(), Invalid> {
    let Ok(request) = inspect(der) else { return Ok(()) };
    if allowed {
        return Ok(());
    }
    if matches!(request.key.kind, Some(KeyKind::Rsa { bits: ..2048 })) {
        return Err(say::short_key_not_allowed());
    }
    if request.signature.digest == Some(signet_domain::key_spec::Digest::Sha1) {
        return Err(say::sha1_not_allowed());
    }
    Ok(())
}

#[cfg(test)]
mod tests;
