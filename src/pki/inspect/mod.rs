//! Decodes a certificate signing request from its own bytes, whoever made it.
//!
//! Lenient about what others put in: unknown attributes, names and extensions are shown by their object identifier and in
//! hex. The signature is verified only when asked ([`verify_signature`]). What was asked for in the wizard is not known
//! here.

mod extensions;
mod facts;
mod names;
mod requested;
#[cfg(test)]
mod tests;

pub use extensions::{CHALLENGE_PASSWORD, FoundExtension};
pub use facts::{KeyFacts, SignatureFacts};
pub use names::{FoundAttribute, TypedSubject};
pub use requested::{
    RequestedAuthority, RequestedBits, RequestedConstraints, RequestedExtensions, RequestedIdentifier, RequestedNames,
    RequestedOther, RequestedUsages,
};

pub(super) use extensions::{of_certificate, repeated};
pub(super) use facts::{key_facts, signature_facts};
pub(super) use names::{COMMON_NAME, attributes, first, general_name, one_line};

use super::asn1;
use super::digest::sha256;
use super::public_key::PublicKey;
use super::verify::{self, VerifyError};
use der::asn1::{AnyRef, BitStringRef};
use der::{Decode, Tag, Tagged};
use signet_domain::answer::Terms;
use signet_domain::san::San;
use spki::AlgorithmIdentifierRef;

/// The longest request that is read, in bytes. One of 100 long names and an RSA key of 8192 bits has some 30 KiB.
pub const MAX_REQUEST: usize = 256 * 1024;

/// Why bytes are not a request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InspectError {
    /// Longer than [`MAX_REQUEST`].
    #[error("a request of {0} bytes is too long: the limit is {MAX_REQUEST}")]
    TooLong(usize),
    /// Not the structure of RFC 2986, section 4.
    #[error("this is not a certificate signing request")]
    NotARequest,
    /// The structure of a request around something that is not one of its parts.
    #[error("the request's {0} is damaged")]
    Damaged(&'static str),
}

/// Everything that a request says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspected {
    /// The distinguished name in its own order.
    pub subject: Vec<FoundAttribute>,
    /// The first common name.
    pub common_name: Option<String>,
    /// The parts of the subject that the wizard knows, each its first.
    pub typed_subject: TypedSubject,
    /// The subject alternative names, such as `DNS:nas.local`.
    pub san: Vec<String>,
    /// The extensions in their order, to be read by a person.
    pub extensions: Vec<FoundExtension>,
    /// The same as values (docs/reference.md, `extensions{}`).
    pub requested: RequestedExtensions,
    /// Attributes beside the extension request, a challenge password's value withheld.
    pub attributes: Vec<FoundAttribute>,
    /// The public key.
    pub key: KeyFacts,
    /// How it was signed.
    pub signature: SignatureFacts,
    /// The number in the field of the version, which is 0 (RFC 2986 4.1); none where it is not a small number.
    pub version: Option<u8>,
    /// Names of extensions that are asked for more than once.
    pub repeated: Vec<String>,
    /// DER of the `SubjectPublicKeyInfo`, as it is in the request.
    pub spki_der: Vec<u8>,
    /// SHA-256 of [`Inspected::spki_der`].
    pub spki_sha256: [u8; 32],
    /// SHA-256 of the key however it is encoded: equal for two encodings of one key.
    pub key_sha256: [u8; 32],
    /// SHA-256 of the request's DER.
    pub csr_sha256: [u8; 32],
}

impl Inspected {
    /// The subject alternative names of the kinds that are known here.
    pub fn names(&self) -> Vec<San> {
        self.san.iter().filter_map(|name| San::parse(name).ok()).collect()
    }

    /// What the request asks for, to be held against a certificate's [`Terms`]. `lifetime` is the requested days, which no
    /// request carries.
    pub fn terms(&self, lifetime: Option<u32>) -> Terms {
        terms(&self.subject, &self.requested, lifetime)
    }
}

/// The terms of a request or a certificate, in the words of this module.
pub(super) fn terms(subject: &[FoundAttribute], stated: &RequestedExtensions, lifetime: Option<u32>) -> Terms {
    let RequestedExtensions { subject_alternative_name, basic_constraints, extended_key_usage, key_usage, .. } = stated;
    let bits = key_usage.iter().flat_map(|said| &said.bits);
    Terms {
        subject: subject.iter().map(|part| (part.label.clone(), part.value.clone())).collect(),
        names: subject_alternative_name.as_ref().map(|said| said.names.clone()).unwrap_or_default(),
        key_usage: bits.map(|bit| bit.label().to_owned()).collect(),
        extended_key_usage: extended_key_usage.as_ref().map(|said| said.usages.clone()).unwrap_or_default(),
        basic_constraints: basic_constraints.as_ref().map(|said| said.lines().join(", ")),
        lifetime,
    }
}

