//! Serials, keys, lists and clocks that are wrong.

use crate::harness::station::{Ran, Station, factory, lines};
use signet_testing::skip;
use std::fmt::Write;
use std::process::{Command, Stdio};

#[test]
fn one_serial_at_two_stations_at_the_same_moment_is_made_once() {
    let Some(server) = factory() else { return };
    let stations = [Station::new("line-1"), Station::new("line-2")];
    for number in 0..5 {
        let serial = format!("NX4-{number}");
        let both: Vec<_> = stations
            .iter()
            .map(|station| {
                let mut command = station.single(&server.url("station"), &serial, &serial, &[]);
                command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
            })
            .collect();
        let ran: Vec<Ran> = both.into_iter().map(|child| Ran::of(child.wait_with_output().unwrap())).collect();
        let mut codes: Vec<i32> = ran.iter().map(|ran| ran.code).collect();
        codes.sort_unstable();
        assert_eq!(codes, [0, 79], "{}{}", ran[0].err, ran[1].err);
        let (winner, loser) = if ran[0].code == 0 { (0, 1) } else { (1, 0) };
        let told = format!("already has serial {serial}, made at station {} on 20", stations[winner].name);
        assert!(ran[loser].err.contains(&told), "{}", ran[loser].err);
        assert!(!stations[loser].at(&serial).join("pending").exists());
    }
    assert_eq!(server.count("SELECT count(*) FROM signet.unit"), 5);
}

