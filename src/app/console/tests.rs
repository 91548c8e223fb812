//! A CA's answers for the console, put in use and taken back, as they lie on disk.

mod authority;

use super::*;
use crate::Services;
use authority::{Ca, app_at, days, name};
use jiff::Timestamp;
use rcgen::ExtendedKeyUsagePurpose;

struct Scene {
    dir: tempfile::TempDir,
    services: Services,
    ca: Ca,
    own: Vec<u8>,
}

impl Scene {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let services = app_at(&dir.path().join("data"), days(1));
        let own = services.identity.ensure().unwrap().chain[0].clone();
        Self { dir, services, ca: Ca::new(), own }
    }

    fn at(&self, now: Timestamp) -> Services {
        app_at(&self.dir.path().join("data"), now)
    }

    fn put_in_use(&self, csr: &str) {
        let candidate = self.services.console.candidate(&name(csr), None).unwrap();
        assert!(self.services.console.put_in_use(&name(csr), &candidate.identity, None, Actor::Console).unwrap());
    }

    fn in_use(&self) -> Vec<u8> {
        let identity = self.services.store.identity().unwrap().unwrap();
        assert!(has_its_key(&identity));
        identity.chain[0].clone()
    }

    fn back(&self, to: Back) {
        let identity = self.services.console.way_back(to).unwrap();
        self.services.console.go_back(to, &identity, Actor::Console).unwrap();
    }

    fn ways(&self) -> Vec<(Back, Option<Why>)> {
        let ways = self.services.console.ways_back().into_iter();
        ways.map(|(back, standing)| (back, standing.map(|standing| standing.why))).collect()
    }
}

fn words(refused: AppError) -> String {
    match refused {
        AppError::Rejected(mistakes) => mistakes.iter().map(|one| format!("{} {}", one.what, one.fix)).collect(),
        AppError::Failed(error) => panic!("{error}"),
    }
}

#[test]
fn an_answer_is_put_in_use_without_its_root_and_the_own_certificate_is_the_way_back() {
    let scene = Scene::new();
    let leaf = scene.ca.answered(&scene.services, "web");
    assert!(scene.ways().is_empty());
    scene.put_in_use("web");
    assert_eq!(scene.services.store.identity().unwrap().unwrap().chain, std::slice::from_ref(&leaf));
    assert_eq!(scene.services.console.standing(&leaf).unwrap().why, Why::Csr(name("web")));
    assert!(scene.services.console.has_key_of(&name("web")));
    assert_eq!(scene.ways(), [(Back::Former, Some(Why::Own))]);
    scene.back(Back::Former);
    assert_eq!(scene.in_use(), scene.own);
    scene.back(Back::Former);
    assert_eq!(scene.in_use(), leaf, "and forth again");
}

#[test]
fn a_deleted_csr_leaves_the_console_its_certificate_and_key() {
    let scene = Scene::new();
    let leaf = scene.ca.answered(&scene.services, "web");
    scene.put_in_use("web");
    scene.services.requests.delete(&name("web"), Actor::Console).unwrap();
    assert_eq!(scene.in_use(), leaf);
    assert_eq!(scene.services.console.standing(&leaf).unwrap().why, Why::Elsewhere);
    scene.back(Back::Former);
    scene.back(Back::Former);
    assert_eq!(scene.in_use(), leaf, "the former one is kept with its key");
}

#[test]
fn what_a_ca_issued_is_never_replaced_by_a_self_made_one() {
    let scene = Scene::new();
    let leaf = scene.ca.answered(&scene.services, "web");
    scene.put_in_use("web");
    for (day, due, ended) in [(30, false, false), (70, true, false), (91, true, true)] {
        let services = scene.at(days(day));
        assert_eq!(services.identity.ensure().unwrap().chain, std::slice::from_ref(&leaf), "day {day}");
        assert_eq!(services.identity.reload().unwrap().chain, std::slice::from_ref(&leaf), "day {day}");
        let standing = services.console.standing(&leaf).unwrap();
        assert_eq!((standing.due, standing.ended, standing.attention().is_some()), (due, ended, due), "day {day}");
    }
    let (_, fix) = scene.at(days(91)).console.standing(&leaf).unwrap().attention().unwrap();
    assert!(fix.contains("Renew the request web"), "{fix}");
}

#[test]
fn the_way_back_to_an_own_certificate_that_is_due_renews_it_with_its_key() {
    let scene = Scene::new();
    scene.ca.answered(&scene.services, "web");
    scene.put_in_use("web");
    let later = scene.at(days(360));
    let identity = later.console.way_back(Back::Former).unwrap();
    assert_ne!(identity.chain[0], scene.own);
    assert_eq!(signet_pki::identity::spki_sha256(&identity.chain[0]), signet_pki::identity::spki_sha256(&scene.own));
    later.console.go_back(Back::Former, &identity, Actor::Console).unwrap();
    assert_eq!(scene.in_use(), identity.chain[0]);
}

#[test]
fn the_own_certificate_is_reached_over_two_of_a_ca() {
    let scene = Scene::new();
    scene.ca.answered(&scene.services, "one");
    scene.ca.answered(&scene.services, "two");
    scene.put_in_use("one");
    scene.put_in_use("two");
    // Nobody has the first key any more, and no factory made one.
    assert_eq!(scene.ways(), [(Back::Former, Some(Why::Csr(name("one")))), (Back::Own, None)]);
    scene.back(Back::Own);
    assert_eq!(scene.services.console.standing(&scene.in_use()).unwrap().why, Why::Own);
    assert_eq!(scene.ways(), [(Back::Former, Some(Why::Csr(name("two"))))]);
    assert!(
        words(scene.services.console.way_back(Back::Own).unwrap_err()).contains("own certificate is already in use")
    );
}

