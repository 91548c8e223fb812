//! Which key is to be made and which digest signs: step 2 of the wizard.

use super::lifetime::Lifetime;
use serde::{Deserialize, Serialize};

/// What step 2 asks, as typed. Field names and values are SPEC 3's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OptionsAnswers {
    /// `RSA` or `EC`.
    pub key_type: String,
    /// Bits of an RSA key.
    pub key_length: String,
    /// A name of [`Curve`], or `ed25519`.
    pub ec_curve: String,
    /// A name of [`Digest`].
    pub digest_algorithm: String,
    /// Days, 1 to 36500.
    pub lifetime: String,
}

/// Step 2, valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// The key to be made and the digest it signs with.
    pub key: KeySpec,
    /// The lifetime that is wished for.
    pub lifetime: Lifetime,
}

/// A key and the signature that it makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeySpec {
    /// RSA, PKCS#1 v1.5 signature.
    Rsa(RsaBits, Digest),
    /// ECDSA over a named curve.
    Ec(Curve, Digest),
    /// Ed25519, which has its own digest.
    Ed25519,
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

impl RsaBits {
    /// All, in the order of the form.
    pub const ALL: [Self; 4] = [Self::B1024, Self::B2048, Self::B3072, Self::B4096];

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
