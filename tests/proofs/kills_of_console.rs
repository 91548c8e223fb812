//! `signet console use` and `back` killed before every system call: the console's certificate of before or the new one, each
//! with its key, and the way back.

use crate::strace::{allowed, read, under};
use crate::unit::{Unit, full};
use std::collections::BTreeMap;
use std::process::Command;

/// What changes something, and where a writer waits. The long mode takes every call.
const CHANGING: &str = "openat,write,pwrite64,fsync,fdatasync,renameat2,renameat,unlinkat,mkdirat,linkat,flock";

const FILES: [&str; 2] = ["identity.pem", "former.pem"];

fn openssl(arguments: &[&str]) -> Vec<u8> {
    let output = Command::new("openssl").args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// A unit with an identity of its own and an answered CSR.
fn answered() -> Unit {
    let unit = Unit::with(&["web"]);
    drop(unit.serve());
    let at = |name: &str| unit.beside(name).to_str().unwrap().to_owned();
    let (request, key, root, answer) = (at("web.csr"), at("ca.key"), at("ca.pem"), at("web.pem"));
    unit.works(&["csr", "export", "web", "--out", &request]);
    let root_options = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=Root"];
    openssl(&[&["req", "-x509", "-keyout", &key, "-out", &root], &root_options[..]].concat());
    let extensions = at("extensions");
    std::fs::write(&extensions, "subjectAltName=DNS:nas.local\n").unwrap();
    let signed = ["x509", "-req", "-in", &request, "-CA", &root, "-CAkey", &key, "-set_serial", "7"];
    openssl(&[&signed[..], &["-extfile", &extensions, "-out", &answer]].concat());
    unit.works(&["csr", "answer", "web", "--certificate", &answer]);
    unit
}

type State = Vec<Option<Vec<u8>>>;

/// Both files.
fn state(unit: &Unit) -> State {
    FILES.iter().map(|name| std::fs::read(unit.data().join(name)).ok()).collect()
}

/// The identity in use reads, and its key is its own: by OpenSSL.
fn has_its_key(unit: &Unit, when: &str) {
    let path = unit.data().join("identity.pem");
    let path = path.to_str().unwrap();
    let certified = openssl(&["x509", "-in", path, "-noout", "-pubkey"]);
    assert_eq!(certified, openssl(&["pkey", "-in", path, "-pubout"]), "{when}");
}

fn put(unit: &Unit, state: &State) {
    for (name, bytes) in FILES.iter().zip(state) {
        let path = unit.data().join(name);
        match bytes {
            Some(bytes) => std::fs::write(path, bytes).unwrap(),
            None => drop(std::fs::remove_file(path)),
        }
    }
}

/// Kills the command at each of its calls, from the old state each time.
fn killed_everywhere(unit: &Unit, arguments: &[&str]) {
    let old = state(unit);
    let mut command = unit.command();
    command.args(arguments);
    let trace = unit.beside("trace");
    let filter = if full() { "trace=all".to_owned() } else { format!("trace={CHANGING}") };
    let output = under(&["-e", &filter], &trace, &command).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let new = state(unit);
    assert_ne!(old[0], new[0]);
    // Cut between the copy and the change: the old one in use, and itself as its former.
    let between = vec![old[0].clone(), old[0].clone()];
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for call in &read(&trace)[0] {
        if !["execve", "exit_group"].contains(&call.name.as_str()) {
            *counts.entry(call.name.clone()).or_default() += 1;
        }
    }
    let (mut runs, mut seen) = (0, [0, 0]);
    for (call, count) in counts {
        for number in 1..=count {
            put(unit, &old);
            let mut command = unit.command();
            command.args(arguments);
            let inject = format!("inject={call}:signal=KILL:when={number}");
            let options = ["-e", &format!("trace={call}"), "-e", &inject];
            let output = under(&options, &unit.beside("killed"), &command).output().unwrap();
            let when = format!("{arguments:?} killed before {call} {number}");
            assert!(!output.status.success(), "{when}: it was not");
            let now = state(unit);
            assert!([&old, &new, &between].contains(&&now), "{when}: half of it");
            has_its_key(unit, &when);
            // Every start sweeps; then the doctor looks.
            unit.is_whole(&when);
            assert_eq!(state(unit), now, "{when}: the next command changed it");
            seen[usize::from(now == new)] += 1;
            assert!(output.stdout.is_empty() || now == new, "{when}: it said that it was done");
            runs += 1;
        }
    }
    println!("{}: killed at {runs} calls, old state {} times, new {}", arguments[..2].join(" "), seen[0], seen[1]);
    assert!(seen[0] > 0 && seen[1] > 0, "the kills did not reach both sides of the commit: {seen:?}");
    put(unit, &new);
}

#[test]
fn a_certificate_put_in_use_and_gone_back_from() {
    if allowed() {
        let unit = answered();
        killed_everywhere(&unit, &["console", "use", "web"]);
        killed_everywhere(&unit, &["console", "back"]);
        // Back is a way forth, too.
        let now = state(&unit);
        unit.works(&["console", "back"]);
        assert_eq!(state(&unit), [now[1].clone(), now[0].clone()]);
    }
}
