//! A key with its chain under a passphrase: PKCS#12 (RFC 7292), written here and read in [`read`].
//!
//! Key and certificates are encrypted by PBES2 (PBKDF2-HMAC-SHA-256, AES-256-CBC), the whole is authenticated by
//! HMAC-SHA-256 as RFC 7292 appendix B derives its key: OpenSSL from 1.1, Java from 8u301, Windows from 10 (1709) open it.

mod error;
mod mac;
mod oid;
pub mod read;
mod safe;

pub use error::Pkcs12Refusal;

use super::asn1;
use super::digest::sha256;
use super::error::PkiError;
use super::export::{ROUNDS, Sealing};
use super::pkcs12_kdf::{Characters, Purpose, derive};
use aws_lc_rs::digest::SHA256;
use aws_lc_rs::hmac;
use signet_domain::secret::Secret;
use zeroize::Zeroizing;

/// DER that holds a key or what one is derived from.
type Der = Zeroizing<Vec<u8>>;

const INTEGER: u8 = 0x02;
const OCTETS: u8 = 0x04;
const NULL: u8 = 0x05;
const OID: u8 = 0x06;
const BMP_STRING: u8 = 0x1e;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
/// [0], constructed.
const EXPLICIT: u8 = 0xa0;
/// [0], primitive.
const IMPLICIT_OCTETS: u8 = 0x80;

/// Why no PKCS#12 file was made.
#[derive(Debug, thiserror::Error)]
pub enum Pkcs12Error {
    /// No certificate to go with the key.
    #[error("a PKCS#12 file needs at least one certificate")]
    NoCertificate,
    /// Nothing to encrypt under.
    #[error("a PKCS#12 file needs a passphrase")]
    NoPassphrase,
    /// The authentication needs the passphrase as characters.
    #[error("the passphrase is not UTF-8 text")]
    PassphraseNotText,
    /// Encryption or randomness.
    #[error(transparent)]
    Pki(#[from] PkiError),
}

/// One file with the key and its chain.
///
/// `chain` is certificates in DER, the key's own first; `key` is PKCS#8 DER; `name` is what programs list the key as
/// (Java's alias, in small letters there). Costs three times [`ROUNDS`] hashes, half as
/// much again as an encrypted key alone: not for the event loop.
///
/// # Errors
/// [`Pkcs12Error`].
pub fn encode(chain: &[Vec<u8>], key: &Secret, name: &str, passphrase: &Secret) -> Result<Vec<u8>, Pkcs12Error> {
    let Some((leaf, _)) = chain.split_first() else { return Err(Pkcs12Error::NoCertificate) };
    if passphrase.is_empty() {
        return Err(Pkcs12Error::NoPassphrase);
    }
    let characters = Characters::of(passphrase.expose_secret()).ok_or(Pkcs12Error::PassphraseNotText)?;
    let sealing = Sealing::new(passphrase)?;
    let attributes = attributes(name, leaf);

    let mut bags = Zeroizing::new(Vec::new());
    for (place, certificate) in chain.iter().enumerate() {
        let value = tlv(EXPLICIT, &[&tlv(OCTETS, &[certificate])]);
        let bag = tlv(SEQUENCE, &[&tlv(OID, &[oid::X509]), &value]);
        // Only the key's own certificate has the attributes that bind the two.
        let attributes = if place == 0 { attributes.as_slice() } else { &[] };
        bags.extend_from_slice(&tlv(SEQUENCE, &[&tlv(OID, &[oid::CERT_BAG]), &tlv(EXPLICIT, &[&bag]), attributes]));
    }
    let (algorithm, encrypted) = sealing.seal(&tlv(SEQUENCE, &[&bags]))?;
    let data = tlv(OID, &[oid::DATA]);
    let content = tlv(SEQUENCE, &[&data, &algorithm, &tlv(IMPLICIT_OCTETS, &[&encrypted])]);
    let content = tlv(EXPLICIT, &[&tlv(SEQUENCE, &[&tlv(INTEGER, &[&[0]]), &content])]);
    let certificates = tlv(SEQUENCE, &[&tlv(OID, &[oid::ENCRYPTED_DATA]), &content]);

    let (algorithm, encrypted) = sealing.seal(key.expose_secret())?;
    let shrouded = tlv(EXPLICIT, &[&tlv(SEQUENCE, &[&algorithm, &tlv(OCTETS, &[&encrypted])])]);
    let bag = tlv(SEQUENCE, &[&tlv(OID, &[oid::KEY_BAG]), &shrouded, &attributes]);
    let keys = plain_data(&tlv(SEQUENCE, &[&bag]));

    let contents = tlv(SEQUENCE, &[&certificates, &keys]);
    let mac = mac(&contents, &characters)?;
    Ok(tlv(SEQUENCE, &[&tlv(INTEGER, &[&[3]]), &plain_data(&contents), &mac]).to_vec())
}

/// friendlyName and localKeyId. The latter only has to be the same for key and certificate.
fn attributes(name: &str, leaf: &[u8]) -> Der {
    let name: Vec<u8> = name.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let key_id = sha256(leaf);
    let attribute = |oid: &[u8], value: &[u8]| tlv(SEQUENCE, &[&tlv(OID, &[oid]), &tlv(SET, &[value])]);
    let mut both = [
        attribute(oid::FRIENDLY_NAME, &tlv(BMP_STRING, &[&name])),
        attribute(oid::LOCAL_KEY_ID, &tlv(OCTETS, &[&key_id])),
    ];
    // A SET OF is in the order of its bytes.
    both.sort_by(|one, other| one.as_slice().cmp(other.as_slice()));
    let [first, second] = &both;
    tlv(SET, &[first, second])
}

/// ContentInfo of plain data (RFC 2315 7).
fn plain_data(content: &[u8]) -> Der {
    tlv(SEQUENCE, &[&tlv(OID, &[oid::DATA]), &tlv(EXPLICIT, &[&tlv(OCTETS, &[content])])])
}

/// MacData (RFC 7292 4): as many rounds as the encryption has, or the passphrase would be guessed here.
fn mac(contents: &[u8], passphrase: &Characters) -> Result<Der, PkiError> {
    let mut salt = [0; 16];
    aws_lc_rs::rand::fill(&mut salt).map_err(|_| PkiError::Randomness)?;
    let mut key = Zeroizing::new([0; 32]);
    derive(&SHA256, Purpose::Mac, passphrase, &salt, ROUNDS.get(), key.as_mut_slice());
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &*key), contents);
    let algorithm = tlv(SEQUENCE, &[&tlv(OID, &[oid::SHA256]), &tlv(NULL, &[])]);
    let digest = tlv(SEQUENCE, &[&algorithm, &tlv(OCTETS, &[tag.as_ref()])]);
    // Positive: the highest of its four bytes is zero, and one of them goes.
    let [_, rounds @ ..] = ROUNDS.get().to_be_bytes();
    Ok(tlv(SEQUENCE, &[&digest, &tlv(OCTETS, &[&salt]), &tlv(INTEGER, &[&rounds])]))
}

/// One element of DER from the pieces of its content.
fn tlv(identifier: u8, content: &[&[u8]]) -> Der {
    let length: usize = content.iter().map(|piece| piece.len()).sum();
    // Reserved at once: a growing vector would leave copies behind.
    let mut der = Zeroizing::new(Vec::with_capacity(length + 10));
    asn1::push_header(identifier, length, &mut der);
    content.iter().for_each(|piece| der.extend_from_slice(piece));
    der
}

#[cfg(test)]
mod tests;
