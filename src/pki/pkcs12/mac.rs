//! MacData of PKCS#12 (RFC 7292 4): HMAC under a key of its own derivation, or PBMAC1 (RFC 9579).

use super::error::Pkcs12Refusal;
use crate::asn1;
use crate::keyfile::pbes2::{Derivation, count, parameters};
use crate::keyfile::{Cost, MAX_ROUNDS, algorithm_name};
use crate::pkcs12_kdf::{Characters, Purpose, derive};
use aws_lc_rs::{digest, hmac};
use der::asn1::{AnyRef, ObjectIdentifier, OctetStringRef, UintRef};
use spki::AlgorithmIdentifierRef;
use zeroize::Zeroizing;

const DAMAGED: Pkcs12Refusal = Pkcs12Refusal::Damaged("integrity check");
/// id-PBMAC1 (RFC 8018 A.5).
const PBMAC1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.14");

/// A MAC and how its key is derived.
pub(super) struct Mac<'a> {
    derivation: KeyDerivation<'a>,
    hmac: hmac::Algorithm,
    key_length: usize,
    tag: &'a [u8],
}

enum KeyDerivation<'a> {
    Pkcs12 { hash: &'static digest::Algorithm, salt: &'a [u8], rounds: u32 },
    Pbmac1(Derivation<'a>),
}

impl<'a> Mac<'a> {
    /// Reads MacData.
    pub(super) fn parse(data: AnyRef<'a>) -> Result<Self, Pkcs12Refusal> {
        let fields = asn1::sequence(data).map_err(|_| DAMAGED)?;
        let [info, salt, rounds @ ..] = fields.as_slice() else { return Err(DAMAGED) };
        let info = asn1::sequence(*info).map_err(|_| DAMAGED)?;
        let &[algorithm, tag] = info.as_slice() else { return Err(DAMAGED) };
        let algorithm: AlgorithmIdentifierRef<'a> = algorithm.decode_as().map_err(|_| DAMAGED)?;
        let octets = |element: AnyRef<'a>| element.decode_as::<&OctetStringRef>().map_err(|_| DAMAGED);
        let tag = octets(tag)?.as_bytes();
        if algorithm.oid == PBMAC1 {
            return Self::pbmac1(&algorithm, tag);
        }
        let (hash, hmac) = by_digest(algorithm.oid)?;
        let rounds = match rounds {
            [] => 1,
            [rounds, ..] => rounds.decode_as::<UintRef<'_>>().map(count).map_err(|_| DAMAGED)?,
        };
        if rounds > MAX_ROUNDS {
            return Err(Pkcs12Refusal::Cost(Cost::Rounds(rounds)));
        }
        let rounds = u32::try_from(rounds).ok().filter(|rounds| *rounds > 0).ok_or(DAMAGED)?;
        let derivation = KeyDerivation::Pkcs12 { hash, salt: octets(*salt)?.as_bytes(), rounds };
        Ok(Self { derivation, hmac, key_length: hash.output_len(), tag })
    }

