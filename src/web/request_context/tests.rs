//! Who comes, beside what waits in memory of who came before.

use super::*;
use crate::web::authority::{app_at, days, name};
use crate::web::form::RawForm;
use crate::web::health::Health;
use crate::web::in_use::InUse;
use crate::web::ordered::Ordered;
use crate::web::pages;
use crate::web::session::Sessions;
use crate::web::site::Sites;
use crate::web::turns::Turns;
use hyper::HeaderMap;
use hyper::header::COOKIE;
use signet_app::access;
use signet_app::certificates::certified::Given;
use signet_app::seal::Seal;
use signet_domain::draft::DraftId;
use signet_domain::secret::Secret;
use signet_net::IdentityHandle;
use signet_pki::import::Source;
use std::sync::Arc;
use std::time::Duration;

const PASSWORD: &str = "a very long password";
const ANOTHER: &str = "another long password";

fn draft() -> DraftId {
    DraftId::parse(&"a".repeat(32)).unwrap()
}

struct Scene {
    web: Web,
    cookie: String,
    _dir: tempfile::TempDir,
}

impl Scene {
    /// A console whose owner is logged in.
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let services = app_at(&dir.path().join("data"), days(1));
        let identity = services.identity.ensure().unwrap();
        let handle = IdentityHandle::new(identity.chain.clone(), identity.key.expose_secret()).unwrap();
        let lasts = Duration::from_secs(300);
        let in_use = InUse::new(handle, identity.chain[0].clone(), lasts).unwrap();
        let seal = Seal::new(&Secret::new(vec![1; 32])).unwrap();
        let (sessions, sites) = (Sessions::new(lasts, lasts), Sites::new(&seal, None));
        let web = Web {
            services: Arc::new(services),
            seal,
            sessions,
            in_use,
            sites,
            health: Health::default(),
            ordered: Ordered::default(),
            turns: Turns::default(),
        };
        let mut scene = Self { web, cookie: String::new(), _dir: dir };
        scene.is_owned(PASSWORD);
        let generation = scene.web.services.access.owner_generation().unwrap().unwrap();
        scene.cookie = scene.web.sessions.begin(generation, Instant::now()).unwrap();
        scene
    }

    /// Sets the owner's password as root's command does.
    fn is_owned(&self, password: &str) {
        let given = access::Given::Password(password);
        self.web.services.access.set_owner(None, &given, Actor::Console, Instant::now()).unwrap();
    }

    fn visit(&self) -> RequestContext<'_> {
        let set = self.web.sites.of(false).set_session(&self.cookie);
        let pair = set.split(';').next().unwrap();
        let headers = HeaderMap::from_iter([(COOKIE, pair.parse().unwrap())]);
        let address = IpAddr::from([192, 0, 2, 1]);
        let arrival = Arrival {
            target: "/account".to_owned(),
            cookies: Cookies::of(&headers),
            address,
            entrance: Entrance { address: None, host: "nas.local".to_owned() },
            handshake: None,
            proxied: false,
            now: Instant::now(),
        };
        RequestContext::new(&self.web, arrival).unwrap()
    }

    /// Gives a certificate with its key to the wizard.
    fn give(&self) {
        assert!(self.visit().logged_in);
        let identity = self.web.services.identity.ensure().unwrap();
        let certificate = identity.chain[0].clone();
        let given = Given {
            certificate: Source { paste: None, file: Some(&certificate) },
            key: Source { paste: None, file: Some(identity.key.expose_secret()) },
            passphrase: None,
        };
        let now = Instant::now();
        self.web.services.certified.hold(&draft(), &name("nas"), &given, now).unwrap().unwrap();
        assert!(self.waits());
    }

    fn waits(&self) -> bool {
        self.web.services.certified.waits(&draft(), Instant::now())
    }
}

#[test]
fn a_key_that_waits_for_save_ends_with_the_next_visit_after_the_owner_changed() {
    let scene = Scene::new();
    scene.give();
    assert!(scene.visit().logged_in && scene.waits(), "the same owner");
    scene.is_owned(ANOTHER);
    assert!(!scene.visit().logged_in);
    assert!(!scene.waits());
}

#[test]
fn a_key_that_waits_for_save_ends_with_the_password() {
    let scene = Scene::new();
    scene.give();
    let context = scene.visit();
    let token = context.token_of(&scene.cookie);
    let form =
        [("csrf_token", &*token), ("current_password", PASSWORD), ("password", ANOTHER), ("password_confirm", ANOTHER)];
    let form = serde_urlencoded::to_string(form).unwrap();
    let fields = RawForm::parse(form.as_bytes()).unwrap().authentic(&scene.web.seal, &scene.cookie).unwrap();
    let reply = pages::account::post(&context, fields).unwrap();
    assert_eq!(reply.headers()["location"], "/account?told=changed");
    assert!(!scene.waits());
}
