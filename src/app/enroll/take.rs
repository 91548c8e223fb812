//! What came back: checked like a certificate that was uploaded, compared with the request, and kept in one step.
//!
//! Killed between keeping and the note of it, the same certificate is found to be kept already.

use super::{Enrollments, file_of, ids, json_of, read_ended, read_order};
use crate::audit::{Actor, Event};
use crate::messages::authorities as say;
use crate::{AppError, Failure};
use signet_domain::answer::covers;
use signet_domain::enrollment::{Ended, Failure as Why, Order, Step};
use signet_domain::name::CsrName;
use signet_pki::certificate::Certificate;
use signet_store::{EnrollFolder, Room, StoreError};

impl Enrollments {
    /// Keeps what the enrolling process has left, and notes what became of each order. Gives the names of the requests.
    ///
    /// One that cannot be kept for want of room stays where it is.
    pub fn take(&self, by: Actor) -> Result<Vec<String>, Failure> {
        let Some(folder) = self.store.enrollment()? else { return Ok(Vec::new()) };
        self.log_failures(&folder, by)?;
        let mut taken = Vec::new();
        for id in ids(&folder, Room::Done)? {
            match read_ended(&folder, Room::Done, &id)? {
                Some(ended) => taken.push(self.take_one(&folder, &id, ended, by)?),
                // Not ours, or of a newer version.
                None => tracing::warn!(id, "what an order left cannot be read"),
            }
        }
        Ok(taken)
    }

    /// True where something has come that is not kept yet, or may have failed.
    pub fn has_news(&self) -> bool {
        let folder = self.store.enrollment().ok().flatten();
        let any = |folder: &EnrollFolder, room| folder.names(room).is_ok_and(|names| !names.is_empty());
        folder.is_some_and(|folder| any(&folder, Room::Done) || any(&folder, Room::Orders))
    }

    /// Writes into the audit log why orders under way fail, each reason once: they are tried many times.
    fn log_failures(&self, folder: &EnrollFolder, by: Actor) -> Result<(), Failure> {
        for id in ids(folder, Room::Orders)? {
            let Some(mut order) = read_order(folder, Room::Orders, &id)? else { continue };
            let Some(code) = order.failure.as_ref().map(|failure| failure.code.clone()) else { continue };
            let is_logged = || -> Result<bool, StoreError> {
                let logged = read_ended(folder, Room::Taken, &id)?.and_then(|ended| ended.order.failure);
                Ok(logged.is_some_and(|logged| logged.code == code))
            };
            if is_logged()? {
                continue;
            }
            let Some(name) = self.catalog.named(&id)? else { continue };
            order.csr = String::new();
            let lock = self.store.lock()?;
            // A command may have done it meanwhile.
            if is_logged()? {
                continue;
            }
            self.audit.record_under(&lock, by, Event::OrderFailed { csr: &name, detail: &code });
            folder.write(Room::Taken, &file_of(&id), &json_of(&Ended { order, chain: None }))?;
        }
        Ok(())
    }

    fn take_one(&self, folder: &EnrollFolder, id: &str, ended: Ended, by: Actor) -> Result<String, Failure> {
        let Ended { mut order, chain } = ended;
        if order.revokes.is_some() {
            return self.take_revocation(folder, id, order, by);
        }
        let name = self.catalog.named(id)?;
        if let Some(chain) = chain {
            order.failure = match &name {
                Some(name) => self.keep(name, &chain, by)?,
                None => Some(say::no_request()),
            };
            if let Some(name) = name.as_ref().filter(|_| order.failure.is_none())
                && let Err(error) = self.refresh_client(name, &order.authority, by)
            {
                tracing::warn!(%name, %error, "the authority keeps the previous client certificate");
            }
            order.progress.step = if order.failure.is_some() { Step::Failed } else { Step::Done };
            order.issued = match &name {
                Some(name) if order.failure.is_none() => {
                    self.catalog.readable(name)?.certificate().and_then(Result::ok).and_then(|it| it.ari_name())
                }
                _ => None,
            };
        }
        let request = name.as_ref().map_or_else(|| order.request.clone(), ToString::to_string);
        self.note(folder, id, name.as_ref(), order, by)?;
        Ok(request)
    }

    /// Why it is not kept; none where it is.
    fn keep(&self, name: &CsrName, chain: &str, by: Actor) -> Result<Option<Why>, Failure> {
        if let Some(why) = self.lost_names(name, chain)? {
            return Ok(Some(why));
        }
        match self.certificates.keep(std::slice::from_ref(name), chain.as_bytes(), by) {
            Ok(_) => Ok(None),
            Err(AppError::Rejected(why)) => {
                let first = why.iter().next();
                Ok(first.map(|why| say::not_kept(&why.what)))
            }
            Err(AppError::Failed(error)) => Err(error),
        }
    }

    /// A certificate that covers less than the one that is kept would take names away from services without a person's
    /// word. So would that of a renewal, but for names that its request leaves out.
    fn lost_names(&self, name: &CsrName, chain: &str) -> Result<Option<Why>, Failure> {
        let content = self.catalog.readable(name)?;
        let mut before = content.certificate().and_then(Result::ok);
        let is_renewal = before.is_none();
        if let Some(id) = content.record.supersedes.as_ref().filter(|_| is_renewal)
            && let Some(old) = self.catalog.named(id)?
        {
            before = self.catalog.readable(&old)?.certificate().and_then(Result::ok);
        }
        let Some(before) = before else { return Ok(None) };
        let Ok(reading) = self.certificates.read(chain.as_bytes(), Some(name)) else { return Ok(None) };
        let after: Option<&Certificate> = reading.proposals.first().and_then(|one| one.chain.certificates.first());
        let Some(after) = after else { return Ok(None) };
        let is_lost = |name: &&String| !covers(&after.san, name) && (!is_renewal || covers(&content.request.san, name));
        let lost: Vec<String> = before.san.iter().filter(is_lost).cloned().collect();
        Ok((!lost.is_empty()).then(|| say::lost_names(&lost.join(", "))))
    }

    fn note(
        &self,
        folder: &EnrollFolder,
        id: &str,
        name: Option<&CsrName>,
        mut order: Order,
        by: Actor,
    ) -> Result<(), Failure> {
        // The request has it.
        order.csr = String::new();
        let lock = self.store.lock()?;
        if is_taken(folder, id)? {
            return Ok(());
        }
        if let (Some(name), Some(failure)) = (name, &order.failure) {
            self.audit.record_under(&lock, by, Event::OrderFailed { csr: name, detail: &failure.code });
        }
        if name.is_some() {
            folder.write(Room::Taken, &file_of(id), &json_of(&Ended { order, chain: None }))?;
        }
        folder.remove(Room::Done, &file_of(id))?;
        Ok(())
    }
}

/// True where the console or a command that waits has taken it meanwhile: it is recorded once. To be asked under the lock.
pub(super) fn is_taken(folder: &EnrollFolder, id: &str) -> Result<bool, StoreError> {
    Ok(folder.read(Room::Done, &file_of(id))?.is_none())
}
