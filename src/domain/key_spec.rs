//! Which key is to be made and which digest signs.

mod kind;

pub use kind::{KeyKind, KeyValues};

use super::invalid::Invalid;
use super::messages::key as messages;
use super::ml_dsa::MlDsa;

/// A key and the signature that it makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeySpec {
    /// RSA, PKCS#1 v1.5 signature.
    Rsa(RsaBits, Digest),
    /// ECDSA over a named curve.
    Ec(Curve, Digest),
    /// Ed25519, which has its own digest.
    Ed25519,
    /// ML-DSA, which has its own digest.
    MlDsa(MlDsa),
}

impl KeySpec {
    /// The key without its digest.
    pub fn kind(self) -> KeyKind {
        match self {
            Self::Rsa(bits, _) => KeyKind::Rsa { bits: bits.bits() },
            Self::Ec(curve, _) => KeyKind::Ec(curve),
            Self::Ed25519 => KeyKind::Ed25519,
            Self::MlDsa(set) => KeyKind::MlDsa(set),
        }
    }

    /// The digest that signs; none for Ed25519 and ML-DSA, which have their own.
    pub fn digest(self) -> Option<Digest> {
        match self {
            Self::Rsa(_, digest) | Self::Ec(_, digest) => Some(digest),
            Self::Ed25519 | Self::MlDsa(_) => None,
        }
    }
}

/// The families of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyType {
    /// RSA.
    Rsa,
    /// Elliptic curves, Ed25519 included.
    Ec,
    /// ML-DSA.
    MlDsa,
}

/// Lengths of RSA keys that are made here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RsaBits {
    /// 1024 bits: not recommended.
    B1024,
    /// 2048 bits.
    B2048,
    /// 3072 bits.
    B3072,
    /// 4096 bits.
    B4096,
}

/// Curves for ECDSA.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Curve {
    /// NIST P-256.
    Secp256r1,
    /// NIST P-384.
    Secp384r1,
    /// NIST P-521.
    Secp521r1,
    /// The Koblitz curve of SEC 2.
    Secp256k1,
    /// RFC 5639, 256 bits.
    BrainpoolP256r1,
    /// RFC 5639, 384 bits.
    BrainpoolP384r1,
    /// RFC 5639, 512 bits.
    BrainpoolP512r1,
}

/// Digests that sign a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Digest {
    /// SHA-1: not recommended.
    Sha1,
    /// SHA-224.
    Sha224,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl KeyType {
    /// All, in the order of the form.
    pub const ALL: [Self; 3] = [Self::Rsa, Self::Ec, Self::MlDsa];

    /// The type of a form's value. Refused at `key_type`.
    pub fn parse(value: &str) -> Result<Self, Invalid> {
        one_of(Self::ALL, Self::value, value)
            .ok_or_else(|| messages::unknown("key_type", "key type", value, &Self::ALL.map(Self::value)))
    }

    /// The form's value.
    pub fn value(self) -> &'static str {
        match self {
            Self::Rsa => "RSA",
            Self::Ec => "EC",
            Self::MlDsa => "ML-DSA",
        }
    }
}

impl RsaBits {
    /// All, in the order of the form.
    pub const ALL: [Self; 4] = [Self::B1024, Self::B2048, Self::B3072, Self::B4096];

    /// The length of a form's value. Refused at `key_length`.
    pub fn parse(value: &str) -> Result<Self, Invalid> {
        one_of(Self::ALL, Self::value, value)
            .ok_or_else(|| messages::unknown("key_length", "RSA key length", value, &Self::ALL.map(Self::value)))
    }

    /// The number of bits.
    pub fn bits(self) -> u32 {
        match self {
            Self::B1024 => 1024,
            Self::B2048 => 2048,
            Self::B3072 => 3072,
            Self::B4096 => 4096,
        }
    }

    /// The form's value.
    pub fn value(self) -> &'static str {
        match self {
            Self::B1024 => "1024",
            Self::B2048 => "2048",
            Self::B3072 => "3072",
            Self::B4096 => "4096",
        }
    }
}

impl Curve {
    /// All, in the order of the form.
    pub const ALL: [Self; 7] = [
        Self::Secp256r1,
        Self::Secp384r1,
        Self::Secp521r1,
        Self::Secp256k1,
        Self::BrainpoolP256r1,
        Self::BrainpoolP384r1,
        Self::BrainpoolP512r1,
    ];

    /// The curve of a form's value; [`ED25519`] is not one of them. Refused at `ec_curve`.
    pub fn parse(value: &str) -> Result<Self, Invalid> {
        one_of(Self::ALL, Self::value, value).ok_or_else(|| {
            let curves: Vec<_> = Self::ALL.into_iter().map(Self::value).chain([ED25519]).collect();
            messages::unknown("ec_curve", "curve", value, &curves)
        })
    }

    /// The form's value.
    pub fn value(self) -> &'static str {
        match self {
            Self::Secp256r1 => "SECP256R1",
            Self::Secp384r1 => "SECP384R1",
            Self::Secp521r1 => "SECP521R1",
            Self::Secp256k1 => "SECP256K1",
            Self::BrainpoolP256r1 => "BrainpoolP256R1",
            Self::BrainpoolP384r1 => "BrainpoolP384R1",
            Self::BrainpoolP512r1 => "BrainpoolP512R1",
        }
    }
}

/// The form's value for Ed25519, which it lists among the curves.
pub const ED25519: &str = "ed25519";

impl Digest {
    /// All, in the order of the form.
    pub const ALL: [Self; 5] = [Self::Sha1, Self::Sha224, Self::Sha256, Self::Sha384, Self::Sha512];

    /// The digest of a form's value. Refused at `digest_algorithm`.
    pub fn parse(value: &str) -> Result<Self, Invalid> {
        one_of(Self::ALL, Self::value, value)
            .ok_or_else(|| messages::unknown("digest_algorithm", "digest", value, &Self::ALL.map(Self::value)))
    }

    /// The form's value.
    pub fn value(self) -> &'static str {
        match self {
            Self::Sha1 => "SHA1",
            Self::Sha224 => "SHA224",
            Self::Sha256 => "SHA256",
            Self::Sha384 => "SHA384",
            Self::Sha512 => "SHA512",
        }
    }
}

/// The member whose value the text is, letter by letter: values are stable and people script against them.
fn one_of<T: Copy, const N: usize>(all: [T; N], value: fn(T) -> &'static str, text: &str) -> Option<T> {
    all.into_iter().find(|&member| value(member) == text)
}
