//! The request that a certificate could have come from: its own subject, names, usages and constraints, signed with its key.
//!
//! They are copied byte by byte, so that request and certificate compare as equal and a renewal requests the same. What only a CA
//! says (identifiers, addresses, policies, proofs of logging) is left out.

use crate::asn1::{self, push_header};
use crate::certificate::Certificate;
use crate::error::PkiError;
use crate::private_key::PrivateKey;
use crate::scheme::SignatureScheme;
use crate::sign::{SignError, sign};
use der::asn1::AnyRef;
use der::{Decode, Encode};
use signet_domain::key_spec::Digest;

/// Extensions that a request asks for: key usage, names, basic constraints, extended key usage.
const ASKED: [&str; 4] = ["2.5.29.15", "2.5.29.17", "2.5.29.19", "2.5.29.37"];
/// extensionRequest (RFC 2985 5.4.2).
const EXTENSION_REQUEST: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x0e];
/// Version 0.
const VERSION: &[u8] = &[0x02, 0x01, 0x00];

const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
/// [0], constructed.
const ATTRIBUTES: u8 = 0xa0;
const BIT_STRING: u8 = 0x03;

/// DER of the request (RFC 2986) for this certificate, signed with its key.
///
/// # Errors
/// [`PkiError::Sign`] where the key does not sign.
pub fn request_of(certificate: &Certificate, key: &PrivateKey) -> Result<Vec<u8>, PkiError> {
    let asked = extensions(&certificate.der).map_err(PkiError::encoding("extensions"))?;
    let attributes = match asked.is_empty() {
        true => Vec::new(),
        false => tlv(SEQUENCE, &[EXTENSION_REQUEST, &tlv(SET, &[&tlv(SEQUENCE, &[&asked.concat()])])]),
    };
    let info = [VERSION, &certificate.subject_der, key.spki_der(), &tlv(ATTRIBUTES, &[&attributes])];
    let info = tlv(SEQUENCE, &info);
    // These have their own, and are asked for none.
    let digest = key.kind().has_digest().then_some(Digest::Sha256);
    let algorithm = SignatureScheme::of_key(key.kind(), digest)
        .and_then(SignatureScheme::identifier)
        .ok_or_else(|| SignError::NoDigest(key.kind().label()))?;
    let algorithm = algorithm.to_der().map_err(PkiError::encoding("signature algorithm"))?;
    let signature = sign(key, digest, &info)?;
    Ok(tlv(SEQUENCE, &[&info, &algorithm, &tlv(BIT_STRING, &[&[0], &signature])]))
}

/// The extensions of a certificate that a request asks for, each in its bytes.
fn extensions(certificate: &[u8]) -> der::Result<Vec<Vec<u8>>> {
    let outer = AnyRef::from_der(certificate).and_then(asn1::sequence)?;
    let fields = outer.first().map(|tbs| asn1::sequence(*tbs)).transpose()?.unwrap_or_default();
    // The version is [0], and before what is looked for.
    let Some(wrapped) = fields.iter().find(|field| asn1::context(**field) == Some(3)) else { return Ok(Vec::new()) };
    let mut asked = Vec::new();
    for extension in AnyRef::from_der(wrapped.value()).and_then(asn1::sequence)? {
        let parts = asn1::sequence(extension)?;
        let kind = parts.first().map(|kind| asn1::oid(*kind)).transpose()?.unwrap_or_default();
        if ASKED.contains(&kind.as_str()) {
            asked.push(asn1::bytes(extension)?);
        }
    }
    Ok(asked)
}

fn tlv(identifier: u8, content: &[&[u8]]) -> Vec<u8> {
    let length = content.iter().map(|piece| piece.len()).sum();
    let mut der = Vec::with_capacity(length + 10);
    push_header(identifier, length, &mut der);
    content.iter().for_each(|piece| der.extend_from_slice(piece));
    der
}