    /// PBMAC1-params; salt and rounds of MacData mean nothing then (RFC 9579 6).
    fn pbmac1(algorithm: &AlgorithmIdentifierRef<'a>, tag: &'a [u8]) -> Result<Self, Pkcs12Refusal> {
        /// A key that is longer is hashed first; nobody derives one.
        const LONGEST: usize = 128;
        let parts = parameters(algorithm).and_then(asn1::sequence).map_err(|_| DAMAGED)?;
        let &[derivation, scheme] = parts.as_slice() else { return Err(DAMAGED) };
        let [derivation, scheme]: [der::Result<AlgorithmIdentifierRef<'a>>; 2] =
            [derivation, scheme].map(|part| part.decode_as());
        let (derivation, length) = Derivation::parse(&derivation.map_err(|_| DAMAGED)?)?;
        let key_length = length.map(usize::from).filter(|length| (1..=LONGEST).contains(length)).ok_or(DAMAGED)?;
        let hmac = by_hmac(scheme.map_err(|_| DAMAGED)?.oid)?;
        Ok(Self { derivation: KeyDerivation::Pbmac1(derivation), hmac, key_length, tag })
    }

    /// Bytes that its derivation needs.
    pub(super) fn memory(&self) -> usize {
        match &self.derivation {
            KeyDerivation::Pkcs12 { .. } => 0,
            KeyDerivation::Pbmac1(derivation) => derivation.memory(),
        }
    }

    /// Hashes that one of its derivations takes about as long as; there is one for each of [`Mac::ways`].
    pub(super) fn hashes(&self) -> u64 {
        match &self.derivation {
            // Its key is as long as one hash.
            KeyDerivation::Pkcs12 { rounds, .. } => u64::from(*rounds),
            KeyDerivation::Pbmac1(derivation) => derivation.hashes(self.key_length),
        }
    }

    /// The characters that may have been hashed for a passphrase; none where it is not text.
    pub(super) fn ways(&self, passphrase: &[u8]) -> Vec<Characters> {
        // Of an empty passphrase some hash its end alone, and others nothing at all. PBMAC1 hashes its bytes.
        let is_hashed_in_two_ways = passphrase.is_empty() && matches!(self.derivation, KeyDerivation::Pkcs12 { .. });
        let none = is_hashed_in_two_ways.then(Characters::none);
        Characters::of(passphrase).into_iter().chain(none).collect()
    }

    /// Whether it is the MAC of these bytes under this passphrase, given as bytes and as characters.
    pub(super) fn fits(&self, bytes: &[u8], passphrase: &[u8], characters: &Characters) -> bool {
        let mut key = Zeroizing::new(vec![0; self.key_length]);
        match &self.derivation {
            KeyDerivation::Pkcs12 { hash, salt, rounds } => {
                derive(hash, Purpose::Mac, characters, salt, *rounds, &mut key);
            }
            KeyDerivation::Pbmac1(derivation) => {
                if derivation.derive(passphrase, &mut key).is_err() {
                    return false;
                }
            }
        }
        hmac::verify(&hmac::Key::new(self.hmac, &key), bytes, self.tag).is_ok()
    }
}

fn by_digest(oid: ObjectIdentifier) -> Result<(&'static digest::Algorithm, hmac::Algorithm), Pkcs12Refusal> {
    match oid.to_string().as_str() {
        "1.3.14.3.2.26" => Ok((&digest::SHA1_FOR_LEGACY_USE_ONLY, hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY)),
        "2.16.840.1.101.3.4.2.4" => Ok((&digest::SHA224, hmac::HMAC_SHA224)),
        "2.16.840.1.101.3.4.2.1" => Ok((&digest::SHA256, hmac::HMAC_SHA256)),
        "2.16.840.1.101.3.4.2.2" => Ok((&digest::SHA384, hmac::HMAC_SHA384)),
        "2.16.840.1.101.3.4.2.3" => Ok((&digest::SHA512, hmac::HMAC_SHA512)),
        "1.2.840.113549.2.5" => Err(Pkcs12Refusal::UnknownMac("HMAC with MD5".to_owned())),
        _ => Err(Pkcs12Refusal::UnknownMac(algorithm_name(oid))),
    }
}

fn by_hmac(oid: ObjectIdentifier) -> Result<hmac::Algorithm, Pkcs12Refusal> {
    match oid.to_string().as_str() {
        "1.2.840.113549.2.7" => Ok(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY),
        "1.2.840.113549.2.8" => Ok(hmac::HMAC_SHA224),
        "1.2.840.113549.2.9" => Ok(hmac::HMAC_SHA256),
        "1.2.840.113549.2.10" => Ok(hmac::HMAC_SHA384),
        "1.2.840.113549.2.11" => Ok(hmac::HMAC_SHA512),
        _ => Err(Pkcs12Refusal::UnknownMac(algorithm_name(oid))),
    }
}
