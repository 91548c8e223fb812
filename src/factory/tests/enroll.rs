//! Devices leave the factory with a certificate, by EST from OpenBao and by ACME from pebble, and enroll with it at their owner's.

use crate::harness::device::{Booted, signet};
use crate::harness::est::{Est, LOGIN};
use crate::harness::server::Server;
use crate::harness::station::{Ran, Station, factory, lines};
use serde_json::Value;
use signet_store::{EnrollFolder, Opening, Store};
use signet_testing::bind::KEY;
use signet_testing::pebble::{Pebble, Settings};
use signet_testing::{free_port, until};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

pub const REQUESTS: &str = r#"
[[csr]]
name = "web-{serial}"
profile = "https-ecc"
ec_curve = "SECP256R1"
common = "{hostname}.example"
san = ["{hostname}.example"]
eku = ["SERVER_AUTH", "CLIENT_AUTH"]
"#;
const CONFIG: &str = "[subject]\nrequired = []\n";

/// A station whose authorities are in `ca`; its CA is `plant`.
pub struct Enrolling {
    pub station: Station,
    url: String,
}

impl Enrolling {
    pub fn new(server: &Server, ca: &[&str]) -> Self {
        let this = Self { station: Station::new("line-1"), url: server.url("station") };
        std::fs::write(this.station.at("requests.toml"), REQUESTS).unwrap();
        std::fs::write(this.station.at("signet.toml"), CONFIG).unwrap();
        signet(&this.station.at("ca"), &[&["ca", "add", "plant"], ca].concat()).worked();
        this
    }

    fn at_est(server: &Server, est: &Est) -> Self {
        let given = ["--est", &est.url, "--root", &est.root(), "--user", LOGIN.0, "--password-file", &est.password()];
        Self::new(server, &given)
    }

    /// `provision` of `data` with everything but the certificates.
    fn plain(&self, data: &str, serial: &str, wait: &str, more: &[&str]) -> Ran {
        Ran::of(self.command(data, serial, wait, more).output().unwrap())
    }

    /// The same, not begun yet.
    pub fn command(&self, data: &str, serial: &str, wait: &str, more: &[&str]) -> Command {
        let (config, data) = (self.station.path("signet.toml"), self.station.path(data));
        let requests = self.station.path("requests.toml");
        let given = ["--config", &config, "--data", &data, "--wait", wait, "provision", "--serial", serial];
        let made = ["--hostname", "vault", "--requests", &requests, "--no-codes", "--ledger", &self.url];
        self.station.command(&[&given[..], &made, &["--station", self.station.name], more].concat())
    }

    pub fn provision(&self, data: &str, serial: &str, wait: &str) -> Ran {
        let authorities = self.station.path("ca");
        self.plain(data, serial, wait, &["--enroll", "plant", "--authorities", &authorities])
    }

    /// Four devices of a list, each with its certificate, and nothing of their orders is left at the station.
    pub fn batch(&self) {
        let authorities = self.station.at("ca");
        let list = self.station.list(0..4);
        let (config, requests) = (self.station.path("signet.toml"), self.station.path("requests.toml"));
        let given = ["--no-codes", "--json", "--config", &config, "--requests", &requests, "--enroll", "plant"];
        let mut batch = self.station.batch(&self.url, &list, &given);
        let ran = Ran::of(batch.arg("--authorities").arg(&authorities).output().unwrap());
        let sum = lines(ran.worked()).pop().unwrap();
        assert_eq!((&sum["made"], &sum["failed"]), (&4.into(), &0.into()), "{}", ran.err);
        for number in 0..4 {
            let data = self.station.at(&format!("out/NX4-{number:05}"));
            assert_eq!(record(&data, &format!("web-NX4-{number:05}"))["state"], "answered");
            has_no_secret_of_the_station(&data, &authorities);
        }
        assert_eq!(std::fs::read_dir(authorities.join("enroll/accounts")).unwrap().count(), 1);
        for room in ["orders", "challenges"] {
            assert_eq!(std::fs::read_dir(authorities.join("enroll").join(room)).unwrap().count(), 0, "{room}");
        }
    }

    /// Another label of the EST server, which behaves otherwise.
    fn label(&self, label: &str) {
        signet(&self.station.at("ca"), &["ca", "change", "plant", "--label", label]).worked();
    }
}

pub fn record(data: &Path, name: &str) -> Value {
    serde_json::from_str(&signet(data, &["csr", "show", name, "--json"]).worked()).unwrap()
}

