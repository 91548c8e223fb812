//! The keys of every JSON that the program prints or keeps: each is documented with its type, and each documented one is there.

use crate::harness::answering::{answer, request};
use crate::harness::authority::Authority;
use crate::harness::browser::Browser;
use crate::harness::console::{Console, run, signet};
use crate::harness::factory::{Station, lines};
use crate::harness::made::{Folder, ec_key, request as made_elsewhere};
use crate::harness::openssl::openssl;
use crate::harness::reference::{agree, code, names, section, table, tables};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::PermissionsExt;

/// A table of keys, and which of them were seen.
struct Keys {
    title: &'static str,
    types: BTreeMap<String, String>,
    seen: BTreeSet<String>,
}

impl Keys {
    fn of(title: &'static str, rows: &[Vec<String>]) -> Self {
        names(rows);
        let types = rows.iter().map(|row| (code(&row[0]), row[1].clone())).collect();
        Self { title, types, seen: BTreeSet::new() }
    }

    /// The first table below a heading.
    fn below(title: &'static str) -> Self {
        Self::of(title, &table(title))
    }

    /// Compares an object.
    fn see(&mut self, value: &Value) {
        self.object("", value);
    }

    fn object(&mut self, above: &str, value: &Value) {
        let object = value.as_object().unwrap_or_else(|| panic!("{}: {above} is no object: {value}", self.title));
        for (key, value) in object {
            let path = format!("{above}{key}");
            if path == "schema" {
                assert_eq!(value, 2, "{}", self.title);
                continue;
            }
            let documented = self.types.get(&path).cloned();
            let documented =
                documented.unwrap_or_else(|| panic!("docs/reference.md, {}: it does not name {path}", self.title));
            let kinds = documented.trim_end_matches(", optional").split(" or ").map(str::to_owned);
            let is = match value {
                Value::Null => "null".to_owned(),
                Value::Bool(_) => "boolean".to_owned(),
                Value::Number(_) => "number".to_owned(),
                Value::String(_) => "string".to_owned(),
                Value::Object(_) => "object".to_owned(),
                Value::Array(list) if list.iter().all(Value::is_string) && !list.is_empty() => {
                    "array of strings".to_owned()
                }
                Value::Array(list) if list.iter().all(Value::is_object) && !list.is_empty() => {
                    "array of objects".to_owned()
                }
                Value::Array(list) => {
                    assert!(
                        list.is_empty() && documented.starts_with("array of "),
                        "{}: {path} is {documented}",
                        self.title
                    );
                    documented.trim_end_matches(", optional").to_owned()
                }
            };
            assert!(
                kinds.clone().any(|kind| kind == is),
                "docs/reference.md, {}: {path} is {is}, not {documented}",
                self.title
            );
            self.seen.insert(path.clone());
            let (inner, list) = (format!("{path}."), format!("{path}[]."));
            match value {
                // An object whose keys are another table's has none here.
                Value::Object(_) if self.types.keys().any(|key| key.starts_with(&inner)) => self.object(&inner, value),
                Value::Array(all) if is == "array of objects" => all.iter().for_each(|one| self.object(&list, one)),
                _ => {}
            }
        }
        for (path, documented) in &self.types {
            let own = path.strip_prefix(above).filter(|key| !key.contains(['.', '[']));
            if let Some(key) = own.filter(|_| !documented.ends_with("optional")) {
                assert!(object.contains_key(key), "{}: {path} is not optional, and missing in {value}", self.title);
            }
        }
    }

    /// Keys that need more than one of these tests sets up: the schemas' test (`schemas.rs`) sees them.
    fn elsewhere(mut self, keys: &[&str]) -> Self {
        self.seen.extend(keys.iter().map(|key| (*key).to_owned()));
        self
    }

