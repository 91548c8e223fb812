//! What a request contains, byte by byte and by OpenSSL's reading.

use super::openssl::{file, openssl_ok};
use crate::generate::generate;
use crate::private_key::PrivateKey;
use crate::request::encode;
use signet_domain::extensions::{
    AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, Extensions, IssuerSerial, KeyUsage, KeyUsageBit, Usage,
};
use signet_domain::hex;
use signet_domain::key_spec::{Curve, Digest, KeySpec};
use signet_domain::policy::Policy;
use signet_domain::san::SanList;
use signet_domain::subject::{Named, Subject, SubjectAnswers};

/// A subject with every part, and a name of every kind.
pub(crate) fn named() -> Named {
    let answers = SubjectAnswers {
        country: "NL".to_owned(),
        state: "Noord-Holland".to_owned(),
        city: "Köln".to_owned(),
        organization: "Example, Inc. + Co".to_owned(),
        organizational_unit: "Storage \"A\"".to_owned(),
        email: "root@nas.local".to_owned(),
        common: "nas.example.com".to_owned(),
        san: "DNS:*.example.com\n192.0.2.1\n2001:db8::1\nadmin@example.com\nURI:https://example.com/a?b=c".to_owned(),
    };
    answers.parse(&Policy::default()).expect("valid")
}

/// Every extension with everything in it that may stand together.
pub(crate) fn everything() -> Extensions {
    Extensions {
        basic_constraints: Some(BasicConstraints { ca: true, path_length: Some(3), critical: true }),
        authority_key_identifier: Some(AuthorityKeyIdentifier {
            key_id: vec![0xab; 20],
            cert_issuer: Some(IssuerSerial {
                // SEQUENCE { SET { SEQUENCE { commonName, UTF8String "CA" } } }
                issuer: vec![0x30, 0x0d, 0x31, 0x0b, 0x30, 0x09, 6, 3, 0x55, 4, 3, 0x0c, 2, b'C', b'A'],
                serial: vec![0x00, 0xff, 0x01],
            }),
        }),
        extended_key_usage: Some(ExtendedKeyUsage { usages: Usage::ALL.to_vec(), critical: false }),
        key_usage: Some(KeyUsage { bits: KeyUsageBit::ALL.to_vec(), critical: true }),
    }
}

pub(crate) fn p256() -> PrivateKey {
    generate(KeySpec::Ec(Curve::Secp256r1, Digest::Sha256)).expect("a key")
}

pub(crate) fn request(subject: &Subject, names: &SanList, extensions: &Extensions) -> Vec<u8> {
    encode(subject, names, extensions, &p256(), Some(Digest::Sha256)).expect("encodes")
}

#[test]
fn openssl_reads_everything_back() {
    let named = named();
    let der = request(&named.subject, &named.names, &everything());
    let arguments =
        ["req", "-inform", "DER", "-verify", "-noout", "-text", "-nameopt", "RFC2253,utf8,-esc_msb,-dn_rev"];
    let text = String::from_utf8(openssl_ok(&arguments, &der)).expect("text");
    for line in [
        "Version: 1 (0x0)",
        "Subject: CN=nas.example.com,C=NL,ST=Noord-Holland,L=Köln,O=Example\\, Inc. \\+ Co,OU=Storage \\\"A\\\",emailAddress=root@nas.local",
        "DNS:*.example.com, IP Address:192.0.2.1, IP Address:2001:DB8:0:0:0:0:0:1, email:admin@example.com, URI:https://example.com/a?b=c, DNS:nas.example.com",
        "X509v3 Subject Alternative Name: \n",
        "X509v3 Basic Constraints: critical",
        "CA:TRUE, pathlen:3",
        "AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB",
        "DirName:/CN=CA",
        "serial:FF:01",
        "Any Extended Key Usage, CT Precertificate Signer, TLS Web Client Authentication, Code Signing, E-mail Protection, ipsec Internet Key Exchange, Signing KDC Response, OCSP Signing, TLS Web Server Authentication, Microsoft Smartcard Login, Time Stamping",
        "X509v3 Key Usage: critical",
        "Digital Signature, Non Repudiation, Key Encipherment, Data Encipherment, Key Agreement, Certificate Sign, CRL Sign, Encipher Only, Decipher Only",
    ] {
        assert!(text.contains(line), "{line}\nin {text}");
    }
    let places = ["Alternative Name", "Basic Constraints", "Authority Key", "Extended Key Usage:", "v3 Key Usage:"];
    let places: Vec<_> = places.iter().map(|name| text.find(name).expect("there")).collect();
    assert!(places.is_sorted(), "{places:?}");
}

