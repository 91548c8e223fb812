//! Imports of what `openssl` writes.

mod refusals;

use super::*;
use crate::keyfile::tests::{keys, openssl};
use proptest::prelude::*;
use std::io::Write;
use std::sync::LazyLock;
use tempfile::NamedTempFile;

fn file(content: &[u8]) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(content).unwrap();
    file
}

/// A request for a key, as `openssl req` writes it with these options.
fn request(key: &[u8], options: &str) -> Vec<u8> {
    let key = file(key);
    openssl(&format!("req -new -key {} -subj /CN=nas.local {options}", key.path().display()), b"")
}

fn secret(text: &str) -> Secret {
    Secret::from(text.to_owned())
}

fn paste(text: &[u8]) -> Source<'_> {
    Source { paste: Some(text), file: None }
}

fn upload(bytes: &[u8]) -> Source<'_> {
    Source { paste: None, file: Some(bytes) }
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

/// An EC key as PKCS#8 PEM and its request as PEM.
static PAIR: LazyLock<(String, String)> = LazyLock::new(|| {
    let key = openssl("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256", b"");
    let request = request(&key, "");
    (text(key), text(request))
});

#[test]
fn imports_every_kind_of_key_with_its_request_unchanged() {
    for (name, key) in keys() {
        for options in ["", "-sha1", "-sha512", "-newhdr", "-text", "-addext subjectAltName=DNS:nas.local,IP:::1"] {
            // OpenSSL has no digest to choose for Ed25519.
            if name == "Ed25519" && options.starts_with("-sha") {
                continue;
            }
            let request = request(&key, options);
            let der = openssl("req -outform DER", &request);
            let encrypted = openssl("pkcs8 -topk8 -passout pass:secret", &key);
            let (some, none) = (Some(secret("secret")), None);
            for (request, key, passphrase) in [
                (paste(&request), paste(&key), &none),
                (upload(&der), upload(&key), &none),
                (Source { paste: Some(&request), file: Some(&der) }, upload(&encrypted), &some),
            ] {
                let imported = import(request, key, passphrase.as_ref(), passphrase.as_ref())
                    .unwrap_or_else(|refusal| panic!("{name} {options}: {refusal}"));
                assert_eq!(imported.request, der, "{name} {options}");
            }
        }
    }
}

#[test]
fn imports_from_damaged_transport() {
    let (key, request) = &*PAIR;
    let der = openssl("req -outform DER", request.as_bytes());
    type Change = fn(&str) -> String;
    let changes: [(&str, Change); 6] = [
        ("CRLF", |text| text.replace('\n', "\r\n")),
        ("literal newlines", |text| text.replace('\n', "\\n")),
        ("literal CRLF", |text| text.replace('\n', "\\r\\n")),
        ("leading blanks", |text| text.replace('\n', "\n    ")),
        ("one line", |text| text.replace('\n', " ")),
        ("text around it", |text| format!("Hello,\n\nhere it is:\n{text}\n-- \nBye")),
    ];
    for (name, change) in changes {
        let (request, key) = (change(request), change(key));
        let imported = import(paste(request.as_bytes()), upload(key.as_bytes()), None, None);
        assert_eq!(imported.unwrap_or_else(|refusal| panic!("{name}: {refusal}")).request, der, "{name}");
    }
}

#[test]
fn takes_the_wanted_part_of_a_file_that_holds_both() {
    let (key, request) = &*PAIR;
    let both = format!("{request}{key}");
    assert!(import(upload(both.as_bytes()), upload(both.as_bytes()), None, None).is_ok());
    let twice = format!("{both}{both}");
    assert!(import(upload(twice.as_bytes()), paste(twice.as_bytes()), None, None).is_ok());
}

#[test]
fn takes_a_compressed_point_for_the_same_key() {
    let key = openssl("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384", b"");
    let compressed = openssl("ec -conv_form compressed", &key);
    assert!(import(paste(&request(&compressed, "")), paste(&key), None, None).is_ok());
    assert!(import(paste(&request(&key, "")), paste(&compressed), None, None).is_ok());
}

#[test]
fn verifies_requests_signed_with_rsa_pss() {
    let key = openssl("genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048", b"");
    let request = request(&key, "-sha256 -sigopt rsa_padding_mode:pss");
    assert!(import(paste(&request), paste(&key), None, None).is_ok());
}

#[test]
fn an_empty_field_counts_as_nothing() {
    let (key, request) = &*PAIR;
    let (request, key) = (request.as_bytes(), key.as_bytes());
    let blank: &[u8] = b" \r\n";
    let none = Some(secret(""));
    let beside = |file| Source { paste: Some(blank), file: Some(file) };
    assert!(import(beside(request), beside(key), none.as_ref(), None).is_ok());
}

#[test]
fn a_request_that_is_refused_for_its_key_comes_back_as_text() {
    let (_, request) = &*PAIR;
    let read = read_request(upload(&openssl("req -outform DER", request.as_bytes()))).ok().unwrap();
    assert_eq!(read.to_pem(), *request);
}

proptest! {
    #[test]
    fn survives_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = import(paste(&bytes), upload(&bytes), None, None);
        let _ = read_key(upload(&bytes), None, None);
    }
}
