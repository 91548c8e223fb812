//! The same again, or nearly: a CSR that renews or changes another one, by browser and by command line, and the timer
//! that makes it when the certificate comes to an end.

use crate::harness::browser::Browser;
use crate::harness::console::{Console, run, signet};
use crate::harness::made::{Folder, ec_key, request};
use crate::harness::openssl::{openssl, public_of_key, public_of_request, verifies};
use crate::harness::page::Page;
use crate::harness::python::python;
use crate::harness::wizard;
use std::io::Write;
use std::path::PathBuf;
use std::process::Command;

/// Renew, as far as the naming; `same_key` is said deliberately.
fn renew(browser: &mut Browser, name: &str, same_key: bool) -> Page {
    let page = browser.get(&format!("/csrs/{name}"));
    let form = page.form(&format!("/csrs/{name}/renew"));
    let form = if same_key { form.check("same_key") } else { form };
    browser.send(form.enter()).expect(200, "Identifier and Type")
}

fn renewed(browser: &mut Browser, old: &str, new: &str, same_key: bool) -> Page {
    let naming = renew(browser, old, same_key);
    let confirm = browser.send(naming.step().set("name", new).press("next")).expect(200, "Confirm Options");
    assert_eq!(confirm.fact("Replaces"), old);
    browser.send(confirm.step().press("save")).expect(200, new)
}

fn file(console: &Console, name: &str) -> PathBuf {
    console.data().join(format!("csrs/{name}.pem"))
}

fn downloaded(browser: &mut Browser, name: &str) -> Vec<u8> {
    browser.get_once(&format!("/csrs/{name}/download")).body
}

/// A certificate for the CSR's request that ends in so many days, put behind what is in its file.
fn answer(console: &Console, name: &str, days: i64) {
    let folder = Folder::new();
    let key = folder.file("ca.key", &ec_key("P-256"));
    let path = file(console, name);
    let ca =
        folder.file("ca.pem", &openssl(&format!("req -new -x509 -key {} -subj /CN=CA -days 9999", key.display()), b""));
    let index = folder.file("index", b"");
    let config = format!(
        "[ca]\ndefault_ca=d\n[d]\ndatabase={}\nnew_certs_dir={}\nrand_serial=yes\ndefault_md=sha256\npolicy=p\n\
         unique_subject=no\nemail_in_dn=yes\n[p]\n",
        index.display(),
        index.parent().unwrap().display()
    );
    let config = folder.file("config", config.as_bytes());
    let moment = |days: i64| {
        let now = jiff::Timestamp::from_second(std::time::UNIX_EPOCH.elapsed().unwrap().as_secs() as i64).unwrap();
        let at = now + jiff::SignedDuration::from_hours(24 * days);
        jiff::tz::TimeZone::UTC.to_datetime(at).strftime("%Y%m%d%H%M%SZ").to_string()
    };
    let certificate = openssl(
        &format!(
            "ca -batch -notext -config {} -cert {} -keyfile {} -in {} -startdate {} -enddate {} -subj /CN=nas.example.org",
            config.display(),
            ca.display(),
            key.display(),
            path.display(),
            moment(days.min(0) - 100),
            moment(days)
        ),
        b"",
    );
    let record = String::from_utf8(std::fs::read(&path).unwrap()).unwrap();
    std::fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(&certificate).unwrap();
    assert!(record.contains("SIGNET RECORD"));
}

fn needs_renewal(console: &Console, arguments: &[&str]) -> (i32, String) {
    let ran = run(signet(&console.data()).args(["csr", "needs-renewal"]).args(arguments), b"");
    (ran.code, String::from_utf8(ran.out).unwrap() + &ran.err)
}

