//! A request with every extension on, as the second parser reads it: the same values, order and critical flags.

use crate::harness::console::{Console, run, signet};
use crate::harness::openssl::{openssl, openssl_text, verifies};
use crate::harness::python::read_request;
use crate::harness::wizard;
use serde_json::json;

const SAN: &str = "2.5.29.17";
const BASIC_CONSTRAINTS: &str = "2.5.29.19";
const AUTHORITY_KEY_IDENTIFIER: &str = "2.5.29.35";
const EXTENDED_KEY_USAGE: &str = "2.5.29.37";
const KEY_USAGE: &str = "2.5.29.15";

/// RFC 5280 4.2.1.12, 6962 3.1, 4945 5.1.3.12, 4556 3.2.4 and Microsoft's, in the order of the form.
const USAGES: [(&str, &str); 11] = [
    ("eku_ANY_EXTENDED_KEY_USAGE", "2.5.29.37.0"),
    ("eku_CERTIFICATE_TRANSPARENCY", "1.3.6.1.4.1.11129.2.4.4"),
    ("eku_CLIENT_AUTH", "1.3.6.1.5.5.7.3.2"),
    ("eku_CODE_SIGNING", "1.3.6.1.5.5.7.3.3"),
    ("eku_EMAIL_PROTECTION", "1.3.6.1.5.5.7.3.4"),
    ("eku_IPSEC_IKE", "1.3.6.1.5.5.7.3.17"),
    ("eku_KERBEROS_PKINIT_KDC", "1.3.6.1.5.2.3.5"),
    ("eku_OCSP_SIGNING", "1.3.6.1.5.5.7.3.9"),
    ("eku_SERVER_AUTH", "1.3.6.1.5.5.7.3.1"),
    ("eku_SMARTCARD_LOGON", "1.3.6.1.4.1.311.20.2.2"),
    ("eku_TIME_STAMPING", "1.3.6.1.5.5.7.3.8"),
];

const BITS: [&str; 8] = [
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
];

/// A CA's certificate as PEM, and its key identifier in hex.
fn ca() -> (String, String) {
    let key = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(key.path(), openssl("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256", b"")).unwrap();
    let make = format!(
        "req -x509 -new -key {} -subj /C=DE/O=Example/CN=Root -set_serial 0x00f123456789abcdef -days 30",
        key.path().display()
    );
    let certificate = openssl_text(&make, b"");
    let shown = openssl_text("x509 -noout -ext subjectKeyIdentifier", certificate.as_bytes());
    let key_id = shown.lines().last().unwrap().trim().replace(':', "").to_lowercase();
    (certificate, key_id)
}

#[test]
fn a_request_with_every_extension_reads_back_the_same() {
    let (_console, mut browser) = Console::owned();
    let (certificate, key_id) = ca();
    let page = wizard::to_subject(&mut browser, "all", "");
    let names = "nas.local, *.example.org\nDNS:größe.example\n[2001:db8::7]\nip address:192.0.2.7\nroot@nas.local\n\
                 URI:https://nas.example.org/path?q=1\nNAS.local\nIP:2001:0DB8:0::7\nhost.";
    let form = wizard::subject(&page).set("san", names).set("organization", "Größe & Söhne");
    let page = browser.send(form.press("next")).expect(200, "Extra Constraints");
    let mut form = page.step().check("bc_enabled").check("bc_ca").set("bc_path_length", "3").check("bc_critical");
    form = form.check("aki_enabled").set("aki_issuer", &certificate).check("aki_cert_issuer");
    form = USAGES.iter().fold(form.check("eku_enabled"), |form, (usage, _)| form.check(usage));
    form =
        BITS.iter().fold(form.check("ku_enabled").check("ku_critical"), |form, bit| form.check(&format!("ku_{bit}")));
    let confirm = browser.send(form.press("next")).expect(200, "Confirm Options");
    assert!(confirm.main().contains("DNS:xn--gre-6ka8i.example (größe.example)"), "both are shown: {}", confirm.main());
    let page = browser.send(confirm.step().press("save")).expect(200, "all");

    let request = browser.get_once(&page.link("Download request")).body;
    verifies(&request);
    let read = read_request(&request);
    let organization = json!(["2.5.4.10", "UTF8String", "Größe & Söhne"]);
    assert!(read["subject"].as_array().unwrap().contains(&organization), "{}", read["subject"]);
    let san = json!([
        "DNS:nas.local",
        "DNS:*.example.org",
        "DNS:xn--gre-6ka8i.example",
        "IP:2001:db8::7",
        "IP:192.0.2.7",
        "email:root@nas.local",
        "URI:https://nas.example.org/path?q=1",
        "DNS:host",
        "DNS:nas.example.org",
    ]);
    let issuer = json!(["dirname:CN=Root,O=Example,C=DE"]);
    let extensions = json!([
        [SAN, false, san],
        [BASIC_CONSTRAINTS, true, {"ca": true, "path_length": 3}],
        [AUTHORITY_KEY_IDENTIFIER, false, {"key_identifier": key_id, "issuer": issuer, "serial": 0xf123_4567_89ab_cdef_u64}],
        [EXTENDED_KEY_USAGE, false, USAGES.map(|(_, oid)| oid)],
        [KEY_USAGE, true, BITS],
    ]);
    assert_eq!(read["extensions"], extensions);
    assert_eq!(read["attributes"], json!(["1.2.840.113549.1.9.14"]), "one extensionRequest and nothing else");
    // The page says the same of the request's own bytes.
    for part in ["path length 3", "critical", "größe.example", "SMARTCARD_LOGON", "Encipher Only"] {
        assert!(page.main().to_lowercase().contains(&part.to_lowercase()), "{part}: {}", page.main());
    }
}

