//! A request that was made elsewhere, with its key.
//!
//! From the wizard, what was read waits for Save in bounded memory, never in a cookie: request and key apart, since
//! after a mistake in one the other is kept. What waits is zeroized when it is dropped.

use super::catalog::Catalog;
use super::content::Content;
use super::derivations::Derivations;
use super::{Requests, name_taken};
use crate::audit::Actor;
use crate::clock::Clock;
use crate::{AppError, CreateError, random};
use signet_domain::advice::Advice;
use signet_domain::draft::DraftId;
use signet_domain::invalid::{Invalid, Mistakes, shortened};
use signet_domain::name::CsrName;
use signet_domain::record::{Origin, Record};
use signet_domain::secret::Secret;
use signet_pki::import::{self, ImportRefusal, ReadRequest, Source};
use signet_pki::inspect::{Inspected, inspect};
use signet_pki::keyfile::KeyFile;
use signet_pki::private_key::PrivateKey;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Drafts that may wait at once; over it the oldest is dropped, and the wizard asks again.
const MOST: usize = 8;
/// How long one waits after it was last touched.
const LIFE: Duration = Duration::from_secs(30 * 60);

/// What was given in one go: pasted text, files, passphrase and its repetition.
pub struct Given<'a> {
    /// The request.
    pub request: Source<'a>,
    /// The key.
    pub key: Source<'a>,
    /// Its passphrase.
    pub passphrase: Option<Secret>,
    /// The passphrase once more.
    pub confirm: Option<Secret>,
}

impl Given<'_> {
    /// An empty passphrase opens a key that was encrypted with one, and counts as none for a plain key.
    fn find_key(&self) -> Result<KeyToOpen, ImportRefusal> {
        let file = import::find_key(self.key, self.passphrase.as_ref(), self.confirm.as_ref())?;
        let passphrase = self.passphrase.as_ref().filter(|it| !it.is_empty() || file.is_encrypted()).cloned();
        Ok(KeyToOpen { file, passphrase })
    }

    fn has_key(&self) -> bool {
        self.key.paste.is_some() || self.key.file.is_some() || self.passphrase.is_some() || self.confirm.is_some()
    }
}

/// What waits for Save, by draft.
#[derive(Default)]
struct Pending(Mutex<HashMap<DraftId, PendingImport>>);

impl std::fmt::Debug for Pending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pending(..)")
    }
}

struct PendingImport {
    request: Option<ReadRequest>,
    key: Option<PrivateKey>,
    /// In place of `key` where there was no turn to open it.
    unopened: Option<KeyToOpen>,
    touched: Instant,
}

/// A key as it was handed in, with its passphrase.
struct KeyToOpen {
    file: KeyFile,
    passphrase: Option<Secret>,
}

/// Why a key was not opened.
enum NotOpened {
    Refused(ImportRefusal),
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

impl Pending {
    fn live(&self, now: Instant) -> MutexGuard<'_, HashMap<DraftId, PendingImport>> {
        let mut pending = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        pending.retain(|_, one| now.saturating_duration_since(one.touched) < LIFE);
        pending
    }
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

