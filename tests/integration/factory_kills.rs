//! A station that is killed at any moment makes every unit once.

use crate::harness::console::run;
use crate::harness::factory::{Station, is_the_unit_of, lines};
use crate::harness::strace;
use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::process::Stdio;
use std::time::Duration;

/// Units of the batch; `SIGNET_UNITS=1000` for the whole promise, which takes minutes.
fn units() -> usize {
    std::env::var("SIGNET_UNITS").ok().map_or(120, |count| count.parse().unwrap())
}

#[test]
fn a_batch_that_is_killed_five_times_makes_every_unit_once() {
    let station = Station::new();
    let (list, out) = (station.list("units.csv", units()), station.at("out"));
    let labels = station.at("labels");
    let command = || {
        let mut command = station.batch(&list, &out);
        command.arg("--label").arg(&labels);
        command
    };
    let seed = RandomState::new().hash_one("kills");
    println!("{} units, seed {seed}", units());
    let manifest = out.join("manifest.jsonl");
    let told = || std::fs::read(&manifest).map_or(0, |text| text.iter().filter(|byte| **byte == b'\n').count());
    for kill in 0..5 {
        let mut child = command().stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // After some more units, and then at a moment of its own.
        let goal = (told() + 1 + (seed >> (8 * kill)) as usize % (units() / 8).max(1)).min(units());
        while told() < goal && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_micros((seed >> (4 * kill)) % 30_000));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let at_the_kill = told();
    run(&mut command(), b"").worked();
    let lines = lines(&manifest);
    assert_eq!(lines.len(), units(), "{at_the_kill} at the last kill");
    let different = |field: &str| lines.iter().map(|line| line[field].to_string()).collect::<HashSet<_>>().len();
    for field in ["serial", "setup_code", "spki_sha256", "certificate_sha256", "csrs"] {
        assert_eq!(different(field), units(), "{field}");
    }
    let keys: HashSet<String> = lines
        .iter()
        .flat_map(|line| [line["spki_sha256"].to_string(), line["csrs"][0]["spki_sha256"].to_string()])
        .collect();
    assert_eq!(keys.len(), 2 * units());
    for line in &lines {
        let serial = line["serial"].as_str().unwrap();
        is_the_unit_of(&out.join(serial), line);
        let label = std::fs::read_to_string(labels.join(format!("{serial}.svg"))).unwrap();
        assert!(label.contains(line["setup_code"].as_str().unwrap()));
    }
    assert_eq!(std::fs::read_dir(&labels).unwrap().count(), units(), "no part of a label is left");
}

#[test]
fn a_unit_killed_at_any_change_is_finished_by_the_same_command() {
    if !strace::can_trace() {
        return;
    }
    let station = Station::new();
    let run_in = |folder: &str| -> Vec<String> {
        let at = |name: &str| station.at(folder).join(name).to_str().unwrap().to_owned();
        std::fs::create_dir_all(station.at(folder)).unwrap();
        let requests = station.at("requests.toml").to_str().unwrap().to_owned();
        ["--data", &at("data"), "provision", "--serial", "NX4-1", "--hostname", "vault", "--requests", &requests]
            .into_iter()
            .chain(["--manifest", &at("manifest.jsonl"), "--label", &at("label.svg")])
            .map(str::to_owned)
            .collect()
    };
    let first = run_in("whole");
    let first: Vec<&str> = first.iter().map(String::as_str).collect();
    let calls = strace::calls(&first, &station.at("trace"));
    let all = calls.len();
    let mut finished_before = 0;
    for (call, number) in calls {
        let folder = format!("{call}-{number}");
        let arguments = run_in(&folder);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        assert!(strace::killed_at(&arguments, &call, number), "{folder}");
        let again = run(std::process::Command::new(env!("CARGO_BIN_EXE_signet")).args(&arguments), b"");
        let data = station.at(&folder).join("data");
        if again.code != 0 {
            // It was whole when it was killed: only its last words were missing.
            assert!(again.err.contains("is already provisioned, as serial NX4-1"), "{folder}: {}", again.err);
            finished_before += 1;
        }
        let lines = lines(&station.at(&folder).join("manifest.jsonl"));
        assert_eq!(lines.len(), 1, "{folder}");
        is_the_unit_of(&data, &lines[0]);
        let label = std::fs::read_to_string(station.at(&folder).join("label.svg")).unwrap();
        assert!(label.contains(lines[0]["setup_code"].as_str().unwrap()), "{folder}");
    }
    println!("{all} kills, {finished_before} of them after the last change");
    assert!(finished_before < all);
}
