//! A backup of one device on the same and on another one: requests, keys and certificates come along, what is a device's own does not.

use crate::harness::answering::{answer, request, show};
use crate::harness::authority::Authority;
use crate::harness::console::{Console, PASSWORD, Ran, run, signet};
use crate::harness::openssl::{public_of_key, public_of_request};
use crate::harness::python::python;
use crate::harness::unprivileged::{Unprivileged, is_root};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

const PASSPHRASE: &str = "zither quagmire 9741 of the backup";

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        folder.file("passphrase", format!("{PASSPHRASE}\nsecond line\n").as_bytes());
        folder
    }

    fn at(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    fn file(&self, name: &str, content: &[u8]) -> String {
        std::fs::write(self.at(name), content).unwrap();
        self.at(name)
    }

    fn command(&self, data: &Path, line: &str) -> Ran {
        let line = format!("{line} --passphrase-file {}", self.at("passphrase"));
        run(signet(data).args(line.split_whitespace()), b"")
    }

    fn backup(&self, data: &Path, name: &str, more: &str) -> Value {
        let ran = self.command(data, &format!("backup {} --json {more}", self.at(name)));
        serde_json::from_str(&ran.worked()).unwrap()
    }

    fn restore(&self, data: &Path, name: &str, more: &str) -> Value {
        let ran = self.command(data, &format!("restore {} --json {more}", self.at(name)));
        serde_json::from_str(&ran.worked()).unwrap()
    }

    /// What another implementation of the format reads.
    fn read(&self, name: &str) -> Value {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/integration/backup.py");
        let ran = run(python().arg(script).args(["open", &self.at(name), &self.at("passphrase")]), b"");
        serde_json::from_str(&ran.worked()).unwrap()
    }

    /// A file that another implementation encrypts.
    fn write(&self, name: &str, plain: &str) -> String {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/integration/backup.py");
        run(python().arg(script).args(["close", &self.at(name), &self.at("passphrase")]), plain.as_bytes()).worked();
        self.at(name)
    }
}

/// Every file below a directory but locks and logs, which commands write.
fn files(data: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(data).unwrap().map(Result::unwrap) {
        let path = entry.path();
        let name = entry.file_name().into_string().unwrap();
        if path.is_dir() {
            found.insert(path.clone(), Vec::new());
            found.extend(files(&path));
        } else if !["lock", "serve.lock", "audit.log", "audit.head", "refused.log"].contains(&name.as_str()) {
            found.insert(path.clone(), std::fs::read(path).unwrap());
        }
    }
    found
}

fn csr(data: &Path, name: &str) -> Vec<u8> {
    std::fs::read(data.join(format!("csrs/{name}.pem"))).unwrap()
}

fn last(data: &Path) -> Value {
    let text = std::fs::read_to_string(data.join("audit.log")).unwrap();
    serde_json::from_str(text.lines().last().unwrap()).unwrap()
}