#[test]
fn strings_have_the_types_of_their_parts() {
    let named = named();
    let der = request(&named.subject, &named.names, &Extensions::default());
    let parsed = String::from_utf8_lossy(&openssl_ok(&["asn1parse", "-inform", "DER"], &der)).into_owned();
    for (object, kind) in [
        (":countryName", "PRINTABLESTRING"),
        (":emailAddress", "IA5STRING"),
        (":commonName", "UTF8STRING"),
        (":stateOrProvinceName", "UTF8STRING"),
        (":localityName", "UTF8STRING"),
        (":organizationName", "UTF8STRING"),
        (":organizationalUnitName", "UTF8STRING"),
    ] {
        let mut lines = parsed.lines().skip_while(|line| !line.ends_with(object));
        assert!(lines.nth(1).is_some_and(|line| line.contains(kind)), "{object} {kind} in {parsed}");
    }
    assert_eq!(parsed.matches(": SET ").count(), 7 + 1, "one RDN each, and one attribute: {parsed}");
}

#[test]
fn defaults_are_left_out_and_bit_lists_are_trimmed() {
    let extensions = Extensions {
        basic_constraints: Some(BasicConstraints { ca: false, path_length: None, critical: false }),
        key_usage: Some(KeyUsage { bits: vec![KeyUsageBit::DigitalSignature], critical: false }),
        ..Extensions::default()
    };
    let der = hex::lower(&request(&Subject::default(), &SanList::default(), &extensions));
    // SEQUENCE { OID 2.5.29.19, OCTET STRING { SEQUENCE {} } }
    assert!(der.contains("30090603551d1304023000"), "{der}");
    // SEQUENCE { OID 2.5.29.15, OCTET STRING { BIT STRING, 7 unused, 80 } }
    assert!(der.contains("300b0603551d0f040403020780"), "{der}");

    let two = |bits: &[KeyUsageBit]| {
        let key_usage = Some(KeyUsage { bits: bits.to_vec(), critical: true });
        hex::lower(&request(
            &Subject::default(),
            &SanList::default(),
            &Extensions { key_usage, ..Extensions::default() },
        ))
    };
    assert!(two(&[KeyUsageBit::DigitalSignature, KeyUsageBit::KeyEncipherment]).contains("0101ff0404030205a0"));
    assert!(two(&[KeyUsageBit::KeyAgreement, KeyUsageBit::DecipherOnly]).contains("0101ff04050303070880"));
    assert!(two(&[KeyUsageBit::KeyAgreement, KeyUsageBit::EncipherOnly]).contains("0101ff040403020009"));
}

#[test]
fn attributes_are_there_and_empty_when_nothing_is_asked() {
    let der = request(&Subject::default(), &SanList::default(), &Extensions::default());
    let parsed = String::from_utf8_lossy(&openssl_ok(&["asn1parse", "-inform", "DER"], &der)).into_owned();
    let attributes = parsed.lines().find(|line| line.contains("cont [ 0 ]")).expect("attributes");
    assert!(attributes.contains("l=   0"), "{parsed}");
    assert!(!parsed.contains("Extension Request"), "{parsed}");
}

#[test]
fn alternative_names_are_critical_where_they_are_the_only_name() {
    let names = SanList::parse("nas.local", "").expect("valid");
    // OID 2.5.29.17, TRUE, OCTET STRING
    let der = hex::lower(&request(&Subject::default(), &names, &Extensions::default()));
    assert!(der.contains("0603551d110101ff04"), "{der}");
    let der = hex::lower(&request(&named().subject, &names, &Extensions::default()));
    assert!(der.contains("0603551d1104"), "{der}");
}

#[test]
fn a_request_and_its_key_go_through_openssl_to_a_certificate() {
    let named = named();
    let key = p256();
    let der = encode(&named.subject, &named.names, &everything(), &key, Some(Digest::Sha384)).expect("encodes");
    let (_guard, path) = file(key.pkcs8().expose_secret());
    let path = path.to_str().expect("a plain path");
    let arguments =
        ["x509", "-req", "-inform", "DER", "-signkey", path, "-keyform", "DER", "-copy_extensions", "copyall"];
    let certificate = openssl_ok(&arguments, &der);
    let text =
        String::from_utf8(openssl_ok(&["x509", "-noout", "-ext", "subjectAltName"], &certificate)).expect("text");
    assert!(text.contains("DNS:nas.example.com"), "{text}");
}
