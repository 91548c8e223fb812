//! What a PKCS#12 file holds once it is decrypted: certificates and keys in bags (RFC 7292 4.2).
//!
//! Bags of other things are passed over. Lengths are definite here; a string may still come in pieces, as Firefox writes it.

use super::error::Pkcs12Refusal;
use super::oid;
use crate::asn1;
use der::asn1::AnyRef;
use der::{Decode, Tag, TagNumber, Tagged};
use zeroize::Zeroizing;

/// Bags in bags, and strings in pieces in pieces: nobody writes more. Each level is a call, and a file may be as deep as it is long.
const DEEPEST: usize = 4;

/// What was found so far.
#[derive(Default)]
pub(super) struct Contents {
    /// X.509 certificates, DER.
    pub(super) certificates: Vec<Vec<u8>>,
    /// Private keys, each once.
    pub(super) keys: Vec<KeyBag>,
}

/// A private key as it lies in its bag.
pub(super) struct KeyBag {
    /// PKCS#8, encrypted or not.
    pub(super) der: Zeroizing<Vec<u8>>,
    /// EncryptedPrivateKeyInfo.
    pub(super) is_encrypted: bool,
    /// What the file calls it.
    name: Option<String>,
}

impl Contents {
    /// Adds what these SafeContents hold.
    pub(super) fn add(&mut self, safe: &[u8]) -> Result<(), Pkcs12Refusal> {
        self.add_bags(safe, 0).ok_or(Pkcs12Refusal::Damaged("content"))
    }

    /// Refuses more than one private key.
    pub(super) fn only_key(&self) -> Result<Option<&KeyBag>, Pkcs12Refusal> {
        match self.keys.as_slice() {
            [] => Ok(None),
            [key] => Ok(Some(key)),
            several => Err(Pkcs12Refusal::SeveralKeys(several.iter().filter_map(|key| key.name.clone()).collect())),
        }
    }

    fn add_bags(&mut self, safe: &[u8], depth: usize) -> Option<()> {
        for bag in AnyRef::from_der(safe).and_then(asn1::sequence).ok()? {
            let parts = asn1::sequence(bag).ok()?;
            let [kind, wrapped, rest @ ..] = parts.as_slice() else { return None };
            let value = explicit(*wrapped)?;
            match kind.value() {
                oid::CERT_BAG => self.certificates.extend(certificate(value)?),
                oid::PLAIN_KEY_BAG => self.add_key(value, false, rest),
                oid::KEY_BAG => self.add_key(value, true, rest),
                oid::SAFE_BAG => self.add_bags(value, depth.checked_add(1).filter(|depth| *depth < DEEPEST)?)?,
                _ => {}
            }
        }
        Some(())
    }

    fn add_key(&mut self, der: &[u8], is_encrypted: bool, attributes: &[AnyRef<'_>]) {
        if self.keys.iter().all(|key| key.der.as_slice() != der) {
            let name = attributes.first().and_then(|attributes| friendly_name(*attributes));
            self.keys.push(KeyBag { der: Zeroizing::new(der.to_vec()), is_encrypted, name });
        }
    }
}

/// The certificate of a certBag; nothing for one of another kind than X.509.
fn certificate(bag: &[u8]) -> Option<Option<Vec<u8>>> {
    let parts = AnyRef::from_der(bag).and_then(asn1::sequence).ok()?;
    let &[kind, wrapped] = parts.as_slice() else { return None };
    if kind.value() != oid::X509 {
        return Some(None);
    }
    let strings = asn1::elements(explicit(wrapped)?).ok()?;
    Some(Some(octets(*strings.first()?)?.to_vec()))
}

/// The name that programs list a key as.
fn friendly_name(attributes: AnyRef<'_>) -> Option<String> {
    asn1::elements(attributes.value()).ok()?.into_iter().find_map(|attribute| {
        let parts = asn1::sequence(attribute).ok()?;
        let &[kind, values] = parts.as_slice() else { return None };
        let values = asn1::elements(values.value()).ok()?;
        (kind.value() == oid::FRIENDLY_NAME).then(|| values.first().map(|value| asn1::text(*value)))?
    })
}

/// What [0] EXPLICIT holds.
pub(super) fn explicit<'a>(element: AnyRef<'a>) -> Option<&'a [u8]> {
    let tag = Tag::ContextSpecific { constructed: true, number: TagNumber(0) };
    (element.tag() == tag).then_some(element.value())
}

/// The bytes of an OCTET STRING, in one piece or in several, also where it is [0] IMPLICIT; none where it is damaged, or its
/// pieces are nested more than [`DEEPEST`] deep.
pub(super) fn octets(element: AnyRef<'_>) -> Option<Zeroizing<Vec<u8>>> {
    // Reserved at once: a growing vector would leave copies of a key behind.
    let mut whole = Zeroizing::new(Vec::with_capacity(element.value().len()));
    append_octets(element, &mut whole, 0)?;
    Some(whole)
}

fn append_octets(element: AnyRef<'_>, whole: &mut Vec<u8>, depth: usize) -> Option<()> {
    /// OCTET STRING (X.680 8.6), which `asn1::elements` carries under another class where it is constructed.
    const OCTETS: TagNumber = TagNumber(4);
    match element.tag() {
        Tag::OctetString | Tag::ContextSpecific { constructed: false, number: TagNumber(0) } => {
            whole.extend_from_slice(element.value());
        }
        Tag::ContextSpecific { constructed: true, number: TagNumber(0) }
        | Tag::Private { constructed: true, number: OCTETS } => {
            let deeper = depth.checked_add(1).filter(|depth| *depth <= DEEPEST)?;
            for piece in asn1::elements(element.value()).ok()? {
                append_octets(piece, whole, deeper)?;
            }
        }
        _ => return None,
    }
    Some(())
}
