//! The roots that browsers trust, as Mozilla's program had them when this program was built.
//!
//! They distinguish a public CA from a private one, and close the chain of a CA that does not send its root (which is usual). A root
//! that is newer than this program counts as private. Nothing is trusted because of this list.

use super::certificate::Certificate;
use der::asn1::AnyRef;
use der::{Decode, Encode, Tag};
use rustls::pki_types::TrustAnchor;

/// A list of roots, by name and key.
#[derive(Clone, Copy)]
pub(super) struct Roots<'a>(pub(super) &'a [TrustAnchor<'a>]);

/// Those of browsers.
pub(super) const BROWSERS: Roots<'static> = Roots(webpki_roots::TLS_SERVER_ROOTS);

impl Roots<'_> {
    /// Whether the certificate has the name and the key of one of them.
    pub(super) fn have(self, certificate: &Certificate) -> bool {
        let subject = content(&certificate.subject_der);
        let key = content(&certificate.spki);
        let same = |root: &TrustAnchor<'_>| {
            Some(root.subject.as_ref()) == subject && Some(root.subject_public_key_info.as_ref()) == key
        };
        self.0.iter().any(same)
    }

    /// Whether one of them signed the certificate.
    pub(super) fn have_signed(self, certificate: &Certificate) -> bool {
        let Some(issuer) = content(&certificate.issuer_der) else { return false };
        let named = self.0.iter().filter(|root| root.subject.as_ref() == issuer);
        let mut keys = named.filter_map(|root| spki(root.subject_public_key_info.as_ref()));
        keys.any(|key| certificate.is_signed_by(&key).is_ok())
    }
}

/// The list has the contents of SEQUENCEs without their headers.
pub(super) fn content(der: &[u8]) -> Option<&[u8]> {
    AnyRef::from_der(der).ok().map(AnyRef::value)
}

fn spki(content: &[u8]) -> Option<Vec<u8>> {
    AnyRef::new(Tag::Sequence, content).ok()?.to_der().ok()
}
