//! The numbers of an RSA private key (RFC 8017 3.2): whether they belong together, whatever their lengths.
//!
//! The crate `rsa` reads only keys whose primes are equally long, whose private exponent is below the modulus and whose public
//! exponent has at most 33 bits. Others exist and work: OpenSSL reads them.

use der::Encode;
use pkcs1::{RsaPrivateKeyRef, UintRef};
use rsa::BoxedUint;
use zeroize::Zeroizing;

/// The longest RSA key that is read.
pub(super) const RSA_MAX_BITS: u32 = 8192;
/// The shortest RSA key whose signatures are verified.
pub(super) const RSA_MIN_BITS: u32 = 1024;
/// Above so many bits of the modulus a public exponent is short ([`MAX_LONG_EXPONENT`]): each signature that is verified costs
/// as many squarings as the exponent has bits. OpenSSL has the same bounds (`OPENSSL_RSA_SMALL_MODULUS_BITS`).
const SMALL_MODULUS: u32 = 3072;
/// Bits of the public exponent beside a longer modulus.
const MAX_LONG_EXPONENT: u32 = 64;

/// Whether signatures with this public exponent are verified: odd, 3 or more, below the modulus and not too long.
pub(super) fn is_usable_exponent(modulus: &[u8], exponent: &[u8]) -> bool {
    let [modulus, exponent] = [modulus, exponent].map(trimmed);
    let is_odd = exponent.last().is_some_and(|last| last & 1 == 1);
    let is_below = (exponent.len(), exponent) < (modulus.len(), modulus);
    let is_short = bits(modulus) <= SMALL_MODULUS || bits(exponent) <= MAX_LONG_EXPONENT;
    is_odd && exponent != [1] && is_below && is_short
}

/// The key with its private exponent below the modulus.
///
/// n = pq, ed = 1 modulo p-1 and q-1, and the three values of the Chinese remainder, with which a wrong one would make wrong
/// signatures that give the primes away.
///
/// None where they contradict each other.
pub(super) fn whole(key: &RsaPrivateKeyRef<'_>) -> Option<Zeroizing<Vec<u8>>> {
    let parts = [
        key.modulus,
        key.public_exponent,
        key.private_exponent,
        key.prime1,
        key.prime2,
        key.exponent1,
        key.exponent2,
        key.coefficient,
    ];
    let longest = parts.iter().map(|part| part.as_bytes().len()).max().unwrap_or_default();
    // One precision for all, which has room for a product.
    let bits = u32::try_from(longest).unwrap_or(u32::MAX / 16).saturating_mul(16);
    let number = |part: UintRef<'_>| BoxedUint::from_be_slice(part.as_bytes(), bits).map(Zeroizing::new).ok();
    let [n, e, d, p, q] = [
        number(key.modulus)?,
        number(key.public_exponent)?,
        number(key.private_exponent)?,
        number(key.prime1)?,
        number(key.prime2)?,
    ];
    let [dp, dq, coefficient] = [number(key.exponent1)?, number(key.exponent2)?, number(key.coefficient)?];
    let one = BoxedUint::one_with_precision(bits);
    let [p1, q1] = [less_one(&p, &one)?, less_one(&q, &one)?];
    let inverse = Zeroizing::new(e.wrapping_mul(&*d));
    let holds = p.wrapping_mul(&*q) == *n
        && remainder(&inverse, &p1)? == one
        && remainder(&inverse, &q1)? == one
        && remainder(&d, &p1)? == *dp
        && remainder(&d, &q1)? == *dq
        && remainder(&Zeroizing::new(q.wrapping_mul(&*coefficient)), &p)? == one
        && *coefficient < *p;
    if !holds {
        return None;
    }
    let reduced = if *d < *n { d } else { remainder_of(&d, &Zeroizing::new(p1.wrapping_mul(&*q1)))? };
    let bytes = Zeroizing::new(reduced.to_be_bytes().to_vec());
    let private_exponent = UintRef::new(trimmed(&bytes)).ok()?;
    let key = RsaPrivateKeyRef { private_exponent, ..key.clone() };
    key.to_der().map(Zeroizing::new).ok()
}

type Number = Zeroizing<BoxedUint>;

/// A prime less one; there is no prime below 3 in a key.
fn less_one(prime: &BoxedUint, one: &BoxedUint) -> Option<Number> {
    if prime <= one {
        return None;
    }
    Some(Zeroizing::new(prime.wrapping_sub(one)))
}

fn remainder(number: &BoxedUint, by: &BoxedUint) -> Option<BoxedUint> {
    let by = Option::from(by.to_nz())?;
    Some(number.rem(&by))
}

fn remainder_of(number: &BoxedUint, by: &BoxedUint) -> Option<Number> {
    remainder(number, by).map(Zeroizing::new)
}

/// Without leading zeros.
fn trimmed(integer: &[u8]) -> &[u8] {
    let start = integer.iter().position(|byte| *byte != 0).unwrap_or(integer.len());
    integer.get(start..).unwrap_or_default()
}

/// How many bits a big-endian integer has.
pub(super) fn bits(integer: &[u8]) -> u32 {
    let Some(first) = integer.iter().position(|byte| *byte != 0) else { return 0 };
    let significant = integer.get(first..).unwrap_or_default();
    let leading = significant.first().map_or(0, |byte| byte.leading_zeros());
    u32::try_from(significant.len()).unwrap_or(u32::MAX / 8).saturating_mul(8).saturating_sub(leading)
}
