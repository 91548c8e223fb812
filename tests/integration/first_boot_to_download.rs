//! The main job, by browser: first boot, both profiles through all five steps, and all that is done with a CSR.

use crate::harness::browser::Browser;
use crate::harness::console::{Console, PASSWORD};
use crate::harness::openssl::{openssl, public_of_key, public_of_request, verifies};
use crate::harness::python::read_request;
use crate::harness::wizard::{self, make};
use serde_json::json;

/// What the commands below find in the subject that the walk types.
fn subject_of_the_walk() -> serde_json::Value {
    json!([
        ["2.5.4.3", "UTF8String", "nas.example.org"],
        ["2.5.4.6", "PrintableString", "DE"],
        ["2.5.4.8", "UTF8String", "Bavaria"],
        ["2.5.4.7", "UTF8String", "Munich"],
        ["2.5.4.10", "UTF8String", "Example & Sons <Ltd>"],
        ["2.5.4.11", "UTF8String", "Storage"],
        ["1.2.840.113549.1.9.1", "IA5String", "root@nas.local"],
    ])
}

#[test]
fn before_there_is_an_owner_nothing_but_the_setup_is_served() {
    let console = Console::first_boot();
    let mut browser = console.browser();
    for path in
        ["/", "/login", "/csrs", "/wizard", "/wizard/identity", "/csrs/nas", "/csrs/nas/key", "/account", "/help"]
    {
        let answer = browser.get_once(path);
        assert_eq!((answer.status, answer.header("location")), (303, Some("/setup")), "{path}");
    }
    let page = browser.get("/").expect(200, "Set up this console");
    assert_eq!(page.fact("Certificate (SHA-256)"), console.said("Fingerprint").split(' ').next().unwrap());
    assert_eq!(page.fact("Key (SHA-256)"), console.said("Key").split(' ').next().unwrap());
    for browser in ["Chrome", "Firefox", "Safari"] {
        assert!(page.texts("details dt").iter().any(|name| name.contains(browser)), "{browser} shows it somewhere");
    }
}

#[test]
fn the_setup_code_opens_once_and_a_wrong_one_does_not() {
    let console = Console::first_boot();
    let mut browser = console.browser();
    let fill = |browser: &mut Browser, code: &str, password: &str, confirm: &str| {
        let form = browser.get("/setup").form("/setup").set("setup_code", code);
        browser.send(form.set("password", password).set("password_confirm", confirm).enter())
    };
    let code = console.said("Setup code");
    let wrong = fill(&mut browser, "ABCD-EFGH-JKMN-PQRS", PASSWORD, PASSWORD);
    let wrong = wrong.expect(422, "Error: Set up this console");
    assert_eq!(wrong.mistakes(), [("setup_code".to_owned(), "This is not the setup code of this device.".to_owned())]);
    let form = wrong.form("/setup");
    assert_eq!((form.value("setup_code"), form.value("password")), Default::default(), "secrets do not come back");
    for (password, confirm, field) in [
        ("short", "short", "password"),
        ("password-1234", "password-1234", "password"),
        (code.as_str(), code.as_str(), "password"),
        (PASSWORD, "another one, not the same", "password_confirm"),
    ] {
        let refused = fill(&mut browser, &code, password, confirm).expect(422, "Error: Set up this console");
        assert_eq!(refused.mistakes().len(), 1, "{password}");
        assert_eq!(refused.mistakes()[0].0, field, "{password}");
        assert_eq!(refused.form("/setup").value("setup_code"), "", "a secret does not come back");
        let hint = refused.texts("#setup_code-hint").concat();
        assert!(hint.starts_with("Enter the setup code again"), "{hint}");
    }
    // All mistakes at once, in the order of the fields.
    let refused = fill(&mut browser, "ABCD-EFGH-JKMN-PQRS", "short", "other").expect(422, "Error: Set up this console");
    let fields: Vec<String> = refused.mistakes().into_iter().map(|(field, _)| field).collect();
    assert_eq!(fields, ["setup_code", "password"]);
    let refused = fill(&mut browser, "", "", "").expect(422, "Error: Set up this console");
    let expected = [("setup_code", "The setup code is missing."), ("password", "Enter a password.")];
    assert_eq!(refused.mistakes(), expected.map(|(field, what)| (field.to_owned(), what.to_owned())));
    assert!(refused.texts("#setup_code-hint").concat().starts_with("16 letters"), "there is nothing to enter again");
    // Capitals, blanks and dashes do not matter.
    let typed = code.to_lowercase().replace('-', " ");
    fill(&mut browser, &typed, PASSWORD, PASSWORD).expect(200, "Certificate Signing Requests");
    browser.get("/setup").expect(404, "Error: Page not found");
    console.browser().get("/setup").expect(404, "Error: Page not found");
}

