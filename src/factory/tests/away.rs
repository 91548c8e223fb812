//! The ledger is away, read-only or full.

use crate::harness::station::{Ran, Station, factory, lines};
use signet_testing::{skip, until};
use std::process::{Command, Stdio};

#[test]
fn a_ledger_that_is_away_is_waited_for_or_told() {
    let Some(server) = factory() else { return };
    let station = Station::new("line-1");
    server.stop_immediately();
    let away = station.provision(&server.url("station"), "data", "NX4-1", &[]);
    assert!(away.refused(69).contains("cannot be reached"), "{}", away.err);
    assert!(!station.at("data").exists());
    let waited = station.run(&[
        "--wait",
        "1",
        "--data",
        &station.path("data"),
        "provision",
        "--serial",
        "NX4-1",
        "--no-codes",
        "--ledger",
        &server.url("station"),
    ]);
    assert!(waited.refused(75).contains("waited 1 s for it"), "{}", waited.err);
    let list = station.list(0..3);
    let mut batch = station.batch(&server.url("station"), &list, &["--no-codes"]);
    let said = station.at("said");
    let waiting = batch.stderr(std::fs::File::create(&said).unwrap()).stdout(Stdio::null()).spawn().unwrap();
    until("the station says that it waits", || std::fs::read_to_string(&said).unwrap().contains("Trying again"));
    server.go();
    assert!(waiting.wait_with_output().unwrap().status.success(), "{}", std::fs::read_to_string(&said).unwrap());
    assert!(std::fs::read_to_string(&said).unwrap().contains("can be reached again"));
    assert_eq!(server.count("SELECT count(*) FROM signet.unit"), 3);
}

#[test]
fn a_server_that_is_restarted_in_the_middle_costs_no_device() {
    let Some(server) = factory() else { return };
    let station = Station::new("line-1");
    let list = station.list(0..60);
    let mut batch = station.batch(&server.url("station"), &list, &["--no-codes", "--json"]);
    let batch = batch.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    for goal in [10, 30] {
        until("devices are made", || server.count("SELECT count(*) FROM signet.unit") >= goal);
        server.restart();
    }
    let ran = Ran::of(batch.wait_with_output().unwrap());
    let sum = lines(ran.worked()).pop().unwrap();
    assert_eq!((&sum["made"], &sum["failed"], &sum["not_begun"]), (&60.into(), &0.into(), &0.into()), "{}", ran.err);
    assert!(ran.err.contains("can be reached again"), "{}", ran.err);
    let out = station.path("out");
    let verified = station.run(&["ledger", "verify", "--units", &out, "--ledger", &server.url("postgres")]);
    assert!(verified.worked().contains("60 devices compared, 0 differences"), "{}", verified.out);
}

#[test]
fn a_standby_is_told_and_nothing_is_begun() {
    let Some(server) = factory() else { return };
    let standby = server.standby();
    let station = Station::new("line-1");
    let refused = station.provision(&standby.url("station"), "data", "NX4-1", &[]);
    assert!(refused.refused(83).contains("is read-only") && refused.err.contains("a standby"), "{}", refused.err);
    assert!(!station.at("data").exists());
}

#[test]
fn a_full_server_ends_the_run_and_the_rest_is_kept_for_the_next() {
    let Some(server) = factory() else { return };
    let station = Station::new("line-1");
    let place = station.at("space");
    std::fs::create_dir(&place).unwrap();
    let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=256k,mode=777", "none"]).arg(&place).output();
    if !mounted.is_ok_and(|ran| ran.status.success()) {
        return skip("mounting a tmpfs is not allowed");
    }
    let unmount = Unmount(place.clone());
    let inside = place.join("ledger");
    std::fs::create_dir(&inside).unwrap();
    server.give(&inside);
    make_way(&station);
    server.sql("factory", "postgres", &format!("CREATE TABLESPACE small LOCATION '{}'", inside.display()));
    server.sql("factory", "postgres", "ALTER TABLE signet.unit SET TABLESPACE small");
    let list = station.list(0..250);
    let requests = station.at("requests.toml");
    std::fs::write(&requests, "[[csr]]\nname = \"a-{serial}\"\nprofile = \"https-ecc\"\nec_curve = \"SECP256R1\"\ncountry = \"DE\"\nstate = \"B\"\n\
                   city = \"M\"\norganization = \"E\"\nemail = \"a@b.example\"\nsan = [\"{hostname}\"]\n").unwrap();
    let more = ["--no-codes", "--requests", requests.to_str().unwrap()];
    let full = Ran::of(station.batch(&server.url("station"), &list, &more).output().unwrap());
    assert!(full.refused(83).contains("has no space left"), "{}", full.err);
    let left = std::fs::read_to_string(station.at("out/rows-to-run-again.csv")).unwrap();
    let recorded = server.count("SELECT count(*) FROM signet.unit");
    assert!(recorded < 250 && left.lines().count() + recorded == 251, "{recorded} {}", left.lines().count());
    server.sql("factory", "postgres", "ALTER TABLE signet.unit SET TABLESPACE pg_default");
    let again = station.at("out/rows-to-run-again.csv");
    Ran::of(station.batch(&server.url("station"), &again, &more).output().unwrap()).worked();
    assert_eq!(server.count("SELECT count(*) FROM signet.unit"), 250);
    server.sql("factory", "postgres", "DROP TABLESPACE small");
    drop(unmount);
}

/// The server's user has to reach the folder.
fn make_way(station: &Station) {
    use std::os::unix::fs::PermissionsExt;
    let folder = station.at("");
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755)).unwrap();
}

struct Unmount(std::path::PathBuf);

impl Drop for Unmount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}
