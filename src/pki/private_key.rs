//! A private key as PKCS#8, with its public key computed from it.
//!
//! Whatever was read is written anew: PKCS#8 version 1, EC with a named curve and its public key (RFC 5915), Ed25519
//! without one (RFC 8410 7), ML-DSA as its seed (RFC 9881 6), so that OpenSSL opens each of them. It knows no PEM and no passphrases.

use super::curve;
use super::key_error::KeyError;
use super::key_kind::{EC_PUBLIC_KEY, ED25519, KeyKind, RSA_ENCRYPTION, curve_of, identifier};
use super::ml_dsa;
use super::public_key::{PublicKey, PublicKeyError, named_curve};
use super::rsa_numbers::{self, RSA_MAX_BITS};
use aws_lc_rs::encoding::{AsBigEndian, AsDer};
use aws_lc_rs::rsa::KeyPair as RsaKeyPair;
use aws_lc_rs::signature::{EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair};
use der::asn1::{AnyRef, OctetStringRef};
use der::{Decode, Encode};
use pkcs1::RsaPrivateKeyRef;
use pkcs8::PrivateKeyInfoRef;
use sec1::EcPrivateKey;
use signet_domain::key_spec::Curve;
use signet_domain::ml_dsa::MlDsa;
use signet_domain::secret::Secret;
use spki::AlgorithmIdentifierRef;
use std::sync::{Arc, OnceLock};
use zeroize::Zeroizing;

/// Below this many bits the parts of an RSA key are not even compared; nobody accepts such a key.
const RSA_MIN_CHECKED_BITS: u32 = 512;

/// A private key that is whole: its public key follows from it.
#[derive(Debug, Clone)]
pub struct PrivateKey {
    pkcs8: Secret,
    public: PublicKey,
    spki: Vec<u8>,
    /// As aws-lc has it, once it was asked for. It keeps what the first signature computes, a quarter of that one's time.
    rsa: OnceLock<Arc<RsaKeyPair>>,
    /// As aws-lc has made it.
    ecdsa: Option<Arc<EcdsaKeyPair>>,
}

