//! The ledger beside what is on disk, and a dump in another server.

use crate::harness::server::Server;
use crate::harness::station::{Ran, Station, factory, lines};

#[test]
fn a_changed_line_a_missing_folder_and_a_foreign_one_are_found() {
    let Some(server) = factory() else { return };
    let station = Station::new("line-1");
    let list = station.list(0..4);
    Ran::of(station.batch(&server.url("station"), &list, &["--no-codes"]).output().unwrap()).worked();
    let url = server.url("postgres");
    let verify = |what: &[&str]| station.run(&[&["ledger", "verify", "--json", "--ledger", &url], what].concat());
    let findings = |ran: &Ran| -> Vec<String> {
        let told = lines(&ran.out).remove(0);
        let all = told["findings"].as_array().unwrap().clone();
        all.iter().map(|one| format!("{}: {}", one["what"].as_str().unwrap(), one["why"].as_str().unwrap())).collect()
    };
    let (out, manifest) = (station.path("out"), station.path("manifest.jsonl"));
    let exported = station.run(&["ledger", "export", "--ledger", &url]);
    std::fs::write(&manifest, exported.worked()).unwrap();
    verify(&["--units", &out]).worked();
    verify(&["--manifest", &manifest]).worked();
    // A line that was changed, one that is missing, and one too many.
    let text = exported.out.replace("\"vault-00001\"", "\"vault-00009\"");
    let mut kept: Vec<String> = text.lines().filter(|line| !line.contains("NX4-00002")).map(str::to_owned).collect();
    kept.push(exported.out.lines().next().unwrap().replace("NX4-0000", "NX4-1000"));
    std::fs::write(&manifest, kept.join("\n")).unwrap();
    let ran = verify(&["--manifest", &manifest]);
    let told = findings(&ran);
    assert_eq!((ran.code, told.len()), (81, 3), "{told:?}");
    assert!(
        told.iter()
            .any(|one| one.starts_with("NX4-00001, line ") && one.ends_with("the line differs from the ledger's")),
        "{told:?}"
    );
    assert!(told.contains(&"NX4-00002: its line is missing".to_owned()), "{told:?}");
    assert!(told.contains(&"line 4: the ledger does not know its device".to_owned()), "{told:?}");
    // A folder that is missing, and one that another factory made.
    std::fs::rename(station.at("out/NX4-00000"), station.at("moved")).unwrap();
    let other = Station::new("line-9");
    let second = factory().unwrap();
    other.provision(&second.url("station"), "foreign", "ZZ-1", &[]).worked();
    std::fs::rename(other.at("foreign"), station.at("out/ZZ-1")).unwrap();
    let ran = verify(&["--units", &out]);
    let told = findings(&ran);
    assert_eq!(
        (ran.code, told),
        (
            81,
            vec!["NX4-00000: its folder is missing".to_owned(), "ZZ-1: the ledger does not know the folder".to_owned()]
        )
    );
    // A row that its owner changed, with the triggers out of the way.
    server.sql(
        "factory",
        "postgres",
        "SET session_replication_role = replica; UPDATE signet.unit SET line = \
               replace(line, 'NX4-00003', 'NX4-00033') WHERE serial = 'NX4-00003'",
    );
    let told = findings(&verify(&["--units", &out]));
    assert!(told.contains(&"NX4-00003: the ledger's row and its line differ".to_owned()), "{told:?}");
}

#[test]
fn a_dump_in_a_new_server_is_the_same_ledger() {
    let Some(server) = factory() else { return };
    let station = Station::new("line-1");
    let (_, public) = station.keys();
    let list = station.list(0..3);
    Ran::of(station.batch(&server.url("station"), &list, &["--labels-key", &public]).output().unwrap()).worked();
    let dump = format!("{}dump", server.socket());
    server.as_user("pg_dump", &["-h", &server.socket(), "-U", "postgres", "-Fc", "-f", &dump, "factory"]);
    let new = Server::start().unwrap();
    station.run(&["ledger", "init", "--roles", "--ledger", &new.url("postgres")]).worked();
    let target = ["-h", &new.socket(), "-U", "postgres", "-d", "factory"];
    new.as_user("pg_restore", &[&["--clean", "--if-exists", "--exit-on-error"], &target[..], &[&dump]].concat());
    let url = new.url("postgres");
    let verified = station.run(&["ledger", "verify", "--units", &station.path("out"), "--ledger", &url]);
    assert!(verified.worked().contains("3 devices compared, 0 differences"));
    let all = "SELECT array_agg(unit ORDER BY id)::text FROM signet.unit";
    assert_eq!(server.sql("factory", "postgres", all), new.sql("factory", "postgres", all), "times and chains, too");
    assert_eq!(new.count("SELECT count(*) FROM signet.setup_code"), 3);
    // It goes on, with the same rights.
    new.sql("factory", "postgres", "CREATE ROLE station LOGIN IN ROLE signet_station");
    let refused = station.provision(&new.url("station"), "again", "NX4-00001", &["--labels-key", &public]);
    assert!(refused.refused(79).contains("already has serial NX4-00001"), "{}", refused.err);
    station.provision(&new.url("station"), "more", "NX4-9", &["--labels-key", &public]).worked();
    assert!(new.try_sql("factory", "station", "DELETE FROM signet.unit").is_err());
    let status = station.run(&["ledger", "status", "--ledger", &url]);
    assert!(status.worked().contains("line-1: 4 attempts"), "{}", status.out);
}
