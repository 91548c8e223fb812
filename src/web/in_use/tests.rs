//! A trial from its beginning to each of its ends. What handshakes show is told by number.

use super::*;
use crate::web::Web;
use crate::web::authority::{Ca, app_at, days, name};
use crate::web::health::Health;
use crate::web::ordered::Ordered;
use crate::web::session::Sessions;
use crate::web::site::Sites;
use crate::web::turns::Turns;
use signet_app::seal::Seal;
use signet_domain::secret::Secret;
use signet_store::Journal;
use std::sync::Arc;

const BY: Actor = Actor::Console;

struct Scene {
    web: Arc<Web>,
    handle: IdentityHandle,
    ca: Ca,
    own: Vec<u8>,
    _dir: tempfile::TempDir,
}

impl Scene {
    fn new(lasts: Duration) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let services = app_at(&dir.path().join("data"), days(1));
        let identity = services.identity.ensure().unwrap();
        let own = identity.chain[0].clone();
        let handle = IdentityHandle::new(identity.chain, identity.key.expose_secret()).unwrap();
        let in_use = InUse::new(handle.clone(), own.clone(), lasts).unwrap();
        let seal = Seal::new(&Secret::new(vec![1; 32])).unwrap();
        let sessions = Sessions::new(lasts, lasts);
        let sites = Sites::new(&seal, None);
        let web = Arc::new(Web {
            services: Arc::new(services),
            seal,
            sessions,
            in_use,
            sites,
            health: Health::default(),
            ordered: Ordered::default(),
            turns: Turns::default(),
        });
        Self { web, handle, ca: Ca::new(), own, _dir: dir }
    }

    /// An answered CSR, and a trial of it.
    fn begin(&self, csr: &str) -> Vec<u8> {
        let leaf = self.ca.answered(&self.web.services, csr);
        let candidate = self.web.services.console.candidate(&name(csr), None).unwrap();
        self.web.in_use.begin(&self.web.services, &name(csr), candidate, BY).unwrap();
        leaf
    }

    /// How a visitor who comes now shakes hands.
    fn greeted(&self) -> Handshake {
        Handshake { identity: self.handle.number(), resumed: false }
    }

    fn confirm(&self, handshake: Handshake, now: Instant) -> Result<(), ChangeError> {
        self.web.in_use.confirm(&self.web.services, handshake, BY, now)
    }

    /// The certificate that visitors see, and the one on disk.
    fn seen_and_kept(&self) -> (Vec<u8>, Vec<u8>) {
        let certificate = self.web.in_use.certificate();
        assert_eq!(self.web.in_use.fingerprints(), Fingerprints::of(&certificate).unwrap());
        (certificate, self.web.services.store.identity().unwrap().unwrap().chain[0].clone())
    }

    /// The log's words for what was done with the console's certificate.
    fn log(&self) -> Vec<String> {
        let lines = self.web.services.store.journal(Journal::Done).unwrap();
        let what = |line: &String| {
            serde_json::from_str::<serde_json::Value>(line).unwrap()["what"].as_str().unwrap().to_owned()
        };
        lines.iter().map(what).collect()
    }
}

const LONG: Duration = Duration::from_secs(300);

#[test]
fn a_trial_is_seen_and_not_kept_until_it_is_confirmed_by_who_met_it() {
    let scene = Scene::new(LONG);
    let before = scene.greeted();
    let leaf = scene.begin("web");
    assert_eq!(scene.seen_and_kept(), (leaf.clone(), scene.own.clone()));
    let now = Instant::now();
    assert!(!scene.web.in_use.trial(before, now).unwrap().greeted);
    assert!(matches!(scene.confirm(before, now), Err(ChangeError::OldConnection)));
    assert_eq!(scene.seen_and_kept().1, scene.own);

    // A resumed session stems from a handshake made with it.
    let greeted = Handshake { resumed: true, ..scene.greeted() };
    let trial = scene.web.in_use.trial(greeted, now).unwrap();
    assert!(trial.greeted && trial.csr == name("web") && trial.left <= LONG);
    scene.confirm(greeted, now).unwrap();
    assert_eq!(scene.seen_and_kept(), (leaf.clone(), leaf));
    assert_eq!(scene.greeted().identity, greeted.identity, "open connections stay open");
    assert_eq!(scene.web.in_use.trial(greeted, now), None);
    scene.confirm(greeted, now).unwrap();
    assert!(matches!(scene.confirm(before, now), Err(ChangeError::NoTrial)));
    assert_eq!(scene.log(), ["console-try", "console-use"]);
}

