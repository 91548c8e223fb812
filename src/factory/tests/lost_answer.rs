//! The connection is cut after a commit, before its answer: the device is recorded, and its station finds it.

use crate::harness::proxy::Proxy;
use crate::harness::station::{Station, factory, lines};
use signet_testing::until;
use std::process::{Child, Stdio};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

#[test]
fn a_commit_without_an_answer_is_found_by_the_next_try() {
    let Some(server) = factory() else { return };
    let proxy = Proxy::start(&server.socket(), 3, || {});
    let station = Station::new("line-1");
    let list = station.list(0..12);
    let made = crate::harness::station::Ran::of(
        station.batch(&proxy.url("station"), &list, &["--no-codes", "--json"]).output().unwrap(),
    );
    let sums = lines(made.worked()).pop().unwrap();
    assert_eq!(
        (&sums["made"], &sums["failed"], &sums["elsewhere"]),
        (&12.into(), &0.into(), &0.into()),
        "{}",
        made.err
    );
    assert!(proxy.cut.load(Ordering::SeqCst) >= 3);
    assert!(made.err.contains("cannot be reached") && made.err.contains("can be reached again"), "{}", made.err);
    assert_eq!(server.count("SELECT count(*) FROM signet.unit"), 12);
    let verified =
        station.run(&["ledger", "verify", "--units", &station.path("out"), "--ledger", &server.url("postgres")]);
    assert!(verified.worked().contains("12 devices compared, 0 differences"));
}

#[test]
fn a_station_that_dies_with_the_answer_finishes_its_own_device() {
    let Some(server) = factory() else { return };
    let station = Station::new("line-1");
    let (private, public) = station.keys();
    let victim: Arc<Mutex<Option<Child>>> = Arc::default();
    let hand = Arc::clone(&victim);
    let proxy = Proxy::start(&server.socket(), 1, move || {
        until("the station is known", || hand.lock().unwrap().is_some());
        let _ = hand.lock().unwrap().as_mut().unwrap().kill();
    });
    let label = station.path("label.svg");
    let more = ["--labels-key", &public, "--label", &label];
    let mut first = station.single(&proxy.url("station"), "data", "NX4-1", &more);
    *victim.lock().unwrap() = Some(first.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    until("the station is killed", || {
        victim.lock().unwrap().as_mut().unwrap().try_wait().unwrap().is_some_and(|ended| ended.code().is_none())
    });
    assert!(station.at("data/pending/ledger.json").exists() && !station.at("label.svg").exists());
    assert_eq!(server.count("SELECT count(*) FROM signet.unit"), 1);
    // Another station is refused meanwhile, and this one goes on.
    let other = Station::new("line-2");
    let refused = other.provision(&server.url("station"), "data", "nx4-1", &[]);
    assert!(refused.refused(79).contains("made at station line-1 on 20"), "{}", refused.err);
    assert!(!other.at("data").exists());
    let finished = station.provision(&server.url("station"), "data", "NX4-1", &more);
    assert!(finished.err.contains("Finished, after an interrupted run, device NX4-1"), "{}", finished.err);
    let told = lines(finished.worked()).remove(0);
    let opened = station.run(&["ledger", "codes", "--labels-key", &private, "--ledger", &server.url("printer")]);
    let sealed = lines(opened.worked()).remove(0);
    assert_eq!(sealed["setup_code"], told["setup_code"]);
    assert!(std::fs::read_to_string(&label).unwrap().contains(told["setup_code"].as_str().unwrap()));
    assert!(!station.at("data/pending").exists() && station.at("data/device.json").exists());
    assert_eq!(server.count("SELECT count(*) FROM signet.unit"), 1);
}
