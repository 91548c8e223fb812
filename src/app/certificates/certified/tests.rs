//! Certificates with their keys while others are opened, and what waits of them.

use super::waiting::MOST;
use super::*;
use crate::Services;
use crate::config::Config;
use jiff::Timestamp;
use signet_store::{Opening, Store};
use std::process::Command;
use std::time::{Duration, Instant};

const PASSPHRASE: &str = "correct-horse";

fn openssl(arguments: &str) -> Vec<u8> {
    let output = Command::new("openssl").args(arguments.split_whitespace()).output().unwrap();
    assert!(output.status.success(), "openssl {arguments}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

struct Unit {
    services: Services,
    folder: tempfile::TempDir,
    key: Vec<u8>,
    certificate: Vec<u8>,
}

impl Unit {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("data"), Opening::default()).unwrap();
        let services = Services::open(store, Config::parse("").unwrap(), Clock::Fixed(Timestamp::UNIX_EPOCH));
        let key = openssl("genpkey -algorithm ED25519");
        std::fs::write(folder.path().join("key"), &key).unwrap();
        let certificate =
            openssl(&format!("req -x509 -new -subj /CN=nas.local -key {}", folder.path().join("key").display()));
        std::fs::write(folder.path().join("crt"), &certificate).unwrap();
        Self { services, folder, key, certificate }
    }

    fn pkcs12(&self, options: &str) -> Vec<u8> {
        let at = |name: &str| self.folder.path().join(name).display().to_string();
        let files = format!("-inkey {} -in {}", at("key"), at("crt"));
        openssl(&format!("pkcs12 -export {files} -passout pass:{PASSPHRASE} {options}"))
    }

    fn hold(&self, draft: &DraftId, file: &[u8], passphrase: &str) -> Result<(), crate::requests::import::NotHeld> {
        let given = Given {
            certificate: Source { paste: None, file: (!file.is_empty()).then_some(file) },
            key: Source::default(),
            passphrase: (!passphrase.is_empty()).then(|| Secret::from(passphrase.to_owned())),
        };
        self.services.certified.hold(draft, &name("nas"), &given, Instant::now()).unwrap()
    }

    fn bundle(&self) -> Vec<u8> {
        [self.key.as_slice(), &self.certificate].concat()
    }
}

fn draft(name: &str) -> DraftId {
    DraftId::parse(&format!("{name:a<32}")).unwrap()
}

fn name(text: &str) -> CsrName {
    CsrName::parse(text).unwrap()
}

#[test]
fn a_file_that_finds_no_turn_is_held_with_its_passphrase_and_opened_at_the_next_try() {
    let (unit, draft, now) = (Unit::new(), draft("b"), Instant::now());
    let file = unit.pkcs12("");
    let certified = &unit.services.certified;
    for given in [&file[..], b""] {
        let passphrase = if given.is_empty() { "" } else { PASSPHRASE };
        let busy = unit.services.derivations.while_full(|| unit.hold(&draft, given, passphrase)).unwrap_err();
        assert!(busy.busy && busy.mistakes.has("certificate"));
        assert!(certified.file_waits(&draft, now) && !certified.waits(&draft, now));
    }
    unit.hold(&draft, b"", "").unwrap();
    assert!(certified.waits(&draft, now) && !certified.file_waits(&draft, now));
    let by_command = unit.services.derivations.while_full(|| {
        let given = Given {
            certificate: Source { paste: None, file: Some(&file) },
            passphrase: Some(Secret::from(PASSPHRASE.to_owned())),
            ..Given::default()
        };
        certified.import(&name("nas"), &given, Actor::command_line())
    });
    assert!(matches!(by_command, Err(AppError::Failed(Failure::DerivationsBusy))), "{by_command:?}");
    // What needs no derivation waits for nobody.
    unit.services.derivations.while_full(|| unit.hold(&draft, &unit.bundle(), "")).unwrap();
}

