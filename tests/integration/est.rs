//! Certificates come from an EST server by command: by a password, by a client certificate such as the factory's, and again
//! without a person. Behind nginx and a gateway OpenBao signs.

use crate::harness::authority::{Authority, Term};
use crate::harness::browser::Browser;
use crate::harness::console::{Console, PASSWORD, Ran, run, signet};
use crate::harness::est::{Est, LOGIN};
use crate::harness::factory::Station;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

const CONFIG: &str = "[subject]\nrequired = []\n";

/// A device without a running console, which works in the commands' own processes.
struct Device {
    folder: TempDir,
}

impl Device {
    fn new() -> Self {
        let this = Self { folder: tempfile::tempdir().unwrap() };
        this.command(&["ca", "add", "unused", "--acme", "https://ca.example"]);
        std::fs::write(this.data().join("signet.toml"), CONFIG).unwrap();
        this.command(&["csr", "create", "--name=nas", "--profile=https-ecc", "--common=nas.plant", "--san=nas.plant"]);
        this
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        run(signet(&self.data()).args(arguments), b"")
    }

    fn command(&self, arguments: &[&str]) -> String {
        self.run(arguments).worked()
    }

    /// The server as an authority, by password.
    fn add(&self, est: &Est, label: &str) {
        let given = ["--label", label, "--user", LOGIN.0, "--password-file", &est.password()];
        self.command(&[&["ca", "add", "plant", "--est", &est.url, "--root", &est.root()], &given[..]].concat());
    }

    fn enroll(&self, name: &str) -> Ran {
        self.run(&["csr", "enroll", name, "--ca", "plant", "--quiet"])
    }

    fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.run(&[arguments, &["--json"]].concat()).worked()).unwrap()
    }

    /// What a CA of the test's own issues for a request is added to it.
    fn certify(&self, authority: &Authority, name: &str, extensions: &str, term: &Term<'_>) {
        let request = self.command(&["csr", "export", name]);
        let leaf = authority.sign_with(request.as_bytes(), extensions, term);
        let file = authority.file("answer", &[leaf, authority.issuing.clone()].concat());
        self.command(&["csr", "add-certificate", name, "--certificate", &file]);
    }
}

/// The kept chain goes up to the EST server's root, which `cacerts` has.
fn is_whole(record: &Value, certificates: usize) {
    let chain = record["certificate"]["chain"].as_array().unwrap();
    assert_eq!((chain.len(), &record["certificate"]["missing_issuer"]), (certificates, &Value::Null), "{record}");
}

fn record(data: &Path, name: &str) -> Value {
    serde_json::from_str(&run(signet(data).args(["csr", "show", name, "--json"]), b"").worked()).unwrap()
}

#[test]
fn a_password_gets_a_certificate_and_is_never_shown() {
    let (device, est) = (Device::new(), Est::start(""));
    device.add(&est, "");
    let tested = device.json(&["ca", "test", "plant"]);
    assert_eq!(
        (&tested["reachable"], &tested["cas"][0], &tested["cas"][1]),
        (&true.into(), &"Plant Issuing".into(), &"Plant Root".into())
    );
    device.enroll("nas").worked();
    is_whole(&record(&device.data(), "nas"), 3);
    let asked = est.asked();
    let last: Vec<&str> = asked.iter().rev().take(2).map(String::as_str).collect();
    assert_eq!(last, ["GET - cacerts password", "POST - simpleenroll password"]);
    let said = device.json(&["ca", "show", "plant"]);
    assert_eq!((&said["kind"], &said["user"], &said["client"]), (&"est".into(), &"nas".into(), &Value::Null));
    let file = device.data().join("authorities/plant/authority.json");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let coded = BASE64_STANDARD.encode(LOGIN.1);
    for command in
        [&["ca", "show", "plant"][..], &["ca", "list", "--json"], &["audit"], &["csr", "enroll", "nas", "--status"]]
    {
        let said = device.command(command);
        assert!(!said.contains(LOGIN.1) && !said.contains(&coded), "{command:?}");
    }
    // The kept password goes to no other server, and to none that another root vouches for.
    let other = ["ca", "change", "plant", "--est", "https://other.example"];
    let is_kept = "The password that is kept is for another user or another server";
    assert!(device.run(&other).refused(65).0.contains(is_kept));
    let other = est.file("other.pem", &est.issuing_root);
    assert!(device.run(&["ca", "change", "plant", "--root", &other]).refused(65).0.contains(is_kept));
    let (what, _) = device.run(&["ca", "change", "plant", "--contact", "o@example.com"]).refused(65);
    assert!(what.contains("is not reached by ACME"), "{what}");
}