#[test]
fn a_new_key_is_made_unless_the_same_is_said() {
    let (console, mut browser) = Console::owned();
    wizard::make(&mut browser, "nas", "https-ecc");
    let page = renewed(&mut browser, "nas", "fresh", false);
    assert!(page.main().contains("It replaces nas"), "{}", page.main());
    renewed(&mut browser, "nas", "same", true);
    let [old, fresh, same] = ["nas", "fresh", "same"].map(|name| downloaded(&mut browser, name));
    for request in [&fresh, &same] {
        verifies(request);
    }
    assert_ne!(public_of_request(&old), public_of_request(&fresh));
    assert_eq!(public_of_request(&old), public_of_request(&same));
    assert_ne!(old, same);
    for name in ["fresh", "same"] {
        let kept = std::fs::read(file(&console, name)).unwrap();
        assert_eq!(public_of_key(&kept, None), public_of_request(&downloaded(&mut browser, name)));
    }
    let log = browser.get("/audit").texts("td[data-label=What]");
    for wanted in [
        "Created a request (EC SECP384R1, replaces nas, with a new key)",
        "Created a request (EC SECP384R1, replaces nas, with its key)",
    ] {
        assert!(log.iter().any(|what| what == wanted), "{log:?}");
    }
}

#[test]
fn a_name_that_is_free_is_proposed() {
    let (console, mut browser) = Console::owned();
    wizard::make(&mut browser, "nas", "https-ecc");
    let first = renew(&mut browser, "nas", false).step().value("name");
    assert!(first.starts_with("nas-20") && first.len() == 8, "{first}");
    console.run(["csr", "renew", "nas"]).worked();
    assert_eq!(renew(&mut browser, "nas", false).step().value("name"), format!("{first}-2"));
    let naming = renew(&mut browser, &first, false);
    assert_eq!(naming.step().value("name"), format!("{first}-2"));
    // What is taken meanwhile is told, and an import is no renewal.
    let page = browser.send(naming.step().set("name", "nas").press("next"));
    assert_eq!(page.mistakes()[0].0, "name");
    let page = browser.send(page.step().set("name", "new").set("type", "import").press("next"));
    assert_eq!(page.mistakes()[0].0, "type");
}

#[test]
fn a_key_that_is_taken_over_cannot_be_chosen() {
    let (_console, mut browser) = Console::owned();
    wizard::make(&mut browser, "nas", "https-rsa");
    let naming = renew(&mut browser, "nas", true);
    let confirm = browser.send(naming.step().set("name", "same").press("next")).expect(200, "Confirm Options");
    assert_eq!(confirm.fact("Key"), "the same key as nas");
    let options = browser.get("/wizard/options?return=confirm").expect(200, "Certificate Options");
    assert!(options.main().contains("RSA 2048, the same key as nas"), "{}", options.main());
    assert!(!options.source().contains("name=\"key_type\""));
    let smuggled = options.step().smuggle("key_type", "EC").press("next");
    assert_eq!(browser.send_once(smuggled).status, 400);
    let form = options.step().set("digest_algorithm", "SHA512");
    let confirm = browser.send(form.press("next")).expect(200, "Confirm Options");
    browser.send(confirm.step().press("save")).expect(200, "same");
    let [old, new] = ["nas", "same"].map(|name| downloaded(&mut browser, name));
    assert_eq!(public_of_request(&old), public_of_request(&new));
    let compared = browser.get("/csrs/same/difference").expect(200, "What same changes");
    assert_eq!(compared.texts("td[data-label=Field]"), ["Signature"]);
}

#[test]
fn what_is_changed_is_shown_and_nothing_else() {
    let (_console, mut browser) = Console::owned();
    wizard::make(&mut browser, "nas", "https-ecc");
    let page = browser.get("/csrs/nas");
    let naming = browser.send(page.form("/csrs/nas/change").enter()).expect(200, "Identifier and Type");
    let options = browser.send(naming.step().set("name", "changed").press("next")).expect(200, "Certificate Options");
    let subject = browser.send(options.step().press("next")).expect(200, "Certificate Subject");
    let form = subject.step().set("san", "nas.local\nbox.local");
    let constraints = browser.send(form.press("next")).expect(200, "Extra Constraints");
    let confirm = browser.send(constraints.step().press("next")).expect(200, "Confirm Options");
    let page = browser.send(confirm.step().press("save")).expect(200, "changed");
    let compared = browser.click(&page, "see what differs").expect(200, "What changed changes");
    assert_eq!(compared.texts("td[data-label=Field]"), ["Subject Alternate Names"]);
    assert_eq!(compared.texts("td[data-label=Before]"), ["IP:192.0.2.7"]);
    assert_eq!(compared.texts("td[data-label=Now]"), ["DNS:box.local"]);
    assert!(compared.main().contains("It has a new key"));
    browser.get("/csrs/nas/difference").expect(404, "Error: Page not found");
}

