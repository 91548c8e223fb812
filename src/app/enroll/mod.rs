//! Certificates that are ordered: the console's and the commands' side. It writes orders into the queue, and checks and keeps
//! what comes back. It calls nobody; that is the enrolling process's work.

mod client;
pub(crate) mod files;
mod older;
mod preflight;
mod programs;
mod reach;
mod reenroll;
mod renew;
mod revoke;
mod root;
mod take;
mod windows;

pub use files::{cancel_mark, end_cancelled, file_of, ids, json_of, read_ended, read_order};
pub(crate) use preflight::found;
pub use preflight::{Known, findings};
pub use programs::{Programs, file as programs_file};
pub use reach::{Listening, write_listening};
pub use renew::{AutoRenewals, Renewed, SHORTEST, lives_long_enough};
pub use windows::{read_window, watched_in};

use crate::audit::{Actor, AuditLog, Event};
use crate::certificates::Certificates;
use crate::clock::{self, Clock};
use crate::config::Config;
use crate::messages::authorities as say;
use crate::requests::catalog::Catalog;
use crate::{AppError, Failure};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use files::{cancel_in, open_order, renewal_mark};
use jiff::Timestamp;
use signet_domain::authority::AuthorityName;
use signet_domain::enrollment::{Identifier, Order, Progress, Step};
use signet_domain::name::CsrName;
use signet_domain::preflight::{Finding, refusals};
use signet_domain::san::San;
use signet_domain::time;
use signet_store::{Room, Store};
use std::sync::Arc;

/// Orders of one data directory.
#[derive(Debug)]
pub struct Enrollments {
    store: Store,
    clock: Clock,
    catalog: Arc<Catalog>,
    certificates: Arc<Certificates>,
    audit: Arc<AuditLog>,
    config: Arc<Config>,
}

/// Where the order of a request is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// It waits to be taken up, or is under way.
    Open(Order),
    /// The owner has cancelled it, and the enrolling process has not yet ended it.
    Cancelling(Order),
    /// It ended: with a failure, or its certificate is kept.
    Ended(Order),
}

impl Status {
    /// The order itself.
    pub fn order(&self) -> &Order {
        match self {
            Self::Open(order) | Self::Cancelling(order) | Self::Ended(order) => order,
        }
    }

    /// The word for programs: a step's, or `cancelling`, or `kept`.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Cancelling(_) => "cancelling",
            Self::Ended(order) if order.failure.is_none() => "kept",
            Self::Ended(_) => Step::Failed.word(),
            Self::Open(order) => order.progress.step.word(),
        }
    }
}

/// Requests with an order under way at this authority.
pub(crate) fn requests_at(store: &Store, authority: &AuthorityName) -> Result<Vec<String>, Failure> {
    let Some(folder) = store.enrollment()? else { return Ok(Vec::new()) };
    let mut requests = Vec::new();
    for room in [Room::Orders, Room::Queue] {
        for id in ids(&folder, room)? {
            if let Some(order) = read_order(&folder, room, &id)?.filter(|order| order.authority == authority.as_str()) {
                requests.push(order.request);
            }
        }
    }
    requests.sort_unstable();
    requests.dedup();
    Ok(requests)
}

impl Enrollments {
    /// The orders of this data directory.
    pub fn new(
        store: Store,
        clock: Clock,
        catalog: Arc<Catalog>,
        certificates: Arc<Certificates>,
        audit: Arc<AuditLog>,
        config: Arc<Config>,
    ) -> Self {
        Self { store, clock, catalog, certificates, audit, config }
    }

    /// What the authority would do with the request.
    pub fn preflight(&self, name: &CsrName, authority: &AuthorityName) -> Result<Vec<Finding>, Failure> {
        let stored = self.store.authority(authority)?.ok_or_else(|| Failure::NoAuthority(authority.to_string()))?;
        let ways = preflight::ways_at(&self.store, &stored.settings);
        Ok(findings(&self.catalog.readable(name)?, stored.settings.kind(), &ways, self.clock.today()))
    }

    /// Requests that are renewed at an authority automatically.
    pub(crate) fn renewed_at(&self, authority: &AuthorityName) -> Result<Vec<String>, Failure> {
        let mut requests = Vec::new();
        self.catalog.each(|row| {
            if let Ok(content) = row.content
                && content.record.auto_renew.is_some_and(|auto| auto.ca == authority.as_str())
            {
                requests.push(row.name.to_string());
            }
        })?;
        Ok(requests)
    }

