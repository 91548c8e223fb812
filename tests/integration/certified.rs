//! A certificate that comes with its key, by browser and by command: files of OpenSSL, Java, Python and shell scripts become
//! entries like any other.

use crate::harness::answering::{answer, give, request, show};
use crate::harness::authority::{Authority, Term};
use crate::harness::browser::Browser;
use crate::harness::console::{Console, PASSWORD, Ran, run, signet};
use crate::harness::form::Form;
use crate::harness::made::{self, Folder, ec_key, rsa_key};
use crate::harness::openssl::{openssl, public_of_key, verifies};
use crate::harness::page::Page;
use crate::harness::python::python;
use crate::harness::wizard::to_certificate;
use serde_json::Value;
use std::process::Command;

const PASSPHRASE: &str = "open sesame";

/// A key with its certificate and the CAs above it, all as PEM.
struct Pair {
    folder: Folder,
    authority: Authority,
    key: Vec<u8>,
    leaf: Vec<u8>,
}

impl Pair {
    fn new(key: Vec<u8>, names: &str) -> Self {
        let (folder, authority) = (Folder::new(), Authority::new());
        let options =
            format!("-addext {names} -addext keyUsage=critical,digitalSignature -addext extendedKeyUsage=serverAuth");
        let leaf = authority.sign(&made::request(&key, &options));
        for (name, content) in
            [("key", &key), ("leaf", &leaf), ("above", &authority.issuing), ("root", &authority.root)]
        {
            folder.file(name, content);
        }
        Self { folder, authority, key, leaf }
    }

    fn usual() -> Self {
        Self::new(ec_key("P-256"), "subjectAltName=DNS:nas.local,IP:192.0.2.7")
    }

    fn path(&self, name: &str) -> String {
        // Any file of the folder tells where it is.
        self.folder.file("here", b"").with_file_name(name).to_str().unwrap().to_owned()
    }

    fn chain(&self) -> Vec<u8> {
        [&self.leaf[..], &self.authority.issuing, &self.authority.root].concat()
    }

    /// `openssl pkcs12 -export`.
    fn pkcs12(&self, options: &str) -> Vec<u8> {
        let (key, leaf, above) = (self.path("key"), self.path("leaf"), self.path("above"));
        let passphrase = self.folder.file("passphrase", PASSPHRASE.as_bytes());
        let arguments =
            format!("pkcs12 -export -inkey {key} -in {leaf} -certfile {above} -passout file:{}", passphrase.display());
        openssl(&format!("{arguments} {options}"), b"")
    }

    /// `keytool`, over a file of OpenSSL.
    fn java(&self, options: &[&str]) -> Vec<u8> {
        let source = self.folder.file("source.p12", &self.pkcs12("-name nas"));
        let to = self.path("java.p12");
        let _ = std::fs::remove_file(&to);
        let mut command = Command::new("keytool");
        command.args(options).args(["-importkeystore", "-srckeystore"]).arg(source).args(["-destkeystore", &to]);
        let ran = run(command.args(["-srcstorepass", PASSPHRASE, "-deststorepass", PASSPHRASE]), b"");
        assert_eq!(ran.code, 0, "{}", ran.err);
        std::fs::read(to).unwrap()
    }

    /// Python's `cryptography`, as its documentation shows it.
    fn python(&self, encryption: &str) -> Vec<u8> {
        let script = format!(
            "import sys
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.hazmat.primitives.serialization import *
key, leaf, above = [open(name, 'rb').read() for name in sys.argv[1:4]]
password = sys.argv[4].encode()
read = x509.load_pem_x509_certificate
made = pkcs12.serialize_key_and_certificates(b'nas', load_pem_private_key(key, None), read(leaf), [read(above)], {encryption})
sys.stdout.buffer.write(made)"
        );
        let (key, leaf, above) = (self.path("key"), self.path("leaf"), self.path("above"));
        let ran = run(python().args(["-c", &script, &key, &leaf, &above, PASSPHRASE]), b"");
        assert_eq!(ran.code, 0, "{}", ran.err);
        ran.out
    }

    /// The same key encrypted, as PEM.
    fn encrypted_key(&self, options: &str) -> Vec<u8> {
        let passphrase = self.folder.file("passphrase", PASSPHRASE.as_bytes());
        openssl(&format!("pkcs8 -topk8 {options} -passout file:{}", passphrase.display()), &self.key)
    }
}