#[test]
fn the_older_one_says_what_has_become_of_it() {
    let (console, mut browser) = Console::owned();
    wizard::make(&mut browser, "nas", "https-ecc");
    renewed(&mut browser, "nas", "new", false);
    let said = browser.get("/csrs/nas").main();
    assert!(said.contains("Replaced by new: do not send this one."), "{said}");
    let badges = |browser: &mut Browser| browser.get("/csrs").texts("td.state");
    assert_eq!(badges(&mut browser), ["Replaced by new", "Waiting for the CA"]);
    let record = |name: &str| -> serde_json::Value {
        serde_json::from_str(&console.run(["csr", "show", name, "--json"]).worked()).unwrap()
    };
    assert_eq!((&record("nas")["superseded_by"], &record("nas")["supersedes"]), (&"new".into(), &().into()));
    assert_eq!((&record("new")["supersedes"], &record("new")["superseded_by"]), (&"nas".into(), &().into()));
    let all: serde_json::Value = serde_json::from_str(&console.run(["csr", "list", "--json"]).worked()).unwrap();
    assert_eq!((&all[0]["superseded_by"], &all[1]["supersedes"]), (&"new".into(), &"nas".into()));
    assert!(console.run(["csr", "list"]).worked().contains("replaced by new"));
    assert!(console.run(["csr", "show", "nas"]).worked().contains("which waits for the CA: do not send this one"));
    // A rename is followed; the end of the newer one leaves the older as it was.
    console.run(["csr", "rename", "new", "newer"]).worked();
    assert!(browser.get("/csrs/nas").main().contains("Replaced by newer"));
    console.run(["csr", "delete", "newer", "--yes"]).worked();
    assert!(!browser.get("/csrs/nas").main().contains("Replaced by"));
    assert_eq!(badges(&mut browser), ["Waiting for the CA"]);
    assert!(record("nas")["superseded_by"].is_null());
}

#[test]
fn a_draft_outlives_the_request_that_it_renews() {
    let (console, mut browser) = Console::owned();
    for same_key in [false, true] {
        wizard::make(&mut browser, "nas", "https-ecc");
        let naming = renew(&mut browser, "nas", same_key);
        let name = if same_key { "same" } else { "fresh" };
        let confirm = browser.send(naming.step().set("name", name).press("next")).expect(200, "Confirm Options");
        console.run(["csr", "delete", "nas", "--yes"]).worked();
        let mut page = browser.send(confirm.step().press("save"));
        if same_key {
            assert_eq!((page.status, page.title()), (422, "Error: Confirm Options".to_owned()));
            assert!(page.main().contains("has been deleted together with its key"), "{}", page.main());
            let options = browser.click(&page, "Use a new key").expect(200, "Certificate Options");
            let form = options.step().set("ec_curve", "SECP256R1");
            let confirm = browser.send(form.press("next")).expect(200, "Confirm Options");
            page = browser.send(confirm.step().press("save"));
        }
        let page = page.expect(200, name);
        assert!(!page.main().contains("It replaces"), "{}", page.main());
        verifies(&downloaded(&mut browser, name));
    }
}

