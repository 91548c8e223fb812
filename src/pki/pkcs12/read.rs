//! PKCS#12 (RFC 7292) as OpenSSL, Windows, macOS, Java and Firefox write it, read into one key and certificates.
//!
//! Nothing is decrypted before the whole is authenticated by the passphrase, and nothing is derived whose cost is not accepted
//! first. Which certificate is the key's is for others to say.

use super::error::Pkcs12Refusal;
use super::mac::Mac;
use super::oid;
use super::safe::{Contents, explicit, octets};
use crate::keyfile::encryption::Encryption;
use crate::keyfile::{CipherError, Cost, EncryptedKey, KeyFile, MAX_HASHES, MAX_SCRYPT_BLOCKS, MAX_SCRYPT_MEMORY};
use crate::pkcs12_kdf::Characters;
use crate::private_key::PrivateKey;
use crate::{asn1, ber};
use Pkcs12Refusal::Damaged;
use der::asn1::AnyRef;
use der::{Decode, Tag, Tagged};
use signet_domain::secret::Secret;
use zeroize::Zeroizing;

/// A PKCS#12 file as it was given, its lengths made definite.
pub struct Pkcs12File(Zeroizing<Vec<u8>>);

/// A file whose form and cost are accepted: nothing of the cost was paid yet.
pub struct Opening<'a> {
    /// What the MAC is computed over.
    authenticated: Zeroizing<Vec<u8>>,
    /// The same with definite lengths: AuthenticatedSafe.
    safe: Zeroizing<Vec<u8>>,
    mac: Mac<'a>,
    passphrase: Option<&'a Secret>,
    memory: usize,
    hashes: u64,
}

/// What a file holds.
pub struct Opened {
    /// The private key, where there is one.
    pub key: Option<PrivateKey>,
    /// The certificates, DER, in the order of the file.
    pub certificates: Vec<Vec<u8>>,
}

/// A ContentInfo of AuthenticatedSafe.
enum Part<'a> {
    Plain(Zeroizing<Vec<u8>>),
    Encrypted(Encryption<'a>, Zeroizing<Vec<u8>>),
}

impl Pkcs12File {
    /// Accepts a file; [`Pkcs12File::opening`] finds most of what may be wrong with it.
    ///
    /// # Errors
    /// [`Pkcs12Refusal::CutOff`], [`Pkcs12Refusal::Damaged`].
    pub fn read(bytes: &[u8]) -> Result<Self, Pkcs12Refusal> {
        if let Err(Some(missing)) = ber::element(bytes) {
            return Err(Pkcs12Refusal::CutOff { missing });
        }
        ber::definite(bytes).map(Self).ok_or(Damaged("structure"))
    }

    /// Reads all but what is encrypted. Without a passphrase an empty one is tried: some files have none.
    ///
    /// # Errors
    /// Every [`Pkcs12Refusal`] that needs no passphrase.
    pub fn opening<'a>(&'a self, passphrase: Option<&'a Secret>) -> Result<Opening<'a>, Pkcs12Refusal> {
        let fields = AnyRef::from_der(&self.0).and_then(asn1::sequence).map_err(|_| Damaged("structure"))?;
        let [version, content, mac @ ..] = fields.as_slice() else { return Err(Damaged("structure")) };
        if version.tag() != Tag::Integer || version.value() != [3] {
            return Err(Damaged("version"));
        }
        let (kind, content) = content_info(*content).ok_or(Damaged("structure"))?;
        match kind {
            oid::DATA => {}
            oid::SIGNED_DATA => return Err(Pkcs12Refusal::Signed),
            _ => return Err(Damaged("structure")),
        }
        let mac = Mac::parse(*mac.first().ok_or(Pkcs12Refusal::NoMac)?)?;
        let authenticated = asn1::elements(content).ok().and_then(|strings| octets(*strings.first()?));
        let authenticated = authenticated.ok_or(Damaged("structure"))?;
        let safe = ber::definite(&authenticated).ok_or(Damaged("content"))?;

        let mut hashes = 0;
        for _ in mac.ways(expose(passphrase)) {
            hashes = affordable(hashes, mac.hashes())?;
        }
        let mut memory = mac.memory();
        let (mut visible, mut may_hide_a_key) = (Contents::default(), false);
        for part in parts(&safe)? {
            match part {
                Part::Plain(content) => visible.add(&content)?,
                Part::Encrypted(encryption, _) => {
                    memory = memory.max(encryption.memory());
                    hashes = affordable(hashes, encryption.hashes())?;
                    may_hide_a_key = true;
                }
            }
        }
        match visible.only_key()? {
            Some(key) if key.is_encrypted => {
                let key = EncryptedKey::parse(&key.der)?;
                memory = memory.max(key.encryption().memory());
                affordable(hashes, key.encryption().hashes())?;
            }
            Some(_) => {}
            // What a key in an encrypted part needs is seen too late to wait for it.
            None if may_hide_a_key => {
                memory = usize::try_from(MAX_SCRYPT_MEMORY + MAX_SCRYPT_BLOCKS).unwrap_or(usize::MAX)
            }
            None => {}
        }
        Ok(Opening { authenticated, safe, mac, passphrase, memory, hashes })
    }
}