#[test]
fn the_factorys_certificate_authenticates_the_device() {
    let station = Station::new();
    let folder = tempfile::tempdir().unwrap();
    let device = Device { folder };
    station.provision(&device.data(), &["--serial", "NX4-1", "--model", "Vault 4", "--hostname", "vault"]).worked();
    std::fs::write(device.data().join("signet.toml"), CONFIG).unwrap();
    let factory = Authority::new();
    let name = "web-NX4-1";
    let est = Est::start(&String::from_utf8(factory.root.clone()).unwrap());
    let client = ["ca", "add", "plant", "--est", &est.url, "--root", &est.root(), "--client", name];
    device.run(&client).refused(80);
    // It must be for clients.
    device.certify(&factory, name, "extendedKeyUsage=serverAuth", &Term::Days(90));
    let (what, remedy) = device.run(&client).refused(65);
    assert!(what.contains("client: ") && what.contains("lack TLS client (CLIENT_AUTH)"), "{what} {remedy}");
    device.certify(&factory, name, "extendedKeyUsage=clientAuth", &Term::Days(91));
    device.command(&client);
    let log = device.command(&["audit"]);
    assert!(log.contains(&format!("{name}: Copied its key to an authority (plant)")), "{log}");
    device.command(&["csr", "create", "--name=nas", "--profile=https-ecc", "--san=nas.plant"]);
    device.enroll("nas").worked();
    is_whole(&record(&device.data(), "nas"), 3);
    assert_eq!(est.asked(), ["POST - simpleenroll certificate", "GET - cacerts certificate"]);
    assert_eq!(device.json(&["ca", "show", "plant"])["client"], name);
}

#[test]
fn a_certificate_renews_itself_with_the_issued_subject_and_its_successor_follows() {
    let (device, est) = (Device::new(), Est::start(""));
    device.add(&est, "adds");
    device.enroll("nas").worked();
    assert_eq!(record(&device.data(), "nas")["certificate"]["subject"], "O=Plant, CN=nas.plant");
    device.command(&["ca", "change", "plant", "--client", "nas"]);
    est.asked();
    // A new key; the server refuses whoever does not repeat what it has issued.
    device.command(&["csr", "renew", "nas", "--name=next"]);
    device.enroll("next").worked();
    assert_eq!(est.asked(), ["POST adds simplereenroll certificate", "GET adds cacerts certificate"]);
    let renewed = record(&device.data(), "next");
    assert_eq!(renewed["certificate"]["subject"], "O=Plant, CN=nas.plant");
    is_whole(&renewed, 3);
    // From now on the successor's certificate is shown.
    assert_eq!(device.json(&["ca", "show", "plant"])["client"], "next");
    device.command(&["csr", "renew", "next", "--name=last"]);
    device.enroll("last").worked();
    assert_eq!(est.asked()[0], "POST adds simplereenroll certificate");
    // Another name is another certificate.
    device.command(&[
        "csr",
        "create",
        "--name=files",
        "--profile=https-ecc",
        "--common=files.plant",
        "--san=files.plant",
    ]);
    device.enroll("files").worked();
    assert_eq!(est.asked()[0], "POST adds simpleenroll certificate");
    // By a password this server re-enrolls nobody: what it refuses is enrolled once more.
    let password = est.password();
    device.command(&["ca", "change", "plant", "--user", LOGIN.0, "--password-file", &password]);
    device.command(&["csr", "renew", "last", "--name=by-password"]);
    device.enroll("by-password").worked();
    let asked = est.asked();
    assert_eq!(asked[..2], ["POST adds simplereenroll password", "POST adds simpleenroll password"], "{asked:?}");
}

