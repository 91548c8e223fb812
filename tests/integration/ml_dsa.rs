//! ML-DSA keys made wherever requests are made: by command, in the wizard, in the factory; with their rules, and with what is
//! said of them.

use crate::harness::answering::show;
use crate::harness::console::{Console, run, signet};
use crate::harness::factory::{Station, lines};
use crate::harness::made::Folder;
use crate::harness::ml_dsa::{PASSPHRASE, SETS, exported, is_good, passphrase, path, told};
use crate::harness::python::{read_request, read_requests};
use crate::harness::wizard;
use serde_json::{Value, json};
use signet_domain::key_spec::KeySpec;
use signet_domain::ml_dsa::MlDsa;
use signet_pki::generate::generate;
use signet_pki::private_key::PrivateKey;
use signet_pki::public_key::PublicKey;
use signet_pki::sign::sign;

const WHO: [&str; 6] = [
    "--country=DE",
    "--state=Bavaria",
    "--city=Munich",
    "--organization=Example",
    "--email=root@nas.local",
    "--san=nas.example.org",
];

#[test]
fn another_implementation_takes_request_and_key_of_each_parameter_set() {
    let (console, _browser) = Console::owned();
    let folder = Folder::new();
    for (set, oid) in SETS {
        let name = format!("q{set}");
        let kind = format!("csr create --name {name} --key-type ML-DSA --ml-dsa {set} --profile https-rsa");
        let made = console.run(kind.split(' ').chain(WHO));
        let said = made.err.clone();
        assert!(made.worked().contains(&format!("Created {name}: ML-DSA-{set}")), "{said}");
        assert!(said.contains("advice: --key-type: Public CAs do not issue"), "{said}");
        let own = console.run(["csr", "check", &name, "--for", "private"]).worked();
        assert!(own.contains("key_type (accepts)") && own.contains("OpenSSL before 3.5"), "{own}");
        let record = show(&console, &name);
        assert_eq!((&record["key_type"], &record["ml_dsa"]), (&json!("ML-DSA"), &json!(set)));
        for key in ["key_length", "ec_curve", "digest_algorithm"] {
            assert_eq!(record[key], Value::Null, "{key}");
        }
        assert_eq!(record["extensions"]["key_usage"]["bits"], json!(["digital_signature"]));
        let request = console.run(["csr", "export", &name]).worked();
        let read = read_request(request.as_bytes());
        is_good(set, oid, &read);

        // The key out of the device, plain and under a passphrase, is the seed of RFC 9881.
        let key = told(["key", &exported(&console, &folder, &name)]);
        assert_eq!(key["kind"], format!("ML-DSA-{set}"));
        let pkcs8 = key["pkcs8"].as_str().unwrap();
        assert_eq!(pkcs8.len(), 2 * 54, "a seed of 32 bytes and its frame: {pkcs8}");
        let locked = console.run(["csr", "key", &name, "--passphrase-file", &passphrase(&folder)]).worked();
        assert_eq!(told(["key", &path(&folder, "locked.pem", locked.as_bytes()), PASSPHRASE]), key);
    }
}

/// A key of ours, as rcgen takes one.
struct Ours(PrivateKey, &'static rcgen::SignatureAlgorithm);

impl rcgen::PublicKeyData for Ours {
    fn der_bytes(&self) -> &[u8] {
        let PublicKey::MlDsa { key, .. } = self.0.public_key() else { panic!("another key") };
        key
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        self.1
    }
}

impl rcgen::SigningKey for Ours {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        Ok(sign(&self.0, None, message).unwrap())
    }
}

#[test]
fn a_certificate_that_our_signature_makes_is_good_to_another_implementation() {
    let folder = Folder::new();
    let algorithms = [&rcgen::PKCS_ML_DSA_44, &rcgen::PKCS_ML_DSA_65, &rcgen::PKCS_ML_DSA_87];
    for (((set, oid), parameters), algorithm) in SETS.into_iter().zip(MlDsa::ALL).zip(algorithms) {
        let ours = Ours(generate(KeySpec::MlDsa(parameters)).unwrap(), algorithm);
        let made = rcgen::CertificateParams::new(["nas.example.org".to_owned()]).unwrap().self_signed(&ours).unwrap();
        let pem = signet_pki::pem::encode("CERTIFICATE", made.der());
        let read = told(["certificate", &path(&folder, "own.pem", pem.as_bytes())]);
        assert_eq!(read, json!({"kind": format!("ML-DSA-{set}"), "signature": oid}));
    }
}

