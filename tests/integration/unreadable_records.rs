//! What cannot be read for its version or for want of rights is left alone by every command and page, which say that, and
//! nothing advises to delete it.

use crate::harness::console::{Console, Ran, run};
use crate::harness::factory::Station;
use crate::harness::folder::listing;
use crate::harness::unprivileged::{Locked, Unprivileged};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::path::{Path, PathBuf};
use std::process::Command;

const CREATE: &str =
    "--profile https-ecc --country DE --state BY --city M --organization E --email a@b.de --san nas.local";

/// Every command that is given the name of a CSR, but those that only tell.
const COMMANDS: [&str; 14] = [
    "csr rename one three",
    "csr delete one",
    "csr delete one --yes",
    "csr export one",
    "csr export one --chain",
    "csr key one --unencrypted",
    "csr pkcs12 one --passphrase-file PASSPHRASE",
    "csr renew one",
    "csr show one",
    "csr expiry one",
    "csr deploy one",
    "csr deploy one --stop",
    "csr answer one --certificate CERTIFICATE",
    "console use one",
];

/// A directory with two CSRs, of a user without rights.
struct Device {
    user: Unprivileged,
    data: PathBuf,
}

impl Device {
    fn new() -> Self {
        let user = Unprivileged::new();
        let data = user.at("data");
        let device = Self { user, data };
        for name in ["one", "two"] {
            device.run(&format!("csr create --name {name} {CREATE}")).worked();
        }
        std::fs::write(device.user.at("PASSPHRASE"), "correct horse battery staple\n").unwrap();
        let made = Command::new("openssl")
            .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=x"])
            .args(["-keyout", "/dev/null", "-out"])
            .arg(device.user.at("CERTIFICATE"))
            .output()
            .unwrap();
        assert!(made.status.success());
        device
    }

    fn run(&self, line: &str) -> Ran {
        let mut command = self.user.signet(&self.data);
        for word in line.split(' ') {
            match word {
                "PASSPHRASE" | "CERTIFICATE" => command.arg(self.user.at(word)),
                word => command.arg(word),
            };
        }
        run(&mut command, b"")
    }

    fn file(&self, name: &str) -> PathBuf {
        self.data.join(name)
    }
}

/// Makes the record of a CSR's file one of a newer version.
fn make_newer(file: &Path) {
    let text = std::fs::read_to_string(file).unwrap();
    let (before, rest) = text.split_once("-----BEGIN SIGNET RECORD-----\n").unwrap();
    let (block, after) = rest.split_once("-----END SIGNET RECORD-----\n").unwrap();
    let json = String::from_utf8(STANDARD.decode(block.replace('\n', "")).unwrap()).unwrap();
    assert!(json.contains("\"version\":1"));
    let encoded = STANDARD.encode(json.replace("\"version\":1", "\"version\":2"));
    let lines: Vec<&str> = encoded.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    let text =
        format!("{before}-----BEGIN SIGNET RECORD-----\n{}\n-----END SIGNET RECORD-----\n{after}", lines.join("\n"));
    std::fs::write(file, text).unwrap();
}

/// No advice may cost the only copy of a key.
#[track_caller]
fn advises_no_deletion(text: &str) {
    for word in ["delete", "remove", "overwrite", "replace"] {
        assert!(!text.to_lowercase().contains(word), "{word}: {text}");
    }
}

#[track_caller]
fn check_is_broken(device: &Device, says: &str) {
    let ran = device.run("check");
    let text = String::from_utf8(ran.out).unwrap();
    assert_eq!(ran.code, 2, "{text}");
    let line = text.lines().find(|line| line.contains(says)).unwrap_or_else(|| panic!("{says}: {text}"));
    assert!(line.starts_with("BROKEN"), "{line}");
    advises_no_deletion(line);
}

/// A command as a hint writes it.
fn data(console: &Console, command: &str) -> String {
    format!("signet --data {} {command}", console.data().display())
}

#[test]
fn every_command_refuses_a_record_of_a_newer_version_and_changes_nothing() {
    let device = Device::new();
    make_newer(&device.file("csrs/one.pem"));
    let before = listing(&device.data);
    for line in COMMANDS {
        let (what, fix) = device.run(line).refused(82);
        assert!(what.contains("was written by a newer version of Signet (format 2)"), "{line}: {what}");
        assert!(fix.starts_with("Update the software"), "{line}: {fix}");
        advises_no_deletion(&fix);
        assert_eq!(listing(&device.data), before, "{line}");
    }
    assert_eq!(device.run("csr needs-renewal one").code, 255);
    let listed = device.run("csr list").worked();
    let line = listed.lines().find(|line| line.starts_with("one ")).unwrap();
    assert!(line.contains("unreadable") && line.contains("newer version of Signet"), "{line}");
    check_is_broken(&device, "The request one: it was written by a newer version of Signet");
    assert_eq!(listing(&device.data), before);
}

