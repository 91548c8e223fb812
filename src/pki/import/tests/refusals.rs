//! The table of refusals: what is handed in, the cause, the field; no two causes say the same.

use super::*;
use crate::keyfile::Cost;
use crate::pem::PemError;
use std::collections::HashSet;

#[test]
fn every_refusal_has_its_field_and_its_own_words() {
    let (key, request) = &*PAIR;
    let generate = |arguments: &str| text(openssl(arguments, b""));
    let other = generate("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256");
    let other_request = text(super::request(other.as_bytes(), ""));
    let public = text(openssl("pkey -pubout", key.as_bytes()));
    let key_file = file(key.as_bytes());
    let certificate = generate(&format!("req -x509 -new -key {} -subj /CN=nas", key_file.path().display()));
    let certificate_file = file(certificate.as_bytes());
    let pkcs12 = openssl(
        &format!(
            "pkcs12 -export -inkey {} -in {} -passout pass:a",
            key_file.path().display(),
            certificate_file.path().display()
        ),
        b"",
    );
    let sealed = text(openssl("pkcs8 -topk8 -passout pass:right", key.as_bytes()));
    let ed448 = generate("genpkey -algorithm ED448");
    let ed448_request = text(super::request(ed448.as_bytes(), ""));
    let explicit = generate("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -pkeyopt ec_param_enc:explicit");
    let explicit_request = text(super::request(explicit.as_bytes(), ""));
    let short = generate("genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:768");
    let p224 = generate("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-224");
    let old = text(openssl(
        "pkcs8 -topk8 -provider legacy -provider default -v1 PBE-SHA1-RC4-128 -passout pass:a",
        key.as_bytes(),
    ));
    let mut flipped = openssl("req -outform DER", request.as_bytes());
    *flipped.last_mut().unwrap() ^= 1;
    let mut broken_key = openssl("pkey -outform DER", key.as_bytes());
    let last = broken_key.len() - 1;
    broken_key[last] ^= 1;
    let cut = |pem: &str| pem.lines().take(3).collect::<Vec<_>>().join("\n");
    let headless = |pem: &str| pem.lines().skip(1).collect::<Vec<_>>().join("\n");
    let starred = |pem: &str| pem.replacen("\nM", "\n*", 1);
    let mislabelled = |pem: &str| pem.replacen("-----END ", "-----END X", 1);
    let dashless = |pem: &str| pem.replace("-----", "----");
    let empty = |label: &str| format!("-----BEGIN {label}-----\n-----END {label}-----\n");
    let label = |pem: &str| pem.lines().next().unwrap()["-----BEGIN ".len()..].trim_end_matches('-').to_owned();
    let huge = "A".repeat(MAX_INPUT + 1);

    let of_request = |text: &str| read_request(paste(text.as_bytes())).err().unwrap();
    let of_key = |text: &str| read_key(paste(text.as_bytes()), None, None).err().unwrap();
    let with = |text: &str, passphrase: &str, confirm: &str| {
        read_key(paste(text.as_bytes()), Some(&secret(passphrase)), Some(&secret(confirm))).err().unwrap()
    };
    use ImportRefusal::*;
    let no_end = |pem: &str| PemError::NoEnd { label: label(pem) };
    let no_begin = |pem: &str| PemError::NoBegin { label: label(pem) };
    let differ = |pem: &str| PemError::LabelsDiffer { begin: label(pem), end: format!("X{}", label(pem)) };
    let base64 = |pem: &str| PemError::Base64 { label: label(pem) };
    let (request_label, key_label) = (label(request), label(key));
    let work = Cost::Work { memory: 1 << 24, passes: 500 };
    let table: Vec<(ImportRefusal, ImportRefusal, &str)> = vec![
        (read_request(Source::default()).err().unwrap(), NoRequest, "signing_request"),
        (of_request(&huge), RequestTooLarge, "signing_request"),
        (of_request(&cut(request)), RequestPem(no_end(request)), "signing_request"),
        (of_request(&headless(request)), RequestPem(no_begin(request)), "signing_request"),
        (of_request(&mislabelled(request)), RequestPem(differ(request)), "signing_request"),
        (of_request(&starred(request)), RequestPem(base64(request)), "signing_request"),
        (of_request(&dashless(request)), RequestPem(PemError::Dashes), "signing_request"),
        (of_request(&empty(&request_label)), RequestPem(PemError::Empty { label: request_label }), "signing_request"),
        (of_request("hello"), NotARequest(Kind::Unknown), "signing_request"),
        (of_request(&certificate), NotARequest(Kind::Certificate), "signing_request"),
        (of_request(key), NotARequest(Kind::PrivateKey), "signing_request"),
        (of_request(&public), NotARequest(Kind::PublicKey), "signing_request"),
        (read_request(upload(&pkcs12)).err().unwrap(), NotARequest(Kind::Pkcs12), "signing_request"),
        (of_request(&format!("{request}{other_request}")), TwoRequests, "signing_request"),
        (
            read_request(Source { paste: Some(request.as_bytes()), file: Some(other_request.as_bytes()) })
                .err()
                .unwrap(),
            RequestsDiffer,
            "signing_request",
        ),
        (of_request(&pem::encode("CERTIFICATE REQUEST", b"\x30\x00")), RequestDamaged("structure"), "signing_request"),
        (read_request(upload(&flipped)).err().unwrap(), SignatureDamaged, "signing_request"),
        (of_request(&ed448_request), RequestKeyAlgorithm("Ed448".to_owned()), "signing_request"),
        (of_request(&explicit_request), RequestExplicitCurve, "signing_request"),
        (read_key(Source::default(), None, None).err().unwrap(), NoKey, "private_key"),
        (of_key(&huge), KeyTooLarge, "private_key"),
        (of_key(&cut(key)), KeyPem(no_end(key)), "private_key"),
        (of_key(&headless(key)), KeyPem(no_begin(key)), "private_key"),
        (of_key(&mislabelled(key)), KeyPem(differ(key)), "private_key"),
        (of_key(&starred(key)), KeyPem(base64(key)), "private_key"),
        (of_key(&dashless(key)), KeyPem(PemError::Dashes), "private_key"),
        (of_key(&empty(&key_label)), KeyPem(PemError::Empty { label: key_label }), "private_key"),
        (of_key("hello"), NotAKey(Kind::Unknown), "private_key"),
        (of_key(&public), NotAKey(Kind::PublicKey), "private_key"),
        (of_key(&certificate), NotAKey(Kind::Certificate), "private_key"),
        (of_key(request), NotAKey(Kind::Request), "private_key"),
        (
            of_key("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----"),
            NotAKey(Kind::OpenSshKey),
            "private_key",
        ),
        (of_key("ssh-rsa AAAA root@nas"), NotAKey(Kind::SshPublicKey), "private_key"),
        (of_key("PuTTY-User-Key-File-3: ssh-rsa\n"), NotAKey(Kind::PuttyKey), "private_key"),
        (of_key("{\"kty\":\"EC\"}"), NotAKey(Kind::JsonWebKey), "private_key"),
        (
            of_key("-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nAA\n=ab\n-----END PGP PRIVATE KEY BLOCK-----"),
            NotAKey(Kind::Pgp),
            "private_key",
        ),
        (read_key(upload(&pkcs12), None, None).err().unwrap(), NotAKey(Kind::Pkcs12), "private_key"),
        (
            read_key(upload(b"\xfe\xed\xfe\xed\0\0\0\x02"), None, None).err().unwrap(),
            NotAKey(Kind::JavaKeyStore),
            "private_key",
        ),
        (of_key(&generate("ecparam -name prime256v1")), NotAKey(Kind::Parameters), "private_key"),
        (of_key(&format!("{key}{other}")), TwoKeys, "private_key"),
        (
            read_key(Source { paste: Some(key.as_bytes()), file: Some(other.as_bytes()) }, None, None).err().unwrap(),
            KeysDiffer,
            "private_key",
        ),
        (with(&sealed, "right", "wrong"), PassphrasesDiffer, "passphrase_confirm"),
        (of_key(&sealed), Key(KeyFileError::NoPassphrase), "passphrase"),
        (with(&sealed, "wrong", "wrong"), Key(KeyFileError::WrongPassphrase), "passphrase"),
        (with(key, "any", "any"), Key(KeyFileError::NotEncrypted), "passphrase"),
        (of_key(&old), Key(KeyFileError::Encryption("PKCS#12's RC4 (128 bits)".to_owned())), "private_key"),
        (of_key(&ed448), Key(KeyFileError::Algorithm("Ed448".to_owned())), "private_key"),
        (of_key(&p224), Key(KeyFileError::Curve("SECP224R1".to_owned())), "private_key"),
        (of_key(&explicit), Key(KeyFileError::ExplicitCurve), "private_key"),
        (of_key(&short), Key(KeyFileError::RsaTooShort(768)), "private_key"),
        (
            read_key(upload(&broken_key), None, None).err().unwrap(),
            Key(KeyFileError::Damaged("its numbers do not belong together")),
            "private_key",
        ),
        (
            import(paste(request.as_bytes()), paste(other.as_bytes()), None, None).err().unwrap(),
            KeyOfAnotherRequest,
            "private_key",
        ),
        // Made of files that are tested where they are read; here are their words.
        (RequestRsaLength(1000), RequestRsaLength(1000), "signing_request"),
        (RequestRsaLength(9000), RequestRsaLength(9000), "signing_request"),
        (RequestRsaExponent, RequestRsaExponent, "signing_request"),
        (RequestAlgorithm("OID 1.2.3".to_owned()), RequestAlgorithm("OID 1.2.3".to_owned()), "signing_request"),
        (Key(KeyFileError::RsaExponent), Key(KeyFileError::RsaExponent), "private_key"),
        (Key(KeyFileError::EmptyPassphrase), Key(KeyFileError::EmptyPassphrase), "passphrase"),
        (Key(KeyFileError::NoCurve), Key(KeyFileError::NoCurve), "private_key"),
        (Key(KeyFileError::RsaTooLong(16384)), Key(KeyFileError::RsaTooLong(16384)), "private_key"),
        (
            Key(KeyFileError::Cost(Cost::Rounds(2_000_001))),
            Key(KeyFileError::Cost(Cost::Rounds(2_000_001))),
            "private_key",
        ),
        (Key(KeyFileError::Cost(Cost::Memory(1 << 30))), Key(KeyFileError::Cost(Cost::Memory(1 << 30))), "private_key"),
        (Key(KeyFileError::Cost(work)), Key(KeyFileError::Cost(work)), "private_key"),
    ];
    assert_eq!(with(key, "", "any"), Key(KeyFileError::NotEncrypted), "a confirmation alone");
    assert_eq!(with(&sealed, "", "any"), PassphrasesDiffer, "a confirmation alone");
    assert_eq!(with(&sealed, "wrong", ""), Key(KeyFileError::WrongPassphrase), "no confirmation is none that differs");
    assert_eq!(with(&sealed, "", ""), Key(KeyFileError::EmptyPassphrase));
    assert!(read_key(paste(sealed.as_bytes()), Some(&secret("right")), None).is_ok(), "once is enough");
    let mut said = HashSet::new();
    for (seen, expected, field) in table {
        assert_eq!(seen, expected);
        let invalid = seen.invalid();
        assert_eq!(invalid.field, field, "{seen:?}");
        for sentence in [&invalid.what, &invalid.fix] {
            assert!(sentence.ends_with('.') && sentence.starts_with(|first: char| first.is_uppercase()), "{sentence}");
        }
        assert!(said.insert(invalid.what.clone()), "said twice: {}", invalid.what);
    }
}
