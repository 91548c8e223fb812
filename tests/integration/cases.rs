//! The inputs of `tests/cases` by the command line; its README says where each comes from, and `src/pki/tests/cases.rs` reads
//! those that need no device.

use crate::harness::console::{Console, Ran, run, signet};
use crate::harness::made::Folder;
use crate::harness::openssl::{openssl, public_of_key};
use std::path::PathBuf;
use std::process::Command;

fn case(name: &str) -> String {
    format!("{}/tests/cases/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// A device with a request for the key of these cases.
fn device(name: &str) -> Console {
    let console = Console::first_boot();
    import(&console, name, &format!("{name}.csr"), &format!("{name}.key"), &[]).worked();
    console
}

fn import(console: &Console, name: &str, request: &str, key: &str, more: &[&str]) -> Ran {
    let (request, key) = (case(request), case(key));
    console.run([&["csr", "import", "--name", name, "--request", &request, "--key", &key], more].concat())
}

fn answer(console: &Console, certificate: &str, more: &[&str]) -> Ran {
    console.run([&["csr", "answer", "--certificate", &case(certificate)], more].concat())
}

/// A passphrase file as Windows saves it: UTF-8 with its mark, UTF-16 in both orders.
fn saved_by_windows(folder: &Folder, text: &str) -> Vec<PathBuf> {
    let wide =
        |of: fn(u16) -> [u8; 2]| "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(of).collect::<Vec<u8>>();
    vec![
        folder.file("utf8", format!("\u{feff}{text}").as_bytes()),
        folder.file("little", &wide(u16::to_le_bytes)),
        folder.file("big", &wide(u16::to_be_bytes)),
    ]
}

#[test]
fn a_passphrase_file_saved_by_windows_gives_what_was_typed() {
    let console = device("base");
    let key = console.run(["csr", "key", "base", "--passphrase-file", &case("passphrase-bom.txt")]).worked();
    public_of_key(key.as_bytes(), Some("geheim-lang-genug"));

    let folder = Folder::new();
    for (place, file) in saved_by_windows(&folder, "pässwört 1\r\n").into_iter().enumerate() {
        let path = file.to_str().unwrap();
        let key = console.run(["csr", "key", "base", "--passphrase-file", path]).worked();
        public_of_key(key.as_bytes(), Some("pässwört 1"));
        let typed = std::fs::read(&file).unwrap();
        let by_input = run(signet(&console.data()).args(["csr", "key", "base", "--passphrase-file", "-"]), &typed);
        public_of_key(by_input.worked().as_bytes(), Some("pässwört 1"));
        let exported = folder.file("exported", key.as_bytes());
        let name = format!("again{place}");
        let arguments = ["csr", "import", "--name", &name, "--request", &case("base.csr"), "--key"];
        console.run([&arguments[..], &[exported.to_str().unwrap(), "--passphrase-file", path]].concat()).worked();
    }
    answer(&console, "a-six-days.pem", &["base"]).worked();
    for file in saved_by_windows(&folder, "pässwört 2") {
        let arguments = ["csr", "pkcs12", "base", "--passphrase-file", file.to_str().unwrap()];
        let bundle = console.run(arguments);
        assert_eq!(bundle.code, 0, "{}", bundle.err);
        let mut opening = Command::new("openssl");
        assert_eq!(run(opening.args(["pkcs12", "-nodes", "-passin", "pass:pässwört 2"]), &bundle.out).code, 0);
    }
}

#[test]
fn an_empty_passphrase_file_says_that_it_is_empty() {
    let console = device("base");
    answer(&console, "a-six-days.pem", &["base"]).worked();
    let empty = case("empty-passphrase.txt");
    for command in ["key", "pkcs12"] {
        let (what, fix) = console.run(["csr", command, "base", "--passphrase-file", &empty]).refused(65);
        assert!(what.contains("empty-passphrase.txt is empty") && fix.contains("first line"), "{what} {fix}");
    }
    import(&console, "leaf", "leaf.csr", "empty-passphrase.key", &["--passphrase-file", &empty]).worked();
    import(&console, "plain", "leaf.csr", "leaf.key", &["--passphrase-file", &empty]).worked();
    let folder = Folder::new();
    let key = std::fs::read(case("leaf.key")).unwrap();
    let sealed = folder.file("sealed", &openssl("pkcs8 -topk8 -passout pass:another", &key));
    let arguments = ["csr", "import", "--name", "x", "--request", &case("leaf.csr"), "--key", sealed.to_str().unwrap()];
    let (what, _) = console.run([&arguments[..], &["--passphrase-file", &empty]].concat()).refused(65);
    assert!(what.contains("passphrase is empty"), "{what}");
}

#[test]
fn only_one_file_can_be_standard_input() {
    let console = Console::first_boot();
    for arguments in [
        "--request - --key -".to_owned(),
        format!("--request - --key {} --passphrase-file -", case("leaf.key")),
        format!("--request {} --key - --passphrase-file -", case("leaf.csr")),
    ] {
        let arguments = format!("csr import --name x {arguments}");
        let (what, _) = console.run(arguments.split(' ')).refused(64);
        assert!(what.contains("standard input"), "{what}");
    }
}

#[test]
fn what_is_too_large_is_called_so() {
    let console = Console::first_boot();
    let folder = Folder::new();
    for (size, words) in [(300 << 10, "larger than 256 KiB"), (5 << 20, "larger than 4194304 bytes")] {
        let large = folder.file("large", &vec![b'a'; size]);
        let arguments =
            ["csr", "import", "--name", "x", "--request", large.to_str().unwrap(), "--key", &case("leaf.key")];
        let ran = console.run(arguments);
        assert!(ran.code != 0 && ran.err.contains(words) && !ran.err.contains("who may read"), "{}", ran.err);
    }
}

#[test]
fn the_complete_path_of_a_cross_signed_ca_is_kept() {
    let console = device("base");
    let said = answer(&console, "a-cross-signed.pem", &["base", "--json"]).worked();
    let answers: serde_json::Value = serde_json::from_str(&said).unwrap();
    let chain = answers[0]["chain"].as_array().unwrap();
    let subjects = chain.iter().map(|pem| openssl("x509 -noout -subject", pem.as_str().unwrap().as_bytes()));
    let subjects: Vec<String> = subjects.map(|it| String::from_utf8(it).unwrap().trim().to_owned()).collect();
    assert_eq!(subjects, ["subject=CN = nas.example.org", "subject=CN = Test CA", "subject=CN = Old Root"]);
}

#[test]
fn a_certificate_that_breaks_a_rule_is_refused_by_that_rule() {
    let console = device("base");
    for (file, rule) in [("a-two-san-extensions.pem", "twice"), ("a-time-with-fraction.pem", "4.1.2.5.2")] {
        let (what, fix) = answer(&console, file, &["--dry-run", "base"]).refused(65);
        assert!(what.contains(rule) && fix.starts_with("Ask the CA"), "{what} {fix}");
        let (what, _) = answer(&console, file, &["--dry-run"]).refused(65);
        assert!(what.contains(rule), "without a name: {what}");
    }
}

#[test]
fn a_root_that_cannot_be_read_is_left_out_and_said() {
    let console = device("leaf");
    let ran = answer(&console, "no-null-in-root.both.pem", &["leaf"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(
        ran.err.contains("two different signature algorithms") && ran.err.contains("left out (\"OD Root\")"),
        "{}",
        ran.err
    );
    let kept = console.run(["csr", "export", "leaf", "--chain"]).worked();
    assert_eq!(kept.matches("BEGIN CERTIFICATE").count(), 1);
}

#[test]
fn a_certificate_with_its_issuers_name_is_kept_with_advice() {
    let console = device("leaf");
    let alone = answer(&console, "same-name.leaf.pem", &["leaf", "--dry-run"]);
    assert!(alone.err.contains("is missing") && alone.err.contains("same name as the subject"), "{}", alone.err);
    let both = answer(&console, "same-name.both.pem", &["leaf"]);
    assert!(both.err.contains("treat it as self-signed") && both.err.contains("Ask the CA"), "{}", both.err);
    assert_eq!((alone.code, both.code), (0, 0));
}

#[test]
fn a_key_that_the_ca_wrote_otherwise_finds_its_request() {
    let console = Console::first_boot();
    import(&console, "squeezed", "compressed.csr", "leaf.key", &[]).worked();
    let said = answer(&console, "compressed.answer.pem", &["--json"]).worked();
    let answers: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(answers[0]["csr"]["name"], "squeezed");
    let checked = console.run(["check"]);
    let checked = String::from_utf8_lossy(&checked.out);
    assert!(checked.contains("The one request can be read and has its own key."), "{checked}");
    assert!(!checked.contains("its certificate is for another key"), "{checked}");
}

#[test]
fn a_short_life_is_reminded_of_within_it() {
    let console = device("base");
    let kept = answer(&console, "a-six-days.pem", &["base"]);
    assert_eq!(kept.code, 0, "{}", kept.err);
    let event = console.run(["csr", "expiry", "--ics", "base"]).worked();
    let trigger = event.lines().find_map(|line| line.trim().strip_prefix("TRIGGER;VALUE=DATE-TIME:")).expect("a time");
    let certificate = console.run(["csr", "export", "base", "--certificate"]).worked();
    let date = |option: &str| {
        let said = openssl(&format!("x509 -noout {option} -dateopt iso_8601"), certificate.as_bytes());
        String::from_utf8(said).unwrap().trim().split_once('=').unwrap().1.replace(['-', ':'], "").replace(' ', "T")
    };
    let (from, to) = (date("-startdate"), date("-enddate"));
    assert!(from.as_str() < trigger && trigger < to.as_str(), "{from} {trigger} {to}");
}

#[test]
fn odd_requests_are_imported_with_advice() {
    let console = Console::first_boot();
    let ran = import(&console, "challenge", "r-attribute-universalstring.csr", "base.key", &[]);
    assert!(ran.code == 0 && ran.err.contains("challenge password"), "{}", ran.err);
    let shown = console.run(["csr", "show", "challenge"]).worked();
    assert!(shown.contains("Challenge Password") && shown.contains("(not shown)"), "{shown}");
}

#[test]
fn a_common_name_that_is_too_long_is_to_be_left_empty() {
    let console = Console::first_boot();
    let name = format!("{}.{}.example", "a".repeat(40), "b".repeat(40));
    let arguments = format!(
        "csr create --name x --profile https-ecc --country DE --state B --city M --organization E --email a@b.example --common {name} --san {name}"
    );
    let (what, fix) = console.run(arguments.split(' ')).refused(65);
    assert!(what.contains("at most 64") && fix.starts_with("Leave the common name empty"), "{what} {fix}");
}