#[test]
fn what_is_the_owners_comes_onto_another_device_and_what_is_the_devices_does_not() {
    let (one, folder, ca) = (Console::first_boot(), Folder::new(), Authority::new());
    drop(one.set_up());
    let web = request(&one, "web", "--profile=https-ecc");
    answer(&one, &ca, &[ca.sign(&web), ca.issuing.clone()].concat(), &[]);
    request(&one, "plain", "--profile=https-rsa");
    one.run(["csr", "note", "plain", "in the rack"]).worked();
    std::fs::write(one.data().join("signet.toml"), "[session]\nidle_minutes = 20\n").unwrap();
    let said = folder.backup(&one.data(), "b.age", "");
    assert_eq!((&said["requests"], &said["left_out"]), (&json!(["plain", "web"]), &json!([])));
    assert_eq!((&said["owner"], &said["settings"], &said["changed"]), (&json!(false), &json!(true), &json!(true)));
    assert_eq!(std::fs::metadata(folder.at("b.age")).unwrap().permissions().mode() & 0o7777, 0o600);
    assert_eq!(
        (&last(&one.data())["what"], &last(&one.data())["detail"]),
        (&json!("backup"), &json!("2 requests, settings"))
    );

    // By another implementation: the files as they lie, and nothing of the device.
    let read = folder.read("b.age");
    let parts: Vec<(&str, &Value)> =
        read["parts"].as_array().unwrap().iter().map(|part| (part["kind"].as_str().unwrap(), &part["name"])).collect();
    assert_eq!(parts, [("request", &json!("plain")), ("request", &json!("web")), ("settings", &Value::Null)]);
    assert_eq!(read["parts"][1]["content"].as_str().unwrap().as_bytes(), csr(&one.data(), "web"));
    assert_eq!(public_of_key(&csr(&one.data(), "web"), None), public_of_request(&web));
    let plain = read["plain"].as_str().unwrap();
    let identity = std::fs::read_to_string(one.data().join("identity.pem")).unwrap();
    let code = one.said("Setup code");
    for line in identity.lines().filter(|line| line.len() > 40).chain([code.as_str(), "argon2id", PASSWORD]) {
        assert!(!plain.contains(line), "{line}");
    }
    let encrypted = std::fs::read(folder.at("b.age")).unwrap();
    assert!(
        encrypted.starts_with(b"age-encryption.org/v1\n-> scrypt ")
            && !encrypted.windows(7).any(|part| part == b"PRIVATE")
    );

    // On another device, which has requests of its own.
    let two = Console::first_boot();
    let mut owner = two.set_up();
    request(&two, "own", "--profile=https-ecc");
    let before = files(&two.data());
    let would = folder.restore(&two.data(), "b.age", "--dry-run");
    assert_eq!((&would["would_change"], &would["requests"]), (&json!(true), &json!(["plain", "web"])));
    assert_eq!(files(&two.data()), before);
    let said = folder.restore(&two.data(), "b.age", "");
    assert_eq!(
        (&said["requests"], &said["settings"], &said["owner"]),
        (&json!(["plain", "web"]), &json!("left"), &json!("absent"))
    );
    assert_eq!((&last(&two.data())["what"], &last(&two.data())["detail"]), (&json!("restore"), &json!("2 requests")));
    let mut after = files(&two.data());
    for name in ["plain", "web"] {
        assert_eq!(csr(&two.data(), name), csr(&one.data(), name));
        let restored = after.remove(&two.data().join(format!("csrs/{name}.pem")));
        assert!(restored.is_some());
        assert_eq!(std::fs::metadata(two.data().join(format!("csrs/{name}.pem"))).unwrap().mode() & 0o7777, 0o600);
    }
    assert_eq!(after, before, "identity, owner, codes and the own request are as they were, and nothing is left over");
    assert_eq!(owner.get("/csrs").texts("td.name").len(), 3, "a running console shows them at once");
    assert_eq!(
        (show(&two, "web")["state"].clone(), show(&two, "plain")["note"].clone()),
        (json!("answered"), json!("in the rack"))
    );
    let check = String::from_utf8(two.run(["check"]).out).unwrap();
    assert!(!check.contains("BROKEN"), "{check}");

    // Once more: nothing is new, and what has changed here since stays.
    two.run(["csr", "note", "plain", "moved"]).worked();
    two.run(["csr", "rename", "web", "renamed"]).worked();
    let said = folder.restore(&two.data(), "b.age", "");
    assert_eq!((&said["changed"], &said["requests"], &said["same"]), (&json!(false), &json!([]), &json!([])));
    assert_eq!(said["kept"], json!([{"name": "plain", "here": "plain"}, {"name": "web", "here": "renamed"}]));
    assert_eq!(show(&two, "plain")["note"], "moved");
    // A configuration that this program would not start with is refused, unless it is not asked for.
    let plain = folder.read("b.age")["plain"].as_str().unwrap().to_owned();
    folder.write("settings.age", &plain.replacen("idle_minutes = 20", "idle_minutes = 0 ", 1));
    folder.restore(&two.data(), "settings.age", "--dry-run");
    let ran = folder.command(&two.data(), &format!("restore {} --with-settings", folder.at("settings.age")));
    assert_eq!(ran.code, 65, "{}", ran.err);
    assert!(ran.err.contains("configuration in the backup is not valid here"), "{}", ran.err);
    assert!(!two.data().join("signet.toml").exists());
    folder.write("moved.age", &plain.replacen("[session]\nidle_minutes = 20\n", "redirect = [\"[::1]:80\"]    \n", 1));
    let ran = folder.command(&two.data(), &format!("restore {} --with-settings --dry-run", folder.at("moved.age")));
    assert!(ran.err.contains("listens at other addresses"), "{}", ran.err);
    // Asked for, settings are restored where there are none.
    let said = folder.restore(&two.data(), "b.age", "--with-settings");
    assert_eq!((&said["settings"], &said["changed"]), (&json!("restored"), &json!(true)));
    assert_eq!(std::fs::read_to_string(two.data().join("signet.toml")).unwrap(), "[session]\nidle_minutes = 20\n");
}

