//! A public key as values, so that two encodings of one key are equal.
//!
//! Reads a `SubjectPublicKeyInfo` (RFC 5280 4.1.2.7) and writes it the one way that we write it.

use super::curve;
use super::key_kind::{EC_PUBLIC_KEY, ED25519, KeyKind, RSA_ENCRYPTION, RSASSA_PSS, curve_of, identifier};
use super::ml_dsa;
use super::rsa_numbers::bits;
use der::asn1::{BitString, ObjectIdentifier};
use der::{Decode, Encode};
use pkcs1::{RsaPublicKeyRef, UintRef};
use signet_domain::key_spec::Curve;
use signet_domain::ml_dsa::MlDsa;
use spki::{SubjectPublicKeyInfo, SubjectPublicKeyInfoRef};

/// A public key of a kind that we know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublicKey {
    /// RSA: big-endian, without leading zeros.
    Rsa {
        /// The modulus.
        modulus: Vec<u8>,
        /// The public exponent.
        exponent: Vec<u8>,
    },
    /// A point on a named curve.
    Ec {
        /// The curve.
        curve: Curve,
        /// The point, uncompressed.
        point: Vec<u8>,
    },
    /// Ed25519.
    Ed25519([u8; 32]),
    /// ML-DSA.
    MlDsa {
        /// The parameter set.
        set: MlDsa,
        /// As FIPS 204 encodes it (algorithm 22), in the length of its set.
        key: Vec<u8>,
    },
}

/// Why a public key is not one of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PublicKeyError {
    /// Not DER, or not what its algorithm says.
    #[error("the public key is damaged")]
    Malformed,
    /// A kind of key that we do not know.
    #[error("the key's algorithm {0} is not supported")]
    UnknownAlgorithm(ObjectIdentifier),
    /// A curve that we do not know.
    #[error("the key's curve {0} is not supported")]
    UnknownCurve(ObjectIdentifier),
    /// A curve written out as numbers (RFC 5480 2.1.1 wants it named).
    #[error("the key's curve is given by numbers instead of its name")]
    UnnamedCurve,
}

impl PublicKey {
    /// Reads a `SubjectPublicKeyInfo`.
    pub fn from_spki(der: &[u8]) -> Result<Self, PublicKeyError> {
        let spki = SubjectPublicKeyInfoRef::from_der(der).map_err(|_| PublicKeyError::Malformed)?;
        let key = spki.subject_public_key.as_bytes().ok_or(PublicKeyError::Malformed)?;
        match spki.algorithm.oid {
            RSA_ENCRYPTION | RSASSA_PSS => Self::rsa(key),
            EC_PUBLIC_KEY => {
                let parameters = spki.algorithm.parameters.ok_or(PublicKeyError::Malformed)?;
                let curve = named_curve(parameters)?;
                let point = curve::point(curve, key).ok_or(PublicKeyError::Malformed)?;
                Ok(Self::Ec { curve, point })
            }
            ED25519 => Ok(Self::Ed25519(key.try_into().map_err(|_| PublicKeyError::Malformed)?)),
            oid => Self::ml_dsa(ml_dsa::of_oid(oid).ok_or(PublicKeyError::UnknownAlgorithm(oid))?, key),
        }
    }

    /// Each string of that length is a key (FIPS 204 algorithm 23).
    fn ml_dsa(set: MlDsa, key: &[u8]) -> Result<Self, PublicKeyError> {
        if key.len() != set.public_key_length() {
            return Err(PublicKeyError::Malformed);
        }
        Ok(Self::MlDsa { set, key: key.to_vec() })
    }

    fn rsa(der: &[u8]) -> Result<Self, PublicKeyError> {
        let key = RsaPublicKeyRef::try_from(der).map_err(|_| PublicKeyError::Malformed)?;
        Ok(Self::Rsa { modulus: key.modulus.as_bytes().to_vec(), exponent: key.public_exponent.as_bytes().to_vec() })
    }

    /// SHA-256 of the one way that we write it: the same for every encoding of a key.
    pub fn sha256(&self) -> Option<[u8; 32]> {
        self.to_spki().ok().map(|spki| super::digest::sha256(&spki))
    }

    /// What kind of key.
    pub fn kind(&self) -> KeyKind {
        match self {
            Self::Rsa { modulus, .. } => KeyKind::Rsa { bits: bits(modulus) },
            Self::Ec { curve, .. } => KeyKind::Ec(*curve),
            Self::Ed25519(_) => KeyKind::Ed25519,
            Self::MlDsa { set, .. } => KeyKind::MlDsa(*set),
        }
    }

    /// DER of the `SubjectPublicKeyInfo`: a named curve, an uncompressed point, NULL parameters for RSA alone.
    pub fn to_spki(&self) -> der::Result<Vec<u8>> {
        let key = match self {
            Self::Rsa { modulus, exponent } => {
                RsaPublicKeyRef { modulus: UintRef::new(modulus)?, public_exponent: UintRef::new(exponent)? }
                    .to_der()?
            }
            Self::Ec { point, .. } => point.clone(),
            Self::Ed25519(key) => key.to_vec(),
            Self::MlDsa { key, .. } => key.clone(),
        };
        SubjectPublicKeyInfo { algorithm: identifier(self.kind()), subject_public_key: BitString::from_bytes(&key)? }
            .to_der()
    }
}

/// The curve that EC parameters name.
pub(super) fn named_curve(parameters: der::asn1::AnyRef<'_>) -> Result<Curve, PublicKeyError> {
    if parameters.header().tag() == der::Tag::Sequence {
        return Err(PublicKeyError::UnnamedCurve);
    }
    let oid: ObjectIdentifier = parameters.decode_as().map_err(|_| PublicKeyError::Malformed)?;
    curve_of(oid).ok_or(PublicKeyError::UnknownCurve(oid))
}
