//! From a first boot to a CSR in the owner's hands, and what they can do with it afterwards.

use crate::harness::browser::Browser;
use crate::harness::console::Console;
use crate::harness::journey::{self, PASSWORD};
use crate::harness::openssl::{self, openssl};
use crate::harness::python;

const EMAIL: &str = "1.2.840.113549.1.9.1";

#[test]
fn a_first_boot_shows_nothing_but_the_setup_which_its_code_opens() {
    let mut console = Console::start();
    let code = console.setup_code();
    let mut browser = Browser::new(&console);
    for path in ["/", "/csrs", "/login", "/wizard", "/help", "/csrs/nas/download", "/account"] {
        browser.get(path).expect(200, "/setup");
    }
    let page = browser.get("/setup");
    assert!(page.words().contains(&console.fingerprint()), "the fingerprint is there to be compared");
    assert!(!page.source().contains(&code) && !page.source().contains(&code.replace('-', "")));
    let filled = page.form("/setup").set("password", PASSWORD).set("password_confirm", PASSWORD);

    let wrong = filled.clone().set("setup_code", "AAAA-AAAA-AAAA-AAAA").enter(&mut browser).expect(422, "/setup");
    assert!(wrong.title().starts_with("Error: "));
    assert_eq!(wrong.summary()[0].0, "setup_code");
    assert_eq!(wrong.form("/setup").value("password").as_deref(), Some(""), "secrets do not come back");

    let typed = code.to_lowercase().replace('-', " ");
    let list = wrong.form("/setup").set("setup_code", &typed).set("password", PASSWORD);
    let list = list.set("password_confirm", PASSWORD).enter(&mut browser).expect(200, "/csrs");
    assert!(list.words().contains("No requests yet"));
    assert_eq!(browser.get("/setup").status, 404, "there is an owner now");
}

#[test]
fn logging_out_closes_and_logging_in_opens() {
    let mut console = Console::start();
    let mut browser = journey::owner(&mut console);
    let before = browser.jar.clone();
    browser.get("/csrs").form("/logout").enter(&mut browser).expect(200, "/login");
    browser.get("/csrs").expect(200, "/login");
    let mut thief = Browser::new(&console);
    thief.jar = before.clone();
    thief.get("/csrs").expect(200, "/login");

    let login = browser.get("/account").expect(200, "/login");
    let wrong = login.form("/login").set("password", "not the password").enter(&mut browser).expect(422, "/login");
    assert_eq!(wrong.told_at("password").len(), 1);
    wrong.form("/login").set("password", PASSWORD).enter(&mut browser).expect(200, "/account");
    assert_ne!(browser.jar.value("__Host-session"), before.value("__Host-session"), "a new session, a new cookie");
}

#[test]
fn both_profiles_lead_through_five_steps_to_a_request_that_openssl_accepts() {
    let mut console = Console::start();
    let mut browser = journey::owner(&mut console);
    let key_usage = [("https-rsa", "digital_signature key_encipherment"), ("https-ecc", "digital_signature")];
    for (profile, bits) in key_usage {
        let confirm = journey::up_to_confirm(&mut browser, profile, profile);
        assert_eq!(confirm.facts("Name"), [profile]);
        assert_eq!(confirm.facts("Country"), ["Germany (DE)"]);
        assert_eq!(confirm.facts("Common Name"), ["nas.example.org"]);
        let page = confirm.form("/wizard/confirm").press(&mut browser, "save").expect(200, &format!("/csrs/{profile}"));

        let pem = browser.get(&format!("/csrs/{profile}/download"));
        assert_eq!(pem.header("content-type"), Some("application/x-pem-file"));
        assert_eq!(pem.header("content-disposition"), Some(format!("attachment; filename=\"{profile}.csr\"").as_str()));
        assert_eq!(page.raw_texts("pre.pem")[0].as_bytes(), pem.body, "the page shows the file");
        openssl::verifies(&pem.body);
        let der = browser.get(&format!("/csrs/{profile}/download?format=der"));
        assert_eq!(der.header("content-type"), Some("application/pkcs10"));
        assert_eq!(der.body, openssl::request_der(&pem.body));

        let read = python::read_request(&pem.body);
        let subject: Vec<(&str, &str)> = read.subject.iter().map(|(oid, value)| (&**oid, &**value)).collect();
        let expected = [
            ("2.5.4.3", "nas.example.org"),
            ("2.5.4.6", "DE"),
            ("2.5.4.8", "Berlin"),
            ("2.5.4.7", "Berlin"),
            ("2.5.4.10", "Example GmbH"),
            ("2.5.4.11", "Storage"),
            (EMAIL, "root@nas.local"),
        ];
        assert_eq!(subject, expected);
        let extensions: Vec<(&str, bool, &str)> =
            read.extensions.iter().map(|ext| (&*ext.oid, ext.critical, &*ext.value)).collect();
        let expected = [
            ("2.5.29.17", false, "DNS:nas.local, IP:192.0.2.7, DNS:nas.example.org"),
            ("2.5.29.19", true, "ca=False path_length=None"),
            ("2.5.29.37", false, "1.3.6.1.5.5.7.3.1"),
            ("2.5.29.15", true, bits),
        ];
        assert_eq!(extensions, expected);
        assert!(read.signature_is_valid);
        match profile {
            "https-rsa" => {
                assert_eq!((read.key.bits, &*read.signature_algorithm), (Some(2048), "1.2.840.113549.1.1.11"))
            }
            _ => assert_eq!(
                (read.key.curve.as_deref(), &*read.signature_algorithm),
                (Some("1.3.132.0.34"), "1.2.840.10045.4.3.2")
            ),
        }
        // One file holds all, and openssl reads it as it lies.
        let file = console.data().join(format!("csrs/{profile}.pem"));
        let lying = std::fs::read(file).unwrap();
        openssl::verifies(&lying);
        assert_eq!(openssl::public_key_of_key(&lying, ""), openssl::public_key_of_request(&pem.body));
    }
    let list = browser.get("/csrs");
    let names: Vec<String> = list.texts("td[data-label=Name]");
    assert_eq!(names, ["https-ecc", "https-rsa"]);
    assert_eq!(list.texts("td[data-label=Key]"), ["EC SECP384R1", "RSA 2048"]);
}

