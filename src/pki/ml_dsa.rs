//! ML-DSA keys by aws-lc: made, read in the three forms of RFC 9881, and used.
//!
//! A key is kept as its seed of 32 bytes, from which everything follows (FIPS 204 3.6.3). One that came without its seed
//! keeps the expanded form, for no seed can be computed from that. Nothing here knows PKCS#8 around it.

use super::key_error::KeyError;
use aws_lc_rs::encoding::AsRawBytes;
use aws_lc_rs::signature::{self as aws, KeyPair, PqdsaKeyPair, PqdsaSigningAlgorithm, PqdsaVerificationAlgorithm};
use der::asn1::{AnyRef, ObjectIdentifier, OctetStringRef};
use der::{Decode, Encode, Reader, Tag, TagNumber};
use signet_domain::ml_dsa::MlDsa;
use zeroize::Zeroizing;

/// Bytes of a seed, for every parameter set (FIPS 204 algorithm 1).
const SEED: usize = 32;

/// A key pair, and what is written of its private half: the content of PKCS#8's `privateKey` (RFC 9881 6).
pub(super) struct Pair {
    pub(super) public: Vec<u8>,
    pub(super) inner: Zeroizing<Vec<u8>>,
}

/// id-ml-dsa-44, -65 and -87 (RFC 9881 2): name both the key and the signature.
pub(super) fn oid(set: MlDsa) -> ObjectIdentifier {
    match set {
        MlDsa::MlDsa44 => ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.17"),
        MlDsa::MlDsa65 => ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.18"),
        MlDsa::MlDsa87 => ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.19"),
    }
}

/// The parameter set of an object identifier.
pub(super) fn of_oid(known: ObjectIdentifier) -> Option<MlDsa> {
    MlDsa::ALL.into_iter().find(|set| oid(*set) == known)
}

/// aws-lc's name for making keys and signatures.
pub(super) fn signing(set: MlDsa) -> &'static PqdsaSigningAlgorithm {
    match set {
        MlDsa::MlDsa44 => &aws::ML_DSA_44_SIGNING,
        MlDsa::MlDsa65 => &aws::ML_DSA_65_SIGNING,
        MlDsa::MlDsa87 => &aws::ML_DSA_87_SIGNING,
    }
}

/// aws-lc's name for verifying.
fn verification(set: MlDsa) -> &'static PqdsaVerificationAlgorithm {
    match set {
        MlDsa::MlDsa44 => &aws::ML_DSA_44,
        MlDsa::MlDsa65 => &aws::ML_DSA_65,
        MlDsa::MlDsa87 => &aws::ML_DSA_87,
    }
}

/// A new key, as PKCS#8 with its seed.
pub(super) fn generate(set: MlDsa) -> Option<aws_lc_rs::pkcs8::Document> {
    PqdsaKeyPair::generate(signing(set)).ok()?.to_pkcs8v1().ok()
}

/// Pure ML-DSA with an empty context (RFC 9881 3), hedged. `pkcs8` is a whole private key of that set.
pub(super) fn sign(set: MlDsa, pkcs8: &[u8], message: &[u8]) -> Option<Vec<u8>> {
    let pair = PqdsaKeyPair::from_pkcs8(signing(set), pkcs8).ok()?;
    let mut signature = vec![0; set.signature_length()];
    let length = pair.sign(message, &mut signature).ok()?;
    (length == signature.len()).then_some(signature)
}

/// True when the signature over the message is the public key's.
pub(super) fn verify(set: MlDsa, public: &[u8], message: &[u8], signature: &[u8]) -> bool {
    aws::UnparsedPublicKey::new(verification(set), public).verify(message, signature).is_ok()
}

/// Reads `ML-DSA-NN-PrivateKey` (RFC 9881 6), a CHOICE of three. Where there are seed and expanded key they must belong
/// together, and the seed is kept.
///
/// # Errors
/// [`KeyError::MlDsaForm`] for a form that programs wrote before the RFC, such as a bare seed; [`KeyError::MlDsaLength`] for
/// what is neither; [`KeyError::Inconsistent`] where an expanded key is not its seed's, or its own parts contradict each other.
pub(super) fn read(set: MlDsa, inner: &[u8]) -> Result<Pair, KeyError> {
    match of_rfc(set, inner) {
        Err(KeyError::MlDsaLength) if is_early(set, inner) => Err(KeyError::MlDsaForm),
        outcome => outcome,
    }
}

