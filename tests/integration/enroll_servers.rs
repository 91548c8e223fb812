//! Certificates come from real CAs with a root of their own: OpenBao, which asks for an external account, and acme2certifier, which has
//! profiles. Each by command and in the browser; OpenSSL verifies them where the console serves them.

use crate::enroll::{console, create, json, json_of_code, kept_by_the_console, set_record, status, verifies};
use crate::enroll_renewal::hours_ago;
use crate::harness::acme2certifier::Acme2certifier;
use crate::harness::answering::show;
use crate::harness::browser::Browser;
use crate::harness::console::{Console, run};
use crate::harness::openbao::OpenBao;
use crate::harness::openssl::openssl;
use crate::harness::page::Page;
use rustix::process::Signal;
use signet_testing::until;
use std::process::Command;

/// A file beside the data directory.
fn file(console: &Console, name: &str, content: &str) -> String {
    let path = console.data().parent().unwrap().join(name);
    std::fs::write(&path, content).unwrap();
    path.to_str().unwrap().to_owned()
}

/// True once a TLS client that trusts this root alone accepts the console under this address.
fn is_served(console: &Console, root: &str, address: &str) -> bool {
    let mut command = Command::new("openssl");
    command.args(["s_client", "-connect", &console.origin.authority(), "-verify_return_error", "-CAfile", root]);
    let ran = run(command.args(["-verify_ip", address]), b"");
    String::from_utf8_lossy(&ran.out).contains("Verify return code: 0 (ok)")
}

/// Orders a request's certificate by the form, and follows the page that reloads itself.
fn ordered(browser: &mut Browser, name: &str, ca: &str) {
    let path = format!("/csrs/{name}/enroll");
    let form = browser.get(&path).form(&path).set("ca", ca);
    let mut page = browser.send(form.enter());
    for tries in 0.. {
        if page.title() == name {
            assert!(page.main().contains("The certificate is added to your request."));
            return;
        }
        assert!(tries < 60, "{}", page.main());
        page = browser.get(&format!("{path}?told=ordered"));
    }
}

/// Gives the console this certificate by the buttons.
fn used_by_the_buttons(browser: &mut Browser, console: &Console, name: &str) {
    let page = browser.get(&format!("/csrs/{name}"));
    let page = browser.click(&page, "Use for this console…").expect(200, &format!("Use {name} for this console"));
    let answer = browser.send_once(page.form(&format!("/csrs/{name}/try")).enter());
    assert_eq!((answer.status, answer.header("location")), (303, Some("/console")));
    let record = show(console, name);
    let leaf = openssl("x509 -outform DER", record["certificate"]["chain"][0].as_str().unwrap().as_bytes());
    browser.origin.fingerprint = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &leaf).as_ref().to_vec();
    let page = Page::new("/console".to_owned(), browser.get_once("/console"));
    browser.send(page.form("/console/confirm").enter());
}

/// The chain that the CA sent is kept whole.
fn chain_of(console: &Console, name: &str, length: usize) {
    let record = show(console, name);
    assert_eq!(record["certificate"]["chain"].as_array().unwrap().len(), length, "{record}");
    assert_eq!(record["certificate"]["missing_issuer"], serde_json::Value::Null);
}

/// A certificate's life in days.
fn days_of(console: &Console, name: &str) -> i64 {
    let record = show(console, name);
    let time = |key: &str| record["certificate"][key].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    (time("not_after").as_second() - time("not_before").as_second()) / 86400
}

/// Why a test that needs port 80 cannot run.
const NO_PORT: &str = "port 80 cannot be listened on";

#[test]
fn openbao_issues_with_an_external_account_below_its_own_root_by_command_and_in_the_browser() {
    // A port below 1024 at an address of this test's own.
    let address = "127.71.3.9";
    if std::net::TcpListener::bind((address, 80)).is_err() {
        signet_testing::skip(NO_PORT);
        return;
    }
    let bao = OpenBao::with_tls();
    let console = console(&format!("{address}:80"));
    let mut browser = console.set_up();
    let (url, kid, key) = bao.acme();
    let root = file(&console, "root.pem", &bao.root());

    let given = ["ca", "add", "bao", "--acme", &url, "--root", &bao.tls_root(), "--agree-terms"];
    console.run(given).worked();
    assert_eq!(json(console.run(["ca", "test", "bao", "--json"]))["external_account_required"], true);
    create(&console, "nas", &[&format!("--san={address}")]);
    let (what, remedy) = console.run(["csr", "enroll", "nas", "--ca", "bao"]).refused_after_notes(78);
    assert!(what.contains("requires an external account") && remedy.contains("--eab-kid"), "{what} {remedy}");
    assert_eq!(remedy.matches("--data").count(), 1, "{remedy}");
    let account = ["--eab-kid", &kid, "--eab-key-file", &file(&console, "key", &key)];
    console.run([&["ca", "change", "bao"][..], &account].concat()).worked();
    console.run(["csr", "enroll", "nas", "--ca", "bao"]).worked();
    verifies(&console, "nas", bao.root().as_bytes());
    chain_of(&console, "nas", 3);
    console.run(["console", "use", "nas"]).worked();
    console.signal(Signal::HUP);
    until("the console serves it", || is_served(&console, &root, address));

    // The same by the pages, with an account of its own.
    let (kid, key) = bao.external_account();
    let tls_root = std::fs::read_to_string(bao.tls_root()).unwrap();
    let leaf =
        openssl("x509 -outform DER", show(&console, "nas")["certificate"]["chain"][0].as_str().unwrap().as_bytes());
    browser.origin.fingerprint = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &leaf).as_ref().to_vec();
    let form = browser.get("/authorities").form("/authorities").set("name", "company").set("url", &url);
    let form = form.set("root", &tls_root).check("agree_terms").set("eab_kid", &kid).set("eab_key", &key);
    browser.send(form.enter()).expect(200, "company");
    create(&console, "files", &[&format!("--san={address}")]);
    ordered(&mut browser, "files", "company");
    verifies(&console, "files", bao.root().as_bytes());
    used_by_the_buttons(&mut browser, &console, "files");
    assert!(is_served(&console, &root, address));
    assert_eq!(json(console.run(["console", "show", "--json"]))["csr"], "files");
}

