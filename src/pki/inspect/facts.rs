//! What a key is and how something was signed, by name, known here or not.

use super::super::asn1;
use super::super::key_kind::KeyKind;
use super::super::public_key::{PublicKey, PublicKeyError};
use super::super::scheme::SignatureScheme;
use der::Decode;
use der::asn1::AnyRef;
use signet_domain::key_spec::Digest;
use spki::AlgorithmIdentifierRef;

/// The public key of a request or a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFacts {
    /// None for a key that we do not know; `label` says what it is instead.
    pub kind: Option<KeyKind>,
    /// The algorithm's object identifier.
    pub oid: String,
    /// Such as `RSA 2048`, `EC SECP384R1` or `unknown algorithm 1.3.101.113`.
    pub label: String,
}

/// How a request or a certificate was signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureFacts {
    /// The algorithm's object identifier.
    pub oid: String,
    /// Such as `ECDSA with SHA256` or `unknown algorithm 1.3.101.113`.
    pub label: String,
    /// None for Ed25519, ML-DSA and an algorithm that we do not know.
    pub digest: Option<Digest>,
}

/// What the key of a `SubjectPublicKeyInfo` is.
pub(crate) fn key_facts(spki: &[u8]) -> KeyFacts {
    let algorithm = AnyRef::from_der(spki).and_then(asn1::sequence).ok();
    let algorithm = algorithm.and_then(|spki| asn1::sequence(*spki.first()?).ok()?.first().copied());
    let oid = algorithm.and_then(|oid| asn1::oid(oid).ok()).unwrap_or_default();
    let key = PublicKey::from_spki(spki);
    let label = match &key {
        Ok(key) => key.kind().label(),
        Err(PublicKeyError::UnknownAlgorithm(_)) => unknown(&oid),
        Err(PublicKeyError::UnknownCurve(curve)) => format!("EC, unknown curve {curve}"),
        Err(PublicKeyError::UnnamedCurve) => "EC, a curve without a name".to_owned(),
        Err(PublicKeyError::Malformed) => "damaged key".to_owned(),
    };
    KeyFacts { kind: key.ok().map(|key| key.kind()), oid, label }
}

/// How something was signed.
pub(crate) fn signature_facts(algorithm: &AlgorithmIdentifierRef<'_>) -> SignatureFacts {
    let oid = algorithm.oid.to_string();
    let scheme = SignatureScheme::of_identifier(algorithm);
    SignatureFacts {
        label: scheme.map_or_else(|| unknown(&oid), SignatureScheme::label),
        digest: scheme.and_then(SignatureScheme::digest),
        oid,
    }
}

/// Algorithms that we do not do, by name where people will have heard of it.
fn unknown(oid: &str) -> String {
    let name = match oid {
        "1.2.840.10040.4.1" => "DSA",
        "1.2.840.113549.1.1.10" => "RSASSA-PSS of an unusual kind",
        "1.3.101.110" => "X25519",
        "1.3.101.113" => "Ed448",
        _ => return format!("unknown algorithm {oid}"),
    };
    format!("{name} ({oid})")
}
