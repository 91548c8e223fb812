//! Certificates come from an ACME server by command: pebble in its strict mode, which rejects 30 % of all nonces.
//! The console answers their checks at a port that redirects, verifies what comes and keeps it.

use crate::harness::answering::show;
use crate::harness::browser::Browser;
use crate::harness::console::{Console, Ran, run, signet};
use crate::harness::openssl::openssl;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;
use signet_testing::free_port;
use signet_testing::pebble::{EXTERNAL, Pebble, Settings};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

pub(super) const CONFIG: &str = "[subject]\nrequired = []\n";

/// A console that answers http-01 at this address.
pub(super) fn console(redirect: &str) -> Console {
    Console::listening_at(&[], &format!("redirect = [\"{redirect}\"]\n{CONFIG}"))
}

/// A console and a pebble that looks for answers there.
pub(super) fn device(settings: Settings) -> (Console, Pebble) {
    let port = free_port();
    let console = console(&format!("127.0.0.1:{port}"));
    (console, Pebble::start_at(settings, port))
}

pub(super) fn create(console: &Console, name: &str, more: &[&str]) {
    let name = format!("--name={name}");
    console.run([&["csr", "create", &name, "--profile=https-ecc"], more].concat()).worked();
}

pub(super) fn add(console: &Console, pebble: &Pebble, more: &[&str]) -> Ran {
    let root = pebble.root();
    let given = ["ca", "add", "pebble", "--acme", &pebble.url, "--root", root.to_str().unwrap(), "--agree-terms"];
    console.run([&given, more].concat())
}

pub(super) fn json(ran: Ran) -> Value {
    serde_json::from_str(&ran.worked()).unwrap()
}

pub(super) fn status(console: &Console, name: &str) -> Value {
    json(console.run(["csr", "enroll", name, "--status", "--json"]))
}

/// The kept chain verifies below this root.
pub(super) fn verifies(console: &Console, name: &str, root: &[u8]) {
    verifies_below(&show(console, name), root);
}

/// The chain of a request as JSON verifies below this root.
pub(super) fn verifies_below(record: &Value, root: &[u8]) {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let chain: Vec<&str> =
        record["certificate"]["chain"].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
    std::fs::write(at("root"), root).unwrap();
    std::fs::write(at("leaf"), chain[0]).unwrap();
    std::fs::write(at("above"), chain[1..].concat()).unwrap();
    let said = openssl(&format!("verify -CAfile {} -untrusted {} {}", at("root"), at("above"), at("leaf")), b"");
    assert!(String::from_utf8_lossy(&said).ends_with(": OK\n"));
}

pub(super) fn root_of(pebble: &Pebble) -> Vec<u8> {
    let url = format!("{}/roots/0", pebble.management);
    let ran = run(Command::new("curl").args(["-sS", "--cacert"]).arg(pebble.root()).arg(url), b"");
    ran.worked().into_bytes()
}

/// Every folder of an order's is empty again, but for what became of it.
pub(super) fn nothing_is_left(console: &Console) {
    for room in ["queue", "orders", "done", "challenges"] {
        let left: Vec<_> = std::fs::read_dir(console.data().join("enroll").join(room)).unwrap().collect();
        assert!(left.is_empty(), "{room}: {left:?}");
    }
}

#[test]
fn pebble_issues_for_several_names_and_an_address_and_the_chain_is_kept() {
    let (console, pebble) = device(Settings::default());
    add(&console, &pebble, &[]).worked();
    create(&console, "nas", &["--common=nas.test", "--san=nas.test", "--san=files.test", "--san=127.0.0.1"]);
    let said = json(console.run(["csr", "enroll", "nas", "--ca", "pebble", "--json"]));
    assert_eq!((&said["state"], &said["ca"], &said["reason"]), (&"kept".into(), &"pebble".into(), &Value::Null));
    verifies(&console, "nas", &root_of(&pebble));
    let record = show(&console, "nas");
    assert_eq!(record["state"], "answered");
    nothing_is_left(&console);
    assert_eq!(status(&console, "nas")["state"], "kept");
    let log = console.run(["audit"]).worked();
    for line in ["Added an authority (pebble)", "nas: Ordered a certificate (pebble)", "nas: Added the certificate"] {
        assert!(log.contains(line), "{line} is not in {log}");
    }
    // Another one at the same account.
    create(&console, "other", &["--san=other.test"]);
    console.run(["csr", "enroll", "other", "--ca", "pebble"]).worked();
    let accounts: Vec<_> = std::fs::read_dir(console.data().join("enroll/accounts")).unwrap().collect();
    assert_eq!(accounts.len(), 1);
}