#[test]
fn the_factorys_certificate_is_the_own_one_where_there_is_one() {
    let scene = Scene::new();
    let factory = scene.services.store.identity().unwrap().unwrap();
    scene.services.store.lock().unwrap().put_factory_identity(&factory).unwrap();
    assert_eq!(scene.services.console.standing(&scene.own).unwrap().why, Why::Factory);
    scene.ca.answered(&scene.services, "one");
    scene.ca.answered(&scene.services, "two");
    scene.put_in_use("one");
    scene.put_in_use("two");
    assert_eq!(scene.ways()[1], (Back::Own, Some(Why::Factory)));
    scene.back(Back::Own);
    assert_eq!(scene.in_use(), scene.own);
}

#[test]
fn what_cannot_serve_is_refused_with_its_reason() {
    let scene = Scene::new();
    let candidate =
        |services: &Services, csr: &str| services.console.candidate(&name(csr), None).map(drop).unwrap_err();
    scene.ca.answered_for(&scene.services, "client", ExtendedKeyUsagePurpose::ClientAuth);
    assert!(words(candidate(&scene.services, "client")).contains("lacks Web server (SERVER_AUTH)"));
    scene.ca.answered(&scene.services, "web");
    assert!(words(candidate(&scene.at(days(91)), "web")).contains("expired on"));
    assert!(words(scene.services.console.way_back(Back::Former).unwrap_err()).contains("no previous"));
    assert!(matches!(candidate(&scene.services, "nobody"), AppError::Failed(Failure::NotFound(_))));
    // The answer to another request.
    let other = scene.ca.answered(&scene.services, "other");
    let record = scene.services.catalog.readable(&name("web")).unwrap().record;
    scene.services.store.lock().unwrap().set_answer(&name("web"), &record, &[other]).unwrap();
    assert!(words(candidate(&scene.services, "web")).contains("another key"));
    assert_eq!(scene.in_use(), scene.own);
}

#[test]
fn a_visitor_who_came_by_another_name_is_told() {
    let scene = Scene::new();
    scene.ca.answered(&scene.services, "web");
    let advice = |host: &str| scene.services.console.candidate(&name("web"), Some(host)).unwrap().advice;
    assert_eq!(advice("NAS.example"), [""; 0]);
    assert!(advice("192.0.2.7")[0].contains("does not name 192.0.2.7"));
    let names: Vec<String> = ["DNS:nas.example", "DNS:*.lan", "IP:2001:db8::7"].map(str::to_owned).into();
    for (host, named) in [
        ("nas.example.", true),
        ("a.lan", true),
        ("a.b.lan", false),
        ("lan", false),
        ("[2001:DB8:0::7]", true),
        ("example", false),
    ] {
        assert_eq!(standing::names_host(&names, host), named, "{host}");
    }
}

#[test]
fn a_choice_made_before_another_one_changes_nothing() {
    let scene = Scene::new();
    scene.ca.answered(&scene.services, "one");
    scene.ca.answered(&scene.services, "two");
    let two = scene.services.console.candidate(&name("two"), None).unwrap().identity;
    scene.put_in_use("one");
    let before = scene.in_use();
    let put =
        |instead_of| scene.services.console.put_in_use(&name("two"), &two, Some(instead_of), Actor::Console).unwrap();
    assert!(!put(&scene.own));
    assert_eq!(scene.in_use(), before);
    std::fs::write(scene.dir.path().join("data/identity.pem"), "cut").unwrap();
    assert!(put(&scene.own), "what cannot be used may be replaced");
    assert_eq!(scene.in_use(), two.chain[0]);
}

#[test]
fn where_the_identity_cannot_be_used_another_one_stands_in() {
    let scene = Scene::new();
    scene.ca.answered(&scene.services, "web");
    scene.put_in_use("web");
    let path = scene.dir.path().join("data/identity.pem");
    std::fs::write(&path, "cut").unwrap();
    let stand_ins = scene.services.identity.stand_ins();
    assert_eq!(stand_ins[0].chain[0], scene.own, "the former one first");
    assert!(stand_ins.len() == 2 && stand_ins.iter().all(has_its_key));
    assert_eq!(std::fs::read(&path).unwrap(), b"cut", "left as it is");
}

/// A self-made ML-DSA certificate in the form of an identity's file, and in DER.
fn ml_dsa() -> (String, Vec<u8>) {
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ML_DSA_65).unwrap();
    let params = rcgen::CertificateParams::new(["nas.example".to_owned()]).unwrap();
    let certificate = params.self_signed(&key).unwrap();
    let pem = signet_pki::pem::encode("CERTIFICATE", certificate.der()).to_string();
    let key = signet_pki::pem::encode("PRIVATE KEY", key.serialized_der());
    (pem + &key, certificate.der().to_vec())
}

#[test]
fn an_ml_dsa_certificate_stands_in_only_where_nothing_else_can() {
    let scene = Scene::new();
    let (file, certificate) = ml_dsa();
    std::fs::write(scene.dir.path().join("data/former.pem"), file).unwrap();
    std::fs::write(scene.dir.path().join("data/identity.pem"), "cut").unwrap();
    let stand_ins = scene.services.identity.stand_ins();
    let is_it: Vec<bool> = stand_ins.iter().map(|identity| identity.chain[0] == certificate).collect();
    assert_eq!(is_it, [false, true], "one that is made for this start goes before it");
}

#[test]
fn a_certificate_of_no_ca_that_the_console_did_not_make_was_put_in_place_by_hand() {
    let scene = Scene::new();
    let (_, certificate) = ml_dsa();
    let why = scene.services.console.standing(&certificate).unwrap().why;
    assert_eq!((why.told().as_str(), why.word()), ("put in place by hand", "elsewhere"));
}