#[test]
fn login_begins_a_session_and_logout_ends_it() {
    let (console, mut owner) = Console::owned();
    let session = owner.jar.value(&owner.jar.session()).to_owned();
    let mut copy = owner.clone();
    let page = owner.get("/csrs");
    owner.send(page.form("/logout").enter()).expect(200, "Log in");
    assert_ne!(owner.jar.value(&owner.jar.session()), session);
    copy.get("/csrs").expect(200, "Log in");

    let mut browser = console.browser();
    let page = browser.get("/csrs?q=nas").expect(200, "Log in");
    let before = browser.jar.value(&browser.jar.session()).to_owned();
    let wrong = browser.send(page.form("/login").set("password", "not the password").enter());
    let wrong = wrong.expect(422, "Error: Log in");
    assert_eq!(wrong.mistakes(), [("password".to_owned(), "This is not the password.".to_owned())]);
    let page = browser.send(wrong.form("/login").set("password", PASSWORD).enter());
    assert_eq!(page.expect(200, "Certificate Signing Requests").path, "/csrs?q=nas", "back to where it was asked for");
    assert_ne!(browser.jar.value(&browser.jar.session()), before, "the session's name changes at login");
}

#[test]
fn both_profiles_go_through_all_five_steps_to_a_request_that_openssl_accepts() {
    let (console, mut browser) = Console::owned();
    browser.get("/csrs").expect(200, "Certificate Signing Requests");
    let digital_signature = json!(["digital_signature"]);
    let both = json!(["digital_signature", "key_encipherment"]);
    for (name, profile, key, label, usage) in [
        ("web-rsa", "https-rsa", json!({"type": "RSA", "bits": 2048, "exponent": 65537}), "RSA 2048", both),
        (
            "web-ecc",
            "https-ecc",
            json!({"type": "EC", "curve": "secp384r1", "bits": 384}),
            "EC SECP384R1",
            digital_signature,
        ),
    ] {
        let confirm = wizard::to_confirm(&mut browser, name, profile);
        assert_eq!(confirm.fact("Name"), name);
        assert_eq!(confirm.fact("Organization"), "Example & Sons <Ltd>");
        assert_eq!(confirm.fact("Digest Algorithm"), "SHA256");
        assert!(confirm.main().contains("DNS:nas.example.org – copy of the common name"), "{}", confirm.main());
        let page = browser.send(confirm.step().enter()).expect(200, name);
        assert!(page.fact("Key").starts_with(&format!("{label}, SHA")), "{}", page.fact("Key"));
        assert_eq!(page.fact("Common Name"), "nas.example.org");

        let download = browser.get_once(&page.link("Download request"));
        let disposition = format!("attachment; filename=\"{name}.csr\"");
        assert_eq!(download.header("content-disposition"), Some(disposition.as_str()));
        assert_eq!(download.header("content-type"), Some("application/x-pem-file"));
        verifies(&download.body);
        assert!(page.source().contains(std::str::from_utf8(&download.body).unwrap()), "the page shows the same PEM");
        assert!(
            !page.source().contains("PRIVATE KEY") && !download.body.windows(11).any(|part| part == b"PRIVATE KEY")
        );
        let der = browser.get_once(&page.link("Request as DER"));
        assert_eq!(der.header("content-type"), Some("application/pkcs10"));
        assert_eq!(der.body, openssl("req -outform DER", &download.body));

        let read = read_request(&download.body);
        assert_eq!(read["subject"], subject_of_the_walk());
        assert_eq!((&read["key"], &read["digest"], &read["valid"]), (&key, &json!("sha256"), &json!(true)));
        let extensions = json!([
            ["2.5.29.17", false, ["DNS:nas.local", "IP:192.0.2.7", "DNS:nas.example.org"]],
            ["2.5.29.19", true, {"ca": false, "path_length": null}],
            ["2.5.29.37", false, ["1.3.6.1.5.5.7.3.1"]],
            ["2.5.29.15", true, usage],
        ]);
        assert_eq!(read["extensions"], extensions);

        // As it lies on the disk, for openssl and for nobody else.
        let path = console.data().join("csrs").join(format!("{name}.pem"));
        let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).unwrap().permissions());
        assert_eq!(mode & 0o7777, 0o600);
        let file = std::fs::read(&path).unwrap();
        assert_eq!(public_of_key(&file, None), public_of_request(&file));
        verifies(&file);
    }
    let list = browser.get("/csrs");
    assert_eq!(list.texts("td.name"), ["web-ecc", "web-rsa"]);
    assert_eq!(list.texts("td.key"), ["EC SECP384R1SHA256", "RSA 2048SHA256"]);
    assert_eq!(list.texts("td.state"), ["Waiting for the CA", "Waiting for the CA"]);
    let found = browser.send_search("rsa");
    assert_eq!(found, ["web-rsa"]);
    assert_eq!(browser.send_search("nothing-like-it"), Vec::<String>::new());
}

