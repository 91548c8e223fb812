//! What is refused, each with its own words.

use crate::answer::*;
use crate::certificate::CertificateError;
use crate::keyfile::kind::Kind;
use crate::pem::{self, PemError};
use crate::tests::authority::{Authority, P256};
use crate::tests::openssl::{openssl, openssl_ok};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn refused(answer: &[u8]) -> AnswerError {
    match read_answer(answer) {
        Ok(read) => panic!("{} were read", read.len()),
        Err(error) => error,
    }
}

#[test]
fn everything_else_is_called_by_its_name_in_words_of_its_own() {
    let ca = Authority::new();
    ca.chain(P256);
    let path = |name: &str| ca.path(name);
    let leaf = ca.pem("leaf");
    let der = ca.der("leaf");
    let (key, cert, config) = (path("leaf.key"), path("leaf.crt"), path("cnf"));
    let list = openssl_ok(
        &[
            "ca",
            "-gencrl",
            "-config",
            &config,
            "-keyfile",
            &path("root.key"),
            "-cert",
            &path("root.crt"),
            "-crldays",
            "7",
        ],
        b"",
    );
    let list_der = openssl_ok(&["crl", "-outform", "DER"], &list);
    let empty_pkcs7 = openssl_ok(&["crl2pkcs7", "-outform", "DER"], &list);
    let enveloped = openssl_ok(&["cms", "-encrypt", "-aes256", "-outform", "DER", &cert], b"secret");
    let pkcs12 = openssl_ok(&["pkcs12", "-export", "-inkey", &key, "-in", &cert, "-passout", "pass:x"], b"");
    let public = openssl_ok(&["pkey", "-in", &key, "-pubout"], b"");
    let broken = pem::encode("CERTIFICATE", &der[..der.len() - 9]);
    let bare = |text: &str| text.lines().filter(|line| !line.starts_with("-----")).collect::<String>();
    let request = std::fs::read(path("leaf.csr")).expect("made");
    let request_der = openssl_ok(&["req", "-outform", "DER"], &request);
    let body = bare(&leaf);

    let cases: Vec<(&str, Vec<u8>, AnswerError)> = vec![
        ("nothing", b"".to_vec(), AnswerError::Empty),
        ("blanks", b"\xef\xbb\xbf \r\n\t".to_vec(), AnswerError::Empty),
        ("2 MB of text", "certificate, please\n".repeat(110_000).into_bytes(), AnswerError::TooLarge(2_200_000)),
        ("a request", request, AnswerError::NotAnAnswer(Kind::Request)),
        ("a request in DER", request_der, AnswerError::NotAnAnswer(Kind::Request)),
        (
            "a request as certificate",
            pem::encode("CERTIFICATE", &openssl_ok(&["req", "-in", &path("leaf.csr"), "-outform", "DER"], b""))
                .as_bytes()
                .to_vec(),
            AnswerError::NotAnAnswer(Kind::Request),
        ),
        ("a public key", public, AnswerError::NotAnAnswer(Kind::PublicKey)),
        (
            "an SSH key",
            b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE me@here".to_vec(),
            AnswerError::NotAnAnswer(Kind::SshPublicKey),
        ),
        (
            "a PGP thing",
            b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQ==\n-----END PGP PUBLIC KEY BLOCK-----\n".to_vec(),
            AnswerError::NotAnAnswer(Kind::Pgp),
        ),
        ("a revocation list", list, AnswerError::NotAnAnswer(Kind::RevocationList)),
        ("a revocation list in DER", list_der, AnswerError::NotAnAnswer(Kind::RevocationList)),
        ("a PKCS#7 with a list alone", empty_pkcs7, AnswerError::NoCertificates),
        ("an encrypted message", enveloped, AnswerError::Encrypted),
        ("a PKCS#12", pkcs12.clone(), AnswerError::NotAnAnswer(Kind::Pkcs12)),
        (
            "a PKCS#12 in PEM",
            pem::encode("PKCS12", &pkcs12).as_bytes().to_vec(),
            AnswerError::NotAnAnswer(Kind::Pkcs12),
        ),
        ("a Java key store", vec![0xfe, 0xed, 0xfe, 0xed, 0, 0], AnswerError::NotAnAnswer(Kind::JavaKeyStore)),
        (
            "parameters",
            pem::encode("EC PARAMETERS", &[6, 1, 1]).as_bytes().to_vec(),
            AnswerError::NotAnAnswer(Kind::Parameters),
        ),
        ("prose", b"Your certificate is ready.".to_vec(), AnswerError::NotAnAnswer(Kind::Unknown)),
        ("digits", b"0123456789".to_vec(), AnswerError::NotAnAnswer(Kind::Unknown)),
        ("noise", vec![0x8f, 0x00, 0x17, 0xc2], AnswerError::NotAnAnswer(Kind::Unknown)),
        ("a web page", b"<!DOCTYPE html>\n<html><body>Please log in</body></html>".to_vec(), AnswerError::WebPage),
        (
            "a web page with tags in it",
            format!("<html>{}</html>", leaf.replace('\n', "<br>\n")).into_bytes(),
            AnswerError::WebPage,
        ),
        ("broken dashes", leaf.replace("-----", "----").into_bytes(), AnswerError::Pem(PemError::Dashes)),
        (
            "no end",
            leaf.replace("-----END CERTIFICATE-----", "").into_bytes(),
            AnswerError::Pem(PemError::NoEnd { label: "CERTIFICATE".into() }),
        ),
        (
            "a sign too much",
            leaf.replacen("MII", "M!II", 1).into_bytes(),
            AnswerError::Pem(PemError::Base64 { label: "CERTIFICATE".into() }),
        ),
        (
            "an empty block",
            b"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----".to_vec(),
            AnswerError::Pem(PemError::Empty { label: "CERTIFICATE".into() }),
        ),
        ("damaged base64 alone", body.replacen("MII", "M!II", 1).into_bytes(), AnswerError::Base64),
        (
            "base64 alone, cut off",
            body[..body.len() / 8 * 4].into(),
            AnswerError::CutOff { missing: der.len() - body.len() / 8 * 3 },
        ),
        ("DER, cut off", der[..der.len() - 9].to_vec(), AnswerError::CutOff { missing: 9 }),
        (
            "a damaged one of two",
            format!("{leaf}{}", &*broken).into_bytes(),
            AnswerError::Damaged { place: 2, of: 2, why: CertificateError::NotACertificate },
        ),
        (
            "a damaged one alone",
            broken.as_bytes().to_vec(),
            AnswerError::Damaged { place: 1, of: 1, why: CertificateError::NotACertificate },
        ),
        (
            "DER, the second cut off",
            [der.as_slice(), &der[..50]].concat(),
            AnswerError::Damaged { place: 2, of: 2, why: CertificateError::NotACertificate },
        ),
    ];
    let mut words: BTreeMap<String, &str> = BTreeMap::new();
    for (what, answer, expected) in &cases {
        let error = refused(answer);
        assert_eq!(error, *expected, "{what}");
        let said = error.invalid("certificate");
        assert!(said.what.ends_with('.') && said.fix.ends_with('.'), "{said:?}");
        words.insert(said.what, what);
    }
    // Causes that are one for the reader: blanks and nothing, the same thing in two forms, three kinds of nothing known.
    assert_eq!(words.len(), cases.len() - 9, "{words:#?}");
}

