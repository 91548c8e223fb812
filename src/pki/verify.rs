//! Verifies signatures: of imported requests, and of our own before they are handed out.
//!
//! RustCrypto verifies RSA and ECDSA, whoever signed: one way for every length and digest, and another opinion than the
//! signer's in most cases.

use super::curve;
use super::ml_dsa;
use super::public_key::{PublicKey, PublicKeyError};
use super::rsa_numbers::bits;
use super::rsa_numbers::{RSA_MAX_BITS, RSA_MIN_BITS, is_usable_exponent};
use super::scheme::{SignatureScheme, hash, pkcs1v15};
use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use rsa::BoxedUint;
use rsa::pss::Pss;
use signet_domain::key_spec::Digest;
use spki::AlgorithmIdentifierRef;

/// Why a signature was not verified.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// The key cannot be read, or is of a kind that we do not know.
    #[error(transparent)]
    Key(#[from] PublicKeyError),
    /// An RSA key of fewer than 1024 or more than 8192 bits: how many.
    #[error("RSA keys of {0} bits are not supported: use 1024 to {RSA_MAX_BITS}")]
    RsaLength(u32),
    /// An RSA key with a public exponent that is even, 1, or very long.
    #[error("the RSA key has an unsupported public exponent")]
    RsaExponent,
    /// A signature algorithm that we do not know.
    #[error("the signature algorithm {0} is not supported")]
    UnknownSignature(der::asn1::ObjectIdentifier),
    /// The signature is not this key's over these bytes.
    #[error("the signature is damaged")]
    Damaged,
}

/// Verifies `signature` over `message` with the key of a `SubjectPublicKeyInfo`.
pub fn verify(
    spki_der: &[u8],
    identifier: &AlgorithmIdentifierRef<'_>,
    message: &[u8],
    signature: &[u8],
) -> Result<(), VerifyError> {
    let key = PublicKey::from_spki(spki_der)?;
    let scheme = SignatureScheme::of_identifier(identifier).ok_or(VerifyError::UnknownSignature(identifier.oid))?;
    verify_with(&key, scheme, message, signature)
}

/// Verifies `signature` over `message` by a known scheme. A scheme of another kind of key counts as damaged.
pub fn verify_with(
    key: &PublicKey,
    scheme: SignatureScheme,
    message: &[u8],
    signature: &[u8],
) -> Result<(), VerifyError> {
    let good = match (key, scheme) {
        (PublicKey::Rsa { modulus, exponent }, SignatureScheme::RsaPkcs1(digest)) => {
            rsa_key(modulus, exponent)?.verify(pkcs1v15(digest), hash(digest, message).as_ref(), signature).is_ok()
        }
        (PublicKey::Rsa { modulus, exponent }, SignatureScheme::RsaPss { digest, salt }) => {
            let key = rsa_key(modulus, exponent)?;
            verify_pss(&key, digest, usize::from(salt), hash(digest, message).as_ref(), signature)
        }
        (PublicKey::Ec { curve, point }, SignatureScheme::Ecdsa(digest)) => {
            curve::verify(*curve, point, hash(digest, message).as_ref(), signature)
        }
        (PublicKey::Ed25519(key), SignatureScheme::Ed25519) => {
            UnparsedPublicKey::new(&ED25519, key).verify(message, signature).is_ok()
        }
        (PublicKey::MlDsa { set, key }, SignatureScheme::MlDsa(of)) => {
            *set == of && ml_dsa::verify(of, key, message, signature)
        }
        _ => false,
    };
    if good { Ok(()) } else { Err(VerifyError::Damaged) }
}

/// The key, within the bounds that are ours and not the crate's: see [`is_usable_exponent`].
fn rsa_key(modulus: &[u8], exponent: &[u8]) -> Result<rsa::PublicKey, VerifyError> {
    let length = bits(modulus);
    if !(RSA_MIN_BITS..=RSA_MAX_BITS).contains(&length) {
        return Err(VerifyError::RsaLength(length));
    }
    if !is_usable_exponent(modulus, exponent) {
        return Err(VerifyError::RsaExponent);
    }
    // An even modulus is not a product of two odd primes, and the crate would panic.
    if modulus.last().is_none_or(|last| last & 1 == 0) {
        return Err(VerifyError::Damaged);
    }
    let uint = |bytes: &[u8]| {
        let precision = u32::try_from(bytes.len()).unwrap_or(u32::MAX / 8).saturating_mul(8);
        BoxedUint::from_be_slice(bytes, precision).map_err(|_| VerifyError::Damaged)
    };
    Ok(rsa::PublicKey::new_unchecked(uint(modulus)?, uint(exponent)?))
}

fn verify_pss(key: &rsa::PublicKey, digest: Digest, salt: usize, hashed: &[u8], signature: &[u8]) -> bool {
    match digest {
        Digest::Sha1 => key.verify(Pss::<sha1::Sha1>::new_with_salt(salt), hashed, signature),
        Digest::Sha224 => key.verify(Pss::<sha2::Sha224>::new_with_salt(salt), hashed, signature),
        Digest::Sha256 => key.verify(Pss::<sha2::Sha256>::new_with_salt(salt), hashed, signature),
        Digest::Sha384 => key.verify(Pss::<sha2::Sha384>::new_with_salt(salt), hashed, signature),
        Digest::Sha512 => key.verify(Pss::<sha2::Sha512>::new_with_salt(salt), hashed, signature),
    }
    .is_ok()
}
