//! Certificates that were ordered by ACME are revoked: by command, with the deletion of a request, and in the browser. Seen where
//! the CAs keep it.

use crate::harness::answering::show;
use crate::harness::console::{Console, run, signet};
use crate::harness::deployed::is_root;
use crate::harness::openbao::OpenBao;
use serde_json::Value;
use signet_testing::free_port;
use signet_testing::pebble::{Pebble, Settings};
use std::process::Command;
use std::time::Duration;

const CONFIG: &str = "[subject]\nrequired = []\n";

/// A console, a pebble that looks for answers there, and a certificate of each of these requests.
fn issued(names: &[&str]) -> (Console, Pebble) {
    issued_with(names, "")
}

/// The same with this before the rest of its configuration.
fn issued_with(names: &[&str], config: &str) -> (Console, Pebble) {
    let port = free_port();
    let console = Console::listening_at(&[], &format!("{config}redirect = [\"127.0.0.1:{port}\"]\n{CONFIG}"));
    let pebble = Pebble::start_at(Settings::default(), port);
    let root = pebble.root();
    let given = ["ca", "add", "pebble", "--acme", &pebble.url, "--root", root.to_str().unwrap(), "--agree-terms"];
    console.run(given).worked();
    for name in names {
        let (named, san) = (format!("--name={name}"), format!("--san={name}.test"));
        console.run(["csr", "create", &named, "--profile=https-ecc", &san]).worked();
        console.run(["csr", "enroll", name, "--ca", "pebble"]).worked();
    }
    (console, pebble)
}

fn serial(console: &Console, name: &str) -> String {
    show(console, name)["certificate"]["serial"].as_str().unwrap().to_lowercase()
}

/// What pebble says of a certificate: `Valid` or `Revoked`, and the reason's code.
fn state(pebble: &Pebble, serial: &str) -> (String, Value) {
    let url = format!("{}/cert-status-by-serial/{}", pebble.management, serial.replace(':', ""));
    let said = run(Command::new("curl").args(["-sS", "--cacert"]).arg(pebble.root()).arg(url), b"").worked();
    let said: Value = serde_json::from_str(&said).unwrap();
    (said["Status"].as_str().unwrap().to_owned(), said["Reason"].clone())
}

fn log(console: &Console) -> String {
    console.run(["audit"]).worked()
}

#[test]
fn a_certificate_is_revoked_at_pebble_for_a_reason_and_again_without_harm() {
    let (console, pebble) = issued(&["nas", "other"]);
    let (nas, other) = (serial(&console, "nas"), serial(&console, "other"));
    assert_eq!(state(&pebble, &nas).0, "Valid");
    console.run(["csr", "revoke", "nas", "--reason", "key-compromise"]).worked();
    assert_eq!(state(&pebble, &nas), ("Revoked".to_owned(), 1.into()));
    assert_eq!(state(&pebble, &other).0, "Valid");
    // The CA has done it already.
    console.run(["csr", "revoke", "nas"]).worked();
    let said = log(&console);
    for line in ["nas: Asked to revoke its certificate (pebble)", "nas: Its certificate is revoked (pebble)"] {
        assert!(said.contains(line), "{line} is not in {said}");
    }
    assert_eq!(show(&console, "nas")["state"], "answered", "the request stays");
    // What was not ordered here.
    console.run(["csr", "create", "--name=own", "--profile=https-ecc", "--san=own.test"]).worked();
    console.run(["csr", "revoke", "own"]).refused(80);
    assert_eq!(console.run(["csr", "revoke", "nas", "--reason", "because"]).code, 64);
}

#[test]
fn one_that_the_console_uses_is_revoked_only_by_force() {
    let (console, pebble) = issued(&["nas"]);
    let nas = serial(&console, "nas");
    console.run(["console", "use", "nas"]).worked();
    let (what, remedy) = console.run(["csr", "revoke", "nas"]).refused(84);
    assert!(what.contains("in use by the console") && remedy.contains("--force"), "{what} {remedy}");
    assert_eq!(state(&pebble, &nas).0, "Valid");
    console.run(["csr", "revoke", "nas", "--force"]).worked();
    assert_eq!(state(&pebble, &nas).0, "Revoked");
}

