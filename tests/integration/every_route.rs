//! Every route of the contract against visitors who should not be there: without a session, without the form's token,
//! from another site, with too much and with half of what they promised. Nothing on the disk changes by any of it.

use crate::harness::browser::Browser;
use crate::harness::console::Console;
use crate::harness::origin::Answer;
use crate::harness::wizard::make;
use std::collections::BTreeMap;
use std::path::Path;

/// Method, path, and the statuses: without a session, and with one but without a token. In this order: opening
/// `/wizard` begins a draft.
pub const ROUTES: &[(&str, &str, u16, u16)] = &[
    ("GET", "/", 303, 303),
    ("GET", "/setup", 404, 404),
    ("GET", "/login", 200, 303),
    ("GET", "/ticket", 303, 303),
    ("GET", "/ticket?token=00", 200, 200),
    ("GET", "/csrs", 303, 200),
    ("GET", "/csrs/nas", 303, 200),
    ("GET", "/csrs/nas/download", 303, 200),
    ("GET", "/csrs/nas/download?format=der", 303, 200),
    ("GET", "/csrs/nas/key", 303, 200),
    ("GET", "/csrs/nas/certificate", 303, 200),
    ("GET", "/csrs/nas/certificate/download", 303, 404),
    ("GET", "/csrs/nas/pkcs12", 303, 404),
    ("GET", "/reply", 303, 200),
    ("GET", "/csrs/nas/delete", 303, 200),
    ("GET", "/csrs/nas/deploy", 303, 403),
    ("GET", "/csrs/nas/enroll", 303, 200),
    ("GET", "/authorities", 303, 200),
    ("GET", "/authorities/new/est", 303, 200),
    ("GET", "/authorities/ca", 303, 404),
    ("GET", "/authorities/ca/delete", 303, 404),
    ("GET", "/csrs/nas/difference", 303, 404),
    ("GET", "/csrs/nas/expiry.ics", 303, 404),
    ("GET", "/csrs/nas/try", 303, 200),
    ("GET", "/console", 303, 200),
    ("GET", "/csrs/nobody", 303, 404),
    ("GET", "/wizard", 303, 303),
    ("GET", "/wizard/identity", 303, 200),
    ("GET", "/wizard/options", 303, 303),
    ("GET", "/wizard/subject", 303, 303),
    ("GET", "/wizard/constraints", 303, 303),
    ("GET", "/wizard/import", 303, 303),
    ("GET", "/wizard/certificate", 303, 303),
    ("GET", "/wizard/confirm", 303, 303),
    ("GET", "/wizard/progress", 303, 303),
    ("GET", "/account", 303, 200),
    ("GET", "/audit", 303, 200),
    ("GET", "/help", 303, 200),
    ("GET", "/licences", 303, 200),
    ("GET", "/healthz", 200, 200),
    ("POST", "/setup", 404, 404),
    ("POST", "/login", 403, 403),
    ("POST", "/ticket", 403, 403),
    ("POST", "/logout", 403, 403),
    ("POST", "/csrs/nas", 403, 403),
    ("POST", "/csrs/nobody", 403, 403),
    ("POST", "/csrs/nas/key", 403, 403),
    ("POST", "/csrs/nas/certificate", 403, 403),
    ("POST", "/csrs/nas/pkcs12", 403, 403),
    ("POST", "/reply", 403, 403),
    ("POST", "/csrs/nas/delete", 403, 403),
    ("POST", "/csrs/nas/clone", 403, 403),
    ("POST", "/csrs/nas/deploy", 403, 403),
    ("POST", "/csrs/nas/enroll", 403, 403),
    ("POST", "/authorities", 403, 403),
    ("POST", "/authorities/new/est", 403, 403),
    ("POST", "/authorities/ca", 403, 403),
    ("POST", "/authorities/ca/delete", 403, 403),
    ("POST", "/csrs/nas/renew", 403, 403),
    ("POST", "/csrs/nas/change", 403, 403),
    ("POST", "/csrs/nas/try", 403, 403),
    ("POST", "/console/confirm", 403, 403),
    ("POST", "/console/back", 403, 403),
    ("POST", "/wizard", 403, 403),
    ("POST", "/wizard/identity", 403, 403),
    ("POST", "/wizard/options", 403, 403),
    ("POST", "/wizard/subject", 403, 403),
    ("POST", "/wizard/constraints", 403, 403),
    ("POST", "/wizard/import", 403, 403),
    ("POST", "/wizard/certificate", 403, 403),
    ("POST", "/wizard/confirm", 403, 403),
    ("POST", "/account/password", 403, 403),
];