#[test]
fn every_command_refuses_a_record_without_the_right_to_read_it_and_changes_nothing() {
    let device = Device::new();
    let before = listing(&device.data);
    let locked = Locked::new(device.file("csrs/one.pem"));
    for line in COMMANDS.iter().chain(&["recover factory-reset --yes"]) {
        let (what, fix) = device.run(line).refused(77);
        assert!(what.contains("cannot be read: permission denied"), "{line}: {what}");
        assert!(fix.starts_with("Check its owner and mode"), "{line}: {fix}");
        advises_no_deletion(&fix);
    }
    let listed = device.run("csr list").worked();
    assert!(listed.lines().any(|line| line.starts_with("one ") && line.contains("unreadable")), "{listed}");
    check_is_broken(&device, "The request one: it cannot be read: permission denied");
    drop(locked);
    assert_eq!(listing(&device.data), before);
    device.run("csr rename one three").worked();
}

#[test]
fn the_pages_refuse_a_record_of_a_newer_version_and_change_nothing() {
    let (console, mut browser) = Console::owned();
    for name in ["one", "two"] {
        console.run(format!("csr create --name {name} {CREATE}").split(' ')).worked();
    }
    // What the forms of a readable one send, sent for the other.
    let rename = browser.get("/csrs/two").form("/csrs/two").set("name", "three").enter();
    let note = browser.get("/csrs/two").form("/csrs/two").set("note", "mine").enter();
    let delete = browser.get("/csrs/two/delete").form("/csrs/two/delete").check("confirm").enter();
    make_newer(&console.data().join("csrs/one.pem"));
    let before = listing(&console.data().join("csrs"));
    let page = browser.get("/csrs/one").expect(200, "one");
    assert!(page.main().contains("This request was written by a newer version of Signet"), "{}", page.main());
    assert!(page.main().contains("Update the software"), "{}", page.main());
    advises_no_deletion(&page.main());
    refused(browser.get("/csrs/one/delete").expect(409, "Error: This did not work").main());
    for mut form in [rename, note, delete] {
        form.path = form.path.replace("/two", "/one");
        refused(browser.send(form).expect(409, "Error: This did not work").main());
    }
    for page in ["download", "key", "certificate", "try", "deploy"] {
        browser.get(&format!("/csrs/one/{page}")).expect(409, "Error: This did not work");
    }
    assert_eq!(browser.get("/csrs").texts("td.state"), ["Cannot be read", "Waiting for the CA"]);
    assert_eq!(listing(&console.data().join("csrs")), before);
}

#[track_caller]
fn refused(main: String) {
    assert!(main.contains("he request one was written by a newer version of Signet"), "{main}");
    advises_no_deletion(&main);
}

#[test]
fn a_damaged_record_may_be_deleted_after_a_warning_that_it_may_hold_the_only_key() {
    let (console, mut browser) = Console::owned();
    for name in ["one", "two"] {
        console.run(format!("csr create --name {name} {CREATE}").split(' ')).worked();
        std::fs::write(console.data().join(format!("csrs/{name}.pem")), "-----BEGIN PRIVATE KEY-----\n!\n").unwrap();
    }
    let (what, fix) = console.run(["csr", "export", "one"]).refused(81);
    assert!(what.contains("is damaged") && fix.contains("the only copy of the private key"), "{what} {fix}");
    advises_no_deletion(&fix);
    let (what, fix) = console.run(["csr", "delete", "one"]).refused(64);
    assert!(
        what.contains("may hold the only copy of the private key") && fix.contains("Copy it first"),
        "{what} {fix}"
    );
    console.run(["csr", "delete", "one", "--yes"]).worked();
    let page = browser.get("/csrs/two").expect(200, "two");
    assert!(page.main().contains("it may hold the only copy of the private key"), "{}", page.main());
    let page = browser.get("/csrs/two/delete").expect(200, "Delete two?");
    assert!(page.main().contains("keep a copy of csrs/two.pem"), "{}", page.main());
    browser.send(page.form("/csrs/two/delete").check("confirm").enter()).expect(200, "Certificate Signing Requests");
}

#[test]
fn starting_a_unit_over_refuses_what_a_newer_version_wrote() {
    let station = Station::new();
    let data = station.at("data");
    station.provision(&data, &["--serial", "NX4-1", "--hostname", "vault"]).worked();
    make_newer(&data.join("csrs/web-NX4-1.pem"));
    let before = listing(&data);
    let (what, fix) = station.provision(&data, &["--serial", "NX4-1", "--hostname", "vault", "--again"]).refused(82);
    assert!(what.contains("newer version of Signet"), "{what}");
    advises_no_deletion(&fix);
    assert_eq!(listing(&data), before);
}

/// Puts a small file of a newer version in place of what is there.
fn put_newer(data: &Path, name: &str) -> Vec<u8> {
    let text = br#"{"version":2,"what":"only a newer version knows"}"#.to_vec();
    let path = data.join(name);
    if !path.exists() {
        std::fs::copy(data.join("owner.json"), &path).unwrap();
    }
    std::fs::write(&path, &text).unwrap();
    text
}