/// Decodes DER of a `CertificationRequest`. Its signature is not verified.
pub fn inspect(der: &[u8]) -> Result<Inspected, InspectError> {
    let parts = Parts::read(der)?;
    let subject = names::attributes(parts.subject).map_err(|_| InspectError::Damaged("subject"))?;
    let found = extensions::read(&parts.attributes).map_err(|_| InspectError::Damaged("attributes"))?;
    Ok(Inspected {
        common_name: names::first(&subject, names::COMMON_NAME),
        typed_subject: names::typed(&subject),
        subject,
        san: found.san,
        version: parts.version,
        repeated: extensions::repeated(&found.extensions),
        extensions: found.extensions,
        requested: found.requested,
        attributes: found.attributes,
        key: key_facts(&parts.spki),
        signature: signature_facts(&parts.algorithm),
        spki_sha256: sha256(&parts.spki),
        key_sha256: PublicKey::from_spki(&parts.spki)
            .ok()
            .and_then(|key| key.sha256())
            .unwrap_or_else(|| sha256(&parts.spki)),
        spki_der: parts.spki,
        csr_sha256: sha256(der),
    })
}

/// Verifies a request's own signature.
///
/// # Errors
/// [`VerifyError::Damaged`] when the signature is wrong or the bytes are not a request; the others when key or algorithm are
/// not supported, which says nothing against the request.
pub fn verify_signature(der: &[u8]) -> Result<(), VerifyError> {
    let parts = Parts::read(der).map_err(|_| VerifyError::Damaged)?;
    verify::verify(&parts.spki, &parts.algorithm, &parts.info, parts.signature)
}

/// DER of a `Name` in one line: `CN=nas.local, C=NL`.
#[cfg(test)]
pub(super) fn one_line_of(name: &[u8]) -> der::Result<String> {
    names::one_line(AnyRef::from_der(name)?)
}

/// DER of `GeneralNames`, each such as `DNS:nas.local`.
pub(super) fn general_names_of(names: &[u8]) -> der::Result<Vec<String>> {
    Ok(asn1::sequence(AnyRef::from_der(names)?)?.into_iter().map(names::general_name).collect())
}

/// A request cut into its parts (RFC 2986 4), each in the bytes that it came in.
struct Parts<'a> {
    info: Vec<u8>,
    version: Option<u8>,
    subject: AnyRef<'a>,
    spki: Vec<u8>,
    attributes: Vec<AnyRef<'a>>,
    algorithm: AlgorithmIdentifierRef<'a>,
    signature: &'a [u8],
}

impl<'a> Parts<'a> {
    fn read(der: &'a [u8]) -> Result<Self, InspectError> {
        if der.len() > MAX_REQUEST {
            return Err(InspectError::TooLong(der.len()));
        }
        let outer = AnyRef::from_der(der).and_then(asn1::sequence).map_err(|_| InspectError::NotARequest)?;
        let &[info, algorithm, signature] = outer.as_slice() else { return Err(InspectError::NotARequest) };
        let inner = asn1::sequence(info).map_err(|_| InspectError::NotARequest)?;
        let (version, subject, key, attributes) = match *inner.as_slice() {
            [version, subject, key] if version.tag() == Tag::Integer => (version, subject, key, None),
            // Without attributes some leave [0] away, which RFC 2986 does not allow and everybody reads.
            [version, subject, key, attributes] if version.tag() == Tag::Integer => {
                (version, subject, key, Some(attributes))
            }
            _ => return Err(InspectError::NotARequest),
        };
        let attributes = match attributes {
            None => Vec::new(),
            Some(set) if asn1::context(set) == Some(0) => {
                asn1::elements(set.value()).map_err(|_| InspectError::Damaged("attributes"))?
            }
            Some(_) => return Err(InspectError::NotARequest),
        };
        let signature: BitStringRef<'a> = signature.decode_as().map_err(|_| InspectError::NotARequest)?;
        Ok(Self {
            version: version.decode_as().ok(),
            info: asn1::bytes(info).map_err(|_| InspectError::NotARequest)?,
            subject,
            spki: asn1::bytes(key).map_err(|_| InspectError::NotARequest)?,
            attributes,
            algorithm: algorithm.decode_as().map_err(|_| InspectError::Damaged("signature algorithm"))?,
            signature: signature.as_bytes().ok_or(InspectError::Damaged("signature"))?,
        })
    }
}
