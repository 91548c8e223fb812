//! Certificates that are revoked at the CA that issued them by ACME (RFC 8555, section 7.6).
//!
//! What is revoked waits in the queue like an order, so that a page can ask for it, and so that it is tried again while the CA is
//! down. It holds the certificate itself: its request may be deleted meanwhile.

use super::take::is_taken;
use super::{Enrollments, Status, file_of, json_of, open_order, read_ended};
use crate::audit::{Actor, Event};
use crate::messages::authorities as say;
use crate::{AppError, Failure};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use signet_domain::authority::AuthorityName;
use signet_domain::enrollment::{Ended, Order, Progress};
use signet_domain::name::CsrName;
use signet_store::{EnrollFolder, Room};

impl Enrollments {
    /// The authority at which the request's certificate can be revoked: the one that it came from by ACME. None for a
    /// certificate that came in another way.
    pub fn revocable(&self, name: &CsrName) -> Result<Option<AuthorityName>, Failure> {
        let content = self.catalog.readable(name)?;
        let Some(folder) = self.store.enrollment()?.filter(|_| content.is_answered()) else { return Ok(None) };
        let last = read_ended(&folder, Room::Taken, &content.record.id)?.map(|ended| ended.order);
        let Some(order) = last.filter(|order| order.failure.is_none()) else { return Ok(None) };
        let Ok(authority) = AuthorityName::parse(&order.authority) else { return Ok(None) };
        let stored = self.store.authority(&authority)?;
        Ok(stored.filter(|stored| stored.settings.est.is_none()).map(|_| authority))
    }

    /// Puts a revocation into the queue; gives its id. One that waits already is enough.
    ///
    /// # Errors
    /// [`AppError::Rejected`] at `name` for a certificate that was not ordered here.
    pub fn revoke(&self, name: &CsrName, reason: u8, by: Actor) -> Result<String, AppError> {
        let content = self.catalog.answered(name)?;
        let authority = self.revocable(name)?.ok_or_else(|| say::not_revocable(name))?;
        let id = super::files::revocation_id(&content.record.id);
        let order = Order {
            request: name.to_string(),
            authority: authority.to_string(),
            csr: content.certificates.first().map(|der| BASE64_STANDARD.encode(der)).unwrap_or_default(),
            identifiers: Vec::new(),
            replaces: None,
            reenrolls: false,
            revokes: Some(reason),
            account: None,
            issued: None,
            proxy: self.config.outgoing_proxy.clone(),
            since: self.clock.now(),
            progress: Progress::default(),
            failure: None,
            next_try: None,
            failures: 0,
        };
        let lock = self.store.lock().map_err(Failure::from)?;
        let folder = lock.enrollment().map_err(Failure::from)?;
        if open_order(&folder, &id).map_err(Failure::from)?.is_some() {
            return Ok(id);
        }
        self.audit.room_to_record_several(&lock, 1)?;
        folder.remove(Room::Taken, &file_of(&id)).map_err(Failure::from)?;
        folder.write(Room::Queue, &file_of(&id), &json_of(&order)).map_err(Failure::from)?;
        let event = Event::AtAuthority { what: "revoke", csr: name, detail: authority.as_str() };
        self.audit.record_under(&lock, by, event);
        Ok(id)
    }

    /// What became of a revocation; none where there is none.
    pub fn revocation(&self, id: &str) -> Result<Option<Status>, Failure> {
        self.status_of(id)
    }

    /// Notes what became of it. That of a request that is gone is in the audit log alone.
    pub(super) fn take_revocation(
        &self,
        folder: &EnrollFolder,
        id: &str,
        order: Order,
        by: Actor,
    ) -> Result<String, Failure> {
        let request = order.request.clone();
        let lock = self.store.lock()?;
        if is_taken(folder, id)? {
            return Ok(request);
        }
        if let Ok(name) = CsrName::parse(&request) {
            let event = match &order.failure {
                Some(failure) => Event::AtAuthority { what: "revoke-failed", csr: &name, detail: &failure.code },
                None => Event::AtAuthority { what: "revoked", csr: &name, detail: &order.authority },
            };
            self.audit.record_under(&lock, by, event);
        }
        let of = id.strip_suffix("-revoke").unwrap_or(id);
        if self.catalog.named(of)?.is_some() {
            folder.write(Room::Taken, &file_of(id), &json_of(&Ended { order, chain: None }))?;
        }
        folder.remove(Room::Done, &file_of(id))?;
        Ok(request)
    }
}
