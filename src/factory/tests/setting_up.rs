//! Databases that have a ledger, an older or a newer one, or none.

use crate::harness::server::Server;
use crate::harness::station::{Station, factory};

#[test]
fn a_ledger_is_set_up_once_and_updated() {
    let Some(server) = Server::start() else { return };
    let station = Station::new("line-1");
    let refused = station.provision(&server.url("postgres"), "data", "NX4-1", &[]);
    assert!(refused.refused(78).contains("has no ledger") && refused.err.contains("ledger init"), "{}", refused.err);
    let init = |more: &[&str]| {
        let url = server.url("postgres");
        station.run(&[&["ledger", "init", "--ledger", &url], more].concat())
    };
    assert!(init(&[]).worked().contains("There are no roles for stations yet"));
    assert!(init(&["--roles"]).worked().contains("has version 3 already"));
    let told = crate::harness::station::lines(init(&["--json"]).worked()).remove(0);
    assert_eq!((&told["changed"], &told["version"], &told["roles"]), (&false.into(), &3.into(), &true.into()));
    // An older one: as the first version of the program left it.
    server.sql(
        "factory",
        "postgres",
        "DROP VIEW signet.made, signet.known_key; DROP FUNCTION signet.mine; \
               DELETE FROM signet.migration WHERE number = 3",
    );
    let refused = station.provision(&server.url("postgres"), "data", "NX4-1", &[]);
    assert!(refused.refused(78).contains("has version 2, and this program needs version 3"), "{}", refused.err);
    assert!(init(&[]).worked().contains("from version 2 to 3"));
    station.provision(&server.url("postgres"), "data", "NX4-1", &[]).worked();
}

#[test]
fn a_newer_ledger_and_a_schema_of_somebody_else_are_left_alone() {
    let Some(server) = factory() else { return };
    let station = Station::new("line-1");
    server.sql("factory", "postgres", "INSERT INTO signet.migration (number, name) VALUES (99, 'later')");
    for ran in [
        station.provision(&server.url("station"), "data", "NX4-1", &[]),
        station.run(&["ledger", "init", "--ledger", &server.url("postgres")]),
        station.run(&["ledger", "status", "--ledger", &server.url("postgres")]),
    ] {
        assert!(ran.refused(82).contains("has version 99, and this program knows versions up to 3"), "{}", ran.err);
    }
    server.sql("postgres", "postgres", "CREATE DATABASE other");
    server.sql("other", "postgres", "CREATE SCHEMA signet; CREATE TABLE signet.poems (line text)");
    let url = server.url_of("other", "postgres");
    for ran in [station.run(&["ledger", "init", "--ledger", &url]), station.provision(&url, "data", "NX4-1", &[])] {
        assert!(ran.refused(78).contains("has a schema named signet that is not a ledger"), "{}", ran.err);
    }
    assert_eq!(server.sql("other", "postgres", "SELECT count(*) FROM pg_tables WHERE schemaname = 'signet'"), "1");
    let gone = station.provision(&server.url_of("missing", "postgres"), "data", "NX4-1", &[]);
    assert!(gone.refused(78).contains("does not exist"), "{}", gone.err);
    assert!(!station.at("data").exists(), "nothing is begun where the ledger cannot be used");
}
