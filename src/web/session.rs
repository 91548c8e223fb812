//! Who is logged in: random session ids in a cookie (`site` names it), the sessions themselves in bounded memory.
//!
//! A restart ends every session and nothing else: what was typed lives in the draft's cookies. Each request is checked
//! against the owner's generation on disk, so that a recovery by command line ends them at once.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use signet_app::tickets::Admitted;
use signet_app::{Failure, random};
use signet_pki::digest::sha256;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Sessions at most; over it the one idle for longest ends.
const MOST: usize = 64;

/// SHA-256 of a cookie's value.
type Digest = [u8; 32];

/// The sessions. What is kept is a digest of each cookie: a look into memory opens none.
#[derive(Debug)]
pub struct Sessions {
    idle: Duration,
    total: Duration,
    open: Mutex<HashMap<Digest, Session>>,
}

#[derive(Debug, Clone, Copy)]
struct Session {
    generation: u64,
    /// Private keys leave without the password: root said so when it made the login link.
    key_export: bool,
    begun: Instant,
    seen: Instant,
}

impl Sessions {
    /// Sessions that end after `idle` without a request, and after `total` in any case.
    pub fn new(idle: Duration, total: Duration) -> Self {
        Self { idle, total, open: Mutex::default() }
    }

    /// A new session of the owner of `generation`; gives the cookie's value.
    pub fn begin(&self, generation: u64, now: Instant) -> Result<String, Failure> {
        self.begin_by(Admitted { generation, key_export: false }, now)
    }

    /// A new session of whom a login link lets in; gives the cookie's value.
    pub fn begin_by(&self, Admitted { generation, key_export }: Admitted, now: Instant) -> Result<String, Failure> {
        let cookie = cookie_of(&random::bytes()?);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|_, session| session.is_live(self, now));
        if open.len() >= MOST {
            let idlest = open.iter().min_by_key(|(_, session)| session.seen).map(|(key, _)| *key);
            idlest.map(|key| open.remove(&key));
        }
        open.insert(sha256(cookie.as_bytes()), Session { generation, key_export, begun: now, seen: now });
        Ok(cookie)
    }

    /// True when the cookie names a live session of the owner of `generation`; that session is seen by it.
    pub fn is_open(&self, cookie: &str, generation: u64, now: Instant) -> bool {
        let digest = sha256(cookie.as_bytes());
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        match open.get_mut(&digest) {
            Some(session) if session.is_live(self, now) && session.generation == generation => {
                session.seen = now;
                true
            }
            Some(_) => {
                open.remove(&digest);
                false
            }
            None => false,
        }
    }

    /// True when the cookie names a session that lasts yet, of whatever owner; it is not seen by that.
    pub fn is_live(&self, cookie: &str, now: Instant) -> bool {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.get(&sha256(cookie.as_bytes())).is_some_and(|session| session.is_live(self, now))
    }

    /// True in a session in which private keys leave without the password.
    pub fn may_export_keys(&self, cookie: &str) -> bool {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.get(&sha256(cookie.as_bytes())).is_some_and(|session| session.key_export)
    }

    /// Ends every session: the owner has changed.
    pub fn end_all(&self) {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Ends one session.
    pub fn end(&self, cookie: &str) {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(&sha256(cookie.as_bytes()));
    }
}

impl Session {
    fn is_live(&self, sessions: &Sessions, now: Instant) -> bool {
        now.saturating_duration_since(self.seen) < sessions.idle
            && now.saturating_duration_since(self.begun) < sessions.total
    }
}

/// The cookie's value of 256 random bits.
pub fn cookie_of(bits: &[u8; 32]) -> String {
    URL_SAFE_NO_PAD.encode(bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn sessions() -> Sessions {
        Sessions::new(15 * MINUTE, 12 * 60 * MINUTE)
    }

    #[test]
    fn a_session_ends_when_idle_and_in_any_case_after_its_time() {
        let (sessions, start) = (sessions(), Instant::now());
        let cookie = sessions.begin(1, start).unwrap();
        let mut now = start;
        while now + 14 * MINUTE < start + 12 * 60 * MINUTE {
            now += 14 * MINUTE;
            assert!(sessions.is_open(&cookie, 1, now));
        }
        assert!(!sessions.is_open(&cookie, 1, now + 14 * MINUTE), "twelve hours");
        let other = sessions.begin(1, start).unwrap();
        assert!(sessions.is_live(&other, start + 14 * MINUTE) && !sessions.is_live(&other, start + 15 * MINUTE));
        assert!(!sessions.is_open(&other, 1, start + 15 * MINUTE), "idle");
    }

    #[test]
    fn a_session_of_an_earlier_generation_is_closed_for_good() {
        let (sessions, now) = (sessions(), Instant::now());
        let cookie = sessions.begin(1, now).unwrap();
        assert!(!sessions.is_open(&cookie, 2, now));
        assert!(!sessions.is_open(&cookie, 1, now));
    }

    #[test]
    fn sessions_are_bounded_and_the_idlest_ends_first() {
        let (sessions, now) = (sessions(), Instant::now());
        let first = sessions.begin(1, now).unwrap();
        let second = sessions.begin(1, now + MINUTE).unwrap();
        for _ in 0..MOST - 1 {
            sessions.begin(1, now + 2 * MINUTE).unwrap();
        }
        assert!(!sessions.is_open(&first, 1, now + 3 * MINUTE));
        assert!(sessions.is_open(&second, 1, now + 3 * MINUTE));
    }

    #[test]
    fn an_unknown_or_ended_cookie_opens_nothing() {
        let (sessions, now) = (sessions(), Instant::now());
        let cookie = sessions.begin(1, now).unwrap();
        sessions.end(&cookie);
        assert!(!sessions.is_open(&cookie, 1, now) && !sessions.is_open("", 1, now));
    }
}
