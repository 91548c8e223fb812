//! Signature schemes and their object identifiers, and the digests in them.
//!
//! Which library signs by which scheme is in [`super::algorithm`].

use super::key_kind::{ED25519, KeyKind, RSASSA_PSS};
use super::ml_dsa;
use der::asn1::{Any, AnyRef, ObjectIdentifier};
use rsa::Pkcs1v15Sign;
use signet_domain::key_spec::Digest;
use signet_domain::ml_dsa::MlDsa;
use spki::{AlgorithmIdentifierOwned, AlgorithmIdentifierRef};

/// Each digest: itself (RFC 8017 appendix B.1), with RSA PKCS#1 v1.5 (A.2.4), with ECDSA (RFC 5758 3.2, RFC 3279 2.2.3).
const DIGESTS: [(Digest, ObjectIdentifier, ObjectIdentifier, ObjectIdentifier); 5] = [
    (
        Digest::Sha1,
        ObjectIdentifier::new_unwrap("1.3.14.3.2.26"),
        ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.5"),
        ObjectIdentifier::new_unwrap("1.2.840.10045.4.1"),
    ),
    (
        Digest::Sha224,
        ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.4"),
        ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.14"),
        ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.1"),
    ),
    (
        Digest::Sha256,
        ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1"),
        ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11"),
        ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2"),
    ),
    (
        Digest::Sha384,
        ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.2"),
        ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.12"),
        ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3"),
    ),
    (
        Digest::Sha512,
        ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.3"),
        ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.13"),
        ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.4"),
    ),
];

/// How a signature was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureScheme {
    /// RSASSA-PKCS1-v1_5, RFC 8017 8.2.
    RsaPkcs1(Digest),
    /// RSASSA-PSS, RFC 8017 8.1, with MGF1 over the same digest. Read, never made.
    RsaPss {
        /// Of the message and of the mask.
        digest: Digest,
        /// Bytes.
        salt: u8,
    },
    /// ECDSA, FIPS 186-5 6.
    Ecdsa(Digest),
    /// RFC 8032 5.1.
    Ed25519,
    /// FIPS 204 5.2, without a digest before it and with an empty context (RFC 9881 3).
    MlDsa(MlDsa),
}

impl SignatureScheme {
    /// How a key of this kind signs; none when a digest is needed and missing. Ed25519 and ML-DSA ignore
    /// the digest.
    pub fn of_key(kind: KeyKind, digest: Option<Digest>) -> Option<Self> {
        match kind {
            KeyKind::Rsa { .. } => digest.map(Self::RsaPkcs1),
            KeyKind::Ec(_) => digest.map(Self::Ecdsa),
            KeyKind::Ed25519 => Some(Self::Ed25519),
            KeyKind::MlDsa(set) => Some(Self::MlDsa(set)),
        }
    }

    /// The scheme of an algorithm identifier, if it is one of ours. Parameters where none belong are not held against it.
    pub fn of_identifier(identifier: &AlgorithmIdentifierRef<'_>) -> Option<Self> {
        if identifier.oid == ED25519 {
            return Some(Self::Ed25519);
        }
        if let Some(set) = ml_dsa::of_oid(identifier.oid) {
            return Some(Self::MlDsa(set));
        }
        if identifier.oid == RSASSA_PSS {
            return pss(identifier.parameters?);
        }
        DIGESTS.iter().find_map(|&(digest, _, rsa, ecdsa)| match identifier.oid {
            oid if oid == rsa => Some(Self::RsaPkcs1(digest)),
            oid if oid == ecdsa => Some(Self::Ecdsa(digest)),
            _ => None,
        })
    }

    /// The algorithm identifier in a request: parameters NULL for RSA PKCS#1 (RFC 4055 5), absent otherwise (RFC 5758
    /// 3.2, RFC 8410 3, RFC 9881 2). None for RSASSA-PSS, which is never made here.
    pub fn identifier(self) -> Option<AlgorithmIdentifierOwned> {
        let row = |digest| DIGESTS.iter().find(|row| row.0 == digest);
        let (oid, parameters) = match self {
            Self::RsaPkcs1(digest) => (row(digest)?.2, Some(Any::null())),
            Self::Ecdsa(digest) => (row(digest)?.3, None),
            Self::Ed25519 => (ED25519, None),
            Self::MlDsa(set) => (ml_dsa::oid(set), None),
            Self::RsaPss { .. } => return None,
        };
        Some(AlgorithmIdentifierOwned { oid, parameters })
    }

    /// The digest; none for Ed25519 and ML-DSA, which have their own.
    pub fn digest(self) -> Option<Digest> {
        match self {
            Self::RsaPkcs1(digest) | Self::RsaPss { digest, .. } | Self::Ecdsa(digest) => Some(digest),
            Self::Ed25519 | Self::MlDsa(_) => None,
        }
    }

    /// Such as `ECDSA with SHA256`.
    pub fn label(self) -> String {
        match self {
            Self::RsaPkcs1(digest) => format!("RSA with {}", digest.value()),
            Self::RsaPss { digest, .. } => format!("RSASSA-PSS with {}", digest.value()),
            Self::Ecdsa(digest) => format!("ECDSA with {}", digest.value()),
            Self::Ed25519 => "Ed25519".to_owned(),
            Self::MlDsa(set) => set.label().to_owned(),
        }
    }
}

/// RSASSA-PSS with a mask over the message's own digest; other masks are legal and unheard of.
fn pss(parameters: AnyRef<'_>) -> Option<SignatureScheme> {
    let parameters: pkcs1::RsaPssParamsOwned = parameters.decode_as().ok()?;
    let mask = parameters.mask_gen.parameters?.oid;
    let &(digest, oid, ..) = DIGESTS.iter().find(|row| row.1 == parameters.hash.oid)?;
    (mask == oid).then_some(SignatureScheme::RsaPss { digest, salt: parameters.salt_len })
}

/// The digest of `message`.
pub fn hash(digest: Digest, message: &[u8]) -> aws_lc_rs::digest::Digest {
    use aws_lc_rs::digest as aws;
    let algorithm = match digest {
        Digest::Sha1 => &aws::SHA1_FOR_LEGACY_USE_ONLY,
        Digest::Sha224 => &aws::SHA224,
        Digest::Sha256 => &aws::SHA256,
        Digest::Sha384 => &aws::SHA384,
        Digest::Sha512 => &aws::SHA512,
    };
    aws::digest(algorithm, message)
}

/// The padding with the digest's identifier in it (RFC 8017 9.2).
pub(super) fn pkcs1v15(digest: Digest) -> Pkcs1v15Sign {
    match digest {
        Digest::Sha1 => Pkcs1v15Sign::new::<sha1::Sha1>(),
        Digest::Sha224 => Pkcs1v15Sign::new::<sha2::Sha224>(),
        Digest::Sha256 => Pkcs1v15Sign::new::<sha2::Sha256>(),
        Digest::Sha384 => Pkcs1v15Sign::new::<sha2::Sha384>(),
        Digest::Sha512 => Pkcs1v15Sign::new::<sha2::Sha512>(),
    }
}