fn import(console: &Console, folder: &Folder, name: &str, files: &[(&str, &[u8])], more: &[&str]) -> Ran {
    let mut command = signet(&console.data());
    command.args(["csr", "import", "--name", name]);
    for (flag, content) in files {
        command.arg(format!("--{flag}")).arg(folder.file(&format!("for-{flag}"), content));
    }
    run(command.args(more), b"")
}

fn passphrase_file(folder: &Folder) -> String {
    folder.file("for-passphrase", format!("{PASSPHRASE}\n").as_bytes()).to_str().unwrap().to_owned()
}

/// Confirm and Save; the page of the new entry.
fn save(browser: &mut Browser, confirm: Page, name: &str) -> Page {
    let confirm = confirm.expect(200, "Confirm Options");
    browser.send(confirm.step().press("save")).expect(200, name)
}

/// The entry has the pair's key and chain, and a request that asks for what the certificate has.
fn is_kept(console: &Console, pair: &Pair, name: &str, what: &str) {
    let record = show(console, name);
    assert_eq!((&record["state"], &record["origin"]), (&"answered".into(), &"imported".into()), "{what}");
    assert_eq!(record["with_certificate"], true, "{what}");
    assert_eq!(record["san"], record["certificate"]["san"], "{what}");
    let file = std::fs::read(console.data().join(format!("csrs/{name}.pem"))).unwrap();
    assert_eq!(public_of_key(&file, None), public_of_key(&pair.key, None), "{what}");
    let asked = console.run(["csr", "export", name]).worked();
    verifies(asked.as_bytes());
    let subject = |kind: &str, input: &[u8]| openssl(&format!("{kind} -noout -subject"), input);
    assert_eq!(subject("req", asked.as_bytes()), subject("x509", &pair.leaf), "{what}");
    let chain = console.run(["csr", "export", name, "--chain"]).worked();
    assert!(chain.as_bytes().starts_with(&pair.leaf), "{what}");
    assert!(chain.matches("BEGIN CERTIFICATE").count() >= 2, "{what}");
    pair.authority.accepts(chain.as_bytes());
    // What is asked of it is what it has.
    let again = answer(console, &pair.authority, chain.as_bytes(), &[name, "--dry-run"]);
    let rows = again[0]["differences"].as_array().unwrap();
    assert!(rows.len() > 3 && rows.iter().all(|row| row["kind"] == "same"), "{what}: {rows:?}");
}

/// Every file with what opens it, by browser and by command.
fn imports(pair: &Pair, files: &[(&str, Vec<u8>)]) {
    let (console, mut browser) = Console::owned();
    let folder = Folder::new();
    for (at, (what, file)) in files.iter().enumerate() {
        let name = format!("browser-{at}");
        let form = to_certificate(&mut browser, &name).step().file("certificate_file", "nas.pfx", file);
        let confirm = browser.send(form.set("passphrase", PASSPHRASE).press("next"));
        assert_eq!(confirm.status, 200, "{what}: {}", confirm.main());
        let page = save(&mut browser, confirm, &name);
        assert_eq!(page.fact("Origin"), "imported with its certificate", "{what}");
        assert!(page.texts(".told").concat().contains("are imported"), "{what}: {}", page.main());
        is_kept(&console, pair, &name, what);

        let name = format!("command-{at}");
        let said =
            import(&console, &folder, &name, &[("pkcs12", file)], &["--passphrase-file", &passphrase_file(&folder)]);
        assert!(
            said.code == 0 && String::from_utf8_lossy(&said.out).contains("with its certificate"),
            "{what}: {}",
            said.err
        );
        is_kept(&console, pair, &name, what);
    }
}

#[test]
fn pkcs12_of_openssl_is_imported_by_browser_and_command() {
    let pair = Pair::new(rsa_key(2048), "subjectAltName=DNS:nas.local,IP:2001:db8::7");
    let old = "-keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-RC2-40 -macalg sha1 -provider legacy -provider default";
    imports(
        &pair,
        &[
            ("modern", pair.pkcs12("")),
            ("legacy", pair.pkcs12("-legacy")),
            ("as OpenSSL 1.1 wrote it", pair.pkcs12(old)),
            ("as Windows writes it", pair.pkcs12("-descert -provider legacy -provider default")),
        ],
    );
}