/// The same file twice is one.
impl PartialEq for Pkcs12File {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl Opening<'_> {
    /// Bytes that its derivations need, one after the other.
    pub fn memory(&self) -> usize {
        self.memory
    }

    /// Authenticates the file, and then decrypts it. May take seconds.
    ///
    /// # Errors
    /// Every [`Pkcs12Refusal`].
    pub fn open(self) -> Result<Opened, Pkcs12Refusal> {
        let passphrase = expose(self.passphrase);
        let characters = self.characters(passphrase)?;
        let mut contents = Contents::default();
        for part in parts(&self.safe)? {
            match part {
                Part::Plain(content) => contents.add(&content)?,
                Part::Encrypted(encryption, sealed) => {
                    let plain = encryption.decrypt(passphrase, Some(&characters), &sealed).map_err(unopened)?;
                    let plain = ber::definite(&plain).ok_or(Pkcs12Refusal::Damaged("content"))?;
                    contents.add(&plain)?;
                }
            }
        }
        let key = match contents.only_key()? {
            None => None,
            Some(key) if key.is_encrypted => {
                let encrypted = EncryptedKey::parse(&key.der)?;
                affordable(self.hashes, encrypted.encryption().hashes())?;
                Some(encrypted.open(passphrase, Some(&characters), None)?)
            }
            Some(key) => Some(KeyFile::from_der(key.der.clone()).open(None)?),
        };
        Ok(Opened { key, certificates: contents.certificates })
    }

    /// The passphrase as the file's maker hashed it, which the MAC shows.
    fn characters(&self, passphrase: &[u8]) -> Result<Characters, Pkcs12Refusal> {
        let ways = self.mac.ways(passphrase).into_iter();
        let mut fitting = ways.filter(|characters| self.mac.fits(&self.authenticated, passphrase, characters));
        fitting.next().ok_or(match self.passphrase {
            None => Pkcs12Refusal::NoPassphrase,
            Some(empty) if empty.is_empty() => Pkcs12Refusal::EmptyPassphrase,
            Some(_) => Pkcs12Refusal::WrongPassphrase,
        })
    }
}

/// Without a passphrase an empty one is tried.
fn expose(passphrase: Option<&Secret>) -> &[u8] {
    passphrase.map(Secret::expose_secret).unwrap_or_default()
}

/// The file is authentic, so that it is not the passphrase.
fn unopened(_: CipherError) -> Pkcs12Refusal {
    Damaged("encrypted content")
}

/// All the derivations of a file together have a bound; each has that of a key file besides.
fn affordable(hashes: u64, more: u64) -> Result<u64, Pkcs12Refusal> {
    let sum = hashes.saturating_add(more);
    if sum > MAX_HASHES { Err(Pkcs12Refusal::Cost(Cost::Hashes(sum))) } else { Ok(sum) }
}

/// The kind and what is under [0] of a ContentInfo (RFC 2315 7).
fn content_info<'a>(element: AnyRef<'a>) -> Option<(&'a [u8], &'a [u8])> {
    let parts = asn1::sequence(element).ok()?;
    let &[kind, wrapped] = parts.as_slice() else { return None };
    (kind.tag() == Tag::ObjectIdentifier).then_some((kind.value(), explicit(wrapped)?))
}

fn parts(safe: &[u8]) -> Result<Vec<Part<'_>>, Pkcs12Refusal> {
    let infos = AnyRef::from_der(safe).and_then(asn1::sequence).map_err(|_| Damaged("content"))?;
    infos.into_iter().map(part).collect()
}

fn part(info: AnyRef<'_>) -> Result<Part<'_>, Pkcs12Refusal> {
    let (kind, content) = content_info(info).ok_or(Damaged("content"))?;
    match kind {
        oid::DATA => {
            let strings = asn1::elements(content).map_err(|_| Damaged("content"))?;
            let content = strings.first().and_then(|string| octets(*string)).ok_or(Damaged("content"))?;
            Ok(Part::Plain(ber::definite(&content).ok_or(Damaged("content"))?))
        }
        oid::ENCRYPTED_DATA => encrypted(content),
        oid::ENVELOPED_DATA => Err(Pkcs12Refusal::Enveloped),
        _ => Err(Damaged("content")),
    }
}

/// EncryptedData (RFC 2315 13).
fn encrypted(data: &[u8]) -> Result<Part<'_>, Pkcs12Refusal> {
    const DAMAGED: Pkcs12Refusal = Damaged("encrypted content");
    let fields = AnyRef::from_der(data).and_then(asn1::sequence).map_err(|_| DAMAGED)?;
    let [_version, info, ..] = fields.as_slice() else { return Err(DAMAGED) };
    let info = asn1::sequence(*info).map_err(|_| DAMAGED)?;
    let &[_kind, algorithm, sealed] = info.as_slice() else { return Err(DAMAGED) };
    let algorithm = algorithm.decode_as().map_err(|_| DAMAGED)?;
    Ok(Part::Encrypted(Encryption::parse(&algorithm)?, octets(sealed).ok_or(DAMAGED)?))
}

#[cfg(test)]
mod tests;
