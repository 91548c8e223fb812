//! What RustCrypto does for the console on each curve: making a scalar, its point, ECDSA over a digest of any length.
//!
//! Bytes in, bytes out: scalars big-endian in the curve's own length, points uncompressed, signatures in DER (RFC 3279
//! 2.2.3). It knows no names, no keys and no files.

mod brainpool512;

use der::asn1::UintRef;
use der::{Decode, Encode, Reader, SliceReader};
use ecdsa::{EcdsaCurve, Signature, hazmat};
use elliptic_curve::common::getrandom::SysRng;
use elliptic_curve::rand_core::TryRng;
use elliptic_curve::sec1::{FromSec1Point, ModulusSize, ToSec1Point};
use elliptic_curve::{AffinePoint, CurveArithmetic, FieldBytes, FieldBytesSize, Generate, PublicKey, SecretKey};
use zeroize::Zeroizing;

/// NIST P-256, SECG secp256r1.
pub static P256: Curve = Curve::of::<p256::NistP256>();
/// NIST P-384, SECG secp384r1.
pub static P384: Curve = Curve::of::<p384::NistP384>();
/// NIST P-521, SECG secp521r1.
pub static P521: Curve = Curve::of::<p521::NistP521>();
/// SECG secp256k1.
pub static K256: Curve = Curve::of::<k256::Secp256k1>();
/// brainpoolP256r1 (RFC 5639 3.4).
pub static BRAINPOOL_P256: Curve = Curve::of::<bp256::BrainpoolP256r1>();
/// brainpoolP384r1 (RFC 5639 3.6).
pub static BRAINPOOL_P384: Curve = Curve::of::<bp384::BrainpoolP384r1>();
/// brainpoolP512r1 (RFC 5639 3.7).
pub static BRAINPOOL_P512: Curve = Curve::of::<brainpool512::BrainpoolP512r1>();

type Bytes = Option<Vec<u8>>;
type Verify = fn(&[u8], &[u8], &[u8]) -> Option<()>;
type SecretBytes = Option<Zeroizing<Vec<u8>>>;

/// One curve: its generic functions, compiled for it.
#[derive(Debug)]
pub struct Curve {
    make: fn() -> SecretBytes,
    scalar: fn(&[u8]) -> SecretBytes,
    point_of: fn(&[u8]) -> Bytes,
    point: fn(&[u8]) -> Bytes,
    sign: fn(&[u8], &[u8]) -> Bytes,
    verify: Verify,
}

impl Curve {
    const fn of<C: EcdsaCurve + CurveArithmetic>() -> Self
    where
        AffinePoint<C>: ToSec1Point<C> + FromSec1Point<C>,
        FieldBytesSize<C>: ModulusSize,
    {
        Self {
            make: make::<C>,
            scalar: scalar::<C>,
            point_of: point_of::<C>,
            point: point::<C>,
            sign: sign::<C>,
            verify: verify::<C>,
        }
    }

    /// A new scalar; none when the kernel has no randomness.
    pub fn make(&self) -> Option<Zeroizing<Vec<u8>>> {
        (self.make)()
    }

    /// The scalar in the curve's own length; none when it is zero or not below the order. Leading zeros may be missing or
    /// too many: both are seen in the wild.
    pub fn scalar(&self, scalar: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        (self.scalar)(scalar)
    }

    /// The public point of a scalar that [`Curve::scalar`] accepted, uncompressed.
    pub fn point_of(&self, scalar: &[u8]) -> Option<Vec<u8>> {
        (self.point_of)(scalar)
    }

    /// A point, compressed or not, as an uncompressed one; none when it is not on the curve.
    pub fn point(&self, point: &[u8]) -> Option<Vec<u8>> {
        (self.point)(point)
    }

    /// Signs a digest of any length: its leftmost bits count, as many as the order has (FIPS 186-5 6.4.1).
    pub fn sign(&self, scalar: &[u8], digest: &[u8]) -> Option<Vec<u8>> {
        (self.sign)(scalar, digest)
    }

    /// True when the signature over the digest is the point's.
    pub fn verify(&self, point: &[u8], digest: &[u8], signature: &[u8]) -> bool {
        (self.verify)(point, digest, signature).is_some()
    }
}

fn make<C: CurveArithmetic>() -> SecretBytes {
    let key = SecretKey::<C>::try_generate_from_rng(&mut SysRng).ok()?;
    Some(bytes_of(&key))
}

fn scalar<C: CurveArithmetic>(scalar: &[u8]) -> SecretBytes {
    let bytes = Zeroizing::new(fitted::<C>(scalar)?);
    let key = SecretKey::<C>::from_bytes(&bytes).ok()?;
    Some(bytes_of(&key))
}

fn bytes_of<C: CurveArithmetic>(key: &SecretKey<C>) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(Zeroizing::new(key.to_bytes()).to_vec())
}

fn point_of<C: CurveArithmetic>(scalar: &[u8]) -> Bytes
where
    AffinePoint<C>: ToSec1Point<C> + FromSec1Point<C>,
    FieldBytesSize<C>: ModulusSize,
{
    let key = SecretKey::<C>::from_slice(scalar).ok()?;
    Some(key.public_key().to_sec1_point(false).as_bytes().to_vec())
}

fn point<C: CurveArithmetic>(point: &[u8]) -> Bytes
where
    AffinePoint<C>: ToSec1Point<C> + FromSec1Point<C>,
    FieldBytesSize<C>: ModulusSize,
{
    let key = PublicKey::<C>::from_sec1_bytes(point).ok()?;
    Some(key.to_sec1_point(false).as_bytes().to_vec())
}

/// The nonce is RFC 6979's with fresh randomness mixed in (its 3.6): neither a bad generator nor a fault injected into
/// two signatures of one message gives the key away.
fn sign<C: EcdsaCurve + CurveArithmetic>(scalar: &[u8], digest: &[u8]) -> Bytes {
    let key = SecretKey::<C>::from_slice(scalar).ok()?;
    let mut fresh = Zeroizing::new([0; 32]);
    SysRng.try_fill_bytes(fresh.as_mut_slice()).ok()?;
    let (signature, _) =
        hazmat::sign_prehashed_rfc6979::<C, sha2::Sha512>(&key.to_nonzero_scalar(), digest, fresh.as_slice());
    let (r, s) = signature.split_bytes();
    encode(UintRef::new(&r).ok()?, UintRef::new(&s).ok()?).ok()
}

fn verify<C: EcdsaCurve + CurveArithmetic>(point: &[u8], digest: &[u8], signature: &[u8]) -> Option<()>
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
