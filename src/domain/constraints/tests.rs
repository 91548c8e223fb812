use super::*;
use crate::extensions::{CaCertificate, IssuerSerial};
use KeyUsageBit::*;
use proptest::prelude::*;

/// Knows one certificate.
struct OneCa;

impl ReadCa for OneCa {
    fn read_ca(&self, pem: &str) -> Result<CaCertificate, String> {
        if pem.contains("CERTIFICATE") {
            Ok(CaCertificate { key_id: vec![1, 2], issued: issued() })
        } else {
            Err("This is a private key.".into())
        }
    }
}

fn issued() -> IssuerSerial {
    IssuerSerial { issuer: vec![0x30, 0], serial: vec![5] }
}

const PEM: &str = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----";

fn off() -> ConstraintsAnswers {
    ConstraintsAnswers::default()
}

fn basic(ca: bool, path_length: &str) -> ConstraintsAnswers {
    ConstraintsAnswers { bc_enabled: true, bc_ca: ca, bc_path_length: path_length.into(), ..off() }
}

fn authority(issuer: &str, cert_issuer: bool) -> ConstraintsAnswers {
    ConstraintsAnswers { aki_enabled: true, aki_issuer: issuer.into(), aki_cert_issuer: cert_issuer, ..off() }
}

fn key_usage(bits: &[KeyUsageBit]) -> ConstraintsAnswers {
    ConstraintsAnswers { ku_enabled: true, ku: bits.to_vec(), ..off() }
}

fn extended(usages: &[Usage], critical: bool) -> ConstraintsAnswers {
    ConstraintsAnswers { eku_enabled: true, eku: usages.to_vec(), eku_critical: critical, ..off() }
}

fn both(usage: Usage, bits: &[KeyUsageBit]) -> ConstraintsAnswers {
    ConstraintsAnswers { eku_enabled: true, eku: vec![usage], ..key_usage(bits) }
}

fn ca(mut answers: ConstraintsAnswers) -> ConstraintsAnswers {
    answers.bc_enabled = true;
    answers.bc_ca = true;
    answers
}

#[test]
fn refuses_each_broken_rule_at_its_field() {
    let long = "ab".repeat(65);
    for (answers, field, words) in [
        (basic(true, "-1"), "bc_path_length", "less than 0"),
        (basic(true, "256"), "bc_path_length", "more than 255"),
        (basic(true, "99999999999"), "bc_path_length", "more than 255"),
        (basic(true, "one"), "bc_path_length", "whole number"),
        (basic(true, "+1"), "bc_path_length", "whole number"),
        (basic(true, "-"), "bc_path_length", "whole number"),
        (basic(false, "0"), "bc_path_length", "Only a CA has a path length"),
        (basic(false, "-1"), "bc_path_length", "less than 0"),
        (authority("", false), "aki_issuer", "the CA is missing"),
        (authority(" \n", true), "aki_issuer", "the CA is missing"),
        (authority("nas.local", false), "aki_issuer", "neither a certificate in PEM nor hex"),
        (authority("MIIBszCCAVmg", false), "aki_issuer", "neither a certificate in PEM nor hex"),
        (authority("abc", false), "aki_issuer", "odd number"),
        (authority(" : : ", false), "aki_issuer", "contains no hex digit"),
        (authority(&long, false), "aki_issuer", "has 65 bytes; at most 64"),
        (authority("-----BEGIN PRIVATE KEY-----", false), "aki_issuer", "This is a private key."),
        (authority("ab:cd", true), "aki_cert_issuer", "only a key identifier"),
        (extended(&[], false), "eku_enabled", "no usage is selected"),
        (extended(&[Usage::AnyExtendedKeyUsage], true), "eku_critical", "must not be critical"),
        (extended(&[Usage::AnyExtendedKeyUsage, Usage::ServerAuth], true), "eku_critical", "must not be critical"),
        (key_usage(&[]), "ku_enabled", "nothing is selected"),
        (key_usage(&[EncipherOnly]), "ku_encipher_only", "Encipher Only needs Key Agreement"),
        (key_usage(&[DecipherOnly]), "ku_decipher_only", "Decipher Only needs Key Agreement"),
        (key_usage(&[KeyAgreement, EncipherOnly, DecipherOnly]), "ku_decipher_only", "exclude each other"),
        (key_usage(&[KeyCertSign]), "ku_key_cert_sign", "is for CAs only"),
        (ConstraintsAnswers { bc_enabled: true, ..key_usage(&[KeyCertSign]) }, "ku_key_cert_sign", "is for CAs only"),
        (ConstraintsAnswers { bc_ca: true, ..key_usage(&[KeyCertSign]) }, "ku_key_cert_sign", "is for CAs only"),
        (ca(key_usage(&[CrlSign])), "ku_key_cert_sign", "of a CA needs Key Cert Sign"),
    ] {
        let mistakes = answers.parse(None, &OneCa).unwrap_err();
        let invalid = mistakes.iter().next().unwrap();
        assert_eq!((mistakes.len(), invalid.field), (1, field), "{answers:?}: {mistakes:?}");
        assert!(invalid.what.contains(words), "{}", invalid.what);
    }
}

