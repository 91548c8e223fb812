//! A CA's answer tried for the console: seen by OpenSSL, confirmed, gone back from, and ended in every other way.

use crate::harness::authority::Authority;
use crate::harness::browser::Browser;
use crate::harness::console::{Console, PASSWORD, run};
use crate::harness::folder::listing;
use crate::harness::openssl::openssl;
use crate::harness::origin::{Answer, read_answer};
use crate::harness::page::Page;
use serde_json::Value;
use signet_testing::until;
use std::io::Write;
use std::process::Command;
use std::sync::Arc;

const TITLE: &str = "The console's certificate";

/// The certificate that OpenSSL is shown, DER.
fn shown(console: &Console) -> Vec<u8> {
    let mut command = Command::new("openssl");
    command.args(["s_client", "-connect", &console.origin.authority()]);
    openssl("x509 -outform DER", &run(&mut command, b"").out)
}

fn sha256(der: &[u8]) -> Vec<u8> {
    aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, der).as_ref().to_vec()
}

/// Makes a CSR on a console's device and takes the CA's answer to it; gives the certificate, DER.
fn answer(ca: &Authority, console: &Console, name: &str, key: &[&str]) -> Vec<u8> {
    let create = "--country DE --state Berlin --city Berlin --organization Example --email a@b.de --san nas.example";
    let key = if key.is_empty() { &["--profile", "https-ecc"] } else { key };
    console
        .run(["csr", "create", "--name", name].into_iter().chain(create.split(' ')).chain(key.iter().copied()))
        .worked();
    let leaf = ca.sign(console.run(["csr", "export", name]).worked().as_bytes());
    let file = ca.file("answer.pem", &[&leaf[..], &ca.root, &ca.issuing].concat());
    console.run(["csr", "answer", name, "--certificate", &file]).worked();
    openssl("x509 -outform DER", &leaf)
}

/// An owner whose CA has answered the CSR `web`, and the certificate.
fn answered() -> (Console, Browser, Authority, Vec<u8>) {
    let (console, owner) = Console::owned();
    let ca = Authority::new();
    let leaf = answer(&ca, &console, "web", &[]);
    (console, owner, ca, leaf)
}

/// Begins a trial by the buttons; the owner's browser meets the certificate from then on.
fn begin(owner: &mut Browser, leaf: &[u8]) {
    let page = owner.get("/csrs/web");
    let page = owner.click(&page, "Use for this console…").expect(200, "Use web for this console");
    assert!(page.main().contains("does not name 127.0.0.1"), "{}", page.main());
    let answer = owner.send_once(page.form("/csrs/web/try").enter());
    assert_eq!((answer.status, answer.header("location")), (303, Some("/console")));
    assert_eq!(answer.header("connection"), Some("close"), "the browser comes back by a new handshake");
    owner.origin.fingerprint = sha256(leaf);
}

/// The console's page without waiting for its reloads.
fn page(owner: &mut Browser) -> Page {
    Page::new("/console".to_owned(), owner.get_once("/console")).expect(200, TITLE)
}

fn in_use(console: &Console) -> Value {
    serde_json::from_str(&console.run(["console", "show", "--json"]).worked()).unwrap()
}

/// Sends a request over a connection that stays open.
fn over(connection: &mut crate::harness::origin::Connection, request: &str) -> Answer {
    let request = request.replace("Connection: close\r\n", "");
    connection.write_all(request.as_bytes()).unwrap();
    connection.flush().unwrap();
    read_answer(connection, false).expect("an answer")
}

/// What the log says was done with the console's certificate, oldest first.
fn log(console: &Console) -> Vec<String> {
    let text = std::fs::read_to_string(console.data().join("audit.log")).unwrap();
    let what = |line: &str| serde_json::from_str::<Value>(line).unwrap()["what"].as_str().unwrap().to_owned();
    text.lines().map(what).filter(|what| what.starts_with("console-")).collect()
}

