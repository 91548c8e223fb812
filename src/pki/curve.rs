//! What RustCrypto, and aws-lc where it is quicker, does for us on each curve: making a scalar, its point, ECDSA over a digest of any length.
//!
//! One generic function an operation, and one macro that picks the curve. Bytes in, bytes out: scalars big-endian in the
//! curve's own length, points uncompressed, signatures in DER (RFC 3279 2.2.3).

use super::brainpool512::BrainpoolP512r1;
use crate::domain::key_spec::Curve;
use crate::secret::Secret;
use aws_lc_rs::agreement::{ECDH_P256, ECDH_P384, ECDH_P521, PrivateKey};
use der::asn1::UintRef;
use der::{Decode, Encode, Reader, SliceReader};
use ecdsa::{EcdsaCurve, Signature, hazmat};
use elliptic_curve::common::getrandom::SysRng;
use elliptic_curve::rand_core::TryRng;
use elliptic_curve::sec1::{FromSec1Point, ModulusSize, ToSec1Point};
use elliptic_curve::{AffinePoint, CurveArithmetic, FieldBytes, FieldBytesSize, Generate, PublicKey, SecretKey};
use zeroize::Zeroizing;

/// Calls a generic function with the curve's type.
macro_rules! on_curve {
    ($curve:expr, $function:ident($($argument:expr),*)) => {
        match $curve {
            Curve::Secp256r1 => $function::<p256::NistP256>($($argument),*),
            Curve::Secp384r1 => $function::<p384::NistP384>($($argument),*),
            Curve::Secp521r1 => $function::<p521::NistP521>($($argument),*),
            Curve::Secp256k1 => $function::<k256::Secp256k1>($($argument),*),
            Curve::BrainpoolP256r1 => $function::<bp256::BrainpoolP256r1>($($argument),*),
            Curve::BrainpoolP384r1 => $function::<bp384::BrainpoolP384r1>($($argument),*),
            Curve::BrainpoolP512r1 => $function::<BrainpoolP512r1>($($argument),*),
        }
    };
}

/// A new scalar; none when the kernel has no randomness.
pub(super) fn make(curve: Curve) -> Option<Secret> {
    on_curve!(curve, make_on())
}

/// The scalar in the curve's own length; none when it is zero or not below the order. Leading zeros may be missing or
/// too many: both are seen in the wild.
pub(super) fn scalar(curve: Curve, scalar: &[u8]) -> Option<Secret> {
    on_curve!(curve, scalar_on(scalar))
}

/// The public point of a scalar that [`scalar`] accepted, uncompressed. By aws-lc where it has the curve: ten times as fast.
pub(super) fn point_of(curve: Curve, scalar: &[u8]) -> Option<Vec<u8>> {
    let aws = match curve {
        Curve::Secp256r1 => Some(&ECDH_P256),
        Curve::Secp384r1 => Some(&ECDH_P384),
        Curve::Secp521r1 => Some(&ECDH_P521),
        _ => None,
    };
    if let Some(curve) = aws {
        let key = PrivateKey::from_private_key(curve, scalar).ok()?;
        return Some(key.compute_public_key().ok()?.as_ref().to_vec());
    }
    on_curve!(curve, point_of_on(scalar))
}

/// A point, compressed or not, as an uncompressed one; none when it is not on the curve.
pub(super) fn point(curve: Curve, point: &[u8]) -> Option<Vec<u8>> {
    on_curve!(curve, point_on(point))
}

/// Signs a digest of any length: its leftmost bits count, as many as the order has (FIPS 186-5 6.4.1).
pub(super) fn sign(curve: Curve, scalar: &[u8], digest: &[u8]) -> Option<Vec<u8>> {
    on_curve!(curve, sign_on(scalar, digest))
}

/// True when the signature over the digest is the point's.
pub(super) fn verify(curve: Curve, point: &[u8], digest: &[u8], signature: &[u8]) -> bool {
    on_curve!(curve, verify_on(point, digest, signature)).is_some()
}

fn make_on<C: CurveArithmetic>() -> Option<Secret> {
    let key = SecretKey::<C>::try_generate_from_rng(&mut SysRng).ok()?;
    Some(Secret::new(Zeroizing::new(key.to_bytes()).to_vec()))
}

