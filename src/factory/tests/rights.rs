//! What a station may do in the ledger, and what it may not.

use crate::harness::station::{Station, factory};

#[test]
fn a_station_changes_nothing_and_reads_no_code() {
    let Some(server) = factory() else { return };
    let station = Station::new("line-1");
    let (_, public) = station.keys();
    let made = station.provision(&server.url("station"), "data", "NX4-1", &["--labels-key", &public]);
    let code = crate::harness::station::lines(made.worked())[0]["setup_code"].as_str().unwrap().to_owned();
    for table in ["unit", "public_key", "setup_code"] {
        let column = if table == "setup_code" { "sealed = ''" } else { "unit = unit" };
        let column = if table == "unit" { "station = 'x'" } else { column };
        for sql in [
            format!("UPDATE signet.{table} SET {column}"),
            format!("DELETE FROM signet.{table}"),
            format!("TRUNCATE signet.{table} CASCADE"),
        ] {
            let refused = server.try_sql("factory", "station", &sql).unwrap_err();
            assert!(refused.contains("permission denied"), "{sql}: {refused}");
            // And by the triggers, where somebody grants it by mistake.
            let owner = server.try_sql("factory", "postgres", &sql).err();
            let is_code = table == "setup_code" && sql.starts_with("DELETE");
            let refused = owner.unwrap_or_default();
            assert!(is_code || refused.contains("the ledger only grows"), "{sql}: {refused}");
            if is_code {
                // The server's superuser is a member of every role, so of signet_labels, too.
                assert_eq!(server.count("SELECT count(*) FROM signet.setup_code"), 0);
            }
        }
    }
    for sql in [
        "SELECT * FROM signet.setup_code",
        "SELECT sealed FROM signet.setup_code",
        "SELECT line FROM signet.unit",
        "SELECT id FROM signet.unit",
        "SELECT * FROM signet.public_key",
        "COPY signet.unit TO STDOUT",
    ] {
        let refused = server.try_sql("factory", "station", sql).unwrap_err();
        assert!(refused.contains("permission denied"), "{sql}: {refused}");
    }
    for sql in ["SELECT * FROM signet.made", "SELECT * FROM signet.known_key"] {
        let read = server.sql("factory", "station", sql);
        assert!(read.contains("NX4-1") && !read.contains(&code), "{read}");
    }
    assert_eq!(server.sql("factory", "station", "SELECT * FROM signet.mine(gen_random_uuid())"), "");
    let id = server.sql("factory", "postgres", "SELECT id FROM signet.unit");
    let own = server.sql("factory", "station", &format!("SELECT * FROM signet.mine('{id}')"));
    assert!(own.contains("NX4-1") && !own.contains(&code) && !own.contains("setup_code"), "{own}");
    let lines = server.sql("factory", "postgres", "SELECT line FROM signet.unit");
    assert!(!lines.contains("setup_code") && !lines.contains(&code));
    // Neither the time nor another serial's chain is a station's to say, and no line with a code comes in.
    let insert = "INSERT INTO signet.unit (id, serial, attempt, station, line, time) \
                  VALUES (gen_random_uuid(), 'X1', 1, 'x', '{}', now())";
    assert!(server.try_sql("factory", "station", insert).unwrap_err().contains("permission denied"));
    let insert = "INSERT INTO signet.unit (id, serial, attempt, station, line) \
                  VALUES (gen_random_uuid(), 'X1', 1, 'x', '{\"setup_code\": \"A\"}')";
    assert!(server.try_sql("factory", "station", insert).unwrap_err().contains("unit_line_check"));
    let insert = "INSERT INTO signet.unit (id, serial, attempt, station, line) \
                  VALUES (gen_random_uuid(), 'X1', 2, 'x', '{}')";
    assert!(server.try_sql("factory", "station", insert).unwrap_err().contains("violates check constraint"));
}

#[test]
fn the_function_for_own_devices_is_not_led_astray_by_a_search_path() {
    let Some(server) = factory() else { return };
    let station = Station::new("line-1");
    station.provision(&server.url("station"), "data", "NX4-1", &[]).worked();
    let id = server.sql("factory", "postgres", "SELECT id FROM signet.unit");
    // A function of the station's own, which would run with the owner's rights if it were found first.
    let trap = format!(
        "CREATE FUNCTION pg_temp.hashtextextended(text, bigint) RETURNS bigint LANGUAGE plpgsql AS \
         $$ BEGIN RAISE EXCEPTION 'trapped'; END $$; SET search_path = pg_temp, signet, pg_catalog; \
         SELECT serial FROM signet.mine('{id}')"
    );
    assert_eq!(server.sql("factory", "station", &trap), "NX4-1");
}

#[test]
fn a_login_with_too_many_rights_is_told_and_does_not_use_them() {
    let Some(server) = factory() else { return };
    let station = Station::new("line-1");
    let made = station.provision(&server.url("postgres"), "data", "NX4-1", &[]);
    made.worked();
    assert!(made.err.contains("warning: postgres may do more in the ledger than a station needs"), "{}", made.err);
    // What stations may not do, this login does not do either.
    server.sql("factory", "postgres", "REVOKE INSERT (sha256, unit, what) ON signet.public_key FROM signet_station");
    let put_aside = station.provision(&server.url("postgres"), "unused", "NX4-3", &[]);
    assert!(put_aside.refused(77).contains("does not allow this to postgres"), "{}", put_aside.err);
    station.run(&["ledger", "init", "--ledger", &server.url("postgres")]).worked();
    station.provision(&server.url("postgres"), "unused", "NX4-3", &[]).worked();
    server.sql(
        "factory",
        "postgres",
        "CREATE ROLE other LOGIN; GRANT USAGE ON SCHEMA signet TO other; \
               GRANT SELECT ON ALL TABLES IN SCHEMA signet TO other",
    );
    let refused = station.provision(&server.url("other"), "more", "NX4-2", &[]);
    assert!(refused.refused(77).contains("more in the ledger than a station needs"), "{}", refused.err);
    assert!(!station.at("more").exists());
    server.sql("factory", "postgres", "CREATE ROLE nobody_here LOGIN");
    let refused = station.provision(&server.url("nobody_here"), "more", "NX4-2", &[]);
    assert!(refused.refused(77).contains("does not allow this to nobody_here"), "{}", refused.err);
}
