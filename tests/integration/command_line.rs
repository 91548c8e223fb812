//! The command line: what it makes, prints and leaves on the disk, beside a console that serves the same directory.

use crate::harness::console::{Console, Ran, run, signet};
use crate::harness::openssl::{public_of_key, public_of_request, verifies};
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

const WHO: [&str; 6] = [
    "--country=DE",
    "--state=Bavaria",
    "--city=Munich",
    "--organization=Example",
    "--email=root@nas.local",
    "--san=nas.local",
];

struct Device {
    folder: tempfile::TempDir,
}

impl Device {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        run(signet(&self.folder.path().join("data")).arg("csr").args(arguments), b"")
    }

    fn create(&self, arguments: &[&str]) -> Ran {
        self.run(&[&["create"], arguments, &WHO].concat())
    }
}

fn mode(path: impl AsRef<Path>) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn create_makes_a_request_and_says_where_it_lies() {
    let device = Device::new();
    let said = device.create(&["--name=nas", "--profile=https-ecc", "--common=nas.example.org"]).worked();
    let path = device.path("data/csrs/nas.pem");
    for part in ["nas", path.as_str(), "0600", "private key", "csr export nas"] {
        assert!(said.contains(part), "{part} is not said: {said}");
    }
    assert_eq!(mode(&path), 0o600);
    assert_eq!((mode(device.path("data")), mode(device.path("data/csrs"))), (0o700, 0o700));
    let file = std::fs::read(&path).unwrap();
    verifies(&file);
    assert_eq!(public_of_key(&file, None), public_of_request(&file));
    let (what, fix) = device.create(&["--name=NAS", "--profile=https-ecc"]).refused(79);
    assert!(what.starts_with("--name: A request named NAS already exists"), "{what}");
    assert!(fix.contains("another name"), "{fix}");
}

#[test]
fn a_record_as_json_says_what_the_request_says() {
    let device = Device::new();
    let made = device.create(&[
        "--name=ca",
        "--key-type=EC",
        "--ec-curve=BrainpoolP256R1",
        "--digest-algorithm=SHA384",
        "--lifetime=90",
        "--san=2001:db8::7",
        "--bc-ca",
        "--bc-path-length=3",
        "--bc-critical",
        "--aki-issuer=01:02:03:04",
        "--ku=key_cert_sign",
        "--ku=crl_sign",
        "--ku-critical",
        "--eku=OCSP_SIGNING",
        "--json",
    ]);
    let mut made = json(&made.worked());
    let shown = json(&device.run(&["show", "ca", "--json"]).worked());
    assert_eq!(made.as_object_mut().unwrap().remove("changed"), Some(true.into()));
    assert_eq!(made, shown);
    let listed = json(&device.run(&["list", "--json"]).worked());
    assert_eq!(listed, json!([shown]));
    for (field, value) in [
        ("name", json!("ca")),
        ("origin", json!("created")),
        ("state", json!("ready")),
        ("key_type", json!("EC")),
        ("key_length", json!(null)),
        ("ec_curve", json!("BrainpoolP256R1")),
        ("ml_dsa", json!(null)),
        ("digest_algorithm", json!("SHA384")),
        ("lifetime", json!(90)),
        ("san", json!(["DNS:nas.local", "IP:2001:db8::7"])),
    ] {
        let found = if field == "san" {
            // `--san` of WHO comes last on the command line.
            let mut names = shown["san"].as_array().unwrap().clone();
            names.sort_by_key(|name| name.as_str().unwrap().to_owned());
            Value::from(names)
        } else {
            shown[field].clone()
        };
        assert_eq!(found, value, "{field}");
    }
    verifies(shown["pem"].as_str().unwrap().as_bytes());
    let described = device.run(&["show", "ca"]).worked();
    for part in ["BrainpoolP256R1", "Bavaria", "CERTIFICATE REQUEST"] {
        assert!(described.contains(part), "{part}: {described}");
    }
    assert!(!described.contains("PRIVATE KEY"));
    assert!(device.run(&["show", "ca", "--openssl"]).worked().contains("openssl req"));
}

#[test]
fn answers_come_from_a_file_and_flags_win() {
    let device = Device::new();
    let from = device.path("nas.toml");
    let answers = "name = \"nas\"\nprofile = \"https-rsa\"\nkey_length = 3072\ncountry = \"DE\"\nstate = \"Bavaria\"\n\
                   city = \"Munich\"\norganization = \"Example\"\nemail = \"root@nas.local\"\nsan = [\"nas.local\", \"192.0.2.7\"]\n";
    std::fs::write(&from, answers).unwrap();
    let made = json(&device.run(&["create", "--from", &from, "--city=Nuremberg", "--json"]).worked());
    assert_eq!((&made["key_length"], &made["name"]), (&json!(3072), &json!("nas")));
    assert!(made["subject"].to_string().contains("Nuremberg"), "{}", made["subject"]);
    assert_eq!(made["san"], json!(["DNS:nas.local", "IP:192.0.2.7"]));
    let same = run(
        signet(&device.folder.path().join("data")).args(["csr", "create", "--from=-", "--name=b"]),
        answers.as_bytes(),
    );
    assert_eq!(same.code, 0, "- is standard input: {}", same.err);
    std::fs::write(&from, "name = \"x\"\nkey_lenght = 3072\n").unwrap();
    let (what, _) = device.run(&["create", "--from", &from]).refused(65);
    assert!(what.contains("line 2") && what.contains("key_lenght"), "{what}");
}