const FORM: &str = "application/x-www-form-urlencoded";
/// What would change something, were it let in: every field that any of the forms has.
const BODY: &str = "name=other&note=changed&confirm=on&unencrypted=on&save=on&password=guess&type=csr&profile=";

struct Scene {
    console: Console,
    owner: Browser,
    before: BTreeMap<String, Vec<u8>>,
}

impl Scene {
    fn new() -> Self {
        let (console, mut owner) = Console::owned();
        make(&mut owner, "nas", "https-ecc");
        let before = on_disk(&console.data());
        Self { console, owner, before }
    }

    fn posts() -> impl Iterator<Item = &'static str> {
        ROUTES.iter().filter(|(method, ..)| *method == "POST").map(|(_, path, ..)| *path)
    }

    /// The owner's token, which fits every form of their session.
    fn token(&mut self) -> String {
        self.owner.get("/csrs").form("/logout").value("csrf_token")
    }

    fn nothing_changed(mut self) {
        assert_eq!(on_disk(&self.console.data()), self.before);
        self.owner.get("/csrs").expect(200, "Certificate Signing Requests");
        self.console.lives();
    }
}

/// The files that a visitor must not change: CSRs, owner, keys.
fn on_disk(data: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for folder in ["", "csrs", "factory"] {
        let Ok(entries) = std::fs::read_dir(data.join(folder)) else { continue };
        for entry in entries.map(Result::unwrap).filter(|entry| entry.file_type().unwrap().is_file()) {
            let name = format!("{folder}/{}", entry.file_name().to_string_lossy());
            // Journals and where they end, counts of wrong guesses and the lock's holder are written by design.
            // So is the temporary that becomes the latter.
            if !["log", "lock", "login.json", "audit.head", ".tmp-"].iter().any(|end| name.contains(end)) {
                files.insert(name, std::fs::read(entry.path()).unwrap());
            }
        }
    }
    assert!(files.contains_key("csrs/nas.pem") && files.contains_key("/owner.json"), "{:?}", files.keys());
    files
}

fn ask(browser: &mut Browser, method: &str, path: &str) -> Answer {
    match method {
        "POST" => browser.post_once(path, FORM, BODY.as_bytes()),
        _ => browser.get_once(path),
    }
}

/// Each page that refuses is a page of ours, with the headers that every answer has and nothing of a key.
fn is_ours(answer: &Answer, what: &str) {
    for header in ["content-security-policy", "x-content-type-options", "x-frame-options", "cache-control"] {
        assert!(answer.header(header).is_some(), "{what} lacks {header}");
    }
    assert_eq!(answer.header("strict-transport-security"), None, "{what}");
    assert!(!answer.raw.windows(11).any(|part| part == b"PRIVATE KEY"), "{what}");
    if answer.status >= 400 {
        let page = String::from_utf8(answer.body.clone()).unwrap();
        assert!(page.contains("<title>") && page.contains("</html>"), "{what}: {page}");
    }
}

#[test]
fn without_a_session_there_is_nothing_but_the_login() {
    let scene = Scene::new();
    for (method, path, expected, _) in ROUTES {
        let what = format!("{method} {path}");
        let mut stranger = scene.console.browser();
        let answer = ask(&mut stranger, method, path);
        assert_eq!(answer.status, *expected, "{what}");
        is_ours(&answer, &what);
        let to = answer.header("location").unwrap_or("/login");
        assert!(to.starts_with("/login"), "{what} leads to {to}");
        let text = String::from_utf8_lossy(&answer.body);
        assert!(!text.contains("nas.example.org") && !text.contains("BEGIN"), "{what} shows something");
    }
    scene.nothing_changed();
}

