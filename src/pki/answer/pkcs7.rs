//! The certificates of a PKCS#7 or CMS signedData (RFC 2315 9.1, RFC 5652 5.1).
//!
//! What it signs, its revocation lists and its signers are passed over: each certificate speaks for itself.

use super::error::AnswerError;
use crate::asn1;
use crate::keyfile::kind::Kind;
use der::asn1::AnyRef;
use der::{Decode, Tag, Tagged};

/// id-signedData.
const SIGNED: &str = "1.2.840.113549.1.7.2";
/// envelopedData, signedAndEnvelopedData, encryptedData (RFC 2315 14) and authEnvelopedData (RFC 5083 2).
const ENCRYPTED: [&str; 4] =
    ["1.2.840.113549.1.7.3", "1.2.840.113549.1.7.4", "1.2.840.113549.1.7.6", "1.2.840.113549.1.9.16.1.23"];

/// Arcs of the other kinds (RFC 2315 14, RFC 5652 3): data, digested, compressed, authenticated.
const OTHERS: [&str; 2] = ["1.2.840.113549.1.7.", "1.2.840.113549.1.9.16.1."];

/// The certificates in their order.
pub(super) fn certificates(der: &[u8]) -> Result<Vec<Vec<u8>>, AnswerError> {
    let content = AnyRef::from_der(der).and_then(asn1::sequence).map_err(damaged)?;
    let &[kind, wrapped] = content.as_slice() else { return Err(AnswerError::Pkcs7Damaged) };
    match asn1::oid(kind).map_err(damaged)? {
        kind if kind == SIGNED => {}
        kind if ENCRYPTED.contains(&kind.as_str()) => return Err(AnswerError::Encrypted),
        kind if OTHERS.iter().any(|arc| kind.starts_with(arc)) => return Err(AnswerError::NoCertificates),
        _ => return Err(AnswerError::NotAnAnswer(Kind::Unknown)),
    }
    let signed = AnyRef::from_der(wrapped.value()).and_then(asn1::sequence).map_err(damaged)?;
    // Version, digests, what is signed; then [0] certificates, [1] revocation lists, and the signers.
    let [version, _digests, _content, rest @ ..] = signed.as_slice() else { return Err(AnswerError::Pkcs7Damaged) };
    if version.tag() != Tag::Integer {
        return Err(AnswerError::Pkcs7Damaged);
    }
    let Some(set) = rest.iter().find(|element| asn1::context(**element) == Some(0)) else {
        return Err(AnswerError::NoCertificates);
    };
    let certificates = asn1::elements(set.value()).map_err(damaged)?;
    // Attribute certificates and the like have tags of their own.
    let certificates = certificates.into_iter().filter(|element| element.tag() == Tag::Sequence);
    let certificates = certificates.map(asn1::bytes).collect::<der::Result<Vec<_>>>().map_err(damaged)?;
    if certificates.is_empty() { Err(AnswerError::NoCertificates) } else { Ok(certificates) }
}

fn damaged(_: der::Error) -> AnswerError {
    AnswerError::Pkcs7Damaged
}

#[cfg(test)]
mod tests {
    use super::*;

    /// signedData with this in the place of its certificates.
    fn signed(certificates: &[u8]) -> Vec<u8> {
        let oid = |last: u8| [6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, last];
        let short = |tag: u8, content: &[u8]| [&[tag, u8::try_from(content.len()).expect("short")], content].concat();
        let data = short(0x30, &oid(1));
        let signed = [&[2, 1, 1, 0x31, 0][..], &data, &short(0xa0, certificates), &[0x31, 0]].concat();
        short(0x30, &[&oid(2)[..], &short(0xa0, &short(0x30, &signed))].concat())
    }

    #[test]
    fn passes_over_attribute_certificates() {
        assert_eq!(certificates(&signed(&[0xa1, 0])), Err(AnswerError::NoCertificates));
        assert_eq!(certificates(&signed(&[])), Err(AnswerError::NoCertificates));
        assert_eq!(certificates(&signed(&[0xa1, 0, 0x30, 0])), Ok(vec![vec![0x30, 0]]));
        assert_eq!(certificates(&signed(&[0x30, 1])), Err(AnswerError::Pkcs7Damaged));
    }
}