#[test]
fn one_list_at_two_stations_makes_each_row_once() {
    let Some(server) = factory() else { return };
    let stations = [Station::new("line-1"), Station::new("line-2")];
    let both: Vec<_> = stations
        .iter()
        .map(|station| {
            // The same rows in the same order, so that both are at one device most of the time.
            let list = station.list(0..40);
            let mut command = station.batch(&server.url("station"), &list, &["--no-codes", "--json"]);
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    let mut made = 0;
    for child in both {
        let ran = Ran::of(child.wait_with_output().unwrap());
        let sum = lines(ran.worked()).pop().unwrap();
        let count = |key: &str| sum[key].as_u64().unwrap();
        assert_eq!((count("failed"), count("not_begun"), count("made") + count("elsewhere")), (0, 0, 40), "{sum}");
        made += count("made");
    }
    assert_eq!((made, server.count("SELECT count(*) FROM signet.unit")), (40, 40));
    // What another station has made leaves no folder that could be taken for a device.
    let folders = |station: &Station| {
        let all = std::fs::read_dir(station.at("out")).unwrap().map(|entry| entry.unwrap().path());
        let all: Vec<_> = all.filter(|path| path.is_dir()).collect();
        assert!(all.iter().all(|folder| !folder.join("pending").exists()));
        all.iter().filter(|folder| folder.join("device.json").exists()).count()
    };
    assert_eq!(stations.iter().map(folders).sum::<usize>(), 40);
}

#[test]
fn capitals_do_not_make_a_serial_another_one_and_rework_is_a_new_attempt() {
    let Some(server) = factory() else { return };
    let station = Station::new("line-1");
    let url = server.url("station");
    station.provision(&url, "one", "NX4-a1", &["--mac", "02:00:5e:10:00:11"]).worked();
    let refused = station.provision(&url, "two", "nx4-A1", &[]);
    assert!(refused.refused(79).contains("already has serial nx4-A1") && refused.err.contains("--again"));
    station.provision(&url, "two", "nx4-A1", &["--again"]).worked();
    station.provision(&url, "two", "nx4-A1", &["--again"]).worked();
    let chain = "SELECT count(*) FROM signet.unit AS newer JOIN signet.unit AS older ON newer.replaces = older.id \
                 WHERE newer.attempt = older.attempt + 1";
    assert_eq!((server.count("SELECT count(*) FROM signet.unit"), server.count(chain)), (3, 2));
    let find = |what: &str| {
        let ran = station.run(&["ledger", "find", what, "--json", "--ledger", &server.url("station")]);
        lines(ran.worked()).remove(0)["devices"].as_array().unwrap().clone()
    };
    let all = find("NX4-A1");
    assert_eq!(all.iter().map(|one| one["attempt"].as_u64().unwrap()).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(find("02-00-5E-10-00-11"), all[..1]);
    assert_eq!(find(all[1]["spki_sha256"].as_str().unwrap()), all[1..2]);
    let none = station.run(&["ledger", "find", "NX4-9", "--ledger", &url]);
    assert!(none.refused(66).contains("has nothing for \"NX4-9\""), "{}", none.err);
}

#[test]
fn a_manifest_from_before_is_imported_once_and_a_copied_key_is_refused_by_name() {
    let Some(server) = factory() else { return };
    let station = Station::new("line-1");
    let (private, public) = station.keys();
    let (url, old) = (server.url("station"), station.path("old.jsonl"));
    // As a station without a ledger left it; one device was started over.
    let mut text = String::new();
    for (number, serial) in ["A1", "A2", "A1"].iter().enumerate() {
        let data = format!("old-{number}");
        let made = station.provision(&url, &data, &format!("X{number}"), &[]);
        let mut line = lines(made.worked()).remove(0);
        line["serial"] = (*serial).into();
        line["spki_sha256"] = format!("{number:064x}").into();
        if number == 2 {
            line["again"] = true.into();
        }
        writeln!(text, "{line}").unwrap();
    }
    std::fs::write(&old, &text).unwrap();
    let import = |file: &str| {
        station.run(&[
            "ledger",
            "import",
            file,
            "--labels-key",
            &public,
            "--station",
            "old",
            "--ledger",
            &url,
            "--json",
        ])
    };
    let told = |ran: &Ran| {
        let sum = lines(&ran.out).remove(0);
        ["recorded", "known", "failed"].map(|key| sum[key].as_u64().unwrap())
    };
    let first = import(&old);
    first.worked();
    assert_eq!(told(&first), [3, 0, 0]);
    let second = import(&old);
    second.worked();
    assert_eq!(told(&second), [0, 3, 0]);
    assert_eq!(server.count("SELECT count(*) FROM signet.unit WHERE serial_folded = 'a1'"), 2);
    let opened = station.run(&["ledger", "codes", "--labels-key", &private, "--ledger", &server.url("printer")]);
    assert_eq!(lines(opened.worked()).len(), 3);
    // A copied image: the same key under another serial.
    std::fs::write(&old, text.lines().next().unwrap().replace("\"A1\"", "\"B1\"")).unwrap();
    let copied = import(&old);
    assert!(
        copied
            .refused(79)
            .contains("already has the public key of the console: it belongs to the console of device A1")
    );
    assert!(copied.err.contains("made at station old on 20") && copied.err.contains("never copy a station"));
    std::fs::write(&old, "{\"serial\":\"A1\"}\n").unwrap();
    assert!(import(&old).refused(65).contains("is wrong in line 1"));
}

#[test]
fn a_list_of_a_hundred_thousand_rows_names_its_bad_ones() {
    let station = Station::new("line-1");
    let mut text = "serial,model,hostname,mac\n".to_owned();
    for number in 0..100_000 {
        let serial = if number % 2_700 == 1_000 { "SN".to_owned() } else { format!("NX4-{number:06}") };
        writeln!(text, "{serial},Vault 4,vault-{number:06},").unwrap();
    }
    let list = station.at("devices.csv");
    std::fs::write(&list, text).unwrap();
    let url = "postgres:///factory?host=/nowhere&user=a";
    let ran = Ran::of(station.batch(url, &list, &["--no-codes"]).output().unwrap());
    let told = ran.refused(65);
    let rows = told.lines().filter(|line| line.contains("line ") && line.contains("is a sample value")).count();
    assert_eq!(rows, 37, "{told}");
    assert!(told.contains("line 1002: serial") && !station.at("out").exists());
}

#[test]
fn a_clock_ten_years_off_changes_no_time_of_the_ledger() {
    if !Command::new("faketime").arg("--version").output().is_ok_and(|ran| ran.status.success()) {
        return skip("faketime is missing");
    }
    let Some(server) = factory() else { return };
    let station = Station::new("line-1");
    for (offset, serial) in [("-10y", "A1"), ("+10y", "A2")] {
        let plain = station.single(&server.url("station"), serial, serial, &[]);
        let mut command = Command::new("faketime");
        command.arg("-f").arg(offset).arg(plain.get_program()).args(plain.get_args());
        let ran = Ran::of(command.output().unwrap());
        ran.worked();
        assert_eq!(ran.err.contains("note: the clock says"), offset == "-10y", "{}", ran.err);
    }
    let near = "SELECT count(*) FROM signet.unit WHERE time BETWEEN now() - interval '1 hour' AND now()";
    assert_eq!(server.count(near), 2);
}

#[test]
fn a_password_in_an_argument_and_a_url_that_proves_nothing_are_refused() {
    let station = Station::new("line-1");
    for (url, told) in [
        ("postgres://a:secret@h/d?sslmode=disable", "list of processes"),
        ("postgres://a@h/d?sslmode=require", "does not check the server's certificate"),
        ("postgres://a@h/d", "has no sslrootcert"),
        ("mysql://a@h/d", "does not begin with postgres://"),
    ] {
        let ran = station.provision(url, "data", "NX4-1", &[]);
        assert!(ran.refused(65).contains(told) && !ran.err.contains("secret"), "{}", ran.err);
    }
    let none = station.run(&["provision", "--serial", "NX4-1", "--no-codes"]);
    assert!(none.refused(64).contains("no ledger is named"), "{}", none.err);
    assert_eq!(station.run(&["provision", "--serial", "NX4-1"]).code, 64, "codes are sealed, or left out by name");
}
