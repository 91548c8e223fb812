//! What support and monitoring rely on: a reference that joins an error's page to the log, priorities, health for monitors on the
//! device, and what the maker promises.

use crate::harness::browser::Browser;
use crate::harness::console::{Console, run, signet};
use crate::harness::reference::{code, table};
use serde_json::Value;
use std::os::unix::fs::MetadataExt;
use std::process::{Command, Stdio};

fn reference(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let behind = text.split_once("Reference for support: ")?.1;
    Some(behind.chars().take_while(|c| c.is_ascii_hexdigit() || *c == '-').collect())
}

#[test]
fn the_reference_of_a_page_that_failed_is_in_the_log_and_no_page_shows_another() {
    let (console, mut browser) = Console::owned();
    // Refusals, which anybody can cause, are not in the log, and so have no reference.
    let refused = browser.get_once("/no-such-page");
    assert_eq!((refused.status, reference(&refused.body)), (404, None));
    std::fs::write(console.data().join("owner.json"), "{").unwrap();
    let mut seen = Vec::new();
    for _ in 0..2 {
        let failed = browser.get_once("/csrs");
        assert_eq!(failed.status, 500);
        let reference = reference(&failed.body).unwrap();
        console.log_with(&format!("reference={reference} "));
        seen.push(reference);
    }
    assert_ne!(seen[0], seen[1]);
}

#[test]
fn with_every_log_line_refusals_have_a_reference_too() {
    let (console, mut browser) = Console::owned_and_talkative();
    let refused = browser.get_once("/no-such-page");
    let reference = reference(&refused.body).unwrap();
    console.log_with(&format!("reference={reference} "));
}

#[test]
fn lines_have_priorities_where_the_journal_reads_them_and_nowhere_else() {
    let folder = tempfile::tempdir().unwrap();
    let file = std::fs::File::create(folder.path().join("journal")).unwrap();
    let stream = file.metadata().map(|found| format!("{}:{}", found.dev(), found.ino())).unwrap();
    let missing = folder.path().join("missing");
    let told = |stream: &str| {
        let error = std::fs::File::create(folder.path().join("journal")).unwrap();
        let mut command = signet(&missing);
        command.args(["csr", "list"]).env("JOURNAL_STREAM", stream).stdout(Stdio::null()).stderr(error);
        assert_eq!(command.status().unwrap().code(), Some(66));
        std::fs::read_to_string(folder.path().join("journal")).unwrap()
    };
    let lines = told(&stream);
    assert!(
        lines.starts_with("<3>error: there is no data directory") && lines.matches("\n<3>").count() == 1,
        "{lines}"
    );
    assert!(told("1:1").starts_with("error: "), "standard error goes elsewhere");
    // By the flag, whatever standard error is.
    let config = folder.path().join("signet.toml");
    std::fs::write(&config, "[limit]\ncsrs = 5\n").unwrap();
    let serve = ["serve", "--listen", "192.0.2.1:0", "--log-priority"];
    let ran = run(signet(&missing).arg("--config").arg(&config).args(serve), b"");
    assert!(ran.code == 69 && ran.err.starts_with("<3>error: "), "{}", ran.err);
}

fn health(console: &Console, arguments: &[&str]) -> (String, String) {
    let url = format!("https://{}/healthz?full", console.origin.address);
    let mut curl = Command::new("curl");
    curl.args(["-sk", "-w", "\n%{http_code} %{content_type}"]).args(arguments).arg(url);
    let told = run(&mut curl, b"").worked();
    let (body, end) = told.rsplit_once('\n').unwrap();
    (body.to_owned(), end.to_owned())
}

#[test]
fn a_monitor_on_the_device_gets_the_codes_of_check_and_nobody_else_does() {
    let (console, mut browser) = Console::owned();
    crate::harness::wizard::make(&mut browser, "secret-name", "https-ecc");
    std::fs::write(console.data().join("stray"), "").unwrap();
    let (body, end) = health(&console, &[]);
    assert_eq!(end, "200 application/json", "{body}");
    let told: Value = serde_json::from_str(&body).unwrap();
    let checked: Value = serde_json::from_slice(&console.run(["check", "--json"]).out).unwrap();
    assert_eq!(
        (&told["schema"], &told["state"], &told["severity"]),
        (&2.into(), &checked["state"], &checked["severity"])
    );
    let codes = |value: &Value| {
        let findings = value["findings"].as_array().unwrap().iter();
        let mut codes: Vec<String> = findings.map(|one| one["code"].as_str().unwrap().to_owned()).collect();
        codes.retain(|code| code != "fine");
        codes.sort();
        codes.dedup();
        codes
    };
    assert_eq!(codes(&told), codes(&checked));
    assert!(
        codes(&told).contains(&"stray_file".to_owned()) && !body.contains("secret-name") && !body.contains("stray\""),
        "{body}"
    );
    // It is not looked at again for each who asks.
    std::fs::remove_file(console.data().join("stray")).unwrap();
    assert_eq!(health(&console, &[]).0, body);
    // Whoever says that they speak for somebody is not on this device.
    for header in ["X-Forwarded-For: 192.0.2.7", "Forwarded: for=192.0.2.7", "Via: 1.1 proxy", "X-Real-IP: 127.0.0.1"] {
        assert_eq!(health(&console, &["-H", header]).0, "ok\n", "{header}");
    }
    let plain = Browser::new(console.origin.clone()).get_once("/healthz");
    assert_eq!(plain.body, b"ok\n");
}