/// Nothing that the station authenticates itself by is in a device.
fn has_no_secret_of_the_station(data: &Path, authorities: &Path) {
    let settings = std::fs::read_to_string(authorities.join("authorities/plant/authority.json")).unwrap();
    let settings: Value = serde_json::from_str(&settings).unwrap();
    let secrets: Vec<&str> = ["account_key", "password", "tsig_secret"]
        .iter()
        .filter_map(|key| settings[key].as_str())
        .filter(|text| !text.is_empty())
        .collect();
    assert!(!secrets.is_empty(), "{settings}");
    let (mut open, mut read) = (vec![data.to_owned()], 0);
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            assert!(!path.ends_with("authorities") && !path.ends_with("enroll"), "{}", path.display());
            continue;
        }
        let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
        let has = secrets.iter().chain(&[LOGIN.1, KEY[2]]).any(|secret| text.contains(secret));
        assert!(!has, "{}", path.display());
        read += 1;
    }
    assert!(read >= 4, "only {read} files");
}

#[test]
fn a_device_has_its_certificate_from_openbao_by_est_and_enrolls_with_it_where_it_is_used() {
    let Some(server) = factory() else { return };
    let est = Est::start("");
    let made = Enrolling::at_est(&server, &est);
    let ran = made.provision("data", "NX4-1", "60");
    ran.worked();
    assert!(ran.err.contains("warning: certificates from plant are valid for 10 days"), "{}", ran.err);
    assert_eq!(est.asked(), ["POST - simpleenroll password", "GET - cacerts password"]);
    let data = made.station.at("data");
    let certified = record(&data, "web-NX4-1");
    assert_eq!((&certified["state"], &certified["origin"]), (&"answered".into(), &"factory".into()), "{certified}");
    assert_eq!(certified["certificate"]["chain"].as_array().unwrap().len(), 3, "{certified}");
    has_no_secret_of_the_station(&data, &made.station.at("ca"));
    let orders = std::fs::read_dir(made.station.at("ca/enroll/orders")).unwrap().count();
    assert_eq!((orders, server.count("SELECT count(*) FROM signet.unit")), (0, 1));
    // Booted at its owner's, who trusts the factory's CA and has given it no password: its console has that very certificate
    // renewed there.
    let owners = Est::start(&est.issuing_root);
    std::fs::write(data.join("signet.toml"), CONFIG).unwrap();
    let booted = Booted::start(&data);
    let root = owners.root();
    signet(&data, &["ca", "add", "owner", "--est", &owners.url, "--root", &root, "--client", "web-NX4-1"]).worked();
    signet(&data, &["csr", "enroll", "web-NX4-1", "--ca", "owner", "--no-wait"]).worked();
    // What the console does last: from now on the new certificate is shown.
    let log = || serde_json::from_str::<Value>(&signet(&data, &["audit", "--json"]).worked()).unwrap();
    let done = |what: &str| {
        let all = log()["entries"].as_array().unwrap().clone();
        all.into_iter().any(|one| one["what"] == what && one["who"] == "console" && one["csr"] == "web-NX4-1")
    };
    until("the console has no certificate", || done("ca-client"));
    assert!(done("answer"), "{}", log());
    assert_eq!(owners.asked(), ["POST - simplereenroll certificate", "GET - cacerts certificate"]);
    let again = record(&data, "web-NX4-1");
    assert_ne!(again["certificate"]["chain"], certified["certificate"]["chain"]);
    for field in ["subject", "san"] {
        assert_eq!(again["certificate"][field], certified["certificate"][field], "{field}");
    }
    drop(booted);
    // By commands, for another request.
    let names = ["--common=vault.example", "--san=vault.example"];
    signet(&data, &[&["csr", "create", "--name=nas", "--profile=https-ecc"], &names[..]].concat()).worked();
    signet(&data, &["csr", "enroll", "nas", "--ca", "owner", "--quiet"]).worked();
    assert_eq!(owners.asked(), ["POST - simpleenroll certificate", "GET - cacerts certificate"]);
    assert_eq!(record(&data, "nas")["state"], "answered");
    // Again, with another key, as the same device.
    signet(&data, &["csr", "renew", "nas", "--name=next"]).worked();
    signet(&data, &["csr", "enroll", "next", "--ca", "owner", "--quiet"]).worked();
    assert_eq!(owners.asked(), ["POST - simplereenroll certificate", "GET - cacerts certificate"]);
    assert_eq!(record(&data, "next")["state"], "answered");
}