#[test]
fn export_writes_the_request_and_key_the_key() {
    let device = Device::new();
    device.create(&["--name=nas", "--profile=https-ecc"]).worked();
    let out = device.path("nas.csr");
    device.run(&["export", "nas", "--out", &out]).worked();
    let request = std::fs::read(&out).unwrap();
    verifies(&request);
    assert_eq!(device.run(&["export", "nas"]).worked().as_bytes(), request);
    assert_eq!(device.run(&["export", "nas", "--out", "-"]).worked().as_bytes(), request);
    let der = device.run(&["export", "nas", "--der"]).out;
    assert!(der.starts_with(&[0x30]));
    verifies(&der);
    let again = device.run(&["export", "nas", "--out", &out]).worked();
    assert!(again.starts_with("Nothing changed, already there: "), "{again}");
    device.run(&["export", "nas", "--der", "--out", &out]).refused(79);
    assert_eq!(std::fs::read(&out).unwrap(), request);
    device.run(&["export", "nas", "--out", &device.path("none/nas.csr")]).refused(73);

    let key = device.path("nas.key");
    device.run(&["key", "nas", "--unencrypted", "--out", &key]).worked();
    assert_eq!(mode(&key), 0o600);
    assert_eq!(public_of_key(&std::fs::read(&key).unwrap(), None), public_of_request(&request));
    let passphrase = device.path("passphrase");
    std::fs::write(&passphrase, "open sesame\nsecond line\n").unwrap();
    let encrypted = device.run(&["key", "nas", "--passphrase-file", &passphrase]).worked();
    assert!(encrypted.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"));
    assert_eq!(public_of_key(encrypted.as_bytes(), Some("open sesame")), public_of_request(&request));
    device.run(&["key", "nas"]).refused(64);
    std::fs::write(&passphrase, "\n").unwrap();
    assert!(
        device.run(&["key", "nas", "--passphrase-file", &passphrase]).refused(65).0.starts_with("--passphrase-file: ")
    );
    device.run(&["key", "nas", "--passphrase-file", &device.path("nowhere")]).refused(66);
}

#[test]
fn rename_and_delete_are_said_deliberately() {
    let device = Device::new();
    device.create(&["--name=old", "--profile=https-ecc"]).worked();
    let before = std::fs::read(device.path("data/csrs/old.pem")).unwrap();
    device.run(&["rename", "old", "new"]).worked();
    let request = |file: &[u8]| crate::harness::openssl::openssl("req -outform DER", file);
    assert_eq!(request(&std::fs::read(device.path("data/csrs/new.pem")).unwrap()), request(&before));
    device.run(&["rename", "old", "newer"]).refused(66);
    assert!(device.run(&["rename", "new", "no/path"]).refused(65).0.starts_with("name: "));
    device.run(&["delete", "new"]).refused(64);
    device.run(&["show", "new"]).worked();
    device.run(&["delete", "new", "--yes"]).worked();
    for command in
        [&["show", "new"] as &[&str], &["export", "new"], &["key", "new", "--unencrypted"], &["delete", "new", "--yes"]]
    {
        device.run(command).refused(66);
    }
    assert_eq!(json(&device.run(&["list", "--json"]).worked()), json!([]));
}

#[test]
fn advice_goes_to_standard_error_and_only_where_the_command_succeeds() {
    let device = Device::new();
    let weak = ["--name=weak", "--key-length=1024", "--digest-algorithm=SHA1", "--json"];
    let made = device.create(&weak);
    assert!(made.err.lines().any(|line| line.starts_with("advice: --key-length: ")), "{}", made.err);
    assert!(made.err.lines().any(|line| line.starts_with("advice: --digest-algorithm: ")), "{}", made.err);
    json(&made.worked());
    assert!(!device.create(&weak).err.contains("advice: "));
}

#[test]
fn the_console_shows_at_once_what_the_command_line_changed() {
    let (console, mut browser) = Console::owned();
    let mut create = vec!["csr", "create", "--name=one", "--profile=https-ecc"];
    create.extend(WHO);
    for name in ["one", "two"] {
        browser.get("/csrs");
        create[2] = if name == "one" { "--name=one" } else { "--name=two" };
        console.run(&create).worked();
        browser.get(&format!("/csrs/{name}")).expect(200, name);
    }
    assert_eq!(browser.get("/csrs").texts("td.name"), ["one", "two"]);
    console.run(["csr", "rename", "one", "three"]).worked();
    console.run(["csr", "delete", "two", "--yes"]).worked();
    assert_eq!(browser.get("/csrs").texts("td.name"), ["three"]);
}

#[test]
fn a_command_that_is_not_understood_is_exit_64() {
    let device = Device::new();
    for arguments in [&["creat"] as &[&str], &["create", "--nmae=x"], &["show"]] {
        assert_eq!(device.run(arguments).code, 64, "{arguments:?}");
    }
    assert!(!Path::new(&device.path("data/csrs")).exists());
}