    /// Fails where a documented key was never seen.
    fn all_seen(self) {
        agree(self.title, self.seen, self.types.into_keys());
    }
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// A certificate that comes with its key.
fn import_with_certificate(console: &Console, name: &str) {
    let folder = Folder::new();
    let key = ec_key("P-256");
    let path = folder.file("key", &key);
    let made = openssl(&format!("req -x509 -new -key {} -subj /CN=nas.local -days 90", path.display()), b"");
    let file = folder.file("both", &[key, made].concat());
    console.run(["csr", "import", "--name", name, "--certificate", file.to_str().unwrap()]).worked();
}

#[test]
fn the_record_of_a_request() {
    let console = Console::first_boot();
    let authority = Authority::new();
    let ca = authority.file("issuing.pem", &authority.issuing);
    let extensions = format!(
        "--bc-ca --bc-path-length=1 --bc-critical --aki-issuer={ca} --aki-cert-issuer --ku=key_cert_sign \
         --eku=CLIENT_AUTH --organizational-unit=Storage"
    );
    request(&console, "ca", &extensions);
    request(&console, "edwards", "--ec-curve=ed25519");
    let web = request(&console, "web", "--profile=https-ecc");
    answer(&console, &authority, &authority.sign(&web), &[]);
    console.run(["csr", "renew", "web", "--name=next"]).worked();
    let folder = Folder::new();
    let key = ec_key("P-256");
    let other = made_elsewhere(&key, "-addext subjectKeyIdentifier=hash -addext 1.2.3.4=DER:0500");
    let (key, other) = (folder.file("key", &key), folder.file("csr", &other));
    let import =
        ["csr", "import", "--name=other", "--request", other.to_str().unwrap(), "--key", key.to_str().unwrap()];
    console.run(import).worked();
    import_with_certificate(&console, "certified");
    request(&console, "damaged", "--profile=https-ecc");
    std::fs::write(console.data().join("csrs/damaged.pem"), "nothing").unwrap();
    let mut keys = Keys::below("Record of a request");
    for record in json(&console.run(["csr", "list", "--json"]).worked()).as_array().unwrap() {
        if record["name"] == "damaged" {
            let found: Vec<&String> = record.as_object().unwrap().keys().collect();
            assert_eq!(found, ["name", "reason", "schema", "state"]);
            keys.seen.insert("reason".to_owned());
            continue;
        }
        keys.see(record);
    }
    keys.see(&json(&console.run(["csr", "show", "web", "--json"]).worked()));
    let preview = ["csr", "renew", "web", "--again", "--name=more", "--dry-run", "--json"];
    assert_eq!(json(&console.run(preview).worked())["would_change"], true);
    let more = [
        "changed",
        "would_change",
        "used_by[].kind",
        "used_by[].name",
        "advice[].field",
        "advice[].text",
        "certificate.suggested_window",
        "certificate.suggested_window.start",
        "certificate.suggested_window.end",
        "certificate.suggested_window.renew_at",
        "certificate.suggested_window.explanation",
        "certificate.missing_issuer",
        "certificate.missing_issuer.name",
        "certificate.missing_issuer.urls",
    ];
    keys.elsewhere(&more).all_seen();
}

#[test]
fn an_added_certificate() {
    let console = Console::first_boot();
    let authority = Authority::new();
    let web = request(&console, "web", "--profile=https-ecc");
    let certificate = [authority.sign(&web), authority.issuing.clone()].concat();
    let mut keys = Keys::below("`signet csr add-certificate --json`");
    let found = answer(&console, &authority, &certificate, &["--dry-run"]);
    let records = found.as_array().unwrap();
    records.iter().for_each(|one| keys.see(one));
    let mut record = records[0]["csr"].clone();
    record["schema"] = 2.into();
    Keys::below("Record of a request").see(&record);
    keys.elsewhere(&["strangers[].code", "strangers[].field", "strangers[].what", "strangers[].remedy"]).all_seen();
}

#[test]
fn the_consoles_certificate() {
    let console = Console::first_boot();
    let authority = Authority::new();
    let mut keys = Keys::below("`signet console show --json`");
    let show = || json(&console.run(["console", "show", "--json"]).worked());
    keys.see(&show());
    for name in ["one", "two"] {
        let web = request(&console, name, "--profile=https-ecc");
        answer(&console, &authority, &[authority.sign(&web), authority.issuing.clone()].concat(), &[]);
        console.run(["console", "use", name]).worked();
        let shown = show();
        keys.see(&shown);
        for way in shown["back"].as_object().unwrap().values().filter(|way| !way.is_null()) {
            let mut way = way.clone();
            for key in ["back", "running", "serving", "reload_pending"] {
                way[key] = shown[key].clone();
            }
            way["back"] = json("{}");
            Keys::below("`signet console show --json`").see(&way);
        }
    }
    keys.all_seen();
}

#[test]
fn the_findings_of_the_doctor() {
    let console = Console::first_boot();
    std::fs::set_permissions(console.data().join("identity.pem"), PermissionsExt::from_mode(0o644)).unwrap();
    let found = json(&String::from_utf8(console.run(["check", "--json"]).out).unwrap());
    let documented = tables(&section("`signet check --json`"));
    let mut keys = Keys::of("`signet check --json`", &documented[0]);
    keys.see(&found);
    keys.elsewhere(&["findings[].subject.name"]).all_seen();
    let codes = names(&table("Codes of findings"));
    let about = names(&documented[1]);
    for finding in found["findings"].as_array().unwrap() {
        let word = finding["about"].as_str().unwrap();
        assert!(about.contains(word), "docs/reference.md does not name what `signet check` looks at: {word}");
        assert!(codes.contains(finding["code"].as_str().unwrap()), "docs/reference.md does not name {finding}");
    }
}

#[test]
fn the_manifest_and_the_batch() {
    let station = Station::new();
    let one = station.at("one");
    let unit = ["--serial=NX4-1", "--model=Vault 4", "--hostname=vault-1", "--mac=02:00:5e:10:00:01"];
    let mut keys = Keys::below("Manifest line");
    keys.see(&json(&station.provision(&one, &unit).worked()));
    keys.see(&json(&station.provision(&one, &[&unit[..], &["--again"]].concat()).worked()));
    lines(&station.at("manifest.jsonl")).iter().for_each(|line| keys.see(line));
    keys.all_seen();
    let (list, out) = (station.list("units.csv", 2), station.at("out"));
    std::fs::create_dir(&out).unwrap();
    std::fs::write(out.join("NX4-00001"), "in the way").unwrap();
    let ran = run(station.batch(&list, &out).arg("--json"), b"");
    assert_eq!(ran.code, 77, "{}", ran.err);
    let printed: Vec<Value> = String::from_utf8(ran.out).unwrap().lines().map(json).collect();
    let documented = tables(&section("`signet provision --batch --json`"));
    let mut unit = Keys::of("provision --batch, a device", &documented[0]);
    let mut sums = Keys::of("provision --batch, the sums", &documented[1]);
    let (last, units) = printed.split_last().unwrap();
    units.iter().for_each(|line| unit.see(line));
    sums.see(last);
    unit.all_seen();
    sums.all_seen();
}

#[test]
fn the_installed_files() {
    let image = tempfile::tempdir().unwrap();
    let ran =
        run(signet(image.path()).args(["install", "--json", "--redirect-port=80", "--root"]).arg(image.path()), b"");
    let printed = json(&ran.worked());
    let mut keys = Keys::below("`signet install --json`");
    printed.as_array().unwrap().iter().for_each(|one| keys.see(one));
    keys.elsewhere(&["would_change"]).all_seen();
    let root = image.path().to_str().unwrap();
    let files = printed.as_array().unwrap().iter().filter(|one| {
        let path = one["path"].as_str().unwrap();
        !std::path::Path::new(path).is_dir()
    });
    let files = files.map(|one| {
        let path = one["path"].as_str().unwrap().strip_prefix(root).unwrap();
        // A page for each command.
        let page = "/usr/share/man/man1/signet";
        let path = if path.starts_with(page) { format!("{page}*.1") } else { path.to_owned() };
        format!("{path} {}", one["mode"].as_str().unwrap())
    });
    let documented = table("Firmware image").into_iter().map(|row| format!("{} {}", code(&row[0]), row[1]));
    agree("Firmware image", files, documented);
}

#[test]
fn the_lines_of_the_log() {
    let console = Console::first_boot();
    let wrong = |browser: &mut Browser| {
        let form = browser.get("/login").form("/login").set("password", "a wrong password");
        browser.send_once(form.enter());
    };
    drop(console.set_up());
    let mut stranger = console.browser();
    // The first is written at once, the others as one line when the console ends.
    (0..3).for_each(|_| wrong(&mut stranger));
    request(&console, "nas", "--profile=https-ecc");
    let mut console = console;
    console.terminate();
    let documented = tables(&section("Audit log"));
    let mut keys = Keys::of("Audit log", &documented[0]);
    for name in ["audit.log", "refused.log"] {
        let text = std::fs::read_to_string(console.data().join(name)).unwrap();
        text.lines().for_each(|line| keys.see(&json(line)));
    }
    keys.elsewhere(&["caller", "caller.uid", "caller.loginuid", "caller.sudo_user_as_told"]).all_seen();
}

#[test]
fn the_record_in_a_requests_file() {
    let console = Console::owned();
    let (console, mut owner) = console;
    crate::harness::wizard::make(&mut owner, "nas", "https-ecc");
    let authority = Authority::new();
    let web = console.run(["csr", "export", "nas"]).worked().into_bytes();
    answer(&console, &authority, &authority.sign(&web), &[]);
    console.run(["csr", "renew", "nas", "--name=next"]).worked();
    let page = owner.get("/csrs/nas").form("/csrs/nas").set("note", "in the rack");
    owner.send(page.enter());
    import_with_certificate(&console, "certified");
    let rows = tables(&section("Data directory")).remove(1);
    let mut keys = Keys::of("the record in csrs/NAME.pem", &rows);
    for name in ["nas", "next", "certified"] {
        let text = std::fs::read_to_string(console.data().join(format!("csrs/{name}.pem"))).unwrap();
        let block = text.split("-----BEGIN SIGNET RECORD-----").nth(1).unwrap().split("-----END").next().unwrap();
        let record =
            base64::Engine::decode(&base64::engine::general_purpose::STANDARD, block.replace('\n', "")).unwrap();
        keys.see(&serde_json::from_slice(&record).unwrap());
    }
    // Both need more than a test can set up without root; the source has them.
    keys.seen.extend(
        ["deploy", "factory_key", "automatic", "auto_renew", "auto_renew.ca", "auto_renew.same_key"].map(str::to_owned),
    );
    keys.all_seen();
}