#[test]
fn a_request_is_renamed_noted_cloned_and_deleted() {
    let mut console = Console::start();
    let mut browser = journey::owner(&mut console);
    let page = journey::make(&mut browser, "nas", "https-ecc");
    let before = browser.get("/csrs/nas/download").body;

    let form = page.form("/csrs/nas").set("name", "nas-2").set("note", "sent to the CA\nby e-mail");
    let page = form.enter(&mut browser).expect(200, "/csrs/nas-2");
    assert_eq!(page.form("/csrs/nas-2").value("note").as_deref(), Some("sent to the CA\nby e-mail"));
    assert_eq!(browser.get("/csrs/nas-2/download").body, before, "another name, the same request");
    assert_eq!(browser.get("/csrs/nas").status, 404);

    let clone = page.form("/csrs/nas-2/clone").enter(&mut browser).expect(200, "/wizard/identity");
    assert_eq!(clone.form("/wizard/identity").value("name").as_deref(), Some(""));
    let confirm = clone.form("/wizard/identity").set("name", "nas-3").press(&mut browser, "next");
    let confirm = confirm.expect(200, "/wizard/confirm");
    confirm.form("/wizard/confirm").press(&mut browser, "save").expect(200, "/csrs/nas-3");
    let cloned = browser.get("/csrs/nas-3/download").body;
    let (old, new) = (python::read_request(&before), python::read_request(&cloned));
    assert_eq!((&old.subject, &old.extensions), (&new.subject, &new.extensions), "the same answers");
    assert_ne!(openssl::public_key_of_request(&before), openssl::public_key_of_request(&cloned), "a new key");

    let delete = browser.get("/csrs/nas-3/delete").expect(200, "/csrs/nas-3/delete");
    assert!(delete.words().contains("the only copy of its private key"));
    let refused = delete.form("/csrs/nas-3/delete").enter(&mut browser).expect(422, "/csrs/nas-3/delete");
    assert_eq!(refused.summary()[0].0, "confirm");
    assert!(console.data().join("csrs/nas-3.pem").exists());
    let list = refused.form("/csrs/nas-3/delete").check("confirm").enter(&mut browser).expect(200, "/csrs");
    assert_eq!(list.texts("td[data-label=Name]"), ["nas-2"]);
    assert!(!console.data().join("csrs/nas-3.pem").exists());
}

#[test]
fn a_key_leaves_with_the_password_and_a_passphrase_or_a_deliberate_word() {
    let mut console = Console::start();
    let mut browser = journey::owner(&mut console);
    journey::make(&mut browser, "nas", "https-rsa");
    let public = openssl::public_key_of_request(&browser.get("/csrs/nas/download").body);
    let page = browser.get("/csrs/nas/key").expect(200, "/csrs/nas/key");
    let form = page.form("/csrs/nas/key").set("passphrase", "a passphrase").set("passphrase_confirm", "a passphrase");

    let refused = form.clone().set("password", "not the password").enter(&mut browser).expect(422, "/csrs/nas/key");
    assert_eq!(refused.summary()[0].0, "password");
    let none = page.form("/csrs/nas/key").set("password", PASSWORD).enter(&mut browser).expect(422, "/csrs/nas/key");
    assert_eq!(none.summary()[0].0, "passphrase");

    let encrypted = form.set("password", PASSWORD).enter(&mut browser).expect(200, "/csrs/nas/key");
    assert_eq!(encrypted.header("content-disposition"), Some("attachment; filename=\"nas.key\""));
    assert!(encrypted.source().starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"));
    assert_eq!(openssl::public_key_of_key(&encrypted.body, "a passphrase"), public);
    assert!(!openssl::run(&["pkey", "-noout", "-passin", "pass:another"], &encrypted.body).status.success());
    let structure = openssl(&["asn1parse"], &encrypted.body);
    let structure = String::from_utf8_lossy(&structure);
    for part in ["PBES2", "PBKDF2", "0927C0", "hmacWithSHA256", "aes-256-cbc"] {
        assert!(structure.contains(part), "600,000 rounds (0927C0) of PBKDF2-SHA256 and AES-256: {structure}");
    }

    let plain = page.form("/csrs/nas/key").set("password", PASSWORD).check("unencrypted").enter(&mut browser);
    let plain = plain.expect(200, "/csrs/nas/key");
    assert!(plain.source().starts_with("-----BEGIN PRIVATE KEY-----"));
    assert_eq!(openssl::public_key_of_key(&plain.body, ""), public);
}
