//! The log records who did what, in the browser and by command line, and tells when it was touched.

use crate::harness::browser::Browser;
use crate::harness::console::{Console, PASSWORD};
use crate::harness::wizard;
use std::fs;

fn whats(browser: &mut Browser) -> Vec<String> {
    browser.get("/audit").expect(200, "Log").texts("td[data-label=What]")
}

#[test]
fn browser_and_command_line_are_recorded_alike() {
    let (console, mut browser) = Console::owned();
    wizard::make(&mut browser, "nas", "https-ecc");
    let page = browser.get("/csrs/nas");
    browser.send(page.form("/csrs/nas").set("name", "renamed").set("note", "for the CA").enter());
    let export = browser.get("/csrs/renamed/key").form("/csrs/renamed/key").set("password", PASSWORD);
    let sent = export.clone().set("passphrase", "a passphrase").set("passphrase_confirm", "a passphrase").enter();
    assert_eq!(browser.send_once(sent).status, 200);
    assert_eq!(browser.send_once(export.set("password", "a wrong password").check("unencrypted").enter()).status, 422);
    console.run(["csr", "key", "renamed", "--unencrypted"]).worked();
    console.run(["csr", "delete", "renamed", "--yes"]).worked();
    let page = browser.get("/audit").expect(200, "Log");
    let (what, who) = (page.texts("td[data-label=What]"), page.texts("td[data-label=Who]"));
    let uid = rustix::process::getuid().as_raw();
    let command_line = format!("command line (uid {uid})");
    for (wanted, by) in [
        ("Deleted it with its key", command_line.as_str()),
        ("Exported the private key (unencrypted)", &command_line),
        ("Entered a wrong password refused", "127.0.0.1"),
        ("Exported the private key (encrypted)", "127.0.0.1"),
        ("Renamed it to renamed", "127.0.0.1"),
        ("Changed the note", "127.0.0.1"),
        ("Created a request (EC SECP384R1)", "127.0.0.1"),
        ("Set up the console", "127.0.0.1"),
    ] {
        let at = what.iter().position(|found| found == wanted);
        assert_eq!(who[at.unwrap_or_else(|| panic!("no \"{wanted}\" in {what:?}"))], by, "{wanted}");
    }
    assert!(page.texts("[role=alert]").is_empty());
    for secret in [PASSWORD, "a passphrase", "a wrong password", "PRIVATE KEY"] {
        for file in ["audit.log", "refused.log"] {
            let text = fs::read_to_string(console.data().join(file)).unwrap();
            assert!(!text.contains(secret), "{secret} in {file}");
        }
    }
}

#[test]
fn the_log_goes_on_over_restarts_and_by_pages() {
    let (console, mut browser) = Console::owned();
    for number in 0..30 {
        let name = format!("nas-{number}");
        let ecc = ["--profile", "https-ecc", "--country", "DE", "--state", "Bavaria", "--city", "Munich"];
        let rest = ["--organization", "Example", "--email", "root@nas.local", "--san", "nas.local"];
        console.run(["csr", "create", "--name", &name].iter().chain(&ecc).chain(&rest)).worked();
        console.run(["csr", "delete", &name, "--yes"]).worked();
    }
    let console = console.kill_and_start_again();
    browser.origin = console.origin.clone();
    let login = browser.get("/audit").expect(200, "Log in");
    let page = browser.send(login.form("/login").set("password", PASSWORD).enter()).expect(200, "Log");
    assert_eq!(page.texts("td[data-label=What]").len(), 50);
    assert_eq!(page.texts("td[data-label=What]")[0], "Logged in");
    let page = browser.click(&page, "Older").expect(200, "Log");
    let oldest = page.texts("td[data-label=What]");
    assert_eq!((oldest.len(), oldest.last().map(String::as_str)), (12, Some("Set up the console")));
    assert!(page.texts("[role=alert]").is_empty());
    browser.click(&page, "Newer").expect(200, "Log");
    for odd in ["0", "-1", "99999999999999999999", "x"] {
        browser.get(&format!("/audit?page={odd}")).expect(200, "Log");
    }
}

#[test]
fn a_log_that_was_touched_says_so_and_goes_on() {
    let (console, mut browser) = Console::owned();
    wizard::make(&mut browser, "nas", "https-ecc");
    let path = console.data().join("audit.log");
    let whole = fs::read_to_string(&path).unwrap();
    assert_eq!(whole.lines().count(), 2);
    fs::write(&path, whole.replace("\"nas\"", "\"mas\"")).unwrap();
    assert!(browser.get("/audit").texts("[role=alert]").concat().contains("The log's integrity check failed"));
    fs::write(&path, whole.lines().next().unwrap().to_owned() + "\n").unwrap();
    assert!(browser.get("/audit").texts("[role=alert]").concat().contains("lacks its newest lines"));
    console.run(["csr", "delete", "nas", "--yes"]).worked();
    assert!(browser.get("/audit").texts("[role=alert]").concat().contains("lacks the lines between"));
    assert_eq!(whats(&mut browser)[0], "Deleted it with its key");
}

#[test]
fn failures_are_on_disk_after_a_clean_stop() {
    let (mut console, _owner) = Console::owned();
    let mut browser = console.browser();
    for _ in 0..2 {
        let form = browser.get("/login").form("/login").set("password", "a wrong password").enter();
        browser.send(form).expect(422, "Error: Log in");
    }
    let lines = || fs::read_to_string(console.data().join("refused.log")).unwrap();
    assert_eq!(lines().lines().count(), 1, "one write a minute");
    assert!(console.terminate().success());
    assert_eq!(fs::read_to_string(console.data().join("refused.log")).unwrap().lines().count(), 2);
}
