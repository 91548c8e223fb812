//! CAs in the browser: added, tested, changed and deleted as by `signet ca`, and their secrets never shown.

use crate::harness::browser::Browser;
use crate::harness::console::Console;
use crate::harness::page::Page;
use serde_json::Value;
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