#[test]
fn pkcs12_of_java_is_imported_by_browser_and_command() {
    if Command::new("keytool").arg("-help").output().is_err() {
        signet_testing::skip("keytool is not on this machine, so that no PKCS#12 of Java is imported");
        return;
    }
    let pair = Pair::usual();
    imports(&pair, &[("now", pair.java(&[])), ("before 2021", pair.java(&["-J-Dkeystore.pkcs12.legacy"]))]);
}

#[test]
fn pkcs12_of_python_is_imported_by_browser_and_command() {
    let pair = Pair::usual();
    let build = "PrivateFormat.PKCS12.encryption_builder()";
    let old = format!(
        "{build}.kdf_rounds(2048).key_cert_algorithm(pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC).hmac_hash(hashes.SHA1()).build(password)"
    );
    let new = format!(
        "{build}.kdf_rounds(50000).key_cert_algorithm(pkcs12.PBES.PBESv2SHA256AndAES256CBC).hmac_hash(hashes.SHA512()).build(password)"
    );
    let files =
        ["BestAvailableEncryption(password)", &old, &new].map(|encryption| (encryption, pair.python(encryption)));
    imports(&pair, &files);
}

#[test]
fn pem_bundles_and_pairs_of_files_are_imported_by_browser_and_command() {
    let pair = Pair::usual();
    let (console, mut browser) = Console::owned();
    let folder = Folder::new();
    let (chain, key) = (pair.chain(), pair.key.clone());
    let join = |parts: &[&[u8]]| parts.concat();
    let sealed = pair.encrypted_key("");
    let old = pair.encrypted_key("-v1 PBE-SHA1-3DES");
    type Case<'a> = (&'a str, Vec<u8>, Option<Vec<u8>>, bool);
    let cases: Vec<Case<'_>> = vec![
        ("key, certificate, chain", join(&[&key, &chain]), None, false),
        ("certificate, chain, key", join(&[&chain, &key]), None, false),
        ("issuers first", join(&[&pair.authority.root, &pair.authority.issuing, &key, &pair.leaf]), None, false),
        ("an encrypted key beside its certificate", join(&[&sealed, &chain]), None, true),
        ("two files", chain.clone(), Some(key.clone()), false),
        ("two files, the key in PKCS#12's old encryption", chain.clone(), Some(old), true),
        ("PKCS#7 and a key", pair.authority.pkcs7(&chain, "DER", false), Some(key.clone()), false),
    ];
    for (at, (what, certificate, key, is_encrypted)) in cases.iter().enumerate() {
        let name = format!("browser-{at}");
        let form = to_certificate(&mut browser, &name).step();
        let text = String::from_utf8(certificate.clone());
        let form = match (text, at % 2) {
            (Ok(text), 0) => form.set("certificate", &text),
            _ => form.file("certificate_file", "bundle.pem", certificate),
        };
        let form = match (key, at % 2) {
            (Some(key), 0) => form.set("private_key", std::str::from_utf8(key).unwrap()),
            (Some(key), _) => form.file("private_key_file", "nas.key", key),
            (None, _) => form,
        };
        let form = if *is_encrypted { form.set("passphrase", PASSPHRASE) } else { form };
        let confirm = browser.send(form.press("next"));
        assert_eq!(confirm.status, 200, "{what}: {}", confirm.main());
        save(&mut browser, confirm, &name);
        is_kept(&console, &pair, &name, what);

        let name = format!("command-{at}");
        let mut files = vec![("certificate", certificate.as_slice())];
        files.extend(key.as_ref().map(|key| ("key", key.as_slice())));
        let passphrase = passphrase_file(&folder);
        let more: &[&str] = if *is_encrypted { &["--passphrase-file", &passphrase] } else { &[] };
        let ran = import(&console, &folder, &name, &files, more);
        assert_eq!(ran.code, 0, "{what}: {}", ran.err);
        is_kept(&console, &pair, &name, what);
    }
    let mut by_input = signet(&console.data());
    by_input.args(["csr", "import", "--name", "piped", "--certificate", "-"]);
    assert_eq!(run(&mut by_input, &join(&[&key, &chain])).code, 0);
    is_kept(&console, &pair, "piped", "standard input");
}

