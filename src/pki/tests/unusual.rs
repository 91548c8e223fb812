//! What is unusual and whole is read, and what breaks a rule is refused by that rule: inputs of the kinds of `tests/cases`.

use super::made::{Made, attribute, extension, name, request, san, tlv};
use crate::answer::read_answer;
use crate::certificate::{Certificate, CertificateError, Fault};
use crate::import::{ImportRefusal, Source, import, read_key, read_request, refused};
use crate::inspect::{inspect, verify_signature};
use crate::keyfile::kind::Kind;
use crate::keyfile::tests::{openssl, run};
use crate::keyfile::{KeyFile, KeyFileError};
use crate::pem;
use crate::tests::authority::{Authority, P256};
use zeroize::Zeroizing;

fn upload(bytes: &[u8]) -> Source<'_> {
    Source { paste: None, file: Some(bytes) }
}

/// RSA of primes of these lengths, as Python's numbers make it and DER writes it: the exponent, what is added to d.
const RSA: &str = "
import subprocess, sys
pbits, qbits, e, times = map(int, sys.argv[1:])
prime = lambda bits: int(subprocess.run(['openssl', 'prime', '-generate', '-bits', str(bits)], capture_output=True).stdout)
while True:
    p, q = prime(pbits), prime(qbits)
    if p != q and (p * q).bit_length() == pbits + qbits and (p - 1) * (q - 1) % e:
        try: d = pow(e, -1, (p - 1) * (q - 1)); break
        except ValueError: pass
d += times * (p - 1) * (q - 1)
def tlv(tag, content):
    size = len(content)
    count = (size.bit_length() + 7) // 8
    length = bytes([size]) if size < 128 else bytes([0x80 | count]) + size.to_bytes(count, 'big')
    return bytes([tag]) + length + content
