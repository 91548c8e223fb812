//! Automatic renewal through the real programs: when it is due, when the CA suggests it, what becomes of the console's own
//! certificate, and who hears of failures.

use crate::enroll::{CONFIG, add, create, device, json, json_of_code, kept_by_the_console, record, set_record, status};
use crate::harness::authority::{Authority, Term};
use crate::harness::console::{Console, Ran, run, signet};
use serde_json::{Value, json};
use signet_testing::free_port;
use signet_testing::pebble::{Pebble, Settings, certificates};
use signet_testing::until;
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

fn command(data: &Path, arguments: &[&str]) -> Ran {
    run(signet(data).args(arguments), b"")
}

fn names(data: &Path) -> Vec<String> {
    let all = json(command(data, &["csr", "list", "--json"]));
    all.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
}

#[expect(clippy::disallowed_methods, reason = "certificates of a test are dated by the real clock")]
pub(super) fn hours_ago(hours: i64) -> jiff::Timestamp {
    jiff::Timestamp::now() - jiff::SignedDuration::from_hours(hours)
}

/// A certificate of `days` days ago until `left` days from now, added by hand to a request that is renewed automatically.
fn answered(data: &Path, name: &str, authority: &Authority, (ago, left): (i64, i64), ca: &str) {
    let at = |hours: i64| jiff::tz::TimeZone::UTC.to_datetime(hours_ago(hours)).strftime("%Y%m%d%H%M%SZ").to_string();
    command(data, &["csr", "create", &format!("--name={name}"), "--profile=https-ecc", "--san=nas.test"]).worked();
    let request = command(data, &["csr", "export", name]).worked();
    let leaf = authority.sign_with(request.as_bytes(), "", &Term::Dates(&at(24 * ago), &at(-24 * left)));
    let file = authority.file("answer", &[leaf, authority.issuing.clone()].concat());
    command(data, &["csr", "add-certificate", name, "--certificate", &file]).worked();
    let yesterday = Value::from(hours_ago(30).to_string());
    set_record(data, name, &[("auto_renew", json!({"ca": ca})), ("answered", yesterday)]);
}

#[test]
fn a_certificate_that_is_due_is_renewed_at_its_ca_and_the_console_keeps_one_of_another_ca() {
    let port = free_port();
    let pebble = Pebble::start_at(Settings::default(), port);
    let device = tempfile::tempdir().unwrap();
    let data = device.path().join("data");
    let root = pebble.root();
    let root = root.to_str().unwrap();
    command(&data, &["ca", "add", "pebble", "--acme", &pebble.url, "--root", root, "--agree-terms"]).worked();
    std::fs::write(data.join("signet.toml"), format!("redirect = [\"127.0.0.1:{port}\"]\n{CONFIG}")).unwrap();
    // Ten days are left of seventy.
    let authority = Authority::new();
    answered(&data, "nas", &authority, (60, 10), "pebble");
    answered(&data, "today", &authority, (60, 10), "pebble");
    // Added today: whatever its dates say, it is not renewed today.
    set_record(&data, "today", &[("answered", Value::from(hours_ago(1).to_string()))]);
    command(&data, &["console", "use", "nas"]).worked();
    let console = Console::start_at(&data);
    until("it is renewed", || names(&data).len() == 3);
    let all = names(&data);
    let renewed = all.iter().find(|name| name.starts_with("nas-")).unwrap();
    kept_by_the_console(&console, renewed);
    assert_eq!(record(&data, renewed)["automatic"], true);
    // Its certificate is another CA's: that is for a person to decide.
    console.log_with("comes from another CA");
    let shown = json(command(&data, &["console", "show", "--json"]));
    assert!(shown["issuer"].as_str().unwrap().contains("Example-issuing"), "{shown}");
}

#[test]
fn the_console_takes_over_what_the_same_ca_renews_in_the_window_that_it_suggests() {
    let (console, pebble) = device(Settings::default());
    add(&console, &pebble, &[]).worked();
    create(&console, "nas", &["--san=nas.test"]);
    console.run(["csr", "enroll", "nas", "--ca", "pebble", "--auto-renew"]).worked();
    console.run(["console", "use", "nas"]).worked();
    let data = console.data();
    // Its first look writes down what the CA is asked about.
    let console = console.start_again();
    let list = data.join("enroll/certificates.json");
    until("the list is written", || list.exists());
    let asked: Value = serde_json::from_slice(&std::fs::read(&list).unwrap()).unwrap();
    assert_eq!(asked[0]["authority"], "pebble");
    // The CA suggests to renew at once; pebble has no ARI itself.
    let window = json!({
        "certificate": asked[0]["certificate"], "start": hours_ago(3).to_string(), "end": hours_ago(2).to_string(),
        "next": hours_ago(-20).to_string(),
    });
    let file = data.join(format!("enroll/windows/{}.json", asked[0]["id"].as_str().unwrap()));
    std::fs::write(file, window.to_string()).unwrap();
    let shown = status(&console, "nas");
    assert_eq!(shown["suggested_window"]["start"], window["start"], "{shown}");
    assert_eq!(names(&data).len(), 1);
    set_record(&data, "nas", &[("answered", Value::from(hours_ago(30).to_string()))]);
    let before = json(console.run(["console", "show", "--json"]))["certificate_sha256"].clone();
    let console = console.start_again();
    until("it is renewed", || names(&data).len() == 2);
    let renewed = names(&data).into_iter().find(|name| name != "nas").unwrap();
    kept_by_the_console(&console, &renewed);
    until("the console shows it", || {
        let shown = json(console.run(["console", "show", "--json"]));
        shown["reload_pending"] == false && shown["certificate_sha256"] != before
    });
    assert!(data.join("former.pem").exists(), "the way back stays");
}