#[test]
fn one_that_another_service_uses_is_revoked_only_by_force_and_the_service_is_named() {
    if !is_root() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("services.toml");
    let (console, pebble) = issued_with(&["nas"], &format!("services = {list:?}\n"));
    let entry = "[[deploy]]\ncsr = \"nas\"\nas = \"web\"\n";
    std::fs::write(&list, format!("directory = {:?}\n{entry}", folder.path().join("copies"))).unwrap();
    console.run(["csr", "deploy", "nas"]).worked();
    let copied = run(signet(&console.data()).arg("--config").arg(&list).arg("deploy"), b"").worked();
    assert_eq!(copied, "web: copied nas\n");
    let nas = serial(&console, "nas");
    let (what, remedy) = console.run(["csr", "revoke", "nas"]).refused(84);
    assert!(what.contains("in use by the service web") && remedy.contains("--force"), "{what} {remedy}");
    // With its request neither: nothing is deleted, and nobody is called.
    let (what, _) = console.run(["csr", "delete", "nas", "--revoke", "--yes"]).refused(84);
    assert!(what.contains("the service web"), "{what}");
    let mut browser = console.set_up();
    let page = browser.get("/csrs/nas/delete").expect(200, "Delete nas?").main();
    let words = "It is used by web: whoever checks revocation is then refused there.";
    assert!(page.contains(words), "{page}");
    assert_eq!(state(&pebble, &nas).0, "Valid");
    // Both that use it are named.
    console.run(["console", "use", "nas"]).worked();
    let (what, _) = console.run(["csr", "revoke", "nas"]).refused(84);
    assert!(what.contains("in use by the console, the service web"), "{what}");
    let said = console.run(["csr", "revoke", "nas", "--force", "--json"]).worked();
    let said: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(said["used_by"][1], serde_json::json!({"kind": "service", "name": "web"}), "{said}");
    assert_eq!(state(&pebble, &nas).0, "Revoked");
}

#[test]
fn it_is_revoked_with_its_request_by_command_and_in_the_browser() {
    let (console, pebble) = issued(&["one", "two", "three"]);
    let serials = ["one", "two", "three"].map(|name| serial(&console, name));
    console.run(["csr", "delete", "one", "--revoke", "--yes"]).worked();
    assert_eq!(state(&pebble, &serials[0]), ("Revoked".to_owned(), 5.into()));
    let mut browser = console.set_up();
    let page = browser.get("/csrs/two/delete").expect(200, "Delete two?");
    assert!(page.main().contains("Revoke its certificate at pebble") && page.main().contains("cannot be undone"));
    browser
        .send(page.form("/csrs/two/delete").check("confirm").check("revoke").enter())
        .expect(200, "Certificate Signing Requests");
    for tries in 0.. {
        if state(&pebble, &serials[1]).0 == "Revoked" {
            break;
        }
        assert!(tries < 300, "{}", log(&console));
        std::thread::sleep(Duration::from_millis(100));
    }
    // Without the choice it stays.
    let form = browser.get("/csrs/three/delete").form("/csrs/three/delete").check("confirm");
    browser.send(form.enter());
    assert_eq!(state(&pebble, &serials[2]).0, "Valid");
    for tries in 0.. {
        let left = ["queue", "orders", "done"]
            .map(|room| std::fs::read_dir(console.data().join("enroll").join(room)).unwrap().count());
        if left == [0, 0, 0] && log(&console).contains("two: Its certificate is revoked (pebble)") {
            break;
        }
        assert!(tries < 100, "{left:?} {}", log(&console));
        std::thread::sleep(Duration::from_millis(100));
    }
    let taken = std::fs::read_dir(console.data().join("enroll/taken")).unwrap().count();
    assert_eq!(taken, 0, "nothing is kept of requests that are gone");
}

#[test]
fn while_the_ca_is_down_it_waits() {
    let (console, pebble) = issued(&["nas"]);
    drop(pebble);
    let ran = console.run(["csr", "revoke", "nas", "--quiet"]);
    assert!(ran.refused(69).0.contains("cannot be reached"));
    let all = std::fs::read_dir(console.data().join("enroll/orders")).unwrap().count();
    assert_eq!(all, 1, "it is tried again");
    // With its request nothing is deleted before it is revoked.
    console.run(["csr", "delete", "nas", "--revoke", "--yes", "--quiet"]).refused(69);
    assert_eq!(show(&console, "nas")["state"], "answered");
}

#[test]
fn openbao_lists_what_is_revoked() {
    let bao = OpenBao::with_tls();
    let address = "127.71.3.10";
    if std::net::TcpListener::bind((address, 80)).is_err() {
        signet_testing::skip("port 80 cannot be listened on");
        return;
    }
    let console = Console::listening_at(&[], &format!("redirect = [\"{address}:80\"]\n{CONFIG}"));
    let (url, kid, key) = bao.acme();
    let file = console.data().parent().unwrap().join("key");
    std::fs::write(&file, key).unwrap();
    let given = ["ca", "add", "bao", "--acme", &url, "--root", &bao.tls_root(), "--agree-terms"];
    let account = ["--eab-kid", &kid, "--eab-key-file", file.to_str().unwrap()];
    console.run([&given[..], &account].concat()).worked();
    console.run(["csr", "create", "--name=nas", "--profile=https-ecc", &format!("--san={address}")]).worked();
    console.run(["csr", "enroll", "nas", "--ca", "bao"]).worked();
    let serial = serial(&console, "nas");
    assert!(!bao.is_revoked(&serial));
    console.run(["csr", "revoke", "nas"]).worked();
    assert!(bao.is_revoked(&serial));
}
