//! Two hundred orders that are due at once, at a CA that refuses calls when there are too many: all of them are kept, one call is
//! made after the other, and after a refusal the CA is left alone for as long as it says. The enrolling process stays small meanwhile.

use crate::harness::console::{Console, run, signet};
use crate::harness::limited::Limited;
use serde_json::Value;
use signet_testing::free_port;
use signet_testing::pebble::{Pebble, Settings};
use std::path::Path;
use std::time::{Duration, Instant};

const ORDERS: usize = 200;
/// Calls a second that the CA takes. Without a limit there would be about twice as many.
const RATE: u32 = 60;

fn command(data: &Path, arguments: &[&str]) -> String {
    run(signet(data).args(arguments), b"").worked()
}

/// How many requests have their certificates.
fn kept(data: &Path) -> usize {
    let all: Value = serde_json::from_str(&command(data, &["csr", "list", "--json"])).unwrap();
    all.as_array().unwrap().iter().filter(|one| one["state"] == "answered").count()
}

/// What the enrolling process of this directory has of its own, in KiB: the pages of the program itself, of which an unoptimized one
/// has many, can be had again from its file.
fn own_memory(data: &Path) -> Option<usize> {
    let process = std::fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path()).find(|path| {
        let arguments = std::fs::read(path.join("cmdline")).unwrap_or_default();
        let has = |word: &[u8]| arguments.split(|byte| *byte == 0).any(|argument| argument == word);
        has(b"enroll") && has(b"--pending") && has(data.as_os_str().as_encoded_bytes())
    })?;
    let status = std::fs::read_to_string(process.join("status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

#[test]
fn two_hundred_orders_at_once_are_all_kept_at_the_pace_that_the_ca_allows() {
    let port = free_port();
    let pebble = Pebble::start_at(Settings { rejects: 0, ..Settings::default() }, port);
    let Some(front) = Limited::start(&pebble, RATE) else {
        signet_testing::skip("there is no nginx here");
        return;
    };
    let device = tempfile::tempdir().unwrap();
    let data = device.path().join("data");
    let requests: String = (0..ORDERS)
        .map(|number| {
            let name = format!("web-{number:03}");
            let key = "key_type = \"EC\"\nec_curve = \"SECP256R1\"";
            format!("[[csr]]\nname = \"{name}\"\nprofile = \"https-ecc\"\n{key}\nsan = [\"{name}.test\"]\n")
        })
        .collect();
    let file = device.path().join("requests.toml");
    std::fs::write(&file, requests).unwrap();
    command(
        &data,
        &["ca", "add", "pebble", "--acme", &front.url, "--root", pebble.root().to_str().unwrap(), "--agree-terms"],
    );
    let config = format!("redirect = [\"127.0.0.1:{port}\"]\n[subject]\nrequired = []\n");
    std::fs::write(data.join("signet.toml"), config).unwrap();
    command(&data, &["csr", "apply", "--file", file.to_str().unwrap()]);
    for number in 0..ORDERS {
        command(&data, &["csr", "enroll", &format!("web-{number:03}"), "--ca", "pebble", "--no-wait", "--quiet"]);
    }
    let console = Console::start_at(&data);
    let mut largest = 0;
    let end = Instant::now() + Duration::from_secs(300);
    while kept(&data) < ORDERS {
        let log = console.log();
        assert!(Instant::now() < end, "{} are kept: {}", kept(&data), String::from_utf8_lossy(&log));
        largest = largest.max(own_memory(&data).unwrap_or(0));
        std::thread::sleep(Duration::from_millis(200));
    }
    assert!((1..=24 * 1024).contains(&largest), "the enrolling process had {largest} KiB of its own");
    for room in ["queue", "orders", "done", "challenges"] {
        assert_eq!(std::fs::read_dir(data.join("enroll").join(room)).unwrap().count(), 0, "{room}");
    }

    let calls = front.calls();
    let refused = calls.iter().filter(|call| call.status == 429).count();
    assert!(calls.len() > 5 * ORDERS && refused > 0, "{refused} of {} calls were refused", calls.len());
    assert!(refused * 50 <= calls.len(), "{refused} of {} calls were refused", calls.len());
    // nginx counts in milliseconds.
    for pair in calls.windows(2) {
        assert!(pair[1].began - pair[0].ended > -0.003, "two calls at the same time: {pair:?}");
        assert!(pair[0].status != 429 || pair[1].began - pair[0].ended > 0.99, "it came back too early: {pair:?}");
    }
}
