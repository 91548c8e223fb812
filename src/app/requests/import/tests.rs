//! Encrypted keys while others are opened.

#[path = "../../../pki/keyfile/tests/run.rs"]
mod run;

use super::*;
use crate::Services;
use crate::clock::Clock;
use crate::config::Config;
use crate::requests::export::Protection;
use jiff::Timestamp;
use run::openssl;
use signet_pki::keyfile::MAX_ROUNDS;
use signet_store::{Opening, Store};

const PASSPHRASE: &str = "correct-horse";

struct Unit {
    services: Services,
    key: Vec<u8>,
    request: Vec<u8>,
    _folder: tempfile::TempDir,
}

impl Unit {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("data"), Opening::default()).unwrap();
        let services = Services::open(store, Config::parse("").unwrap(), Clock::Fixed(Timestamp::UNIX_EPOCH));
        let key = openssl("genpkey -algorithm ED25519", b"");
        let path = folder.path().join("key");
        std::fs::write(&path, &key).unwrap();
        let request = openssl(&format!("req -new -subj /CN=nas -key {}", path.display()), b"");
        Self { services, key, request, _folder: folder }
    }

    fn sealed(&self, options: &str) -> Vec<u8> {
        openssl(&format!("pkcs8 -topk8 -passout pass:{PASSPHRASE} {options}"), &self.key)
    }

    fn given<'a>(&'a self, key: &'a [u8], passphrase: &str) -> Given<'a> {
        let secret = || (!passphrase.is_empty()).then(|| Secret::from(passphrase.to_owned()));
        Given {
            request: Source { paste: None, file: Some(&self.request) },
            key: Source { paste: None, file: Some(key) },
            passphrase: secret(),
            confirm: secret(),
        }
    }

    fn busy(&self, draft: &DraftId, given: &Given<'_>) -> bool {
        let outcome = self.services.derivations.while_full(|| self.services.imports.hold(draft, given, Instant::now()));
        outcome.expect_err("it is refused").busy
    }
}

fn draft(name: &str) -> DraftId {
    DraftId::parse(&format!("{name:a<32}")).unwrap()
}

fn name(text: &str) -> CsrName {
    CsrName::parse(text).unwrap()
}

#[test]
fn a_key_that_finds_no_turn_is_held_and_opened_at_the_next_try() {
    let (unit, now) = (Unit::new(), Instant::now());
    let (sealed, draft) = (unit.sealed("-iter 1000"), draft("b"));
    assert!(unit.busy(&draft, &unit.given(&sealed, PASSPHRASE)));
    assert!(unit.services.imports.key_waits(&draft, now) && !unit.services.imports.waits(&draft, now));
    let empty = Given { key: Source::default(), passphrase: None, confirm: None, ..unit.given(b"", "") };
    assert!(unit.busy(&draft, &empty), "still busy, and still held");
    unit.services.imports.hold(&draft, &empty, now).unwrap();
    assert!(unit.services.imports.waits(&draft, now));
}

#[test]
fn a_key_that_was_held_unopened_and_has_another_passphrase_is_told_so_and_let_go() {
    let (unit, now) = (Unit::new(), Instant::now());
    let (sealed, draft) = (unit.sealed("-iter 1000"), draft("b"));
    assert!(unit.busy(&draft, &unit.given(&sealed, "another")));
    let empty = Given { key: Source::default(), passphrase: None, confirm: None, ..unit.given(b"", "") };
    let refused = unit.services.imports.hold(&draft, &empty, now).unwrap_err();
    assert!(!refused.busy && refused.mistakes.has("passphrase"));
    assert!(!unit.services.imports.key_waits(&draft, now));
}

#[test]
fn every_derivation_waits_for_its_turn_and_nothing_else_does() {
    let (unit, now) = (Unit::new(), Instant::now());
    let legacy = {
        let rsa = openssl("genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048", b"");
        openssl(&format!("rsa -traditional -aes128 -passout pass:{PASSPHRASE}"), &rsa)
    };
    let sealed = unit.sealed("-iter 1000");
    for key in [&sealed, &unit.sealed("-scrypt -scrypt_N 2"), &legacy] {
        assert!(unit.busy(&draft("c"), &unit.given(key, PASSPHRASE)));
        let by_command = unit.services.derivations.while_full(|| {
            unit.services.imports.import(&name("nas"), &unit.given(key, PASSPHRASE), Actor::command_line())
        });
        assert!(matches!(by_command, Err(CreateError::App(AppError::DerivationsBusy))), "{by_command:?}");
    }
    // What is refused without work, or needs none, is so at once.
    let costly = unit.sealed(&format!("-iter {}", MAX_ROUNDS + 1));
    assert!(!unit.busy(&draft("d"), &unit.given(&costly, PASSPHRASE)));
    assert!(!unit.busy(&draft("d"), &unit.given(&sealed, "")));
    let plain = unit.given(&unit.key, "");
    unit.services.derivations.while_full(|| unit.services.imports.hold(&draft("e"), &plain, now)).unwrap();
}

#[test]
fn an_export_under_a_passphrase_waits_for_its_turn_and_leaves_no_record_without_it() {
    let unit = Unit::new();
    let nas = unit.services.imports.import(&name("nas"), &unit.given(&unit.key, ""), Actor::command_line()).unwrap();
    let passphrase = Secret::from(PASSPHRASE.to_owned());
    let export =
        |protection: &Protection<'_>| unit.services.private_keys.export(&nas, protection, Actor::command_line());
    let recorded = || unit.services.audit.read().unwrap().entries.len();
    let before = recorded();
    let busy = unit.services.derivations.while_full(|| export(&Protection::Passphrase(&passphrase)));
    assert!(matches!(busy, Err(AppError::DerivationsBusy)), "{busy:?}");
    assert_eq!(recorded(), before);
    unit.services.derivations.while_full(|| export(&Protection::None)).unwrap();
    export(&Protection::Passphrase(&passphrase)).unwrap();
}