#[test]
fn the_wizard_makes_them_and_asks_for_no_digest() {
    let (console, mut browser) = Console::owned();
    let mut files = Vec::new();
    for (set, _) in SETS {
        let name = format!("page-{set}");
        let options = wizard::to_options(&mut browser, &name, "https-rsa");
        assert!(options.main().contains("which has its own digest"), "{}", options.main());
        let form = options.step().set("key_type", "ML-DSA").set("ml_dsa", &set.to_string());
        let page = browser.send(form.set("digest_algorithm", "SHA1").press("next")).expect(200, "Certificate Subject");
        let page = browser.send(wizard::subject(&page).press("next")).expect(200, "Extra Constraints");
        // Key Encipherment of the RSA preset is gone; nobody had edited it.
        assert_eq!(page.step().value("ku_digital_signature"), "on");
        let form = page.step().check("ku_key_agreement");
        let refused = browser.send(form.press("next")).expect(422, "Error: Extra Constraints");
        let words = "ML-DSA keys only sign. They cannot do Key Agreement (RFC 9881 5).";
        assert_eq!(refused.mistakes(), [("ku_key_agreement".to_owned(), words.to_owned())]);
        let form = refused.step().uncheck("ku_key_agreement");
        let confirm = browser.send(form.press("next")).expect(200, "Confirm Options");
        assert_eq!(confirm.fact("Key Type"), "ML-DSA");
        assert_eq!(confirm.fact("Digest Algorithm"), "none: ML-DSA has its own");
        assert!(confirm.main().contains(&format!("--ml-dsa={set}")), "{}", confirm.main());
        assert!(!confirm.main().contains("--digest-algorithm"), "{}", confirm.main());
        assert!(confirm.main().contains(&format!("openssl genpkey -algorithm ML-DSA-{set} ")), "{}", confirm.main());
        browser.send(confirm.step().press("save")).expect(200, &name);
        files.push(console.data().join(format!("csrs/{name}.pem")));
    }
    for ((set, oid), read) in SETS.into_iter().zip(read_requests(&files)) {
        is_good(set, oid, &read);
    }
}

#[test]
fn the_factory_makes_them_for_each_device() {
    let station = Station::new();
    let requests = SETS.map(|(set, _)| {
        format!(
            "[[csr]]\nname = \"q{set}-{{serial}}\"\nkey_type = \"ML-DSA\"\nml_dsa = {set}\nprofile = \"https-ecc\"\ncountry = \"DE\"\n\
             state = \"Bavaria\"\ncity = \"Munich\"\norganization = \"Example\"\nemail = \"a@b.de\"\nsan = [\"{{hostname}}.local\"]\n"
        )
    });
    std::fs::write(station.at("requests.toml"), requests.concat()).unwrap();
    let ran = run(&mut station.batch(&station.list("units.csv", 2), &station.at("out")), b"");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let units = lines(&station.at("out").join("manifest.jsonl"));
    assert_eq!(units.len(), 2);
    for unit in &units {
        let csrs = unit["csrs"].as_array().unwrap();
        assert_eq!(csrs.len(), 3);
        for ((set, oid), csr) in SETS.into_iter().zip(csrs) {
            is_good(set, oid, &read_request(csr["pem"].as_str().unwrap().as_bytes()));
        }
    }
}

#[test]
fn a_rule_of_such_keys_is_told_at_its_field_by_command_too() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let create = |more: &[&str]| {
        let arguments = ["csr", "create", "--name", "nas"].iter().chain(more).chain(&WHO);
        run(signet(&data).args(arguments), b"")
    };
    let (what, fix) = create(&["--ml-dsa", "65", "--ku", "digital_signature", "--ku", "key_encipherment"]).refused(65);
    assert_eq!(what, "--ku: ML-DSA keys only sign. They cannot do Key Encipherment (RFC 9881 5).");
    assert_eq!(fix, "Remove it, or choose RSA as the key type.");
    let (_, fix) = create(&["--ml-dsa", "65", "--ku", "digital_signature", "--ku", "key_agreement"]).refused(65);
    assert_eq!(fix, "Remove it, or choose EC as the key type.");
    let (what, _) = create(&["--key-type", "ML-DSA", "--ml-dsa", "128"]).refused(65);
    assert_eq!(what, "--ml-dsa: \"128\" is not a known ML-DSA parameter set.");
    let file = folder.path().join("nas.toml");
    std::fs::write(&file, "ml_dsa = 44\nku = [\"crl_sign\", \"decipher_only\"]\n").unwrap();
    let (what, _) = create(&["--from", file.to_str().unwrap()]).refused(65);
    assert!(what.contains("Decipher Only"), "{what}");
    // Two sizes without a type say nothing of it.
    create(&["--ml-dsa", "44", "--key-length", "3072"]).worked();
    let made = run(signet(&data).args(["csr", "show", "nas", "--json"]), b"").worked();
    let made: Value = serde_json::from_str(&made).unwrap();
    assert_eq!((&made["key_type"], &made["key_length"], &made["ml_dsa"]), (&json!("RSA"), &json!(3072), &Value::Null));
}
