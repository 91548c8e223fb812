//! CAs in the browser: added, tested, changed and deleted as by `signet ca`, and their secrets never shown.

use crate::harness::browser::Browser;
use crate::harness::console::Console;
use crate::harness::form::Form;
use crate::harness::page::Page;
use serde_json::Value;
use signet_testing::bind::{Bind, KEY};
use signet_testing::free_port;
use signet_testing::pebble::{EXTERNAL, Pebble, Settings};
use signet_testing::until;

fn show(console: &Console, name: &str) -> Value {
    serde_json::from_str(&console.run(["ca", "show", name, "--json"]).worked()).unwrap()
}

fn stored(console: &Console, name: &str) -> Value {
    let file = console.data().join(format!("authorities/{name}/authority.json"));
    serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
}

fn added(browser: &mut Browser, name: &str, url: &str) -> Page {
    let form = browser.get("/authorities").form("/authorities").set("name", name).set("url", url);
    browser.send(form.enter())
}

#[test]
fn a_ca_is_changed_with_the_key_of_its_account_kept_and_its_secret_never_shown() {
    let (console, mut browser) = Console::owned();
    let page = added(&mut browser, "company", "https://ca.example.com/acme").expect(200, "company");
    assert!(page.main().contains("The CA is added."), "{}", page.main());
    assert!(page.fact("Terms").contains("terms not agreed"), "{}", page.fact("Terms"));
    let key = stored(&console, "company")["account_key"].clone();
    let change = |browser: &mut Browser| browser.get("/authorities/company").form_with("url");
    let form = change(&mut browser).set("eab_kid", "kid-1").set("eab_key", EXTERNAL.1).set("contact", "a@example.com");
    let page = browser.send(form.check("agree_terms").press("")).expect(200, "company");
    assert!(page.main().contains("The changes are saved."), "{}", page.main());
    assert_eq!((page.fact("External account"), page.fact("Terms")), ("kid-1".into(), "agreed".into()));
    assert!(!page.source().contains(&EXTERNAL.1[..16]));
    let after = stored(&console, "company");
    assert_eq!(after["account_key"], key);
    // What is left as it is stays: terms, secret and all.
    let form = change(&mut browser).press("");
    let page = browser.send(form).expect(200, "company");
    assert!(page.main().contains("Nothing has changed."), "{}", page.main());
    assert_eq!(stored(&console, "company"), after);
    // A mistake is at its field, with what was typed and without the secret.
    let form = change(&mut browser).set("url", "http://ca.example.com").set("eab_key", "c2VjcmV0");
    let page = browser.send(form.press("")).expect(422, "Error: company");
    assert!(page.at_field("url").contains("is not the address of an ACME directory"), "{:?}", page.mistakes());
    assert!(page.source().contains("http://ca.example.com") && !page.source().contains("c2VjcmV0"));
    // Another address has terms of its own; an external account goes with its name.
    let form = change(&mut browser).set("url", "letsencrypt").set("eab_kid", "").set("contact", "");
    browser.send(form.press("")).expect(200, "company");
    let said = show(&console, "company");
    assert_eq!((&said["terms_agreed"], &said["kind"]), (&false.into(), &"public".into()));
    assert_eq!(stored(&console, "company").get("eab_key"), None);
    let log = console.run(["audit", "--json"]).worked();
    assert_eq!(log.matches("\"ca-change\"").count(), 2, "{log}");
}

