//! Requests that were made elsewhere, with their keys, in every form that people have them in: the stored request is
//! the imported one, byte for byte, and the stored key is its key.

use crate::harness::browser::Browser;
use crate::harness::console::Console;
use crate::harness::form::Form;
use crate::harness::made::{self, Folder, der, ec_key, key, request, rsa_key};
use crate::harness::openssl::{openssl, public_of_key, public_of_request};
use crate::harness::page::Page;
use crate::harness::wizard::to_import;
use std::process::Command;

const PASSPHRASE: &str = "a passphrase";
const CURVES: [&str; 7] =
    ["P-256", "P-384", "P-521", "secp256k1", "brainpoolP256r1", "brainpoolP384r1", "brainpoolP512r1"];

/// One key file with the request that was made with its key.
struct Case {
    form: String,
    key: Vec<u8>,
    passphrase: Option<&'static str>,
    request: Vec<u8>,
}

impl Case {
    fn plain(form: impl Into<String>, key: Vec<u8>, request: &[u8]) -> Self {
        Self { form: form.into(), key, passphrase: None, request: request.to_vec() }
    }

    fn encrypted(form: impl Into<String>, key: Vec<u8>, request: &[u8]) -> Self {
        Self { passphrase: Some(PASSPHRASE), ..Self::plain(form, key, request) }
    }

    fn is_text(&self) -> bool {
        self.key.windows(11).any(|bytes| bytes == b"-----BEGIN ")
    }
}

/// What openssl writes for a key, encrypted with the passphrase.
fn sealed(arguments: &str, key: &[u8]) -> Vec<u8> {
    let folder = Folder::new();
    let passphrase = folder.file("passphrase", PASSPHRASE.as_bytes());
    openssl(&format!("{arguments} -passout file:{}", passphrase.display()), key)
}

fn rsa_forms() -> Vec<Case> {
    let key = rsa_key(2048);
    let request = request(&key, "-addext subjectAltName=DNS:nas.local,IP:2001:db8::7");
    let mut cases = vec![
        Case::plain("PKCS#8", key.clone(), &request),
        Case::plain("PKCS#8 DER", openssl("pkcs8 -topk8 -nocrypt -outform DER", &key), &request),
        Case::plain("PKCS#1", openssl("rsa -traditional", &key), &request),
        Case::plain("PKCS#1 DER", openssl("rsa -traditional -outform DER", &key), &request),
        Case::encrypted("scrypt", sealed("pkcs8 -topk8 -scrypt", &key), &request),
        Case::encrypted("scrypt DER", sealed("pkcs8 -topk8 -scrypt -outform DER", &key), &request),
    ];
    for cipher in ["aes-128-cbc", "aes-192-cbc", "aes-256-cbc", "des3"] {
        let arguments = format!("pkcs8 -topk8 -v2 {cipher}");
        cases.push(Case::encrypted(format!("PBES2 {cipher}"), sealed(&arguments, &key), &request));
    }
    for prf in ["hmacWithSHA1", "hmacWithSHA224", "hmacWithSHA384", "hmacWithSHA512"] {
        let arguments = format!("pkcs8 -topk8 -v2 aes-256-cbc -v2prf {prf} -outform DER");
        cases.push(Case::encrypted(format!("PBES2 {prf} DER"), sealed(&arguments, &key), &request));
    }
    for cipher in ["aes128", "aes192", "aes256", "des3"] {
        let arguments = format!("rsa -traditional -{cipher}");
        cases.push(Case::encrypted(format!("traditional {cipher}"), sealed(&arguments, &key), &request));
    }
    for bits in [1024, 3072, 4096] {
        let key = rsa_key(bits);
        let request = made::request(&key, "-sha384");
        cases.push(Case::plain(format!("RSA {bits}"), key, &request));
    }
    cases
}