impl Browser {
    fn send_search(&mut self, query: &str) -> Vec<String> {
        self.get(&format!("/csrs?q={query}")).texts("td.name")
    }
}

#[test]
fn a_csr_is_renamed_and_noted() {
    let (console, mut browser) = Console::owned();
    let page = make(&mut browser, "old", "https-ecc");
    make(&mut browser, "other", "https-ecc");
    let before = browser.get_once("/csrs/old/download").body;
    let note = "Sent to the CA on Monday.\nAsk for <Eve>.";
    let page = browser.send(page.form("/csrs/old").set("name", "new").set("note", note).enter());
    let page = page.expect(200, "new");
    assert_eq!(page.path, "/csrs/new?told=renamed");
    assert_eq!(page.form("/csrs/new").value("note"), note);
    assert_eq!(browser.get_once("/csrs/new/download").body, before, "the request itself stays as it is");
    browser.get("/csrs/old").expect(404, "Error: Page not found");
    assert!(!console.data().join("csrs/old.pem").exists() && console.data().join("csrs/new.pem").exists());

    for (name, words) in [("OTHER", "A request named OTHER already exists"), ("no/path", "The name contains \"/\"")] {
        let form = browser.get("/csrs/new").form("/csrs/new").set("name", name).set("note", "changed");
        let refused = browser.send(form.enter()).expect(422, "Error: new");
        assert!(refused.mistakes()[0].1.starts_with(words), "{:?}", refused.mistakes());
        let form = refused.form("/csrs/new");
        assert_eq!((form.value("name"), form.value("note")), (name.to_owned(), "changed".to_owned()));
    }
    assert_eq!(browser.get_once("/csrs/new/download").body, before);
}

