//! Signs with a private key, by the library that the table names.

use super::algorithm::{self, Signer};
use super::curve;
use super::ml_dsa;
use super::private_key::PrivateKey;
use super::public_key::PublicKey;
use super::scheme::{SignatureScheme, hash, pkcs1v15};
use super::verify::verify_with;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{EcdsaVerificationAlgorithm, Ed25519KeyPair, UnparsedPublicKey};
use elliptic_curve::common::getrandom::SysRng;
use pkcs8::DecodePrivateKey;
use signet_domain::key_spec::Digest;

/// Why there is no signature.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// RSA and ECDSA need a digest.
    #[error("a {0} key signs with a digest, but none was given")]
    NoDigest(String),
    /// The library failed.
    #[error("the {0} key could not sign with {1}")]
    Failed(String, String),
    /// The signature that was made does not verify: a fault of the machine, which must not get out (it could give the
    /// key away).
    #[error("the signature of the {0} key does not verify: the device's hardware may be faulty")]
    Faulty(String),
}

/// Signs `message` by the key's one scheme: RSA PKCS#1 v1.5, ECDSA in DER, Ed25519 and ML-DSA (which ignore
/// `digest`). Each
/// signature is verified before it is handed out.
pub fn sign(key: &PrivateKey, digest: Option<Digest>, message: &[u8]) -> Result<Vec<u8>, SignError> {
    let kind = key.kind();
    let scheme = SignatureScheme::of_key(kind, digest).ok_or_else(|| SignError::NoDigest(kind.label()))?;
    let signature = algorithm::signer(kind, scheme)
        .and_then(|signer| made(key, signer, message))
        .ok_or_else(|| SignError::Failed(kind.label(), scheme.label()))?;
    if holds(key, scheme, message, &signature) { Ok(signature) } else { Err(SignError::Faulty(kind.label())) }
}

/// Signs something with a new key: that its halves belong together is seen by that, and the next signature finds what the first
/// one had to compute.
///
/// # Errors
/// As [`sign`].
pub fn try_out(key: &PrivateKey) -> Result<(), SignError> {
    sign(key, Some(Digest::Sha256), b"a key's first signature").map(drop)
}

/// Whether our own signature verifies. By aws-lc where it signs so, which takes a tenth of the time: what is looked for is a
/// fault of the machine, and by any computation a faulty signature does not hold.
fn holds(key: &PrivateKey, scheme: SignatureScheme, message: &[u8], signature: &[u8]) -> bool {
    let public = key.public_key();
    match (public, algorithm::signer(public.kind(), scheme)) {
        (PublicKey::Ec { point, .. }, Some(Signer::AwsEcdsa(algorithm))) => {
            let algorithm: &'static EcdsaVerificationAlgorithm = algorithm;
            UnparsedPublicKey::new(algorithm, point).verify(message, signature).is_ok()
        }
        (PublicKey::Rsa { .. }, Some(Signer::AwsRsa(_, parameters))) => {
            UnparsedPublicKey::new(parameters, key.spki_der()).verify(message, signature).is_ok()
        }
        _ => verify_with(public, scheme, message, signature).is_ok(),
    }
}

fn made(key: &PrivateKey, signer: Signer, message: &[u8]) -> Option<Vec<u8>> {
    let pkcs8 = key.pkcs8().expose_secret();
    match signer {
        Signer::AwsRsa(encoding, _) => {
            let pair = key.rsa()?;
            let mut signature = vec![0; pair.public_modulus_len()];
            pair.sign(encoding, &SystemRandom::new(), message, &mut signature).ok()?;
            Some(signature)
        }
        Signer::AwsEcdsa(algorithm) => {
            let pair = key.ecdsa(algorithm)?;
            Some(pair.sign(&SystemRandom::new(), message).ok()?.as_ref().to_vec())
        }
        Signer::AwsEd25519 => {
            let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(pkcs8).ok()?;
            Some(pair.try_sign(message).ok()?.as_ref().to_vec())
        }
        Signer::AwsMlDsa(set) => ml_dsa::sign(set, pkcs8, message),
        Signer::RustRsa(digest) => {
            let pair = rsa::PrivateKey::from_pkcs8_der(pkcs8).ok()?;
            let hashed = hash(digest, message);
            // Blinded, against timing (the RSA crate's arithmetic is constant-time by intent, not by proof).
            pair.sign_with_rng(&mut SysRng, pkcs1v15(digest), hashed.as_ref()).ok()
        }
        Signer::RustEcdsa(name, digest) => {
            let scalar = key.scalar()?;
            curve::sign(name, scalar.expose_secret(), hash(digest, message).as_ref())
        }
    }
}
