//! Re-enrollment by EST: the CSR repeats the subject and the names that the same CA has issued (RFC 7030, section 4.2.2).
//!
//! It is made here, where the request's key is, for the order alone: the request stays what was asked. The enrolling process
//! gets no key.

use super::{Enrollments, read_ended};
use crate::Failure;
use crate::requests::content::Content;
use signet_domain::authority::AuthorityName;
use signet_domain::name::CsrName;
use signet_pki::certified_key::request_of;
use signet_pki::private_key::PrivateKey;
use signet_store::Room;

impl Enrollments {
    /// The CSR for a certificate that this CA has issued before, of this request or of the one that it renews; none where the
    /// request asks for something else than that one did.
    pub(super) fn reenrollment(
        &self,
        name: &CsrName,
        content: &Content,
        authority: &AuthorityName,
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
        let Some(key) = self.store.private_key(name)?.filter(|_| is_its) else { return Ok(None) };
        let key = PrivateKey::from_pkcs8(key.expose_secret())?;
        Ok(Some(request_of(&issued, &key)?))
    }
}
