//! What others wrote never commands the terminal that shows it, nor begins a line there: every command over a device whose
//! every name, note, record, certificate and file is hostile.

mod bounds;
mod device;
mod planted;
mod twin;

use crate::harness::console::{Console, Ran, run, signet};
use crate::harness::deployed::is_root;
use crate::harness::wizard;
use device::Hostile;
use std::path::Path;
use std::process::Command;

/// What a terminal obeys or does not show, and a line that poses as ours.
const HOSTILE: &str = "x\u{1b}[2J\u{7}\u{8}\u{7f}\u{9b}31m\u{202e}\u{2066}\u{200b}\u{200f}\u{61c}\u{2028}\u{feff}\u{e0041}\r\nFORGED    ok\n";

/// Fails if an output has a raw character of the kind, or a line that a value began.
fn is_harmless(what: &str, ran: &Ran) {
    let out = String::from_utf8(ran.out.clone()).unwrap_or_else(|_| panic!("{what}: not text"));
    for text in [&out, &ran.err] {
        let raw = |character: char| {
            (character.is_control() && character != '\n')
                || matches!(character, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}')
                || matches!(character, '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
        };
        if let Some(found) = text.chars().find(|character| raw(*character)) {
            panic!("{what}: a raw {} in\n{}", found.escape_unicode(), text.escape_debug());
        }
        let forged = text.lines().find(|line| line.trim_start().starts_with("FORGED"));
        assert!(forged.is_none(), "{what}: a value began a line:\n{text}");
    }
}

/// A data directory with a CSR in it.
fn in_use(data: &Path) {
    let asked = "--profile=https-ecc --country=DE --state=BY --city=M --organization=E --email=a@b.de --san=nas.local";
    run(signet(data).args(["csr", "create", "--name", "first"]).args(asked.split(' ')), b"").worked();
}

#[test]
fn every_command_shows_hostile_values_harmlessly() {
    if !is_root() {
        return;
    }
    let device = Hostile::new();
    let mut shown = 0;
    for arguments in device.commands() {
        let ran = run(signet(&device.data()).args(&arguments), b"");
        is_harmless(&arguments.join(" "), &ran);
        shown += usize::from(format!("{}{}", String::from_utf8_lossy(&ran.out), ran.err).contains("202e"));
    }
    // Else the values did not come as far as the output, and this test tells nothing.
    assert!(shown > 30, "{shown}");
}

#[test]
fn every_command_names_a_hostile_path_harmlessly() {
    if !is_root() {
        return;
    }
    let device = Hostile::new();
    let data = device.at(HOSTILE);
    std::fs::rename(device.data(), &data).unwrap();
    for arguments in device.commands() {
        is_harmless(&arguments.join(" "), &run(signet(&data).args(&arguments), b""));
        is_harmless(&arguments.join(" "), &run(signet(&device.at("none").join(HOSTILE)).args(&arguments), b""));
    }
}

#[test]
fn a_console_logs_hostile_values_harmlessly() {
    let folder = std::sync::Arc::new(tempfile::tempdir().unwrap());
    let data = folder.path().join("data");
    in_use(&data);
    std::fs::write(data.join("signet.toml"), format!("{} = 1\n", device::toml_string("x\u{202e}y\u{9b}"))).unwrap();
    std::fs::write(data.join("login.json"), format!("{{\"version\":1,\"{}\":[]", "\u{202e}")).unwrap();
    let console = Console::start_over(folder);
    let mut browser = console.browser();
    let _ = browser.get_once("/csrs/%1b%5b2J%e2%80%ae%0aFORGED");
    console.log_with("\\u{202e}");
    let log = console.whole_log();
    is_harmless("serve", &Ran { code: 0, out: Vec::new(), err: log });
}

#[test]
fn a_note_takes_lines_and_refuses_what_commands_a_terminal() {
    let (console, mut browser) = Console::owned();
    wizard::make(&mut browser, "nas", "https-ecc");
    let note = |console: &Console| {
        let json = console.run(["csr", "show", "nas", "--json"]).worked();
        serde_json::from_str::<serde_json::Value>(&json).unwrap()["note"].as_str().unwrap().to_owned()
    };
    let form = browser.get("/csrs/nas").form("/csrs/nas");
    // A browser sends CR LF.
    browser.send(form.clone().set("note", "sent\r\non Monday").enter()).expect(200, "nas");
    assert_eq!(note(&console), "sent\non Monday");
    let shown = console.run(["csr", "show", "nas"]).worked();
    let at = shown.lines().position(|line| line.starts_with("Note")).unwrap();
    let lines: Vec<&str> = shown.lines().skip(at).take(2).collect();
    assert!(lines[0].ends_with("  sent") && lines[1].trim() == "on Monday", "{lines:?}");
    assert_eq!(lines[0].find("sent"), lines[1].find("on Monday"), "the second line is below the first: {lines:?}");
    for (refused, code) in [('\u{1b}', "1b"), ('\u{9b}', "9b"), ('\u{202e}', "202e"), ('\u{200b}', "200b")] {
        let typed = format!("first\nsecond {refused}x");
        let page = browser.send(form.clone().set("name", "new").set("note", &typed).enter());
        let page = page.expect(422, "Error: nas");
        let told = page.at_field("note");
        assert!(told.contains("Line 2 of the note contains") && told.contains(code), "{told}");
        assert!(told.contains("Remove the character"), "{told}");
        let kept = page.form("/csrs/nas");
        assert_eq!(kept.value("name"), "new");
        assert!(kept.value("note").contains("second") && note(&console) == "sent\non Monday");
    }
}

#[test]
fn an_older_note_that_is_refused_now_is_shown_escaped_and_keeps_nobody_from_renaming() {
    let (console, mut browser) = Console::owned();
    wizard::make(&mut browser, "nas", "https-ecc");
    device::change_record(&console.data().join("csrs/nas.pem"), |record| {
        record["note"] = "one\r\ntw\u{202e}o".into();
    });
    let shown = console.run(["csr", "show", "nas"]);
    is_harmless("show", &shown);
    assert!(shown.worked().contains("tw\\u{202e}o\n"));
    let form = browser.get("/csrs/nas").form("/csrs/nas");
    browser.send(form.set("name", "new").enter()).expect(200, "new");
}

#[test]
fn arguments_are_shown_harmlessly() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    for arguments in [
        vec!["csr", "show", HOSTILE],
        vec!["csr", HOSTILE],
        vec![HOSTILE],
        vec!["csr", "list", &format!("--{HOSTILE}")],
        vec!["serve", "--listen", HOSTILE],
        vec!["csr", "create", "--name", HOSTILE, "--eku", HOSTILE, "--ku", HOSTILE],
        vec![
            "csr",
            "create",
            "--name",
            HOSTILE,
            "--country",
            HOSTILE,
            "--state",
            HOSTILE,
            "--city",
            HOSTILE,
            "--common",
            HOSTILE,
        ],
        vec![
            "csr",
            "create",
            "--name",
            "a",
            "--san",
            HOSTILE,
            "--email",
            HOSTILE,
            "--profile",
            HOSTILE,
            "--lifetime",
            HOSTILE,
        ],
        vec!["csr", "create", "--from", HOSTILE],
        vec!["csr", "rename", "a", HOSTILE],
        vec!["csr", "import", "--name", "a", "--request", HOSTILE, "--key", HOSTILE],
        vec!["csr", "answer", "--certificate", HOSTILE],
        vec!["csr", "needs-renewal", "a", "--days", HOSTILE],
        vec!["console", "back", "--to", HOSTILE],
        vec!["install", "--root", HOSTILE],
        vec!["provision", "--serial", HOSTILE, "--model", HOSTILE, "--hostname", HOSTILE, "--mac", HOSTILE],
        vec!["provision", "--batch", HOSTILE, "--out", HOSTILE],
        vec!["--config", HOSTILE, "check"],
        vec!["--config", HOSTILE, "deploy"],
    ] {
        let ran = run(signet(&data).args(&arguments).current_dir(folder.path()), b"");
        is_harmless(&arguments.join(" "), &ran);
        assert_ne!(ran.code, 0, "{arguments:?}");
    }
}

/// The same program as another user, who can reach only a copy of it.
fn as_user(device: &Hostile, uid: u32) -> Command {
    let mut command = Command::new("setpriv");
    command.arg(format!("--reuid={uid}")).arg(format!("--regid={uid}")).arg("--clear-groups").arg(device.program());
    command
}
