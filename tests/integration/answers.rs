//! Real CAs answer our requests: each answer finds its request in whatever form it comes, is held against what was asked,
//! and is kept with its chain in order.

use crate::harness::answering::{answer, der, differences, give, request, rows, show};
use crate::harness::authority::{Authority, Term};
use crate::harness::console::Console;
use crate::harness::openssl::openssl;
use serde_json::Value;

/// A name for each key, and how it is asked for.
const KEYS: [(&str, &str); 5] = [
    ("rsa", "--profile=https-rsa"),
    ("p256", "--profile=https-ecc --ec-curve=SECP256R1"),
    ("p384", "--profile=https-ecc --ec-curve=SECP384R1"),
    ("brainpool", "--profile=https-ecc --ec-curve=BrainpoolP512R1 --digest-algorithm=SHA512"),
    ("edwards", "--profile=https-ecc --ec-curve=ed25519"),
];

/// An answer in every form that CAs send, from its leaf as PEM.
fn forms(authority: &Authority, leaf: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let chain = [leaf, &authority.issuing, &authority.root].concat();
    let shuffled = [&authority.root[..], b"Dear customer,\r\nhere it is:\r\n", leaf, &authority.issuing, leaf].concat();
    let text = String::from_utf8(chain.clone()).unwrap();
    vec![
        ("PEM", leaf.to_vec()),
        ("DER", der(leaf)),
        ("a chain", chain.clone()),
        ("a shuffled chain with text around it", shuffled),
        ("CRLF", text.replace('\n', "\r\n").into_bytes()),
        ("PKCS#7", authority.pkcs7(&chain, "PEM", false)),
        ("PKCS#7 in DER", authority.pkcs7(&chain, "DER", false)),
        ("PKCS#7 with a revocation list", authority.pkcs7(&chain, "DER", true)),
        ("what openssl prints with -text", openssl("x509 -text", leaf)),
    ]
}

#[test]
fn openssls_ca_answers_every_key_in_every_form() {
    let (console, mut browser) = Console::owned();
    let authority = Authority::new();
    for (place, (name, how)) in KEYS.into_iter().enumerate() {
        let leaf = authority.sign(&request(&console, name, how));
        let forms = forms(&authority, &leaf);
        for (form, content) in &forms {
            let found = answer(&console, &authority, content, &["--dry-run"]);
            assert_eq!(found[0]["csr"]["name"], name, "{form}");
            assert_eq!(found[0]["csr"]["state"], "ready", "{form}");
            assert_eq!(differences(&found[0]), [[""; 4]; 0], "{form}");
            let links = if ["PEM", "DER", "what openssl prints with -text"].contains(form) { 1 } else { 3 };
            assert_eq!(found[0]["chain"].as_array().unwrap().len(), links, "{form}");
        }
        // One form of each key is kept, by the page that finds the request itself.
        let (form, content) = &forms[2 + place];
        let page = give(&mut browser, "/reply", content).expect(200, "Check the certificate");
        let rows = rows(&page);
        assert!(!rows.is_empty(), "{form}");
        assert!(rows.iter().all(|(asked, got, badge)| asked == got && badge == "as requested"), "{form}");
        assert_eq!(page.texts(".compared caption"), ["as requested"]);
        let verdict = page.texts(".verdict").concat();
        let is_of_browsers = !["brainpool", "edwards"].contains(&name);
        assert!(verdict.starts_with("Works for nas.local"), "{verdict}");
        assert_eq!(verdict.contains("Browsers do not accept its kind of key."), !is_of_browsers, "{name}: {verdict}");
        assert_eq!(verdict.contains("not"), !is_of_browsers, "{name}: {verdict}");
        let kept = browser.send(page.form("/reply").press("take")).expect(200, name);
        assert!(kept.fact("Issuer").starts_with("Example-issuing") && kept.fact("Valid until").contains("days left"));
        assert_eq!(kept.fact("Chain"), "Example-issuing\nExample-root");
        let shown = show(&console, name);
        assert_eq!(
            (&shown["state"], shown["certificate"]["days_left"].as_i64().unwrap() > 80),
            (&"answered".into(), true)
        );
        let chain: String =
            shown["certificate"]["chain"].as_array().unwrap().iter().map(|pem| pem.as_str().unwrap()).collect();
        assert_eq!(chain.as_bytes(), [&leaf[..], &authority.issuing, &authority.root].concat(), "{form}");
        authority.accepts(chain.as_bytes());
    }
}

