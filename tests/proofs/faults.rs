//! A disk that fails: ENOSPC, EIO and EROFS said by the kernel to each write, fsync and rename. The reason is told, by a
//! page or an exit code, and nothing that was kept is lost.

use crate::kills_of_commands::foreign_pair;
use crate::strace::{Attached, allowed, read, under};
use crate::unit::{ASKED, Unit, full};

const ERRORS: [&str; 3] = ["ENOSPC", "EIO", "EROFS"];
const CALLS: [&str; 9] =
    ["openat", "write", "pwrite64", "fsync", "fdatasync", "linkat", "renameat2", "renameat", "unlinkat"];

fn how_often(arguments: &[&str], call: &str) -> usize {
    let unit = Unit::with(&["other", "one"]);
    let mut command = unit.command();
    command.args(arguments);
    let to = unit.beside("trace");
    let output = under(&["-e", &format!("trace={call}")], &to, &command).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    read(&to).iter().flatten().filter(|traced| traced.name == call).count()
}

/// Each call of the command fails once with each error.
fn fails_everywhere(arguments: &[&str], before: &[&str], after: &[&str]) {
    let (mut runs, mut refused) = (0, 0);
    for call in CALLS {
        // Opening libraries is the system's; the console's own files come behind, and there are many calls.
        let first = if call == "openat" && !full() { continue } else { 1 };
        for number in first..=how_often(arguments, call) {
            for error in ERRORS {
                let unit = Unit::with(&["other", "one"]);
                let files = unit.files();
                let mut command = unit.command();
                command.args(arguments);
                let inject = format!("inject={call}:error={error}:when={number}");
                let traced = under(&["-e", &format!("trace={call}"), "-e", &inject], &unit.beside("trace"), &command)
                    .output()
                    .unwrap();
                let when = format!("{arguments:?}, {call} {number} gives {error}");
                let told = String::from_utf8_lossy(&traced.stderr).into_owned();
                let code = traced.status.code().unwrap_or_else(|| panic!("{when}: it was killed: {told}"));
                runs += 1;
                let states = unit.states();
                unit.is_whole(&when);
                let names: Vec<&str> = states.keys().map(String::as_str).collect();
                assert!(names == before || names == after, "{when}: {names:?}");
                for file in ["other.pem", "one.pem"] {
                    assert!(unit.files().get(file).is_none_or(|bytes| *bytes == files[file]), "{when}: {file}");
                }
                if code == 0 {
                    assert_eq!(names, after, "{when}: it said that it was done");
                    continue;
                }
                refused += 1;
                // A failing openat may be a library's, which the loader tells in its own way.
                if call == "openat" {
                    continue;
                }
                // The same where standard output is what failed.
                assert_eq!(code, if error == "EIO" { 74 } else { 83 }, "{when}: {told}");
                // Two lines; none where it was standard error itself that failed.
                let lines: Vec<&str> = told.lines().collect();
                assert!(lines.len() == 2 && lines[0].starts_with("error: ") || call == "write", "{when}: {told}");
                let reason = match error {
                    "ENOSPC" => ["no space", "No space"],
                    "EROFS" => ["read-only", "Read-only"],
                    _ => ["nput/output", "I/O"],
                };
                assert!(lines.is_empty() || reason.iter().any(|words| told.contains(words)), "{when}: {told}");
            }
        }
    }
    println!("{}: {runs} faults, {refused} told, the others did not matter", arguments[..2].join(" "));
    assert!(refused > 0);
}

#[test]
fn create() {
    if allowed() {
        let arguments = [&["csr", "create", "--name", "two"], ASKED.as_slice()].concat();
        fails_everywhere(&arguments, &["one", "other"], &["one", "other", "two"]);
    }
}

#[test]
fn import() {
    if allowed() {
        let pair = Unit::new();
        let (request, key) = foreign_pair(&pair);
        let arguments = ["csr", "import", "--name", "two", "--request", &request, "--key", &key];
        fails_everywhere(&arguments, &["one", "other"], &["one", "other", "two"]);
    }
}

#[test]
fn rename() {
    if allowed() {
        fails_everywhere(&["csr", "rename", "one", "two"], &["one", "other"], &["other", "two"]);
    }
}

#[test]
fn delete() {
    if allowed() {
        fails_everywhere(&["csr", "delete", "one", "--yes"], &["one", "other"], &["other"]);
    }
}

#[test]
fn a_save_gets_a_page_with_the_reason_and_works_when_the_disk_does() {
    if !allowed() {
        return;
    }
    let mut console = Unit::new().serve();
    let mut owner = console.owner();
    let mut number = 0;
    // A new file gets its name by either of the two, as the file system has it.
    for (call, status_of) in
        [("fsync", [507, 500, 507]), ("linkat,renameat2", [507, 500, 507]), ("pwrite64", [507, 500, 507])]
    {
        for (error, status) in ERRORS.into_iter().zip(status_of) {
            number += 1;
            let name = format!("csr-{number}");
            let confirm = owner.up_to_save(&name).unwrap();
            let inject = format!("inject={call}:error={error}");
            let fault = Attached::to(
                console.id(),
                &["-e", &format!("trace={call}"), "-e", &inject],
                &console.unit.beside("trace"),
            );
            let answer = owner.save(&confirm).unwrap();
            drop(fault);
            assert_eq!(answer.status, status, "{call} {error}: {}", answer.text());
            let reason = match error {
                "ENOSPC" => "no space is left",
                "EROFS" => "file system is read-only",
                _ => "nput/output error",
            };
            assert!(answer.text().contains(reason), "{call} {error}: {}", answer.text());
            assert_eq!(console.child.try_wait().unwrap(), None, "it serves on");
            // The same button again, when the disk works.
            assert_eq!(owner.save(&confirm).unwrap().status, 303, "{call} {error}");
            assert!(owner.get("/csrs").text().contains(&name));
        }
    }
    console.unit.is_whole("after all faults");
    assert_eq!(console.unit.states().len(), number);
}