#[test]
fn onto_the_same_device_after_a_reset_it_is_as_before() {
    let (console, folder) = (Console::first_boot(), Folder::new());
    drop(console.set_up());
    request(&console, "nas", "--profile=https-ecc");
    let file = csr(&console.data(), "nas");
    let more = if is_root() { "--with-owner" } else { "" };
    folder.backup(&console.data(), "b.age", more);
    console.run(["recover", "factory-reset", "--yes"]).worked();
    let console = console.kill_and_start_again();
    folder.restore(&console.data(), "b.age", more);
    assert_eq!(csr(&console.data(), "nas"), file);
    if is_root() {
        let mut browser = console.browser();
        let form = browser.get("/login").form("/login").set("password", PASSWORD).enter();
        browser.send(form).expect(200, "Certificate Signing Requests");
        assert_eq!(last(&console.data())["what"], "login");
        let said = folder.restore(&console.data(), "b.age", more);
        assert_eq!((&said["owner"], &said["same"]), (&json!("kept"), &json!(["nas"])));
    }
}

#[test]
fn a_name_that_another_request_has_here_ends_it_and_nothing_has_changed() {
    let (one, two, folder) = (Console::first_boot(), Console::first_boot(), Folder::new());
    for name in ["a", "b", "c"] {
        request(&one, name, "--profile=https-ecc");
    }
    request(&two, "B", "--profile=https-ecc");
    request(&two, "c", "--profile=https-ecc");
    folder.backup(&one.data(), "b.age", "");
    let before = files(&two.data());
    for dry in ["", "--dry-run"] {
        let ran = folder.command(&two.data(), &format!("restore {} {dry}", folder.at("b.age")));
        assert_eq!(ran.code, 79, "{}", ran.err);
        for told in
            ["The name b of a request in the backup is used by another request here, B.", "here, c.", "csr rename"]
        {
            assert!(ran.err.contains(told), "{told}: {}", ran.err);
        }
        assert_eq!(files(&two.data()), before);
    }
    two.run(["csr", "rename", "B", "b-of-two"]).worked();
    two.run(["csr", "rename", "c", "c-of-two"]).worked();
    let said = folder.restore(&two.data(), "b.age", "");
    assert_eq!(said["requests"], json!(["a", "b", "c"]));
}

