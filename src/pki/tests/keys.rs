//! Private keys as others write them.

use super::openssl::openssl_ok;
use crate::generate::generate;
use crate::key_error::KeyError;
use crate::key_kind::KeyKind;
use crate::private_key::PrivateKey;
use crate::public_key::PublicKey;
use crate::sign::{sign, try_out};
use proptest::prelude::*;
use signet_domain::key_spec::{Curve, Digest, KeySpec, RsaBits};
use std::sync::LazyLock;

fn made_by_openssl(arguments: &[&str]) -> Vec<u8> {
    let mut all = vec!["genpkey"];
    all.extend(arguments);
    openssl_ok(&["pkcs8", "-topk8", "-nocrypt", "-outform", "DER"], &openssl_ok(&all, b""))
}

fn public(pkcs8: &[u8], arguments: &[&str]) -> Vec<u8> {
    let mut all = vec!["pkey", "-inform", "DER", "-pubout", "-outform", "DER"];
    all.extend(arguments);
    openssl_ok(&all, pkcs8)
}

const OPENSSL_CURVES: [(Curve, &str); 7] = [
    (Curve::Secp256r1, "P-256"),
    (Curve::Secp384r1, "P-384"),
    (Curve::Secp521r1, "P-521"),
    (Curve::Secp256k1, "secp256k1"),
    (Curve::BrainpoolP256r1, "brainpoolP256r1"),
    (Curve::BrainpoolP384r1, "brainpoolP384r1"),
    (Curve::BrainpoolP512r1, "brainpoolP512r1"),
];

#[test]
fn openssls_keys_of_every_curve_have_the_same_public_key() {
    for (curve, name) in OPENSSL_CURVES {
        let group = format!("group:{name}");
        // With the public key inside, and without.
        for include in ["ec_param_enc:named_curve", "ec_param_enc:explicit"] {
            let der = made_by_openssl(&["-algorithm", "EC", "-pkeyopt", &group, "-pkeyopt", include]);
            let key = PrivateKey::from_pkcs8(&der);
            if include.ends_with("explicit") {
                assert_eq!(key.map(|_| ()), Err(KeyError::UnnamedCurve), "{name}");
                continue;
            }
            let key = key.expect(name);
            assert_eq!(key.kind(), KeyKind::Ec(curve));
            assert_eq!(key.spki_der(), public(&der, &[]), "{name}");
            let compressed = public(&der, &["-ec_conv_form", "compressed"]);
            assert_ne!(compressed, key.spki_der());
            assert_eq!(PublicKey::from_spki(&compressed).as_ref(), Ok(key.public_key()), "{name}");

            let bare = openssl_ok(
                &["ec", "-inform", "DER", "-no_public", "-outform", "PEM"],
                &openssl_ok(&["ec", "-inform", "DER", "-outform", "DER"], &der),
            );
            let bare = openssl_ok(&["pkcs8", "-topk8", "-nocrypt", "-outform", "DER"], &bare);
            assert!(bare.len() < der.len(), "{name}");
            let bare = PrivateKey::from_pkcs8(&bare).expect(name);
            assert_eq!(bare.public_key(), key.public_key(), "{name}");
            assert_eq!(bare.pkcs8().expose_secret(), key.pkcs8().expose_secret(), "{name}");
        }
    }
}

#[test]
fn openssls_rsa_keys_of_odd_lengths_are_read() {
    for bits in [512_u32, 768, 1024, 1536, 2056, 3000] {
        let option = format!("rsa_keygen_bits:{bits}");
        let der = made_by_openssl(&["-algorithm", "RSA", "-pkeyopt", &option]);
        let key = PrivateKey::from_pkcs8(&der).expect("reads");
        assert_eq!(key.kind(), KeyKind::Rsa { bits });
        assert_eq!(key.spki_der(), public(&der, &[]));
    }
}

#[test]
fn an_rsa_key_whose_parts_do_not_belong_together_is_refused() {
    let key = generate(KeySpec::Rsa(RsaBits::B1024, Digest::Sha256)).expect("a key");
    let pkcs1 = openssl_ok(&["rsa", "-inform", "DER", "-traditional", "-outform", "DER"], key.pkcs8().expose_secret());
    assert!(PrivateKey::from_pkcs1(&pkcs1).is_ok());
    // One bit in the last byte of each of the eight integers behind the version.
    let mut at = 4 + 3;
    for part in 0..8 {
        let (header, length) = match pkcs1[at + 1] {
            0x81 => (3, usize::from(pkcs1[at + 2])),
            0x82 => (4, usize::from(u16::from_be_bytes([pkcs1[at + 2], pkcs1[at + 3]]))),
            short => (2, usize::from(short)),
        };
        at += header + length;
        let mut damaged = pkcs1.clone();
        damaged[at - 1] ^= 4;
        assert_eq!(PrivateKey::from_pkcs1(&damaged).map(|_| ()), Err(KeyError::Inconsistent), "part {part}");
    }
    assert_eq!(at, pkcs1.len());
}

#[test]
fn a_public_key_that_is_another_keys_is_refused() {
    let (one, two) = (super::request::p256(), super::request::p256());
    let mut der = one.pkcs8().expose_secret().to_vec();
    let length = der.len();
    der[length - 65..].copy_from_slice(&two.spki_der()[two.spki_der().len() - 65..]);
    assert_eq!(PrivateKey::from_pkcs8(&der).map(|_| ()), Err(KeyError::Inconsistent));
}

