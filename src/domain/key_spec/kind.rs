//! What a key is, made here or not: between what is asked for ([`KeySpec`]) and the bytes of a key.

use super::{Curve, Digest, ED25519, KeySpec, KeyType, RsaBits};
use crate::ml_dsa::MlDsa;
use serde::Serialize;

/// What a key is, without its digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyKind {
    /// RSA.
    Rsa {
        /// Length of the modulus.
        bits: u32,
    },
    /// A named curve.
    Ec(Curve),
    /// Ed25519.
    Ed25519,
    /// ML-DSA with a parameter set.
    MlDsa(MlDsa),
}

impl KeyKind {
    /// Whether a digest is chosen for its signatures; the other keys have their own.
    pub fn has_digest(self) -> bool {
        matches!(self, Self::Rsa { .. } | Self::Ec(_))
    }

    /// Such as `RSA 2048`, `EC SECP384R1`, `Ed25519` or `ML-DSA-65`.
    pub fn label(self) -> String {
        match self {
            Self::Rsa { bits } => format!("RSA {bits}"),
            Self::Ec(curve) => format!("EC {}", curve.value()),
            Self::Ed25519 => "Ed25519".into(),
            Self::MlDsa(set) => set.label().into(),
        }
    }

    /// What asks for such a key, and for a signature with the digest where one applies; none for a length that is not made here.
    pub fn spec(self, digest: Digest) -> Option<KeySpec> {
        Some(match self {
            Self::Rsa { bits } => KeySpec::Rsa(RsaBits::ALL.into_iter().find(|known| known.bits() == bits)?, digest),
            Self::Ec(curve) => KeySpec::Ec(curve, digest),
            Self::Ed25519 => KeySpec::Ed25519,
            Self::MlDsa(set) => KeySpec::MlDsa(set),
        })
    }
}

/// A key and its digest by the form's fields, as JSON has them (docs/reference.md): null for what does not apply or is not known.
#[derive(Debug, Default, Serialize)]
#[expect(missing_docs, reason = "the fields are docs/reference.md's, by name")]
pub struct KeyValues {
    pub key_type: Option<&'static str>,
    pub key_length: Option<u32>,
    pub ec_curve: Option<&'static str>,
    pub ml_dsa: Option<u32>,
    pub digest_algorithm: Option<&'static str>,
}

impl KeyValues {
    /// Those of a key; of one that is not known the digest alone. Ed25519 counts among the curves, as in the form.
    pub fn of(kind: Option<KeyKind>, digest: Option<Digest>) -> Self {
        let values = Self { digest_algorithm: digest.map(Digest::value), ..Self::default() };
        let of_type = |key_type: KeyType| Self { key_type: Some(key_type.value()), ..values };
        match kind {
            None => values,
            Some(KeyKind::Rsa { bits }) => Self { key_length: Some(bits), ..of_type(KeyType::Rsa) },
            Some(KeyKind::Ec(curve)) => Self { ec_curve: Some(curve.value()), ..of_type(KeyType::Ec) },
            Some(KeyKind::Ed25519) => Self { ec_curve: Some(ED25519), ..of_type(KeyType::Ec) },
            Some(KeyKind::MlDsa(set)) => Self { ml_dsa: Some(set.number()), ..of_type(KeyType::MlDsa) },
        }
    }
}