/// A CA that only says when to renew: `openssl s_server` with one file for each answer.
struct Suggesting {
    child: Child,
    folder: TempDir,
    port: u16,
}

impl Suggesting {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        certificates(folder.path());
        let port = free_port();
        let url = |path: &str| format!("https://localhost:{port}/{path}");
        let directory = json!({
            "newNonce": url("nonce"), "newAccount": url("account"), "newOrder": url("order"), "renewalInfo": url("ari"),
        });
        std::fs::create_dir(folder.path().join("ari")).unwrap();
        let mut command = Command::new("openssl");
        command.args(["s_server", "-quiet", "-HTTP", "-cert", "server.pem", "-key", "server.key", "-accept"]);
        command.arg(port.to_string()).current_dir(folder.path());
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let this = Self { child, folder, port };
        this.answers("dir", "", &directory);
        until("it listens", || TcpStream::connect(("127.0.0.1", port)).is_ok());
        this
    }

    fn answers(&self, path: &str, fields: &str, body: &Value) {
        let body = body.to_string();
        let answer = format!("HTTP/1.0 200 OK\r\nContent-Length: {}\r\n{fields}\r\n{body}", body.len());
        std::fs::write(self.folder.path().join(path), answer).unwrap();
    }
}

impl Drop for Suggesting {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_ca_is_asked_when_to_renew_and_is_heard() {
    let ca = Suggesting::start();
    let device = tempfile::tempdir().unwrap();
    let data = device.path().join("data");
    let root = ca.folder.path().join("root.pem");
    let url = format!("https://localhost:{}/dir", ca.port);
    command(&data, &["ca", "add", "ca", "--acme", &url, "--root", root.to_str().unwrap()]).worked();
    std::fs::write(data.join("signet.toml"), CONFIG).unwrap();
    let authority = Authority::new();
    for name in ["nas", "other"] {
        answered(&data, name, &authority, (30, 60), "ca");
    }
    let mut console = Console::start_at(&data);
    let list = data.join("enroll/certificates.json");
    until("the list is written", || list.exists());
    console.terminate();
    let asked: Value = serde_json::from_slice(&std::fs::read(&list).unwrap()).unwrap();
    let id = |name: &str| record(&data, name)["id"].as_str().unwrap().to_owned();
    let of = |name: &str| asked.as_array().unwrap().iter().find(|one| one["id"] == id(name).as_str()).unwrap().clone();
    let window = |name: &str| data.join(format!("enroll/windows/{}.json", id(name)));
    let read = |name: &str| serde_json::from_slice::<Value>(&std::fs::read(window(name)).unwrap()).unwrap();
    let ask = || {
        for name in ["nas", "other"] {
            let _ = std::fs::remove_file(window(name));
        }
        command(&data, &["enroll", "--pending", "--once"]).worked();
    };
    let answer = |fields: &str, explanation: &str, (start, end): (i64, i64)| {
        let (start, end) = (hours_ago(start).to_string(), hours_ago(end).to_string());
        let info = json!({"suggestedWindow": {"start": start, "end": end}, "explanationURL": explanation});
        ca.answers(&format!("ari/{}", of("nas")["certificate"].as_str().unwrap()), fields, &info);
    };
    // Asked again after at least an hour and at most a day.
    for (fields, hours) in [("Retry-After: 5\r\n", 1), ("Retry-After: 999999\r\n", 24), ("", 6)] {
        answer(fields, "https://ca.test/why", (-24, -48));
        ask();
        let next: jiff::Timestamp = read("nas")["next"].as_str().unwrap().parse().unwrap();
        let left = next.as_second() - hours_ago(0).as_second();
        assert!((hours * 3600 - 100..=hours * 3600).contains(&left), "{fields}: {left}");
        // It knows nothing of the other certificate, and what it does not know is no window.
        assert_eq!(
            (&read("nas")["explanation"], &read("other")["start"]),
            (&"https://ca.test/why".into(), &Value::Null)
        );
    }
    let shown = json(command(&data, &["csr", "show", "nas", "--json"]));
    assert_eq!(shown["certificate"]["suggested_window"]["explanation"], "https://ca.test/why", "{shown}");
    let shown = json(command(&data, &["csr", "show", "other", "--json"]));
    assert_eq!(shown["certificate"]["suggested_window"], Value::Null);
    // What cannot be shown is not kept.
    answer("", "javascript:alert(1)", (-24, -48));
    ask();
    assert_eq!(read("nas")["explanation"], Value::Null);
    // A window in the past: the next look renews, and only what it is about.
    answer("", "https://ca.test/why", (2, 1));
    ask();
    let _console = Console::start_at(&data);
    until("it is renewed", || names(&data).len() == 3);
    assert_eq!(names(&data).iter().filter(|name| name.starts_with("nas")).count(), 2);
}

#[test]
fn who_answers_the_cas_check_is_written_down_and_said() {
    let (console, pebble) = device(Settings::default());
    let list = console.data().join("enroll/listeners.json");
    assert!(!list.exists());
    // Added after the console's start.
    add(&console, &pebble, &[]).worked();
    until("it is written down", || list.exists());
    let said: Value = serde_json::from_slice(&std::fs::read(&list).unwrap()).unwrap();
    assert_eq!(said["http"], json!([format!("127.0.0.1:{}", pebble.http_port)]));
    let tested = json(console.run(["ca", "test", "pebble", "--json"]));
    assert_eq!(tested["has_port_80"], false);
    let needs = "where this console does not listen";
    assert!(console.run(["ca", "test", "pebble"]).worked().contains(needs));
    create(&console, "nas", &["--san=nas.test"]);
    let ran = console.run(["csr", "enroll", "nas", "--ca", "pebble"]);
    assert!(ran.err.contains(needs), "{}", ran.err);
    ran.worked();
    // Nobody is there to answer.
    create(&console, "other", &["--san=other.test"]);
    let data = console.data();
    let mut console = console;
    console.terminate();
    let (what, remedy) = command(&data, &["csr", "enroll", "other", "--ca", "pebble"]).refused(65);
    assert!(what.contains("The console is not running") && remedy.contains("Start it"), "{what} {remedy}");
    assert_eq!(command(&data, &["csr", "enroll", "other", "--status"]).code, 66, "nothing was ordered");
    command(&data, &["csr", "enroll", "other", "--ca", "pebble", "--no-wait"]).worked();
}

#[test]
fn a_program_that_root_names_is_told_of_failures_once() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let data = at("data");
    let nobody = format!("https://127.0.0.1:{}/dir", free_port());
    command(&data, &["ca", "add", "nobody", "--acme", &nobody]).worked();
    std::fs::write(data.join("signet.toml"), CONFIG).unwrap();
    command(&data, &["csr", "create", "--name=nas", "--profile=https-ecc", "--san=nas.test"]).worked();
    let program = format!("#!/bin/sh\nprintf '%s\\n' \"$@\" \"$(env)\" >> {}\n", at("told").display());
    std::fs::write(at("tell"), program).unwrap();
    std::fs::set_permissions(at("tell"), std::fs::Permissions::from_mode(0o755)).unwrap();
    std::fs::write(at("enroll.toml"), format!("notify = {:?}\n", at("tell"))).unwrap();
    let enroll = || {
        let mut command = signet(&data);
        command.env("SIGNET_ENROLL_CONFIG", at("enroll.toml")).env("SECRET", "x");
        command.args(["csr", "enroll", "nas", "--ca", "nobody"]);
        run(&mut command, b"")
    };
    enroll().refused_after_notes(69);
    let told = std::fs::read_to_string(at("told")).unwrap();
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines[..4], ["enroll-failed", "nas", "nobody", "unreachable"], "{told}");
    assert!(lines[4].contains("cannot be reached") && !told.contains("SECRET"), "{told}");
    // The same failure again says nothing new.
    let orders = std::fs::read_dir(data.join("enroll/orders")).unwrap().next().unwrap().unwrap().path();
    let mut order: Value = serde_json::from_slice(&std::fs::read(&orders).unwrap()).unwrap();
    order["next_try"] = Value::from(hours_ago(1).to_string());
    std::fs::write(&orders, order.to_string()).unwrap();
    let mut again = signet(&data);
    again.env("SIGNET_ENROLL_CONFIG", at("enroll.toml")).args(["enroll", "--pending", "--once", "--json"]);
    let ran = run(&mut again, b"");
    assert!(!ran.err.contains("cannot be reached"), "{}", ran.err);
    assert_eq!(json_of_code(ran, 75)["failed"], 1);
    assert_eq!(std::fs::read_to_string(at("told")).unwrap(), told);
    // A file that others could have written names no program.
    command(&data, &["csr", "enroll", "nas", "--cancel"]).worked();
    std::fs::set_permissions(at("enroll.toml"), std::fs::Permissions::from_mode(0o666)).unwrap();
    let ran = enroll();
    assert!(ran.err.contains("cannot be trusted"), "{}", ran.err);
    assert_eq!(std::fs::read_to_string(at("told")).unwrap(), told);
    // Where no command waits, the journal has the reason.
    command(&data, &["csr", "enroll", "nas", "--cancel"]).worked();
    command(&data, &["csr", "enroll", "nas", "--ca", "nobody", "--no-wait"]).worked();
    let ran = command(&data, &["enroll", "--pending", "--once"]);
    assert!(ran.err.contains("warning: nas: ") && ran.err.contains("cannot be reached"), "{}", ran.err);
}