#[test]
fn a_console_with_an_owner_of_a_newer_version_says_so_and_a_recovery_keeps_the_file() {
    let (mut console, _) = Console::owned();
    console.terminate();
    let newer = put_newer(&console.data(), "owner.json");
    let before = listing(&console.data());
    let ran = console.run(["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!((ran.code, ran.out.as_slice()), (82, &b""[..]), "{}", ran.err);
    let mut lines = ran.err.lines().filter(|line| !line.starts_with("warning: "));
    let (what, fix) = (lines.next().unwrap(), lines.next().unwrap());
    assert!(what.contains("owner.json was written by a newer version of Signet (format 2)"), "{what}");
    assert!(fix.contains("Update the software") && fix.contains(&data(&console, "recover password")), "{fix}");
    assert_eq!(listing(&console.data()), before);
    let checked = console.run(["check"]);
    let text = String::from_utf8(checked.out).unwrap();
    assert_eq!(checked.code, 2, "{text}");
    let line = text.lines().find(|line| line.contains("owner.json")).unwrap();
    assert!(line.starts_with("BROKEN") && line.contains(&data(&console, "recover password")), "{line}");
    advises_no_deletion(line);
    let said = console.run(["recover", "password", "--dry-run"]).worked();
    assert!(said.contains("owner.json.newer-1"), "{said}");
    assert_eq!(listing(&console.data()), before);
    let said = console.run(["recover", "password", "--yes"]).worked();
    assert!(said.contains("Kept:") && said.contains("owner.json.newer-1"), "{said}");
    let after = listing(&console.data());
    assert_eq!(after.get("owner.json.newer-1"), Some(&newer));
    assert!(!after.contains_key("owner.json"));
    let checked = String::from_utf8(console.run(["check"]).out).unwrap();
    assert!(!checked.contains("newer-1"), "it is known: {checked}");
    // Another one has a place of its own.
    put_newer_over(&console.data());
    console.run(["recover", "password", "--yes"]).worked();
    let after = listing(&console.data());
    assert!(after.contains_key("owner.json.newer-1") && after.contains_key("owner.json.newer-2"));
    console.start_again().browser().get("/").expect(200, "Set up this console");
}

fn put_newer_over(data: &Path) {
    std::fs::copy(data.join("owner.json.newer-1"), data.join("owner.json")).unwrap();
}

#[test]
fn each_recovery_keeps_the_newer_file_that_is_in_its_way() {
    for (recovery, file) in [
        (&["lockout"][..], "login.json"),
        (&["password"], "setup.json"),
        (&["password", "--new-code", "--setup-code-file", "-"], "setup.json"),
        (&["password"], "login.json"),
        (&["factory-reset"], "owner.json"),
        (&["factory-reset"], "login.json"),
    ] {
        let (mut console, _) = Console::owned();
        console.terminate();
        let newer = put_newer(&console.data(), file);
        let said = console.run(["recover"].iter().chain(recovery).chain(&["--yes"])).worked();
        let after = listing(&console.data());
        assert_eq!(after.get(&format!("{file}.newer-1")), Some(&newer), "{recovery:?}: {said}");
        assert_ne!(after.get(file), Some(&newer), "{recovery:?}");
        assert!(said.contains(&format!("{file}.newer-1")), "{said}");
    }
    // What is not in the way stays where it is.
    for recovery in ["identity", "lockout"] {
        let (mut console, _) = Console::owned();
        console.terminate();
        let newer = put_newer(&console.data(), "owner.json");
        console.run(["recover", recovery, "--yes"]).worked();
        assert_eq!(listing(&console.data()).get("owner.json"), Some(&newer), "{recovery}");
    }
}

#[test]
fn counts_of_a_newer_version_are_not_written_over() {
    let (mut console, _) = Console::owned();
    console.terminate();
    let newer = put_newer(&console.data(), "login.json");
    let mut console = console.start_again();
    let mut stranger = console.browser();
    for _ in 0..2 {
        let wrong = stranger.get("/login").form("/login").set("password", "not the password").enter();
        stranger.send_once(wrong);
    }
    console.terminate();
    assert_eq!(listing(&console.data()).get("login.json"), Some(&newer));
}

#[test]
fn a_damaged_owner_is_replaced_by_the_recovery_that_check_advises() {
    let (mut console, _) = Console::owned();
    console.terminate();
    std::fs::write(console.data().join("owner.json"), "{cut").unwrap();
    let checked = String::from_utf8(console.run(["check"]).out).unwrap();
    assert!(checked.contains(&data(&console, "recover password")), "{checked}");
    console.run(["recover", "password", "--yes"]).worked();
    console.start_again().browser().get("/").expect(200, "Set up this console");
}

#[test]
fn no_text_of_ours_advises_to_delete_what_may_hold_a_key() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut read = 0;
    for folder in ["src", "templates", "docs", "systemd"] {
        texts(&root.join(folder), &mut |path, text| {
            read += 1;
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
            for advice in ["delete this one", "or delete it", "delete it,", "or remove it", "remove it and"] {
                assert!(!text.contains(advice), "{}: {advice}", path.display());
            }
        });
    }
    assert!(read > 300, "{read} files");
}

fn texts(folder: &Path, see: &mut impl FnMut(&Path, &str)) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("tests") {
            texts(&path, see);
        } else if let Ok(text) = std::fs::read_to_string(&path) {
            see(&path, &text);
        }
    }
}
