//! Certificates and keys that OpenSSL makes, each with one thing that servers or browsers mind.

use super::*;
use crate::identity::not_before;
use crate::tests::openssl::{file, openssl_ok};
use jiff::SignedDuration;

/// A moment at which OpenSSL's certificates of today are valid, and a build date before it.
fn now() -> Timestamp {
    let made = Made::new("EC:prime256v1", &[]);
    not_before(&made.chain[0]).expect("reads") + SignedDuration::from_hours(1)
}

const BUILT: Timestamp = Timestamp::UNIX_EPOCH;

/// A self-signed certificate with its key.
struct Made {
    chain: Vec<Vec<u8>>,
    key: Secret,
}

impl Made {
    /// `algorithm` is `EC:CURVE`, `RSA:BITS` or an algorithm's name.
    fn new(algorithm: &str, extensions: &[&str]) -> Self {
        let (name, option) = match algorithm.split_once(':') {
            Some(("EC", curve)) => ("EC", Some(format!("ec_paramgen_curve:{curve}"))),
            Some((name, bits)) => (name, Some(format!("rsa_keygen_bits:{bits}"))),
            None => (algorithm, None),
        };
        let mut arguments = vec!["genpkey", "-algorithm", name, "-outform", "DER"];
        arguments.extend(option.iter().flat_map(|option| ["-pkeyopt", option.as_str()]));
        let traditional = openssl_ok(&arguments, b"");
        let key = openssl_ok(&["pkcs8", "-topk8", "-nocrypt", "-inform", "DER", "-outform", "DER"], &traditional);
        let (_key, path) = file(&key);
        let (_config, config) = file(b"[req]\ndistinguished_name=dn\n[dn]\n");
        let (path, config) = (path.to_str().expect("plain"), config.to_str().expect("plain"));
        let mut arguments = vec!["req", "-x509", "-config", config, "-key", path, "-keyform", "DER", "-outform", "DER"];
        arguments.extend(["-days", "30", "-subj", "/CN=nas.example", "-addext", "subjectAltName=DNS:nas.example"]);
        arguments.extend(extensions.iter().flat_map(|extension| ["-addext", extension]));
        Self { chain: vec![openssl_ok(&arguments, b"")], key: Secret::new(key) }
    }

    fn judged(&self) -> Result<Takers, Unfit> {
        serves(&self.chain, &self.key, now(), BUILT)
    }

    fn advised(&self) -> Vec<String> {
        advice(&self.chain, now(), BUILT).expect("reads")
    }
}

#[test]
fn what_browsers_take_serves() {
    for algorithm in ["EC:prime256v1", "EC:secp384r1", "EC:secp521r1", "RSA:2048"] {
        let made = Made::new(algorithm, &["extendedKeyUsage=clientAuth,serverAuth", "keyUsage=digitalSignature"]);
        assert_eq!(made.judged(), Ok(Takers::Browsers), "{algorithm}");
    }
    assert_eq!(Made::new("EC:prime256v1", &["extendedKeyUsage=anyExtendedKeyUsage"]).judged(), Ok(Takers::Browsers));
    assert_eq!(Made::new("EC:prime256v1", &[]).judged(), Ok(Takers::Browsers), "without usages all are allowed");
}

#[test]
fn keys_that_browsers_do_not_take_are_named() {
    for (algorithm, named) in [
        ("ED25519", "Ed25519"),
        ("EC:secp256k1", "SECP256K1"),
        ("EC:brainpoolP256r1", "BrainpoolP256R1"),
        ("EC:brainpoolP512r1", "BrainpoolP512R1"),
        ("RSA:1024", "RSA 1024"),
    ] {
        let unfit = Made::new(algorithm, &[]).judged().expect_err(algorithm);
        assert!(matches!(&unfit, Unfit::Key(_)) && unfit.to_string().contains(named), "{algorithm}: {unfit}");
        assert!(unfit.fix().ends_with('.'));
    }
}

#[test]
fn a_certificate_of_another_key_or_use_is_refused() {
    let made = Made::new("EC:prime256v1", &["extendedKeyUsage=clientAuth"]);
    assert_eq!(made.judged(), Err(Unfit::NotForServers));
    assert_eq!(Made::new("EC:prime256v1", &["keyUsage=keyEncipherment"]).judged(), Err(Unfit::NotForSigning));
    let other = Made::new("EC:prime256v1", &[]);
    assert_eq!(serves(&other.chain, &made.key, now(), BUILT), Err(Unfit::AnotherKey));
    assert_eq!(serves(&[], &made.key, now(), BUILT), Err(Unfit::Unanswered));
    assert_eq!(serves(&[vec![0x30, 0]], &made.key, now(), BUILT), Err(Unfit::Damaged));
}

#[test]
fn one_that_has_ended_is_refused_unless_the_clock_is_unknown() {
    let made = Made::new("EC:prime256v1", &[]);
    let later = now() + SignedDuration::from_hours(31 * 24);
    let judged = |now, built| serves(&made.chain, &made.key, now, built);
    assert!(matches!(judged(later, BUILT), Err(Unfit::Ended(_))));
    assert_eq!(judged(BUILT, later), Ok(Takers::Browsers), "a clock before the build date ends nothing");
    let said = advice(&made.chain, BUILT, later).expect("reads");
    assert!(said.iter().any(|one| one.contains("clock is not set")), "{said:?}");
    let early = now() - SignedDuration::from_hours(48);
    assert!(advice(&made.chain, early, BUILT).expect("reads").iter().any(|one| one.contains("valid from")));
}

