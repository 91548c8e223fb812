//! The object identifiers of keys and curves.

pub use signet_domain::key_spec::KeyKind;

use super::ml_dsa;
use der::asn1::{Any, ObjectIdentifier};
use signet_domain::key_spec::Curve;
use spki::AlgorithmIdentifierOwned;

/// rsaEncryption, RFC 8017 appendix A.1.
pub const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// id-RSASSA-PSS, RFC 8017 appendix A.2.3.
pub const RSASSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
/// id-ecPublicKey, RFC 5480 2.1.1.
pub const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
/// id-Ed25519, RFC 8410 3: names both the key and the signature.
pub const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

/// The curve's object identifier: RFC 5480 2.1.1.1, SEC 2 A.2, RFC 5639 4.1.
pub fn curve_oid(curve: Curve) -> ObjectIdentifier {
    match curve {
        Curve::Secp256r1 => ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7"),
        Curve::Secp384r1 => ObjectIdentifier::new_unwrap("1.3.132.0.34"),
        Curve::Secp521r1 => ObjectIdentifier::new_unwrap("1.3.132.0.35"),
        Curve::Secp256k1 => ObjectIdentifier::new_unwrap("1.3.132.0.10"),
        Curve::BrainpoolP256r1 => ObjectIdentifier::new_unwrap("1.3.36.3.3.2.8.1.1.7"),
        Curve::BrainpoolP384r1 => ObjectIdentifier::new_unwrap("1.3.36.3.3.2.8.1.1.11"),
        Curve::BrainpoolP512r1 => ObjectIdentifier::new_unwrap("1.3.36.3.3.2.8.1.1.13"),
    }
}

/// The curve of an object identifier, if it is one of ours.
pub fn curve_of(oid: ObjectIdentifier) -> Option<Curve> {
    Curve::ALL.into_iter().find(|curve| curve_oid(*curve) == oid)
}

/// The algorithm identifier of a public key and of a PKCS#8 private key.
pub fn identifier(kind: KeyKind) -> AlgorithmIdentifierOwned {
    let (oid, parameters) = match kind {
        KeyKind::Rsa { .. } => (RSA_ENCRYPTION, Some(Any::null())),
        KeyKind::Ec(curve) => (EC_PUBLIC_KEY, Some(Any::from(curve_oid(curve)))),
        KeyKind::Ed25519 => (ED25519, None),
        KeyKind::MlDsa(set) => (ml_dsa::oid(set), None),
    };
    AlgorithmIdentifierOwned { oid, parameters }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_is_found_by_its_own_identifier() {
        for curve in Curve::ALL {
            assert_eq!(curve_of(curve_oid(curve)), Some(curve));
        }
        assert_eq!(curve_of(ED25519), None);
    }
}
