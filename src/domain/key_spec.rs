//! Which key is to be made and which digest signs: step 2 of the wizard.

use super::invalid::{Invalid, Mistakes, quoted};
use super::lifetime::Lifetime;
use super::policy::Policy;
use super::profile::Profile;
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

impl OptionsAnswers {
    /// What step 2 shows before anything was chosen: the profile's key, or the defaults.
    pub fn preset(profile: Option<Profile>, lifetime: Lifetime) -> Self {
        Self {
            key_type: profile.map_or(KeyType::Rsa, Profile::key_type).value().into(),
            key_length: RsaBits::B2048.value().into(),
            ec_curve: Curve::Secp384r1.value().into(),
            digest_algorithm: Digest::Sha256.value().into(),
            lifetime: lifetime.days().to_string(),
        }
    }

    /// Step 2 as a value. Fields that the key type does not use are not looked at.
    pub fn parse(&self, policy: &Policy) -> Result<Options, Mistakes> {
        let mut mistakes = Mistakes::none();
        let key = self.key(policy, &mut mistakes);
        let lifetime = mistakes.keep(Lifetime::parse(&self.lifetime));
        match (key, lifetime) {
            (Some(key), Some(lifetime)) => Ok(Options { key, lifetime }),
            _ => Err(mistakes),
        }
    }

    fn key(&self, policy: &Policy, mistakes: &mut Mistakes) -> Option<KeySpec> {
        match mistakes.keep(KeyType::parse(&self.key_type))? {
            KeyType::Rsa => {
                let bits = mistakes.keep(RsaBits::parse(&self.key_length).and_then(|bits| bits.allowed(policy)));
                let digest = mistakes.keep(self.digest(policy));
                Some(KeySpec::Rsa(bits?, digest?))
            }
            KeyType::Ec if self.ec_curve == ED25519 => Some(KeySpec::Ed25519),
            KeyType::Ec => {
                let curve = mistakes.keep(Curve::parse(&self.ec_curve));
                let digest = mistakes.keep(self.digest(policy));
                Some(KeySpec::Ec(curve?, digest?))
            }
        }
    }

    fn digest(&self, policy: &Policy) -> Result<Digest, Invalid> {
        Digest::parse(&self.digest_algorithm).and_then(|digest| digest.allowed(policy))
    }
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

impl KeySpec {
    /// RSA or EC; Ed25519 counts among the curves, as in the form.
    pub fn key_type(self) -> KeyType {
        match self {
            Self::Rsa(..) => KeyType::Rsa,
            Self::Ec(..) | Self::Ed25519 => KeyType::Ec,
        }
    }

    /// The length of an RSA key.
    pub fn rsa_bits(self) -> Option<RsaBits> {
        match self {
            Self::Rsa(bits, _) => Some(bits),
            Self::Ec(..) | Self::Ed25519 => None,
        }
    }

    /// The form's `ec_curve`, which lists Ed25519 too.
    pub fn curve(self) -> Option<&'static str> {
        match self {
            Self::Rsa(..) => None,
            Self::Ec(curve, _) => Some(curve.value()),
            Self::Ed25519 => Some(ED25519),
        }
    }

    /// The digest that signs; Ed25519 has its own and takes none.
    pub fn digest(self) -> Option<Digest> {
        match self {
            Self::Rsa(_, digest) | Self::Ec(_, digest) => Some(digest),
            Self::Ed25519 => None,
        }
    }

    /// The key without its digest: `RSA 2048`, `EC SECP384R1`, `Ed25519`.
    pub fn label(self) -> String {
        match self {
            Self::Rsa(bits, _) => format!("RSA {}", bits.value()),
            Self::Ec(curve, _) => format!("EC {}", curve.value()),
            Self::Ed25519 => "Ed25519".into(),
        }
    }
}

/// The two families of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyType {
    /// RSA.
    Rsa,
    /// Elliptic curves, Ed25519 included.
    Ec,
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
    pub const ALL: [Self; 2] = [Self::Rsa, Self::Ec];

    /// The type of a form's value. Refused at `key_type`.
    pub fn parse(value: &str) -> Result<Self, Invalid> {
        one_of(Self::ALL, Self::value, value).ok_or_else(|| unknown("key_type", "key type", value, "RSA or EC"))
    }

    /// The form's value.
    pub fn value(self) -> &'static str {
        match self {
            Self::Rsa => "RSA",
            Self::Ec => "EC",
        }
    }
}

impl RsaBits {
    /// All, in the order of the form.
    pub const ALL: [Self; 4] = [Self::B1024, Self::B2048, Self::B3072, Self::B4096];

    /// The length of a form's value. Refused at `key_length`.
    pub fn parse(value: &str) -> Result<Self, Invalid> {
        one_of(Self::ALL, Self::value, value)
            .ok_or_else(|| unknown("key_length", "RSA key length", value, "1024, 2048, 3072 or 4096"))
    }

    fn allowed(self, policy: &Policy) -> Result<Self, Invalid> {
        if self == Self::B1024 && !policy.allow_weak {
            return Err(Invalid::new(
                "key_length",
                "RSA keys of 1024 bits are too weak, and this device does not make them.",
                "Choose 2048 or more.",
            ));
        }
        Ok(self)
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

    /// The curve of a form's value; [`ED25519`] is none of them. Refused at `ec_curve`.
    pub fn parse(value: &str) -> Result<Self, Invalid> {
        one_of(Self::ALL, Self::value, value).ok_or_else(|| {
            let curves = Self::ALL.map(Self::value).join(", ");
            unknown("ec_curve", "curve", value, &format!("{curves} or {ED25519}"))
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
            .ok_or_else(|| unknown("digest_algorithm", "digest", value, "SHA1, SHA224, SHA256, SHA384 or SHA512"))
    }

    fn allowed(self, policy: &Policy) -> Result<Self, Invalid> {
        if self == Self::Sha1 && !policy.allow_weak {
            return Err(Invalid::new(
                "digest_algorithm",
                "SHA1 is broken, and this device does not sign with it.",
                "Choose SHA256.",
            ));
        }
        Ok(self)
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

fn unknown(field: &'static str, noun: &str, text: &str, choices: &str) -> Invalid {
    Invalid::new(field, format!("There is no {noun} {}.", quoted(text)), format!("Choose {choices}."))
}

#[cfg(test)]
mod tests;
