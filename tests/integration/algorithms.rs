//! Every key and digest that is offered works: 4 x 5 RSA, 7 x 5 curves, and Ed25519 are made, verified by OpenSSL, and
//! named by the right object identifiers as the second parser reads them.

use crate::harness::console::Console;
use crate::harness::openssl::{openssl_text, public_of_key, public_of_request, verifies};
use crate::harness::python::{read_request, read_requests};
use crate::harness::wizard;
use serde_json::{Value, json};
use signet_app::Services;
use signet_app::audit::Actor;
use signet_app::clock::Clock;
use signet_app::config::Config;
use signet_domain::constraints::ConstraintsAnswers;
use signet_domain::draft::FinishedDraft;
use signet_domain::key_spec::{Curve, Digest, ED25519, RsaBits};
use signet_domain::name_and_type::NameAndTypeAnswers;
use signet_domain::options::OptionsAnswers;
use signet_domain::policy::Policy;
use signet_domain::record::Asked;
use signet_domain::request::NewRequest;
use signet_domain::subject::SubjectAnswers;
use signet_pki::ca::CaReader;
use signet_store::{Opening, Store};

/// `key_type`, the length or curve, and `digest_algorithm`, as the form has them.
type Combination = (&'static str, &'static str, &'static str);

fn every_combination() -> Vec<Combination> {
    let digests = || Digest::ALL.map(Digest::value);
    let rsa = RsaBits::ALL.into_iter().flat_map(|bits| digests().map(|digest| ("RSA", bits.value(), digest)));
    let curves = Curve::ALL.into_iter().flat_map(|curve| digests().map(|digest| ("EC", curve.value(), digest)));
    rsa.chain(curves).chain([("EC", ED25519, "SHA256")]).collect()
}

fn answers((key_type, size, digest): Combination) -> OptionsAnswers {
    let is = |wanted: &str, other: &str| if key_type == wanted { size.to_owned() } else { other.to_owned() };
    OptionsAnswers {
        key_type: key_type.to_owned(),
        key_length: is("RSA", "2048"),
        ec_curve: is("EC", "SECP384R1"),
        ml_dsa: "65".to_owned(),
        digest_algorithm: digest.to_owned(),
        lifetime: "200".to_owned(),
    }
}

/// What the second parser must read of the key, of its algorithm and of the signature's (RFC 3279, 4055, 5480, 5639,
/// 5758, 8410; SEC 2).
fn expected((key_type, size, digest): Combination) -> [(&'static str, Value); 4] {
    if size == ED25519 {
        let algorithm = json!(["1.3.101.112", ""]);
        return [
            ("key", json!({"type": "Ed25519"})),
            ("key_algorithm", algorithm.clone()),
            ("signature_algorithm", algorithm),
            ("digest", json!(null)),
        ];
    }
    let hash = ("digest", json!(digest.to_lowercase()));
    let at = Digest::ALL.iter().position(|known| known.value() == digest).unwrap();
    if key_type == "RSA" {
        let bits: u32 = size.parse().unwrap();
        let signature = [
            "1.2.840.113549.1.1.5",
            "1.2.840.113549.1.1.14",
            "1.2.840.113549.1.1.11",
            "1.2.840.113549.1.1.12",
            "1.2.840.113549.1.1.13",
        ][at];
        return [
            ("key", json!({"type": "RSA", "bits": bits, "exponent": 65537})),
            ("key_algorithm", json!(["1.2.840.113549.1.1.1", "0500"])),
            ("signature_algorithm", json!([signature, "0500"])),
            hash,
        ];
    }
    let (name, bits, oid) = match size {
        "SECP256R1" => ("secp256r1", 256, "1.2.840.10045.3.1.7"),
        "SECP384R1" => ("secp384r1", 384, "1.3.132.0.34"),
        "SECP521R1" => ("secp521r1", 521, "1.3.132.0.35"),
        "SECP256K1" => ("secp256k1", 256, "1.3.132.0.10"),
        "BrainpoolP256R1" => ("brainpoolP256r1", 256, "1.3.36.3.3.2.8.1.1.7"),
        "BrainpoolP384R1" => ("brainpoolP384r1", 384, "1.3.36.3.3.2.8.1.1.11"),
        "BrainpoolP512R1" => ("brainpoolP512r1", 512, "1.3.36.3.3.2.8.1.1.13"),
        other => panic!("a curve that this test does not know: {other}"),
    };
    let signature = [
        "1.2.840.10045.4.1",
        "1.2.840.10045.4.3.1",
        "1.2.840.10045.4.3.2",
        "1.2.840.10045.4.3.3",
        "1.2.840.10045.4.3.4",
    ][at];
    [
        ("key", json!({"type": "EC", "curve": name, "bits": bits})),
        ("key_algorithm", json!(["1.2.840.10045.2.1", oid])),
        ("signature_algorithm", json!([signature, ""])),
        hash,
    ]
}

fn is_as_asked(combination: Combination, read: &Value) {
    for (part, value) in expected(combination) {
        assert_eq!(read[part], value, "{part} of {combination:?}");
    }
    assert_eq!(read["valid"], json!(true), "{combination:?}");
    assert_eq!(read["version"], json!("020100"), "{combination:?}");
}

#[test]
fn all_56_combinations_are_made_and_accepted() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let services = Services::open(Store::open(&data, Opening::default()).unwrap(), Config::default(), Clock::System);
    let combinations = every_combination();
    assert_eq!(combinations.len(), 56);
    let subject = SubjectAnswers {
        country: "DE".to_owned(),
        state: "Bavaria".to_owned(),
        city: "Munich".to_owned(),
        organization: "Example".to_owned(),
        email: "root@nas.local".to_owned(),
        san: "nas.local".to_owned(),
        ..SubjectAnswers::default()
    };
    let mut files = Vec::new();
    for combination in &combinations {
        let (key_type, size, digest) = combination;
        let name = format!("{key_type}-{size}-{digest}");
        let name_and_type = NameAndTypeAnswers { name, r#type: "csr".to_owned(), profile: String::new() };
        let asked = Asked {
            profile: String::new(),
            options: answers(*combination),
            subject: subject.clone(),
            constraints: ConstraintsAnswers::default(),
        };
        let policy = Policy::default();
        let request =
            NewRequest::parse(&name_and_type, &asked.options, &asked.subject, &asked.constraints, &policy, &CaReader);
        let finished = FinishedDraft { asked, request: request.unwrap(), supersedes: None };
        let name = services.requests.create(&finished, None, Actor::CommandLine(0)).unwrap();
        let path = data.join("csrs").join(format!("{name}.pem"));
        let file = std::fs::read(&path).unwrap();
        verifies(&file);
        // The file holds request and key: the key opens and is the request's.
        assert_eq!(public_of_key(&file, None), public_of_request(&file), "{combination:?}");
        files.push(path);
    }
    for (combination, read) in combinations.iter().zip(read_requests(&files)) {
        is_as_asked(*combination, &read);
    }
}

#[test]
fn the_form_makes_them_too() {
    let combinations: [Combination; 12] = [
        ("RSA", "1024", "SHA1"),
        ("RSA", "2048", "SHA224"),
        ("RSA", "3072", "SHA384"),
        ("RSA", "4096", "SHA512"),
        ("EC", "SECP256R1", "SHA1"),
        ("EC", "SECP384R1", "SHA256"),
        ("EC", "SECP521R1", "SHA224"),
        ("EC", "SECP256K1", "SHA384"),
        ("EC", "BrainpoolP256R1", "SHA512"),
        ("EC", "BrainpoolP384R1", "SHA1"),
        ("EC", "BrainpoolP512R1", "SHA256"),
        ("EC", "ed25519", "SHA256"),
    ];
    let (console, mut browser) = Console::owned();
    for combination in combinations {
        let (key_type, size, digest) = combination;
        let name = format!("{size}-{digest}");
        let form = wizard::to_options(&mut browser, &name, "").step().set("key_type", key_type);
        let form = form.set(if key_type == "RSA" { "key_length" } else { "ec_curve" }, size);
        let page = browser.send(form.set("digest_algorithm", digest).press("next")).expect(200, "Certificate Subject");
        let page = browser.send(wizard::subject(&page).press("next")).expect(200, "Extra Constraints");
        let page = browser.send(page.step().press("next")).expect(200, "Confirm Options");
        let page = browser.send(page.step().press("save")).expect(200, &name);
        let label = match (key_type, size) {
            ("RSA", bits) => format!("RSA {bits}, {digest}"),
            (_, "ed25519") => "Ed25519".to_owned(),
            (_, curve) => format!("EC {curve}, {digest}"),
        };
        assert_eq!(page.fact("Key"), label);
        let request = browser.get_once(&page.link("Download request")).body;
        verifies(&request);
        is_as_asked(combination, &read_request(&request));
        let key = console.run(["csr", "key", &name, "--unencrypted"]).worked();
        assert_eq!(public_of_key(key.as_bytes(), None), public_of_request(&request), "{combination:?}");
        assert!(openssl_text("req -noout -text", &request).contains("nas.example.org"));
    }
}