#[test]
fn the_other_side_of_each_switch_reads_back_too() {
    let (_console, mut browser) = Console::owned();
    let page = wizard::to_constraints(&mut browser, "rest", "https-ecc");
    let form = page.step().uncheck("bc_critical").check("aki_enabled").set("aki_issuer", "0a 0B:0c0d");
    let form =
        form.check("eku_critical").check("eku_CLIENT_AUTH").uncheck("ku_critical").uncheck("ku_digital_signature");
    let form = form.check("ku_key_agreement").check("ku_decipher_only");
    let confirm = browser.send(form.press("next")).expect(200, "Confirm Options");
    let page = browser.send(confirm.step().press("save")).expect(200, "rest");
    let read = read_request(&browser.get_once(&page.link("Download request")).body);
    let extensions = json!([
        [SAN, false, ["DNS:nas.local", "IP:192.0.2.7", "DNS:nas.example.org"]],
        [BASIC_CONSTRAINTS, false, {"ca": false, "path_length": null}],
        [AUTHORITY_KEY_IDENTIFIER, false, {"key_identifier": "0a0b0c0d", "issuer": null, "serial": null}],
        [EXTENDED_KEY_USAGE, true, ["1.3.6.1.5.5.7.3.2", "1.3.6.1.5.5.7.3.1"]],
        [KEY_USAGE, false, ["key_agreement", "decipher_only"]],
    ]);
    assert_eq!(read["extensions"], extensions);
}

#[test]
fn what_is_typed_under_an_extension_that_is_off_is_kept_and_asks_for_nothing() {
    let (_console, mut browser) = Console::owned();
    let page = wizard::to_constraints(&mut browser, "off", "");
    let form = page.step().check("bc_ca").set("bc_path_length", "300").check("eku_SERVER_AUTH");
    let form = form.check("ku_key_cert_sign").set("aki_issuer", "no hex");
    let confirm = browser.send(form.press("next")).expect(200, "Confirm Options");
    let form = browser.get("/wizard/constraints").step();
    assert_eq!((form.value("bc_path_length"), form.value("aki_issuer")), ("300".to_owned(), "no hex".to_owned()));
    let page = browser.send(confirm.step().press("save")).expect(200, "off");
    let read = read_request(&browser.get_once(&page.link("Download request")).body);
    assert_eq!(read["extensions"], json!([[SAN, false, ["DNS:nas.local", "IP:192.0.2.7", "DNS:nas.example.org"]]]));
}

#[test]
fn an_empty_subject_makes_the_names_critical() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("signet.toml");
    std::fs::write(&config, "[subject]\nrequired = [\"san\"]\n").unwrap();
    let mut command = signet(&folder.path().join("data"));
    command.arg("--config").arg(&config).args([
        "csr",
        "create",
        "--name=nas",
        "--ec-curve=SECP256R1",
        "--san=nas.local",
    ]);
    assert_eq!(run(&mut command, b"").code, 0);
    let request = std::fs::read(folder.path().join("data/csrs/nas.pem")).unwrap();
    verifies(&request);
    let read = read_request(&request);
    assert_eq!((&read["subject"], &read["extensions"]), (&json!([]), &json!([[SAN, true, ["DNS:nas.local"]]])));
}