#[test]
fn a_ca_is_deleted_deliberately_and_whoever_uses_it_is_named() {
    let (console, mut browser) = Console::owned();
    added(&mut browser, "one", "https://ca.example.com/acme").expect(200, "one");
    added(&mut browser, "two", "https://ca.example.net/acme").expect(200, "two");
    let who = ["--country=DE", "--state=Bavaria", "--city=Munich", "--organization=E", "--email=a@example.org"];
    for name in ["nas", "other"] {
        let name = format!("--name={name}");
        let made = ["csr", "create", &name, "--profile=https-ecc", "--san=nas.example.org"];
        console.run([&made[..], &who].concat()).worked();
    }
    console.run(["csr", "enroll", "nas", "--ca=one", "--auto-renew", "--no-wait"]).worked();
    assert_eq!(browser.get("/authorities").texts(".usable .badge")[0], "terms not agreed");
    let (what, fix) = console.run(["ca", "delete", "one"]).refused(84);
    assert!(what.contains("one is used by nas") && fix.contains("--yes"), "{what} {fix}");
    let page = browser.get("/authorities/one");
    assert_eq!((page.fact("Orders under way"), page.fact("Renewed automatically")), ("nas".into(), "nas".into()));
    let page = browser.get(&page.link("Delete…")).expect(200, "Delete one?");
    assert_eq!(page.texts("section h2"), ["Orders under way are cancelled", "No longer renewed automatically"]);
    let page = browser.send(page.form("/authorities/one/delete").press("")).expect(422, "Error: Delete one?");
    assert!(page.at_field("confirm").contains("not confirmed"), "{:?}", page.mistakes());
    let form = page.form("/authorities/one/delete").check("confirm");
    let page = browser.send(form.press("")).expect(200, "CAs");
    assert!(page.main().contains("are deleted.") && page.texts(".usable a") == ["two"], "{}", page.main());
    assert!(!console.data().join("authorities/one").exists());
    until("the order is cancelled", || {
        std::fs::read_dir(console.data().join("enroll/queue")).unwrap().next().is_none()
    });
    browser.get("/authorities/one").expect(404, "Error: Page not found");
    // One that nobody uses asks, too.
    let page = browser.get("/authorities/two/delete").expect(200, "Delete two?");
    assert_eq!(page.texts("section h2"), [""; 0]);
}

#[test]
fn the_enrolling_process_tests_a_ca_for_the_console() {
    let port = free_port();
    let console = Console::listening_at(&[], &format!("redirect = [\"127.0.0.1:{port}\"]\n"));
    let pebble = Pebble::start_at(Settings { external: true, ..Settings::default() }, port);
    let mut browser = console.set_up();
    added(&mut browser, "unknown", &pebble.url).expect(200, "unknown");
    let root = std::fs::read_to_string(pebble.root()).unwrap();
    let form = browser.get("/authorities").form("/authorities").set("name", "pebble").set("url", &pebble.url);
    browser.send(form.set("root", &root).enter()).expect(200, "pebble");
    let mut tested = |name: &str| {
        let page = browser.get(&format!("/authorities/{name}"));
        assert!(page.main().contains("Nothing is ordered."), "{}", page.main());
        browser.send(page.form_with("test").press("test"));
        let mut page = browser.get(&format!("/authorities/{name}"));
        until("the test is done", || {
            page = browser.get(&format!("/authorities/{name}"));
            !page.fact("Tested").is_empty()
        });
        page
    };
    let page = tested("pebble");
    assert!(page.fact("Tested").contains("reachable, and its certificate is trusted"), "{}", page.main());
    assert!(page.fact("Its terms").contains("data:text/plain"), "{}", page.main());
    assert_eq!(page.texts("dt").iter().filter(|label| *label == "External account").count(), 2);
    // Its root is not among the public ones.
    let page = tested("unknown");
    assert!(page.fact("Tested").contains("cannot be used"), "{}", page.main());
    // What was found holds for what was tested.
    let form = browser.get("/authorities/pebble").form_with("url").check("agree_terms");
    let page = browser.send(form.press("")).expect(200, "pebble");
    assert!(page.main().contains("Nothing is ordered."), "{}", page.main());
}

