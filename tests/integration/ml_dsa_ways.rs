//! ML-DSA keys on their ways in and out: imports from another implementation, certificates taken back, PKCS#12, renewals, and
//! copies for other services.

use crate::harness::answering::{give, show};
use crate::harness::console::{Console, Ran};
use crate::harness::deployed::{Device, is_root};
use crate::harness::made::{Folder, der};
use crate::harness::ml_dsa::{PASSPHRASE, SETS, certified, exported, is_good, passphrase, path, second, told};
use crate::harness::openssl::openssl;
use crate::harness::python::read_request;
use crate::harness::wizard;
use serde_json::{Value, json};
use std::path::Path;

fn create(console: &Console, name: &str, more: &[&str]) -> Ran {
    let who = "--country=DE --state=Bavaria --city=Munich --organization=Example --email=a@b.de --san=nas.example.org";
    console.run(["csr", "create", "--name", name].into_iter().chain(more.iter().copied()).chain(who.split(' ')))
}

#[test]
fn keys_requests_and_certificates_of_another_implementation_are_taken() {
    let (console, mut browser) = Console::owned();
    for (set, oid) in SETS {
        let folder = Folder::new();
        let directory = folder.file("x", b"").parent().unwrap().to_str().unwrap().to_owned();
        let public = told(["make", &set.to_string(), &directory])["public"].clone();
        let file = |name: &str| format!("{directory}/{name}");
        let phrase = passphrase(&folder);
        let import = |name: &str, arguments: &[&str]| {
            console.run(["csr", "import", "--name", name].iter().chain(arguments)).worked();
            assert_eq!(told(["key", &exported(&console, &folder, name)])["public"], public, "{name}");
            let record = show(&console, name);
            assert_eq!((&record["key_type"], &record["ml_dsa"]), (&json!("ML-DSA"), &json!(set)), "{name}");
            is_good(set, oid, &read_request(record["pem"].as_str().unwrap().as_bytes()));
        };
        import(&format!("plain-{set}"), &["--request", &file("request.pem"), "--key", &file("key.pem")]);
        import(
            &format!("locked-{set}"),
            &["--request", &file("request.pem"), "--key", &file("locked.pem"), "--passphrase-file", &phrase],
        );
        import(&format!("pair-{set}"), &["--certificate", &file("certificate.pem"), "--key", &file("key.pem")]);
        assert_eq!(show(&console, &format!("pair-{set}"))["state"], "answered");

        // In the wizard, too.
        let name = format!("page-{set}");
        let page = wizard::to_import(&mut browser, &name);
        let read = |name: &str| std::fs::read(file(name)).unwrap();
        let form = page.step().file("signing_request_file", "r.pem", &read("request.pem"));
        let form = form.file("private_key_file", "k.pem", &read("key.pem"));
        let confirm = browser.send(form.press("next")).expect(200, "Confirm Options");
        assert_eq!(
            (confirm.fact("Key"), confirm.fact("Signature")),
            (format!("ML-DSA-{set}"), format!("ML-DSA-{set}"))
        );
        browser.send(confirm.step().press("save")).expect(200, &name);

        // A request whose signature was touched, and a key of another one.
        let mut damaged = der(&read("request.pem"));
        let end = damaged.len() - 1;
        damaged[end] ^= 1;
        let damaged = path(&folder, "damaged.der", &damaged);
        let refused = console.run(["csr", "import", "--name", "no", "--request", &damaged, "--key", &file("key.pem")]);
        assert!(refused.refused(65).0.contains("signature does not verify"));
        create(&console, &format!("other-{set}"), &["--ml-dsa", &set.to_string()]).worked();
        let other = exported(&console, &folder, &format!("other-{set}"));
        let refused = console
            .run(["csr", "import", "--name", "no", "--request", &file("request.pem"), "--key", &other])
            .refused(65);
        assert!(refused.0.contains("belongs to another request"), "{}", refused.0);
    }
}

