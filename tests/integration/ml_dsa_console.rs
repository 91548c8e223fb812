//! A console with an ML-DSA certificate: tried and kept by a client that knows such keys, refused wherever nobody has shown
//! one, and served with a word of warning where somebody has put it in place by hand. OpenSSL 3.0 cannot connect, as said.

use crate::harness::browser::Browser;
use crate::harness::console::{Console, run};
use crate::harness::made::Folder;
use crate::harness::ml_dsa::{certified, second};
use crate::harness::openssl::openssl;
use crate::harness::page::Page;
use serde_json::Value;
use signet_testing::until;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

const TITLE: &str = "The console's certificate";
const SHUT_OUT: &str = "cannot open this console";

fn sha256(der: &[u8]) -> Vec<u8> {
    aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, der).as_ref().to_vec()
}

/// A request with its certificate, DER.
fn answered(console: &Console, name: &str, set: &str) -> Vec<u8> {
    let folder = Folder::new();
    let who = "--country DE --state Berlin --city Berlin --organization Example --email a@b.de --san nas.example";
    let create = ["csr", "create", "--name", name, "--ml-dsa", set, "--profile", "https-ecc"];
    console.run(create.into_iter().chain(who.split(' '))).worked();
    let certificate = certified(console, &folder, name);
    let file = folder.file("answer", &certificate);
    console.run(["csr", "answer", name, "--certificate", file.to_str().unwrap()]).worked();
    openssl("x509 -outform DER", &certificate)
}

/// Begins a trial by the buttons; the owner's client meets the certificate from then on.
fn begin(owner: &mut Browser, name: &str, leaf: &[u8]) {
    let page = owner.get(&format!("/csrs/{name}/try"));
    let words = page.texts(".advice").concat();
    assert!(words.contains("OpenSSL before 3.5 cannot") && words.contains("only if you confirm it"), "{words}");
    let answer = owner.send_once(page.form(&format!("/csrs/{name}/try")).enter());
    assert_eq!((answer.status, answer.header("location")), (303, Some("/console")));
    owner.origin.fingerprint = sha256(leaf);
}

fn page(owner: &mut Browser) -> Page {
    Page::new("/console".to_owned(), owner.get_once("/console")).expect(200, TITLE)
}

/// What curl gets is what was said; nothing is compared where its OpenSSL is one that knows ML-DSA.
fn curl_gets_an_answer(console: &Console, expected: bool, when: &str) {
    if let Some(got) = curl(console) {
        assert_eq!(got, expected, "{when}");
    }
}

/// Whether curl gets an answer; none where its OpenSSL is one that knows ML-DSA.
fn curl(console: &Console) -> Option<bool> {
    let version = run(Command::new("curl").arg("--version"), b"").worked();
    let old = ["OpenSSL/1.", "OpenSSL/3.0", "OpenSSL/3.1", "OpenSSL/3.2", "OpenSSL/3.3", "OpenSSL/3.4"];
    if !old.iter().any(|old| version.contains(old)) {
        signet_testing::skip("curl has no OpenSSL before 3.5");
        return None;
    }
    let url = format!("https://{}/healthz", console.origin.authority());
    let ran = run(Command::new("curl").args(["--silent", "--show-error", "--insecure", "--max-time", "60", &url]), b"");
    match ran.code {
        0 => assert_eq!(ran.out, b"ok\n"),
        // CURLE_SSL_CONNECT_ERROR.
        35 => assert!(ran.err.contains("handshake failure") || ran.err.contains("alert"), "{}", ran.err),
        other => panic!("{other}: {}", ran.err),
    }
    Some(ran.code == 0)
}

fn show(console: &Console) -> Value {
    serde_json::from_str(&console.run(["console", "show", "--json"]).worked()).unwrap()
}

/// The codes of what the doctor finds.
fn found(console: &Console) -> Vec<String> {
    let said: Value = serde_json::from_slice(&console.run(["check", "--json"]).out).unwrap();
    let codes = said["findings"].as_array().unwrap().iter().filter_map(|finding| finding["code"].as_str());
    codes.map(str::to_owned).collect()
}