#[test]
fn names_and_addresses_are_proved_by_tls_and_a_mix_by_the_first_kind_that_can() {
    let port = free_port();
    let console = console(&format!("127.0.0.1:{port}"));
    let tls_port = Some(console.origin.address.port());
    // Nobody answers http-01 there.
    let pebble = Pebble::start_at(Settings { tls_port, ..Settings::default() }, free_port());
    add(&console, &pebble, &["--challenge", "tls-alpn-01"]).worked();
    create(&console, "nas", &["--san=nas.test", "--san=127.0.0.1"]);
    console.run(["csr", "enroll", "nas", "--ca", "pebble"]).worked();
    verifies(&console, "nas", &root_of(&pebble));
    nothing_is_left(&console);
    let shown =
        json(console.run(["ca", "change", "pebble", "--challenge=tls-alpn-01", "--challenge=http-01", "--json"]));
    assert_eq!(shown["challenges"], serde_json::json!(["tls-alpn-01", "http-01"]));
    create(&console, "more", &["--san=more.test"]);
    console.run(["csr", "enroll", "more", "--ca", "pebble"]).worked();
    // A check by TLS where nothing is open ends without a certificate.
    let address = console.origin.address.to_string();
    let asked = format!("openssl s_client -connect {address} -servername nas.test -alpn acme-tls/1 </dev/null");
    let ran = run(Command::new("sh").args(["-c", &asked]), b"");
    assert!(
        ran.code != 0 && String::from_utf8_lossy(&ran.out).contains("no peer certificate available"),
        "{}",
        ran.err
    );
}

