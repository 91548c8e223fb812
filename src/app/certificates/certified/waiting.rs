//! What was given in the wizard and waits for Save: files that are not opened yet, or the key with its certificates.
//!
//! Bounded in number and time, and zeroized when it is dropped. A file that only lacks its passphrase stays, so that it need not
//! be chosen again.

use super::{CertifiedImports, Found, Given, NotOpened, Prepared};
use crate::audit::Actor;
use crate::certificates::Proposal;
use crate::messages::imports as say;
use crate::requests::import::NotHeld;
use crate::{AppError, Failure};
use signet_domain::draft::DraftId;
use signet_domain::invalid::Mistakes;
use signet_domain::name::CsrName;
use signet_domain::secret::Secret;
use signet_pki::answer::AnswerError;
use signet_pki::certified_key;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Drafts that may wait at once, of 256 KiB each at most; over it the oldest is dropped, and the wizard asks again.
pub(super) const MOST: usize = 4;
/// How long one waits after it was last touched.
const LIFE: Duration = Duration::from_secs(30 * 60);

/// What waits for Save, by draft.
#[derive(Default)]
pub(super) struct Waiting(Mutex<HashMap<DraftId, One>>);

impl std::fmt::Debug for Waiting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Waiting(..)")
    }
}

struct One {
    held: Held,
    touched: Instant,
}

enum Held {
    Nothing,
    /// With the passphrase, where it was only too busy to be opened.
    Unopened(Found, Option<Secret>),
    Ready(Prepared),
}

/// Why it does not go on.
enum Stop {
    Refused(Mistakes),
    Busy,
    Failed(Failure),
}

impl From<AppError> for Stop {
    fn from(error: AppError) -> Self {
        match error {
            AppError::Rejected(mistakes) => Self::Refused(mistakes),
            AppError::Failed(error) => Self::Failed(error),
        }
    }
}

impl Waiting {
    fn live(&self, now: Instant) -> MutexGuard<'_, HashMap<DraftId, One>> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|_, one| now.saturating_duration_since(one.touched) < LIFE);
        waiting
    }

    fn take(&self, draft: &DraftId, now: Instant) -> Held {
        self.live(now).remove(draft).map_or(Held::Nothing, |one| one.held)
    }

    fn put(&self, draft: &DraftId, held: Held, now: Instant) {
        let mut waiting = self.live(now);
        if !waiting.contains_key(draft) && waiting.len() >= MOST {
            let oldest = waiting.iter().min_by_key(|(_, one)| one.touched).map(|(id, _)| id.clone());
            oldest.map(|oldest| waiting.remove(&oldest));
        }
        waiting.insert(draft.clone(), One { held, touched: now });
    }
}

