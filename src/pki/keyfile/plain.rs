//! The forms of a plain private key, read in parts: which kind it is, which curve it names, how long it is.
//!
//! Whether the numbers belong together is for [`PrivateKey`] to say, which computes the public key from them.

use super::cipher::CipherError;
use super::error::KeyFileError;
use super::kind::Form;
use super::oids::algorithm_name;
use crate::key_error::KeyError;
use crate::key_kind::{EC_PUBLIC_KEY, ED25519, KeyKind, RSA_ENCRYPTION, curve_of};
use crate::ml_dsa;
use crate::private_key::PrivateKey;
use crate::public_key::PublicKey;
use der::asn1::{AnyRef, BitStringRef, ContextSpecific, ObjectIdentifier, OctetStringRef};
use der::{Decode, Reader, Tag, TagNumber};
use pkcs1::RsaPrivateKeyRef;
use signet_domain::key_spec::Curve;
use spki::AlgorithmIdentifierRef;
use zeroize::Zeroizing;

/// Bits of the shortest RSA key that is accepted.
pub const MIN_RSA_BITS: u32 = 1024;
/// Bits of the longest RSA key that is accepted.
pub const MAX_RSA_BITS: u32 = 8192;

/// The key that was decrypted. CBC has no checksum: about one wrong passphrase in 256 leaves a valid padding, and then rubbish,
/// which now and then looks like DER of something.
pub(super) fn opened(
    plain: Result<Zeroizing<Vec<u8>>, CipherError>,
    curve: Option<ObjectIdentifier>,
) -> Result<PrivateKey, KeyFileError> {
    match plain {
        Ok(plain) if Form::of(&plain).is_some() => private_key(&plain, curve),
        Ok(_) | Err(CipherError::Padding) => Err(KeyFileError::WrongPassphrase),
        Err(error) => Err(error.into()),
    }
}

/// The key. `curve` is what a separate `EC PARAMETERS` block names.
pub(super) fn private_key(der: &[u8], curve: Option<ObjectIdentifier>) -> Result<PrivateKey, KeyFileError> {
    match Form::of(der) {
        Some(Form::Pkcs8) => pkcs8(der, curve),
        Some(Form::Pkcs1) => rsa(der),
        Some(Form::Sec1) => ec(der, None, curve),
        Some(Form::Dsa) => Err(KeyFileError::Algorithm("DSA".to_owned())),
        // Encrypted twice: nobody writes that.
        Some(Form::EncryptedPkcs8) | None => Err(KeyFileError::Damaged("it does not have the structure of a key")),
    }
}

/// RFC 5958; attributes are dropped, and a version is believed less than the fields that are there.
fn pkcs8(der: &[u8], curve: Option<ObjectIdentifier>) -> Result<PrivateKey, KeyFileError> {
    let (version, algorithm, key, public) = AnyRef::from_der(der)
        .and_then(|any| {
            any.sequence(|reader| {
                let version = u8::decode(reader)?;
                let algorithm = AlgorithmIdentifierRef::decode(reader)?;
                let key = <&OctetStringRef>::decode(reader)?.as_bytes();
                let mut public = None;
                while !reader.is_finished() {
                    let field = AnyRef::decode(reader)?;
                    match field.header().tag() {
                        Tag::ContextSpecific { number: TagNumber(1), constructed: false } => {
                            public = Some(field.value());
                        }
                        // ring before 0.17 and rcgen with it tagged the BIT STRING explicitly.
                        Tag::ContextSpecific { number: TagNumber(1), constructed: true } => {
                            public = Some(AnyRef::from_der(field.value())?.value());
                        }
                        _ => {}
                    }
                }
                Ok::<_, der::Error>((version, algorithm, key, public))
            })
        })
        .map_err(|_| KeyFileError::Damaged("its PKCS#8 structure cannot be read"))?;
    if version > 1 {
        return Err(KeyFileError::Damaged("its PKCS#8 version does not exist"));
    }
    match algorithm.oid {
        RSA_ENCRYPTION => rsa(key),
        EC_PUBLIC_KEY => ec(key, algorithm.parameters, curve),
        ED25519 => ed25519(key, public),
        other => match ml_dsa::of_oid(other) {
            Some(set) => Ok(PrivateKey::from_ml_dsa(set, key, public.map(whole_bytes))?),
            None => Err(KeyFileError::Algorithm(algorithm_name(other))),
        },
    }
}

