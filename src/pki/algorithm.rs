//! The one table of algorithms: for each key that can be asked for, which library makes it, which signs with it, and
//! under which scheme.
//!
//! aws-lc does all that it can; RustCrypto does the rest. Nothing here touches a key.

use super::key_kind::KeyKind;
use super::scheme::SignatureScheme;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature as aws;
use signet_domain::key_spec::{Curve, Digest, KeySpec, RsaBits};
use signet_domain::ml_dsa::MlDsa;

/// Who makes a key.
#[derive(Debug, Clone, Copy)]
pub enum Maker {
    /// aws-lc, RSA.
    AwsRsa(KeySize),
    /// aws-lc, a curve, with the signatures that what is made is ready for; their digest plays no part in the key.
    AwsEc(Curve, &'static aws::EcdsaSigningAlgorithm),
    /// aws-lc, Ed25519.
    AwsEd25519,
    /// aws-lc, ML-DSA.
    AwsMlDsa(MlDsa),
    /// RustCrypto, RSA of so many bits.
    RustRsa(usize),
    /// RustCrypto, a curve.
    RustEc(Curve),
}

/// Who signs.
#[derive(Clone, Copy)]
pub enum Signer {
    /// aws-lc, RSA PKCS#1 v1.5.
    AwsRsa(&'static dyn aws::RsaEncoding, &'static aws::RsaParameters),
    /// aws-lc, ECDSA in DER.
    AwsEcdsa(&'static aws::EcdsaSigningAlgorithm),
    /// aws-lc, Ed25519.
    AwsEd25519,
    /// aws-lc, ML-DSA.
    AwsMlDsa(MlDsa),
    /// RustCrypto, RSA PKCS#1 v1.5.
    RustRsa(Digest),
    /// RustCrypto, ECDSA over the digest, which may be longer or shorter than the curve's order.
    RustEcdsa(Curve, Digest),
}

/// Who makes the key of `spec`. aws-lc has no RSA below 2048 bits and no Brainpool.
pub fn maker(spec: KeySpec) -> Maker {
    match spec {
        KeySpec::Rsa(RsaBits::B1024, _) => Maker::RustRsa(1024),
        KeySpec::Rsa(RsaBits::B2048, _) => Maker::AwsRsa(KeySize::Rsa2048),
        KeySpec::Rsa(RsaBits::B3072, _) => Maker::AwsRsa(KeySize::Rsa3072),
        KeySpec::Rsa(RsaBits::B4096, _) => Maker::AwsRsa(KeySize::Rsa4096),
        KeySpec::Ec(curve @ Curve::Secp256r1, _) => Maker::AwsEc(curve, &aws::ECDSA_P256_SHA256_ASN1_SIGNING),
        KeySpec::Ec(curve @ Curve::Secp384r1, _) => Maker::AwsEc(curve, &aws::ECDSA_P384_SHA384_ASN1_SIGNING),
        KeySpec::Ec(curve @ Curve::Secp521r1, _) => Maker::AwsEc(curve, &aws::ECDSA_P521_SHA512_ASN1_SIGNING),
        KeySpec::Ec(curve @ Curve::Secp256k1, _) => Maker::AwsEc(curve, &aws::ECDSA_P256K1_SHA256_ASN1_SIGNING),
        KeySpec::Ec(curve @ (Curve::BrainpoolP256r1 | Curve::BrainpoolP384r1 | Curve::BrainpoolP512r1), _) => {
            Maker::RustEc(curve)
        }
        KeySpec::Ed25519 => Maker::AwsEd25519,
        KeySpec::MlDsa(set) => Maker::AwsMlDsa(set),
    }
}

/// Who signs with a key of this kind under this scheme; none when the two do not go together. aws-lc signs neither with
/// SHA-1 nor, but for P-521, with a digest of another length than the curve's.
pub fn signer(kind: KeyKind, scheme: SignatureScheme) -> Option<Signer> {
    use Curve::{Secp256k1, Secp256r1, Secp384r1, Secp521r1};
    use Digest::{Sha224, Sha256, Sha384, Sha512};
    Some(match (kind, scheme) {
        (KeyKind::Rsa { bits }, SignatureScheme::RsaPkcs1(digest)) => match digest {
            Sha256 if bits >= 2048 => Signer::AwsRsa(&aws::RSA_PKCS1_SHA256, &aws::RSA_PKCS1_2048_8192_SHA256),
            Sha384 if bits >= 2048 => Signer::AwsRsa(&aws::RSA_PKCS1_SHA384, &aws::RSA_PKCS1_2048_8192_SHA384),
            Sha512 if bits >= 2048 => Signer::AwsRsa(&aws::RSA_PKCS1_SHA512, &aws::RSA_PKCS1_2048_8192_SHA512),
            digest => Signer::RustRsa(digest),
        },
        (KeyKind::Ec(curve), SignatureScheme::Ecdsa(digest)) => match (curve, digest) {
            (Secp256r1, Sha256) => Signer::AwsEcdsa(&aws::ECDSA_P256_SHA256_ASN1_SIGNING),
            (Secp384r1, Sha384) => Signer::AwsEcdsa(&aws::ECDSA_P384_SHA384_ASN1_SIGNING),
            (Secp521r1, Sha224) => Signer::AwsEcdsa(&aws::ECDSA_P521_SHA224_ASN1_SIGNING),
            (Secp521r1, Sha256) => Signer::AwsEcdsa(&aws::ECDSA_P521_SHA256_ASN1_SIGNING),
            (Secp521r1, Sha384) => Signer::AwsEcdsa(&aws::ECDSA_P521_SHA384_ASN1_SIGNING),
            (Secp521r1, Sha512) => Signer::AwsEcdsa(&aws::ECDSA_P521_SHA512_ASN1_SIGNING),
            (Secp256k1, Sha256) => Signer::AwsEcdsa(&aws::ECDSA_P256K1_SHA256_ASN1_SIGNING),
            (curve, digest) => Signer::RustEcdsa(curve, digest),
        },
        (KeyKind::Ed25519, SignatureScheme::Ed25519) => Signer::AwsEd25519,
        (KeyKind::MlDsa(set), SignatureScheme::MlDsa(other)) if set == other => Signer::AwsMlDsa(set),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aws_lc_makes_and_signs_all_that_it_can() {
        let rsa = RsaBits::ALL.into_iter().flat_map(|bits| Digest::ALL.map(|digest| KeySpec::Rsa(bits, digest)));
        let ec = Curve::ALL.into_iter().flat_map(|curve| Digest::ALL.map(|digest| KeySpec::Ec(curve, digest)));
        let specs: Vec<_> = rsa.chain(ec).chain([KeySpec::Ed25519]).collect();
        assert_eq!(specs.len(), 56);
        let foreign_made = specs.iter().filter(|spec| matches!(maker(**spec), Maker::RustRsa(_) | Maker::RustEc(_)));
        assert_eq!(foreign_made.count(), 5 + 3 * 5, "RSA 1024 and the Brainpool curves");
        let aws_signed = specs.iter().filter(|spec| {
            let scheme = SignatureScheme::of_key(spec.kind(), spec.digest()).expect("a scheme");
            let signer = signer(spec.kind(), scheme).expect("a signer");
            !matches!(signer, Signer::RustRsa(_) | Signer::RustEcdsa(..))
        });
        assert_eq!(aws_signed.count(), 3 * 3 + 1 + 1 + 4 + 1 + 1, "RSA, P-256, P-384, P-521, secp256k1, Ed25519");
    }
}
