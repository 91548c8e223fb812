//! Data directories that cannot be used: two lines, what and what to do, and a sysexits code; nothing is changed in them.

use crate::harness::console::{Console, Ran, plain_signet, run, signet};
use crate::harness::unprivileged::{Unprivileged, is_root};
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
    assert!(what.contains("is already served") && what.contains(console.data().to_str().unwrap()), "{what}");
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
        // By another process: a file that one of our threads writes is busy in each program that another one starts meanwhile.
        assert!(Command::new("cp").arg(env!("CARGO_BIN_EXE_signet")).arg(&copy).status().unwrap().success());
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
    let (what, _) = run(command.arg("--config").arg(&config).args(["csr", "create"]), b"").refused(78);
    assert!(what.contains("line 2"), "{what}");
}

const CREATE: &str = "csr create --name a --ec-curve SECP256R1 --country DE --state BY --city M --organization E --email a@b.de \
                      --san nas.local";

/// A command without `--data`, in a folder of its own, with these variables.
fn in_folder(folder: &Path, variables: &[(&str, &Path)], line: &str) -> Ran {
    run(plain_signet().args(line.split(' ')).envs(variables.iter().copied()).current_dir(folder), b"")
}

#[test]
fn a_command_without_a_directory_takes_that_of_the_variables() {
    let folder = tempfile::tempdir().unwrap();
    let [own, unit] = ["own", "unit"].map(|name| folder.path().join(name));
    let both = [("SIGNET_DATA", own.as_path()), ("STATE_DIRECTORY", unit.as_path())];
    in_folder(folder.path(), &both, CREATE).worked();
    assert!(own.join("csrs/a.pem").exists() && !unit.exists());
    let (what, _) = in_folder(folder.path(), &both[1..], "csr list").refused(66);
    assert!(what.ends_with(unit.to_str().unwrap()), "{what}");
    // An empty one counts as none.
    let empty = [("SIGNET_DATA", Path::new("")), both[1]];
    assert!(in_folder(folder.path(), &empty, CREATE).worked().contains(unit.to_str().unwrap()));
}

#[test]
fn hints_name_the_directory_where_a_shell_would_not_find_it() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("my data");
    let created = run(signet(&data).args(CREATE.split(' ')), b"").worked();
    let hint = format!("`signet --data '{}' csr export a`", data.display());
    assert!(created.contains(&hint), "{created}");
    // Also in sentences that come from far below, such as those of errors.
    let (_, fix) = run(signet(&data).args(["csr", "show", "b"]), b"").refused(66);
    assert!(fix.contains(&format!("`signet --data '{}' csr list`", data.display())), "{fix}");
    // The unit's own directory is not the shell's, and the variable's is.
    let other = folder.path().join("other");
    let of_unit = in_folder(folder.path(), &[("STATE_DIRECTORY", &other)], CREATE).worked();
    assert!(of_unit.contains(&format!("`signet --data {} csr export a`", other.display())), "{of_unit}");
    let third = folder.path().join("third");
    let of_shell = in_folder(folder.path(), &[("SIGNET_DATA", &third)], CREATE).worked();
    assert!(of_shell.contains("`signet csr export a`"), "{of_shell}");
}

/// Commands, a line each, as root in a world of their own where `/var/lib` is empty at first; each says its output and code.
fn in_own_world(folder: &Path, script: &str) -> Option<String> {
    if !is_root() {
        signet_testing::skip("only root can put another directory in place of /var/lib");
        return None;
    }
    let script = format!("mount -t tmpfs -o mode=755 none /var/lib || exit 99\ncd '{}'\n{script}", folder.display());
    let mut command = Command::new("unshare");
    command.args(["--mount", "--propagation=private", "sh", "-c", &script]);
    let program = plain_signet().get_program().to_owned();
    let ran = run(command.env("SIGNET", program).env_remove("SIGNET_DATA").env_remove("STATE_DIRECTORY"), b"");
    assert_ne!(ran.code, 99, "{}", ran.err);
    Some(String::from_utf8(ran.out).unwrap() + &ran.err)
}

#[test]
fn the_systems_directory_is_found_where_it_is_one() {
    let folder = tempfile::tempdir().unwrap();
    let create = format!("\"$SIGNET\" {CREATE}");
    let list = "\"$SIGNET\" csr list 2>&1";
    let Some(said) = in_own_world(folder.path(), &format!("{list}; echo $?; ls -A /var/lib .")) else { return };
    let here = folder.path().join("signet-data");
    assert!(said.contains(&format!("there is no data directory at {}\n", here.display())), "{said}");
    assert!(said.ends_with("\n66\n.:\n\n/var/lib:\n"), "nothing is made: {said}");
    // Empty: as a package makes it.
    let said = in_own_world(folder.path(), &format!("mkdir /var/lib/signet; {create}; {list}; ls -A .")).unwrap();
    assert!(said.contains("/var/lib/signet/csrs/a.pem") && said.contains("`signet csr export a`"), "{said}");
    assert!(said.lines().any(|line| line.starts_with("a ")) && !here.exists(), "{said}");
    // Another program's.
    let theirs = "mkdir /var/lib/signet; touch /var/lib/signet/theirs; ";
    let said = in_own_world(folder.path(), &format!("{theirs}{create}; ls -A /var/lib/signet")).unwrap();
    assert!(here.join("csrs/a.pem").exists() && said.contains("Send it to the CA.\ntheirs\n"), "{said}");
    assert!(said.contains("`signet csr export a`"), "{said}");
    // And one that is a data directory goes before the one here.
    let second = create.replace("--name a", "--name b");
    let said = in_own_world(folder.path(), &format!("mkdir /var/lib/signet; {create}; {second}")).unwrap();
    assert!(said.contains("/var/lib/signet/csrs/b.pem"), "{said}");
}

#[test]
fn a_user_who_may_not_look_into_a_directory_learns_whose_it_is() {
    let user = Unprivileged::new();
    let data = user.at("data");
    std::fs::create_dir(&data).unwrap();
    if !is_root() {
        signet_testing::skip("only root can make a directory of another user's");
        return;
    }
    std::fs::set_permissions(&data, PermissionsExt::from_mode(0o700)).unwrap();
    for line in ["csr list", CREATE, "serve --listen 127.0.0.1:0"] {
        let (what, fix) = run(user.signet(&data).args(line.split(' ')), b"").refused(77);
        assert!(what.contains("belongs to user 0, and this is user 65534"), "{line}: {what}");
        assert!(fix.contains("as root or as user 0") && fix.contains("--data"), "{line}: {fix}");
    }
}
