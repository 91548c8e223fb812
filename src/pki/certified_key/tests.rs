//! Certificates with their keys in every form that people have them in, and the requests that are made of them.

use super::*;
use crate::inspect::{inspect, verify_signature};
use crate::tests::authority::{Authority, BRAINPOOL, CA, ED25519, LEAF, P256, RSA};
use crate::tests::openssl::openssl_ok;
use signet_domain::answer::{Kind as Became, asked_and_got};
use signet_domain::invalid::Invalid;

const PASSPHRASE: &str = "correct horse";

fn upload(bytes: &[u8]) -> Source<'_> {
    Source { paste: None, file: Some(bytes) }
}

fn secret(text: &str) -> Secret {
    Secret::from(text.to_owned())
}

fn open(certificate: &[u8], key: &[u8], passphrase: Option<&str>) -> Result<CertifiedKey, CertifiedKeyRefusal> {
    let passphrase = passphrase.map(secret);
    find(upload(certificate), upload(key))?.opening(passphrase.as_ref())?.open()
}

fn refused(certificate: &[u8], key: &[u8], passphrase: Option<&str>) -> Invalid {
    open(certificate, key, passphrase).err().expect("it is refused").invalid()
}

/// PEM of leaf, middle and root, and of the leaf's key.
fn made(key: &[&str]) -> (Authority, String, String) {
    let ca = Authority::new();
    ca.chain(key);
    let chain = ["leaf", "middle", "root"].map(|name| ca.pem(name)).concat();
    let key = std::fs::read_to_string(ca.path("leaf.key")).expect("made");
    (ca, chain, key)
}

fn pkcs12(ca: &Authority, options: &[&str]) -> Vec<u8> {
    let (key, leaf) = (ca.path("leaf.key"), ca.path("leaf.crt"));
    let arguments = ["pkcs12", "-export", "-inkey", &key, "-in", &leaf, "-passout", "pass:correct horse"];
    openssl_ok(&[&arguments[..], options].concat(), b"")
}

fn assert_opens(what: &str, ca: &Authority, count: usize, opened: Result<CertifiedKey, CertifiedKeyRefusal>) {
    let opened = opened.unwrap_or_else(|error| panic!("{what}: {error}"));
    let public = openssl_ok(&["pkey", "-in", &ca.path("leaf.key"), "-pubout", "-outform", "DER"], b"");
    assert_eq!(opened.key.spki_der(), public, "{what}");
    assert_eq!(opened.certificates.len(), count, "{what}");
}

#[test]
fn finds_key_and_certificates_in_whatever_file_and_order_they_come() {
    let (ca, chain, key) = made(P256);
    let [leaf, middle, root] = ["leaf", "middle", "root"].map(|name| ca.pem(name));
    let sec1 = String::from_utf8(openssl_ok(&["ec", "-in", &ca.path("leaf.key")], b"")).expect("text");
    let parameters = pem::encode("EC PARAMETERS", &[6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7]);
    // As acme.sh, certbot, HAProxy, lighttpd and `openssl pkcs12 -nodes` write them.
    let nodes = pkcs12(&ca, &["-name", "nas", "-certfile", &ca.path("middle.crt")]);
    let nodes = openssl_ok(&["pkcs12", "-nodes", "-passin", "pass:correct horse"], &nodes);
    for (what, bundle, count) in [
        ("key, certificate, chain", format!("{key}{chain}"), 3),
        ("certificate, chain, key", format!("{chain}{key}"), 3),
        ("the key in the middle", format!("{leaf}{key}{middle}"), 2),
        ("the chain before its leaf", format!("{root}{middle}{key}{leaf}"), 3),
        ("with the curve's block", format!("{}{sec1}{chain}", &*parameters), 3),
        ("Windows line ends and a mark", format!("\u{feff}{key}{chain}").replace('\n', "\r\n"), 3),
        ("out of JSON", format!("{{\"bundle\":\"{}\"}}", format!("{key}{chain}").replace('\n', "\\n")), 3),
        ("the same twice", format!("{key}{chain}{key}{chain}"), 3),
        ("with attributes between", String::from_utf8(nodes).expect("text"), 2),
    ] {
        for (field, opened) in [
            ("certificate", open(bundle.as_bytes(), b"", None)),
            ("key", open(b"", bundle.as_bytes(), None)),
            ("both", open(bundle.as_bytes(), bundle.as_bytes(), None)),
        ] {
            assert_opens(&format!("{what}, in {field}"), &ca, count, opened);
        }
        assert!(holds_key(bundle.as_bytes()) && !is_pkcs12(bundle.as_bytes()), "{what}");
    }
    assert_opens("two files", &ca, 3, open(chain.as_bytes(), key.as_bytes(), None));
    let der = openssl_ok(&["pkey", "-in", &ca.path("leaf.key"), "-outform", "DER"], b"");
    assert_opens("two files in DER", &ca, 1, open(&ca.der("leaf"), &der, None));
    let source = Source { paste: Some(leaf.as_bytes()), file: Some(middle.as_bytes()) };
    let found = find(source, upload(key.as_bytes())).expect("found");
    assert_opens("a certificate as text and its issuer as a file", &ca, 2, found.opening(None).expect("opens").open());
    assert!(!holds_key(chain.as_bytes()) && !holds_key(&ca.der("leaf")) && !holds_key(b"PRIVATE KEY"));
}