/// A seed or an expanded key that is not marked as such: alone, both, or with the public key behind it; in a string or bare.
fn is_early(set: MlDsa, inner: &[u8]) -> bool {
    let expanded = expanded_length(set);
    let lengths = [SEED, expanded, SEED + expanded, expanded + set.public_key_length()];
    let string = <&OctetStringRef>::from_der(inner).map(|string| string.as_bytes().len());
    lengths.contains(&inner.len()) || string.is_ok_and(|length| lengths.contains(&length))
}

fn of_rfc(set: MlDsa, inner: &[u8]) -> Result<Pair, KeyError> {
    let any = AnyRef::from_der(inner).map_err(|_| KeyError::MlDsaLength)?;
    match any.header().tag() {
        Tag::ContextSpecific { number: TagNumber(0), constructed: false } => of_seed(set, any.value()),
        Tag::OctetString => of_expanded(set, any.value()),
        Tag::Sequence => {
            let (seed, expanded) = any
                .sequence(|reader| {
                    let both = (<&OctetStringRef>::decode(reader)?.as_bytes(), <&OctetStringRef>::decode(reader)?);
                    if reader.is_finished() {
                        Ok((both.0, both.1.as_bytes()))
                    } else {
                        Err(der::ErrorKind::Failed.into())
                    }
                })
                .map_err(|_: der::Error| KeyError::MlDsaLength)?;
            let pair = of_seed(set, seed)?;
            let same = raw(&seeded(set, seed)?)?.as_slice() == expanded;
            if same { Ok(pair) } else { Err(KeyError::Inconsistent) }
        }
        _ => Err(KeyError::MlDsaLength),
    }
}

fn of_seed(set: MlDsa, seed: &[u8]) -> Result<Pair, KeyError> {
    if seed.len() != SEED {
        return Err(KeyError::MlDsaLength);
    }
    let pair = seeded(set, seed)?;
    // [0] IMPLICIT OCTET STRING.
    let tagged = AnyRef::new(Tag::ContextSpecific { constructed: false, number: TagNumber(0) }, seed);
    let tagged = tagged.map_err(|_| KeyError::Malformed)?;
    let inner = Zeroizing::new(tagged.to_der().map_err(|_| KeyError::Malformed)?);
    Ok(Pair { public: pair.public_key().as_ref().to_vec(), inner })
}

/// aws-lc computes the public key from the expanded one; that the rest of it is whole shows a signature.
fn of_expanded(set: MlDsa, expanded: &[u8]) -> Result<Pair, KeyError> {
    if expanded.len() != expanded_length(set) {
        return Err(KeyError::MlDsaLength);
    }
    let pair = PqdsaKeyPair::from_raw_private_key(signing(set), expanded).map_err(|_| KeyError::Inconsistent)?;
    let public = pair.public_key().as_ref().to_vec();
    let (message, mut signature) = (b"a key's first signature", vec![0; set.signature_length()]);
    pair.sign(message, &mut signature).map_err(|_| KeyError::Inconsistent)?;
    if !verify(set, &public, message, &signature) {
        return Err(KeyError::Inconsistent);
    }
    let value = OctetStringRef::new(expanded).map_err(|_| KeyError::Malformed)?;
    let inner = Zeroizing::new(value.to_der().map_err(|_| KeyError::Malformed)?);
    Ok(Pair { public, inner })
}

fn seeded(set: MlDsa, seed: &[u8]) -> Result<PqdsaKeyPair, KeyError> {
    PqdsaKeyPair::from_seed(signing(set), seed).map_err(|_| KeyError::Malformed)
}

fn raw(pair: &PqdsaKeyPair) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let raw = pair.private_key().as_raw_bytes().map_err(|_| KeyError::Malformed)?;
    Ok(Zeroizing::new(raw.as_ref().to_vec()))
}

/// Bytes of an expanded private key (FIPS 204 table 2).
fn expanded_length(set: MlDsa) -> usize {
    match set {
        MlDsa::MlDsa44 => 2560,
        MlDsa::MlDsa65 => 4032,
        MlDsa::MlDsa87 => 4896,
    }
}