#[test]
fn a_digest_is_asked_for_where_the_kept_key_has_none_of_its_own() {
    let (console, mut browser) = Console::owned();
    let who = "--country=DE --state=Bavaria --city=Munich --organization=Example --email=a@b.de --san=nas.example.org";
    for (name, key, is_asked) in [
        ("ec", "--key-type=EC --ec-curve=SECP256R1", true),
        ("ed25519", "--key-type=EC --ec-curve=ed25519", false),
        ("ml-dsa", "--key-type=ML-DSA --ml-dsa=44", false),
    ] {
        console.run(format!("csr create --name={name} {key} {who}").split(' ')).worked();
        let old = std::fs::read(file(&console, name)).unwrap();
        let naming = renew(&mut browser, name, true);
        let again = format!("{name}-again");
        browser.send(naming.step().set("name", &again).press("next")).expect(200, "Confirm Options");
        let options = browser.get("/wizard/options").expect(200, "Certificate Options");
        assert_eq!(options.step().has("digest_algorithm"), is_asked, "{name}");
        assert!(options.step().has("lifetime") && !options.step().has("key_type"), "{name}");
        browser.send(options.step().set("lifetime", "99").press("next"));
        let confirm = browser.get("/wizard/confirm").expect(200, "Confirm Options");
        browser.send(confirm.step().press("save")).expect(200, &again);
        if name != "ml-dsa" {
            let new = std::fs::read(file(&console, &again)).unwrap();
            assert_eq!(public_of_key(&new, None), public_of_key(&old, None), "{name}");
            verifies(&downloaded(&mut browser, &again));
        }
    }
}

#[test]
fn an_import_is_renewed_or_says_why_not() {
    let (console, mut browser) = Console::owned();
    let folder = Folder::new();
    let key = ec_key("P-256");
    let given = |options: &str, file: &str| folder.file(file, &request(&key, options)).display().to_string();
    let key_file = folder.file("key", &key).display().to_string();
    let (good, bad) = (given("-addext subjectAltName=DNS:nas.local", "good"), given("", "bad"));
    for (name, file) in [("good", &good), ("bad", &bad)] {
        console.run(["csr", "import", "--name", name, "--request", file, "--key", &key_file]).worked();
    }
    console.run(["csr", "renew", "good", "--same-key", "--name", "again"]).worked();
    let again = downloaded(&mut browser, "again");
    verifies(&again);
    assert_eq!(public_of_request(&again), public_of_key(&key, None));
    let compared = browser.get("/csrs/again/difference").expect(200, "What again changes");
    assert_eq!(compared.texts("td[data-label=Field]"), ["Requested lifetime"], "an import had none");

    let page = browser.get("/csrs/bad").main();
    assert!(page.contains("cannot be renewed or changed here: it does not name DNS:nas.local"), "{page}");
    let (what, _) = console.run(["csr", "renew", "bad"]).refused(65);
    assert!(what.contains("it does not name DNS:nas.local"), "{what}");
}

#[test]
fn the_command_line_renews_and_changes() {
    let (console, mut browser) = Console::owned();
    wizard::make(&mut browser, "nas", "https-ecc");
    let made = console.run(["csr", "renew", "nas", "--name", "new", "--json"]).worked();
    let record: serde_json::Value = serde_json::from_str(&made).unwrap();
    assert_eq!((&record["name"], &record["supersedes"]), (&"new".into(), &"nas".into()));
    let answers =
        ["--country=DE", "--state=Bavaria", "--city=Munich", "--organization=Example", "--email=root@nas.local"];
    let create =
        ["csr", "create", "--supersedes", "nas", "--name", "changed", "--profile=https-ecc", "--san=box.local"];
    console.run(create.iter().chain(&answers)).worked();
    assert!(browser.get("/csrs/changed").main().contains("It replaces nas"));
    let said = console.run(["csr", "renew", "changed", "--same-key", "--name", "same"]).worked();
    assert!(said.contains("with the key of changed") && said.contains("/csrs/same"), "{said}");
    console.run(["csr", "renew", "nobody"]).refused(66);
    // While a renewal waits, that is the one.
    let again = console.run(["csr", "renew", "nas", "--name", "other", "--json"]).worked();
    let again: serde_json::Value = serde_json::from_str(&again).unwrap();
    assert!(again["name"] == "changed" || again["name"] == "new", "{again}");
    assert_eq!(again["changed"], false);
    console.run(["csr", "renew", "nas", "--name", "new", "--again"]).refused(79);
    console.run(["csr", "renew", "nas", "--name", "a b"]).refused(65);
    let others = create.iter().map(|word| if *word == "nas" { "nobody" } else { word });
    let (what, _) = console.run(others.chain(answers)).refused(66);
    assert!(what.contains("nobody"), "{what}");
}