impl CertifiedImports {
    /// Drops all that waits.
    pub(crate) fn clear(&self) {
        self.waiting.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Drops what has waited too long.
    pub(crate) fn expire(&self, now: Instant) {
        drop(self.waiting.live(now));
    }

    /// How many drafts are in memory, looked at or not.
    #[cfg(test)]
    pub(crate) fn in_memory(&self) -> usize {
        self.waiting.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Takes what the wizard's step was given; what was read before and is not given again stays.
    ///
    /// # Errors
    /// [`Failure`] of the disk; inside, what keeps the step from going on.
    pub fn hold(
        &self,
        draft: &DraftId,
        name: &CsrName,
        given: &Given<'_>,
        now: Instant,
    ) -> Result<Result<(), NotHeld>, Failure> {
        // The slow part, a key derivation, runs without the lock.
        let mut held = self.waiting.take(draft, now);
        let outcome = self.next(&mut held, name, given);
        if !matches!(held, Held::Nothing) {
            self.waiting.put(draft, held, now);
        }
        Ok(match outcome {
            Ok(()) => Ok(()),
            Err(Stop::Refused(mistakes)) => Err(NotHeld { mistakes, busy: false }),
            Err(Stop::Busy) => Err(NotHeld { mistakes: say::file_not_opened_yet().into(), busy: true }),
            Err(Stop::Failed(error)) => return Err(error),
        })
    }

    /// Holds files for a draft that begins with them.
    pub(super) fn begin(&self, draft: &DraftId, found: Found, now: Instant) {
        self.waiting.put(draft, Held::Unopened(found, None), now);
    }

    /// The same of what was opened already.
    pub(super) fn begin_prepared(&self, draft: &DraftId, prepared: Prepared, now: Instant) {
        self.waiting.put(draft, Held::Ready(prepared), now);
    }

    /// True when a key and its certificate wait for Save.
    pub fn waits(&self, draft: &DraftId, now: Instant) -> bool {
        self.waiting.live(now).get(draft).is_some_and(|one| matches!(one.held, Held::Ready(_)))
    }

    /// True when a file waits that is not opened yet.
    pub fn file_waits(&self, draft: &DraftId, now: Instant) -> bool {
        self.waiting.live(now).get(draft).is_some_and(|one| matches!(one.held, Held::Unopened(..)))
    }

    /// What would be kept; none where nothing waits.
    pub fn waiting(&self, draft: &DraftId, name: &CsrName, now: Instant) -> Result<Option<Proposal>, AppError> {
        match self.waiting.live(now).get(draft).map(|one| &one.held) {
            Some(Held::Ready(prepared)) => self.proposal(name, prepared).map(Some),
            _ => Ok(None),
        }
    }

    /// Saves what waits.
    pub fn save(&self, draft: &DraftId, name: &CsrName, by: Actor, now: Instant) -> Result<CsrName, AppError> {
        let prepared = match self.waiting.take(draft, now) {
            Held::Ready(prepared) => prepared,
            held => {
                if !matches!(held, Held::Nothing) {
                    self.waiting.put(draft, held, now);
                }
                return Err(AppError::Rejected(say::certificate_gone().into()));
            }
        };
        let proposal = self.proposal(name, &prepared);
        let saved = proposal.and_then(|proposal| self.keep(name, Some(draft), &prepared, &proposal, by));
        if saved.is_err() {
            // A taken name or a full disk loses nothing: it waits on.
            self.waiting.put(draft, Held::Ready(prepared), now);
        }
        saved
    }

    fn next(&self, held: &mut Held, name: &CsrName, given: &Given<'_>) -> Result<(), Stop> {
        let is_new =
            [given.certificate, given.key].iter().any(|source| source.paste.is_some() || source.file.is_some());
        let typed = given.passphrase.clone();
        let (found, passphrase) = match std::mem::replace(held, Held::Nothing) {
            _ if is_new => (certified_key::find(given.certificate, given.key).map_err(refused)?, typed),
            Held::Unopened(found, before) => (found, typed.or(before)),
            ready @ Held::Ready(_) => {
                *held = ready;
                return Ok(());
            }
            Held::Nothing => return Err(refused(AnswerError::Empty)),
        };
        match self.open(&found, passphrase.as_ref()) {
            Ok(opened) => {
                let prepared = self.prepared(opened)?;
                self.proposal(name, &prepared)?;
                *held = Held::Ready(prepared);
                Ok(())
            }
            Err(NotOpened::Busy) => {
                *held = Held::Unopened(found, passphrase);
                Err(Stop::Busy)
            }
            Err(NotOpened::Refused(refusal)) => {
                let refusal = refusal.invalid();
                // Another passphrase may open it.
                if refusal.field == "passphrase" && found.is_encrypted() {
                    *held = Held::Unopened(found, None);
                }
                Err(Stop::Refused(refusal.into()))
            }
        }
    }
}

fn refused(refusal: impl Into<certified_key::CertifiedKeyRefusal>) -> Stop {
    Stop::Refused(refusal.into().invalid().into())
}
