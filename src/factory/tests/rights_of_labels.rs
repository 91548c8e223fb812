//! The label printer: reads sealed codes, opens them with its key alone, and may delete them.

use crate::harness::station::{Station, factory, lines};

#[test]
fn the_printer_reads_codes_and_nothing_else() {
    let Some(server) = factory() else { return };
    let station = Station::new("line-1");
    let (private, public) = station.keys();
    let made = station.provision(&server.url("station"), "data", "NX4-1", &["--labels-key", &public]);
    let told = lines(made.worked()).remove(0);
    for sql in [
        "SELECT * FROM signet.unit",
        "SELECT * FROM signet.made",
        "SELECT * FROM signet.known_key",
        "SELECT * FROM signet.migration",
        "SELECT signet.mine(gen_random_uuid())",
        "UPDATE signet.setup_code SET sealed = sealed",
        "TRUNCATE signet.setup_code",
        "DELETE FROM signet.unit",
        "INSERT INTO signet.setup_code VALUES (gen_random_uuid(), '', '')",
    ] {
        let refused = server.try_sql("factory", "printer", sql).unwrap_err();
        assert!(refused.contains("permission denied"), "{sql}: {refused}");
    }
    let codes = |key: &str, more: &[&str]| {
        let url = server.url("printer");
        station.run(&[&["ledger", "codes", "--labels-key", key, "--ledger", &url], more].concat())
    };
    let opened = lines(codes(&private, &[]).worked()).remove(0);
    assert_eq!((&opened["serial"], &opened["setup_code"]), (&told["serial"], &told["setup_code"]));
    let sealed = server.sql("factory", "printer", "SELECT encode(sealed, 'escape') FROM signet.setup_code");
    assert!(!sealed.contains(told["setup_code"].as_str().unwrap()));
    let other = Station::new("other");
    let (wrong, _) = other.keys();
    let none = codes(&wrong, &["--delete"]);
    assert_eq!(none.worked(), "");
    assert!(none.err.contains("warning: 1 setup code cannot be opened: sealed to another key"), "{}", none.err);
    let gone = codes(&private, &["--delete"]);
    assert_eq!(lines(gone.worked()).len(), 1);
    assert_eq!(server.count("SELECT count(*) FROM signet.setup_code"), 0);
    assert!(codes(&public, &[]).refused(65).contains("is not a private key for X25519"));
}