fn rsa(der: &[u8]) -> Result<PrivateKey, KeyFileError> {
    let key = RsaPrivateKeyRef::from_der(der).map_err(|_| KeyFileError::Damaged("its RSA numbers cannot be read"))?;
    let (modulus, exponent) = (key.modulus.as_bytes().to_vec(), key.public_exponent.as_bytes().to_vec());
    // Sizes first: arithmetic on parts of a megabit takes minutes, and the longest part of a key is its modulus.
    let others = [key.prime1, key.prime2, key.exponent1, key.exponent2, key.coefficient];
    // A private exponent above the modulus is as good as one below; nobody writes one that is twice as long.
    let is_longer = |part: &pkcs1::UintRef<'_>| part.as_bytes().len() > modulus.len();
    if others.iter().any(is_longer) || key.private_exponent.as_bytes().len() > modulus.len().saturating_mul(2) {
        return Err(KeyFileError::Damaged("it has a part that is longer than its modulus"));
    }
    match (PublicKey::Rsa { modulus, exponent }).kind() {
        KeyKind::Rsa { bits } if bits < MIN_RSA_BITS => Err(KeyFileError::RsaTooShort(bits)),
        KeyKind::Rsa { bits } if bits > MAX_RSA_BITS => Err(KeyFileError::RsaTooLong(bits)),
        _ => Ok(PrivateKey::from_pkcs1(der)?),
    }
}

/// RFC 5915; `outer` is the curve in a PKCS#8 algorithm identifier.
fn ec(der: &[u8], outer: Option<AnyRef<'_>>, separate: Option<ObjectIdentifier>) -> Result<PrivateKey, KeyFileError> {
    const STRUCTURE: KeyFileError = KeyFileError::Damaged("its EC structure cannot be read");
    let (version, scalar, inner, public) = AnyRef::from_der(der)
        .and_then(|any| {
            any.sequence(|reader| {
                Ok::<_, der::Error>((
                    u8::decode(reader)?,
                    <&OctetStringRef>::decode(reader)?.as_bytes(),
                    ContextSpecific::<AnyRef<'_>>::decode_explicit(reader, TagNumber(0))?.map(|field| field.value),
                    ContextSpecific::<BitStringRef<'_>>::decode_explicit(reader, TagNumber(1))?
                        .map(|field| field.value),
                ))
            })
        })
        .map_err(|_| STRUCTURE)?;
    if version != 1 {
        return Err(KeyFileError::Damaged("its EC version does not exist"));
    }
    let public = public.map(|bits| bits.as_bytes().ok_or(STRUCTURE)).transpose()?;
    let mut named = Vec::new();
    for parameters in [outer, inner].into_iter().flatten() {
        match parameters.header().tag() {
            Tag::ObjectIdentifier => named.push(parameters.decode_as::<ObjectIdentifier>().map_err(|_| STRUCTURE)?),
            Tag::Sequence => return Err(KeyFileError::ExplicitCurve),
            // implicitCurve (NULL) names none.
            _ => {}
        }
    }
    if named.is_empty() {
        named.extend(separate);
    }
    let Some(oid) = named.first().copied() else {
        return curve_by_public_key(scalar, public);
    };
    if named.iter().any(|other| *other != oid) {
        return Err(KeyFileError::Damaged("it names two curves"));
    }
    let curve = curve_of(oid).ok_or_else(|| KeyFileError::Curve(algorithm_name(oid)))?;
    Ok(PrivateKey::from_scalar(curve, scalar, public)?)
}

/// `certtool --key-info` leaves the curve out: it is the one on which the public key is this number's.
fn curve_by_public_key(scalar: &[u8], public: Option<&[u8]>) -> Result<PrivateKey, KeyFileError> {
    let public = public.ok_or(KeyFileError::NoCurve)?;
    let fits = |curve: &Curve| PrivateKey::from_scalar(*curve, scalar, Some(public)).ok();
    Curve::ALL.iter().find_map(fits).ok_or(KeyFileError::NoCurve)
}

/// RFC 8410 section 7; a public key beside it must be its own.
fn ed25519(key: &[u8], public: Option<&[u8]>) -> Result<PrivateKey, KeyFileError> {
    let seed = <&OctetStringRef>::from_der(key).map_err(|_| KeyFileError::Damaged("its Ed25519 key cannot be read"))?;
    Ok(PrivateKey::from_seed(seed.as_bytes(), public.map(whole_bytes))?)
}

/// The content of a BIT STRING, whose first byte counts unused bits.
fn whole_bytes(bits: &[u8]) -> &[u8] {
    bits.strip_prefix(&[0]).unwrap_or(bits)
}

impl From<KeyError> for KeyFileError {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::MultiPrime => Self::Algorithm("RSA with more than two primes".to_owned()),
            KeyError::UnknownAlgorithm(oid) => Self::Algorithm(algorithm_name(oid)),
            KeyError::UnknownCurve(oid) => Self::Curve(algorithm_name(oid)),
            KeyError::UnnamedCurve => Self::ExplicitCurve,
            KeyError::TooLong(bits) => Self::RsaTooLong(bits),
            KeyError::Exponent => Self::RsaExponent,
            KeyError::MlDsaForm => Self::MlDsaForm,
            KeyError::MlDsaLength => {
                Self::Damaged("its ML-DSA key is neither a seed nor an expanded key of the right length")
            }
            KeyError::Inconsistent => Self::Damaged("its numbers do not belong together"),
            KeyError::Malformed | KeyError::Generation(_) => Self::Damaged("its numbers cannot be read"),
        }
    }
}