fn scalar_on<C: CurveArithmetic>(scalar: &[u8]) -> Option<Secret> {
    let bytes = Zeroizing::new(fitted::<C>(scalar)?);
    let key = SecretKey::<C>::from_bytes(&bytes).ok()?;
    Some(Secret::new(Zeroizing::new(key.to_bytes()).to_vec()))
}

fn point_of_on<C: CurveArithmetic>(scalar: &[u8]) -> Option<Vec<u8>>
where
    AffinePoint<C>: ToSec1Point<C> + FromSec1Point<C>,
    FieldBytesSize<C>: ModulusSize,
{
    let key = SecretKey::<C>::from_slice(scalar).ok()?;
    Some(key.public_key().to_sec1_point(false).as_bytes().to_vec())
}

fn point_on<C: CurveArithmetic>(point: &[u8]) -> Option<Vec<u8>>
where
    AffinePoint<C>: ToSec1Point<C> + FromSec1Point<C>,
    FieldBytesSize<C>: ModulusSize,
{
    let key = PublicKey::<C>::from_sec1_bytes(point).ok()?;
    Some(key.to_sec1_point(false).as_bytes().to_vec())
}

/// The nonce is RFC 6979's with fresh randomness mixed in (its 3.6): neither a bad generator nor a fault injected into
/// two signatures of one message gives the key away.
fn sign_on<C: EcdsaCurve + CurveArithmetic>(scalar: &[u8], digest: &[u8]) -> Option<Vec<u8>> {
    let key = SecretKey::<C>::from_slice(scalar).ok()?;
    let mut fresh = Zeroizing::new([0; 32]);
    SysRng.try_fill_bytes(fresh.as_mut_slice()).ok()?;
    let (signature, _) =
        hazmat::sign_prehashed_rfc6979::<C, sha2::Sha512>(&key.to_nonzero_scalar(), digest, fresh.as_slice());
    let (r, s) = signature.split_bytes();
    encode(UintRef::new(&r).ok()?, UintRef::new(&s).ok()?).ok()
}

fn verify_on<C: EcdsaCurve + CurveArithmetic>(point: &[u8], digest: &[u8], signature: &[u8]) -> Option<()>
where
    AffinePoint<C>: ToSec1Point<C> + FromSec1Point<C>,
    FieldBytesSize<C>: ModulusSize,
{
    let key = PublicKey::<C>::from_sec1_bytes(point).ok()?;
    let (r, s) = decode(signature).ok()?;
    let signature = Signature::<C>::from_scalars(fitted::<C>(r.as_bytes())?, fitted::<C>(s.as_bytes())?).ok()?;
    // Both s and its negative verify; k256 takes the lower one alone, OpenSSL makes either.
    let signature = if C::NORMALIZE_S { signature.normalize_s() } else { signature };
    hazmat::verify_prehashed::<C>(&key.to_projective(), digest, &signature).ok()
}

/// An integer in the curve's own length; none when it is too big for that.
fn fitted<C: elliptic_curve::Curve>(integer: &[u8]) -> Option<FieldBytes<C>> {
    let mut bytes = FieldBytes::<C>::default();
    let first = integer.iter().position(|byte| *byte != 0).unwrap_or(integer.len());
    let significant = integer.get(first..)?;
    let start = bytes.len().checked_sub(significant.len())?;
    bytes.get_mut(start..)?.copy_from_slice(significant);
    Some(bytes)
}

/// `Ecdsa-Sig-Value` of RFC 3279 2.2.3.
fn encode(r: UintRef<'_>, s: UintRef<'_>) -> der::Result<Vec<u8>> {
    let mut value = r.to_der()?;
    s.encode_to_vec(&mut value)?;
    der::asn1::AnyRef::new(der::Tag::Sequence, &value)?.to_der()
}

fn decode(signature: &[u8]) -> der::Result<(UintRef<'_>, UintRef<'_>)> {
    let mut reader = SliceReader::new(signature)?;
    let pair = reader.sequence(|inner| Ok::<_, der::Error>((UintRef::decode(inner)?, UintRef::decode(inner)?)))?;
    reader.finish()?;
    Ok(pair)
}