#[test]
fn a_certificate_that_is_due_is_renewed_without_a_person() {
    let (device, est) = (Device::new(), Est::start(""));
    device.add(&est, "due");
    device.command(&["csr", "enroll", "nas", "--ca", "plant", "--auto-renew"]);
    est.asked();
    // It came yesterday.
    #[expect(clippy::disallowed_methods, reason = "certificates of a test are dated by the real clock")]
    let yesterday = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(30);
    crate::enroll::set_record(&device.data(), "nas", &[("answered", Value::from(yesterday.to_string()))]);
    let console = Console::start_at(&device.data());
    for tries in 0.. {
        let all = device.json(&["csr", "list"]);
        let renewed = all.as_array().unwrap().iter().find(|one| one["name"] != "nas");
        if renewed.is_some_and(|one| record(&device.data(), one["name"].as_str().unwrap())["state"] != "ready") {
            break;
        }
        assert!(tries < 300, "{all} {}", String::from_utf8_lossy(&console.log()));
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(est.asked()[0], "POST due simplereenroll password");
}

#[test]
fn a_ca_that_needs_time_is_asked_again_when_it_says() {
    let (device, est) = (Device::new(), Est::start(""));
    device.add(&est, "later");
    // Once and again: the CA asks for a second.
    device.command(&["csr", "enroll", "nas", "--ca", "plant", "--no-wait"]);
    let ran = device.run(&["enroll", "--pending", "--once", "--json"]);
    assert_eq!(ran.code, 75, "{}", ran.err);
    let said = device.json(&["csr", "enroll", "nas", "--status"]);
    assert_eq!((&said["state"], &said["reason"]), (&"waiting".into(), &Value::Null), "{said}");
    device.command(&["enroll", "--pending"]);
    device.command(&["csr", "enroll", "nas", "--status"]);
    is_whole(&record(&device.data(), "nas"), 3);
    let posts = est.asked().iter().filter(|line| line.starts_with("POST")).count();
    assert_eq!(posts, 2);
    // For days: the command does not wait for it.
    device.command(&["ca", "change", "plant", "--label", "days"]);
    device.command(&["csr", "create", "--name=slow", "--profile=https-ecc", "--san=slow.plant"]);
    assert_eq!(device.enroll("slow").code, 75);
    let said = device.json(&["csr", "enroll", "slow", "--status"]);
    let wait = said["next_try"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    let since = said["since"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    assert!((199_990..=201_000).contains(&wait.duration_since(since).as_secs()), "{said}");
}

#[test]
fn responses_are_taken_in_any_order_and_wrapping() {
    let (device, est) = (Device::new(), Est::start(""));
    device.add(&est, "shuffled");
    device.enroll("nas").worked();
    is_whole(&record(&device.data(), "nas"), 3);
}

/// Exit code, code of the failure, words of the refusal, and words of its remedy, for each label.
const REFUSALS: [(&str, i32, &str, &str, &str); 6] = [
    ("nothing", 78, "not_est", "There is no EST service at this address (404).", "the label"),
    ("html", 78, "not_certificates", "does not answer with certificates", "Check the address"),
    ("forbidden", 65, "not_allowed", "The CA says: \"this device may not have this name\"", "The CA asks for"),
    (
        "picky",
        65,
        "bad_csr",
        "The CA says: \"the key must be P-384\"",
        "asks for a challenge password, a MAC address, ECDSA with SHA-384, which the request lacks",
    ),
    ("noleaf", 65, "no_certificate", "has no certificate for the key of this request", "RFC 7030"),
    ("busy", 75, "busy", "The CA is busy", "tried again"),
];

#[test]
fn each_refusal_has_its_own_words() {
    let (device, est) = (Device::new(), Est::start(""));
    device.add(&est, "nothing");
    for (label, exit, code, what, remedy) in REFUSALS {
        device.command(&["ca", "change", "plant", "--label", label]);
        let refused = device.enroll("nas").refused(exit);
        assert!(refused.0.contains(what) && refused.1.contains(remedy), "{label}: {refused:?}");
        let said = device.json(&["csr", "enroll", "nas", "--status"]);
        assert_eq!((&said["code"], said["next_try"].is_string()), (&code.into(), exit == 75), "{said}");
        device.command(&["csr", "enroll", "nas", "--cancel"]);
    }
    // 401, by a wrong password and by none.
    let wrong = est.file("wrong", "incorrect horse");
    device.command(&["ca", "change", "plant", "--label", "", "--user", LOGIN.0, "--password-file", &wrong]);
    let (what, remedy) = device.enroll("nas").refused(78);
    assert!(what.contains("does not accept the user or the password (401)") && remedy.contains("--password-file"));
    let queue: Vec<_> = std::fs::read_dir(device.data().join("enroll/orders")).unwrap().collect();
    assert!(queue.is_empty(), "{queue:?}");
}

#[test]
fn a_client_certificate_that_the_server_does_not_take_is_explained() {
    let other = Authority::new();
    let (device, est) = (Device::new(), Est::start(std::str::from_utf8(&other.root).unwrap()));
    // Any use, says the certificate; nginx wants CLIENT_AUTH by its name.
    device.certify(&other, "nas", "extendedKeyUsage=anyExtendedKeyUsage", &Term::Days(90));
    device.command(&["csr", "create", "--name=files", "--profile=https-ecc", "--san=files.plant"]);
    device.command(&["ca", "add", "plant", "--est", &est.url, "--root", &est.root(), "--client", "nas"]);
    let (what, remedy) = device.enroll("files").refused(78);
    assert!(what.contains("does not accept this device's client certificate (400)"), "{what}");
    assert!(remedy.contains("extended key usage CLIENT_AUTH"), "{remedy}");
    assert!(est.asked().is_empty(), "nginx refused it");
}

#[test]
fn nobody_is_asked_with_a_certificate_that_has_expired() {
    let other = Authority::new();
    let (device, est) = (Device::new(), Est::start(std::str::from_utf8(&other.root).unwrap()));
    device.certify(&other, "nas", "extendedKeyUsage=clientAuth", &Term::Days(90));
    device.command(&["csr", "create", "--name=files", "--profile=https-ecc", "--san=files.plant"]);
    device.command(&["ca", "add", "plant", "--est", &est.url, "--root", &est.root(), "--client", "nas"]);
    // Its time passes.
    let request = device.command(&["csr", "export", "nas"]);
    #[expect(clippy::disallowed_methods, reason = "certificates of a test are dated by the real clock")]
    let now = jiff::Timestamp::now();
    let at = |days: i64| {
        let time = now + jiff::SignedDuration::from_hours(24 * days);
        jiff::tz::TimeZone::UTC.to_datetime(time).strftime("%Y%m%d%H%M%SZ").to_string()
    };
    let expired = other.sign_with(request.as_bytes(), "extendedKeyUsage=clientAuth", &Term::Dates(&at(-60), &at(-1)));
    let file = device.data().join("authorities/plant/authority.json");
    let mut settings: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    settings["client_chain"] = String::from_utf8(expired).unwrap().into();
    std::fs::write(&file, settings.to_string()).unwrap();
    let (what, remedy) = device.enroll("files").refused(78);
    assert!(what.contains("was valid until") && what.contains("was not asked"), "{what}");
    assert!(remedy.contains("--password-file"), "{remedy}");
    assert!(est.asked().is_empty());
    let (what, _) = device.run(&["ca", "change", "plant", "--client", "nobody"]).refused(66);
    assert!(what.contains("nobody"), "{what}");
}

#[test]
fn an_owner_adds_an_est_server_in_the_browser_and_copies_a_key_only_with_the_password() {
    let other = Authority::new();
    let est = Est::start(std::str::from_utf8(&other.root).unwrap());
    let (console, mut browser) = Console::owned();
    let device = |arguments: &[&str]| run(signet(&console.data()).args(arguments), b"").worked();
    std::fs::write(console.data().join("signet.toml"), CONFIG).unwrap();
    for name in ["factory", "nas"] {
        device(&["csr", "create", &format!("--name={name}"), "--profile=https-ecc", "--san=nas.plant"]);
    }
    let leaf = other.sign_with(
        device(&["csr", "export", "factory"]).as_bytes(),
        "extendedKeyUsage=clientAuth",
        &Term::Days(90),
    );
    let file = other.file("answer", &[leaf, other.issuing.clone()].concat());
    device(&["csr", "add-certificate", "factory", "--certificate", &file]);
    let root = std::fs::read_to_string(est.root()).unwrap();
    let form = |browser: &mut Browser| {
        let form = browser.get("/authorities/new/est").form("/authorities/new/est").set("name", "plant");
        form.set("url", &est.url).set("root", &root).set("client", "factory")
    };
    for wrong in ["", "not the password"] {
        let sent = form(&mut browser).set("password", wrong).enter();
        let page = browser.send(sent).expect(422, "Error: Add a CA by EST");
        assert_eq!(page.form("/authorities/new/est").value("url"), est.url);
        assert!(!console.data().join("authorities/plant").exists());
    }
    let sent = form(&mut browser).set("password", PASSWORD).enter();
    let page = browser.send(sent).expect(200, "plant");
    assert!(page.main().contains(&est.url) && page.main().contains("factory"));
    let form = browser.get("/csrs/nas/enroll").form("/csrs/nas/enroll").set("ca", "plant");
    let mut page = browser.send(form.enter());
    for tries in 0.. {
        if page.title() == "nas" {
            break;
        }
        assert!(tries < 60, "{}", page.main());
        std::thread::sleep(Duration::from_millis(100));
        page = browser.get("/csrs/nas/enroll?told=ordered");
    }
    is_whole(&record(&console.data(), "nas"), 3);
    assert_eq!(est.asked()[0], "POST - simpleenroll certificate");
    // By a password of the server's user, which is not the owner's.
    let form =
        browser.get("/authorities/new/est").form("/authorities/new/est").set("name", "other").set("url", &est.url);
    let page = browser.send(form.set("user", LOGIN.0).enter()).expect(422, "Error: Add a CA by EST");
    assert!(page.main().contains("The password is missing."));
}
