//! Encrypted keys: while others are opened, and without the passphrase that opens them.

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
use std::time::Duration;

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

/// Nothing but a passphrase and its repetition.
fn alone<'a>(passphrase: Option<&str>, confirm: Option<&str>) -> Given<'a> {
    let secret = |text: &str| Secret::from(text.to_owned());
    let source = Source::default();
    Given { request: source, key: source, passphrase: passphrase.map(secret), confirm: confirm.map(secret) }
}

fn fields(refused: &NotHeld) -> Vec<&str> {
    refused.mistakes.iter().map(|invalid| invalid.field).collect()
}

#[test]
fn a_key_that_was_held_unopened_and_has_another_passphrase_is_held_and_its_passphrase_asked_for() {
    let (unit, now) = (Unit::new(), Instant::now());
    let (sealed, draft) = (unit.sealed("-iter 1000"), draft("b"));
    assert!(unit.busy(&draft, &unit.given(&sealed, "another")));
    assert!(!unit.services.imports.wants_passphrase(&draft, now), "it may be the right one");
    let request = Source { paste: None, file: Some(&unit.request) };
    let refused = unit.services.imports.hold(&draft, &Given { request, ..alone(None, None) }, now).unwrap_err();
    assert!(!refused.busy && refused.mistakes.has("passphrase"));
    assert!(unit.services.imports.wants_passphrase(&draft, now));
    unit.services.imports.hold(&draft, &alone(Some(PASSPHRASE), None), now).unwrap();
}

#[test]
fn an_encrypted_key_without_its_passphrase_is_held_and_the_passphrase_alone_opens_it() {
    let (unit, now) = (Unit::new(), Instant::now());
    let imports = &unit.services.imports;
    for (number, options) in ["-iter 1000", "-scrypt -scrypt_N 2"].into_iter().enumerate() {
        let (sealed, draft) = (unit.sealed(options), draft(&format!("c{number}")));
        let refused = imports.hold(&draft, &unit.given(&sealed, ""), now).unwrap_err();
        assert_eq!(fields(&refused), ["passphrase"]);
        for (passphrase, confirm, field) in [
            (None, None, "passphrase"),
            (Some("another"), None, "passphrase"),
            (Some("another"), Some("another"), "passphrase"),
            (Some(""), None, "passphrase"),
            (Some(PASSPHRASE), Some("another"), "passphrase_confirm"),
            (None, Some(PASSPHRASE), "passphrase_confirm"),
        ] {
            assert!(
                imports.wants_passphrase(&draft, now) && imports.key_waits(&draft, now) && !imports.waits(&draft, now)
            );
            let refused = imports.hold(&draft, &alone(passphrase, confirm), now).unwrap_err();
            assert_eq!((fields(&refused), refused.busy), (vec![field], false), "{passphrase:?} {confirm:?}");
        }
        let taken = imports.save(&draft, &name("nas"), Actor::command_line(), now);
        assert!(matches!(taken, Err(AppError::Rejected(_))), "nothing is saved before");
        imports.hold(&draft, &alone(Some(PASSPHRASE), None), now).unwrap();
        assert!(imports.waits(&draft, now) && !imports.wants_passphrase(&draft, now));
        imports.save(&draft, &name(&format!("nas-{number}")), Actor::command_line(), now).unwrap();
    }
}

#[test]
fn a_key_encrypted_with_an_empty_passphrase_is_opened_by_one() {
    let (unit, now, draft) = (Unit::new(), Instant::now(), draft("b"));
    let empty = openssl("pkcs8 -topk8 -iter 1000 -passout pass:", &unit.key);
    unit.services.imports.hold(&draft, &unit.given(&empty, ""), now).unwrap_err();
    assert!(unit.services.imports.wants_passphrase(&draft, now), "no passphrase is not an empty one");
    unit.services.imports.hold(&draft, &alone(Some(""), None), now).unwrap();
    assert!(unit.services.imports.waits(&draft, now));
}

