//! What a CA wants to find in a request, as EST servers say it (CsrAttrs: RFC 7030, section 4.5.2; RFC 9908).
//!
//! Attributes, extensions, kinds of keys and digests all are object identifiers there; whatever else is in it are values for
//! them. A request that lacks an identifier lacks what it stands for.

use crate::asn1;
use der::asn1::{AnyRef, ObjectIdentifier};
use der::{Decode, Encode, Tag, Tagged};

/// Identifiers that are looked at.
const MOST: usize = 64;
/// How deep values lie in each other.
const DEEPEST: usize = 8;
/// A request for extensions is how they are wanted, and nothing that is wanted itself.
const EXTENSION_REQUEST: &str = "1.2.840.113549.1.9.14";
/// As RFC 9908 has it, for parts of the subject.
const TEMPLATE: &str = "1.2.840.113549.1.9.16.2.61";

/// Names that people know; the others are shown dotted.
const NAMES: [(&str, &str); 29] = [
    ("1.2.840.10045.2.1", "an EC key"),
    ("1.2.840.10045.3.1.7", "the curve P-256"),
    ("1.3.132.0.34", "the curve P-384"),
    ("1.3.132.0.35", "the curve P-521"),
    ("1.2.840.113549.1.1.1", "an RSA key"),
    ("1.3.101.112", "an Ed25519 key"),
    ("1.2.840.10045.4.3.2", "ECDSA with SHA-256"),
    ("1.2.840.10045.4.3.3", "ECDSA with SHA-384"),
    ("1.2.840.10045.4.3.4", "ECDSA with SHA-512"),
    ("1.2.840.113549.1.1.11", "RSA with SHA-256"),
    ("1.2.840.113549.1.1.12", "RSA with SHA-384"),
    ("1.2.840.113549.1.1.13", "RSA with SHA-512"),
    ("2.16.840.1.101.3.4.2.1", "SHA-256"),
    ("2.16.840.1.101.3.4.2.2", "SHA-384"),
    ("2.16.840.1.101.3.4.2.3", "SHA-512"),
    ("1.2.840.113549.1.9.7", "a challenge password"),
    ("1.2.840.113549.1.9.1", "an email address"),
    ("1.3.6.1.1.1.1.22", "a MAC address"),
    ("2.5.4.3", "a common name"),
    ("2.5.4.5", "a serial number in the subject"),
    ("2.5.4.6", "a country"),
    ("2.5.4.7", "a city"),
    ("2.5.4.8", "a state"),
    ("2.5.4.10", "an organization"),
    ("2.5.4.11", "an OU in the subject"),
    ("2.5.29.15", "key usages"),
    ("2.5.29.17", "alternative names"),
    ("2.5.29.37", "extended key usages"),
    ("1.3.6.1.5.5.7.3.2", "the usage CLIENT_AUTH"),
];

/// What is wanted and not in the request (DER), for a sentence; with an empty request, all that is wanted. What cannot be read
/// wants nothing.
pub fn lacking(wanted: &[u8], request: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    if let Ok(all) = AnyRef::from_der(asn1::without_padding(wanted)) {
        collect(all, DEEPEST, &mut found);
    }
    let is_there = |oid: &ObjectIdentifier| {
        oid.to_der().is_ok_and(|der| request.windows(der.len()).any(|bytes| bytes == der.as_slice()))
    };
    let lacking = found.iter().filter(|oid| !is_there(oid)).map(ToString::to_string);
    let lacking = lacking.filter(|oid| oid != EXTENSION_REQUEST && oid != TEMPLATE);
    lacking.map(|oid| NAMES.iter().find(|row| row.0 == oid).map_or(oid, |row| row.1.to_owned())).collect()
}

fn collect(element: AnyRef<'_>, deep: usize, found: &mut Vec<ObjectIdentifier>) {
    if element.tag() == Tag::ObjectIdentifier {
        if let Ok(oid) = ObjectIdentifier::from_bytes(element.value())
            && found.len() < MOST
            && !found.contains(&oid)
        {
            found.push(oid);
        }
    } else if element.tag().is_constructed() && deep > 0 {
        for inner in asn1::elements(element.value()).unwrap_or_default() {
            collect(inner, deep - 1, found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::lacking;

    /// RFC 7030, section 4.5.2's example: a challenge password, a P-384 key, a MAC address, and ECDSA with SHA-384.
    const EXAMPLE: &[u8] = &[
        0x30, 0x41, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x07, 0x30, 0x12, 0x06, 0x07, 0x2a,
        0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x31, 0x07, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22, 0x30, 0x16, 0x06,
        0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x0e, 0x31, 0x09, 0x06, 0x07, 0x2b, 0x06, 0x01, 0x01,
        0x01, 0x01, 0x16, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03,
    ];

    #[test]
    fn what_a_ca_wants_is_named_where_the_request_lacks_it() {
        assert_eq!(
            lacking(EXAMPLE, b""),
            ["a challenge password", "an EC key", "the curve P-384", "a MAC address", "ECDSA with SHA-384"]
        );
        // A request with a P-384 key.
        let request = [
            &[0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01][..],
            &[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22],
            &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03],
        ];
        assert_eq!(lacking(EXAMPLE, &request.concat()), ["a challenge password", "a MAC address"]);
    }

    #[test]
    fn what_is_no_der_wants_nothing() {
        for bytes in [&b""[..], b"<html>", &EXAMPLE[..20], &[0x30, 0x80]] {
            assert!(lacking(bytes, b"").is_empty());
        }
    }
}
