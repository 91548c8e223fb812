//! All 56 combinations of key and digest: made, signed, encoded, and judged by OpenSSL.

use super::openssl::{file, openssl, openssl_ok};
use crate::generate::generate;
use crate::private_key::PrivateKey;
use crate::request::encode;
use crate::scheme::SignatureScheme;
use crate::sign::sign;
use crate::verify::{VerifyError, verify};
use der::{Decode, Encode};
use signet_domain::extensions::Extensions;
use signet_domain::key_spec::{Curve, Digest, KeySpec, RsaBits};
use signet_domain::san::SanList;
use signet_domain::subject::Subject;
use x509_cert::request::CertReq;

/// Signs with `key` and each digest, and has OpenSSL check request and key.
fn stands_before_openssl(key: &PrivateKey, digest: Option<Digest>) {
    let label = format!("{} {digest:?}", key.kind().label());
    let der = encode(&Subject::default(), &SanList::default(), &Extensions::default(), key, digest).expect(&label);
    let answer = openssl(&["req", "-inform", "DER", "-verify", "-noout"], &der);
    assert!(answer.ok && answer.err.contains("verify OK"), "{label}: {}", answer.err);

    let request = CertReq::from_der(&der).expect(&label);
    let scheme = SignatureScheme::of_key(key.kind(), digest).expect(&label);
    assert_eq!(Some(&request.algorithm), scheme.identifier().as_ref(), "{label}");
    // The algorithm identifiers by an unrelated parser: the last OBJECT is the signature's.
    let parsed = String::from_utf8(openssl_ok(&["asn1parse", "-inform", "DER"], &der)).expect("text");
    let last = parsed.lines().rfind(|line| line.contains("OBJECT")).expect("an object").to_owned();
    let expected = match scheme {
        SignatureScheme::RsaPkcs1(digest) => format!(":{}WithRSAEncryption", digest.value().to_lowercase()),
        SignatureScheme::Ecdsa(digest) => format!(":ecdsa-with-{}", digest.value()),
        SignatureScheme::Ed25519 => ":ED25519".to_owned(),
        SignatureScheme::MlDsa(_) => unreachable!("OpenSSL 3.0 does not know it"),
        SignatureScheme::RsaPss { .. } => unreachable!("never made"),
    };
    assert!(last.ends_with(&expected), "{label}: {last}");
    let nulls = parsed.lines().filter(|line| line.contains("NULL")).count();
    assert_eq!(nulls, if matches!(scheme, SignatureScheme::RsaPkcs1(_)) { 2 } else { 0 }, "{label}: {parsed}");

    // A damaged signature, and damaged content, are found out by ours too.
    let tbs = request.info.to_der().expect(&label);
    let spki = key.spki_der();
    let identifier = scheme.identifier().expect(&label);
    let identifier = spki::AlgorithmIdentifierRef {
        oid: identifier.oid,
        parameters: identifier.parameters.as_ref().map(der::asn1::AnyRef::from),
    };
    let signature = request.signature.as_bytes().expect("whole bytes").to_vec();
    verify(spki, &identifier, &tbs, &signature).expect(&label);
    let mut damaged = signature.clone();
    *damaged.last_mut().expect("not empty") ^= 1;
    assert_eq!(verify(spki, &identifier, &tbs, &damaged), Err(VerifyError::Damaged), "{label}");
    assert_eq!(verify(spki, &identifier, &tbs[1..], &signature), Err(VerifyError::Damaged), "{label}");
}

/// OpenSSL reads the PKCS#8 and computes the same public key.
fn opens_in_openssl(key: &PrivateKey) {
    let label = key.kind().label();
    let public = openssl_ok(&["pkey", "-inform", "DER", "-pubout", "-outform", "DER"], key.pkcs8().expose_secret());
    assert_eq!(public, key.spki_der(), "{label}");
    let check = openssl(&["pkey", "-inform", "DER", "-check", "-noout"], key.pkcs8().expose_secret());
    assert!(check.ok, "{label}: {}", check.err);
    let again = PrivateKey::from_pkcs8(key.pkcs8().expose_secret()).expect(&label);
    assert_eq!(again.pkcs8().expose_secret(), key.pkcs8().expose_secret(), "{label}");
    assert_eq!(again.public_key(), key.public_key(), "{label}");
}

/// What OpenSSL signs with the same key, ours verifies.
fn verifies_openssl(key: &PrivateKey, digest: Digest) {
    let message = b"signed by the other library";
    let (_guard, path) = file(key.pkcs8().expose_secret());
    let path = path.to_str().expect("a plain path");
    let option = format!("-{}", digest.value().to_lowercase());
    let signature = openssl_ok(&["dgst", &option, "-sign", path, "-keyform", "DER"], message);
    let scheme = SignatureScheme::of_key(key.kind(), Some(digest)).expect("a digest");
    crate::verify::verify_with(key.public_key(), scheme, message, &signature)
        .unwrap_or_else(|error| panic!("{} {digest:?}: {error}", key.kind().label()));
}

fn every_digest(spec: impl Fn(Digest) -> KeySpec) {
    let key = generate(spec(Digest::Sha256)).expect("a key");
    assert_eq!(key.kind(), spec(Digest::Sha256).kind());
    opens_in_openssl(&key);
    for digest in Digest::ALL {
        stands_before_openssl(&key, Some(digest));
        // A digest shorter or longer than the order, both ways; several times, since r and s vary in length.
        for _ in 0..4 {
            verifies_openssl(&key, digest);
            sign(&key, Some(digest), b"again").expect("signs");
        }
    }
}

#[test]
fn rsa_1024_signs_with_every_digest() {
    every_digest(|digest| KeySpec::Rsa(RsaBits::B1024, digest));
}

#[test]
fn rsa_2048_signs_with_every_digest() {
    every_digest(|digest| KeySpec::Rsa(RsaBits::B2048, digest));
}

#[test]
fn rsa_3072_signs_with_every_digest() {
    every_digest(|digest| KeySpec::Rsa(RsaBits::B3072, digest));
}

#[test]
fn rsa_4096_signs_with_every_digest() {
    every_digest(|digest| KeySpec::Rsa(RsaBits::B4096, digest));
}

#[test]
fn every_curve_signs_with_every_digest() {
    for curve in Curve::ALL {
        every_digest(|digest| KeySpec::Ec(curve, digest));
    }
}

#[test]
fn ed25519_signs_and_is_pkcs8_version_1() {
    let key = generate(KeySpec::Ed25519).expect("a key");
    opens_in_openssl(&key);
    stands_before_openssl(&key, None);
    // RFC 8410 7: SEQUENCE, INTEGER 0, the algorithm, 32 bytes in two octet strings, and nothing after.
    assert!(key.pkcs8().expose_secret().starts_with(&[0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32]));
    assert_eq!(key.pkcs8().len(), 48);
}