#[test]
fn a_private_key_leaves_encrypted_or_by_a_deliberate_word_and_with_the_password_only() {
    let (_console, mut browser) = Console::owned();
    let page = make(&mut browser, "nas", "https-ecc");
    let request = browser.get_once("/csrs/nas/download").body;
    let passphrase = "mündlich überbracht";
    let open = |browser: &mut Browser| browser.click(&page, "Export private key…").form("/csrs/nas/key");

    let form = open(&mut browser).set("password", PASSWORD);
    let key = browser.send_once(form.set("passphrase", passphrase).set("passphrase_confirm", passphrase).enter());
    assert_eq!((key.status, key.header("content-disposition")), (200, Some("attachment; filename=\"nas.key\"")));
    assert!(key.body.starts_with(b"-----BEGIN ENCRYPTED PRIVATE KEY-----"));
    assert_eq!(public_of_key(&key.body, Some(passphrase)), public_of_request(&request));
    let structure = String::from_utf8(openssl("asn1parse", &key.body)).unwrap();
    for part in ["PBES2", "PBKDF2", "hmacWithSHA256", "aes-256-cbc", ":0927C0"] {
        assert!(structure.contains(part), "600,000 rounds of PBKDF2-SHA256 and AES-256: {structure}");
    }

    let form = open(&mut browser).set("password", PASSWORD).check("unencrypted");
    let key = browser.send_once(form.enter());
    assert!(key.body.starts_with(b"-----BEGIN PRIVATE KEY-----"));
    assert_eq!(public_of_key(&key.body, None), public_of_request(&request));

    let refused = [
        (open(&mut browser).set("password", PASSWORD), "passphrase"),
        (open(&mut browser).set("password", PASSWORD).set("passphrase", "a"), "passphrase_confirm"),
        (open(&mut browser).set("password", PASSWORD).set("passphrase", "a").check("unencrypted"), "unencrypted"),
        (open(&mut browser).check("unencrypted"), "password"),
        (open(&mut browser).set("password", "not the password").check("unencrypted"), "password"),
    ];
    for (form, field) in refused {
        let page = browser.send(form.enter()).expect(422, "Error: Export the private key of nas");
        assert_eq!(page.mistakes().len(), 1);
        assert_eq!(page.mistakes()[0].0, field);
        assert!(!page.source().contains("BEGIN"));
        let form = page.form("/csrs/nas/key");
        assert_eq!((form.value("password"), form.value("passphrase")), Default::default());
    }
}

#[test]
fn a_clone_has_the_same_answers_and_another_key() {
    let (_console, mut browser) = Console::owned();
    let page = make(&mut browser, "first", "https-ecc");
    let page = browser.send(page.form("/csrs/first/clone").enter()).expect(200, "Identifier and Type");
    assert_eq!(page.step().value("name"), "");
    assert_eq!(page.step().value("profile"), "https-ecc");
    let page = browser.send(page.step().set("name", "second").press("next")).expect(200, "Confirm Options");
    browser.send(page.step().press("save")).expect(200, "second");
    let [first, second] =
        ["first", "second"].map(|name| read_request(&browser.get_once(&format!("/csrs/{name}/download")).body));
    for same in ["subject", "extensions", "key", "signature_algorithm"] {
        assert_eq!(first[same], second[same], "{same}");
    }
    let [first, second] =
        ["first", "second"].map(|name| public_of_request(&browser.get_once(&format!("/csrs/{name}/download")).body));
    assert_ne!(first, second);
}

#[test]
fn a_csr_is_deleted_after_a_page_that_says_what_is_lost() {
    let (console, mut browser) = Console::owned();
    let page = make(&mut browser, "nas", "https-ecc");
    let page = browser.click(&page, "Delete…").expect(200, "Delete nas?");
    assert!(page.main().contains("the only copy of its private key"));
    let refused = browser.send(page.form("/csrs/nas/delete").enter()).expect(422, "Error: Delete nas?");
    assert_eq!(refused.mistakes()[0].0, "confirm");
    assert!(console.data().join("csrs/nas.pem").exists());
    let list = browser.send(refused.form("/csrs/nas/delete").check("confirm").enter());
    assert_eq!(list.expect(200, "Certificate Signing Requests").texts("td.name"), Vec::<String>::new());
    assert!(!console.data().join("csrs/nas.pem").exists());
    browser.get("/csrs/nas").expect(404, "Error: Page not found");
}

#[test]
fn a_damaged_file_is_listed_with_its_reason_and_hides_no_other() {
    let (console, mut browser) = Console::owned();
    make(&mut browser, "good", "https-ecc");
    make(&mut browser, "bad", "https-ecc");
    std::fs::write(console.data().join("csrs/bad.pem"), "this is no request\n").unwrap();
    std::os::unix::fs::symlink("good.pem", console.data().join("csrs/link.pem")).unwrap();
    let list = browser.get("/csrs");
    assert_eq!(list.texts("td.name"), ["bad", "good"]);
    assert_eq!(list.texts("td.state"), ["Damaged", "Waiting for the CA"]);
    assert!(browser.get("/csrs/bad").expect(200, "bad").main().contains("This request cannot be read"));
    browser.get("/csrs/bad/download").expect(409, "Error: This did not work");
    browser.get("/csrs/good").expect(200, "good");
}
