//! Data directories that cannot be used: two lines, what and what to do, and a sysexits code; nothing is changed in them.

use crate::harness::console::{Console, Ran, run, signet};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

fn serve(data: &Path) -> Ran {
    run(signet(data).args(["serve", "--listen", "127.0.0.1:0"]), b"")
}

fn list(data: &Path) -> Ran {
    run(signet(data).args(["csr", "list"]), b"")
}

#[test]
fn a_directory_that_is_not_ours_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("somebody-elses");
    std::fs::create_dir(&data).unwrap();
    std::fs::write(data.join("thesis.txt"), "years of work").unwrap();
    for ran in [serve(&data), list(&data)] {
        let (what, fix) = ran.refused(77);
        assert!(what.contains(data.to_str().unwrap()) && what.contains("thesis.txt"), "{what}");
        assert!(!fix.is_empty());
    }
    let left: Vec<_> = std::fs::read_dir(&data).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["thesis.txt"]);
}

#[test]
fn a_file_a_link_and_a_path_to_nowhere_are_no_data_directory() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("file"), "").unwrap();
    std::fs::create_dir(at("real")).unwrap();
    std::os::unix::fs::symlink(at("real"), at("link")).unwrap();
    for (path, code) in [(at("file"), 77), (at("link"), 77), (at("no/where"), 73)] {
        let (what, _) = serve(&path).refused(code);
        assert!(what.contains(path.to_str().unwrap()), "{what}");
    }
    assert_eq!(std::fs::read_dir(at("real")).unwrap().count(), 0);
}

#[test]
fn a_directory_that_is_served_is_refused_and_commands_still_work() {
    let (mut console, _browser) = Console::owned();
    let (what, fix) = serve(&console.data()).refused(75);
    assert!(what.contains("is served already") && what.contains(console.data().to_str().unwrap()), "{what}");
    assert!(!fix.is_empty());
    list(&console.data()).worked();
    console.lives();
}

#[test]
fn a_directory_that_is_not_writable_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let outer = folder.path().join("outer");
    std::fs::create_dir(&outer).unwrap();
    std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
    std::fs::set_permissions(&outer, PermissionsExt::from_mode(0o555)).unwrap();
    let data = outer.join("data");
    let ran = if rustix::process::geteuid().is_root() {
        // Root may write everywhere: another user runs a copy of the binary that it can reach.
        let copy = folder.path().join("signet");
        std::fs::copy(env!("CARGO_BIN_EXE_signet"), &copy).unwrap();
        std::fs::set_permissions(&copy, PermissionsExt::from_mode(0o755)).unwrap();
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(copy).arg("--data").arg(&data);
        run(command.args(["serve", "--listen", "127.0.0.1:0"]), b"")
    } else {
        serve(&data)
    };
    let (what, fix) = ran.refused(77);
    assert!(what.contains(data.to_str().unwrap()), "{what}");
    assert!(!fix.is_empty());
    assert!(!data.exists());
}

#[test]
fn a_port_that_is_taken_is_told() {
    let (console, _browser) = Console::owned();
    let folder = tempfile::tempdir().unwrap();
    let address = console.origin.authority();
    let ran = run(signet(&folder.path().join("data")).args(["serve", "--listen", &address]), b"");
    let (what, _) = ran.refused(69);
    assert!(what.contains(&address), "{what}");
}

#[test]
fn a_config_file_that_is_wrong_is_told_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("signet.toml");
    std::fs::write(&config, "[session]\nidle_minutes = \"soon\"\n").unwrap();
    let mut command = signet(&folder.path().join("data"));
    let (what, _) = run(command.arg("--config").arg(&config).args(["csr", "list"]), b"").refused(78);
    assert!(what.contains("line 2"), "{what}");
}
