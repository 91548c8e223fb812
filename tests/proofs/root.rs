//! Root on a directory of another owner becomes that owner: what it leaves can be read, and nothing planted is followed.

use crate::unit::{ASKED, Unit};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::{Command, Stdio};

pub const OWNER: u32 = 4242;

pub fn is_root() -> bool {
    let root = rustix::process::geteuid().is_root();
    if !root {
        signet_testing::skip("only root can become another user");
    }
    root
}

/// A unit whose directory was given to another user; its program lies where that user may run it.
pub fn given_away() -> (Unit, std::path::PathBuf) {
    given(Unit::with(&["other"]))
}

/// As [`given_away`], a unit that was made before.
pub fn given(unit: Unit) -> (Unit, std::path::PathBuf) {
    std::fs::set_permissions(unit.data().parent().unwrap(), PermissionsExt::from_mode(0o755)).unwrap();
    let program = unit.beside("signet");
    std::fs::copy(env!("CARGO_BIN_EXE_signet"), &program).unwrap();
    let given = Command::new("chown").args(["-R", &format!("{OWNER}:{OWNER}")]).arg(unit.data()).status().unwrap();
    assert!(given.success());
    (unit, program)
}

fn owners(path: &Path, found: &mut Vec<(std::path::PathBuf, u32, u32)>) {
    let stat = std::fs::symlink_metadata(path).unwrap();
    found.push((path.to_path_buf(), stat.uid(), stat.gid()));
    if stat.is_dir() {
        std::fs::read_dir(path).unwrap().for_each(|entry| owners(&entry.unwrap().path(), found));
    }
}

#[test]
fn everything_that_a_command_leaves_is_the_owners() {
    if !is_root() {
        return;
    }
    let (unit, program) = given_away();
    let create = [&["csr", "create", "--name", "one"], ASKED.as_slice()].concat();
    for arguments in [&create[..], &["csr", "rename", "one", "two"], &["check"]] {
        let output = Command::new(&program).arg("--data").arg(unit.data()).args(arguments).output().unwrap();
        assert!(output.status.code().unwrap() < 2, "{}", String::from_utf8_lossy(&output.stderr));
    }
    let mut found = Vec::new();
    owners(unit.data(), &mut found);
    assert!(found.iter().any(|(path, ..)| path.ends_with("csrs/two.pem")));
    assert!(found.iter().all(|(_, uid, gid)| (*uid, *gid) == (OWNER, OWNER)), "{found:#?}");
}

#[test]
fn no_right_and_no_group_of_root_is_left_when_anything_is_opened() {
    if !is_root() {
        return;
    }
    let (unit, program) = given_away();
    // It waits for its input while it is looked at. Where there is no terminal at all, and no file that is root's is named, it is
    // the same process that goes on, as service managers expect.
    let mut command = Command::new("setsid");
    command.arg(&program).arg("--data").arg(unit.data()).args(["csr", "apply", "-f", "-"]);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let status = loop {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
        if status.contains(&format!("Uid:\t{OWNER}\t{OWNER}\t{OWNER}\t{OWNER}")) {
            break status;
        }
        assert!(child.try_wait().unwrap().is_none(), "it did not wait");
        std::thread::yield_now();
    };
    let line = |label: &str| status.lines().find_map(|line| line.strip_prefix(label)).unwrap().trim().to_owned();
    assert_eq!(line("Gid:"), format!("{OWNER}\t{OWNER}\t{OWNER}\t{OWNER}"));
    assert_eq!(line("Groups:"), "");
    assert_eq!(line("CapEff:"), "0000000000000000");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_link_that_the_owner_planted_leads_nowhere() {
    if !is_root() {
        return;
    }
    let (unit, program) = given_away();
    let secret = unit.beside("roots");
    std::fs::write(&secret, b"root's").unwrap();
    std::fs::set_permissions(&secret, PermissionsExt::from_mode(0o600)).unwrap();
    std::os::unix::fs::symlink(&secret, unit.data().join("signet.toml")).unwrap();
    let output = Command::new(&program).arg("--data").arg(unit.data()).args(["csr", "list"]).output().unwrap();
    assert_eq!(output.status.code(), Some(77), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(!String::from_utf8_lossy(&output.stderr).contains("root's"));
    assert_eq!(std::fs::read(&secret).unwrap(), b"root's");
}

#[test]
fn its_own_directory_stays_roots() {
    if !is_root() {
        return;
    }
    let unit = Unit::with(&["one"]);
    assert_eq!(std::fs::metadata(unit.data().join("csrs/one.pem")).unwrap().uid(), 0);
}