#[test]
fn opens_encrypted_keys_beside_their_certificates() {
    let (ca, chain, _) = made(RSA);
    for arguments in [
        &["pkcs8", "-topk8", "-passout", "pass:correct horse", "-iter", "1000"][..],
        &["pkcs8", "-topk8", "-passout", "pass:correct horse", "-v1", "PBE-SHA1-3DES"],
        &["rsa", "-aes128", "-traditional", "-passout", "pass:correct horse"],
    ] {
        let key = openssl_ok(&[arguments, &["-in", &ca.path("leaf.key")]].concat(), b"");
        let bundle = [&key[..], chain.as_bytes()].concat();
        assert_opens(&format!("{arguments:?}"), &ca, 3, open(&bundle, b"", Some(PASSPHRASE)));
        assert_eq!(refused(&bundle, b"", None).field, "passphrase");
        let wrong = refused(&bundle, b"", Some("wrong"));
        assert_eq!((wrong.field, wrong.what.as_str()), ("passphrase", "The passphrase does not open the private key."));
        assert!(find(upload(&bundle), Source::default()).expect("found").is_encrypted());
    }
    let key = std::fs::read(ca.path("leaf.key")).expect("made");
    let unneeded = refused(chain.as_bytes(), &key, Some(PASSPHRASE));
    assert_eq!((unneeded.field, unneeded.fix.as_str()), ("passphrase", "Leave the passphrase empty."));
    assert_opens("an empty passphrase of a plain key", &ca, 3, open(chain.as_bytes(), &key, Some("")));
}

#[test]
fn opens_pkcs12_as_file_as_pem_and_as_base64_with_more_certificates_beside_it() {
    let (ca, chain, key) = made(P256);
    let file = pkcs12(&ca, &[]);
    let base64 = |bytes: &[u8]| base64::Engine::encode(&base64::engine::general_purpose::STANDARD, bytes);
    let text = pem::encode("PKCS12", &file);
    for (what, given) in [
        ("DER", file.clone()),
        ("PEM", text.as_bytes().to_vec()),
        ("base64", base64(&file).into_bytes()),
        ("zeros behind it", [&file[..], &[0; 40]].concat()),
    ] {
        assert!(holds_key(&given) && is_pkcs12(&given), "{what}");
        assert_opens(what, &ca, 1, open(&given, b"", Some(PASSPHRASE)));
        assert_opens(what, &ca, 1, open(b"", &given, Some(PASSPHRASE)));
        assert_opens("with its chain", &ca, 3, open(&given, chain.as_bytes(), Some(PASSPHRASE)));
        assert_opens("with its own key", &ca, 1, open(&given, key.as_bytes(), Some(PASSPHRASE)));
    }
}