#[test]
fn a_certificate_is_taken_back_bundled_and_renewed() {
    let (console, mut browser) = Console::owned();
    for (set, oid) in SETS {
        let (folder, name, renewal) = (Folder::new(), format!("q{set}"), format!("q{set}-again"));
        create(&console, &name, &["--ml-dsa", &set.to_string(), "--ku", "digital_signature"]).worked();
        let key = exported(&console, &folder, &name);
        let certificate = certified(&console, &folder, &name);
        let clients = "Programs that do not know ML-DSA cannot use this certificate";
        let sending = ["Send the request to a private CA"];
        let waits = show(&console, &name)["advice"].to_string();
        assert!(sending.iter().all(|text| waits.contains(text)), "{waits}");
        let page = give(&mut browser, &format!("/csrs/{name}/certificate"), &certificate);
        assert!(page.texts(".verdict.warn").concat().contains(clients), "{}", page.main());
        assert_eq!(page.main().matches(clients).count(), 1, "said once");
        let answer = path(&folder, "answer.pem", &certificate);
        assert_eq!(told(["certificate", &answer])["kind"], format!("ML-DSA-{set}"));
        let said: Value =
            serde_json::from_str(&console.run(["csr", "answer", "--json", "--certificate", &answer]).worked()).unwrap();
        assert!(said[0]["advice"].to_string().contains(clients), "{said}");
        let is_here = show(&console, &name)["advice"].to_string();
        assert!(is_here.contains(clients) && !sending.iter().any(|text| is_here.contains(text)), "{is_here}");
        let rows = said[0]["differences"].as_array().unwrap();
        let other = rows.iter().filter(|row| row["kind"] != "same" && row["field"] != "lifetime").count();
        assert_eq!(other, 0, "{rows:?}");
        let bundle = path(&folder, "empty", b"").replace("empty", "bundle.p12");
        console.run(["csr", "pkcs12", &name, "--passphrase-file", &passphrase(&folder), "--out", &bundle]).worked();
        assert_eq!(told(["pkcs12", &bundle, PASSPHRASE]), told(["key", &key]));
        // OpenSSL checks the file's MAC and has the certificate, whatever it thinks of its key.
        let listed = openssl(&format!("pkcs12 -nokeys -in {bundle} -passin file:{}", passphrase(&folder)), b"");
        assert_eq!(openssl("x509 -outform DER", &listed), openssl("x509 -outform DER", &certificate));
        let copy = format!("{name}-bundle");
        let imported = console.run([
            "csr",
            "import",
            "--name",
            &copy,
            "--pkcs12",
            &bundle,
            "--passphrase-file",
            &passphrase(&folder),
        ]);
        assert!(imported.err.contains(clients), "{}", imported.err);
        imported.worked();
        assert_eq!(told(["key", &exported(&console, &folder, &copy)]), told(["key", &key]));
        assert_eq!(show(&console, &copy)["state"], "answered");
        console.run(["csr", "delete", &copy, "--yes"]).worked();

        // With the same key, and with a new one of the same kind.
        console.run(["csr", "renew", &name, "--same-key", "--name", &renewal]).worked();
        let again = exported(&console, &folder, &renewal);
        assert_eq!(told(["key", &again])["pkcs8"], told(["key", &key])["pkcs8"]);
        is_good(set, oid, &read_request(console.run(["csr", "export", &renewal]).worked().as_bytes()));
        console.run(["csr", "delete", &renewal, "--yes"]).worked();
        let page = browser.get(&format!("/csrs/{name}"));
        assert_eq!(page.fact("Key"), format!("ML-DSA-{set}"));
        let naming = browser.send(page.form(&format!("/csrs/{name}/renew")).enter()).expect(200, "Identifier and Type");
        let confirm = browser.send(naming.step().set("name", &renewal).press("next")).expect(200, "Confirm Options");
        assert_eq!(confirm.fact("ML-DSA parameter set"), format!("ML-DSA-{set}"));
        browser.send(confirm.step().press("save")).expect(200, &renewal);
        let record = show(&console, &renewal);
        assert_eq!((&record["ml_dsa"], &record["supersedes"]), (&json!(set), &json!(name)));
        is_good(set, oid, &read_request(record["pem"].as_str().unwrap().as_bytes()));
    }
}

#[test]
fn another_service_gets_the_seed_and_the_certificate() {
    if !is_root() {
        return;
    }
    let device = Device::new();
    device.set_up_web("nas");
    let who = "--country DE --state BY --city M --organization E --email a@b.de --san nas.local";
    device.signet(&format!("csr create --name nas --ml-dsa 87 --profile https-ecc {who}")).worked();
    let folder = Folder::new();
    let key = path(&folder, "key", device.signet("csr key nas --unencrypted").worked().as_bytes());
    let request = path(&folder, "request", device.signet("csr export nas").worked().as_bytes());
    let certificate = String::from_utf8(second(["certify", &key, &request])).unwrap();
    device.answer_with("nas", &certificate);
    device.record("nas", |record| record["deploy"] = true.into());
    assert_eq!(device.deploy().worked(), "web: copied nas\n");
    let live = device.copies().join("web/live");
    let given = told([Path::new("key"), &live.join("privkey.pem")]);
    assert_eq!((&given["kind"], &given), (&json!("ML-DSA-87"), &told(["key", &key])));
    let pem = std::fs::read_to_string(live.join("cert.pem")).unwrap();
    assert_eq!(openssl("x509 -outform DER", pem.as_bytes()), openssl("x509 -outform DER", certificate.as_bytes()));
}