#[test]
fn how_a_ca_checks_names_is_set_in_the_browser_and_the_tsig_secret_never_shown() {
    let (bind, console) = (Bind::start(), Console::listening_at(&[], "[subject]\nrequired = []\n"));
    let pebble = Pebble::start(Settings { dns_port: Some(bind.port), ..Settings::default() });
    let mut browser = console.set_up();
    let root = std::fs::read_to_string(pebble.root()).unwrap();
    let form = browser.get("/authorities").form("/authorities").set("name", "pebble").set("url", &pebble.url);
    // A visitor without scripts sees what is usual.
    assert_eq!((form.value("challenge_http-01"), form.value("challenge_dns-01")), ("on".into(), String::new()));
    let form = form.set("root", &root).check("agree_terms").uncheck("challenge_http-01").check("challenge_dns-01");
    let mut refused = |form: Form, field: &str, words: &str| {
        let page = browser.send(form.enter()).expect(422, "Error: CAs");
        assert!(page.at_field(field).contains(words), "{field}: {:?}", page.mistakes());
        assert!(!page.source().contains(&KEY[2][..16]) && page.texts("details[open] summary").len() == 1);
    };
    let with_secret = form.clone().set("tsig_secret", KEY[2]);
    let server = with_secret.clone().set("dns_server", &bind.address());
    refused(form.clone(), "challenge", "dns-01 needs a way to set DNS records, and none is given.");
    refused(form.clone().uncheck("challenge_dns-01"), "challenge", "No way to check names is chosen.");
    refused(with_secret.clone().set("tsig_name", KEY[0]), "dns_server", "The DNS server is missing.");
    refused(with_secret.clone().set("dns_server", "ns.example"), "dns_server", "is not the address of a DNS server");
    refused(server.clone(), "tsig_name", "The name of the TSIG key is missing.");
    let named = server.set("tsig_name", KEY[0]);
    refused(named.clone().set("tsig_secret", ""), "tsig_secret", "The TSIG key's secret is missing.");
    refused(named.clone().set("tsig_secret", "no base64!"), "tsig_secret", "is not base64");
    refused(named.clone().set("dns_zone", "*.one.test"), "dns_zone", "is not the name of a zone");
    refused(named.clone().smuggle("tsig_algorithm", "hmac-md5"), "tsig_algorithm", "is not an algorithm for TSIG");
    refused(named.clone().set("dns_hook", "provider"), "dns_hook", "A DNS server and a hook are given.");
    refused(form.set("dns_hook", "../hook"), "dns_hook", "is not the name of a hook");
    let without = named.clone().uncheck("challenge_dns-01").check("challenge_http-01");
    refused(without, "challenge", "dns-01 is not among the challenges");
    let page = browser.send(named.enter()).expect(200, "pebble");
    assert_eq!(page.fact("Checks of names"), "dns-01");
    assert_eq!(page.fact("DNS server"), format!("{}\nTSIG key signet, hmac-sha256", bind.address()));
    assert!(!page.source().contains(&KEY[2][..16]));
    // It works, and what is left as it is stays: the secret and the order of the kinds.
    console.run(["csr", "create", "--name=nas", "--profile=https-ecc", "--san=*.one.test"]).worked();
    console.run(["csr", "enroll", "nas", "--ca", "pebble"]).worked();
    console.run(["ca", "change", "pebble", "--challenge=dns-01", "--challenge=http-01"]).worked();
    let before = stored(&console, "pebble");
    let form = browser.get("/authorities/pebble").form_with("url");
    let page = browser.send(form.press("")).expect(200, "pebble");
    assert!(page.main().contains("Nothing has changed."), "{}", page.main());
    assert_eq!(stored(&console, "pebble"), before);
    // A hook takes the server's place, and its key goes.
    let form = browser.get("/authorities/pebble").form_with("url").set("dns_server", "").set("tsig_name", "");
    let page = browser.send(form.set("dns_hook", "provider").press("")).expect(200, "pebble");
    assert_eq!((page.fact("DNS hook"), page.fact("Checks of names")), ("provider".into(), "dns-01, http-01".into()));
    assert!(before["tsig_secret"].is_string() && stored(&console, "pebble")["tsig_secret"].is_null());
    // No longer: neither is left.
    let form = browser.get("/authorities/pebble").form_with("url").set("dns_hook", "").uncheck("challenge_dns-01");
    let page = browser.send(form.press("")).expect(200, "pebble");
    assert_eq!(page.fact("Checks of names"), "http-01");
    assert_eq!(show(&console, "pebble")["dns_hook"], Value::Null);
}

#[test]
fn all_that_is_wrong_with_a_new_ca_is_told_at_once_its_name_included() {
    let (console, mut browser) = Console::owned();
    for path in ["/authorities", "/authorities/new/est"] {
        let form = browser.get(path).form(path).set("name", "My CA").set("url", "http://ca.example.com");
        let page = browser.send(form.press(""));
        let fields: Vec<String> = page.mistakes().into_iter().map(|(field, _)| field).collect();
        assert!(fields.starts_with(&["name".to_owned(), "url".to_owned()]), "{path}: {fields:?}");
        assert_eq!(page.form(path).value("name"), "My CA");
    }
    let ran = console.run(["ca", "add", "My CA", "--acme", "http://ca.example.com"]);
    assert_eq!(ran.code, 65);
    assert!(ran.err.contains("My CA") && ran.err.contains("http://ca.example.com"), "{}", ran.err);
    assert!(!console.data().join("authorities").exists());
}