#[tokio::test]
async fn a_trial_that_nobody_confirms_ends_by_itself() {
    let scene = Scene::new(Duration::from_millis(100));
    let before = scene.greeted();
    tokio::spawn(InUse::keep_time(Arc::clone(&scene.web)));
    for csr in ["one", "two"] {
        scene.begin(csr);
        let greeted = scene.greeted();
        assert_ne!(greeted, before);
        // Only a test that has failed waits for long.
        let end = Instant::now() + Duration::from_secs(60);
        while scene.greeted() != before && Instant::now() < end {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(scene.greeted(), before, "the former identity is itself again");
        assert_eq!(scene.seen_and_kept(), (scene.own.clone(), scene.own.clone()));
        assert!(matches!(scene.confirm(greeted, Instant::now()), Err(ChangeError::NoTrial)));
    }
    assert_eq!(scene.log(), ["console-try", "console-revert", "console-try", "console-revert"]);
}

#[test]
fn a_confirmation_that_comes_late_is_refused_even_if_the_timer_is() {
    let scene = Scene::new(LONG);
    scene.begin("web");
    let late = Instant::now() + LONG;
    assert!(matches!(scene.confirm(scene.greeted(), late), Err(ChangeError::NoTrial)));
    assert_eq!(scene.seen_and_kept(), (scene.own.clone(), scene.own.clone()));
}

#[test]
fn a_second_trial_ends_the_first_and_goes_back_to_what_was_before_both() {
    let scene = Scene::new(LONG);
    let before = scene.greeted();
    scene.begin("one");
    let first = scene.greeted();
    let leaf = scene.begin("two");
    assert_eq!(scene.seen_and_kept().0, leaf);
    assert!(matches!(scene.confirm(first, Instant::now()), Err(ChangeError::OldConnection)));
    assert!(scene.web.in_use.end_trial(&scene.web.services, BY));
    assert!(!scene.web.in_use.end_trial(&scene.web.services, BY));
    assert_eq!(scene.greeted(), before);
    assert_eq!(scene.log(), ["console-try", "console-revert", "console-try", "console-revert"]);
}

#[test]
fn a_reload_ends_a_trial_with_what_lies_on_disk() {
    let scene = Scene::new(LONG);
    scene.begin("web");
    let greeted = scene.greeted();
    scene.web.services.recoveries.recover(signet_app::recover::Recovery::Identity, None).unwrap();
    scene.web.in_use.take(&scene.web.services).unwrap();
    let (seen, kept) = scene.seen_and_kept();
    assert!(seen == kept && seen != scene.own);
    assert!(matches!(scene.confirm(greeted, Instant::now()), Err(ChangeError::NoTrial)));
}

#[test]
fn a_reload_of_what_cannot_be_used_leaves_the_identity_of_before_the_trial() {
    let scene = Scene::new(LONG);
    let before = scene.greeted();
    scene.begin("web");
    std::fs::write(scene.web.services.store.path().join("identity.pem"), "cut").unwrap();
    assert!(scene.web.in_use.take(&scene.web.services).unwrap_err().to_string().contains("damaged"));
    assert_eq!(scene.greeted(), before);
}

#[test]
fn a_recovery_during_a_trial_is_not_undone_by_its_confirmation() {
    let scene = Scene::new(LONG);
    let before = scene.greeted();
    scene.begin("web");
    scene.web.services.recoveries.recover(signet_app::recover::Recovery::Identity, None).unwrap();
    let recovered = scene.web.services.store.identity().unwrap().unwrap().chain[0].clone();
    assert!(matches!(scene.confirm(scene.greeted(), Instant::now()), Err(ChangeError::Overtaken)));
    assert_eq!(scene.seen_and_kept(), (scene.own.clone(), recovered));
    assert_eq!(scene.greeted(), before);
}

#[test]
fn the_way_back_is_written_and_shown_at_once() {
    let scene = Scene::new(LONG);
    let leaf = scene.begin("web");
    scene.confirm(scene.greeted(), Instant::now()).unwrap();
    let kept = scene.greeted();
    scene.web.in_use.back(&scene.web.services, Back::Former, BY).unwrap();
    assert_eq!(scene.seen_and_kept(), (scene.own.clone(), scene.own.clone()));
    assert_ne!(scene.greeted(), kept, "connections of before are closed");
    scene.web.in_use.back(&scene.web.services, Back::Former, BY).unwrap();
    assert_eq!(scene.seen_and_kept(), (leaf.clone(), leaf));
    assert_eq!(scene.log(), ["console-try", "console-use", "console-back", "console-back"]);
}

#[test]
fn a_key_of_another_certificate_begins_no_trial() {
    let scene = Scene::new(LONG);
    let before = scene.greeted();
    let certificate = scene.ca.answered(&scene.web.services, "web");
    let other = scene.web.services.store.identity().unwrap().unwrap().key;
    let identity = StoredIdentity { chain: vec![certificate], key: other };
    let candidate = Candidate { identity, advice: Vec::new(), takers: Takers::Browsers };
    let refused = scene.web.in_use.begin(&scene.web.services, &name("web"), candidate, BY).unwrap_err();
    assert!(matches!(refused, ChangeError::Tls(_)), "{refused:?}");
    assert!(refused.refusal().unwrap()[0].what.contains("self-test"));
    assert_eq!((scene.greeted(), scene.web.in_use.trial(before, Instant::now())), (before, None));
}
