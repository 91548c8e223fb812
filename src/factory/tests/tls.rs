//! TCP with TLS: the server's certificate and name, a station's own certificate, and passwords from files.

use crate::harness::server::Server;
use crate::harness::station::{Ran, Station, factory};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

const HBA: &str =
    "local all all trust\nhostssl all station 127.0.0.1/32 cert\nhostssl all worker 127.0.0.1/32 scram-sha-256\n";

/// Keys and certificates in the folder of a station: two CAs, the server's certificate for localhost, the station's own.
fn certify(keys: &Station) {
    let openssl = |line: &str| {
        let ran = Command::new("openssl").args(line.split(' ')).current_dir(keys.at("")).output().unwrap();
        assert!(ran.status.success(), "{line}: {}", String::from_utf8_lossy(&ran.stderr));
    };
    for ca in ["ca", "other"] {
        openssl(&format!(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN={ca} -keyout {ca}.key -out {ca}.pem"
        ));
    }
    for (name, common) in [("server", "localhost"), ("own", "station")] {
        openssl(&format!(
            "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN={common} -addext subjectAltName=DNS:{common} -keyout {name}.key -out {name}.csr"
        ));
        openssl(&format!(
            "x509 -req -in {name}.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -copy_extensions copy -out {name}.pem"
        ));
    }
}

/// A ledger by TCP alone for these two logins; its port.
fn listening(server: &Server, keys: &Station) -> u16 {
    let data = std::path::PathBuf::from(server.data());
    server.sql("factory", "postgres", "CREATE ROLE worker LOGIN PASSWORD 'three:words\\' IN ROLE signet_station");
    server.stop_immediately();
    for (from, to) in [("ca.pem", "ca.pem"), ("server.pem", "server.crt"), ("server.key", "server.key")] {
        std::fs::copy(keys.at(from), data.join(to)).unwrap();
        std::fs::set_permissions(data.join(to), std::fs::Permissions::from_mode(0o600)).unwrap();
        server.give(&data.join(to));
    }
    std::fs::write(data.join("pg_hba.conf"), HBA).unwrap();
    server.go_with_tls()
}

#[test]
fn tls_is_checked_whole_and_passwords_come_from_files() {
    let Some(server) = factory() else { return };
    let station = Station::new("line-1");
    certify(&station);
    let port = listening(&server, &station);
    let at = |name: &str| station.path(name);
    let url = |user: &str, host: &str, more: &str| format!("postgres://{user}@{host}:{port}/factory?{more}");
    let (ca, other, own, key) = (at("ca.pem"), at("other.pem"), at("own.pem"), at("own.key"));
    let full = format!("sslmode=verify-full&sslrootcert={ca}&sslcert={own}&sslkey={key}");
    station.provision(&url("station", "localhost", &full), "one", "NX4-1", &[]).worked();
    // The certificate is for localhost, not for the address.
    let named = station.provision(&url("station", "127.0.0.1", &full), "two", "NX4-2", &[]);
    assert!(named.refused(69).contains("no trusted connection"), "{}", named.err);
    let strange = format!("sslrootcert={other}&sslcert={own}&sslkey={key}");
    let strange = station.provision(&url("station", "localhost", &strange), "two", "NX4-2", &[]);
    assert!(strange.refused(69).contains("no trusted connection"), "{}", strange.err);
    let nobody = station.provision(&url("station", "localhost", &format!("sslrootcert={ca}")), "two", "NX4-2", &[]);
    assert!(nobody.refused(77).contains("refuses the login"), "{}", nobody.err);
    let open = station.provision(&url("station", "localhost", "sslmode=disable"), "two", "NX4-2", &[]);
    assert!(open.refused(77).contains("refuses the login"), "{}", open.err);
    let missing = station.provision(&url("station", "localhost", "sslrootcert=/nowhere.pem"), "two", "NX4-2", &[]);
    assert!(missing.refused(78).contains("/nowhere.pem"), "{}", missing.err);
    // Passwords.
    let worker = url("worker", "localhost", &format!("sslrootcert={ca}"));
    let asked = station.provision(&worker, "two", "NX4-2", &[]);
    assert!(asked.refused(77).contains("asks for a password") && asked.err.contains("PGPASSFILE"), "{}", asked.err);
    let file = at("passwords");
    let with_file = |text: &str| {
        std::fs::write(&file, text).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
        Ran::of(station.single(&worker, "two", "NX4-2", &[]).env("PGPASSFILE", &file).output().unwrap())
    };
    assert!(with_file("localhost:*:factory:worker:wrong").refused(77).contains("refuses the login"));
    assert!(!station.at("two").exists());
    with_file(&format!("localhost:{port}:factory:worker:three\\:words\\\\\n")).worked();
    // In the variable, which other users cannot read.
    let whole = format!("postgres://worker:three%3Awords%5C@localhost:{port}/factory?sslrootcert={ca}");
    let data = at("three");
    let mut command = station.command(&["--data", &data, "provision", "--serial", "NX4-3", "--no-codes"]);
    let ran = Ran::of(command.env("DATABASE_URL", &whole).output().unwrap());
    ran.worked();
    assert!(!ran.err.contains("three:words") && !ran.err.contains("three%3A"), "{}", ran.err);
    assert_eq!(server.count("SELECT count(*) FROM signet.unit"), 3);
}