#[test]
fn a_backup_that_is_cut_changed_newer_or_none_changes_nothing() {
    let (one, two, folder) = (Console::first_boot(), Console::first_boot(), Folder::new());
    request(&one, "nas", "--profile=https-rsa");
    request(&two, "own", "--profile=https-ecc");
    folder.backup(&one.data(), "b.age", "");
    let (whole, before) = (std::fs::read(folder.at("b.age")).unwrap(), files(&two.data()));
    let refused = |name: &str, content: Option<&[u8]>, codes: &[i32], told: &str| {
        if let Some(content) = content {
            folder.file(name, content);
        }
        let ran = folder.command(&two.data(), &format!("restore {}", folder.at(name)));
        assert!(codes.contains(&ran.code), "{name}: {} {}", ran.code, ran.err);
        assert!(ran.err.contains(told) && ran.err.contains("Nothing was changed"), "{name}: {}", ran.err);
        assert_eq!(files(&two.data()), before, "{name}");
    };
    for cut in [0, 21, 100, 170, 400, whole.len() / 2, whole.len() - 1] {
        refused("cut", Some(&whole[..cut]), &[65, 81], "");
    }
    let mut changed = whole.clone();
    *changed.last_mut().unwrap() ^= 1;
    refused("changed", Some(&changed[..]), &[81], "damaged");
    refused(
        "other",
        Some(b"-----BEGIN CERTIFICATE REQUEST-----\n".as_slice()),
        &[65],
        "not encrypted in the format age",
    );
    let plain = folder.read("b.age")["plain"].as_str().unwrap().to_owned();
    let newer = plain.replacen("\"signet_backup\":1", "\"signet_backup\":2", 1);
    folder.write("newer", &newer);
    refused("newer", None, &[82], "newer version of Signet (format 2)");
    folder.write("letter", "Dear owner,\n");
    refused("letter", None, &[65], "not a backup of Signet");
    let end = plain.rfind("{\"kind\":\"end\"").unwrap();
    folder.write("short", &plain[..end]);
    refused("short", None, &[81], "its end is missing");
    folder.write(
        "twice",
        &plain.replacen(
            "{\"kind\":\"end\",\"parts\":1}",
            &format!("{}{{\"kind\":\"end\",\"parts\":2}}", &plain[plain.find('\n').unwrap() + 1..end]),
            1,
        ),
    );
    refused("twice", None, &[81], "is in it twice");
    // A key of another request. Those of P-256 are all of one length.
    let three = Console::first_boot();
    request(&three, "a", "--profile=https-ecc");
    request(&three, "b", "--profile=https-ecc");
    let key = |name: &str| {
        let text = String::from_utf8(csr(&three.data(), name)).unwrap();
        let begin = text.find("-----BEGIN PRIVATE KEY-----").unwrap();
        text[begin..text.find("-----END PRIVATE KEY-----").unwrap()].to_owned()
    };
    folder.backup(&three.data(), "ecc.age", "");
    let ecc = folder.read("ecc.age")["plain"].as_str().unwrap().to_owned();
    folder.write("foreign", &ecc.replacen(&key("a"), &key("b"), 1));
    refused("foreign", None, &[81], "the request a has the key of another request");
    folder.file("passphrase", b"another passphrase than that\n");
    refused("b.age", None, &[65], "passphrase does not open");
    // What another implementation wrote is as good, with its own work factor.
    folder.file("passphrase", PASSPHRASE.as_bytes());
    folder.write("rewritten", &plain);
    assert_eq!(folder.restore(&two.data(), "rewritten", "")["requests"], json!(["nas"]));
}

#[test]
fn what_stays_out_is_told_and_the_configuration_may_keep_all_keys_here() {
    let (console, folder) = (Console::first_boot(), Folder::new());
    request(&console, "nas", "--profile=https-ecc");
    std::fs::write(console.data().join("csrs/damaged.pem"), "nothing").unwrap();
    let ran = folder.command(&console.data(), &format!("backup {}", folder.at("b.age")));
    assert!(ran.err.contains("warning: damaged stays out: it has no SIGNET RECORD block"), "{}", ran.err);
    ran.worked();
    assert_eq!(
        folder.command(&console.data(), &format!("backup {}", folder.at("b.age"))).code,
        79,
        "it is there already"
    );
    let said = folder.backup(&console.data(), "dry", "--dry-run");
    assert_eq!((&said["left_out"][0]["name"], &said["would_change"]), (&json!("damaged"), &json!(true)));
    assert!(!Path::new(&folder.at("dry")).exists());
    // To standard output, and from standard input.
    let piped = folder.command(&console.data(), "backup -");
    assert_eq!(piped.code, 0, "{}", piped.err);
    let two = Console::first_boot();
    let mut command = signet(&two.data());
    let said = run(command.args(["restore", "-", "--passphrase-file", &folder.at("passphrase")]), &piped.out).worked();
    assert!(said.contains("Restored:") && said.contains("  - nas"), "{said}");
    for (passphrase, rule) in [("short\n", "at least 12"), ("\n", "is empty"), ("passwordpassword\n", "most common")] {
        folder.file("passphrase", passphrase.as_bytes());
        let (what, _) = folder.command(&console.data(), &format!("backup {}", folder.at("weak"))).refused(65);
        assert!(what.starts_with("--passphrase-file: ") && what.contains(rule), "{what}");
    }
    folder.file("passphrase", PASSPHRASE.as_bytes());
    std::fs::write(console.data().join("signet.toml"), "[keys]\nexportable = false\n").unwrap();
    folder.command(&console.data(), &format!("backup {}", folder.at("c.age"))).refused(85);
    assert!(!Path::new(&folder.at("weak")).exists() && !Path::new(&folder.at("c.age")).exists());
}