#[test]
fn an_entry_that_came_with_its_certificate_is_one_like_any_other() {
    let pair = Pair::usual();
    let (console, mut browser) = Console::owned();
    let folder = Folder::new();
    let file = [&pair.key[..], &pair.chain()].concat();
    let json = import(&console, &folder, "nas", &[("certificate", &file)], &["--json"]).worked();
    let record: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&record["name"], &record["certificate"]["chain"].as_array().unwrap().len()), (&"nas".into(), &3));

    // Listed, checked, told, logged.
    assert!(console.run(["csr", "list"]).worked().contains("valid until"));
    assert!(console.run(["csr", "show", "nas"]).worked().contains("imported with its certificate"));
    let checked = console.run(["check"]);
    assert!(!String::from_utf8_lossy(&checked.out).contains("nas:"), "{}", String::from_utf8_lossy(&checked.out));
    let log = browser.get("/audit").main();
    assert!(log.contains("Imported a request") && log.contains("Added the certificate"), "{log}");
    let key = console.run(["csr", "key", "nas", "--unencrypted"]).worked();
    assert_eq!(public_of_key(key.as_bytes(), None), public_of_key(&pair.key, None));
    let calendar = console.run(["csr", "expiry", "nas", "--ics"]).worked();
    assert!(calendar.contains("BEGIN:VEVENT"));

    // Out again as PKCS#12, and in once more.
    let passphrase = passphrase_file(&folder);
    let bundle = console.run(["csr", "pkcs12", "nas", "--passphrase-file", &passphrase]);
    assert_eq!(bundle.code, 0, "{}", bundle.err);
    let again = import(&console, &folder, "again", &[("pkcs12", &bundle.out)], &["--passphrase-file", &passphrase]);
    assert!(again.code == 0 && again.err.contains("The request nas has the same key"), "{}", again.err);
    is_kept(&console, &pair, "again", "our own PKCS#12");

    // Renewed, by browser and by command, with a new key and with the same.
    let page = browser.get("/csrs/nas");
    let wizard = browser.send(page.form("/csrs/nas/renew").enter()).expect(200, "Identifier and Type");
    let confirm = browser.send(wizard.step().press("next"));
    let renewed = confirm.step().value("draft");
    assert!(!renewed.is_empty());
    browser.send(confirm.expect(200, "Confirm Options").step().press("save"));
    console.run(["csr", "renew", "nas", "--again", "--same-key", "--name", "next"]).worked();
    let (old, new) = (show(&console, "nas"), show(&console, "next"));
    for key in ["subject", "san", "extensions"] {
        assert_eq!(old[key], new[key], "{key}");
    }
    assert_eq!((&new["supersedes"], &new["spki_sha256"]), (&"nas".into(), &old["spki_sha256"]));
    let asked = console.run(["csr", "export", "next"]).worked();
    let next = pair.authority.sign(asked.as_bytes());
    answer(&console, &pair.authority, &[&next[..], &pair.authority.issuing].concat(), &["next"]);
    assert_eq!(show(&console, "nas")["superseded_by"], "next");

    // A newer certificate takes the place of the one that came.
    let newer =
        pair.authority.sign_with(&made::request(&pair.key, ""), "subjectAltName=DNS:nas.local", &Term::Days(200));
    let page = give(&mut browser, "/csrs/again/certificate", &newer).expect(200, "Check the certificate for again");
    browser.send(page.form("/csrs/again/certificate").press("take")).expect(200, "again");
    assert!(console.run(["csr", "export", "again", "--certificate"]).worked().as_bytes() == newer);
    console.run(["console", "use", "again"]).worked();
}