fn ec_forms() -> Vec<Case> {
    let mut cases = Vec::new();
    for curve in CURVES {
        let key = ec_key(curve);
        let request = request(&key, "-sha512");
        // As `openssl ecparam -genkey` writes it: the curve's block, then the key's.
        let parameters = openssl(&format!("ecparam -name {}", curve.replace("P-256", "prime256v1")), b"");
        let sec1 = openssl("ec", &key);
        cases.extend([
            Case::plain(format!("PKCS#8 {curve}"), key.clone(), &request),
            Case::plain(format!("SEC1 {curve}"), sec1.clone(), &request),
            Case::plain(format!("EC PARAMETERS and SEC1 {curve}"), [parameters, sec1].concat(), &request),
            Case::plain(format!("SEC1 DER {curve}"), openssl("ec -outform DER", &key), &request),
            Case::encrypted(format!("SEC1 aes256 {curve}"), sealed("ec -aes256", &key), &request),
        ]);
    }
    let key = key("ED25519");
    let request = request(&key, "");
    cases.push(Case::plain("PKCS#8 DER Ed25519", openssl("pkey -outform DER", &key), &request));
    cases.push(Case::encrypted("PBES2 Ed25519", sealed("pkcs8 -topk8", &key), &request));
    cases.push(Case::plain("PKCS#8 Ed25519", key, &request));
    cases
}