#[test]
fn ed25519_of_version_2_becomes_version_1() {
    let key = generate(KeySpec::Ed25519).expect("a key");
    // RFC 5958 2: version 1, and the public key under [1].
    let mut der = key.pkcs8().expose_secret().to_vec();
    der[1] += 35;
    der[4] = 1;
    der.extend([0x81, 33, 0]);
    der.extend(&key.spki_der()[12..]);
    let read = PrivateKey::from_pkcs8(&der).expect("reads");
    assert_eq!(read.pkcs8().expose_secret(), key.pkcs8().expose_secret());
    *der.last_mut().expect("not empty") ^= 1;
    assert_eq!(PrivateKey::from_pkcs8(&der).map(|_| ()), Err(KeyError::Inconsistent));
}

#[test]
fn foreign_algorithms_are_named() {
    let der = made_by_openssl(&["-algorithm", "ED448"]);
    let error = PrivateKey::from_pkcs8(&der).expect_err("unknown");
    assert_eq!(error.to_string(), "the private key's algorithm 1.3.101.113 is not supported");
    let der = made_by_openssl(&["-algorithm", "EC", "-pkeyopt", "group:P-224"]);
    let error = PrivateKey::from_pkcs8(&der).expect_err("unknown");
    assert_eq!(error.to_string(), "the private key's curve 1.3.132.0.33 is not supported");
    assert_eq!(PrivateKey::from_pkcs8(b"").map(|_| ()), Err(KeyError::Malformed));
}

#[test]
fn a_scalar_with_leading_zeros_missing_or_doubled_is_the_same() {
    for curve in Curve::ALL {
        let mut scalar = vec![0; 3];
        scalar.extend([0x5a; 28]);
        let key = PrivateKey::from_scalar(curve, &scalar, None).expect("reads");
        let bare = PrivateKey::from_scalar(curve, &scalar[3..], None).expect("reads");
        let long = PrivateKey::from_scalar(curve, &[[0; 70].as_slice(), &scalar].concat(), None).expect("reads");
        assert_eq!(key.pkcs8().expose_secret(), bare.pkcs8().expose_secret());
        assert_eq!(key.pkcs8().expose_secret(), long.pkcs8().expose_secret());
        assert_eq!(public(key.pkcs8().expose_secret(), &[]), key.spki_der());
    }
}

#[test]
fn a_key_that_was_made_is_what_is_read_of_its_file() {
    for curve in Curve::ALL {
        // One scalar in 256 begins with a zero.
        for _ in 0..if curve == Curve::Secp256r1 { 300 } else { 3 } {
            let made = generate(KeySpec::Ec(curve, Digest::Sha256)).unwrap();
            let read = PrivateKey::from_pkcs8(made.pkcs8().expose_secret()).unwrap();
            assert_eq!(made.pkcs8().expose_secret(), read.pkcs8().expose_secret());
            assert_eq!(made.spki_der(), read.spki_der());
        }
    }
}

#[test]
fn a_key_that_was_tried_out_signs_as_one_that_was_just_read() {
    let digest = Digest::Sha256;
    for bits in [RsaBits::B1024, RsaBits::B2048] {
        let tried = generate(KeySpec::Rsa(bits, digest)).unwrap();
        try_out(&tried).unwrap();
        let read = PrivateKey::from_pkcs8(tried.pkcs8().expose_secret()).unwrap();
        // PKCS#1 v1.5 has one signature for each message.
        let [first, again, other] = [&tried, &tried, &read].map(|key| sign(key, Some(digest), b"request").unwrap());
        assert!(first == again && first == other, "{bits:?}");
    }
}

#[test]
fn debug_output_holds_no_key() {
    let key = generate(KeySpec::Ed25519).expect("a key");
    let shown = format!("{key:?}");
    assert!(shown.contains("Secret(..)"), "{shown}");
}

/// One of each kind.
static WHOLE: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let specs = [
        KeySpec::Rsa(RsaBits::B1024, Digest::Sha256),
        KeySpec::Ec(Curve::BrainpoolP512r1, Digest::Sha256),
        KeySpec::Ec(Curve::Secp521r1, Digest::Sha256),
        KeySpec::Ed25519,
    ];
    specs.map(|spec| generate(spec).expect("a key").pkcs8().expose_secret().to_vec()).to_vec()
});

#[test]
fn no_damage_makes_it_panic() {
    let config = ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() };
    let changes = proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..4);
    let (keys, refused) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
    proptest!(config, |(kind in 0..4_usize, changes in changes)| {
        let mut der = WHOLE[kind].clone();
        for (place, value) in changes {
            let place = place.index(der.len());
            der[place] = value;
        }
        match PrivateKey::from_pkcs8(&der) {
            Ok(key) => {
                // What is read is whole: it reads again as itself.
                let again = PrivateKey::from_pkcs8(key.pkcs8().expose_secret());
                prop_assert_eq!(again.map(|again| again.spki_der().to_vec()), Ok(key.spki_der().to_vec()));
                keys.set(keys.get() + 1);
            }
            Err(_) => refused.set(refused.get() + 1),
        }
    });
    assert!(keys.get() > 0 && refused.get() > 0, "{} were read, {} refused", keys.get(), refused.get());
}