#[test]
fn each_cause_is_told_at_its_field_and_a_held_file_need_not_be_chosen_again() {
    let pair = Pair::usual();
    let (console, mut browser) = Console::owned();
    let (folder, file) = (Folder::new(), pair.pkcs12(""));
    let other = ec_key("P-256");
    let wrong = folder.file("wrong", b"wrong\n").to_str().unwrap().to_owned();
    let right = passphrase_file(&folder);
    let without_key = {
        let passphrase = folder.file("passphrase", PASSPHRASE.as_bytes());
        let arguments =
            format!("pkcs12 -export -nokeys -passout file:{} -in {}", passphrase.display(), pair.path("leaf"));
        openssl(&arguments, b"")
    };
    let several = [&other[..], &pair.key, &pair.leaf].concat();
    let expired = {
        let request = made::request(&pair.key, "");
        let term = Term::Dates("20240101000000Z", "20240201000000Z");
        [&pair.key[..], &pair.authority.sign_with(&request, "", &term)].concat()
    };
    let leaf = pair.leaf.as_slice();
    type Case<'a> = (&'a str, Vec<(&'a str, &'a [u8])>, Option<&'a str>, &'a str, &'a str);
    let cases: Vec<Case<'_>> = vec![
        ("a wrong passphrase", vec![("pkcs12", &file)], Some(&wrong), "passphrase", "does not open the PKCS#12 file"),
        ("no passphrase", vec![("pkcs12", &file)], None, "passphrase", "no passphrase was given"),
        ("no key", vec![("pkcs12", &without_key)], Some(&right), "private_key", "no private key"),
        ("several keys", vec![("certificate", &several)], None, "private_key", "several private keys"),
        (
            "another key",
            vec![("certificate", leaf), ("key", &other)],
            None,
            "private_key",
            "another key of the same kind",
        ),
        ("no certificate", vec![("certificate", &other)], None, "certificate", "but no certificate"),
        ("a certificate alone", vec![("certificate", leaf)], None, "private_key", "no private key"),
        ("cut off", vec![("pkcs12", &file[..500])], Some(&right), "certificate", "cut off"),
        ("expired", vec![("certificate", &expired)], None, "certificate", "expired on 2024-02-01"),
    ];
    for (what, files, passphrase, field, words) in &cases {
        let more: Vec<&str> = passphrase.iter().flat_map(|path| ["--passphrase-file", path]).collect();
        let (said, fix) = import(&console, &folder, "nas", files, &more).refused(65);
        let flag = match *field {
            "passphrase" => "--passphrase-file",
            "private_key" => "--key",
            // The flag that was given.
            _ if files.iter().any(|(flag, _)| *flag == "pkcs12") => "--pkcs12",
            _ => "--certificate",
        };
        assert!(said.starts_with(&format!("{flag}: ")) && said.contains(words), "{what}: {said}");
        assert!(fix.ends_with('.'), "{what}: {fix}");

        let mut form = to_certificate(&mut browser, "nas").step();
        for (flag, content) in files {
            let field = if *flag == "key" { "private_key_file" } else { "certificate_file" };
            form = form.file(field, "file", content);
        }
        let typed = if *passphrase == Some(wrong.as_str()) { "wrong" } else { PASSPHRASE };
        let form = if passphrase.is_some() { form.set("passphrase", typed) } else { form };
        let page = browser.send(form.press("next")).expect(422, "Error: Certificate and key");
        assert!(page.at_field(field).contains(words), "{what}: {:?}", page.mistakes());
        assert!(!page.source().contains("PRIVATE KEY-----"), "{what}");
    }
    assert!(console.run(["csr", "list"]).worked().contains("There are no requests yet"), "nothing was kept");
    let cut = import(&console, &folder, "nas", &[("pkcs12", &file[..500])], &["--json"]);
    let cut: Value = serde_json::from_slice(&cut.out).unwrap();
    assert!(cut.to_string().contains("\"field\":\"pkcs12\""), "{cut}");
    // What is told to do about a file without its key can be done.
    let files = [("pkcs12", &without_key[..]), ("key", &pair.key)];
    import(&console, &folder, "with-key", &files, &["--passphrase-file", &right]).worked();
    console.run(["csr", "delete", "with-key", "--yes"]).worked();

    // The file waits for its passphrase.
    let form = to_certificate(&mut browser, "nas").step().file("certificate_file", "nas.pfx", &file);
    let page = browser.send(form.press("next")).expect(422, "Error: Certificate and key");
    assert!(page.main().contains("A file is held"), "{}", page.main());
    let page =
        browser.send(page.step().set("passphrase", "wrong").press("next")).expect(422, "Error: Certificate and key");
    let confirm = browser.send(page.step().set("passphrase", PASSPHRASE).press("next")).expect(200, "Confirm Options");
    for fact in ["Subject Alternate Names", "Issued by", "Valid until", "Chain"] {
        assert!(!confirm.fact(fact).is_empty(), "{fact}");
    }
    assert!(confirm.texts(".advice").concat().contains("private CA"), "{}", confirm.main());
    // Back, and on without a word: what is held stays.
    let page = browser.send(confirm.step().press("back")).expect(200, "Certificate and key");
    assert!(page.main().contains("A certificate with its key is held"), "{}", page.main());
    let confirm = browser.send(page.step().press("next"));
    save(&mut browser, confirm, "nas");
    is_kept(&console, &pair, "nas", "after all");
    // A pasted certificate comes back after a mistake with its key, and a key never does.
    let leaf = String::from_utf8(pair.leaf.clone()).unwrap();
    let form = to_certificate(&mut browser, "second").step().set("certificate", &leaf);
    let page = browser.send(form.press("next")).expect(422, "Error: Certificate and key");
    assert_eq!(page.step().value("certificate").trim(), leaf.trim());
    let form = page.step().set("certificate", std::str::from_utf8(&several).unwrap());
    let page = browser.send(form.press("next")).expect(422, "Error: Certificate and key");
    assert_eq!(page.step().value("certificate"), "");
}

