//! Imports of the wizard that wait for Save, by draft: in bounded memory, never in a cookie, and zeroized when dropped.
//!
//! Request and key are apart, since after a mistake in one the other is kept. A key file waits as it came where its
//! passphrase is missing or wrong, so that the file need not be given again.

use signet_domain::draft::DraftId;
use signet_domain::secret::Secret;
use signet_pki::import::ReadRequest;
use signet_pki::keyfile::KeyFile;
use signet_pki::private_key::PrivateKey;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Drafts that may wait at once; over it the oldest is dropped, and the wizard asks again.
const MOST: usize = 8;
/// Bytes that wait for one draft. A key file that does not fit beside its request is not kept.
const MOST_BYTES: usize = 256 * 1024;
/// How long one waits after it was last touched.
const LIFE: Duration = Duration::from_secs(30 * 60);

/// All that waits.
#[derive(Default)]
pub(super) struct Pending(Mutex<HashMap<DraftId, PendingImport>>);

impl std::fmt::Debug for Pending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pending(..)")
    }
}

/// What one draft has so far.
#[derive(Default)]
pub(super) struct PendingImport {
    pub(super) request: Option<ReadRequest>,
    pub(super) key: PendingKey,
    touched: Option<Instant>,
}

/// How far the key is.
#[derive(Default)]
pub(super) enum PendingKey {
    /// None was given, or none that is of any use.
    #[default]
    Missing,
    /// Its file, not opened yet.
    Locked(KeyToOpen),
    /// The key itself.
    Open(PrivateKey),
}

/// A key file as it was given.
pub(super) struct KeyToOpen {
    pub(super) file: KeyFile,
    /// None where it is to be asked for; there where the file had no turn to be opened.
    pub(super) passphrase: Option<Secret>,
}

impl PendingImport {
    /// True when the passphrase is all that is missing.
    pub(super) fn wants_passphrase(&self) -> bool {
        let wants = |key: &KeyToOpen| key.file.is_encrypted() && key.passphrase.is_none();
        self.request.is_some() && matches!(&self.key, PendingKey::Locked(key) if wants(key))
    }

    /// True when nothing is missing.
    pub(super) fn is_complete(&self) -> bool {
        self.request.is_some() && matches!(self.key, PendingKey::Open(_))
    }

    fn bytes(&self) -> usize {
        let key = match &self.key {
            PendingKey::Locked(key) => key.file.size(),
            // Of 8,192 bits at most.
            PendingKey::Open(_) | PendingKey::Missing => 0,
        };
        key + self.request.as_ref().map_or(0, |request| request.der().len())
    }
}

impl Pending {
    /// What waits now; what has waited too long is gone.
    pub(super) fn live(&self, now: Instant) -> MutexGuard<'_, HashMap<DraftId, PendingImport>> {
        let mut pending = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        pending.retain(|_, one| one.touched.is_some_and(|touched| now.saturating_duration_since(touched) < LIFE));
        pending
    }

    /// Keeps what a draft has. A key file that is too large beside its request is dropped first.
    pub(super) fn put(&self, draft: &DraftId, mut one: PendingImport, now: Instant) {
        if one.bytes() > MOST_BYTES {
            one.key = PendingKey::Missing;
        }
        one.touched = Some(now);
        let mut pending = self.live(now);
        if !pending.contains_key(draft) && pending.len() >= MOST {
            let oldest = pending.iter().min_by_key(|(_, one)| one.touched).map(|(id, _)| id.clone());
            oldest.map(|oldest| pending.remove(&oldest));
        }
        pending.insert(draft.clone(), one);
    }

    #[cfg(test)]
    pub(super) fn in_memory(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Drops everything.
    pub(super) fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