#[test]
fn acme2certifier_issues_by_the_profile_that_is_chosen() {
    let address = "127.71.3.11";
    let Some(server) = Acme2certifier::start(address, 85) else {
        signet_testing::skip(NO_PORT);
        return;
    };
    let console = console(&format!("{address}:80"));
    let mut browser = console.set_up();
    let root = server.root();
    let given = ["ca", "add", "company", "--acme", &server.url, "--root", &root, "--agree-terms"];
    console.run([&given[..], &["--profile", "shortlived"]].concat()).worked();
    let tested = json(console.run(["ca", "test", "company", "--json"]));
    let profiles = serde_json::json!({"shortlived": "valid for 6 days", "standard": "valid for 90 days"});
    assert_eq!((&tested["profiles"], &tested["external_account_required"]), (&profiles, &false.into()));

    // It wants a contact, which other CAs do not.
    create(&console, "nas", &["--common=nas.test", "--san=nas.test", "--san=files.test", &format!("--san={address}")]);
    let (what, remedy) = console.run(["csr", "enroll", "nas", "--ca", "company"]).refused_after_notes(78);
    assert!(what.contains("contact address") && remedy.contains("--contact MAIL"), "{what} {remedy}");
    assert_eq!(status(&console, "nas")["code"], "contact");
    console.run(["ca", "change", "company", "--contact", "owner@example.com"]).worked();
    let said = json(console.run(["csr", "enroll", "nas", "--ca", "company", "--json"]));
    assert_eq!(said["state"], "kept");
    verifies(&console, "nas", &std::fs::read(&root).unwrap());
    chain_of(&console, "nas", 3);
    assert_eq!(days_of(&console, "nas"), 6);

    // One that it does not have.
    console.run(["ca", "change", "company", "--profile", "eternal"]).worked();
    create(&console, "other", &["--san=other.test"]);
    let said = json_of_code(console.run(["csr", "enroll", "other", "--ca", "company", "--json"]), 78);
    assert_eq!(said["error"]["code"], "config");
    assert_eq!(status(&console, "other")["code"], "profile");

    // Its own choice, by the pages.
    let form = browser.get("/authorities").form("/authorities").set("name", "choice").set("url", &server.url);
    let form = form.set("root", &std::fs::read_to_string(&root).unwrap()).set("contact", "owner@example.com");
    browser.send(form.enter()).expect(200, "choice");
    create(&console, "web", &["--san=web.test", &format!("--san={address}")]);
    ordered(&mut browser, "web", "choice");
    verifies(&console, "web", &std::fs::read(&root).unwrap());
    assert_eq!(days_of(&console, "web"), 90);
    used_by_the_buttons(&mut browser, &console, "web");
    assert!(is_served(&console, &root, address));
}

#[test]
fn acme2certifier_says_when_to_renew_and_is_followed() {
    let address = "127.71.3.12";
    // Half a life before it began: at once.
    let Some(server) = Acme2certifier::start(address, -50) else {
        signet_testing::skip(NO_PORT);
        return;
    };
    let console = console(&format!("{address}:80"));
    let root = server.root();
    let given = ["ca", "add", "company", "--acme", &server.url, "--root", &root, "--agree-terms"];
    console.run([&given[..], &["--contact", "owner@example.com"]].concat()).worked();
    assert_eq!(json(console.run(["ca", "test", "company", "--json"]))["renewal_info"], true);
    create(&console, "nas", &["--san=nas.test"]);
    console.run(["csr", "enroll", "nas", "--ca", "company", "--auto-renew"]).worked();
    // Nothing is renewed on its first day, whatever a CA says.
    let data = console.data();
    set_record(&data, "nas", &[("answered", hours_ago(30).to_string().into())]);
    let console = console.start_again();
    let suggested = |console: &Console| show(console, "nas")["certificate"]["suggested_window"]["renew_at"].is_string();
    until("the CA is asked", || suggested(&console));
    // Its look at what is due, which comes once an hour.
    let console = console.start_again();
    let names = || -> Vec<String> {
        let all = json(console.run(["csr", "list", "--json"]));
        all.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
    };
    until("it is renewed", || names().len() == 2);
    let renewed = names().into_iter().find(|name| name != "nas").unwrap();
    kept_by_the_console(&console, &renewed);
    verifies(&console, &renewed, &std::fs::read(&root).unwrap());
}