#[test]
fn weak_keys_are_refused_where_the_device_does() {
    let pair = Pair::new(rsa_key(1024), "subjectAltName=DNS:nas.local");
    let folder = Folder::new();
    let console = Console::first_boot();
    std::fs::write(console.data().join("signet.toml"), "[keys]\nallow_weak = false\n").unwrap();
    let file = [&pair.key[..], &pair.leaf].concat();
    let (what, _) = import(&console, &folder, "nas", &[("certificate", &file)], &[]).refused(65);
    assert!(what.starts_with("--key: RSA keys below 2048 bits are not allowed"), "{what}");
}

#[test]
fn the_command_takes_one_kind_of_file_and_one_standard_input() {
    let console = Console::first_boot();
    for (arguments, words) in [
        ("--name x", "--request <FILE>|--certificate <FILE>|--pkcs12 <FILE>"),
        ("--name x --request a", "--key"),
        ("--name x --request a --certificate b --key c", "cannot be used with"),
        ("--name x --certificate a --pkcs12 b", "cannot be used with"),
        ("--name x --certificate - --key -", "standard input"),
        ("--name x --pkcs12 - --passphrase-file -", "standard input"),
    ] {
        let ran = console.run(format!("csr import {arguments}").split(' '));
        assert!(ran.code == 64 && ran.err.contains(words), "{arguments}: {}", ran.err);
    }
}

/// Chooses a file on a page that takes certificates.
fn uploaded(browser: &mut Browser, path: &str, file: &[u8], passphrase: &str) -> Page {
    let form: Form = browser.get(path).form(path).file("certificate_file", "file", file);
    browser.send(form.set("passphrase", passphrase).enter())
}

#[test]
fn a_certificate_beside_the_key_of_a_request_that_is_here_is_kept_without_the_key() {
    let (console, mut browser) = Console::owned();
    let authority = Authority::new();
    for (name, certificate) in [("pem", "bundle"), ("p12", "pkcs12"), ("found", "bundle")] {
        let asked = request(&console, name, "--profile=https-ecc");
        let key = console.run(["csr", "key", name, "--unencrypted"]).worked().into_bytes();
        let leaf = authority.sign(&asked);
        let folder = Folder::new();
        let (key_path, leaf_path) = (folder.file("key", &key), folder.file("leaf", &leaf));
        let passphrase = folder.file("passphrase", PASSPHRASE.as_bytes());
        let file = match certificate {
            "bundle" => [&key[..], &leaf, &authority.issuing].concat(),
            _ => openssl(
                &format!(
                    "pkcs12 -export -inkey {} -in {} -passout file:{}",
                    key_path.display(),
                    leaf_path.display(),
                    passphrase.display()
                ),
                b"",
            ),
        };
        let path = if name == "found" { "/reply".to_owned() } else { format!("/csrs/{name}/certificate") };
        let typed = if certificate == "pkcs12" { PASSPHRASE } else { "" };
        let page = uploaded(&mut browser, &path, &file, typed);
        assert_eq!(page.status, 200, "{}", page.main());
        assert!(page.main().contains("The file also contains a private key. It was not kept"), "{}", page.main());
        assert!(!page.source().contains("PRIVATE KEY-----"));
        let kept = browser.send(page.form(&path).press("take"));
        assert!(kept.main().contains("The certificate is added"), "{}", kept.main());
        assert_eq!(show(&console, name)["state"], "answered");
        if certificate == "bundle" {
            let file = authority.file("again", &file);
            let ran = console.run(["csr", "answer", name, "--certificate", &file]);
            assert!(ran.code == 0 && ran.err.contains("also contains a private key"), "{}", ran.err);
        }
    }
}

