//! URLs, as facts.

use super::*;

fn read(url: &str) -> Result<Target, String> {
    Target::parse(url, Source::Argument, "me").map_err(|invalid| invalid.what)
}

#[test]
fn reads_hosts_ports_databases_and_logins() {
    let target = read("postgres://station%2D7@db.example:6000/factory?sslrootcert=/etc/ca.pem").unwrap();
    assert_eq!((target.host, target.port), (Host::Tcp("db.example".into()), 6000));
    assert_eq!((target.user.as_str(), target.database.as_str()), ("station-7", "factory"));
    assert_eq!(target.tls, Tls::Full { roots: "/etc/ca.pem".into(), own: None });
    let target = read("postgresql:///factory?host=/run/postgresql&user=a&port=1").unwrap();
    assert_eq!((target.host, target.port), (Host::Socket("/run/postgresql".into()), 1));
    assert_eq!((target.tls, target.user.as_str()), (Tls::Off, "a"));
    let target = read("postgres://[::1]:5/?sslmode=disable").unwrap();
    assert_eq!((target.host, target.port, target.database.as_str()), (Host::Tcp("::1".into()), 5, "me"));
}

#[test]
fn takes_a_certificate_of_its_own_with_its_key_only() {
    let target = read("postgres://h/d?sslmode=verify-full&sslrootcert=r&sslcert=c&sslkey=k").unwrap();
    assert_eq!(target.tls, Tls::Full { roots: "r".into(), own: Some(("c".into(), "k".into())) });
    assert!(read("postgres://h/d?sslrootcert=r&sslcert=c").unwrap_err().contains("need each other"));
}

#[test]
fn a_password_comes_by_the_variable_alone() {
    assert!(read("postgres://a:b@h/d?sslmode=disable").unwrap_err().contains("has a password"));
    assert!(read("postgres://a@h/d?password=b").unwrap_err().contains("password, which is not used here"));
    let target = Target::parse("postgres://a:b%40@h/d?sslmode=disable", Source::Variable, "").unwrap();
    assert_eq!(target.password.as_ref().unwrap().expose_secret(), b"b@");
    assert!(!format!("{target:?}{}", target.shown()).contains("b@"));
}

#[test]
fn says_what_is_wrong() {
    for (url, what) in [
        ("mysql://h/d", "does not begin with"),
        ("postgres://h/d", "has no sslrootcert"),
        ("postgres://h/d?sslmode=require", "does not check"),
        ("postgres://h/d?sslmode=prefer", "does not check"),
        ("postgres://h:x/d?sslmode=disable", "The port is not"),
        ("postgres:///d", "names no host"),
        ("postgres://h/d?colour=red", "colour, which is not used"),
        ("postgres://[::1/d", "closing"),
        ("postgres:///d?host=/run&sslmode=verify-full", "A socket has no TLS"),
        ("postgres://h/%ff?sslmode=disable", "not UTF-8"),
    ] {
        let told = read(url).unwrap_err();
        assert!(told.contains(what), "{url}: {told}");
    }
}

#[test]
fn only_what_leaves_the_machine_without_tls_is_warned_about() {
    assert!(read("postgres://10.0.0.1/d?sslmode=disable").unwrap().is_readable());
    assert!(!read("postgres://127.0.0.1/d?sslmode=disable").unwrap().is_readable());
    assert!(!read("postgres:///d?host=/run").unwrap().is_readable());
}