impl PrivateKey {
    /// Reads PKCS#8 (version 1 or 2) and computes the public key; one that is beside the private key must be equal.
    /// RSA of 1 to 8192 bits, every curve of [`Curve`], Ed25519 and ML-DSA.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, KeyError> {
        let info = PrivateKeyInfoRef::try_from(der).map_err(|_| KeyError::Malformed)?;
        let key = info.private_key.as_bytes();
        let beside = info.public_key.as_ref().and_then(|bits| bits.as_bytes());
        match info.algorithm.oid {
            RSA_ENCRYPTION => Self::from_pkcs1(key),
            EC_PUBLIC_KEY => {
                let curve = named_curve(info.algorithm.parameters.ok_or(KeyError::Malformed)?)?;
                let ec = EcPrivateKey::from_der(key).map_err(|_| KeyError::Malformed)?;
                let named = ec.parameters.as_ref().and_then(|parameters| parameters.named_curve());
                if named.is_some_and(|oid| curve_of(oid) != Some(curve)) {
                    return Err(KeyError::Inconsistent);
                }
                Self::from_scalar(curve, ec.private_key, ec.public_key.or(beside))
            }
            ED25519 => {
                let seed = <&OctetStringRef>::from_der(key).map_err(|_| KeyError::Malformed)?;
                Self::from_seed(seed.as_bytes(), beside)
            }
            oid => Self::from_ml_dsa(ml_dsa::of_oid(oid).ok_or(KeyError::UnknownAlgorithm(oid))?, key, beside),
        }
    }

    /// What aws-lc has made, kept as it has it beside the DER, which is checked as any other.
    pub(super) fn from_made(pair: RsaKeyPair) -> Result<Self, KeyError> {
        let key = Self::from_pkcs8(pair.as_der().map_err(|_| KeyError::Malformed)?.as_ref())?;
        Ok(Self { rsa: OnceLock::from(Arc::new(pair)), ..key })
    }

    /// What aws-lc has made on a curve, kept as it has it. Its point is not computed again, which takes as long as a signature:
    /// that it belongs to the scalar is seen by the key's first signature, which is verified as each one is.
    pub(super) fn from_made_on(curve: Curve, pair: EcdsaKeyPair) -> Result<Self, KeyError> {
        let scalar = pair.private_key().as_be_bytes().map_err(|_| KeyError::Malformed)?;
        let key = Self::with_point(curve, scalar.as_ref(), pair.public_key().as_ref().to_vec())?;
        Ok(Self { ecdsa: Some(Arc::new(pair)), ..key })
    }

    /// Reads an `RSAPrivateKey` (RFC 8017 A.1.2) and compares all its parts.
    pub fn from_pkcs1(der: &[u8]) -> Result<Self, KeyError> {
        let key = RsaPrivateKeyRef::try_from(der).map_err(|_| KeyError::Malformed)?;
        if key.other_prime_infos.is_some() {
            return Err(KeyError::MultiPrime);
        }
        let public = PublicKey::Rsa {
            modulus: key.modulus.as_bytes().to_vec(),
            exponent: key.public_exponent.as_bytes().to_vec(),
        };
        if let KeyKind::Rsa { bits } = public.kind() {
            if bits > RSA_MAX_BITS {
                return Err(KeyError::TooLong(bits));
            }
            if bits >= RSA_MIN_CHECKED_BITS {
                if !rsa_numbers::is_usable_exponent(key.modulus.as_bytes(), key.public_exponent.as_bytes()) {
                    return Err(KeyError::Exponent);
                }
                return Self::whole(public, &rsa_numbers::whole(&key).ok_or(KeyError::Inconsistent)?);
            }
        }
        Self::whole(public, der)
    }

    /// A scalar on a curve. `beside` is the public point that came with it.
    pub fn from_scalar(curve: Curve, scalar: &[u8], beside: Option<&[u8]>) -> Result<Self, KeyError> {
        let scalar = curve::scalar(curve, scalar).ok_or(KeyError::Inconsistent)?;
        let point = curve::point_of(curve, scalar.expose_secret()).ok_or(KeyError::Inconsistent)?;
        if let Some(beside) = beside
            && curve::point(curve, beside).as_ref() != Some(&point)
        {
            return Err(KeyError::Inconsistent);
        }
        Self::with_point(curve, scalar.expose_secret(), point)
    }

    /// A scalar in its curve's own length, with the point that belongs to it, uncompressed.
    fn with_point(curve: Curve, scalar: &[u8], point: Vec<u8>) -> Result<Self, KeyError> {
        let inner = EcPrivateKey { private_key: scalar, parameters: None, public_key: Some(&point) };
        let inner = Zeroizing::new(inner.to_der().map_err(|_| KeyError::Malformed)?);
        Self::whole(PublicKey::Ec { curve, point }, &inner)
    }

    /// The 32 bytes of an Ed25519 key. `beside` is the public key that came with it.
    pub fn from_seed(seed: &[u8], beside: Option<&[u8]>) -> Result<Self, KeyError> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| KeyError::Malformed)?;
        let point = pair.public_key().as_ref();
        if beside.is_some_and(|beside| beside != point) {
            return Err(KeyError::Inconsistent);
        }
        let public = PublicKey::Ed25519(point.try_into().map_err(|_| KeyError::Malformed)?);
        let inner = OctetStringRef::new(seed).and_then(|seed| seed.to_der()).map_err(|_| KeyError::Malformed)?;
        Self::whole(public, &Zeroizing::new(inner))
    }

    /// An ML-DSA key in a form of RFC 9881 6. `beside` is the public key that stood with it. Written anew it is its seed, or
    /// the expanded key where it came without one.
    pub fn from_ml_dsa(set: MlDsa, inner: &[u8], beside: Option<&[u8]>) -> Result<Self, KeyError> {
        let pair = ml_dsa::read(set, inner)?;
        if beside.is_some_and(|beside| beside != pair.public) {
            return Err(KeyError::Inconsistent);
        }
        Self::whole(PublicKey::MlDsa { set, key: pair.public }, &pair.inner)
    }

    fn whole(public: PublicKey, inner: &[u8]) -> Result<Self, KeyError> {
        let identifier = identifier(public.kind());
        let algorithm = AlgorithmIdentifierRef {
            oid: identifier.oid,
            parameters: identifier.parameters.as_ref().map(AnyRef::from),
        };
        let inner = OctetStringRef::new(inner).map_err(|_| KeyError::Malformed)?;
        let pkcs8 = PrivateKeyInfoRef::new(algorithm, inner).to_der().map_err(|_| KeyError::Malformed)?;
        let spki = public.to_spki().map_err(|_| KeyError::Malformed)?;
        Ok(Self { pkcs8: Secret::new(pkcs8), public, spki, rsa: OnceLock::new(), ecdsa: None })
    }

    /// The key itself: DER of PKCS#8 version 1.
    pub fn pkcs8(&self) -> &Secret {
        &self.pkcs8
    }

    /// DER of its `SubjectPublicKeyInfo`.
    pub fn spki_der(&self) -> &[u8] {
        &self.spki
    }

    /// Its public key; compare it with a request's to know whether the two belong together.
    pub fn public_key(&self) -> &PublicKey {
        &self.public
    }

    /// What kind of key.
    pub fn kind(&self) -> KeyKind {
        self.public.kind()
    }

    /// The RSA key as aws-lc has it: none for another kind, and none for a key that it does not accept.
    pub(super) fn rsa(&self) -> Option<&RsaKeyPair> {
        if let Some(pair) = self.rsa.get() {
            return Some(pair);
        }
        let pair = Arc::new(RsaKeyPair::from_pkcs8(self.pkcs8.expose_secret()).ok()?);
        Some(self.rsa.get_or_init(|| pair))
    }

    /// The key on a curve as aws-lc has it for these signatures: none where it does not accept it.
    pub(super) fn ecdsa(&self, algorithm: &'static EcdsaSigningAlgorithm) -> Option<Arc<EcdsaKeyPair>> {
        let made = self.ecdsa.as_ref().filter(|pair| pair.algorithm() == algorithm);
        let read = || EcdsaKeyPair::from_pkcs8(algorithm, self.pkcs8.expose_secret()).ok().map(Arc::new);
        made.cloned().or_else(read)
    }

    /// The scalar of an EC key.
    pub(super) fn scalar(&self) -> Option<Secret> {
        let info = PrivateKeyInfoRef::try_from(self.pkcs8.expose_secret()).ok()?;
        let ec = EcPrivateKey::from_der(info.private_key.as_bytes()).ok()?;
        Some(Secret::new(ec.private_key.to_vec()))
    }
}

impl From<PublicKeyError> for KeyError {
    fn from(error: PublicKeyError) -> Self {
        match error {
            PublicKeyError::Malformed => Self::Malformed,
            PublicKeyError::UnknownAlgorithm(oid) => Self::UnknownAlgorithm(oid),
            PublicKeyError::UnknownCurve(oid) => Self::UnknownCurve(oid),
            PublicKeyError::UnnamedCurve => Self::UnnamedCurve,
        }
    }
}