#[test]
fn a_certificate_with_its_key_that_belongs_nowhere_is_offered_as_an_entry_of_its_own() {
    let pair = Pair::usual();
    let (console, mut browser) = Console::owned();
    request(&console, "other", "--profile=https-ecc");
    let bundle = [&pair.key[..], &pair.chain()].concat();
    // An open key, and one whose passphrase was given: nothing is left to ask but the name.
    for (file, passphrase) in [(bundle.clone(), ""), (pair.pkcs12("-legacy"), PASSPHRASE)] {
        let page = uploaded(&mut browser, "/reply", &file, passphrase).expect(200, "Identifier and Type");
        assert!(page.main().contains("no request on this device has that key"), "{}", page.main());
        assert_eq!(page.step().value("type"), "certificate");
        let name = page.step().value("name");
        assert_eq!(name, "nas_local");
        let page = browser.send(page.step().press("next")).expect(200, "Confirm Options");
        assert!(page.main().contains("held, and belongs to the certificate"), "{}", page.main());
        save(&mut browser, page, &name);
        is_kept(&console, &pair, &name, "a file that was given as an answer");
        console.run(["csr", "delete", &name, "--yes"]).worked();
    }
    // An encrypted key waits for its passphrase.
    let sealed = [&pair.encrypted_key("")[..], &pair.chain()].concat();
    let page = uploaded(&mut browser, "/reply", &sealed, "").expect(200, "Identifier and Type");
    let page = browser.send(page.step().press("next")).expect(200, "Certificate and key");
    assert!(page.main().contains("A file is held"), "{}", page.main());
    let confirm = browser.send(page.step().set("passphrase", PASSPHRASE).press("next"));
    save(&mut browser, confirm, "nas_local");
    // On the page of another request it is refused, with the way to import it.
    console.run(["csr", "delete", "nas_local", "--yes"]).worked();
    let page = uploaded(&mut browser, "/csrs/other/certificate", &bundle, "");
    let page = page.expect(422, "Error: Add certificate to other");
    assert!(page.at_field("certificate").contains("Certificate with its key"), "{}", page.at_field("certificate"));
    let file = pair.authority.file("bundle", &bundle);
    let (_, fix) = console.run(["csr", "answer", "--certificate", &file]).refused(65);
    assert!(fix.contains(" csr import --name NAME --certificate FILE"), "{fix}");
    let file = pair.authority.file("nas.pfx", &pair.pkcs12(""));
    let (_, fix) = console.run(["csr", "answer", "--certificate", &file]).refused(65);
    assert!(fix.contains(" csr import --name NAME --pkcs12 FILE"), "{fix}");
    let page = uploaded(&mut browser, "/reply", &pair.pkcs12(""), "wrong").expect(422, "Error: Add certificate");
    assert!(page.at_field("passphrase").contains("does not open"), "{:?}", page.mistakes());
}

#[test]
fn what_is_held_is_bounded_and_ends_with_a_logout() {
    let pair = Pair::usual();
    let (_console, browser) = Console::owned();
    let bundle = [&pair.key[..], &pair.chain()].concat();
    let mut held: Vec<(Browser, Page)> = Vec::new();
    for number in 0..5 {
        let mut tab = browser.clone();
        let form = to_certificate(&mut tab, &format!("nas{number}")).step();
        let page = tab.send(form.file("certificate_file", "b", &bundle).press("next"));
        held.push((tab, page.expect(200, "Confirm Options")));
    }
    // The oldest had to go, and asks again; the others are there.
    let (tab, page) = &mut held[0];
    let gone = tab.send(page.step().press("save"));
    assert_eq!(gone.title(), "Certificate and key", "{}", gone.main());
    let (tab, page) = held.pop().unwrap();
    save(&mut { tab }, page, "nas4");
    // The draft is in the browser and goes on after the next login, without what was given.
    let (mut tab, page) = held.pop().unwrap();
    assert_eq!(tab.get(&page.path).title(), "Confirm Options", "it waits");
    let login = tab.send(page.form("/logout").enter()).expect(200, "Log in");
    tab.send(login.form("/login").set("password", PASSWORD).enter()).expect(200, "Certificate Signing Requests");
    let gone = tab.get(&page.path).expect(200, "Certificate and key");
    assert!(!gone.main().contains("held"), "{}", gone.main());
}
