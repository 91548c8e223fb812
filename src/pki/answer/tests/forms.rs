//! What is read.

use crate::answer::*;
use crate::pem;
use crate::tests::authority::{Authority, P256};
use crate::tests::openssl::openssl_ok;

fn names(answer: &[u8]) -> Vec<String> {
    let read = read_answer(answer).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(answer)));
    read.iter().map(Certificate::subject_short).collect()
}

/// Root, middle and leaf, as a CA would have them; PEM of the three in the order leaf, middle, root.
fn three() -> (Authority, [String; 3]) {
    let ca = Authority::new();
    ca.chain(P256);
    let pems = ["leaf", "middle", "root"].map(|name| ca.pem(name));
    (ca, pems)
}

/// DER of the whole chain as PKCS#7, with a revocation list in it or not.
fn pkcs7(ca: &Authority, pem: bool, crl: bool) -> Vec<u8> {
    let files = ["leaf", "middle", "root"].map(|name| ca.path(&format!("{name}.crt")));
    let (config, key, cert, list) = (ca.path("cnf"), ca.path("root.key"), ca.path("root.crt"), ca.path("crl"));
    let mut arguments = vec!["crl2pkcs7", "-outform", if pem { "PEM" } else { "DER" }];
    files.iter().for_each(|file| arguments.extend(["-certfile", file.as_str()]));
    if crl {
        openssl_ok(
            &["ca", "-gencrl", "-config", &config, "-keyfile", &key, "-cert", &cert, "-crldays", "7", "-out", &list],
            b"",
        );
        arguments.extend(["-in", &list]);
    } else {
        arguments.push("-nocrl");
    }
    openssl_ok(&arguments, b"")
}

#[test]
fn reads_pem_however_it_is_wrapped() {
    let (_ca, [leaf, middle, root]) = three();
    let all = format!("{leaf}{middle}{root}");
    let said = |label: &str| all.replace(" CERTIFICATE-", &format!(" {label}-"));
    for text in [
        all.clone(),
        all.replace('\n', "\r\n"),
        all.replace('\n', "\\n"),
        format!("{{\"certificate\":\"{}\"}}", all.replace('\n', "\\n")),
        all.lines().map(|line| format!("   {line}\n")).collect(),
        format!(
            "Dear customer,\n\nhere is your certificate. Never send anyone your PRIVATE KEY!\n\n{leaf}\nIntermediate:\n{middle}\nRoot:\n{root}\n-- \nThe CA"
        ),
        said("X509 CERTIFICATE"),
        said("TRUSTED CERTIFICATE"),
        format!("\u{feff}{all}"),
        format!("{leaf}{leaf}{middle}{leaf}{root}"),
        format!("<html><body><pre>{all}</pre></body></html>"),
        format!("{}{all}", &*pem::encode("EC PARAMETERS", &[6, 1, 1])),
        format!("{}{all}", &*pem::encode("CERTIFICATE REQUEST", &[0x30, 0])),
    ] {
        assert_eq!(names(text.as_bytes()), ["leaf", "middle", "root"], "{text}");
    }
    let wide: Vec<u8> = [0xfe, 0xff].into_iter().chain(all.encode_utf16().flat_map(u16::to_be_bytes)).collect();
    assert_eq!(names(&wide), ["leaf", "middle", "root"]);
    assert_eq!(names(format!("{root}{leaf}{middle}").as_bytes()), ["root", "leaf", "middle"], "in their own order");
}

#[test]
fn reads_trust_settings_of_openssl_behind_a_certificate() {
    let (ca, _) = three();
    let trusted = openssl_ok(
        &["x509", "-in", &ca.path("leaf.crt"), "-trustout", "-addtrust", "serverAuth", "-setalias", "it"],
        b"",
    );
    assert!(trusted.starts_with(b"-----BEGIN TRUSTED CERTIFICATE-----"));
    let read = read_answer(&trusted).expect("a certificate");
    assert_eq!(read.first().map(|it| it.der.clone()), Some(ca.der("leaf")));
}

#[test]
fn reads_der_alone_and_several_behind_each_other() {
    let (ca, _) = three();
    let [leaf, middle, root] = ["leaf", "middle", "root"].map(|name| ca.der(name));
    assert_eq!(names(&leaf), ["leaf"]);
    assert_eq!(names(&[leaf.clone(), b"\r\n".to_vec()].concat()), ["leaf"]);
    assert_eq!(names(&[leaf.clone(), middle.clone(), root.clone()].concat()), ["leaf", "middle", "root"]);
    assert_eq!(names(&[middle, vec![0, 0], leaf.clone(), leaf, root].concat()), ["middle", "leaf", "root"]);
}