/// Pairs that GnuTLS made: its requests and its encryption are not OpenSSL's.
fn gnutls_forms() -> Vec<Case> {
    let folder = Folder::new();
    let template = folder.file("template", b"cn = nas.local\ndns_name = nas.local\ntls_www_server\n");
    let certtool = |arguments: &str| {
        let output = Command::new("certtool").args(arguments.split_whitespace()).output().expect("certtool runs");
        assert!(output.status.success(), "certtool {arguments}: {}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    let mut cases = Vec::new();
    for (kind, cipher) in [("rsa --bits 2048", "aes-256"), ("ecdsa --curve secp384r1", "3des"), ("eddsa", "aes-128")] {
        let name = kind.split(' ').next().unwrap();
        let key = folder.file(name, &certtool(&format!("--generate-privkey --no-text --key-type {kind}")));
        let pair = format!("--load-privkey {} --template {} --no-text", key.display(), template.display());
        let request = certtool(&format!("--generate-request {pair}"));
        let plain = std::fs::read(&key).unwrap();
        cases.push(Case::plain(format!("GnuTLS {name}"), plain, &request));
        let key = folder.file(
            "sealed",
            &certtool(&format!(
                "--generate-privkey --no-text --pkcs8 --password secret --pkcs-cipher {cipher} --key-type {kind}"
            )),
        );
        let pair =
            format!("--load-privkey {} --password secret --template {} --no-text", key.display(), template.display());
        let request = certtool(&format!("--generate-request {pair}"));
        let sealed = std::fs::read(&key).unwrap();
        let form = format!("GnuTLS {name} {cipher}");
        cases.push(Case { passphrase: Some("secret"), ..Case::plain(form, sealed, &request) });
    }
    cases
}

fn with_passphrase(form: Form, passphrase: Option<&str>) -> Form {
    let passphrase = passphrase.unwrap_or_default();
    form.set("passphrase", passphrase).set("passphrase_confirm", passphrase)
}

/// Confirm and Save; the page of the CSR.
fn save(browser: &mut Browser, confirm: Page, name: &str) -> Page {
    let confirm = confirm.expect(200, "Confirm Options");
    browser.send(confirm.step().press("save")).expect(200, name)
}

/// The stored request is the given one, and the stored key is its key.
fn is_kept(console: &Console, browser: &mut Browser, name: &str, case: &Case) {
    let kept = browser.get_once(&format!("/csrs/{name}/download?format=der")).body;
    assert_eq!(kept, der(&case.request), "{}", case.form);
    let file = std::fs::read(console.data().join(format!("csrs/{name}.pem"))).unwrap();
    assert_eq!(public_of_key(&file, None), public_of_request(&case.request), "{}", case.form);
}

fn imports_by_browser_and_command(cases: &[Case]) {
    let (console, mut browser) = Console::owned();
    let folder = Folder::new();
    for (at, case) in cases.iter().enumerate() {
        let name = format!("browser-{at}");
        let mut form = to_import(&mut browser, &name).step();
        // Pasted where it is text, and every other time as files, with the request as DER.
        form = if case.is_text() && at % 2 == 0 {
            let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
            form.set("signing_request", &text(&case.request)).set("private_key", &text(&case.key))
        } else {
            form.file("signing_request_file", "nas.csr", &der(&case.request)).file("private_key_file", "k", &case.key)
        };
        let confirm = browser.send(with_passphrase(form, case.passphrase).press("next"));
        assert_eq!(confirm.status, 200, "{}: {}", case.form, confirm.main());
        save(&mut browser, confirm, &name);
        is_kept(&console, &mut browser, &name, case);

        let name = format!("command-{at}");
        let (request, key) = (folder.file("request", &case.request), folder.file("key", &case.key));
        let mut arguments = vec!["csr".into(), "import".into(), "--name".into(), name.clone()];
        arguments.extend(["--request".into(), request.display().to_string()]);
        arguments.extend(["--key".into(), key.display().to_string()]);
        if let Some(passphrase) = case.passphrase {
            let file = folder.file("passphrase", format!("{passphrase}\n").as_bytes());
            arguments.extend(["--passphrase-file".into(), file.display().to_string()]);
        }
        let ran = console.run(&arguments);
        assert_eq!(ran.code, 0, "{}: {}", case.form, ran.err);
        is_kept(&console, &mut browser, &name, case);
    }
}

#[test]
fn rsa_keys_in_every_form_are_imported() {
    imports_by_browser_and_command(&rsa_forms());
}

#[test]
fn ec_and_ed25519_keys_in_every_form_are_imported() {
    imports_by_browser_and_command(&ec_forms());
}

#[test]
fn pairs_of_another_maker_are_imported() {
    imports_by_browser_and_command(&gnutls_forms());
}

#[test]
fn what_happens_to_text_on_its_way_does_not_matter() {
    let (console, mut browser) = Console::owned();
    let (key, options) = (ec_key("P-256"), ["", "-newhdr", "-text"]);
    type Change = fn(&str) -> String;
    let changes: [(&str, Change); 6] = [
        ("CRLF", |text| text.replace('\n', "\r\n")),
        ("literal newlines", |text| text.replace('\n', "\\n")),
        ("leading blanks", |text| text.replace('\n', "\n    ")),
        ("one line", |text| text.replace('\n', " ")),
        ("text around it", |text| format!("Hello,\n\nhere it is:\n{text}\n-- \nBye")),
        ("a mark of UTF-8", |text| format!("\u{feff}{text}")),
    ];
    for (at, option) in options.iter().enumerate() {
        let request = String::from_utf8(request(&key, option)).unwrap();
        for (how, change) in changes {
            let name = format!("nas-{at}-{}", how.replace(' ', "-"));
            let form = to_import(&mut browser, &name).step().set("signing_request", &change(&request));
            let form = form.file("private_key_file", "nas.key", change(&String::from_utf8_lossy(&key)).as_bytes());
            let confirm = browser.send(form.press("next"));
            assert_eq!(confirm.status, 200, "{option} {how}: {}", confirm.main());
            save(&mut browser, confirm, &name);
            is_kept(&console, &mut browser, &name, &Case::plain(how, key.clone(), request.as_bytes()));
        }
    }
}

#[test]
fn the_same_bytes_as_text_and_file_are_one() {
    let (console, mut browser) = Console::owned();
    let key = ec_key("P-256");
    let request = request(&key, "");
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let form = to_import(&mut browser, "nas").step();
    let form = form.set("signing_request", &text(&request)).file("signing_request_file", "a", &der(&request));
    let form = form.set("private_key", &text(&key)).file(
        "private_key_file",
        "b",
        &openssl("pkcs8 -topk8 -nocrypt -outform DER", &key),
    );
    let confirm = browser.send(form.press("next"));
    save(&mut browser, confirm, "nas");
    is_kept(&console, &mut browser, "nas", &Case::plain("both", key, &request));
}

#[test]
fn confirm_shows_a_short_form_and_that_a_key_is_held() {
    let (_console, mut browser) = Console::owned();
    let key = ec_key("P-384");
    let request = request(&key, "-sha384 -addext subjectAltName=DNS:nas.local");
    let form = to_import(&mut browser, "nas").step().file("signing_request_file", "a", &request);
    let confirm = browser.send(form.file("private_key_file", "b", &key).press("next")).expect(200, "Confirm Options");
    assert_eq!(confirm.fact("Name"), "nas");
    assert_eq!(confirm.fact("Subject Alternate Names"), "DNS:nas.local");
    assert_eq!(confirm.fact("Key"), "EC SECP384R1");
    assert!(confirm.fact("Private Key").starts_with("belongs to the request"), "{}", confirm.fact("Private Key"));
    assert!(confirm.fact("Subject").contains("nas.local"));
    let digest = openssl("dgst -sha256 -r", &public_of_request(&request));
    let fingerprint = confirm.fact("Fingerprint of the public key (SHA-256)").replace(':', "").to_lowercase();
    assert!(digest.starts_with(fingerprint.as_bytes()), "{fingerprint}");
}

#[test]
fn after_a_mistake_an_uploaded_request_comes_back_as_text_and_a_key_stays_held() {
    let (console, mut browser) = Console::owned();
    let (key, other) = (ec_key("P-256"), ec_key("P-256"));
    let request = request(&key, "");
    // The request is good, the key is another's.
    let form = to_import(&mut browser, "nas").step().file("signing_request_file", "a", &der(&request));
    let page = browser.send(form.file("private_key_file", "b", &other).press("next"));
    assert_eq!(page.mistakes().iter().map(|(field, _)| field.as_str()).collect::<Vec<_>>(), ["private_key"]);
    assert_eq!(page.step().value("signing_request").as_bytes(), request, "the file comes back as text");
    assert_eq!(page.step().value("private_key"), "");

    // The key is good, the request is none: the key stays, and is not asked for again.
    let form = page.step().set("signing_request", "not a request").file("private_key_file", "b", &key);
    let page = browser.send(form.press("next"));
    assert_eq!(page.mistakes()[0].0, "signing_request");
    assert!(page.main().contains("Signet holds a private key"));
    let confirm = browser.send(page.step().set("signing_request", &String::from_utf8_lossy(&request)).press("next"));
    save(&mut browser, confirm, "nas");
    is_kept(&console, &mut browser, "nas", &Case::plain("held", key, &request));
}

/// An encrypted key by file, and the page that asks for its passphrase.
fn without_passphrase(browser: &mut Browser, name: &str, request: &[u8], sealed: &[u8]) -> Page {
    let form = to_import(browser, name).step().file("signing_request_file", "a", &der(request));
    let page =
        browser.send(form.file("private_key_file", "b", sealed).press("next")).expect(422, "Error: Import request");
    assert_eq!(
        page.mistakes(),
        [("passphrase".to_owned(), "The private key is encrypted, and its passphrase is missing.".to_owned())]
    );
    page
}

#[test]
fn an_encrypted_key_without_its_passphrase_is_held_and_the_page_asks_for_the_passphrase_alone() {
    let (console, mut browser) = Console::owned();
    let key = ec_key("P-256");
    let request = request(&key, "");
    let sealed = sealed("pkcs8 -topk8", &key);
    let page = without_passphrase(&mut browser, "nas", &request, &sealed);
    let asked = |page: &Page| {
        let form = page.texts("form.step > .field label");
        assert_eq!(
            form,
            [
                "Passphrase",
                "The passphrase is empty Select this if the key file was encrypted with an empty passphrase."
            ]
        );
        assert_eq!(page.texts("details:not([open]) summary"), ["Use another request or key"]);
        assert_eq!((page.step().value("signing_request"), page.step().value("private_key")), Default::default());
        assert!(!page.source().contains("-----BEGIN"), "nothing of it is on the page");
    };
    asked(&page);
    // It waits, and each wrong try asks for the passphrase alone again.
    let page = browser.get("/wizard/import").expect(200, "Import request");
    asked(&page);
    let wrong =
        browser.send(page.step().set("passphrase", "another").press("next")).expect(422, "Error: Import request");
    assert_eq!(wrong.mistakes()[0].1, "The passphrase does not open the private key.");
    asked(&wrong);
    assert_eq!(wrong.step().value("passphrase"), "");
    let both = wrong.step().set("passphrase", PASSPHRASE).check("passphrase_empty");
    let confirm = browser.send(both.enter());
    save(&mut browser, confirm, "nas");
    is_kept(&console, &mut browser, "nas", &Case::plain("held", key, &request));
}

#[test]
fn the_passphrase_need_not_be_entered_twice_and_must_match_where_it_is() {
    let (console, mut browser) = Console::owned();
    let key = ec_key("P-256");
    let (request, sealed) = (request(&key, ""), sealed("pkcs8 -topk8", &key));
    let filled = |page: Page| {
        let form = page.step().file("signing_request_file", "a", &request).file("private_key_file", "b", &sealed);
        form.set("passphrase", PASSPHRASE)
    };
    let form = filled(to_import(&mut browser, "once"));
    let confirm = browser.send(form.press("next"));
    save(&mut browser, confirm, "once");
    is_kept(&console, &mut browser, "once", &Case::plain("once", key.clone(), &request));

    let form = filled(to_import(&mut browser, "twice")).set("passphrase_confirm", "another");
    let page = browser.send(form.press("next")).expect(422, "Error: Import request");
    assert_eq!(page.mistakes(), [("passphrase_confirm".to_owned(), "The two passphrases differ.".to_owned())]);
    // The files are held, and the repetition may be left out.
    let confirm = browser.send(page.step().set("passphrase", PASSPHRASE).press("next"));
    save(&mut browser, confirm, "twice");
    is_kept(&console, &mut browser, "twice", &Case::plain("twice", key, &request));
}

#[test]
fn a_key_encrypted_with_an_empty_passphrase_is_imported_by_saying_so() {
    let (console, mut browser) = Console::owned();
    let key = ec_key("P-256");
    let request = request(&key, "");
    let (folder, sealed) = (Folder::new(), sealed("pkcs8 -topk8", &key));
    let nothing = folder.file("nothing", b"\n");
    let empty = openssl(&format!("pkcs8 -topk8 -passout file:{}", nothing.display()), &key);
    let page = without_passphrase(&mut browser, "nas", &request, &empty);
    let page = browser.send(page.step().press("next")).expect(422, "Error: Import request");
    assert_eq!(page.mistakes()[0].0, "passphrase", "an empty field is not an empty passphrase");
    let confirm = browser.send(page.step().check("passphrase_empty").press("next"));
    save(&mut browser, confirm, "nas");
    is_kept(&console, &mut browser, "nas", &Case::plain("empty", key.clone(), &request));

    let page = without_passphrase(&mut browser, "other", &request, &sealed);
    let page = browser.send(page.step().check("passphrase_empty").press("next")).expect(422, "Error: Import request");
    assert_eq!(page.mistakes()[0].1, "The passphrase is empty, but the private key is encrypted with another one.");
    browser.send(page.step().set("passphrase", PASSPHRASE).press("next")).expect(200, "Confirm Options");
}

#[test]
fn another_request_or_key_can_be_given_while_one_waits_for_its_passphrase() {
    let (console, mut browser) = Console::owned();
    let (key, other) = (ec_key("P-256"), ec_key("P-384"));
    let (mine, others) = (request(&key, ""), request(&other, ""));
    let page = without_passphrase(&mut browser, "nas", &mine, &sealed("pkcs8 -topk8", &key));
    let form =
        page.step().set("signing_request", &String::from_utf8_lossy(&others)).file("private_key_file", "b", &other);
    let confirm = browser.send(form.press("next"));
    save(&mut browser, confirm, "nas");
    is_kept(&console, &mut browser, "nas", &Case::plain("another", other, &others));
}

#[test]
fn a_restart_asks_for_the_import_again_and_keeps_the_name() {
    let (console, mut browser) = Console::owned();
    let key = ec_key("P-256");
    let request = request(&key, "");
    let given = |form: Form| form.file("signing_request_file", "a", &request).file("private_key_file", "b", &key);
    let form = given(to_import(&mut browser, "nas").step());
    browser.send(form.press("next")).expect(200, "Confirm Options");
    let console = console.kill_and_start_again();
    browser.origin = console.origin.clone();
    let login = browser.get("/wizard/confirm");
    let page = browser.send(login.form("/login").set("password", crate::harness::console::PASSWORD).enter());
    let page = page.expect(200, "Import request");
    assert_eq!(page.step().value("signing_request"), "", "nothing of it was kept");
    assert!(!page.main().contains("holds"));
    let confirm = browser.send(given(page.step()).press("next"));
    assert_eq!(confirm.fact("Name"), "nas");
    save(&mut browser, confirm, "nas");
    is_kept(&console, &mut browser, "nas", &Case::plain("again", key, &request));
}

#[test]
fn the_command_reads_the_request_from_standard_input() {
    let (console, _) = Console::owned();
    let (folder, key) = (Folder::new(), rsa_key(2048));
    let request = request(&key, "");
    let key = folder.file("key", &key);
    let mut command = crate::harness::console::signet(&console.data());
    command.args(["csr", "import", "--name", "nas", "--json", "--request", "-", "--key"]).arg(key);
    let made = crate::harness::console::run(&mut command, &request).worked();
    let record: serde_json::Value = serde_json::from_str(&made).unwrap();
    assert_eq!(
        (&record["name"], &record["origin"], &record["state"]),
        (&"nas".into(), &"imported".into(), &"ready".into())
    );
    assert_eq!(der(record["pem"].as_str().unwrap().as_bytes()), der(&request));
}
