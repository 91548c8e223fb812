//! Orders by dns-01 and by EST that are killed at any change, connection or packet go on, or are taken back by the owner. No record,
//! no note of one, and no secret is left behind.

use crate::enroll_dns::{Device, OTHERS, servers};
use crate::enroll_kills::{SENDING, command, printed_seed, sample};
use crate::harness::est::{Est, LOGIN};
use crate::harness::folder::{copy, listing};
use crate::harness::strace;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;
use std::path::Path;

/// How many kills are tried of each kind.
const SAMPLE: usize = 12;

/// Killed at each call of a sample, in a copy of `prepared` each. `begins` hears of each before, and `goes_on` sees the copy
/// afterwards, and what was done to it.
fn killed(prepared: &Path, ca: &str, begins: impl Fn(), goes_on: impl Fn(&Path, &str, usize)) {
    let seed = printed_seed();
    let folder = tempfile::tempdir().unwrap();
    let words = |data: &Path| -> Vec<String> {
        let data = data.to_str().unwrap();
        ["--data", data, "--quiet", "csr", "enroll", "nas", "--ca", ca].map(str::to_owned).to_vec()
    };
    let whole = folder.path().join("whole");
    copy(prepared, &whole);
    let all = words(&whole);
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let calls = strace::calls_and(&all, &SENDING, &folder.path().join("trace"));
    println!("{} calls", calls.len());
    assert!(calls.iter().any(|(call, _)| call == "connect") && calls.len() > 50, "{calls:?}");
    let chosen = sample(calls, seed, SAMPLE);
    let mut killed = 0;
    for (call, number) in &chosen {
        let data = folder.path().join(format!("{call}-{number}"));
        copy(prepared, &data);
        let all = words(&data);
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        begins();
        killed += usize::from(strace::killed_at(&all, call, *number));
        goes_on(&data, &format!("{call} {number}"), *number);
        std::fs::remove_dir_all(&data).unwrap();
    }
    println!("killed {killed} times of {}", chosen.len());
    // Nonces that are rejected make each run a little different, and the first one makes the account.
    assert!(killed * 2 >= chosen.len(), "{killed} of {}", chosen.len());
}

/// Every other owner takes the order back; else it is ordered unless it was, and kept.
fn ended(data: &Path, ca: &str, what: &str, number: usize) {
    let is_cancelled = number.is_multiple_of(2) && command(data, "csr enroll nas --cancel").code == 0;
    if !is_cancelled && command(data, "csr enroll nas --status --json").code == 66 {
        // Killed before it was queued.
        command(data, &format!("csr enroll nas --ca {ca}")).worked();
    }
    for _ in 0..3 {
        command(data, "enroll --pending --once");
    }
    if !is_cancelled {
        let said: Value = serde_json::from_str(&command(data, "csr enroll nas --status --json").worked()).unwrap();
        assert_eq!(said["state"], "kept", "{what}: {said}");
        let shown: Value = serde_json::from_str(&command(data, "csr show nas --json").worked()).unwrap();
        assert_eq!(shown["state"], "answered", "{what}");
    }
    for room in ["queue", "orders", "done", "challenges"] {
        let left = std::fs::read_dir(data.join("enroll").join(room)).into_iter().flatten();
        let left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
        assert!(left.is_empty(), "{what}: {room}: {left:?}");
    }
}

/// None of these texts is in a file of this folder.
fn has_none_of(folder: &Path, secrets: &[&str], what: &str) {
    for (file, text) in listing(folder) {
        for secret in secrets {
            let found = text.windows(secret.len()).any(|part| part == secret.as_bytes());
            assert!(!found, "{what}: {secret} is in {file}");
        }
    }
}

#[test]
fn killed_at_any_change_or_packet_an_order_by_dns_leaves_no_record() {
    if !strace::can_trace() {
        return;
    }
    let (bind, pebble) = servers(None);
    let prepared = Device::new();
    prepared.add_dns(&pebble, &bind, &["--challenge=dns-01"]);
    // The name and its wildcard have two records of one name, beside somebody else's.
    prepared.create("nas", &["one.test", "*.one.test", "alias.one.test"]);
    killed(
        &prepared.data(),
        "pebble",
        || {},
        |data, what, number| {
            ended(data, "pebble", what, number);
            has_none_of(&data.join("enroll"), &[signet_testing::bind::KEY[2]], what);
            for (name, count) in [(OTHERS, 1), ("alias.two.test", 0), ("_acme-challenge.alias.one.test", 1)] {
                assert_eq!(bind.texts(name), count, "{what}: {name}");
            }
        },
    );
}

#[test]
fn killed_at_any_change_or_packet_an_order_by_est_costs_one_certificate_at_most() {
    if !strace::can_trace() {
        return;
    }
    let est = Est::start("");
    let prepared = Device::new();
    prepared.create("nas", &["nas.plant"]);
    let (root, password) = (est.root(), est.password());
    let given = ["--user", LOGIN.0, "--password-file", &password];
    prepared.run(&[&["ca", "add", "plant", "--est", &est.url, "--root", &root], &given[..]].concat()).worked();
    let coded = BASE64_STANDARD.encode(format!("{}:{}", LOGIN.0, LOGIN.1));
    killed(
        &prepared.data(),
        "plant",
        || drop(est.asked()),
        |data, what, number| {
            ended(data, "plant", what, number);
            // The second is the one that is kept.
            let posts = est.asked().iter().filter(|line| line.starts_with("POST")).count();
            assert!(posts <= 2, "{what}: {posts} certificates");
            has_none_of(&data.join("enroll"), &[LOGIN.1, &coded], what);
        },
    );
}
