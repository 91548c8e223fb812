//! Renewal without a person: for requests whose owner has said so, at the authority that their certificate came from.
//!
//! The successor inherits the choice with its record, in one step with its key; so a kill between making it and ordering its
//! certificate leaves a request that the next look orders for. Of several looks one makes it: while it waits, nothing is due.

use super::Enrollments;
use crate::audit::{Actor, AuditLog, Event};
use crate::clock::{self, Clock};
use crate::config::Config;
use crate::requests::Requests;
use crate::requests::catalog::Catalog;
use crate::requests::content::Content;
use crate::requests::lineage::Lineage;
use crate::requests::renewal::due::Due;
use crate::requests::renewal::{Purpose, Renewals};
use crate::{AppError, Failure};
use jiff::SignedDuration;
use signet_domain::authority::AuthorityName;
use signet_domain::draft::Rules;
use signet_domain::name::CsrName;
use signet_domain::record::{AutoRenew, Record};
use signet_pki::ca::CaReader;
use signet_store::Store;
use std::sync::Arc;

/// Certificates that live shorter than this are not renewed automatically: nobody could step in when it fails.
pub const SHORTEST: SignedDuration = SignedDuration::from_hours(48);

/// Renewals of one data directory.
#[derive(Debug)]
pub struct AutoRenewals {
    pub(super) store: Store,
    clock: Clock,
    pub(super) catalog: Arc<Catalog>,
    pub(super) requests: Arc<Requests>,
    renewals: Arc<Renewals>,
    enrollments: Arc<Enrollments>,
    pub(super) audit: Arc<AuditLog>,
    pub(super) config: Arc<Config>,
}

/// What one look did with one request.
#[derive(Debug)]
pub struct Renewed {
    /// The request whose certificate is due.
    pub old: CsrName,
    /// What came of it: the request that renews it, whose certificate is ordered.
    pub outcome: Result<CsrName, AppError>,
}

impl AutoRenewals {
    /// Renewals of the CSRs of this data directory.
    #[expect(clippy::too_many_arguments, reason = "each is a service that it needs")]
    pub fn new(
        store: Store,
        clock: Clock,
        catalog: Arc<Catalog>,
        requests: Arc<Requests>,
        renewals: Arc<Renewals>,
        enrollments: Arc<Enrollments>,
        audit: Arc<AuditLog>,
        config: Arc<Config>,
    ) -> Self {
        Self { store, clock, catalog, requests, renewals, enrollments, audit, config }
    }

    /// Keeps with a request that it is renewed, or that it is not. False where it was so.
    pub fn set(&self, name: &CsrName, auto_renew: Option<AutoRenew>, by: Actor) -> Result<bool, Failure> {
        let lock = self.store.lock()?;
        let content = self.catalog.readable(name)?;
        if content.record.auto_renew == auto_renew {
            return Ok(false);
        }
        self.audit.room_to_record_several(&lock, 1)?;
        let authority = auto_renew.as_ref().map(|auto| auto.ca.clone());
        lock.set_record(name, &Record { auto_renew, ..content.record })?;
        self.audit.record_under(&lock, by, Event::AutoRenew { csr: name, authority: authority.as_deref() });
        self.catalog.put(lock.release(), &[name]);
        Ok(true)
    }

    /// Makes and orders what is due. One that fails keeps no other from being renewed, and is tried at the next look.
    pub fn run(&self, by: Actor) -> Result<Vec<Renewed>, Failure> {
        if self.clock.now() < clock::build_date() {
            return Ok(Vec::new());
        }
        let mut chosen = Vec::new();
        self.catalog.each(|row| {
            if let Ok(content) = row.content
                && content.record.auto_renew.is_some()
            {
                chosen.push((row.name, content));
            }
        })?;
        let lineage = if chosen.is_empty() { Lineage::default() } else { self.catalog.lineage()? };
        let (mut done, mut watched) = (Vec::new(), Vec::new());
        for (name, content) in chosen {
            let Some(auto) = content.record.auto_renew.clone() else { continue };
            let due = self.renewals.due(&name, lineage.relatives(&content.record), None)?;
            let outcome = match due {
                Due::Now(_) | Due::Later(_) if lives_long_enough(&content) => {
                    watched.extend(self.enrollments.watched(&content, &auto.ca));
                    // Where the partition is full, renewing is more urgent.
                    if let Err(error) = self.remove_older(&content, by) {
                        tracing::warn!(request = %name, %error, "older requests of the automatic renewal are not removed");
                    }
                    let is_due = matches!(due, Due::Now(_)) || self.is_suggested(&content);
                    if !is_due || self.is_new(&content)? {
                        continue;
                    }
                    self.renew(&name, &content, &auto, by)
                }
                // Made, and killed before it was ordered, or cancelled a day ago. A person's own renewal and an order that failed for
                // good are a person's to go on with.
                Due::NotAnswered if content.record.automatic => {
                    if self.enrollments.renewed_lately(&content.record.id)? || self.enrollments.status(&name)?.is_some()
                    {
                        continue;
                    }
                    self.order(&name, &content.record.id, &auto, by)
                }
                _ => continue,
            };
            done.push(Renewed { old: name, outcome });
        }
        if let Err(error) = self.enrollments.watch(&watched) {
            tracing::warn!(%error, "which certificates CAs are asked about cannot be written down");
        }
        Ok(done)
    }

    /// The CA suggests to renew it, and the moment that this device chose has come.
    fn is_suggested(&self, content: &Content) -> bool {
        self.enrollments.suggested(content).is_some_and(|window| window.moment <= self.clock.now())
    }

    /// Whatever the clock, the certificate and its CA say: at most one renewal of a request in a day, also where the last one
    /// failed and was deleted.
    fn is_new(&self, content: &Content) -> Result<bool, Failure> {
        let is_new = content.record.answered.is_some_and(|added| clock::is_within_a_day(added, self.clock.now()));
        Ok(is_new || self.enrollments.renewed_lately(&content.record.id)?)
    }

    fn renew(&self, name: &CsrName, old: &Content, auto: &AutoRenew, by: Actor) -> Result<CsrName, AppError> {
        let draft = self.renewals.draft(name, Purpose::Renew { same_key: auto.same_key })?;
        let rules = Rules { policy: &self.config.policy, ca: &CaReader };
        let finished = draft.finish(rules).map_err(|unfinished| AppError::Rejected(unfinished.mistakes))?;
        let made = self.requests.create(&finished, None, by)?;
        self.enrollments.note_renewal(&old.record.id)?;
        let id = self.catalog.readable(&made)?.record.id;
        self.order(&made, &id, auto, by)
    }

    fn order(&self, name: &CsrName, id: &str, auto: &AutoRenew, by: Actor) -> Result<CsrName, AppError> {
        self.enrollments.order(name, &AuthorityName::parse(&auto.ca)?, by)?;
        self.enrollments.note_renewal(id)?;
        Ok(name.clone())
    }
}

/// Whether its certificate lives so long that somebody could step in.
pub fn lives_long_enough(content: &Content) -> bool {
    content
        .certificate()
        .and_then(Result::ok)
        .is_none_or(|certificate| certificate.not_after.duration_since(certificate.not_before) >= SHORTEST)
}