#[test]
fn a_ca_and_a_curve_that_few_browsers_take_are_worth_a_word() {
    let advised = Made::new("EC:secp521r1", &["basicConstraints=critical,CA:FALSE"]).advised();
    assert!(advised.len() == 1 && advised[0].contains("SECP521R1"), "{advised:?}");
    let advised = Made::new("EC:prime256v1", &["basicConstraints=critical,CA:TRUE"]).advised();
    assert!(advised.iter().any(|one| one.contains("CA's own certificate")), "{advised:?}");
    assert_eq!(Made::new("EC:prime256v1", &["basicConstraints=critical,CA:FALSE"]).advised(), [""; 0]);
}

/// A root, an intermediate of it, and a leaf of that.
fn chain() -> Vec<Vec<u8>> {
    use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
    let params = |name: &str, ca: bool| {
        let mut params = CertificateParams::new([format!("{name}.example")]).expect("a name");
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        params.is_ca = if ca { IsCa::Ca(BasicConstraints::Unconstrained) } else { IsCa::ExplicitNoCa };
        params
    };
    let key = || KeyPair::generate().expect("a key");
    let (root_key, above_key, leaf_key) = (key(), key(), key());
    let root = params("root", true).self_signed(&root_key).expect("signs");
    let root_issuer = Issuer::new(params("root", true), root_key);
    let above = params("above", true).signed_by(&above_key, &root_issuer).expect("signs");
    let above_issuer = Issuer::new(params("above", true), above_key);
    let leaf = params("leaf", false).signed_by(&leaf_key, &above_issuer).expect("signs");
    [leaf, above, root].iter().map(|certificate| certificate.der().to_vec()).collect()
}

#[test]
fn a_chain_is_sent_without_its_root_and_a_gap_is_told() {
    let whole = chain();
    assert_eq!(to_send(&whole), whole[..2]);
    assert_eq!(to_send(&whole[..2]), whole[..2]);
    assert_eq!(to_send(&whole[2..]), whole[2..], "a certificate alone is sent, whoever signed it");
    let now = not_before(&whole[0]).expect("reads") + SignedDuration::from_hours(1);
    let advised = |chain: &[Vec<u8>]| advice(chain, now, BUILT).expect("reads");
    assert_eq!(advised(&whole), [""; 0]);
    assert_eq!(to_send(&[whole[0].clone(), whole[2].clone(), whole[1].clone()]), whole[..2], "in order");
    for (given, missing) in [(&whole[..2], "root"), (&whole[..1], "above")] {
        let said = advised(given);
        assert!(said.len() == 1 && said[0].contains(&format!("{missing} is missing")), "{said:?}");
    }
    assert_eq!(issuer(&whole[0]).as_deref(), Ok("CN=above"));
}

/// A certificate by rcgen, and its DER; signed by itself or by an issuer.
fn by_rcgen(kind: &'static rcgen::SignatureAlgorithm, is_ca: bool) -> rcgen::CertifiedIssuer<'static, rcgen::KeyPair> {
    let mut params = rcgen::CertificateParams::new(["nas.example".to_owned()]).expect("a name");
    params.distinguished_name.push(rcgen::DnType::CommonName, if is_ca { "A CA" } else { "A NAS" });
    if is_ca {
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    }
    rcgen::CertifiedIssuer::self_signed(params, rcgen::KeyPair::generate_for(kind).expect("a key")).expect("signs")
}

#[test]
fn a_key_and_a_signature_that_common_clients_do_not_know_are_told_apart() {
    let read = |der: &[u8]| Certificate::read(der).expect("reads");
    let hindrance =
        |leaf: &[u8], root: &[u8]| Hindrance::of(&crate::chain::chain(read(leaf), vec![read(root)]).expect("a chain"));
    let leaf_key = |kind| rcgen::KeyPair::generate_for(kind).expect("a key");
    let (ec, ed25519, ml_dsa) = (&rcgen::PKCS_ECDSA_P256_SHA256, &rcgen::PKCS_ED25519, &rcgen::PKCS_ML_DSA_44);
    for (ca, leaf, expected) in [
        (ec, ec, None),
        (ec, ed25519, Some(Hindrance::OtherKey)),
        (ec, ml_dsa, Some(Hindrance::MlDsaKey)),
        (ml_dsa, ml_dsa, Some(Hindrance::MlDsaKey)),
        (ml_dsa, ec, Some(Hindrance::MlDsaSignature)),
        (ml_dsa, ed25519, Some(Hindrance::MlDsaSignature)),
    ] {
        let root = by_rcgen(ca, true);
        let params = rcgen::CertificateParams::new(["nas.example".to_owned()]).expect("a name");
        let signed = params.signed_by(&leaf_key(leaf), &root).expect("signs");
        assert_eq!(hindrance(signed.der(), root.der()), expected, "{leaf:?} by {ca:?}");
    }
    // A root signs itself, which nobody verifies.
    let own = by_rcgen(ec, false);
    assert_eq!(hindrance(own.der(), own.der()), None);
}
