//! The command line killed before every system call: afterwards the old state or the new, and nothing of others touched.

use crate::strace::{allowed, read, under};
use crate::unit::{ASKED, Unit, full};
use std::collections::BTreeMap;
use std::process::Command;

/// What changes something, and where a writer waits. The long mode takes every call.
const CHANGING: &str = "openat,write,pwrite64,fsync,fdatasync,renameat2,renameat,unlinkat,mkdirat,linkat,flock";

/// A request and its key as OpenSSL makes them.
pub fn foreign_pair(unit: &Unit) -> (String, String) {
    let (request, key) = (unit.beside("r.csr"), unit.beside("r.key"));
    let (request, key) = (request.to_str().unwrap().to_owned(), key.to_str().unwrap().to_owned());
    let openssl = ["req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=nas"];
    let made = Command::new("openssl").args(openssl).args(["-keyout", &key, "-out", &request]).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    (request, key)
}

/// Runs a command once for each of its system calls, killed right before it. `before` and `after` are the names that are
/// there without and with the command; `prepare` makes the old state.
fn killed_everywhere(arguments: &[&str], prepare: &[&str], before: &[&str], after: &[&str]) {
    let calls = calls_of(&prepared(prepare), arguments);
    let mut runs = 0;
    let mut seen = [0, 0];
    for (call, count) in calls {
        for number in 1..=count {
            let unit = prepared(prepare);
            let others = unit.files();
            let mut command = unit.command();
            command.args(arguments);
            let inject = format!("inject={call}:signal=KILL:when={number}");
            let output = under(&["-e", &format!("trace={call}"), "-e", &inject], &unit.beside("trace"), &command)
                .output()
                .unwrap();
            let when = format!("{arguments:?} killed before {call} {number}");
            runs += 1;
            assert!(!output.status.success(), "{when}: it was not");
            // Every start sweeps; then the doctor looks.
            let states = unit.states();
            unit.is_whole(&when);
            let names: Vec<&str> = states.keys().map(String::as_str).collect();
            assert!(names == before || names == after, "{when}: {names:?}");
            let new = usize::from(names == after);
            seen[new] += 1;
            if !output.stdout.is_empty() {
                assert_eq!(new, 1, "{when}: it said that it was done");
            }
            for (file, bytes) in &unit.files() {
                if others.contains_key(file) {
                    assert_eq!(others[file], *bytes, "{when}: {file}");
                }
                // A rename and a deletion write no file.
                assert!(prepare.is_empty() || others.values().any(|other| other == bytes), "{when}: {file}");
            }
            assert!(unit.files().contains_key("other.pem"), "{when}");
        }
    }
    println!("{}: killed at {runs} calls, old state {} times, new {}", arguments[..2].join(" "), seen[0], seen[1]);
    assert!(seen[0] > 0 && seen[1] > 0, "the kills did not reach both sides of the commit: {seen:?}");
}

fn prepared(prepare: &[&str]) -> Unit {
    let unit = Unit::with(&["other"]);
    for name in prepare {
        unit.create(name);
    }
    unit
}

/// How often a command over this unit makes each call.
pub fn calls_of(unit: &Unit, arguments: &[&str]) -> BTreeMap<String, usize> {
    let mut command = unit.command();
    command.args(arguments);
    let to = unit.beside("trace");
    let filter = if full() { "trace=all".to_owned() } else { format!("trace={CHANGING}") };
    let output = under(&["-e", &filter], &to, &command).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let threads = read(&to);
    assert_eq!(threads.len(), 1, "a command has one thread");
    let mut counts = BTreeMap::new();
    for call in &threads[0] {
        // The start of the program itself is strace's; it may come before the injection counts.
        if !["execve", "exit_group"].contains(&call.name.as_str()) {
            *counts.entry(call.name.clone()).or_default() += 1;
        }
    }
    counts
}

#[test]
fn create() {
    if allowed() {
        let arguments = [&["csr", "create", "--name", "one"], ASKED.as_slice()].concat();
        killed_everywhere(&arguments, &[], &["other"], &["one", "other"]);
    }
}

#[test]
fn import() {
    if allowed() {
        let pair = Unit::new();
        let (request, key) = foreign_pair(&pair);
        let arguments = ["csr", "import", "--name", "one", "--request", &request, "--key", &key];
        killed_everywhere(&arguments, &[], &["other"], &["one", "other"]);
    }
}

#[test]
fn rename() {
    if allowed() {
        killed_everywhere(&["csr", "rename", "one", "two"], &["one"], &["one", "other"], &["other", "two"]);
    }
}

#[test]
fn delete() {
    if allowed() {
        killed_everywhere(&["csr", "delete", "one", "--yes"], &["one"], &["one", "other"], &["other"]);
    }
}

#[test]
fn restore() {
    if allowed() {
        let device = Unit::with(&["one", "two"]);
        let (file, passphrase) = (device.beside("b.age"), device.beside("passphrase"));
        let (file, passphrase) = (file.to_str().unwrap(), passphrase.to_str().unwrap());
        std::fs::write(passphrase, "a few unrelated words\n").unwrap();
        device.works(&["backup", file, "--passphrase-file", passphrase]);
        let arguments = ["restore", file, "--passphrase-file", passphrase];
        killed_everywhere(&arguments, &[], &["other"], &["one", "other", "two"]);
    }
}

/// Runs an export to a file once for each of its system calls, killed right before it: the file is whole or not there, and
/// `beside` says what else may lie in its folder.
fn file_killed_everywhere(arguments: &[&str], beside: fn(&str) -> bool) {
    let unit = Unit::with(&["one"]);
    let folder = unit.beside("out");
    let out = folder.join("file.pem");
    let whole = unit.works(arguments);
    let arguments = [arguments, &["--out", out.to_str().unwrap()]].concat();
    std::fs::create_dir(&folder).unwrap();
    let calls = calls_of(&unit, &arguments);
    let mut seen = [0, 0];
    for (call, count) in calls {
        for number in 1..=count {
            std::fs::remove_dir_all(&folder).unwrap();
            std::fs::create_dir(&folder).unwrap();
            let mut command = unit.command();
            command.args(&arguments);
            let inject = format!("inject={call}:signal=KILL:when={number}");
            let options = ["-e", &format!("trace={call}"), "-e", &inject];
            let output = under(&options, &unit.beside("trace"), &command).output().unwrap();
            let when = format!("{arguments:?} killed before {call} {number}");
            assert!(!output.status.success(), "{when}: it was not");
            let mut made = 0;
            for entry in std::fs::read_dir(&folder).unwrap() {
                let entry = entry.unwrap();
                if entry.path() == out {
                    made = 1;
                    assert_eq!(std::fs::read_to_string(&out).unwrap(), whole, "{when}");
                } else {
                    let name = entry.file_name().into_string().unwrap();
                    assert!(beside(&name), "{when}: {name} is left");
                }
            }
            seen[made] += 1;
        }
    }
    println!("{}: no file {} times, a whole one {}", arguments[..2].join(" "), seen[0], seen[1]);
    assert!(seen[0] > 0 && seen[1] > 0, "the kills did not reach both sides: {seen:?}");
}

#[test]
fn a_request_is_written_whole_or_not_at_all() {
    if allowed() {
        file_killed_everywhere(&["csr", "export", "one"], |name| name.starts_with(".signet-"));
    }
}

#[test]
fn a_key_is_written_whole_or_not_at_all_and_nothing_is_left_beside_it() {
    if allowed() {
        file_killed_everywhere(&["csr", "key", "one", "--unencrypted"], |_| false);
    }
}