#[test]
fn a_run_that_ends_before_the_certificate_is_finished_by_the_next_one() {
    let Some(server) = factory() else { return };
    let est = Est::start("");
    let made = Enrolling::at_est(&server, &est);
    made.label("later");
    let cut = made.provision("data", "NX4-1", "0");
    assert!(cut.refused(75).contains("device NX4-1 is recorded, but its request web-NX4-1 has no certificate"));
    assert!(cut.err.contains("the CA needs time until 20") && cut.out.is_empty(), "{}", cut.err);
    assert!(made.station.at("data/pending/ledger.json").exists() && !made.station.at("data/device.json").exists());
    let finished = made.provision("data", "NX4-1", "60");
    assert_eq!(lines(finished.worked()).len(), 1);
    assert!(finished.err.contains("Finished, after an interrupted run, device NX4-1"), "{}", finished.err);
    assert_eq!(record(&made.station.at("data"), "web-NX4-1")["state"], "answered");
    assert_eq!(server.count("SELECT count(*) FROM signet.unit"), 1);
    // In one run, where there is time for it.
    made.provision("second", "NX4-2", "60").worked();
    assert_eq!(record(&made.station.at("second"), "web-NX4-2")["state"], "answered");
}

#[test]
fn what_a_ca_refuses_is_said_and_the_device_is_published_without_it_on_request() {
    let Some(server) = factory() else { return };
    let est = Est::start("");
    let made = Enrolling::at_est(&server, &est);
    for (label, code, told) in [
        ("forbidden", 65, "this device may not have this name"),
        ("nothing", 78, "There is no EST service at this address"),
        ("noleaf", 65, "has no certificate for the key of this request"),
        ("busy", 75, "The CA is busy"),
    ] {
        made.label(label);
        let ran = made.provision("data", "NX4-1", "1");
        assert!(ran.refused(code).contains(told), "{label}: {}", ran.err);
        assert!(
            ran.err.contains("device NX4-1 is recorded, but its request web-NX4-1 has no certificate"),
            "{}",
            ran.err
        );
    }
    made.plain("data", "NX4-1", "0", &[]).worked();
    assert_eq!(record(&made.station.at("data"), "web-NX4-1")["state"], "ready");
    assert_eq!(server.count("SELECT count(*) FROM signet.unit"), 1);
    // Nothing is begun where the CA is not known.
    let authorities = made.station.path("ca");
    let unknown = made.plain("other", "NX4-2", "0", &["--enroll", "nobody", "--authorities", &authorities]);
    assert!(
        unknown.refused(66).contains("has no CA named nobody") && unknown.err.contains("ca add"),
        "{}",
        unknown.err
    );
    let nowhere = made.plain("other", "NX4-2", "0", &["--enroll", "plant", "--authorities", "/nowhere"]);
    assert!(nowhere.refused(66).contains("/nowhere"), "{}", nowhere.err);
    let given = ["--serial", "NX4-2", "--no-codes", "--enroll", "plant", "--authorities", &authorities];
    let without = made.station.run(&[&["provision", "--ledger", &made.url], &given[..]].concat());
    assert!(without.refused(64).contains("--requests"), "{}", without.err);
    // Nor where somebody else works with the CA: the folder is the run's own.
    let held = EnrollFolder::open(&made.station.at("ca")).unwrap().unwrap();
    let held = held.lock().unwrap().unwrap();
    let second = made.provision("other", "NX4-2", "0");
    assert!(second.refused(75).contains("another process orders certificates"), "{}", second.err);
    drop(held);
    let console = Store::open(&made.station.at("ca"), Opening::default()).unwrap().serve_lock().unwrap();
    let served = made.provision("other", "NX4-2", "0");
    assert!(
        served.refused(78).contains("a console uses the CAs") && served.err.contains("--authorities"),
        "{}",
        served.err
    );
    drop(console);
    assert!(!made.station.at("other").exists());
}

#[test]
fn a_batch_has_its_certificates_by_acme_from_one_account() {
    let Some(server) = factory() else { return };
    let pebble = Pebble::start_at(Settings::default(), free_port());
    let root = pebble.root();
    let given = ["--acme", &pebble.url, "--root", root.to_str().unwrap(), "--agree-terms", "--challenge", "http-01"];
    let made = Enrolling::new(&server, &given);
    answer(pebble.http_port, &made.station.at("ca/enroll/challenges"));
    made.batch();
}

/// Answers checks by HTTP for all names, as a server beside the station does: with the first line of the token's file.
fn answer(port: u16, folder: &Path) {
    let (listener, folder) = (TcpListener::bind(("127.0.0.1", port)).unwrap(), folder.to_owned());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut line = String::new();
            BufReader::new(&stream).read_line(&mut line).unwrap();
            let token = line.split(' ').nth(1).and_then(|path| path.rsplit('/').next()).unwrap_or_default().to_owned();
            let text = std::fs::read_to_string(folder.join(token)).unwrap_or_default();
            let body = text.lines().next().unwrap_or_default();
            let _ =
                write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len());
        }
    });
}
