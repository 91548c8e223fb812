//! The roots that browsers trust, as Mozilla's program had them when this program was built.
//!
//! They tell a public CA from a private one, and close the chain of a CA that does not send its root (which is usual). A root
//! that is newer than this program counts as private. Nothing is trusted because of this list.

use super::certificate::Certificate;
use der::asn1::AnyRef;
use der::{Decode, Encode, Tag};
use webpki_roots::TLS_SERVER_ROOTS;

/// Whether the certificate has the name and the key of such a root.
pub(super) fn is_root(certificate: &Certificate) -> bool {
    let subject = content(&certificate.subject_der);
    let key = content(&certificate.spki);
    TLS_SERVER_ROOTS
        .iter()
        .any(|root| Some(root.subject.as_ref()) == subject && Some(root.subject_public_key_info.as_ref()) == key)
}

/// Whether such a root signed the certificate.
pub(super) fn have_signed(certificate: &Certificate) -> bool {
    let Some(issuer) = content(&certificate.issuer_der) else { return false };
    let named = TLS_SERVER_ROOTS.iter().filter(|root| root.subject.as_ref() == issuer);
    named
        .filter_map(|root| spki(root.subject_public_key_info.as_ref()))
        .any(|key| certificate.is_signed_by(&key).is_ok())
}

/// The list has the contents of SEQUENCEs without their headers.
fn content(der: &[u8]) -> Option<&[u8]> {
    AnyRef::from_der(der).ok().map(AnyRef::value)
}

fn spki(content: &[u8]) -> Option<Vec<u8>> {
    AnyRef::new(Tag::Sequence, content).ok()?.to_der().ok()
}
