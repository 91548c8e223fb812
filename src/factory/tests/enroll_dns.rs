//! Devices leave the factory with a certificate by ACME with dns-01: the station proves their names at BIND by signed updates, and
//! leaves no record there, even after it was killed.

use crate::enroll::{Enrolling, REQUESTS, record};
use crate::harness::server::Server;
use crate::harness::station::factory;
use signet_testing::bind::{Bind, KEY};
use signet_testing::pebble::{Pebble, Settings};
use std::process::Stdio;

/// A station whose CA looks for the records of `one.test`.
fn station(server: &Server, pebble: &Pebble, bind: &Bind) -> Enrolling {
    let (root, address, secret) = (pebble.root(), bind.address(), bind.secret(KEY));
    let acme = ["--acme", &pebble.url, "--root", root.to_str().unwrap(), "--agree-terms", "--challenge", "dns-01"];
    let dns = ["--dns-server", &address, "--tsig-name", KEY[0], "--tsig-secret-file", secret.to_str().unwrap()];
    let made = Enrolling::new(server, &[&acme[..], &dns].concat());
    std::fs::write(made.station.at("requests.toml"), REQUESTS.replace(".example", ".one.test")).unwrap();
    made
}

fn servers() -> (Bind, Pebble) {
    let bind = Bind::start();
    let pebble = Pebble::start(Settings { dns_port: Some(bind.port), ..Settings::default() });
    (bind, pebble)
}

#[test]
fn a_batch_has_its_certificates_by_signed_updates_and_no_record_is_left() {
    let Some(server) = factory() else { return };
    let (bind, pebble) = servers();
    let made = station(&server, &pebble, &bind);
    made.batch();
    for number in 0..4 {
        let certified = record(&made.station.at(&format!("out/NX4-{number:05}")), &format!("web-NX4-{number:05}"));
        let host = format!("vault-{number:05}.one.test");
        assert!(certified["certificate"]["san"].to_string().contains(&host), "{certified}");
        assert_eq!(bind.texts(&format!("_acme-challenge.{host}")), 0, "{host}");
    }
    assert_eq!(server.count("SELECT count(*) FROM signet.unit"), 4);
}

#[test]
fn the_record_of_a_killed_run_is_removed_by_the_next_one() {
    let Some(server) = factory() else { return };
    let (bind, pebble) = servers();
    let made = station(&server, &pebble, &bind);
    let records = || bind.texts("_acme-challenge.vault.one.test");
    let authorities = made.station.path("ca");
    let mut killed = made.command("data", "NX4-1", "60", &["--enroll", "plant", "--authorities", &authorities]);
    let mut killed = killed.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while records() == 0 {
        assert_eq!(killed.try_wait().unwrap(), None, "it has ended");
    }
    killed.kill().unwrap();
    killed.wait().unwrap();
    assert_eq!(records(), 1);
    // Nobody goes on with its order.
    let orders = made.station.at("ca/enroll/orders");
    std::fs::remove_dir_all(&orders).unwrap();
    std::fs::create_dir(&orders).unwrap();
    made.provision("second", "NX4-2", "60").worked();
    assert_eq!(records(), 0);
    let finished = made.provision("data", "NX4-1", "60");
    finished.worked();
    assert!(finished.err.contains("Finished, after an interrupted run, device NX4-1"), "{}", finished.err);
    for (data, name) in [("data", "web-NX4-1"), ("second", "web-NX4-2")] {
        assert_eq!(record(&made.station.at(data), name)["state"], "answered");
    }
    assert_eq!((records(), server.count("SELECT count(*) FROM signet.unit")), (0, 2));
}
