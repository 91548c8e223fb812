//! The arithmetic of each named curve: RustCrypto's (`signet_curves`), and aws-lc's where it is quicker.

use aws_lc_rs::agreement::{ECDH_P256, ECDH_P384, ECDH_P521, PrivateKey};
use signet_domain::key_spec::Curve;
use signet_domain::secret::Secret;

fn of(curve: Curve) -> &'static signet_curves::Curve {
    match curve {
        Curve::Secp256r1 => &signet_curves::P256,
        Curve::Secp384r1 => &signet_curves::P384,
        Curve::Secp521r1 => &signet_curves::P521,
        Curve::Secp256k1 => &signet_curves::K256,
        Curve::BrainpoolP256r1 => &signet_curves::BRAINPOOL_P256,
        Curve::BrainpoolP384r1 => &signet_curves::BRAINPOOL_P384,
        Curve::BrainpoolP512r1 => &signet_curves::BRAINPOOL_P512,
    }
}

/// A new scalar; none when the kernel has no randomness.
pub(super) fn make(curve: Curve) -> Option<Secret> {
    of(curve).make().map(Secret::from)
}

/// The scalar in the curve's own length; none when it is zero or not below the order.
pub(super) fn scalar(curve: Curve, scalar: &[u8]) -> Option<Secret> {
    of(curve).scalar(scalar).map(Secret::from)
}

/// The public point of a scalar that [`scalar`] accepted, uncompressed. By aws-lc where it has the curve: ten times as fast.
pub(super) fn point_of(curve: Curve, scalar: &[u8]) -> Option<Vec<u8>> {
    let aws = match curve {
        Curve::Secp256r1 => &ECDH_P256,
        Curve::Secp384r1 => &ECDH_P384,
        Curve::Secp521r1 => &ECDH_P521,
        _ => return of(curve).point_of(scalar),
    };
    let key = PrivateKey::from_private_key(aws, scalar).ok()?;
    Some(key.compute_public_key().ok()?.as_ref().to_vec())
}

/// A point, compressed or not, as an uncompressed one; none when it is not on the curve.
pub(super) fn point(curve: Curve, point: &[u8]) -> Option<Vec<u8>> {
    of(curve).point(point)
}

/// Signs a digest of any length (DER of RFC 3279 2.2.3).
pub(super) fn sign(curve: Curve, scalar: &[u8], digest: &[u8]) -> Option<Vec<u8>> {
    of(curve).sign(scalar, digest)
}

/// True when the signature over the digest is the point's.
pub(super) fn verify(curve: Curve, point: &[u8], digest: &[u8], signature: &[u8]) -> bool {
    of(curve).verify(point, digest, signature)
}