#[test]
fn a_plain_key_with_a_passphrase_is_held_and_goes_on_without_one() {
    let (unit, now, draft) = (Unit::new(), Instant::now(), draft("b"));
    let refused = unit.services.imports.hold(&draft, &unit.given(&unit.key, "for nothing"), now).unwrap_err();
    assert_eq!(fields(&refused), ["passphrase"]);
    assert!(!unit.services.imports.wants_passphrase(&draft, now), "there is none to be asked for");
    let again = Given { request: Source { paste: None, file: Some(&unit.request) }, ..alone(None, None) };
    unit.services.imports.hold(&draft, &again, now).unwrap();
}

#[test]
fn another_request_or_key_takes_the_place_of_one_that_waits_for_its_passphrase() {
    let (unit, other, now) = (Unit::new(), Unit::new(), Instant::now());
    let (sealed, draft) = (unit.sealed("-iter 1000"), draft("b"));
    unit.services.imports.hold(&draft, &unit.given(&sealed, ""), now).unwrap_err();
    let request =
        Given { request: Source { paste: None, file: Some(&other.request) }, ..alone(Some(PASSPHRASE), None) };
    let refused = unit.services.imports.hold(&draft, &request, now).unwrap_err();
    assert_eq!(fields(&refused), ["private_key"], "the key belongs to the request that was given first");
    let key = Given { key: Source { paste: None, file: Some(&other.key) }, ..request };
    unit.services.imports.hold(&draft, &Given { passphrase: None, ..key }, now).unwrap();
}

#[test]
fn what_waits_is_bounded_in_number_and_bytes() {
    let (unit, now) = (Unit::new(), Instant::now());
    let (sealed, imports) = (unit.sealed("-iter 1000"), &unit.services.imports);
    let drafts: Vec<DraftId> = "abcdef012".chars().map(|first| draft(&first.to_string())).collect();
    for (seconds, draft) in (0..).zip(&drafts) {
        imports.hold(draft, &unit.given(&sealed, ""), now + Duration::from_secs(seconds)).unwrap_err();
    }
    let waiting: Vec<bool> = drafts.iter().map(|draft| imports.wants_passphrase(draft, now)).collect();
    assert_eq!(waiting, [false, true, true, true, true, true, true, true, true], "the oldest has gone");
    let later = now + Duration::from_secs(8 + 30 * 60);
    assert!(drafts.iter().all(|draft| !imports.key_waits(draft, later)), "none waits for ever");

    // A request and a key file of 160 KiB each: the key is not held beside the request.
    let text = "x".repeat(120_000);
    let key = unit._folder.path().join("key").display().to_string();
    let request = openssl(&format!("req -new -subj /CN=nas -key {key} -addext 1.2.3.4=ASN1:UTF8:{text}"), b"");
    let der = openssl("pkcs8 -topk8 -iter 1000 -outform DER -passout pass:a", &unit.key);
    let at = 2 + if der[1] > 0x7f { usize::from(der[1] & 0x7f) } else { 0 };
    let algorithm = der.get(at..at + 2 + usize::from(der[at + 1])).unwrap();
    let long = |tag: u8, content: &[u8]| {
        let length = u32::try_from(content.len()).unwrap().to_be_bytes();
        [&[tag, 0x83], &length[1..], content].concat()
    };
    let huge = long(0x30, &[algorithm, &long(0x04, &vec![0; 160 * 1024])].concat());
    let given = Given { request: Source { paste: None, file: Some(&request) }, ..unit.given(&huge, "") };
    let refused = imports.hold(&drafts[0], &given, now).unwrap_err();
    assert_eq!(fields(&refused), ["passphrase"]);
    assert!(!imports.key_waits(&drafts[0], now), "it has to be given again");
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
        assert!(matches!(by_command, Err(AppError::Failed(Failure::DerivationsBusy))), "{by_command:?}");
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
    assert!(matches!(busy, Err(Failure::DerivationsBusy)), "{busy:?}");
    assert_eq!(recorded(), before);
    unit.services.derivations.while_full(|| export(&Protection::None)).unwrap();
    export(&Protection::Passphrase(&passphrase)).unwrap();
}