#[test]
fn tells_both_narrowing_bits_that_lack_key_agreement() {
    let mistakes = key_usage(&[EncipherOnly, DecipherOnly]).parse(None, &OneCa).unwrap_err();
    let fields: Vec<_> = mistakes.iter().map(|invalid| invalid.field).collect();
    assert_eq!(fields, ["ku_encipher_only", "ku_decipher_only"]);
}

#[test]
fn holds_each_usage_to_its_bits() {
    const ANY: &[KeyUsageBit] = &KeyUsageBit::ALL;
    for (usage, consistent) in [
        (Usage::ServerAuth, &[DigitalSignature, KeyEncipherment, KeyAgreement][..]),
        (Usage::ClientAuth, &[DigitalSignature, KeyAgreement]),
        (Usage::CodeSigning, &[DigitalSignature]),
        (Usage::EmailProtection, &[DigitalSignature, ContentCommitment, KeyEncipherment, KeyAgreement]),
        (Usage::TimeStamping, &[DigitalSignature, ContentCommitment]),
        (Usage::OcspSigning, &[DigitalSignature, ContentCommitment]),
        (Usage::IpsecIke, &[DigitalSignature, ContentCommitment]),
        (Usage::SmartcardLogon, &[DigitalSignature]),
        (Usage::KerberosPkinitKdc, &[DigitalSignature]),
        (Usage::AnyExtendedKeyUsage, ANY),
        (Usage::CertificateTransparency, ANY),
    ] {
        // Bits that need nothing else themselves.
        for bit in [DigitalSignature, ContentCommitment, KeyEncipherment, DataEncipherment, KeyAgreement, CrlSign] {
            let refused = both(usage, &[bit]).parse(None, &OneCa).err();
            assert_eq!(refused.is_none(), consistent.contains(&bit), "{usage:?} {bit:?}");
            if let Some(mistakes) = refused {
                let invalid = mistakes.iter().next().expect("a refusal has a mistake");
                assert_eq!(invalid.field, usage.field());
                assert!(invalid.what.contains(usage.value()), "{}", invalid.what);
                for bit in consistent {
                    assert!(invalid.what.contains(bit.label()), "{}", invalid.what);
                }
            }
            assert!(both(usage, &[bit, DigitalSignature]).parse(None, &OneCa).is_ok());
            assert!(ca(both(usage, &[bit, KeyCertSign])).parse(None, &OneCa).is_ok(), "a CA signs what it likes");
        }
    }
}

#[test]
fn tells_every_inconsistent_usage() {
    let answers = ConstraintsAnswers {
        eku_enabled: true,
        eku: vec![Usage::CodeSigning, Usage::ServerAuth, Usage::ClientAuth],
        ..key_usage(&[KeyEncipherment])
    };
    let mistakes = answers.parse(None, &OneCa).unwrap_err();
    let fields: Vec<_> = mistakes.iter().map(|invalid| invalid.field).collect();
    assert_eq!(fields, ["eku_CLIENT_AUTH", "eku_CODE_SIGNING"]);
}

#[test]
fn keeps_what_stands_under_an_extension_that_is_off_out_of_it() {
    let answers = ConstraintsAnswers {
        bc_ca: true,
        bc_path_length: "-1".into(),
        bc_critical: true,
        aki_issuer: "nonsense".into(),
        aki_cert_issuer: true,
        eku: vec![Usage::AnyExtendedKeyUsage],
        eku_critical: true,
        ku: vec![EncipherOnly, KeyCertSign],
        ..off()
    };
    assert_eq!(answers.parse(None, &OneCa).unwrap(), Extensions::default());
    let usage_alone =
        ConstraintsAnswers { eku_enabled: true, eku: vec![Usage::CodeSigning], ku: vec![CrlSign], ..off() };
    assert!(usage_alone.parse(None, &OneCa).is_ok());
}

#[test]
fn reads_basic_constraints() {
    for (ca, text, path_length) in
        [(false, "", None), (true, "", None), (true, "0", Some(0)), (true, " 255 ", Some(255)), (true, "007", Some(7))]
    {
        let expected = BasicConstraints { ca, path_length, critical: false };
        assert_eq!(basic(ca, text).parse(None, &OneCa).unwrap().basic_constraints, Some(expected));
    }
}