#[test]
fn is_seen_at_once_confirmed_by_a_new_connection_and_gone_back_from() {
    let (console, mut owner, _ca, leaf) = answered();
    let own = shown(&console);
    let token = owner.get("/csrs").form("/logout").value("csrf_token");
    let (mut first, mut second) = (console.origin.connect(), console.origin.connect());
    for old in [&mut first, &mut second] {
        assert_eq!(over(old, &owner.head("GET", "/csrs", &[])).header("connection"), None);
    }
    begin(&mut owner, &leaf);
    assert_eq!(shown(&console), leaf);

    // Connections of before do not count, and are closed.
    let answer = over(&mut first, &owner.head("GET", "/console", &[]));
    assert_eq!((answer.header("connection"), answer.header("refresh")), (Some("close"), Some("1; url=/console")));
    let old = Page::new("/console".to_owned(), answer).expect(200, TITLE);
    assert!(
        old.texts(".banner").concat().contains("a connection from before the trial")
            && !old.source().contains("/console/confirm")
    );
    let body = format!("csrf_token={token}");
    let length = body.len().to_string();
    let form = [("Content-Type", "application/x-www-form-urlencoded"), ("Content-Length", length.as_str())];
    let refused = over(&mut second, &(owner.head("POST", "/console/confirm", &form) + &body));
    assert_eq!((refused.status, refused.header("connection")), (409, Some("close")));
    let refused = Page::new("/console".to_owned(), refused).expect(409, &format!("Error: {TITLE}"));
    assert!(refused.mistakes()[0].1.contains("from before the trial"), "{:?}", refused.mistakes());
    assert!(!console.data().join("former.pem").exists());
    assert_eq!(in_use(&console)["why"], "own", "nothing is written yet");

    let trial = page(&mut owner);
    let banner = |page: &Page| page.texts(".banner").concat();
    assert!(banner(&trial).contains("Unless you keep it within"), "{}", banner(&trial));
    let elsewhere = Page::new("/help".to_owned(), owner.get_once("/help"));
    assert!(banner(&elsewhere).contains("Unless you keep it within"), "on every page");
    assert_eq!(trial.fact("In use"), "the certificate of the request web");
    let kept = owner.send(trial.form("/console/confirm").enter()).expect(200, TITLE);
    assert!(kept.main().contains("The certificate is kept"), "{}", kept.main());
    let now = in_use(&console);
    assert_eq!((&now["why"], &now["csr"]), (&Value::from("csr"), &Value::from("web")));
    assert_eq!(now["back"]["former"]["why"], "own");
    let check = console.run(["check"]);
    let said = String::from_utf8(check.out).unwrap();
    assert!(said.contains("the certificate of the request web"), "{said}");
    assert!(!said.contains("former.pem is"), "no stray: {said}");
    let delete = owner.get("/csrs/web/delete");
    assert!(delete.main().contains("This console keeps using its certificate"), "{}", delete.main());
    assert_eq!(delete.fact("Used by"), "this console");
    assert!(delete.fact("Validity").starts_with("Valid until 20"), "{}", delete.fact("Validity"));

    let console = console.kill_and_start_again();
    assert_eq!(console.origin.fingerprint, sha256(&leaf), "announced at the start");
    assert_eq!(shown(&console), leaf);
    let mut owner = console.browser();
    let login = owner.get("/login").form("/login").set("password", PASSWORD).enter();
    owner.send(login).expect(200, "Certificate Signing Requests");
    let kept = owner.get("/console");
    let answer = owner.send_once(kept.form("/console/back").enter());
    assert_eq!((answer.status, answer.header("connection")), (303, Some("close")));
    assert_eq!(shown(&console), own);
    owner.origin.fingerprint = sha256(&own);
    assert!(owner.get("/console?told=back").fact("In use").contains("the console's own"));
    assert_eq!(log(&console), ["console-try", "console-use", "console-back"]);
    let told = owner.get("/audit");
    assert!(told.source().contains("Put its certificate in use for the console"));
}

