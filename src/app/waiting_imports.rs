//! When what was given for an import ends in memory without being saved: after its time, at a logout, and with the owner who gave it.
//!
//! What waits are private keys, and passphrases of files that could not be opened yet. Where they wait is known by
//! [`Imports`] and [`CertifiedImports`].

use crate::certificates::certified::CertifiedImports;
use crate::requests::import::Imports;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// The end of what waits for Save.
#[derive(Debug)]
pub struct WaitingImports {
    imports: Arc<Imports>,
    certified: Arc<CertifiedImports>,
    /// The owner's generation when it was last looked at; none where there was no owner, or before the first look.
    owner: Mutex<Option<u64>>,
}

impl WaitingImports {
    /// The end of what waits in these.
    pub fn new(imports: Arc<Imports>, certified: Arc<CertifiedImports>) -> Self {
        Self { imports, certified, owner: Mutex::default() }
    }

    /// Drops all of it: who gave it has logged out.
    pub fn clear(&self) {
        self.imports.clear();
        self.certified.clear();
    }

    /// Drops all that an earlier owner gave. To be called at each request, before it gives anything, and every few seconds;
    /// `generation` is the owner's as it is now.
    pub fn owner_is(&self, generation: Option<u64>) {
        let mut owner = self.owner.lock().unwrap_or_else(PoisonError::into_inner);
        // Where there was no owner nobody could give anything.
        if owner.is_some() && *owner != generation {
            self.clear();
        }
        *owner = generation;
    }

    /// Drops what has waited too long. To be called every few seconds.
    pub fn expire(&self, now: Instant) {
        self.imports.expire(now);
        self.certified.expire(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Services;
    use crate::certificates::certified;
    use crate::clock::Clock;
    use crate::config::Config;
    use crate::requests::import;
    use jiff::Timestamp;
    use signet_domain::draft::DraftId;
    use signet_domain::name::CsrName;
    use signet_pki::import::Source;
    use signet_store::{Opening, Store};
    use std::process::Command;
    use std::time::Duration;

    struct Unit {
        services: Services,
        key: Vec<u8>,
        certificate: Vec<u8>,
        _folder: tempfile::TempDir,
    }

    impl Unit {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let store = Store::open(&folder.path().join("data"), Opening::default()).unwrap();
            let services = Services::open(store, Config::parse("").unwrap(), Clock::Fixed(Timestamp::UNIX_EPOCH));
            let key = folder.path().join("key");
            let made = |arguments: &str| {
                let output = Command::new("openssl").args(arguments.split_whitespace()).output().unwrap();
                assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
                output.stdout
            };
            std::fs::write(&key, made("genpkey -algorithm ED25519")).unwrap();
            let certificate = made(&format!("req -x509 -new -subj /CN=nas.local -key {}", key.display()));
            Self { services, key: std::fs::read(key).unwrap(), certificate, _folder: folder }
        }

        /// Gives a key for a request, and a key with its certificate.
        fn give(&self, now: Instant) {
            let (draft, file) = (DraftId::parse(&"a".repeat(32)).unwrap(), |bytes| Source { paste: None, file: bytes });
            let (request, key) = (Source::default(), file(Some(&self.key)));
            let alone = import::Given { request, key, passphrase: None, confirm: None };
            self.services.imports.hold(&draft, &alone, now).expect_err("the request is missing yet");
            let certificate = file(Some(&self.certificate));
            let both = certified::Given { certificate, key, passphrase: None };
            self.services.certified.hold(&draft, &CsrName::parse("nas").unwrap(), &both, now).unwrap().unwrap();
            assert_eq!(self.in_memory(), [1, 1]);
        }

        /// Looking for a draft would drop it, too.
        fn in_memory(&self) -> [usize; 2] {
            [self.services.imports.in_memory(), self.services.certified.in_memory()]
        }
    }

    #[test]
    fn what_nobody_comes_back_for_ends_after_half_an_hour() {
        let (unit, now) = (Unit::new(), Instant::now());
        unit.give(now);
        unit.services.waiting_imports.expire(now + Duration::from_secs(30 * 60 - 1));
        assert_eq!(unit.in_memory(), [1, 1]);
        unit.services.waiting_imports.expire(now + Duration::from_secs(30 * 60));
        assert_eq!(unit.in_memory(), [0, 0]);
    }

    #[test]
    fn what_an_owner_gave_ends_with_the_owner_and_with_a_logout() {
        let (unit, now) = (Unit::new(), Instant::now());
        let waiting = &unit.services.waiting_imports;
        // At the start nobody was looked at yet, and before the setup there is no owner.
        waiting.owner_is(None);
        for (generation, left) in [(Some(7), 1), (Some(7), 1), (Some(8), 0), (None, 0), (Some(9), 1)] {
            unit.give(now);
            waiting.owner_is(generation);
            assert_eq!(unit.in_memory(), [left, left], "{generation:?}");
        }
        waiting.clear();
        assert_eq!(unit.in_memory(), [0, 0]);
    }
}
