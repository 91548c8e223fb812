//! Certificates for the requests of a device that is recorded and not published yet.
//!
//! Who orders them, and where, is the caller's. What comes is checked as a certificate that an owner adds.

use crate::audit::{Actor, AuditLog};
use crate::certificates::Certificates;
use crate::clock::Clock;
use crate::enroll::identifiers;
use crate::requests::catalog::Catalog;
use crate::{AppError, Failure};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use signet_domain::authority::AuthorityName;
use signet_domain::enrollment::{Identifier, Order, Progress};
use signet_domain::name::CsrName;
use signet_store::Store;
use std::sync::Arc;

/// A request without a certificate.
#[derive(Debug, Clone)]
pub struct Uncertified {
    /// Its name.
    pub name: CsrName,
    /// Its record's id, which stays the same when a run that was cut goes on.
    pub id: String,
    /// The request, DER.
    pub der: Vec<u8>,
    /// Its names and addresses.
    pub identifiers: Vec<Identifier>,
}

/// The requests in the pending folder that have no certificate yet.
pub fn uncertified(pending: &Store, clock: Clock) -> Result<Vec<Uncertified>, Failure> {
    let mut rows = Vec::new();
    Catalog::new(pending.clone(), clock).each(|row| rows.push((row.name, row.content)))?;
    let mut found = Vec::new();
    for (name, content) in rows {
        let content = content.map_err(|why| why.of(&name))?;
        if !content.is_answered() {
            let identifiers = identifiers(&content.request.san);
            found.push(Uncertified { name, id: content.record.id, der: content.der, identifiers });
        }
    }
    Ok(found)
}

impl Uncertified {
    /// An order for it at an authority, by this way.
    pub fn order(&self, authority: &AuthorityName, proxy: Option<&str>, clock: Clock) -> Order {
        Order {
            request: self.name.to_string(),
            authority: authority.to_string(),
            csr: BASE64_STANDARD.encode(&self.der),
            identifiers: self.identifiers.clone(),
            replaces: None,
            reenrolls: false,
            revokes: None,
            proxy: proxy.map(str::to_owned),
            since: clock.now(),
            progress: Progress::default(),
            failure: None,
            next_try: None,
            account: None,
            issued: None,
            failures: 0,
        }
    }
}

/// Keeps a certificate with its chain (PEM). Gives the days that it is valid for.
///
/// # Errors
/// As [`Certificates::keep`].
pub fn keep(pending: &Store, name: &CsrName, chain: &[u8], clock: Clock) -> Result<Option<i64>, AppError> {
    let catalog = Arc::new(Catalog::new(pending.clone(), clock));
    // What is logged here goes with the folder: a device's log begins where it boots.
    let audit = Arc::new(AuditLog::new(pending.clone(), clock));
    let certificates = Certificates::new(pending.clone(), clock, catalog, audit);
    let kept = certificates.keep(std::slice::from_ref(name), chain, Actor::Factory)?;
    let leaf = kept.first().and_then(|stored| stored.proposal.chain.certificates.first());
    Ok(leaf.map(|leaf| (leaf.not_after.as_second() - leaf.not_before.as_second()) / 86_400))
}
