//! Names are proved by DNS: at BIND by signed updates, by root's hook, and together with other kinds of challenge. Nothing is left
//! behind, and each thing that can be wrong is said in its own words.

use crate::harness::answering::show;
use crate::harness::console::{Console, Ran, run, signet};
use serde_json::Value;
use signet_testing::bind::{Bind, KEY};
use signet_testing::free_port;
use signet_testing::pebble::{Pebble, Settings};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

const CONFIG: &str = "[subject]\nrequired = []\n";
/// A name that has a record of somebody else.
pub(super) const OTHERS: &str = "_acme-challenge.one.test";

/// A data directory, and commands for it.
pub(super) struct Device {
    folder: TempDir,
    /// Root's file with the hooks.
    pub(super) hooks: PathBuf,
}

impl Device {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("data")).unwrap();
        std::fs::write(folder.path().join("data/signet.toml"), CONFIG).unwrap();
        let hooks = folder.path().canonicalize().unwrap().join("enroll.toml");
        Self { folder, hooks }
    }

    pub(super) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub(super) fn run(&self, words: &[&str]) -> Ran {
        self.run_with(words, &[])
    }

    /// The same with these variables.
    pub(super) fn run_with(&self, words: &[&str], variables: &[(&'static str, String)]) -> Ran {
        let (mut command, variables) = (signet(&self.data()), variables.iter().map(|(name, value)| (name, value)));
        run(command.env("SIGNET_ENROLL_CONFIG", &self.hooks).envs(variables).args(words), b"")
    }

    fn add(&self, pebble: &Pebble, more: &[&str]) -> Ran {
        let root = pebble.root();
        let given = ["ca", "add", "pebble", "--acme", &pebble.url, "--root", root.to_str().unwrap(), "--agree-terms"];
        self.run(&[&given, more].concat())
    }

    /// An authority that proves names at this server.
    pub(super) fn add_dns(&self, pebble: &Pebble, bind: &Bind, more: &[&str]) {
        let (address, secret) = (bind.address(), bind.secret(KEY));
        let given = ["--dns-server", &address, "--tsig-name", KEY[0], "--tsig-secret-file", secret.to_str().unwrap()];
        self.add(pebble, &[&given, more].concat()).worked();
    }

    pub(super) fn create(&self, name: &str, names: &[&str]) {
        let given = ["csr", "create", "--name", name, "--profile=https-ecc"];
        let names: Vec<String> = names.iter().map(|name| format!("--san={name}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        self.run(&[&given, &names[..]].concat()).worked();
    }

    fn enroll(&self, name: &str) -> Ran {
        self.run(&["csr", "enroll", name, "--ca", "pebble"])
    }

    pub(super) fn status(&self, name: &str) -> Value {
        serde_json::from_str(&self.run(&["csr", "enroll", name, "--status", "--json"]).worked()).unwrap()
    }

    /// The order fails with this code, and the remedy has this text.
    fn fails(&self, name: &str, code: &str, remedy: &str) {
        let ran = self.enroll(name);
        let said = self.status(name);
        assert!(ran.code != 0 && said["code"] == code, "{name}: {} {said}", ran.err);
        assert!(said["remedy"].as_str().unwrap().contains(remedy), "{said}");
        nothing_is_left(&self.data());
        self.run(&["csr", "enroll", name, "--cancel"]).worked();
    }

    /// A program that the hook `test` runs.
    pub(super) fn hook(&self, script: &str) -> PathBuf {
        let path = self.folder.path().canonicalize().unwrap().join("hook");
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        std::fs::write(&self.hooks, format!("[hooks]\ntest = {path:?}\n")).unwrap();
        std::fs::set_permissions(&self.hooks, std::fs::Permissions::from_mode(0o644)).unwrap();
        path
    }
}

pub(super) fn nothing_is_left(data: &Path) {
    let left: Vec<_> = std::fs::read_dir(data.join("enroll/challenges")).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}

/// BIND, and a pebble that asks it.
pub(super) fn servers(tls_port: Option<u16>) -> (Bind, Pebble) {
    let bind = Bind::start();
    let settings = Settings { dns_port: Some(bind.port), tls_port, ..Settings::default() };
    (bind, Pebble::start(settings))
}

pub(super) fn is_root() -> bool {
    let is_root = rustix::process::geteuid().is_root();
    if !is_root {
        signet_testing::skip("files of root's need root");
    }
    is_root
}

#[test]
fn a_wildcard_an_alias_and_two_zones_are_proved_by_signed_updates() {
    let (bind, pebble) = servers(None);
    let device = Device::new();
    device.add_dns(&pebble, &bind, &["--challenge=dns-01"]);
    // The first two have one record's name.
    device.create("nas", &["one.test", "*.one.test", "alias.one.test", "nas.two.test"]);
    device.enroll("nas").worked();
    let record: Value = serde_json::from_str(&device.run(&["csr", "show", "nas", "--json"]).worked()).unwrap();
    assert_eq!(record["state"], "answered");
    nothing_is_left(&device.data());
    for (name, count) in [(OTHERS, 1), ("alias.two.test", 0), ("_acme-challenge.nas.two.test", 0)] {
        assert_eq!(bind.texts(name), count, "{name}");
    }
    // The secret is never shown, and only its owner can read it.
    for words in
        [&["ca", "show", "pebble"][..], &["ca", "show", "pebble", "--json"], &["ca", "list", "--json"], &["audit"]]
    {
        assert!(!device.run(words).worked().contains(&KEY[2][..12]), "{words:?}");
    }
    let shown: Value = serde_json::from_str(&device.run(&["ca", "show", "pebble", "--json"]).worked()).unwrap();
    assert_eq!((&shown["dns_server"], &shown["tsig_algorithm"]), (&bind.address().into(), &"hmac-sha256".into()));
    let file = std::fs::metadata(device.data().join("authorities/pebble/authority.json")).unwrap();
    assert_eq!(file.permissions().mode() & 0o777, 0o600);
}

#[test]
fn one_request_is_proved_by_several_kinds_of_challenge() {
    let console = Console::listening_at(&[], CONFIG);
    let (bind, pebble) = servers(Some(console.origin.address.port()));
    let (address, secret, root) = (bind.address(), bind.secret(KEY), pebble.root());
    console
        .run([
            "ca",
            "add",
            "pebble",
            "--acme",
            &pebble.url,
            "--root",
            root.to_str().unwrap(),
            "--agree-terms",
            "--challenge=tls-alpn-01",
            "--challenge=dns-01",
            "--dns-server",
            &address,
            "--tsig-name",
            KEY[0],
            "--tsig-secret-file",
            secret.to_str().unwrap(),
        ])
        .worked();
    console
        .run([
            "csr",
            "create",
            "--name=nas",
            "--profile=https-ecc",
            "--san=127.0.0.1",
            "--san=nas.one.test",
            "--san=*.one.test",
        ])
        .worked();
    console.run(["csr", "enroll", "nas", "--ca", "pebble"]).worked();
    assert_eq!(show(&console, "nas")["state"], "answered");
    nothing_is_left(&console.data());
    assert_eq!(bind.texts(OTHERS), 1);
}

#[test]
fn dns_settings_that_do_not_go_together_and_names_that_dns_cannot_prove_are_refused_before() {
    let pebble = Pebble::start(Settings::default());
    let device = Device::new();
    let (what, _) = device.add(&pebble, &["--challenge=dns-01"]).refused(65);
    assert!(what.starts_with("--challenge: dns-01 needs a way"), "{what}");
    let (what, _) = device.add(&pebble, &["--dns-hook=test"]).refused(65);
    assert!(what.starts_with("--challenge: "), "{what}");
    let (what, _) = device.add(&pebble, &["--challenge=dns-01", "--dns-server=192.0.2.1", "--tsig-name=k"]).refused(65);
    assert!(what.contains("secret is missing"), "{what}");
    device.add(&pebble, &["--challenge=dns-01", "--dns-hook=test"]).worked();
    device.create("nas", &["nas.test", "127.0.0.1"]);
    let (what, remedy) = device.enroll("nas").refused(65);
    assert!(what.contains("127.0.0.1 cannot be proved by dns-01") && remedy.contains("tls-alpn-01"), "{what} {remedy}");
    // A wildcard at an authority without DNS: the other one can.
    let root = pebble.root();
    device
        .run(&["ca", "add", "other", "--acme", &pebble.url, "--root", root.to_str().unwrap(), "--agree-terms"])
        .worked();
    device.create("wild", &["*.one.test"]);
    let (what, remedy) = device.run(&["csr", "enroll", "wild", "--ca", "other"]).refused(65);
    assert!(what.contains("dns-01") && remedy.contains("Order it at pebble"), "{what} {remedy}");
}

#[test]
fn roots_hook_sets_and_removes_the_record_and_what_it_prints_is_dropped() {
    if !is_root() {
        return;
    }
    let pebble = Pebble::start(Settings::default());
    let device = Device::new();
    device.add(&pebble, &["--challenge=dns-01", "--dns-hook=test"]).worked();
    device.create("nas", &["*.nas.test"]);
    device.fails("nas", "hook_unknown", "[hooks]");
    let names = &pebble.names;
    let log = device.folder.path().join("log");
    let script = format!(
        "echo top-secret; echo \"$1 $SIGNET_NAME\" >> {log}\n\
         case $1 in present) at=set-txt ;; *) at=clear-txt ;; esac\n\
         curl -s -d \"{{\\\"host\\\":\\\"$2.\\\",\\\"value\\\":\\\"$SIGNET_VALUE\\\"}}\" {names}/$at",
        log = log.display()
    );
    let path = device.hook(&script);
    device.enroll("nas").worked();
    let said = std::fs::read_to_string(&log).unwrap();
    assert_eq!(said, "present _acme-challenge.nas.test\ncleanup _acme-challenge.nas.test\n");
    nothing_is_left(&device.data());
    // One that fails is told by its exit code alone, and is asked to clean up.
    device.hook(&format!("echo top-secret; echo top-secret >&2; echo $1 >> {}; exit 3", log.display()));
    device.create("other", &["*.other.test"]);
    let ran = device.enroll("other");
    let status = device.status("other").to_string();
    assert!(ran.code == 65 && status.contains("hook_failed") && status.contains("exit status: 3"), "{status}");
    let notes = std::fs::read_dir(device.data().join("enroll/challenges")).unwrap().count();
    assert_eq!(notes, 1, "what could not be removed is noted");
    let log = String::from_utf8(device.run(&["audit"]).out).unwrap();
    assert!(!format!("{}{}{status}{log}", ran.err, String::from_utf8_lossy(&ran.out)).contains("top-secret"));
    device.run(&["csr", "enroll", "other", "--cancel"]).worked();
    // Somebody else could write to it.
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o777)).unwrap();
    let ran = device.enroll("other");
    assert!(ran.code == 78 && device.status("other")["code"] == "hook_untrusted", "{}", ran.err);
}

/// A process that ends with its test.
struct Ends(Child);

impl Drop for Ends {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_console_with_systemds_socket_and_without_a_network_answers_checks_by_tls() {
    let has = |program: &str| Command::new(program).arg("--version").stdout(Stdio::null()).status().is_ok();
    if !is_root() || !has("systemd-socket-activate") || !has("unshare") {
        signet_testing::skip("systemd-socket-activate, unshare and root are needed");
        return;
    }
    let device = Device::new();
    let port = free_port();
    let pebble = Pebble::start(Settings { tls_port: Some(port), ..Settings::default() });
    device.add(&pebble, &["--challenge=tls-alpn-01"]).worked();
    device.create("nas", &["nas.test", "127.0.0.1"]);
    // The CA's own connection starts it.
    let child = Command::new("systemd-socket-activate")
        .args([&format!("--listen=127.0.0.1:{port}"), "--fdname=https", "unshare", "--net"])
        .arg(env!("CARGO_BIN_EXE_signet"))
        .arg("--data")
        .arg(device.data())
        .arg("serve")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let _child = Ends(child);
    signet_testing::until("the socket is open", || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
    device.enroll("nas").worked();
    nothing_is_left(&device.data());
}