#[test]
fn reads_an_authority_in_hex_or_from_its_certificate() {
    let longest = "0f".repeat(64);
    for (issuer, cert_issuer, expected) in [
        ("AB:cd:01", false, (vec![0xab, 0xcd, 1], None)),
        ("ab cd\n01", false, (vec![0xab, 0xcd, 1], None)),
        ("abcd01", false, (vec![0xab, 0xcd, 1], None)),
        (&longest, false, (vec![15; 64], None)),
        (PEM, false, (vec![1, 2], None)),
        (PEM, true, (vec![1, 2], Some(issued()))),
        (&format!("Subject: CN=x\n{PEM}\n"), true, (vec![1, 2], Some(issued()))),
    ] {
        let read = authority(issuer, cert_issuer).parse(None, &OneCa).unwrap().authority_key_identifier.unwrap();
        assert_eq!((read.key_id, read.cert_issuer), expected);
    }
}

#[test]
fn puts_usages_and_bits_in_their_order_each_once() {
    let answers = ConstraintsAnswers {
        eku_enabled: true,
        eku: vec![Usage::ServerAuth, Usage::ClientAuth, Usage::ServerAuth],
        eku_critical: true,
        ku_critical: true,
        ..key_usage(&[KeyAgreement, DigitalSignature, KeyAgreement, EncipherOnly])
    };
    let read = answers.parse(None, &OneCa).unwrap();
    let usages = vec![Usage::ClientAuth, Usage::ServerAuth];
    assert_eq!(read.extended_key_usage, Some(ExtendedKeyUsage { usages, critical: true }));
    let bits = vec![DigitalSignature, KeyAgreement, EncipherOnly];
    assert_eq!(read.key_usage, Some(KeyUsage { bits, critical: true }));
    assert!(Usage::ALL.is_sorted() && KeyUsageBit::ALL.is_sorted());
}

#[test]
fn an_ml_dsa_key_has_the_bits_of_signatures_alone() {
    let ml_dsa = Some(KeyType::MlDsa);
    for bit in KeyUsageBit::ALL {
        let signs = [DigitalSignature, ContentCommitment, KeyCertSign, CrlSign].contains(&bit);
        let mut answers = key_usage(&[DigitalSignature, bit]);
        if bit == KeyCertSign {
            answers = ca(answers);
        }
        let refused = answers.parse(ml_dsa, &OneCa).err();
        let fields: Vec<_> = refused.iter().flat_map(Mistakes::iter).map(|invalid| invalid.field).collect();
        assert_eq!(fields, if signs { vec![] } else { vec![bit.field()] }, "{bit:?}");
    }
    // A usage is told of the bits that such a key may have.
    let mistakes = both(Usage::ServerAuth, &[CrlSign]).parse(ml_dsa, &OneCa).unwrap_err();
    let what = &mistakes.iter().next().unwrap().what;
    assert!(what.contains("needs Digital Signature in Key Usage"), "{what}");
    assert!(both(Usage::ServerAuth, &[KeyEncipherment]).parse(Some(KeyType::Rsa), &OneCa).is_ok());
    assert!(key_usage(&[KeyEncipherment]).parse(Some(KeyType::Ec), &OneCa).is_ok(), "advice, not a rule");
}

#[test]
fn presets_a_web_servers_extensions_for_the_key_type() {
    for (profile, key_type, bits) in [
        (Profile::HttpsRsa, None, &[DigitalSignature, KeyEncipherment][..]),
        (Profile::HttpsRsa, Some(KeyType::Ec), &[DigitalSignature]),
        (Profile::HttpsEcc, None, &[DigitalSignature]),
        (Profile::HttpsEcc, Some(KeyType::Rsa), &[DigitalSignature, KeyEncipherment]),
        (Profile::HttpsRsa, Some(KeyType::MlDsa), &[DigitalSignature]),
    ] {
        let read = ConstraintsAnswers::preset(Some(profile), key_type).parse(key_type, &OneCa).unwrap();
        assert_eq!(read.basic_constraints, Some(BasicConstraints { ca: false, path_length: None, critical: true }));
        assert_eq!(read.authority_key_identifier, None);
        let server = ExtendedKeyUsage { usages: vec![Usage::ServerAuth], critical: false };
        assert_eq!(read.extended_key_usage, Some(server));
        assert_eq!(read.key_usage, Some(KeyUsage { bits: bits.to_vec(), critical: true }));
    }
    assert_eq!(ConstraintsAnswers::preset(None, Some(KeyType::Rsa)), off());
}

proptest! {
    #[test]
    fn survives_any_text(path_length in any::<String>(), issuer in any::<String>(), hex in "[0-9a-fA-F: ]{0,200}") {
        for issuer in [issuer, hex] {
            let mut answers = authority(&issuer, true);
            answers.bc_enabled = true;
            answers.bc_path_length.clone_from(&path_length);
            let _ = answers.parse(None, &OneCa);
        }
    }
}
