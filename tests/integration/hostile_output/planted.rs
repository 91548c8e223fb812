//! Names that somebody planted in the data directory: `check` shows them, and never as a part of a command.

use super::device::Hostile;
use super::{HOSTILE, as_user, in_use, is_harmless};
use crate::harness::console::{Ran, run, signet};
use crate::harness::deployed::is_root;
use std::path::Path;
use std::process::Command;

/// Whoever owns the device's data directory.
const OWNER: u32 = 4242;

/// Every command that an output asks for, run by a shell in an empty folder.
fn pasted(ran: &Ran) -> usize {
    let folder = tempfile::tempdir().unwrap();
    let text = String::from_utf8(ran.out.clone()).unwrap();
    let mut count = 0;
    for line in text.lines() {
        for command in line.split('`').skip(1).step_by(2).filter(|command| !command.starts_with("signet ")) {
            if ["chmod", "chown", "find"].iter().any(|program| command.starts_with(program)) {
                let plain = |character: char| character.is_ascii_alphanumeric() || " ._/-".contains(character);
                assert!(command.chars().all(plain), "{command}");
                Command::new("sh").arg("-c").arg(command).current_dir(folder.path()).output().unwrap();
                count += 1;
            }
        }
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "a pasted command made a file:\n{text}");
    count
}

fn judged(what: &str, ran: &Ran) -> String {
    is_harmless(what, ran);
    let text = String::from_utf8(ran.out.clone()).unwrap();
    assert!(
        text.contains("x;touch PWNED;#") && text.contains("\\u{202e}") && text.contains("\\x{ff}"),
        "{what}: {text}"
    );
    assert!(text.contains("no command is shown here"), "{what}: {text}");
    text
}

#[test]
fn are_shown_escaped_and_in_no_command() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    in_use(&data);
    let plain = data.join("csrs/plain.pem");
    std::fs::write(&plain, b"").unwrap();
    for (name, what) in [
        ("x;touch PWNED;#", "x;touch PWNED;#"),
        ("a\nBROKEN     paths       all is lost", "a\\u{a}BROKEN     paths       all is lost"),
        ("\u{1b}[2J\u{202e}", "\\u{1b}[2J\\u{202e}"),
    ] {
        let path = data.join(name);
        std::fs::write(&path, b"").unwrap();
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o666)).unwrap();
        std::fs::set_permissions(&plain, std::os::unix::fs::PermissionsExt::from_mode(0o666)).unwrap();
        let ran = run(signet(&data).arg("check"), b"");
        is_harmless("check", &ran);
        let text = String::from_utf8(ran.out.clone()).unwrap();
        let shown = data.join(what).display().to_string();
        let line = format!(
            "attention  paths       {shown} has mode 0666: others can use it. Set its mode to 0600, or move it out of the data directory if nobody needs \
             it. Signet did not choose its name, so no command is shown here.\n"
        );
        assert!(text.contains(&line), "{text}");
        assert!(
            text.contains(&format!(
                "attention  strays      {shown} is a file with a name that the console does not use"
            )),
            "{text}"
        );
        assert!(text.contains(&format!("Run `chmod 600 {}`.\n", plain.display())), "{text}");
        assert!(!text.lines().any(|line| line.starts_with("BROKEN     paths")), "{text}");
        assert!(pasted(&ran) > 0);
        let json = run(signet(&data).args(["check", "--json"]), b"");
        is_harmless("check --json", &json);
        let json: serde_json::Value = serde_json::from_slice(&json.out).unwrap();
        let told =
            json["findings"].as_array().unwrap().iter().any(|one| one["what"].as_str().unwrap().contains(&shown));
        assert!(told, "{json}");
        std::fs::remove_file(path).unwrap();
    }
}

#[test]
fn are_harmless_to_root_and_to_the_owner() {
    if !is_root() {
        return;
    }
    let device = Hostile::new();
    let program = device.program();
    // Root's own directory, with files of somebody else in it.
    for name in ["x;touch PWNED;#", "plain"] {
        let path = device.data().join(name);
        std::fs::write(&path, b"").unwrap();
        std::os::unix::fs::chown(path, Some(OWNER), Some(OWNER)).unwrap();
    }
    let ran = run(Command::new(&program).arg("--data").arg(device.data()).arg("check"), b"");
    let text = judged("root's own", &ran);
    assert!(text.contains(&format!("`chown -h 0 {}`", device.data().join("plain").display())), "{text}");
    assert!(text.contains("Make user 0 its owner, or move it out"), "{text}");
    assert!(pasted(&ran) > 0);
    // The owner's, looked at by root and by the owner; one file is root's.
    given(&device.data());
    std::os::unix::fs::chown(device.data().join("x;touch PWNED;#"), Some(0), Some(0)).unwrap();
    let by_root = run(Command::new(&program).arg("--data").arg(device.data()).arg("check"), b"");
    let by_owner = run(as_user(&device, OWNER).arg("--data").arg(device.data()).arg("check"), b"");
    for (what, ran) in [("by root", by_root), ("by the owner", by_owner)] {
        let text = judged(what, &ran);
        assert!(text.contains(&format!("belongs to user 0, and the directory to user {OWNER}.")), "{what}: {text}");
        pasted(&ran);
    }
    for arguments in [&["csr", "list"][..], &["csr", "show", "imp"], &["csr", "show", "damaged"], &["console", "show"]]
    {
        for command in [&mut as_user(&device, OWNER), &mut Command::new(&program)] {
            is_harmless(&arguments.join(" "), &run(command.arg("--data").arg(device.data()).args(arguments), b""));
        }
    }
}

#[test]
fn on_the_way_to_the_directory_are_in_no_command() {
    let folder = tempfile::tempdir().unwrap();
    let above = folder.path().join(HOSTILE);
    std::fs::create_dir(&above).unwrap();
    std::fs::set_permissions(&above, std::os::unix::fs::PermissionsExt::from_mode(0o777)).unwrap();
    let data = above.join("data");
    in_use(&data);
    let ran = run(signet(&data).arg("check"), b"");
    is_harmless("check", &ran);
    let text = String::from_utf8(ran.out.clone()).unwrap();
    assert!(text.contains("lets other users put another directory") && !text.contains("chmod go-w"), "{text}");
    pasted(&ran);
}

fn given(data: &Path) {
    let owner = format!("{OWNER}:{OWNER}");
    assert!(Command::new("chown").args(["-hR", &owner]).arg(data).status().unwrap().success());
}