#[test]
fn one_that_a_client_has_confirmed_is_kept_and_others_are_told_beforehand() {
    let (console, mut owner) = Console::owned();
    let own = console.origin.fingerprint.clone();
    let leaf = answered(&console, "web", "65");
    curl_gets_an_answer(&console, true, "before the trial");
    let (what, fix) = console.run(["console", "use", "web"]).refused(65);
    assert_eq!(what, "certificate: Only programs that know ML-DSA accept ML-DSA-65 keys.");
    assert!(fix.contains("confirm it there"), "{fix}");
    assert_eq!(show(&console)["why"], "own");

    begin(&mut owner, "web", &leaf);
    curl_gets_an_answer(&console, false, "as said before it was tried");
    let trial = page(&mut owner);
    assert!(trial.main().contains(SHUT_OUT), "{}", trial.main());
    let kept = owner.send(trial.form("/console/confirm").enter()).expect(200, TITLE);
    assert!(kept.main().contains("The certificate is kept") && kept.main().contains(SHUT_OUT), "{}", kept.main());
    assert_eq!(show(&console)["csr"], "web");
    let told = console.run(["console", "show"]).worked();
    assert!(told.contains("Attention:") && told.contains(SHUT_OUT), "{told}");
    assert!(!found(&console).contains(&"identity_ml_dsa".to_owned()), "it was confirmed");

    let console = console.kill_and_start_again();
    assert_eq!(console.origin.fingerprint, sha256(&leaf), "it outlives a restart");
    curl_gets_an_answer(&console, false, "after a restart");
    console.log_with("ML-DSA key");

    // Back to one that all clients take; forth again only by another trial.
    console.run(["console", "back", "--to", "own"]).worked();
    let (what, _) = console.run(["console", "back", "--to", "former"]).refused(65);
    assert_eq!(what, "certificate: Only programs that know ML-DSA accept ML-DSA-65 keys.");
    let console = console.kill_and_start_again();
    assert_eq!(console.origin.fingerprint, own);
    curl_gets_an_answer(&console, true, "with the console's own again");
    assert_eq!(show(&console)["back"], serde_json::json!({}), "the way back to it is closed");
}

#[test]
fn one_that_nobody_confirms_is_gone_by_itself() {
    let folder = Arc::new(tempfile::tempdir().unwrap());
    std::fs::create_dir(folder.path().join("data")).unwrap();
    std::fs::write(folder.path().join("data/signet.toml"), "[session]\ntrial_seconds = 10\n").unwrap();
    let console = Console::start_over(folder);
    let mut owner = console.set_up();
    let identity = std::fs::read(console.data().join("identity.pem")).unwrap();
    let leaf = answered(&console, "web", "87");
    begin(&mut owner, "web", &leaf);
    curl_gets_an_answer(&console, false, "during the trial");
    assert_eq!(show(&console)["serving"]["trial"], true);
    until("the trial does not end", || show(&console)["serving"]["trial"] == false);
    curl_gets_an_answer(&console, true, "after the trial");
    assert_eq!(std::fs::read(console.data().join("identity.pem")).unwrap(), identity);
    assert_eq!(show(&console)["why"], "own");
}

#[test]
fn one_that_was_put_in_place_by_hand_is_served_and_told() {
    let (mut console, _owner) = Console::owned();
    let folder = Folder::new();
    for set in ["44", "65", "87"] {
        let directory = folder.file("x", b"").parent().unwrap().to_str().unwrap().to_owned();
        second(["make", set, &directory]);
        let read = |name: &str| std::fs::read(Path::new(&directory).join(name)).unwrap();
        let placed = [read("certificate.pem"), read("key.pem")].concat();
        std::fs::write(console.data().join("identity.pem"), &placed).unwrap();
        console = console.kill_and_start_again();
        assert_eq!(console.origin.fingerprint, sha256(&openssl("x509 -outform DER", &read("certificate.pem"))));
        console.lives();
        curl_gets_an_answer(&console, false, set);
        let log = console.log_with("ML-DSA key");
        assert!(log.contains(SHUT_OUT), "{log}");
        assert!(found(&console).contains(&"identity_ml_dsa".to_owned()), "nobody has confirmed it");
        assert!(console.run(["console", "show"]).worked().contains(SHUT_OUT));
        assert_eq!(std::fs::read(console.data().join("identity.pem")).unwrap(), placed, "it is left as it is");
    }
    console.run(["console", "back", "--to", "own"]).worked();
    let console = console.kill_and_start_again();
    assert!(!found(&console).contains(&"identity_ml_dsa".to_owned()));
}