#[test]
fn root_writes_and_reads_where_the_owner_may_not_and_what_is_restored_is_the_owners() {
    if !is_root() {
        return signet_testing::skip("only root acts for another owner");
    }
    let (user, folder) = (Unprivileged::new(), Folder::new());
    std::fs::set_permissions(folder.0.path(), PermissionsExt::from_mode(0o700)).unwrap();
    let data = user.at("data");
    let who = "--profile https-ecc --country DE --state BY --city M --organization E --email a@b.de --san nas.local";
    let made = run(user.signet(&data).args(format!("csr create --name one {who}").split(' ')), b"");
    assert_eq!(made.code, 0, "{}", made.err);
    folder.backup(&data, "b.age", "");
    let written = std::fs::metadata(folder.at("b.age")).unwrap();
    assert_eq!((written.uid(), written.mode() & 0o7777), (0, 0o600));
    assert_eq!(last(&data)["caller"]["uid"], 0);
    let file = csr(&data, "one");
    run(user.signet(&data).args(["csr", "delete", "one", "--yes"]), b"");
    folder.restore(&data, "b.age", "");
    assert_eq!((csr(&data, "one"), std::fs::metadata(data.join("csrs/one.pem")).unwrap().uid()), (file, 65534));
    let (what, _) =
        run(user.signet(&data).args(["restore", "/dev/null", "--with-owner", "--passphrase-file", "x"]), b"")
            .refused(77);
    assert!(what.contains("only root may restore"), "{what}");
}

#[test]
fn a_copy_of_the_directory_while_the_console_works_is_whole() {
    let (console, mut owner) = Console::owned();
    let copies = tempfile::tempdir().unwrap();
    let copied = std::thread::scope(|scope| {
        let work = scope.spawn(|| {
            for number in 0..12 {
                request(&console, &format!("n{number}"), "--profile=https-ecc");
                console.run(["csr", "note", &format!("n{number}"), "a note"]).worked();
            }
        });
        let mut copied = Vec::new();
        while !work.is_finished() {
            let copy = copies.path().join(copied.len().to_string());
            // A temporary file may be gone before it is copied; that is no fault of the copy.
            let _ = std::process::Command::new("cp")
                .arg("-a")
                .arg(console.data())
                .arg(&copy)
                .stderr(std::process::Stdio::null())
                .status();
            copied.push(copy);
        }
        work.join().unwrap();
        copied
    });
    owner.get("/csrs").expect(200, "Certificate Signing Requests");
    let mut requests = 0;
    for copy in &copied {
        let ran = run(signet(copy).args(["csr", "list", "--json"]), b"");
        let listed: Value = serde_json::from_str(&ran.worked()).unwrap();
        let states: Vec<&Value> = listed.as_array().unwrap().iter().map(|record| &record["state"]).collect();
        assert!(states.iter().all(|state| **state == "ready"), "{states:?}");
        requests += states.len();
        let report = String::from_utf8(run(signet(copy).args(["check"]), b"").out).unwrap();
        for line in report.lines().filter(|line| line.starts_with("BROKEN")) {
            // What a copy may lose: lines of the log that were written while it was made.
            assert!(line.contains("  audit  "), "{line}");
        }
    }
    assert!(copied.len() > 2 && requests > 0, "{} copies with {requests} requests", copied.len());
}