#[test]
fn reads_pkcs7_in_all_its_forms() {
    let (ca, _) = three();
    let (text, der) = (String::from_utf8(pkcs7(&ca, true, false)).expect("PEM"), pkcs7(&ca, false, false));
    let all = ["leaf", "middle", "root"];
    for label in ["PKCS7", "CMS", "PKCS #7 SIGNED DATA", "CERTIFICATE", "CERTIFICATE CHAIN"] {
        assert_eq!(names(text.replace("PKCS7", label).as_bytes()), all, "{label}");
    }
    assert_eq!(names(&der), all);
    let with_list = pkcs7(&ca, false, true);
    assert!(with_list.len() > der.len() + 100, "a revocation list is in it");
    assert_eq!(names(&with_list), all);
}

#[test]
fn reads_pkcs7_of_indefinite_length() {
    let (ca, _) = three();
    let [key, leaf, middle] = ["leaf.key", "leaf.crt", "middle.crt"].map(|name| ca.path(name));
    let arguments = ["cms", "-sign", "-binary", "-nodetach", "-stream", "-outform", "DER", "-signer", &leaf];
    let ber = openssl_ok(&[&arguments[..], &["-inkey", &key, "-certfile", &middle]].concat(), b"some content");
    assert_eq!(ber[..2], [0x30, 0x80], "openssl streams it");
    let mut read = names(&ber);
    read.sort();
    assert_eq!(read, ["leaf", "middle"]);
    assert_eq!(read_answer(&ber[..ber.len() - 2]).expect_err("cut off"), AnswerError::Indefinite);
}

#[test]
fn reads_base64_without_borders() {
    let (ca, [leaf, ..]) = three();
    let bare: String =
        leaf.lines().filter(|line| !line.starts_with("-----")).map(|line| format!("{line}\r\n")).collect();
    for text in [
        bare.clone(),
        bare.replace("\r\n", ""),
        format!("\n\n  {bare} \n"),
        format!("\"{}\"", bare.replace("\r\n", "\\n")),
    ] {
        assert_eq!(names(text.as_bytes()), ["leaf"], "{text}");
    }
    use base64::Engine;
    let chain = base64::engine::general_purpose::STANDARD.encode(pkcs7(&ca, false, false));
    assert_eq!(names(chain.as_bytes()), ["leaf", "middle", "root"]);
}

#[test]
fn reads_as_many_as_the_limit_says() {
    let der = Authority::new().root("many", P256).der;
    // Signatures that nobody verifies here: each makes another certificate.
    let made = |count: u8| {
        let mut der = der.clone();
        *der.last_mut().expect("bytes") = count;
        der
    };
    let ders: Vec<_> = (0..=64).map(made).collect();
    assert_eq!(ders.len(), MAX_CERTIFICATES + 1);
    assert_eq!(read_answer(&ders.concat()).expect_err("one too many"), AnswerError::TooMany(MAX_CERTIFICATES + 1));
    let pems: String = ders.iter().map(|der| pem::encode("CERTIFICATE", der).to_string()).collect();
    assert_eq!(read_answer(pems.as_bytes()).expect_err("one too many"), AnswerError::TooMany(MAX_CERTIFICATES + 1));
    assert_eq!(read_answer(&ders[1..].concat()).expect("just as many").len(), MAX_CERTIFICATES);
    let twice = [ders[1..].concat(), ders[1..].concat()].concat();
    assert_eq!(read_answer(&twice).expect("each twice").len(), MAX_CERTIFICATES);
}

#[test]
fn no_flipped_byte_of_any_form_panics() {
    let (ca, [leaf, middle, _]) = three();
    let forms =
        [format!("{leaf}{middle}").into_bytes(), ca.der("leaf"), pkcs7(&ca, false, false), pkcs7(&ca, true, true)];
    for (which, form) in forms.iter().enumerate() {
        let (mut read, mut refused) = (0, 0);
        for place in 0..form.len() {
            for mask in [0x01, 0x80, 0xff] {
                let mut damaged = form.clone();
                damaged[place] ^= mask;
                match read_answer(&damaged) {
                    Ok(certificates) => {
                        assert!(!certificates.is_empty());
                        read += 1;
                    }
                    Err(error) => {
                        assert!(error.invalid("certificate").what.ends_with('.'));
                        refused += 1;
                    }
                }
            }
            let _ = read_answer(&form[..place]);
        }
        assert!(read > 0 && refused > 0, "form {which}: {read} read, {refused} refused");
    }
}