#[test]
fn a_file_waits_for_its_passphrase_and_is_let_go_by_another_one_or_for_another_cause() {
    let (unit, draft, now) = (Unit::new(), draft("b"), Instant::now());
    let certified = &unit.services.certified;
    let file = unit.pkcs12("-legacy");
    for passphrase in ["", "wrong", "worse"] {
        let given: &[u8] = if passphrase.is_empty() { &file } else { b"" };
        assert!(unit.hold(&draft, given, passphrase).unwrap_err().mistakes.has("passphrase"));
        assert!(certified.file_waits(&draft, now), "{passphrase}");
    }
    unit.hold(&draft, b"", PASSPHRASE).unwrap();
    // Another file takes its place, and one that is refused leaves nothing.
    assert!(unit.hold(&draft, &unit.certificate, "").unwrap_err().mistakes.has("private_key"));
    assert!(!certified.waits(&draft, now) && !certified.file_waits(&draft, now));
    assert!(unit.hold(&draft, b"", "").unwrap_err().mistakes.has("certificate"));
}

#[test]
fn few_wait_at_once_for_half_an_hour_and_none_for_another_owner() {
    let (unit, now) = (Unit::new(), Instant::now());
    let certified = &unit.services.certified;
    let drafts: Vec<DraftId> = (0..=MOST).map(|number| draft(&number.to_string())).collect();
    for draft in &drafts {
        unit.hold(draft, &unit.bundle(), "").unwrap();
    }
    let waits = |now| drafts.iter().filter(|draft| certified.waits(draft, now)).count();
    assert_eq!((waits(now), certified.waits(&drafts[0], now)), (MOST, false), "the oldest has gone");
    assert_eq!(waits(now + Duration::from_secs(31 * 60)), 0);
    unit.hold(&drafts[0], &unit.bundle(), "").unwrap();
    certified.clear();
    assert_eq!(waits(now), 0);
}

#[test]
fn saving_twice_makes_one_entry_and_a_taken_name_loses_nothing() {
    let (unit, draft, now) = (Unit::new(), draft("b"), Instant::now());
    let (certified, by) = (&unit.services.certified, Actor::command_line());
    unit.hold(&draft, &unit.bundle(), "").unwrap();
    let proposal = certified.waiting(&draft, &name("nas"), now).unwrap().expect("it waits");
    assert_eq!((proposal.different(), proposal.chain.certificates.len()), (0, 1));
    assert_eq!(certified.save(&draft, &name("nas"), by, now).unwrap(), name("nas"));
    assert!(!certified.waits(&draft, now));
    let again = self::draft("c");
    unit.hold(&again, &unit.bundle(), "").unwrap();
    match certified.save(&again, &name("NAS"), by, now) {
        Err(AppError::Rejected(mistakes)) => assert!(mistakes.has("name")),
        other => panic!("{other:?}"),
    }
    assert!(certified.waits(&again, now));
    certified.save(&again, &name("other"), by, now).unwrap();
    let kept = unit.services.catalog.readable(&name("other")).unwrap();
    assert!(kept.record.with_certificate && kept.is_answered() && kept.record.answered.is_some());
    assert_eq!(unit.services.catalog.saved_from(&again).unwrap(), Some(name("other")));
}

#[test]
fn names_are_proposed_from_the_certificate_and_free() {
    let unit = Unit::new();
    let upload =
        |draft: &DraftId| unit.services.certified.uploaded(&unit.bundle(), None, Some(draft), Instant::now()).unwrap();
    assert_eq!(upload(&draft("b")), Uploaded::New { name: Some(name("nas_local")) });
    // Its key is open, so that nothing more is asked for.
    unit.services.certified.save(&draft("b"), &name("NAS_local"), Actor::command_line(), Instant::now()).unwrap();
    // Its request is here now: the same file gives its certificate alone.
    let Uploaded::BesideKey { certificates } = upload(&draft("c")) else { panic!("the request is here") };
    assert!(!certificates.contains("PRIVATE KEY"));
    assert_eq!(certificates.matches("BEGIN CERTIFICATE").count(), 1);
    assert_eq!(upload(&draft("c")).certificates().map(<[u8]>::len), Some(certificates.len()));
}