#[test]
fn an_external_account_is_asked_for_and_its_key_is_never_shown() {
    let (console, pebble) = device(Settings { external: true, ..Settings::default() });
    add(&console, &pebble, &[]).worked();
    assert_eq!(json(console.run(["ca", "test", "pebble", "--json"]))["external_account_required"], true);
    create(&console, "nas", &["--san=nas.test"]);
    let (what, remedy) = console.run(["csr", "enroll", "nas", "--ca", "pebble"]).refused_after_notes(78);
    assert!(what.contains("requires an external account") && remedy.contains("--eab-kid"), "{what} {remedy}");
    let key = console.data().parent().unwrap().join("key");
    std::fs::write(&key, EXTERNAL.1).unwrap();
    let given = ["ca", "change", "pebble", "--eab-kid", EXTERNAL.0, "--eab-key-file", key.to_str().unwrap()];
    console.run(given).worked();
    console.run(["csr", "enroll", "nas", "--ca", "pebble"]).worked();
    verifies(&console, "nas", &root_of(&pebble));
    for command in [
        vec!["ca", "show", "pebble", "--json"],
        vec!["ca", "show", "pebble"],
        vec!["ca", "list", "--json"],
        vec!["audit"],
    ] {
        let said = console.run(&command).worked();
        assert!(!said.contains(&EXTERNAL.1[..16]), "{command:?}");
    }
    let file = console.data().join("authorities/pebble/authority.json");
    assert_eq!(std::fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn what_an_acme_server_would_refuse_is_refused_before_it_is_sent() {
    let (console, pebble) = device(Settings::default());
    add(&console, &pebble, &[]).worked();
    create(&console, "mail", &["--san=nas.test", "--san=email:owner@nas.test"]);
    let (what, _) = console.run(["csr", "enroll", "mail", "--ca", "pebble"]).refused(65);
    assert!(what.starts_with("san: ACME orders host names and addresses alone"), "{what}");
    create(&console, "named", &["--common=My NAS", "--san=nas.test"]);
    let (what, _) = console.run(["csr", "enroll", "named", "--ca", "pebble"]).refused(65);
    assert!(what.starts_with("common: "), "{what}");
    assert!(!console.data().join("enroll/accounts/pebble.json").exists(), "nothing was sent");
    // The same table by command.
    let said = json_of_code(console.run(["csr", "check", "named", "--for", "public", "--json"]), 65);
    let fields: Vec<&str> =
        said["findings"].as_array().unwrap().iter().map(|one| one["field"].as_str().unwrap()).collect();
    assert_eq!((&said["accepted"], fields), (&false.into(), vec!["common", "san"]));
    let said = json(console.run(["csr", "check", "named", "--for", "private", "--json"]));
    assert_eq!(said["accepted"], true);
}

pub(super) fn json_of_code(ran: Ran, code: i32) -> Value {
    assert_eq!(ran.code, code, "{}", ran.err);
    serde_json::from_slice(&ran.out).unwrap()
}

#[test]
fn an_order_in_the_queue_is_worked_off_by_a_process_of_its_own_and_kept_by_the_console() {
    let (console, pebble) = device(Settings::default());
    add(&console, &pebble, &[]).worked();
    create(&console, "nas", &["--san=nas.test"]);
    let queued = json(console.run(["csr", "enroll", "nas", "--ca", "pebble", "--no-wait", "--json"]));
    assert_eq!(queued["state"], "queued");
    kept_by_the_console(&console, "nas");
    let log = console.run(["audit", "--json"]).worked();
    let log: Value = serde_json::from_str(&log).unwrap();
    let added = log["entries"].as_array().unwrap().iter().find(|entry| entry["what"] == "answer").unwrap();
    assert_eq!(added["who"], "console");
    nothing_is_left(&console);
    let (what, _) = console.run(["ca", "delete", "pebble"]).refused(64);
    assert!(what.contains("deletes the CA with its account's key"), "{what}");
    console.run(["csr", "enroll", "nas", "--auto-renew", "--ca", "pebble", "--no-wait"]);
}

/// The console looks every other second.
pub fn kept_by_the_console(console: &Console, name: &str) {
    for _ in 0..300 {
        if show(console, name)["state"] == "answered" && status(console, name)["state"] == "kept" {
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("it is not kept: {}", status(console, name));
}

#[test]
fn an_owner_adds_a_ca_and_gets_a_certificate_in_the_browser() {
    let (console, pebble) = device(Settings { external: true, ..Settings::default() });
    let mut browser = console.set_up();
    create(&console, "nas", &["--san=nas.test"]);
    let page = browser.get("/csrs/nas/enroll").expect(200, "Certificate from a CA: nas");
    assert!(page.main().contains("No CA is set up yet"));
    let root = std::fs::read_to_string(pebble.root()).unwrap();
    let form = |browser: &mut Browser| {
        let form = browser.get("/authorities").form("/authorities").set("name", "pebble").set("url", &pebble.url);
        form.set("root", &root).check("agree_terms").set("eab_kid", EXTERNAL.0)
    };
    // What was typed stays, but for the secret.
    let sent = form(&mut browser).set("eab_key", "no base64!").enter();
    let page = browser.send(sent).expect(422, "Error: CAs");
    assert!(page.main().contains("is not base64url") && !page.main().contains("no base64!"));
    assert_eq!(page.form("/authorities").value("url"), pebble.url);
    let sent = form(&mut browser).set("eab_key", EXTERNAL.1).enter();
    let page = browser.send(sent).expect(200, "pebble");
    assert!(page.main().contains("kid-1") && !page.main().contains(&EXTERNAL.1[..16]));
    let form = browser.get("/csrs/nas/enroll").form("/csrs/nas/enroll").set("ca", "pebble").check("auto_renew");
    // It reloads itself as its Refresh header says.
    let mut page = browser.send(form.enter());
    for tries in 0.. {
        if page.title() == "nas" {
            assert!(page.main().contains("The certificate is added to your request."));
            break;
        }
        assert!(tries < 30, "{}", page.main());
        page = browser.get("/csrs/nas/enroll?told=ordered");
    }
    let page = browser.get("/csrs/nas/enroll").expect(200, "Certificate from a CA: nas");
    assert!(page.main().contains("has come and is kept"));
    verifies(&console, "nas", &root_of(&pebble));
    assert_eq!(record(&console.data(), "nas")["auto_renew"]["ca"], "pebble");
    // What such a CA refuses is told at the choice.
    create(&console, "mail", &["--san=nas.test", "--san=email:owner@nas.test"]);
    let form = browser.get("/csrs/mail/enroll").form("/csrs/mail/enroll").set("ca", "pebble");
    let page = browser.send(form.enter()).expect(422, "Error: Certificate from a CA: mail");
    assert!(page.main().contains("ACME orders host names and addresses alone"));
}

#[test]
fn a_renewal_is_chosen_with_the_order_and_ended_by_a_word() {
    let (console, pebble) = device(Settings::default());
    add(&console, &pebble, &[]).worked();
    create(&console, "nas", &["--san=nas.test"]);
    let said = json(console.run(["csr", "enroll", "nas", "--ca", "pebble", "--auto-renew", "--json"]));
    assert_eq!((&said["state"], &said["auto_renew"]), (&"kept".into(), &true.into()));
    // A renewal by hand goes on with it.
    console.run(["csr", "renew", "nas", "--name=next"]).worked();
    assert_eq!(record(&console.data(), "next")["auto_renew"]["ca"], "pebble");
    for (changed, name) in [(true, "nas"), (false, "nas"), (true, "next")] {
        let said = json(console.run(["csr", "enroll", name, "--no-auto-renew", "--json"]));
        assert_eq!((&said["changed"], &said["auto_renew"]), (&changed.into(), &false.into()));
    }
}

/// The record in a request's file.
pub(super) fn record(data: &Path, name: &str) -> Value {
    let text = std::fs::read_to_string(data.join(format!("csrs/{name}.pem"))).unwrap();
    let block = text.split("-----BEGIN SIGNET RECORD-----").nth(1).unwrap().split("-----END").next().unwrap();
    serde_json::from_slice(&BASE64_STANDARD.decode(block.replace('\n', "")).unwrap()).unwrap()
}

/// The same with other values.
pub(super) fn set_record(data: &Path, name: &str, values: &[(&str, Value)]) {
    let mut changed = record(data, name);
    values.iter().for_each(|(key, value)| changed[*key] = value.clone());
    let path = data.join(format!("csrs/{name}.pem"));
    let text = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once("-----BEGIN SIGNET RECORD-----").unwrap();
    let after = rest.split_once("-----END SIGNET RECORD-----").unwrap().1;
    let block = BASE64_STANDARD.encode(changed.to_string());
    let lines: Vec<&str> = (0..block.len()).step_by(64).map(|at| &block[at..block.len().min(at + 64)]).collect();
    let block = lines.join("\n");
    let text = format!("{before}-----BEGIN SIGNET RECORD-----\n{block}\n-----END SIGNET RECORD-----{after}");
    std::fs::write(path, text).unwrap();
}

#[test]
fn the_enrolling_process_works_where_nothing_else_can_be_seen() {
    let pebble = Pebble::start(Settings::default());
    let device = tempfile::tempdir().unwrap();
    let data = device.path().join("data");
    let command = |arguments: &[&str]| run(signet(&data).args(arguments), b"").worked();
    let root = pebble.root();
    command(&["ca", "add", "pebble", "--acme", &pebble.url, "--root", root.to_str().unwrap(), "--agree-terms"]);
    std::fs::write(data.join("signet.toml"), CONFIG).unwrap();
    command(&["csr", "create", "--name=nas", "--profile=https-ecc", "--san=nas.test"]);
    command(&["csr", "enroll", "nas", "--ca", "pebble", "--no-wait"]);
    // The two folders as its unit binds them, alone.
    let apart = device.path().join("apart");
    std::fs::create_dir(&apart).unwrap();
    for folder in ["enroll", "authorities"] {
        std::fs::rename(data.join(folder), apart.join(folder)).unwrap();
    }
    // Nobody answers the check there: it is at work as far as that.
    let said = json_of_code(run(signet(&apart).args(["enroll", "--pending", "--once", "--json"]), b""), 75);
    assert_eq!((&said["failed"], &said["open"]), (&1.into(), &1.into()));
    let made: Vec<_> = std::fs::read_dir(&apart).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(made.len(), 2, "it makes nothing beside them: {made:?}");
    let order = std::fs::read_dir(apart.join("enroll/orders")).unwrap().next().unwrap().unwrap().path();
    let order: Value = serde_json::from_slice(&std::fs::read(order).unwrap()).unwrap();
    assert_eq!(order["failure"]["code"], "connection", "{order}");
}

#[test]
fn a_ca_that_cannot_be_reached_is_tried_again_and_an_order_can_be_cancelled() {
    let (console, pebble) = device(Settings::default());
    add(&console, &pebble, &[]).worked();
    let port = free_port();
    let nobody = format!("https://127.0.0.1:{port}/dir");
    console.run(["ca", "add", "nobody", "--acme", &nobody]).worked();
    let (what, _) = console.run(["ca", "test", "nobody"]).refused(69);
    assert!(what.contains(&format!("cannot be reached at port {port}")), "{what}");
    create(&console, "nas", &["--san=nas.test"]);
    let (what, _) = console.run(["csr", "enroll", "nas", "--ca", "nobody", "--quiet"]).refused(69);
    assert!(what.contains("cannot be reached"), "{what}");
    let said = status(&console, "nas");
    assert_eq!((&said["state"], &said["code"]), (&"failed".into(), &"unreachable".into()));
    assert!(said["next_try"].is_string() && said["remedy"].is_string(), "{said}");
    assert_eq!(json(console.run(["ca", "show", "nobody", "--json"]))["requests"][0], "nas");
    console.run(["csr", "enroll", "nas", "--cancel"]).worked();
    console.run(["csr", "enroll", "nas", "--status"]).refused(66);
    nothing_is_left(&console);
    console.run(["csr", "enroll", "nas", "--ca", "pebble"]).worked();
    // An address that is no ACME server's, and a root that is not its own.
    let html = console.origin.address.to_string();
    console.run(["ca", "change", "nobody", "--acme", &format!("https://{html}/healthz")]).worked();
    let (what, remedy) = console.run(["ca", "test", "nobody"]).refused(69);
    assert!(what.contains("is not trusted") && remedy.contains("--root"), "{what} {remedy}");
    console.run(["ca", "delete", "nobody", "--yes"]).worked();
    console.run(["ca", "show", "nobody"]).refused(66);
}

#[test]
fn a_name_that_does_not_lead_here_is_told_with_the_cas_own_words() {
    // It looks where nobody answers.
    let console = console(&format!("127.0.0.1:{}", free_port()));
    let pebble = Pebble::start_at(Settings::default(), free_port());
    add(&console, &pebble, &[]).worked();
    create(&console, "nas", &["--san=nas.test"]);
    let (what, remedy) = console.run(["csr", "enroll", "nas", "--ca", "pebble", "--quiet"]).refused(65);
    assert!(what.contains("could not connect to this device") && what.contains("The CA says: \""), "{what}");
    assert!(remedy.contains("port 80"), "{remedy}");
    let said = status(&console, "nas");
    assert_eq!((&said["state"], &said["code"]), (&"failed".into(), &"connection".into()));
    assert!(console.data().join("enroll/challenges").read_dir().unwrap().next().is_none());
}

#[test]
fn authorities_go_with_a_factory_reset() {
    let (console, pebble) = device(Settings::default());
    add(&console, &pebble, &[]).worked();
    let said = console.run(["recover", "factory-reset", "--dry-run"]).worked();
    assert!(said.contains("authorities, their accounts"), "{said}");
    console.run(["recover", "factory-reset", "--yes"]).worked();
    assert!(!console.data().join("authorities").exists() && !console.data().join("enroll").exists());
}

/// A request, over HTTPS without a check of the console's own certificate.
fn curl(console: &Console, path: &str) -> String {
    let url = format!("https://{}{path}", console.origin.address);
    run(Command::new("curl").args(["-sk", &url]), b"").worked()
}

#[test]
fn https_answers_an_open_challenge_and_nothing_when_it_is_closed() {
    let (console, pebble) = device(Settings::default());
    add(&console, &pebble, &[]).worked();
    let token = "abcdefghijklmnopqrstuvwxyz";
    let path = format!("/.well-known/acme-challenge/{token}");
    let file: &Path = &console.data().join("enroll/challenges").join(token);
    std::fs::write(file, format!("{token}.print\n0123\n")).unwrap();
    assert_eq!(curl(&console, &path), format!("{token}.print"));
    std::fs::remove_file(file).unwrap();
    assert!(!curl(&console, &path).contains("print"));
}
