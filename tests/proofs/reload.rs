//! SIGHUP: the identity on disk is taken for new connections, renewed with the same key when it is due; one that cannot be
//! used changes nothing.

use crate::client::{Client, certificate_of};
use crate::unit::{Console, Unit};
use rustix::process::Signal;
use signet_testing::until;
use std::os::unix::net::UnixDatagram;
use std::process::Command;
use std::time::Duration;

fn openssl(arguments: &[&str]) -> String {
    let output = Command::new("openssl").args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// A certificate of the console's key that ends in so many days, in its place on disk.
fn put_certificate(unit: &Unit, days: &str) {
    let identity = unit.data().join("identity.pem");
    let key = unit.beside("key.pem");
    std::fs::write(&key, openssl(&["pkey", "-in", identity.to_str().unwrap()])).unwrap();
    let names = "subjectAltName=DNS:localhost";
    let request = ["req", "-x509", "-new", "-days", days, "-subj", "/CN=nas", "-addext", names];
    let certificate = openssl(&[&request[..], &["-key", key.to_str().unwrap()]].concat());
    std::fs::write(&identity, certificate + &std::fs::read_to_string(&key).unwrap()).unwrap();
}

fn colons(bytes: &[u8]) -> String {
    let pairs: Vec<String> = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
    pairs.join(":")
}

fn sha256(bytes: &[u8]) -> String {
    colons(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes).as_ref())
}

/// The two fingerprints that the setup page shows.
fn shown(console: &Console) -> String {
    // A fingerprint may break its line between any two pieces.
    Client::new(console.address).get("/setup").text().replace("<wbr>", "")
}

#[test]
fn a_new_certificate_is_taken_and_its_fingerprint_shown() {
    let console = Unit::new().serve();
    let first = certificate_of(console.address);
    assert!(shown(&console).contains(&sha256(&first)));
    put_certificate(&console.unit, "90");
    assert_eq!(certificate_of(console.address), first, "nobody said so yet");
    console.signal(Signal::HUP);
    until("the certificate on disk is not taken", || certificate_of(console.address) != first);
    let second = certificate_of(console.address);
    until("the setup page shows the former one", || shown(&console).contains(&sha256(&second)));
    assert!(!shown(&console).contains(&sha256(&first)));
}

#[test]
fn one_that_is_due_is_renewed_with_its_key() {
    let console = Unit::new().serve();
    let path = console.unit.data().join("identity.pem");
    let path = path.to_str().unwrap();
    let first = certificate_of(console.address);
    let key = openssl(&["pkey", "-in", path, "-pubout"]);
    put_certificate(&console.unit, "29");
    console.signal(Signal::HUP);
    until("it is not renewed", || certificate_of(console.address) != first);
    let left = 300 * 24 * 3600;
    openssl(&["x509", "-in", path, "-noout", "-checkend", &left.to_string()]);
    assert_eq!(openssl(&["x509", "-in", path, "-noout", "-pubkey"]), key, "a remembered key stays true");
    assert_eq!(openssl(&["pkey", "-in", path, "-pubout"]), key);
    until("the setup page shows the former one", || {
        shown(&console).contains(&sha256(&certificate_of(console.address)))
    });
}

#[test]
fn a_bad_one_changes_nothing_and_is_told() {
    let mut console = Unit::new().serve();
    let first = certificate_of(console.address);
    let path = console.unit.data().join("identity.pem");
    let good = std::fs::read_to_string(&path).unwrap();
    let other = openssl(&["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]);
    let swapped = good.split("-----BEGIN PRIVATE KEY").next().unwrap().to_owned() + &other;
    let bad: [(&str, Option<&str>); 3] =
        [("damaged", Some("cut")), ("does not match", Some(&swapped)), ("no identity.pem", None)];
    for (told, bytes) in bad {
        match bytes {
            Some(bytes) => std::fs::write(&path, bytes).unwrap(),
            None => std::fs::remove_file(&path).unwrap(),
        }
        console.signal(Signal::HUP);
        until(told, || console.log().contains(told));
        assert_eq!(certificate_of(console.address), first, "{told}");
        assert!(shown(&console).contains(&sha256(&first)));
    }
    assert_eq!(console.child.try_wait().unwrap(), None);
    assert!(!path.exists(), "a running console makes none");
}

#[test]
fn systemd_is_told_of_the_beginning_and_of_the_end() {
    let unit = Unit::new();
    let socket = unit.beside("notify");
    let notified = UnixDatagram::bind(&socket).unwrap();
    notified.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let mut command = unit.command();
    command.env("NOTIFY_SOCKET", &socket);
    let console = Console::start(unit, &mut command);
    let next = || {
        let mut message = [0; 512];
        let count = notified.recv(&mut message).unwrap();
        String::from_utf8_lossy(&message[..count]).into_owned()
    };
    assert!(next().contains("READY=1"));
    console.signal(Signal::HUP);
    let reloading = next();
    assert!(reloading.contains("RELOADING=1") && reloading.contains("MONOTONIC_USEC="), "{reloading}");
    assert!(next().contains("READY=1"));
}