    /// Puts an order into the queue.
    ///
    /// # Errors
    /// [`AppError::Rejected`] at the request's fields where such a CA refuses it, and at `name` where an order is under way or
    /// the clock cannot be right.
    pub fn order(&self, name: &CsrName, authority: &AuthorityName, by: Actor) -> Result<Order, AppError> {
        let now = self.clock.now();
        if now < clock::build_date() {
            return Err(say::clock(&time::shown(now)).into());
        }
        let refused = refusals(&self.preflight(name, authority)?);
        if !refused.is_empty() {
            return Err(refused.into());
        }
        let content = self.catalog.readable(name)?;
        let id = content.record.id.clone();
        let again = match self.store.authority(authority)?.filter(|stored| stored.settings.est.is_some()) {
            Some(stored) => self.reenrollment(name, &content, (authority, &stored))?,
            None => None,
        };
        let mut order = Order {
            request: name.to_string(),
            authority: authority.to_string(),
            csr: BASE64_STANDARD.encode(again.as_ref().unwrap_or(&content.der)),
            identifiers: identifiers(&content.request.san),
            replaces: None,
            reenrolls: again.is_some(),
            revokes: None,
            account: None,
            issued: None,
            proxy: self.config.outgoing_proxy.clone(),
            since: now,
            progress: Progress::default(),
            failure: None,
            next_try: None,
            failures: 0,
        };
        let lock = self.store.lock()?;
        let folder = lock.enrollment()?;
        // One that failed for good makes place.
        if let Some(open) = open_order(&folder, &id)? {
            return Err(say::ordered_already(name.as_str(), &open.authority).into());
        }
        order.replaces = self.replaced(&folder, &content, authority);
        self.audit.room_to_record_several(&lock, 1)?;
        folder.remove(Room::Taken, &file_of(&id))?;
        folder.remove(Room::Queue, &cancel_mark(&id))?;
        folder.write_new(Room::Queue, &file_of(&id), &json_of(&order))?;
        self.audit.record_under(&lock, by, Event::Ordered { csr: name, authority: authority.as_str() });
        Ok(order)
    }

    /// Where the request's order is; none where none was placed.
    pub fn status(&self, name: &CsrName) -> Result<Option<Status>, Failure> {
        self.status_of(&self.catalog.readable(name)?.record.id)
    }

    fn status_of(&self, id: &str) -> Result<Option<Status>, Failure> {
        let Some(folder) = self.store.enrollment()? else { return Ok(None) };
        if let Some(order) = open_order(&folder, id)? {
            let cancelled = folder.read(Room::Queue, &cancel_mark(id))?.is_some();
            return Ok(Some(if cancelled { Status::Cancelling(order) } else { Status::Open(order) }));
        }
        for room in [Room::Done, Room::Taken] {
            if let Some(ended) = read_ended(&folder, room, id)? {
                let order = ended.order;
                // A chain that is not yet kept.
                let is_open = room == Room::Done && order.failure.is_none();
                return Ok(Some(if is_open { Status::Open(order) } else { Status::Ended(order) }));
            }
        }
        Ok(None)
    }

    /// Cancels the request's order: one that waits at once, one that is under way before its next step.
    pub fn cancel(&self, name: &CsrName, by: Actor) -> Result<(), AppError> {
        let id = self.catalog.readable(name)?.record.id;
        let lock = self.store.lock()?;
        let folder = lock.enrollment()?;
        // One that failed for good is forgotten.
        let failed = read_ended(&folder, Room::Taken, &id)?.is_some_and(|ended| ended.order.failure.is_some());
        if open_order(&folder, &id)?.is_none() && !failed {
            return Err(Failure::NotOrdered(name.to_string()).into());
        }
        self.audit.room_to_record_several(&lock, 1)?;
        cancel_in(&folder, &id)?;
        folder.remove(Room::Taken, &file_of(&id))?;
        self.audit.record_under(&lock, by, Event::OrderCancelled { csr: name });
        Ok(())
    }

    /// Notes that the automatic renewal has ordered for this request, or for one that renews it.
    fn note_renewal(&self, id: &str) -> Result<(), Failure> {
        let now = self.clock.now().to_string();
        let lock = self.store.lock()?;
        Ok(lock.enrollment()?.write(Room::Taken, &renewal_mark(id), now.as_bytes())?)
    }

    /// True where it did so within a day.
    fn renewed_lately(&self, id: &str) -> Result<bool, Failure> {
        let Some(folder) = self.store.enrollment()? else { return Ok(false) };
        let noted = folder.read(Room::Taken, &renewal_mark(id))?;
        let noted = noted.and_then(|text| std::str::from_utf8(&text).ok()?.parse::<Timestamp>().ok());
        Ok(noted.is_some_and(|time| clock::is_within_a_day(time, self.clock.now())))
    }

    /// Cancels all orders at an authority.
    pub(crate) fn cancel_at(&self, authority: &AuthorityName, by: Actor) -> Result<(), AppError> {
        for request in requests_at(&self.store, authority)? {
            let Ok(name) = CsrName::parse(&request) else { continue };
            match self.cancel(&name, by) {
                // The request or its order is gone meanwhile.
                Err(AppError::Failed(Failure::NotOrdered(_) | Failure::NotFound(_))) => {}
                other => other?,
            }
        }
        Ok(())
    }
}

/// What ACME orders of the names of a request; others were refused before.
pub(crate) fn identifiers(san: &[String]) -> Vec<Identifier> {
    let names = san.iter().filter_map(|name| San::parse(name).ok());
    let all = names.filter_map(|name| match name {
        San::Dns(name) => Some(Identifier::dns(name.as_str())),
        San::Ip(address) => Some(Identifier::ip(address)),
        San::Email(_) | San::Uri(_) => None,
    });
    all.collect()
}

#[cfg(test)]
mod tests;
