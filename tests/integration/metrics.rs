//! Monitoring: numbers for Prometheus that its own tool accepts, and a console that is stopped, runs, or has not yet taken over
//! what is on disk.

use crate::harness::answering::{answer, request};
use crate::harness::authority::Authority;
use crate::harness::console::{Console, run, signet};
use crate::harness::reference::{names, table};
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// The samples, after promtool has found nothing wrong with them.
fn metrics(console: &Console) -> BTreeMap<String, f64> {
    let text = console.run(["metrics"]).worked();
    let ran = run(Command::new("promtool").args(["check", "metrics"]), text.as_bytes());
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{text}");
    let samples = text.lines().filter(|line| !line.starts_with('#'));
    samples
        .map(|line| line.rsplit_once(' ').map(|(name, value)| (name.to_owned(), value.parse().unwrap())).unwrap())
        .collect()
}

#[test]
fn promtool_accepts_them_and_the_reference_names_each() {
    let console = Console::first_boot();
    let ca = Authority::new();
    let web = request(&console, "web", "--profile=https-ecc");
    request(&console, "more", "--profile=https-ecc");
    answer(&console, &ca, &[ca.sign(&web), ca.issuing.clone()].concat(), &[]);
    console.run(["console", "use", "web", "--reload"]).worked();
    let found = metrics(&console);
    let family = |sample: &String| sample.split('{').next().unwrap().to_owned();
    let families: BTreeSet<String> = found.keys().map(family).collect();
    // Some file systems count no inodes.
    let mut documented = names(&table("Metrics"));
    if !families.contains("signet_data_free_inodes") {
        documented.remove("signet_data_free_inodes");
    }
    assert_eq!(families, documented);
    assert_eq!(found["signet_requests{state=\"answered\"}"], 1.0);
    assert_eq!(found["signet_requests{state=\"ready\"}"], 1.0);
    assert_eq!(found["signet_certificate_in_use{request=\"web\",replaced=\"false\",by=\"console\"}"], 1.0);
    let ends =
        |source: &str| found[&format!("signet_console_certificate_not_after_timestamp_seconds{{source=\"{source}\"}}")];
    assert_eq!(ends("disk"), ends("served"));
    assert_eq!(
        ends("disk"),
        found["signet_certificate_not_after_timestamp_seconds{request=\"web\",replaced=\"false\"}"]
    );
}

#[test]
fn a_console_that_is_stopped_runs_or_waits_for_a_reload_is_told_apart() {
    let mut console = Console::first_boot();
    let ca = Authority::new();
    let web = request(&console, "web", "--profile=https-ecc");
    answer(&console, &ca, &[ca.sign(&web), ca.issuing.clone()].concat(), &[]);
    let state = |console: &Console| {
        let found = metrics(console);
        ["running", "reload_pending", "trial"].map(|what| found.get(&format!("signet_console_{what}")).copied())
    };
    assert_eq!(state(&console), [Some(1.0), Some(0.0), Some(0.0)]);
    console.run(["console", "use", "web"]).worked();
    assert_eq!(state(&console), [Some(1.0), Some(1.0), Some(0.0)]);
    let checked = console.run(["check", "--json"]);
    assert!(String::from_utf8(checked.out).unwrap().contains("\"reload_pending\""));
    console.run(["console", "use", "web", "--reload"]).worked();
    assert_eq!(state(&console), [Some(1.0), Some(0.0), Some(0.0)]);
    console.terminate();
    assert_eq!(state(&console), [Some(0.0), Some(0.0), None]);
    // What a console that was killed said is not what is shown.
    let console = console.kill_and_start_again().kill_and_start_again();
    assert_eq!(state(&console)[0], Some(1.0));
}

#[test]
fn an_expired_certificate_is_broken_where_it_is_in_use_and_only_there() {
    let console = Console::first_boot();
    let ca = Authority::new();
    for name in ["web", "spare"] {
        let csr = request(&console, name, "--profile=https-ecc");
        answer(&console, &ca, &[ca.sign(&csr), ca.issuing.clone()].concat(), &[]);
    }
    console.run(["console", "use", "web"]).worked();
    // As when time has passed: the same request with a certificate of years ago.
    for name in ["web", "spare"] {
        let path = console.data().join(format!("csrs/{name}.pem"));
        let text = std::fs::read_to_string(&path).unwrap();
        let request = console.run(["csr", "export", name]).worked();
        let term = crate::harness::authority::Term::Dates("20200101000000Z", "20200401000000Z");
        let old = String::from_utf8(ca.sign_with(request.as_bytes(), "", &term)).unwrap();
        let before = text.split("-----BEGIN CERTIFICATE-----").next().unwrap();
        std::fs::write(&path, before.to_owned() + &old).unwrap();
    }
    let found = console.run(["check", "--json"]);
    let found: serde_json::Value = serde_json::from_slice(&found.out).unwrap();
    let of = |name: &str| {
        let about = |one: &&serde_json::Value| one["about"] == "csrs" && one["subject"]["name"] == name;
        found["findings"].as_array().unwrap().iter().find(about).unwrap_or_else(|| panic!("{name}: {found}")).clone()
    };
    let (web, spare) = (of("web"), of("spare"));
    assert_eq!((&web["code"], &web["severity"]), (&"certificate_expired".into(), &"critical".into()), "{web}");
    assert_eq!((&spare["code"], &spare["severity"]), (&"certificate_expired".into(), &"warning".into()), "{spare}");
    assert!(web["numbers"]["days_left"].as_i64().unwrap() < -365 && web["numbers"]["in_use"] == 1, "{web}");
    assert!(web["numbers"]["not_after"].as_i64().unwrap() > 1_500_000_000, "{web}");
}

#[test]
fn without_a_data_directory_there_are_no_numbers() {
    let folder = tempfile::tempdir().unwrap();
    for path in [folder.path().join("none"), folder.path().to_owned()] {
        run(signet(&path).arg("metrics"), b"").refused(66);
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