#[test]
fn ends_by_itself_when_nobody_confirms_it() {
    let folder = Arc::new(tempfile::tempdir().unwrap());
    std::fs::create_dir(folder.path().join("data")).unwrap();
    std::fs::write(folder.path().join("data/signet.toml"), "[session]\ntrial_seconds = 10\n").unwrap();
    let console = Console::start_over(folder);
    let mut owner = console.set_up();
    let ca = Authority::new();
    let leaf = answer(&ca, &console, "web", &[]);
    let (own, identity) = (shown(&console), std::fs::read(console.data().join("identity.pem")).unwrap());
    begin(&mut owner, &leaf);
    let trial = page(&mut owner);
    let banner = trial.texts(".banner").concat();
    assert!(banner.contains("within") && banner.contains("second"), "{banner}");
    assert_eq!(shown(&console), leaf);
    until("it does not end", || shown(&console) == own);
    owner.origin.fingerprint = sha256(&own);
    let late = owner.send_once(trial.form("/console/confirm").enter());
    let late = Page::new("/console".to_owned(), late).expect(409, &format!("Error: {TITLE}"));
    assert!(late.mistakes()[0].1.contains("The trial has ended"), "{:?}", late.mistakes());
    assert_eq!(shown(&console), own);
    assert_eq!(std::fs::read(console.data().join("identity.pem")).unwrap(), identity);
    until("it is not recorded", || log(&console) == ["console-try", "console-revert"]);
}

#[test]
fn is_forgotten_by_a_kill_and_ended_by_hand_and_by_a_reload() {
    let (console, mut owner, _ca, leaf) = answered();
    let (own, fingerprint) = (shown(&console), console.origin.fingerprint.clone());
    begin(&mut owner, &leaf);
    let before = listing(&console.data());
    let console = console.kill_and_start_again();
    assert_eq!(shown(&console), own);
    assert_eq!(listing(&console.data())["identity.pem"], before["identity.pem"]);

    let mut owner = console.browser();
    let login = owner.get("/login").form("/login").set("password", PASSWORD).enter();
    owner.send(login).expect(200, "Certificate Signing Requests");
    begin(&mut owner, &leaf);
    let end = page(&mut owner).form("/console/back").enter();
    let answer = owner.send_once(end);
    assert_eq!((answer.status, answer.header("location")), (303, Some("/console?told=ended")));
    assert_eq!(shown(&console), own);

    owner.origin.fingerprint = fingerprint;
    begin(&mut owner, &leaf);
    console.signal(rustix::process::Signal::HUP);
    until("a reload does not end it", || shown(&console) == own);
    assert_eq!(log(&console), ["console-try", "console-try", "console-revert", "console-try", "console-revert"]);
}

#[test]
fn no_session_of_before_is_resumed_in_it() {
    let (console, mut owner, ca, leaf) = answered();
    let file = |name: &str| console.data().parent().unwrap().join(name).display().to_string();
    let tickets = [("-tls1_2", file("12")), ("-tls1_3", file("13"))];
    let visit = |version: &str, option: &str, file: &str| {
        let mut command = Command::new("openssl");
        command.args(["s_client", version, option, file, "-ign_eof", "-connect", &console.origin.authority()]);
        // A ticket of TLS 1.3 comes behind the handshake: wait for an answer.
        let ran = run(&mut command, b"GET /healthz HTTP/1.1\r\nHost: nas\r\nConnection: close\r\n\r\n");
        let said = String::from_utf8_lossy(&ran.out).into_owned();
        assert!(said.contains("200 OK"), "{said} {}", ran.err);
        said.lines().any(|line| line.starts_with("Reused, "))
    };
    for (version, file) in &tickets {
        assert!(!visit(version, "-sess_out", file));
        assert!(visit(version, "-sess_in", file), "{version} resumes where nothing has changed");
    }
    begin(&mut owner, &leaf);
    for (version, file) in &tickets {
        assert!(!visit(version, "-sess_in", file), "{version} resumes a session of another certificate");
    }
    // Those of the trial do not outlive it.
    for (version, file) in &tickets {
        assert!(!visit(version, "-sess_out", file));
        assert!(visit(version, "-sess_in", file));
    }
    answer(&ca, &console, "other", &[]);
    let other = owner.get("/csrs/other/try").form("/csrs/other/try").enter();
    assert_eq!(owner.send_once(other).status, 303);
    for (version, file) in &tickets {
        assert!(!visit(version, "-sess_in", file), "{version} resumes a session of another trial");
    }
}