#[test]
fn needs_renewal_tells_by_its_exit_code() {
    let (console, mut browser) = Console::owned();
    for name in ["unanswered", "far", "due", "expired", "damaged", "spoilt"] {
        wizard::make(&mut browser, name, "https-ecc");
    }
    for (name, days) in [("far", 31), ("due", 29), ("expired", -3), ("spoilt", 100)] {
        answer(&console, name, days);
    }
    std::fs::write(file(&console, "damaged"), "nothing").unwrap();
    let spoilt = std::fs::read_to_string(file(&console, "spoilt")).unwrap();
    let (before, _) = spoilt.split_once("-----BEGIN CERTIFICATE-----").unwrap();
    let garbage = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    std::fs::write(file(&console, "spoilt"), format!("{before}{garbage}")).unwrap();
    for (arguments, code, words) in [
        (&["unanswered"][..], 2, "there is no certificate yet"),
        (&["far"], 1, "not due yet: certificate valid until"),
        (&["far", "--days", "31"], 0, "due: certificate valid until"),
        (&["due"], 0, "due: certificate valid until"),
        (&["due", "--days", "28"], 1, "days left"),
        (&["expired"], 0, "due: certificate valid until"),
        (&["expired", "--days", "0"], 0, "days ago"),
        (&["damaged"], 255, "error: "),
        (&["spoilt"], 255, "error: "),
        (&["nobody"], 255, "error: there is no request named nobody"),
        (&["a b"], 255, "error: NAME: "),
        (&["due", "--days", "x"], 255, "error: "),
        (&["due", "--dayz", "3"], 255, "error: "),
        (&[], 255, "error: "),
        (&["--help"], 0, "255  any failure"),
    ] {
        let (found, said) = needs_renewal(&console, arguments);
        assert!(found == code && said.contains(words), "{arguments:?}: {found} {said}");
    }
    // A directory that is none, which no condition may take for "not now".
    let ran = run(signet(&file(&console, "far")).args(["csr", "needs-renewal", "far"]), b"");
    assert_eq!(ran.code, 255, "{}", ran.err);
}

#[test]
fn the_timers_commands_make_one_request_and_follow_it() {
    let (console, mut browser) = Console::owned();
    wizard::make(&mut browser, "nas", "https-ecc");
    answer(&console, "nas", 20);
    let unit = include_str!("../../systemd/signet-renewal@.service");
    let line = |key: &str| {
        let found = unit.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix("=/usr/bin/signet ")).unwrap();
        found.replace("%i", "nas").split(' ').map(str::to_owned).collect::<Vec<_>>()
    };
    let (condition, start) = (line("ExecCondition"), line("ExecStart"));
    assert_eq!(console.run(&condition).code, 0);
    let said = console.run(&start).worked();
    let new = said.split(' ').nth(1).unwrap().to_owned();
    assert!(new.starts_with("nas-20") && said.contains(&format!("/csrs/{new}")), "{said}");
    assert_eq!(console.run(&condition).code, 3, "the next day one is there already");
    let (_, said) = needs_renewal(&console, &["nas"]);
    assert!(said.contains(&format!("already renewed: {new} waits")), "{said}");
    let mut now = |console: &Console| (console.run(&condition).code, browser.get("/csrs/nas").main());
    // The same timer looks at the new one from its answer on.
    answer(&console, &new, 200);
    let (code, said) = now(&console);
    assert!(code == 1 && said.contains(&format!("Replaced by {new}.")), "{code} {said}");
    let badges = browser.get("/csrs").texts("td.state");
    assert!(badges[0] == format!("Replaced by {new}") && badges[1].starts_with("Valid until"), "{badges:?}");
    let (_, said) = needs_renewal(&console, &["nas"]);
    assert!(said.contains(&format!("nas: replaced by {new}")), "{said}");
    assert_eq!(needs_renewal(&console, &["--follow", "nas", "--days", "201"]).0, 0);
    let said = console.run(&start).worked();
    assert!(
        said.contains(&format!("Created {new}-2 with a new key")) && said.contains(&format!("renews {new}")),
        "{said}"
    );
}