integer = lambda n: tlv(2, n.to_bytes(n.bit_length() // 8 + 1, 'big'))
numbers = [0, p * q, e, d, p, q, d % (p - 1), d % (q - 1), pow(q, -1, p)]
sys.stdout.buffer.write(tlv(0x30, b''.join(map(integer, numbers))))
";

fn rsa(p: u32, q: u32, exponent: u128, times: u32) -> Vec<u8> {
    let numbers = [p.to_string(), q.to_string(), exponent.to_string(), times.to_string()];
    let output = std::process::Command::new("python3").arg("-c").arg(RSA).args(numbers).output().expect("python3");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

#[test]
fn rsa_keys_that_openssl_takes_are_read_whatever_their_lengths() {
    for (what, key) in [
        ("primes of 1025 and 1023 bits", rsa(1025, 1023, 65537, 0)),
        ("primes of 600 and 424 bits", rsa(600, 424, 65537, 0)),
        ("a shorter first prime", rsa(400, 700, 3, 0)),
        ("a private exponent above n", rsa(512, 512, 65537, 1)),
        ("one far above n", rsa(600, 600, 17, 9)),
        ("a public exponent of 34 bits", rsa(512, 512, (1 << 33) + 29, 0)),
        ("one of 63 bits", rsa(800, 800, (1 << 62) + 7, 0)),
        ("one of 100 bits", rsa(512, 512, (1 << 99) + 15, 0)),
        ("the usual", rsa(512, 512, 65537, 0)),
    ] {
        openssl("pkey -check -noout -inform DER", &key);
        let pem = openssl("pkey -inform DER", &key);
        let (file, path) = crate::tests::openssl::file(&pem);
        let request = openssl(&format!("req -new -subj /CN=nas.local -key {}", path.display()), b"");
        drop(file);
        let read = import(upload(&request), upload(&key), None, None);
        let key = read.unwrap_or_else(|error| panic!("{what}: {error}")).key;
        let written = pem::encode("PRIVATE KEY", key.pkcs8().expose_secret());
        openssl("pkey -check -noout", written.as_bytes());
    }
}

#[test]
fn rsa_numbers_that_contradict_each_other_are_still_refused() {
    let key = rsa(600, 424, 65537, 0);
    let damaged = KeyFileError::Damaged("its numbers do not belong together");
    let mut refusals = 0;
    for place in (key.len() / 8..key.len()).step_by(key.len() / 40) {
        let mut der = key.clone();
        der[place] ^= 0x40;
        let refusal = KeyFile::from_der(Zeroizing::new(der)).open(None).expect_err("refused");
        refusals += usize::from(refusal == damaged);
    }
    assert!(refusals > 20, "{refusals}");
}

#[test]
fn an_exponent_without_use_is_refused_once() {
    for exponent in [1_u128, 2, 65536] {
        let mut key = rsa(512, 512, 65537, 0);
        let place = key.windows(5).position(|it| it == [2, 3, 1, 0, 1]).expect("there");
        let bytes = exponent.to_be_bytes();
        key[place + 2..place + 5].copy_from_slice(&bytes[13..]);
        // A leading zero is no DER, and a file with it is read by nobody.
        let refusal = KeyFile::from_der(Zeroizing::new(key)).open(None).expect_err("refused");
        let expected = [KeyFileError::RsaExponent, KeyFileError::Damaged("its RSA numbers cannot be read")];
        assert!(expected.contains(&refusal), "{exponent}: {refusal}");
    }
}

#[test]
fn one_cause_of_request_and_key_is_said_once() {
    for arguments in [
        "genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:512",
        "genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:1016",
        "genpkey -algorithm ED448",
        "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-224",
        "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -pkeyopt ec_param_enc:explicit",
    ] {
        let key = openssl(arguments, b"");
        let (_file, path) = crate::tests::openssl::file(&key);
        let request = openssl(&format!("req -new -subj /CN=nas.local -key {}", path.display()), b"");
        let said = refused(read_request(upload(&request)).err(), read_key(upload(&key), None, None).err());
        assert_eq!(said.iter().map(|it| it.field).collect::<Vec<_>>(), ["private_key"], "{arguments}");
        // Beside a key that is taken, the request's own key is what is wrong.
        let other = openssl("genpkey -algorithm ED25519", b"");
        let said = refused(read_request(upload(&request)).err(), read_key(upload(&other), None, None).err());
        assert_eq!(said.iter().map(|it| it.field).collect::<Vec<_>>(), ["signing_request"], "{arguments}");
    }
}

#[test]
fn a_tpms_key_is_called_so() {
    let loadable = tlv(
        0x30,
        &[
            &super::made::oid("2.23.133.10.1.3"),
            &tlv(0xa0, &[&[1, 1, 0xff]]),
            &[2, 4, 0x40, 0, 0, 1],
            &[4, 1, 0],
            &[4, 1, 0],
        ],
    );
    let importable = tlv(0x30, &[&super::made::oid("2.23.133.10.1.4"), &[2, 4, 0x40, 0, 0, 1], &[4, 1, 0], &[4, 1, 0]]);
    let files = [
        loadable.clone(),
        pem::encode("TSS2 PRIVATE KEY", &loadable).as_bytes().to_vec(),
        pem::encode("TSS2 PRIVATE KEY", &importable).as_bytes().to_vec(),
        pem::encode("TSS KEY BLOB", &[4, 1, 0]).as_bytes().to_vec(),
        pem::encode("PRIVATE KEY", &loadable).as_bytes().to_vec(),
    ];
    for file in files {
        let refusal = read_key(upload(&file), None, None).expect_err("refused");
        assert_eq!(refusal, ImportRefusal::NotAKey(Kind::TpmKey));
        assert!(refusal.invalid().what.contains("bound to a TPM"), "{}", refusal.invalid().what);
    }
}

#[test]
fn der_with_blanks_or_zeros_behind_it_is_read() {
    let key = openssl("genpkey -algorithm ED25519 -outform DER", b"");
    let (_file, path) = crate::tests::openssl::file(&key);
    let request = openssl(&format!("req -new -subj /CN=nas.local -outform DER -key {}", path.display()), b"");
    let whole = read_request(upload(&request)).expect("a request");
    for padding in [&b"\n"[..], b"\r\n", b"\0\0\0\0", &[0; 512], b" \t\n\0"] {
        let padded = |der: &[u8]| [der, padding].concat();
        let read = import(upload(&padded(&request)), upload(&padded(&key)), None, None).expect("read");
        assert_eq!(read.request, whole.der(), "the bytes without the padding");
        let pem = |label, der: &[u8]| pem::encode(label, &padded(der)).as_bytes().to_vec();
        let (request, key) = (pem("CERTIFICATE REQUEST", &request), pem("PRIVATE KEY", &key));
        assert!(import(upload(&request), upload(&key), None, None).is_ok(), "in PEM");
    }
    assert!(read_key(upload(&[key.as_slice(), b"x"].concat()), None, None).is_err(), "something else follows");
}

#[test]
fn an_ed25519_key_is_read_in_each_way_that_its_public_key_was_tagged() {
    let plain = openssl("genpkey -algorithm ED25519 -outform DER", b"");
    let spki = openssl("pkey -pubout -outform DER -inform DER", &plain);
    let (seed, public) = (&plain[plain.len() - 34..], &spki[spki.len() - 32..]);
    let algorithm = tlv(0x30, &[&super::made::oid("1.3.101.112")]);
    let bits = [&[0][..], public].concat();
    for (what, last) in [
        ("RFC 5958", tlv(0x81, &[&bits])),
        ("ring before 0.17", tlv(0xa1, &[&tlv(3, &[&bits])])),
        ("attributes before it", [tlv(0xa0, &[]), tlv(0xa1, &[&tlv(3, &[&bits])])].concat()),
    ] {
        let key = |last: &[u8]| tlv(0x30, &[&[2, 1, 1], &algorithm, &tlv(4, &[seed]), last]);
        let open = |der| KeyFile::from_der(Zeroizing::new(der)).open(None);
        assert_eq!(open(key(&last)).unwrap_or_else(|error| panic!("{what}: {error}")).spki_der(), spki);
        let mut foreign = last.clone();
        *foreign.last_mut().expect("bytes") ^= 1;
        let refusal = open(key(&foreign)).err();
        assert_eq!(refusal, Some(KeyFileError::Damaged("its numbers do not belong together")), "{what}");
    }
}

#[test]
fn every_string_type_is_read_and_shown() {
    let wide: Vec<u8> = "Zürich 🗻".chars().flat_map(|it| u32::from(it).to_be_bytes()).collect();
    let bmp: Vec<u8> = "Zürich".encode_utf16().flat_map(u16::to_be_bytes).collect();
    for (tag, value, expected) in [
        (12, "Zürich".as_bytes(), "Zürich"),
        (12, b"Z\xfcrich", "Zürich"),
        (19, b"Z\xfcrich", "Zürich"),
        (20, b"Z\xfcrich", "Zürich"),
        (22, b"Zurich", "Zurich"),
        (7, b"Z\xfcrich", "Zürich"),
        (25, b"Zurich", "Zurich"),
        (26, b"Zurich", "Zurich"),
        (27, b"Zurich", "Zurich"),
        (28, wide.as_slice(), "Zürich 🗻"),
        (28, b"\0\0\0", "#1C:03:00:00:00"),
        (28, b"\0\x11\0\0", "#1C:04:00:11:00:00"),
        (30, bmp.as_slice(), "Zürich"),
        (30, b"\0Z\0", "#1E:03:00:5A:00"),
        (8, b"x", "#08:01:78"),
        (11, b"x", "#0B:01:78"),
        (29, b"x", "#1D:01:78"),
        (12, b"a\x1b[2J\x9b", "a\\u{1b}[2J\\u{9b}"),
    ] {
        let subject = name("2.5.4.7", tag, value);
        let read = Certificate::read(&Made { subject: subject.clone(), ..Made::new() }.der());
        let read = read.unwrap_or_else(|error| panic!("{tag}: {error}"));
        assert_eq!((read.subject_parts[0].value.as_str(), read.is_signed_by(&read.spki)), (expected, Ok(())), "{tag}");
        let der = request(0, &subject, &[attribute("1.2.840.113549.1.9.2", &tlv(tag, &[value]))]);
        let read = inspect(&der).unwrap_or_else(|error| panic!("{tag}: {error}"));
        assert_eq!((read.subject[0].value.as_str(), read.attributes[0].value.as_str()), (expected, expected), "{tag}");
        assert_eq!(verify_signature(&der), Ok(()), "{tag}");
    }
}

#[test]
fn a_certificate_that_will_not_work_is_refused_by_its_rule() {
    let utc = |text: &str| tlv(0x17, &[text.as_bytes()]);
    let general = |text: &str| tlv(0x18, &[text.as_bytes()]);
    let refused = |made: &Made| match Certificate::read(&made.der()) {
        Ok(certificate) => certificate.fault(),
        Err(CertificateError::Fault(fault)) => Some(fault),
        Err(error) => panic!("{error}"),
    };
    let time = |form, section| Some(Fault::TimeForm { form, section });
    let twice = |name: &str| Some(Fault::Repeated(name.to_owned()));
    let two = |kind: &str, value: &[u8]| vec![san("a.example"), extension(kind, value), extension(kind, value)];
    for (made, expected) in [
        (Made::new(), None),
        (Made { version: None, ..Made::new() }, Some(Fault::ExtensionsOfVersion(1))),
        (Made { version: Some(1), ..Made::new() }, Some(Fault::ExtensionsOfVersion(2))),
        (Made { version: None, extensions: vec![], ..Made::new() }, None),
        (Made { version: Some(3), ..Made::new() }, Some(Fault::NoSuchVersion(4))),
        (Made { not_after: utc("251231235959Z"), ..Made::new() }, Some(Fault::NeverValid)),
        (Made { not_after: utc("2701010000Z"), ..Made::new() }, time("without seconds", "4.1.2.5.1")),
        (Made { not_before: utc("260101000000+0100"), ..Made::new() }, time("with an offset from UTC", "4.1.2.5.1")),
        (
            Made { not_after: general("20270101000000.123Z"), ..Made::new() },
            time("with a fraction of a second", "4.1.2.5.2"),
        ),
        (Made { extensions: two("2.5.29.15", &[3, 2, 7, 0x80]), ..Made::new() }, twice("Key Usage")),
        (Made { extensions: two("2.5.29.37", &[0x30, 0]), ..Made::new() }, twice("Extended Key Usage")),
        (Made { extensions: two("1.2.3.4", &[5, 0]), ..Made::new() }, twice("1.2.3.4")),
    ] {
        assert_eq!(refused(&made), expected);
    }
    for (serial, odd) in [
        (vec![0x2a], None),
        (vec![0, 0x80], None),
        (vec![0], Some("is zero")),
        (vec![0xff], Some("is negative")),
        ([vec![0x7f], vec![0xff; 19]].concat(), None),
        ([vec![0x7f], vec![0xff; 20]].concat(), Some("is longer than 20 bytes")),
    ] {
        assert_eq!(Certificate::read(&Made { serial, ..Made::new() }.der()).expect("read").odd_serial, odd);
    }
}

#[test]
fn an_extension_that_says_nothing_is_said_to() {
    let der = Made {
        extensions: vec![extension("2.5.29.15", &[3, 1, 0]), extension("2.5.29.37", &[0x30, 0])],
        ..Made::new()
    };
    let read = Certificate::read(&der.der()).expect("read");
    assert!(read.extensions.iter().all(|extension| extension.lines == ["(none)"]), "{:?}", read.extensions);
}

#[test]
fn what_is_odd_about_a_request_is_told() {
    let wanted = |extensions: &[Vec<u8>]| attribute("1.2.840.113549.1.9.14", &tlv(0x30, &[&extensions.concat()]));
    let subject = name("2.5.4.3", 12, b"nas");
    let read = |version, attributes: &[Vec<u8>]| inspect(&request(version, &subject, attributes)).expect("a request");
    let plain = read(0, &[wanted(&[san("a.example")])]);
    assert_eq!((plain.version, plain.repeated.len()), (Some(0), 0));
    assert_eq!(read(2, &[]).version, Some(2));
    let twice = read(0, &[wanted(&[san("a.example"), san("b.example")])]);
    assert_eq!(twice.repeated, ["Subject Alternative Names"]);
    let in_two = read(0, &[wanted(&[san("a.example")]), wanted(&[san("b.example")])]);
    assert_eq!(in_two.repeated, ["Subject Alternative Names"]);
}

#[test]
fn text_out_of_json_is_read_however_often_it_was_escaped() {
    let key = String::from_utf8(openssl("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256", b"")).expect("text");
    let json = |key: &str| format!("{{\"key\": \"{key}\"}}");
    let escaped = key.replace('\n', "\\n").replace('/', "\\/");
    for text in [
        json(&escaped),
        json(&escaped.replace('+', "\\u002b")),
        json(&escaped.replace('=', "\\u003D").replace('-', "\\u002d")),
        json(&key.replace('\n', "\\r\\n")),
        json(&escaped.replace('\\', "\\\\")),
        escaped.replace("\\n", "\\n\\\n    "),
        key.replace('\n', "\\u000a"),
    ] {
        assert!(read_key(upload(text.as_bytes()), None, None).is_ok(), "{text}");
    }
    for plain in ["C:\\temp", "\\u12", "\\uzzzz", "\\", "a\\\\b"] {
        let kept = pem::unescaped(plain);
        assert!(kept.contains('\\') || plain.starts_with("C:"), "{plain}: {}", *kept);
    }
}

#[test]
fn a_passphrase_is_text_in_utf_8_or_in_utf_16_with_its_mark() {
    let wide = |of: fn(u16) -> [u8; 2], mark: [u8; 2]| {
        mark.into_iter().chain("pässwört\r\n".encode_utf16().flat_map(of)).collect::<Vec<u8>>()
    };
    for bytes in [
        "pässwört\r\n".as_bytes().to_vec(),
        "\u{feff}pässwört\r\n".as_bytes().to_vec(),
        wide(u16::to_le_bytes, [0xff, 0xfe]),
        wide(u16::to_be_bytes, [0xfe, 0xff]),
    ] {
        assert_eq!(pem::decoded(&bytes).expect("text").as_str(), "pässwört\r\n");
    }
    for bytes in [&b"p\xe4ss"[..], &[0xff, 0xfe, 0x41], &[0xff, 0xfe, 0x00, 0xd8]] {
        assert!(pem::decoded(bytes).is_none(), "{bytes:?}");
    }
}

#[test]
fn a_certificate_in_a_signed_mail_is_read() {
    let ca = Authority::new();
    ca.root("root", P256);
    let pem = ca.pem("root");
    let escaped = pem.replace("-----BEGIN", "- -----BEGIN").replace("-----END", "- -----END");
    let mail = |body: &str| {
        format!(
            "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nYour certificate:\n{body}\n-----BEGIN PGP SIGNATURE-----\n\niQEzBAEBCAAdFiEE\n=abcd\n-----END PGP SIGNATURE-----\n"
        )
    };
    for text in [mail(&escaped), mail(&pem), mail(&escaped).replace('\n', "\r\n"), mail(&format!("{escaped}{escaped}"))]
    {
        assert_eq!(read_answer(text.as_bytes()).expect(&text)[0].der, ca.der("root"));
    }
    let key = String::from_utf8(run("openssl", "genpkey -algorithm ED25519", b"")).expect("text");
    let signed = mail(&key.replace("-----BEGIN", "- -----BEGIN").replace("-----END", "- -----END"));
    assert!(read_key(upload(signed.as_bytes()), None, None).is_ok());
}

#[test]
fn nothing_is_said_not_to_be_what_it_is() {
    for label in ["CERTIFICATE", "TRUSTED CERTIFICATE", "X509 CERTIFICATE", "PKCS7"] {
        for content in [&[0][..], &[0, 0, 0], b"\n"] {
            let said = read_answer(pem::encode(label, content).as_bytes()).expect_err("refused").invalid("certificate");
            assert!(!said.what.contains("This is a certificate"), "{label}: {}", said.what);
        }
    }
    let said = read_answer(&[0x30, 0x80, 0x30, 0x80, 1]).expect_err("refused").invalid("certificate").what;
    assert!(!said.contains("PKCS#7"), "{said}");
}