#[test]
fn what_browsers_do_not_take_is_refused_with_words() {
    let (console, mut owner) = Console::owned();
    let ca = Authority::new();
    let own = shown(&console);
    for (name, key, words) in [
        ("ed", &["--key-type", "EC", "--ec-curve", "ed25519"][..], "Browsers do not accept Ed25519 keys."),
        (
            "bp",
            &["--key-type", "EC", "--ec-curve", "BrainpoolP256R1"],
            "Browsers do not accept EC BrainpoolP256R1 keys.",
        ),
        ("k1", &["--key-type", "EC", "--ec-curve", "SECP256K1"], "Browsers do not accept EC SECP256K1 keys."),
    ] {
        answer(&ca, &console, name, key);
        let path = format!("/csrs/{name}/try");
        let page = owner.get(&path);
        assert!(page.main().contains(words) && !page.source().contains(">Try it<"), "{}", page.main());
        let token = page.form("/logout").value("csrf_token");
        let body = format!("csrf_token={token}");
        let refused = owner.post_once(&path, "application/x-www-form-urlencoded", body.as_bytes());
        let refused = Page::new(path, refused).expect(422, &format!("Error: Use {name} for this console"));
        assert_eq!(refused.mistakes(), [("certificate".to_owned(), words.to_owned())]);
        let (what, _) = console.run(["console", "use", name]).refused(65);
        assert_eq!(what, format!("certificate: {words}"));
    }
    let create = "csr create --name young --profile https-ecc --country DE --state BY --city M --organization E --email a@b.de --san nas.local";
    console.run(create.split(' ')).worked();
    assert!(owner.get("/csrs/young/try").main().contains("There is no certificate yet."));
    console.run(["console", "use", "young"]).refused(80);
    // A CA of old that writes certificates of version 1.
    let request = console.run(["csr", "export", "young"]).worked();
    let file = ca.file("old.pem", &ca.sign_of_version_1(request.as_bytes()));
    console.run(["csr", "answer", "young", "--certificate", &file]).worked();
    let (what, _) = console.run(["console", "use", "young"]).refused(65);
    assert_eq!(what, "certificate: The certificate has version 1, without names and usages.");
    console.run(["console", "use", "nobody"]).refused(66);
    console.run(["console", "back"]).refused(65);
    assert_eq!((shown(&console), in_use(&console)["why"].clone()), (own, Value::from("own")));
}

#[test]
fn the_command_line_puts_in_use_and_goes_back_and_a_reload_takes_it_up() {
    let (console, _owner, _ca, leaf) = answered();
    let own = shown(&console);
    let said = console.run(["console", "use", "web"]).worked();
    assert!(said.contains("identity.pem") && said.contains("former.pem") && said.contains("reload"), "{said}");
    assert_eq!(shown(&console), own, "a console that runs is told by a reload");
    console.signal(rustix::process::Signal::HUP);
    until("it is not taken up", || shown(&console) == leaf);
    let told = console.run(["console", "show"]).worked();
    assert!(told.contains("the certificate of the request web") && told.contains("console back --to former"), "{told}");
    // The console keeps its certificate and key, whatever becomes of the CSR.
    assert!(console.run(["csr", "delete", "web", "--yes"]).refused(84).0.contains("in use by the console"));
    console.run(["csr", "delete", "web", "--yes", "--force"]).worked();
    assert_eq!(in_use(&console)["why"], "elsewhere");
    console.run(["console", "back"]).worked();
    console.signal(rustix::process::Signal::HUP);
    until("it is not gone back", || shown(&console) == own);
    console.run(["console", "back"]).worked();
    let console = console.kill_and_start_again();
    assert_eq!(shown(&console), leaf, "and forth again, with the key of a CSR that is gone");
    console.run(["recover", "factory-reset", "--yes"]).worked();
    assert!(!console.data().join("former.pem").exists());
}

#[test]
fn a_console_whose_identity_is_damaged_answers_by_the_former_one() {
    let (console, _owner, _ca, leaf) = answered();
    let own = shown(&console);
    console.run(["console", "use", "web"]).worked();
    std::fs::write(console.data().join("identity.pem"), "cut").unwrap();
    let console = console.kill_and_start_again();
    assert_eq!(shown(&console), own);
    console.log_with("another one is shown instead");
    assert_eq!(std::fs::read(console.data().join("identity.pem")).unwrap(), b"cut");
    console.run(["console", "use", "web"]).worked();
    console.signal(rustix::process::Signal::HUP);
    until("the repair is not taken up", || shown(&console) == leaf);
}
