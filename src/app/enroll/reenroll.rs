//! Re-enrollment by EST: the CSR repeats the subject and the names that were issued (RFC 7030, section 4.2.2), by the same CA, or in
//! the certificate that this device shows there.
//!
//! It is made here, where the request's key is, for the order alone: the request stays what was asked. The enrolling process
//! gets no key.

use super::{Enrollments, read_ended};
use crate::Failure;
use crate::requests::content::Content;
use signet_domain::authority::AuthorityName;
use signet_domain::name::CsrName;
use signet_pki::certified_key::request_of;
use signet_pki::pem;
use signet_pki::private_key::PrivateKey;
use signet_store::{Room, StoredAuthority};

impl Enrollments {
    /// The CSR for a certificate that this CA has issued before or knows this device by, of this request or of the one that it
    /// renews; none where the request asks for something else than that one did.
    pub(super) fn reenrollment(
        &self,
        name: &CsrName,
        content: &Content,
        (authority, stored): (&AuthorityName, &StoredAuthority),
    ) -> Result<Option<Vec<u8>>, Failure> {
        let before = match (&content.record.supersedes, content.is_answered()) {
            (_, true) => content.clone(),
            (Some(id), false) => match self.catalog.named(id)? {
                Some(old) => self.catalog.readable(&old)?,
                None => return Ok(None),
            },
            (None, false) => return Ok(None),
        };
        let asks_the_same = before.request.typed_subject == content.request.typed_subject
            && before.request.san == content.request.san
            && before.request.requested.extended_key_usage == content.request.requested.extended_key_usage;
        let Some(Ok(issued)) = before.certificate().filter(|_| asks_the_same) else { return Ok(None) };
        let folder = self.store.enrollment()?;
        let last = folder.map(|folder| read_ended(&folder, Room::Taken, &before.record.id)).transpose()?.flatten();
        let is_its =
            last.is_some_and(|last| last.order.authority == authority.as_str() && last.order.failure.is_none());
        // Another CA's, such as the factory's: the certificate that is shown is the one that is re-enrolled.
        let is_known = is_its || is_shown(stored, &before);
        let Some(key) = self.store.private_key(name)?.filter(|_| is_known) else { return Ok(None) };
        let key = PrivateKey::from_pkcs8(key.expose_secret())?;
        Ok(Some(request_of(&issued, &key)?))
    }
}

/// This device authenticates itself at the authority by this request's certificate, as it is now.
fn is_shown(authority: &StoredAuthority, content: &Content) -> bool {
    let shown = authority.client.as_ref().and_then(|client| pem::scan(&client.chain).ok()?.first()?.der().ok());
    shown.is_some_and(|shown| content.certificates.first().is_some_and(|leaf| *leaf == *shown))
}