    /// Drops all that waits: the owner has changed.
    pub fn clear(&self) {
        self.pending.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Imports in one go, for the command line.
    pub fn import(&self, name: &CsrName, given: &Given<'_>, by: Actor) -> Result<CsrName, CreateError> {
        let (request, key) = self.read(name, given)?;
        self.keep_import(name, None, &request, &key, by)
    }

    /// What [`Imports::import`] would keep, decoded; refused as that is.
    pub fn preview(&self, name: &CsrName, given: &Given<'_>) -> Result<Content, CreateError> {
        let (request, _) = self.read(name, given)?;
        let record = Record::new(random::id()?, Origin::Imported, self.clock.now());
        let decoded = inspect(request.der()).map_err(AppError::from)?;
        Ok(Content { record, der: request.der().to_vec(), request: decoded, certificates: Vec::new() })
    }

    fn read(&self, name: &CsrName, given: &Given<'_>) -> Result<(ReadRequest, PrivateKey), CreateError> {
        if self.catalog.name_is_taken(name)? {
            return Err(CreateError::Refused(name_taken(name).into()));
        }
        let key = match given.find_key().map_err(NotOpened::Refused).and_then(|key| self.open(key)) {
            Ok(key) => Ok(key),
            Err(NotOpened::Refused(refusal)) => Err(refusal),
            Err(NotOpened::Busy(_)) => return Err(AppError::DerivationsBusy.into()),
        };
        let (request, key) = match (import::read_request(given.request), key) {
            (Ok(request), Ok(key)) => (request, key),
            (request, key) => {
                let mut mistakes = Mistakes::none();
                import::refused(request.err(), key.err()).into_iter().for_each(|invalid| mistakes.add(invalid));
                return Err(CreateError::Refused(mistakes));
            }
        };
        self.belongs(&request, &key).map_err(|invalid| CreateError::Refused(invalid.into()))?;
        Ok((request, key))
    }

    /// Takes what the wizard's import step was given; what was read before and is not given again stays.
    pub fn hold(&self, draft: &DraftId, given: &Given<'_>, now: Instant) -> Result<(), NotHeld> {
        let mut mistakes = Mistakes::none();
        let mut pending = self.pending.live(now);
        if !pending.contains_key(draft) && pending.len() >= MOST {
            let oldest = pending.iter().min_by_key(|(_, one)| one.touched).map(|(id, _)| id.clone());
            oldest.map(|oldest| pending.remove(&oldest));
        }
        let none = PendingImport { request: None, key: None, unopened: None, touched: now };
        let mut one = pending.remove(draft).unwrap_or(none);
        drop(pending);
        // The slow part, a key derivation, runs without the lock.
        let mut request_refused = None;
        let mut key_refused = None;
        match import::read_request(given.request) {
            Ok(request) => one.request = Some(request),
            Err(refusal) => {
                one.request = None;
                request_refused = Some(refusal);
            }
        }
        let to_open = match one.unopened.take() {
            Some(unopened) if !given.has_key() => Some(Ok(unopened)),
            _ => (given.has_key() || one.key.is_none()).then(|| given.find_key()),
        };
        if let Some(to_open) = to_open {
            one.key = None;
            match to_open.map_err(NotOpened::Refused).and_then(|key| self.open(key)) {
                Ok(key) => one.key = Some(key),
                Err(NotOpened::Refused(refusal)) => key_refused = Some(refusal),
                Err(NotOpened::Busy(unopened)) => one.unopened = Some(unopened),
            }
        }
        import::refused(request_refused, key_refused).into_iter().for_each(|invalid| mistakes.add(invalid));
        if one.unopened.is_some() {
            mistakes.add(not_opened_yet());
        }
        if let (Some(request), Some(key)) = (&one.request, &one.key)
            && let Err(invalid) = self.belongs(request, key)
        {
            one.key = None;
            mistakes.add(invalid);
        }
        one.touched = now;
        let busy = one.unopened.is_some();
        self.pending.live(now).insert(draft.clone(), one);
        if mistakes.is_empty() { Ok(()) } else { Err(NotHeld { mistakes, busy }) }
    }

    /// Opens a key; one that is encrypted has to wait for its turn. What is refused without any work is refused at once.
    fn open(&self, key: KeyToOpen) -> Result<PrivateKey, NotOpened> {
        let refused = |error| NotOpened::Refused(ImportRefusal::Key(error));
        let opening = key.file.opening(key.passphrase.as_ref()).map_err(refused)?;
        let turn = opening.derives().then(|| self.derivations.turn()).transpose();
        let Ok(_turn) = turn else {
            drop(opening);
            return Err(NotOpened::Busy(key));
        };
        let _room = self.derivations.room(opening.memory());
        opening.open().map_err(refused)
    }

    /// True when a request and its key wait for Save.
    pub fn waits(&self, draft: &DraftId, now: Instant) -> bool {
        self.pending.live(now).get(draft).is_some_and(|one| one.request.is_some() && one.key.is_some())
    }

    /// True when a key waits, perhaps without its request or not opened yet.
    pub fn key_waits(&self, draft: &DraftId, now: Instant) -> bool {
        self.pending.live(now).get(draft).is_some_and(|one| one.key.is_some() || one.unopened.is_some())
    }

    /// The request that waits, as PEM.
    pub fn pem(&self, draft: &DraftId, now: Instant) -> Option<String> {
        let pending = self.pending.live(now);
        let request = pending.get(draft)?.request.as_ref()?;
        Some(signet_pki::pem::encode("CERTIFICATE REQUEST", request.der()).to_string())
    }

    /// The request that waits, decoded.
    pub fn request(&self, draft: &DraftId, now: Instant) -> Result<Option<Inspected>, AppError> {
        let pending = self.pending.live(now);
        let request = pending.get(draft).and_then(|one| one.request.as_ref());
        Ok(request.map(|request| inspect(request.der())).transpose()?)
    }

    /// Saves what waits.
    pub fn save(&self, draft: &DraftId, name: &CsrName, by: Actor, now: Instant) -> Result<CsrName, CreateError> {
        let gone = || {
            let what = "The imported request is not held any more.";
            let fix = "Give the request and its key once more.";
            CreateError::Refused(Invalid::new("signing_request", what, fix).into())
        };
        let one = self.pending.live(now).remove(draft).ok_or_else(gone)?;
        let (Some(request), Some(key)) = (&one.request, &one.key) else { return Err(gone()) };
        let saved = self.keep_import(name, Some(draft), request, key, by);
        if saved.is_err() {
            // A taken name or a full disk loses nothing: it waits on.
            self.pending.live(now).insert(draft.clone(), one);
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
    ) -> Result<CsrName, CreateError> {
        let record = Record { draft: draft.cloned(), ..Record::new(random::id()?, Origin::Imported, self.clock.now()) };
        self.requests.keep(name, &record, request.der(), key.pkcs8(), by)
    }
}

fn not_opened_yet() -> Invalid {
    Invalid::new(
        "private_key",
        "The private key is not opened yet: the console is opening or encrypting others.",
        "Wait a few seconds and press Next again; the key and its passphrase are held.",
    )
}

/// The integrator's `[keys] allow_weak = false` holds for imports, too.
fn weak(der: &[u8], allowed: bool) -> Result<(), Invalid> {
    let Ok(request) = inspect(der) else { return Ok(()) };
    if allowed {
        return Ok(());
    }
    if request.key.key_length().is_some_and(|bits| bits < 2048) {
        return Err(Invalid::new(
            "private_key",
            "RSA keys below 2048 bits are switched off on this device.",
            "Make a new request here with a longer key.",
        ));
    }
    if request.signature.digest == Some(signet_domain::key_spec::Digest::Sha1) {
        return Err(Invalid::new(
            "signing_request",
            "SHA1 signatures are switched off on this device.",
            "Make a new request here, or have this one signed with SHA256.",
        ));
    }
    Ok(())
}

/// What an imported request's own bytes give reason to say; its names and usages were others' decision.
pub fn advice(request: &Inspected) -> Vec<Advice> {
    let mut advice = Vec::new();
    if request.key.key_length().is_some_and(|bits| bits < 2048) {
        let text = "RSA keys below 2048 bits are refused by public CAs and can be broken with effort.".to_owned();
        advice.push(Advice { field: "private_key", text });
    }
    if request.signature.digest == Some(signet_domain::key_spec::Digest::Sha1) {
        let text = "The request is signed with SHA1, which most CAs refuse.".to_owned();
        advice.push(Advice { field: "signing_request", text });
    }
    if request.version != Some(0) {
        let text =
            "The request's version is not 0, the only one that exists (RFC 2986 4.1); some CAs refuse it.".to_owned();
        advice.push(Advice { field: "signing_request", text });
    }
    for name in &request.repeated {
        let text = format!(
            "The request asks for the extension {} more than once: a CA refuses it, or heeds one of them. Make a new \
             request where each is named once.",
            shortened(name)
        );
        advice.push(Advice { field: "signing_request", text });
    }
    if request.attributes.iter().any(|attribute| attribute.oid == signet_pki::inspect::CHALLENGE_PASSWORD) {
        let text = "The request has a challenge password. Anybody who gets the request can read it, and most CAs do \
                    nothing with it."
            .to_owned();
        advice.push(Advice { field: "signing_request", text });
    }
    if request.san.is_empty() {
        let text = "The request asks for no Subject Alternate Names; browsers look at nothing else.".to_owned();
        advice.push(Advice { field: "signing_request", text });
    }
    advice
}

#[cfg(test)]
mod tests;
