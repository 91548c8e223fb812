//! In the traces of the real binary: each file is on the medium before it gets its name, and its directory before anybody
//! is told; and no file or folder is ever open to others.

use crate::strace::{Attached, Call, allowed, read, under};
use crate::unit::{ASKED, Unit};
use std::collections::BTreeMap;
use std::path::Path;

const CHANGING: &str = "trace=openat,write,writev,sendto,pwrite64,fsync,fdatasync,rename,renameat,renameat2,link,linkat,unlink,unlinkat,mkdir,mkdirat,ftruncate,fchmod,fchmodat,chmod";

/// Follows one thread's calls; gives how many files got a name, a new one, or lost theirs.
fn durable(calls: &[Call], data: &Path) -> usize {
    let data = data.to_str().unwrap();
    // Files with bytes that are not on the medium, and directories with names that are not.
    let mut unsynced: BTreeMap<String, &Call> = BTreeMap::new();
    let mut changes = 0;
    for call in calls.iter().filter(|call| call.worked) {
        let path = call.path().unwrap_or_default().to_owned();
        let inside = path.starts_with(data);
        match call.name.as_str() {
            "openat" if call.line.contains("O_TMPFILE") && inside => {
                assert!(call.line.contains(", 0600)"), "{}", call.line);
            }
            "openat" if call.line.contains("O_CREAT") && inside => {
                assert!(call.line.contains(", 0600)") && call.line.contains("O_NOFOLLOW"), "{}", call.line);
                if call.line.contains("O_EXCL") {
                    unsynced.insert(format!("{path}/{}", call.strings()[0]), call);
                }
            }
            "mkdirat" if inside => {
                assert!(call.line.contains(", 0700)"), "{}", call.line);
                unsynced.insert(path, call);
            }
            "mkdir" => assert!(call.line.contains(", 0700)"), "{}", call.line),
            "write" if inside => {
                unsynced.insert(path, call);
            }
            "fsync" | "fdatasync" => {
                unsynced.remove(&path);
            }
            // A file that was written without a name gets one.
            "linkat" if call.strings()[0].starts_with("/proc/self/fd/") => {
                changes += 1;
                let unnamed = unsynced.keys().find(|path| path.contains("/#"));
                assert!(unnamed.is_none(), "named before it is on the medium: {}", call.line);
                unsynced.insert(call.paths().last().unwrap().to_string(), call);
            }
            "renameat" | "renameat2" | "linkat" => {
                changes += 1;
                let from = format!("{path}/{}", call.strings()[0]);
                assert!(!unsynced.contains_key(&from), "named before it is on the medium: {}", call.line);
                // Where the log ends: a name that comes late, or not at all, leaves an older one, which is tolerated.
                if !call.line.contains("\"audit.head\"") {
                    unsynced.insert(path, call);
                }
            }
            "unlinkat" if inside => {
                changes += 1;
                unsynced.insert(path, call);
            }
            // What is said to the visitor or on standard output.
            "write" | "writev" | "sendto" if call.line.contains("HTTP/1.1") || call.line.starts_with("write(1<") => {
                assert!(unsynced.is_empty(), "told before it is on the medium: {unsynced:?} {}", call.line);
            }
            // The lock's numbers and names help readers and messages alone; nothing is promised of them.
            "pwrite64" => assert!(path.ends_with("/lock") || path.ends_with("/serve.lock"), "{}", call.line),
            "ftruncate" | "fchmod" | "fchmodat" | "chmod" | "rename" | "link" | "unlink" if inside => {
                panic!("not a way to change a file: {}", call.line)
            }
            _ => {}
        }
    }
    assert!(unsynced.is_empty(), "left to chance: {unsynced:#?}");
    changes
}

#[test]
fn every_command_syncs_the_file_before_its_name_and_the_directory_before_it_tells() {
    if !allowed() {
        return;
    }
    let unit = Unit::with(&["other"]);
    let (request, key) = crate::kills_of_commands::foreign_pair(&unit);
    let create = [&["csr", "create", "--name", "one"], ASKED.as_slice()].concat();
    let answer = crate::kills_of_answers::answer_to(&unit, &request, 90);
    let commands: [&[&str]; 5] = [
        &create,
        &["csr", "import", "--name", "two", "--request", &request, "--key", &key],
        &["csr", "answer", "--certificate", &answer],
        &["csr", "rename", "one", "three"],
        &["csr", "delete", "three", "--yes"],
    ];
    for arguments in commands {
        let to = unit.beside("trace");
        let mut command = unit.command();
        command.args(arguments);
        let output = under(&["-e", CHANGING], &to, &command).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let changes: usize = read(&to).iter().map(|thread| durable(thread, unit.data())).sum();
        println!("{}: {changes} changes of names", arguments[..2].join(" "));
        assert!(changes >= 1, "{arguments:?}: nothing was traced");
    }
}

#[test]
fn a_save_and_every_other_change_by_browser_does_the_same() {
    if !allowed() {
        return;
    }
    let console = Unit::new().serve();
    let mut owner = console.owner();
    let confirm = owner.up_to_save("one").unwrap();
    let trace = Attached::to(console.id(), &["-e", CHANGING], &console.unit.beside("trace"));
    assert_eq!(owner.save(&confirm).unwrap().status, 303);
    let page = owner.get("/csrs/one");
    let form = [("name", "two"), ("note", "for the clerk")];
    assert_eq!(owner.send(&page, "/csrs/one", &form, None).status, 303);
    let page = owner.get("/csrs/two/delete");
    assert_eq!(owner.send(&page, "/csrs/two/delete", &[("confirm", "on")], None).status, 303);
    let threads = trace.end();
    let changes: usize = threads.iter().map(|thread| durable(thread, console.unit.data())).sum();
    println!("serve: {changes} changes of names in {} threads", threads.len());
    assert!(changes >= 4, "save, rename, note and deletion");
}