#[test]
fn a_monitor_at_the_unix_socket_gets_the_codes_and_a_visitor_of_the_web_server_does_not() {
    let config = "[proxy]\ntrusted = [\"unix\"]\n";
    let console = Console::listening_at(&["unix:SOCKET"], config);
    let ask = |header: &[&str]| {
        let mut curl = Command::new("curl");
        curl.args(["-s", "--unix-socket"]).arg(console.socket()).args(header).arg("http://nas/healthz?full");
        run(&mut curl, b"").worked()
    };
    assert!(ask(&[]).starts_with("{\"schema\":2,\"state\":"));
    assert_eq!(ask(&["-H", "X-Forwarded-For: 192.0.2.7"]), "ok\n");
    assert_eq!(ask(&["-H", "X-Forwarded-For: 127.0.0.1"]), "ok\n");
}

#[test]
fn a_broken_device_is_unavailable_to_its_monitor() {
    let (console, _) = Console::owned();
    std::fs::write(console.data().join("device.json"), "{").unwrap();
    let (body, end) = health(&console, &[]);
    assert!(end.starts_with("503 ") && body.contains("\"code\":\"file_damaged\""), "{end} {body}");
}

#[test]
fn what_the_maker_has_not_promised_is_named_and_is_no_fault_of_the_device() {
    let console = Console::first_boot();
    let checked = |config: &str| {
        std::fs::write(console.data().join("signet.toml"), config).unwrap();
        let ran = console.run(["check", "--json"]);
        let told: Value = serde_json::from_slice(&ran.out).unwrap();
        let findings = told["findings"].as_array().unwrap().clone();
        let found: Vec<Value> = findings.into_iter().filter(|one| one["about"] == "support").collect();
        assert_eq!(found.len(), 1, "{found:?}");
        found[0].clone()
    };
    let missing = checked("");
    assert_eq!(
        (&missing["code"], &missing["state"], &missing["numbers"]["missing"]),
        (&"support_incomplete".into(), &"fine".into(), &5.into())
    );
    for key in ["until", "contact", "response", "advisories", "vex"] {
        assert!(missing["what"].as_str().unwrap().contains(&format!("`{key}`")), "{missing}");
    }
    let all = "[support]\nuntil = \"YEAR-12\"\ncontact = \"security@example.com\"\nresponse = \"in 3 days\"\nadvisories = \
               \"https://example.com/a\"\nvex = \"https://example.com/vex\"\n";
    let complete = checked(&all.replace("YEAR", "2099"));
    assert_eq!((&complete["code"], &complete["state"]), (&"fine".into(), &"fine".into()));
    let ended = checked(&all.replace("YEAR", "2020"));
    assert_eq!((&ended["code"], &ended["state"]), (&"support_ended".into(), &"attention".into()));
    let codes: Vec<String> = table("Codes of findings").iter().map(|row| code(&row[0])).collect();
    assert!(codes.contains(&"support_ended".to_owned()));
}

#[test]
fn list_and_licences_beside_the_program_are_installed_with_it() {
    let (folder, image) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let program = folder.path().join("signet");
    let copied = Command::new("cp").arg(env!("CARGO_BIN_EXE_signet")).arg(&program).status().unwrap();
    assert!(copied.success());
    let install = || run(Command::new(&program).args(["install", "--root"]).arg(image.path()), b"").worked();
    assert!(!install().contains("sbom"));
    std::fs::write(folder.path().join("sbom.cdx.json"), "{}\n").unwrap();
    std::fs::write(folder.path().join("LICENSES.txt"), "MIT\n").unwrap();
    let said = install();
    assert!(said.contains("usr/share/doc/signet/sbom.cdx.json") && said.contains("LICENSES.txt"), "{said}");
    let at = |name: &str| std::fs::read_to_string(image.path().join("usr/share/doc/signet").join(name)).unwrap();
    assert_eq!((at("sbom.cdx.json"), at("LICENSES.txt")), ("{}\n".to_owned(), "MIT\n".to_owned()));
}