#[test]
fn a_post_without_the_token_changes_nothing() {
    let mut scene = Scene::new();
    let stranger_token = scene.console.browser().get("/login").form("/login").value("csrf_token");
    for (method, path, _, expected) in ROUTES {
        let what = format!("{method} {path}");
        let answer = ask(&mut scene.owner, method, path);
        assert_eq!(answer.status, *expected, "{what}");
        is_ours(&answer, &what);
        if *method == "POST" {
            let body = format!("csrf_token={stranger_token}&{BODY}");
            let answer = scene.owner.post_once(path, FORM, body.as_bytes());
            assert_eq!(answer.status, *expected, "{what} with another session's token");
        }
    }
    scene.nothing_changed();
}

#[test]
fn a_form_of_another_site_is_refused_even_with_the_token() {
    let mut scene = Scene::new();
    let body = format!("csrf_token={}&{BODY}", scene.token());
    let own = format!("https://{}", scene.console.origin.authority());
    let plain = own.replace("https", "http");
    let length = body.len().to_string();
    for path in Scene::posts() {
        for headers in [
            &[("Origin", "https://evil.example")] as &[_],
            &[("Origin", "null")],
            &[("Origin", &plain)],
            &[("Origin", &own), ("Sec-Fetch-Site", "cross-site")],
            &[("Sec-Fetch-Site", "same-site")],
        ] {
            let headers = [headers, &[("Content-Type", FORM), ("Content-Length", &length)]].concat();
            let request = scene.owner.head("POST", path, &headers) + &body;
            let answer = scene.owner.exchange(request.into_bytes());
            assert_eq!(answer.status, 403, "{path} {headers:?}");
            is_ours(&answer, path);
        }
    }
    scene.nothing_changed();
}

#[test]
fn a_body_over_the_bound_gets_a_page_and_one_cut_short_changes_nothing() {
    let mut scene = Scene::new();
    let mut answered = 0;
    let token = scene.token();
    for path in Scene::posts() {
        let bound = match path {
            "/wizard/import" | "/wizard/certificate" => 256,
            "/login" | "/reply" | "/csrs/nas/certificate" => 320,
            _ => 64,
        };
        let body = format!("csrf_token={token}&{BODY}&name={}", "a".repeat(bound * 1024));
        let answer = scene.owner.post_once(path, FORM, body.as_bytes());
        assert_eq!(answer.status, 413, "{path}");
        is_ours(&answer, path);

        let body = format!("csrf_token={token}&{BODY}");
        let length = (body.len() + 1).to_string();
        let request = scene.owner.head("POST", path, &[("Content-Type", FORM), ("Content-Length", &length)]) + &body;
        // The sender is gone: there may be nobody to answer to.
        if let Some(answer) = scene.console.origin.exchange(request.as_bytes(), false) {
            assert_eq!(answer.status, 400, "{path}");
            answered += 1;
        }
    }
    assert!(answered > 0, "no body that was cut short got an answer");
    scene.nothing_changed();
}

#[test]
fn a_wrong_method_is_told_which_are_right() {
    let mut scene = Scene::new();
    let paths: std::collections::BTreeSet<&str> =
        ROUTES.iter().map(|(_, path, ..)| path.split('?').next().unwrap()).collect();
    for path in paths {
        let takes = |wanted: &str| ROUTES.iter().any(|(method, other, ..)| *method == wanted && *other == path);
        for method in ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"] {
            if takes(method) {
                continue;
            }
            let request = scene.owner.head(method, path, &[("Content-Length", "0")]);
            let answer = scene.owner.exchange(request.into_bytes());
            assert_eq!(answer.status, 405, "{method} {path}");
            let allow: Vec<&str> = answer.header("allow").unwrap_or_default().split(", ").collect();
            assert_eq!((allow.contains(&"GET"), allow.contains(&"POST")), (takes("GET"), takes("POST")), "{path}");
            is_ours(&answer, path);
        }
    }
    scene.nothing_changed();
}

#[test]
fn head_answers_as_get_does_without_the_body() {
    let mut scene = Scene::new();
    for (_, path, ..) in ROUTES.iter().filter(|(method, ..)| *method == "GET") {
        let request = scene.owner.head("HEAD", path, &[]);
        let head = scene.owner.exchange(request.into_bytes());
        let get = scene.owner.get_once(path);
        assert_eq!((head.status, head.body.len()), (get.status, 0), "{path}");
        assert_eq!(head.header("content-type"), get.header("content-type"), "{path}");
    }
    scene.nothing_changed();
}
