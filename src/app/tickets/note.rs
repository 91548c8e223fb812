//! What root notes of a ticket, and the console reads: until when and for whom it is valid. Nothing of the token.

use super::{LIFE, Wish};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use std::time::Duration;

/// The version that this program writes and reads.
const VERSION: u32 = 1;

/// One ticket's note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Note {
    version: u32,
    /// Milliseconds since the system was started, suspension included: nobody sets that clock.
    made_ms: u64,
    /// The one address that may use it.
    pub(super) address: Option<IpAddr>,
    /// Private keys may leave in its session without the password.
    pub(super) key_export: bool,
}

impl Note {
    pub(super) fn new(now: Duration, wish: &Wish) -> Self {
        let made_ms = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
        Self { version: VERSION, made_ms, address: wish.address, key_export: wish.key_export }
    }

    /// None for one of another version.
    pub(super) fn parse(json: &[u8]) -> Option<Self> {
        serde_json::from_slice::<Self>(json).ok().filter(|note| note.version == VERSION)
    }

    pub(super) fn made(&self) -> Duration {
        Duration::from_millis(self.made_ms)
    }

    pub(super) fn is_timely(&self, now: Duration) -> bool {
        Self::is_timely_since(self.made(), now)
    }

    /// Neither late nor from the future, which is from before a restart of the system.
    pub(super) fn is_timely_since(made: Duration, now: Duration) -> bool {
        now.checked_sub(made).is_some_and(|age| age < LIFE)
    }
}