#[test]
fn each_cause_has_its_message_at_its_field() {
    let (ca, chain, key) = made(P256);
    let other = openssl_ok(&["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"], b"");
    let rsa = openssl_ok(&["genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"], b"");
    let file = pkcs12(&ca, &[]);
    let without_key = ["pkcs12", "-export", "-nokeys", "-in", &ca.path("leaf.crt"), "-passout", "pass:correct horse"];
    let without_key = openssl_ok(&without_key, b"");
    let request = std::fs::read(ca.path("leaf.csr")).expect("made");
    let both = [other.as_slice(), key.as_bytes()].concat();
    let (chain, key) = (chain.as_bytes(), key.as_bytes());
    for (certificate, key, passphrase, field, what) in [
        (&b""[..], &b""[..], None, "certificate", "No certificate was given."),
        (chain, b"", None, "private_key", "There is a certificate, but no private key."),
        (b"", key, None, "certificate", "There is a private key, but no certificate."),
        (chain, &both, None, "private_key", "There are several private keys."),
        (chain, &other, None, "private_key", "has another key of the same kind."),
        (chain, &rsa, None, "private_key", "the certificate's key is EC SECP256R1, and this one is RSA 2048."),
        (&file, b"", Some("wrong"), "passphrase", "The passphrase does not open the PKCS#12 file."),
        (&file, b"", None, "passphrase", "The PKCS#12 file is encrypted, and no passphrase was given."),
        (&file, b"", Some(""), "passphrase", "The passphrase is empty, but the PKCS#12 file"),
        (&without_key, b"", Some(PASSPHRASE), "private_key", "There is a certificate, but no private key."),
        (&file, &other, Some(PASSPHRASE), "private_key", "There are several private keys."),
        (&file, &pkcs12(&ca, &[]), Some(PASSPHRASE), "certificate", "There are two PKCS#12 files"),
        (&file[..300], b"", Some(PASSPHRASE), "certificate", "The PKCS#12 file is cut off"),
        (&request, key, None, "certificate", "This is a certificate request, not a certificate."),
        (chain, &request, None, "private_key", "This is a certificate request, not a private key"),
        (b"\xfe\xed\xfe\xed\0\0\0\x02", b"", None, "certificate", "This is a Java key store"),
        (b"nonsense", key, None, "certificate", "This is not a certificate"),
        (chain, b"nonsense", None, "private_key", "This is not a private key"),
        (&vec![b'a'; MAX_INPUT + 1], key, None, "certificate", "larger than 256 KiB"),
        (chain, &vec![b'a'; MAX_INPUT + 1], None, "private_key", "larger than 256 KiB"),
    ] {
        let invalid = refused(certificate, key, passphrase);
        assert!(invalid.field == field && invalid.what.contains(what), "{field}, {what}: {invalid:?}");
        assert!(invalid.fix.ends_with('.') && !invalid.fix.contains("request that"), "{invalid:?}");
    }
    for (label, fix) in [("OPENSSH PRIVATE KEY", "ssh-keygen"), ("TSS2 PRIVATE KEY", "Make a new request")] {
        let bundle = [chain, pem::encode(label, &[0x30, 0]).as_bytes()].concat();
        let invalid = refused(&bundle, b"", None);
        assert!(invalid.field == "private_key" && invalid.fix.contains(fix), "{invalid:?}");
    }
}