#[test]
fn a_private_key_is_told_first_and_never_shown() {
    let ca = Authority::new();
    ca.chain(P256);
    let (leaf, path) = (ca.pem("leaf"), ca.path("leaf.key"));
    let pkcs8 = String::from_utf8(openssl_ok(&["pkey", "-in", &path], b"")).expect("PEM");
    let der = openssl_ok(&["pkey", "-in", &path, "-outform", "DER"], b"");
    let sec1 = String::from_utf8(openssl_ok(&["ec", "-in", &path], b"")).expect("PEM");
    let encrypted = openssl(&["pkcs8", "-topk8", "-in", &path, "-passout", "pass:x"], b"").out;
    let openssh = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk=\n-----END OPENSSH PRIVATE KEY-----";
    use base64::Engine;
    let bare = base64::engine::general_purpose::STANDARD.encode(&der);
    for answer in [
        pkcs8.clone().into_bytes(),
        der,
        bare.into_bytes(),
        sec1.into_bytes(),
        encrypted,
        openssh.into(),
        b"PuTTY-User-Key-File-3: ssh-ed25519\n".to_vec(),
        format!("{leaf}{pkcs8}").into_bytes(),
        format!("{pkcs8}{leaf}").replace('\n', "\\n").into_bytes(),
        // Its borders damaged, too.
        pkcs8.replace("-----END", "---END").into_bytes(),
        pkcs8.replace("-----", "--").into_bytes(),
    ] {
        let error = refused(&answer);
        assert!(matches!(error, AnswerError::PrivateKey(_)), "{error}");
        let said = format!("{error:?} {error} {:?}", error.invalid("certificate"));
        let secret = pkcs8.lines().nth(1).expect("a line");
        assert!(!said.contains(secret) && said.contains("was not kept"), "{said}");
    }
}

#[test]
fn a_label_cannot_command_a_terminal() {
    let said = refused(b"-----BEGIN \x1b[2JX-----\nAAAA\n").invalid("certificate").what;
    assert!(said.contains("\\u{1b}[2JX") && !said.contains('\u{1b}'), "{said}");
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2000), der in any::<bool>()) {
        let answer = if der { [&[0x30, 0x82][..], &bytes].concat() } else { bytes };
        prop_assert!(read_answer(&answer).is_err());
    }

    #[test]
    fn no_text_panics(text in "[-A-Za-z0-9+/=\\\\n<>{}\": \n]{0,400}(-----BEGIN [A-Z7 ]{0,20}-----)?[A-Za-z0-9+/=\n]{0,200}(-----END CERTIFICATE-----)?") {
        prop_assert!(read_answer(text.as_bytes()).is_err());
    }

    #[test]
    fn indefinite_lengths_of_any_bytes_end(bytes in proptest::collection::vec(prop_oneof![Just(0x30_u8), Just(0x80), Just(0), any::<u8>()], 0..600)) {
        let _ = read_answer(&[&[0x30, 0x80][..], &bytes].concat());
        let _ = ber::definite(&[&[0x30, 0x80][..], &bytes].concat());
    }
}

#[test]
fn nesting_without_end_is_refused() {
    assert_eq!(refused(&[0x30, 0x80].repeat(MAX_ANSWER / 2)), AnswerError::Indefinite);
    assert!(ber::definite(&[0x30, 0x80].repeat(1000)).is_none());
}
