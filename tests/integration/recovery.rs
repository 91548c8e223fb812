//! Each recovery over a console that serves: what goes, what stays, and that every session has ended.

use crate::harness::browser::Browser;
use crate::harness::console::{Console, PASSWORD};
use crate::harness::factory::{Station, lines};
use crate::harness::folder::listing;
use std::sync::Arc;

/// A provisioned unit with an owner, who is logged in and has made a request; and the label's code.
fn owned_unit() -> (Console, Browser, String) {
    let station = Station::new();
    station.provision(&station.at("data"), &["--serial", "NX4-1", "--hostname", "vault"]).worked();
    let code = lines(&station.at("manifest.jsonl"))[0]["setup_code"].as_str().unwrap().to_owned();
    let console = Console::start_over(Arc::new(station.0));
    let browser = set_up(&console, &code);
    let create = "csr create --name own --profile https-ecc --country DE --state BY --city M --organization E --email a@b.de --san nas.local";
    console.run(create.split(' ')).worked();
    (console, browser, code)
}

fn set_up(console: &Console, code: &str) -> Browser {
    let mut browser = console.browser();
    let form = browser.get("/").form("/setup").set("setup_code", code);
    let form = form.set("password", PASSWORD).set("password_confirm", PASSWORD);
    let sent = form.enter();
    browser.send(sent).expect(200, "Certificate Signing Requests");
    browser
}

fn names(console: &Console) -> Vec<String> {
    listing(&console.data()).into_keys().filter(|name| name.starts_with("csrs/")).collect()
}

#[test]
fn a_password_recovery_opens_setup_by_the_labels_code_and_keeps_the_rest() {
    let (console, mut browser, code) = owned_unit();
    let before = listing(&console.data());
    let said = console.run(["recover", "password", "--dry-run"]).worked();
    assert!(said.contains("Nothing was changed"), "{said}");
    assert_eq!(listing(&console.data()), before, "a dry run does nothing");
    let (what, fix) = console.run(["recover", "password"]).refused(64);
    assert!(what.contains("asks for confirmation") && fix.contains("--yes"), "{what} {fix}");
    assert_eq!(listing(&console.data()), before);
    browser.get("/csrs").expect(200, "Certificate Signing Requests");

    console.run(["recover", "password", "--yes"]).worked();
    assert_eq!(browser.get_once("/csrs").header("location"), Some("/setup"), "the session has ended at once");
    let mut after = listing(&console.data());
    for kept in ["device.json", "identity.pem", "factory/setup.json", "csrs/own.pem", "csrs/web-NX4-1.pem", "seal.key"]
    {
        assert_eq!(after.remove(kept), before.get(kept).cloned(), "{kept}");
    }
    assert!(!after.contains_key("owner.json"));
    let console = console.kill_and_start_again();
    let mut browser = set_up(&console, &code);
    let audit = browser.get("/audit");
    assert!(audit.source().contains("ecover"), "the receipt is shown");
    assert_eq!(names(&console), ["csrs/own.pem", "csrs/web-NX4-1.pem"]);
}

#[test]
fn a_new_code_is_printed_and_opens_instead_of_the_labels() {
    let (console, _, label) = owned_unit();
    let said = console.run(["recover", "password", "--yes", "--new-code", "--setup-code-file", "-"]).worked();
    let code = said.lines().find_map(|line| line.strip_prefix("Setup code:")).unwrap().trim().to_owned();
    let mut browser = console.browser();
    let form = browser.get("/").form("/setup").set("setup_code", &label);
    let refused = form.set("password", PASSWORD).set("password_confirm", PASSWORD).enter();
    browser.send(refused).expect(422, "Error: Set up this console");
    set_up(&console, &code);
}

#[test]
fn an_identity_recovery_changes_the_key_after_the_next_start() {
    let (console, mut browser, _) = owned_unit();
    let key = console.said("Key");
    console.run(["recover", "identity", "--yes"]).worked();
    browser.get("/csrs").expect(200, "Log in");
    let console = console.kill_and_start_again();
    assert_ne!(console.said("Key"), key);
    let mut browser = console.browser();
    let login = browser.get("/login").form("/login").set("password", PASSWORD).enter();
    browser.send(login).expect(200, "Certificate Signing Requests");
}

#[test]
fn a_lockout_recovery_lets_the_owner_try_at_once() {
    let (console, mut browser, _) = owned_unit();
    let mut stranger = console.browser();
    for _ in 0..6 {
        let wrong = stranger.get("/login").form("/login").set("password", "not the password").enter();
        stranger.send_once(wrong);
    }
    let right = stranger.get("/login").form("/login").set("password", PASSWORD).enter();
    assert_eq!(stranger.send_once(right).status, 429);
    console.run(["recover", "lockout", "--yes"]).worked();
    assert_eq!(browser.get_once("/csrs").status, 303, "the session has ended");
    let right = stranger.get("/login").form("/login").set("password", PASSWORD).enter();
    stranger.send(right).expect(200, "Certificate Signing Requests");
}

#[test]
fn a_factory_reset_leaves_the_unit_as_it_left_the_factory() {
    let (console, mut browser, code) = owned_unit();
    console.run(["recover", "identity", "--yes"]).worked();
    std::fs::write(console.data().join("signet.toml"), "[limits]\ncsrs = 7\n").unwrap();
    let said = console.run(["recover", "factory-reset", "--yes"]).worked();
    assert!(said.contains("1 request with the only copy of its private key: own"), "{said}");
    assert_eq!(browser.get_once("/csrs").header("location"), Some("/setup"));
    let after = listing(&console.data());
    assert_eq!(after["identity.pem"], after["factory/identity.pem"]);
    for gone in ["owner.json", "signet.toml", "csrs/own.pem", "recover.json", "login.json"] {
        assert!(!after.contains_key(gone), "{gone}");
    }
    let log = String::from_utf8(after["audit.log"].clone()).unwrap();
    assert!(log.lines().count() == 1 && log.contains("factory-reset"), "{log}");
    let console = console.kill_and_start_again();
    let mut browser = set_up(&console, &code);
    let list = browser.get("/csrs");
    assert!(list.source().contains("web-NX4-1") && !list.source().contains("own</a>"));
}

#[test]
fn a_config_that_is_wrong_does_not_stand_in_the_way_of_a_reset() {
    let (console, _, _) = owned_unit();
    std::fs::write(console.data().join("signet.toml"), "this is no TOML").unwrap();
    let ran = console.run(["recover", "factory-reset", "--yes"]);
    assert!(ran.err.contains("is wrong in line 1"), "{}", ran.err);
    ran.worked();
    assert!(!console.data().join("signet.toml").exists());
}