#[test]
fn a_request_made_of_a_certificate_asks_for_what_that_has() {
    const ALL: &str = "subjectAltName=critical,DNS:nas.example.org,IP:192.0.2.7,IP:2001:db8::7,email:a@b.example,URI:https://nas.example.org/\n\
        basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature,keyEncipherment\n\
        extendedKeyUsage=serverAuth,clientAuth,1.2.3.4\nauthorityKeyIdentifier=keyid\nsubjectKeyIdentifier=hash\n\
        authorityInfoAccess=OCSP;URI:http://ocsp.example/\ncrlDistributionPoints=URI:http://ca.example/crl\n\
        certificatePolicies=2.23.140.1.2.1\ntlsfeature=status_request\n";
    for (kind, extensions) in
        [(P256, ALL), (RSA, LEAF), (ED25519, ""), (BRAINPOOL, CA), (P256, "subjectAltName=DNS:a\n")]
    {
        let ca = Authority::new();
        ca.root("root", P256);
        ca.request("leaf", kind, "/C=NL/O=Example Köln/OU=a/OU=b/CN=nas.example.org/emailAddress=a@b.example");
        let leaf = ca.sign("root", "leaf", extensions, &[]);
        let key = std::fs::read(ca.path("leaf.key")).expect("made");
        let opened = open(&leaf.der, &key, None).expect("opens");
        let der = request_of(&leaf, &opened.key).expect("a request");
        let request = inspect(&der).expect("it can be read");
        verify_signature(&der).expect("it verifies");
        let said = openssl_ok(&["req", "-inform", "DER", "-verify", "-noout", "-subject"], &der);
        assert!(!said.is_empty());
        assert_eq!((request.version, request.spki_der.as_slice()), (Some(0), leaf.spki.as_slice()));
        let rows = asked_and_got(&request.terms(None), &leaf.terms());
        assert!(!rows.is_empty() && rows.iter().all(|row| row.kind == Became::Same), "{rows:?}");
        let asked: Vec<&str> = request.extensions.iter().map(|extension| extension.oid.as_str()).collect();
        assert!(
            asked.iter().all(|oid| ["2.5.29.15", "2.5.29.17", "2.5.29.19", "2.5.29.37"].contains(oid)),
            "{asked:?}"
        );
        let critical = |extensions: &[crate::inspect::FoundExtension]| {
            extensions.iter().filter(|it| asked.contains(&it.oid.as_str()) && it.critical).count()
        };
        assert_eq!(critical(&request.extensions), critical(&leaf.extensions));
    }
}

#[test]
fn odd_strings_of_a_subject_are_taken_over_as_they_are() {
    let ca = Authority::new();
    ca.root("root", P256);
    ca.request("leaf", P256, "/CN=leaf");
    // A BMPString and a TeletexString, as older CAs wrote them.
    for (tag, text) in [(0x1e_u8, &b"\0k\0\xf6"[..]), (0x14, b"K\xf6ln")] {
        let leaf = ca.sign("root", "leaf", LEAF, &[]);
        let place = leaf.der.windows(6).rposition(|it| it == b"\x0c\x04leaf").expect("the subject");
        let mut der = leaf.der.clone();
        der[place] = tag;
        der[place + 2..place + 6].copy_from_slice(text);
        let leaf = Certificate::read(&der).expect("it can be read");
        let key = std::fs::read(ca.path("leaf.key")).expect("made");
        let opened = open(&der, &key, None).expect("opens");
        let request = request_of(&leaf, &opened.key).expect("a request");
        assert_eq!(inspect(&request).expect("it can be read").subject[0].value, leaf.subject_parts[0].value);
        assert!(request.windows(text.len()).any(|it| it == text));
    }
}

proptest::proptest! {
    #[test]
    fn any_bytes_in_any_field_end(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..400)) {
        let _ = find(upload(&bytes), upload(&bytes));
        let _ = (holds_key(&bytes), is_pkcs12(&bytes));
    }

    #[test]
    fn any_text_ends(text in "[-A-Za-z0-9+/=\\\\n ]{0,200}(-----BEGIN (RSA |EC |ENCRYPTED )?PRIVATE KEY-----)?[A-Za-z0-9+/=\n]{0,200}(-----END PRIVATE KEY-----)?(-----BEGIN CERTIFICATE-----)?[A-Za-z0-9+/=\n]{0,100}") {
        let _ = find(upload(text.as_bytes()), Source::default());
        let _ = holds_key(text.as_bytes());
    }
}