#[test]
fn a_ca_that_drops_a_name_is_found_out() {
    let (console, mut browser) = Console::owned();
    let authority = Authority::new();
    let cfssl = authority.cfssl();
    let ecc = request(&console, "nas", "--profile=https-ecc");
    let dropped = |answer: &Value| {
        let rows = differences(answer);
        assert!(rows.iter().all(|row| row[3] == "dropped"), "{rows:?}");
        rows.iter().map(|row| row[1].to_owned()).collect::<Vec<_>>()
    };
    let by_openssl = authority.sign_with(&ecc, "subjectAltName=DNS:nas.example.org,IP:192.0.2.7", &Term::Days(90));
    let found = answer(&console, &authority, &by_openssl, &["--dry-run"]);
    assert_eq!(dropped(&found[0]), ["DNS:nas.local", "IP:2001:db8::7"]);
    let template =
        "expiration_days = 90\ndns_name = nas.example.org\nip_address = 192.0.2.7\nsigning_key\ntls_www_server\n";
    let by_gnutls = authority.certtool(&ecc, template);
    let found = answer(&console, &authority, &by_gnutls, &["--dry-run"]);
    assert_eq!(dropped(&found[0]), ["DNS:nas.local", "IP:2001:db8::7"], "{found}");
    // cfssl knows no emailAddress in a subject.
    let by_cfssl = cfssl.sign(&ecc, &["nas.local"]);
    let found = answer(&console, &authority, &by_cfssl, &["--dry-run"]);
    assert_eq!(dropped(&found[0]), ["root@nas.local", "IP:192.0.2.7", "IP:2001:db8::7", "DNS:nas.example.org"]);
    let page = give(&mut browser, "/csrs/nas/certificate", &by_cfssl).expect(200, "Check the certificate for nas");
    assert!(
        rows(&page).contains(&("DNS:nas.example.org".into(), String::new(), "left out".into())),
        "{:?}",
        rows(&page)
    );
    let verdict = page.texts(".verdict").concat();
    assert!(verdict.starts_with("Works for nas.local. Will not work for"), "{verdict}");
    for name in ["nas.example.org", "192.0.2.7", "2001:db8::7"] {
        assert!(verdict.contains(name), "{verdict}");
    }
    browser.send(page.form("/csrs/nas/certificate").press("take")).expect(200, "nas");
    assert_eq!(show(&console, "nas")["state"], "answered");
}

#[test]
fn cfssl_and_gnutls_answer_what_they_know() {
    let (console, _) = Console::owned();
    let authority = Authority::new();
    let cfssl = authority.cfssl();
    for (name, how) in KEYS {
        let request = request(&console, name, how);
        let mut answers = Vec::new();
        if ["rsa", "p256", "p384"].contains(&name) {
            answers.push(("cfssl", cfssl.sign(&request, &[])));
        }
        if name != "brainpool" {
            let template = "expiration_days = 90\nhonor_crq_extensions\n";
            answers.push(("GnuTLS", authority.certtool(&request, template)));
        }
        for (ca, leaf) in answers {
            let shuffled = [&authority.root[..], &leaf, &authority.issuing].concat();
            let kept = answer(&console, &authority, &shuffled, &[]);
            assert_eq!((&kept[0]["csr"]["name"], &kept[0]["changed"]), (&name.into(), &true.into()), "{ca}");
            let lost = |row: &[&str; 4]| ca == "cfssl" && (row[1] == "root@nas.local" || row[1] == "key_encipherment");
            let rows = differences(&kept[0]);
            assert!(rows.iter().all(lost), "{ca} {name}: {rows:?}");
            let chain = console.run(["csr", "export", name, "--chain"]).worked();
            assert_eq!(chain.matches("BEGIN CERTIFICATE").count(), 3);
            assert!(der(chain.as_bytes()) == der(&leaf), "{ca} {name}");
            authority.accepts(chain.as_bytes());
        }
    }
}