#[test]
fn the_expiry_is_an_event_that_another_library_reads() {
    let (console, mut browser) = Console::owned();
    let long = "n".repeat(120);
    for name in ["nas", &long] {
        wizard::make(&mut browser, name, "https-ecc");
        browser.get(&format!("/csrs/{name}/expiry.ics")).expect(404, "Error: This did not work");
        console.run(["csr", "expiry", name]).refused(80);
        answer(&console, name, 90);
        let answer = browser.get_once(&format!("/csrs/{name}/expiry.ics"));
        assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/calendar; charset=utf-8")));
        let disposition = format!("attachment; filename=\"{name}.ics\"");
        assert_eq!(answer.header("content-disposition"), Some(disposition.as_str()));
        let text = String::from_utf8(answer.body.clone()).unwrap();
        assert!(text.ends_with("END:VCALENDAR\r\n") && !text.replace("\r\n", "").contains(['\r', '\n']));
        assert!(text.split("\r\n").all(|line| line.len() <= 75));
        assert_eq!(console.run(["csr", "expiry", name, "--ics"]).code, 0);
        let said = console.run(["csr", "expiry", name]).worked();
        assert!(said.contains("89 days left") || said.contains("90 days left"), "{said}");

        let folder = Folder::new();
        let path = folder.file("event.ics", &answer.body);
        let script = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/integration/calendar_event.py");
        let ran = run(python().arg(script).arg(path), b"");
        assert_eq!(ran.code, 0, "{}", ran.err);
        let read: serde_json::Value = serde_json::from_slice(&ran.out).unwrap();
        let pem = std::fs::read(file(&console, name)).unwrap();
        let ends = String::from_utf8(openssl("x509 -noout -enddate -dateopt iso_8601", &pem)).unwrap();
        assert_eq!(format!("notAfter={}", read["start"].as_str().unwrap()), ends[..19]);
        assert_eq!((&read["events"], &read["alarm_days"]), (&1.into(), &(-30).into()));
        assert_eq!(read["summary"], "The certificate of nas.example.org expires");
        assert!(read["description"].as_str().unwrap().contains(&format!("for the request {name} is valid until")));
        let serial = String::from_utf8(openssl("x509 -noout -serial", &pem)).unwrap();
        let serial = serial.trim().strip_prefix("serial=").unwrap();
        assert!(read["uid"].as_str().unwrap().ends_with(&format!("-{serial}@signet")), "{read} {serial}");
    }
}

#[test]
fn systemd_takes_the_instance_of_a_csr() {
    if Command::new("systemd-analyze").arg("--version").output().is_err() {
        signet_testing::skip("there is no systemd-analyze here");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut paths = Vec::new();
    for (file, text) in [
        ("signet-renewal@nas-2026.timer", include_str!("../../systemd/signet-renewal@.timer")),
        ("signet-renewal@nas-2026.service", include_str!("../../systemd/signet-renewal@.service")),
    ] {
        let path = folder.path().join(file);
        std::fs::write(&path, text.replace("/usr/bin/signet", env!("CARGO_BIN_EXE_signet"))).unwrap();
        paths.push(path);
    }
    let ran = run(Command::new("systemd-analyze").args(["verify", "--man=no"]).args(&paths), b"");
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
}
