//! The CA's answer: finds the CSR that it belongs to by its public key, checks it, shows it as a proposal, keeps it.
//!
//! Nothing is kept between the proposal and the taking: what is taken is read and checked once more, under the lock. Knows
//! what a certificate says by `pki`, and no word of pages or the terminal.

mod advice;
pub mod calendar;
pub mod certified;
mod find;
pub mod pkcs12;
mod refusal;
pub mod stored;
#[cfg(test)]
mod tests;

use crate::advice::Advice;
use crate::audit::{Actor, AuditLog, Event};
use crate::clock::Clock;
use crate::messages::certificates as say;
use crate::requests::catalog::Catalog;
use crate::requests::content::Content;
use crate::validity::Validity;
use crate::{AppError, Failure};
use signet_domain::answer::{Difference, Kind};
use signet_domain::invalid::{Invalid, Mistakes, shortened};
use signet_domain::name::CsrName;
use signet_domain::record::Record;
use signet_pki::answer::read_usable;
use signet_pki::certificate::Certificate;
use signet_pki::chain::Chain;
use signet_store::{PreparedAnswer, Store, StoreError, WriteLock};
use std::sync::Arc;

/// The field that all refusals of an answer stand at.
pub const FIELD: &str = say::FIELD;

/// What would be kept, and where.
#[derive(Debug)]
pub struct Proposal {
    /// The CSR that it answers.
    pub csr: CsrName,
    /// What that one holds, as it was read.
    pub request: Content,
    /// Other CSRs of the same key, which fit less well or are superseded.
    pub others: Vec<CsrName>,
    /// The certificate and those above it, each verified by the next.
    pub chain: Chain,
    /// What was asked and what came, field by field.
    pub differences: Vec<Difference>,
    /// What is worth knowing before it is taken.
    pub advice: Vec<Advice>,
    /// What the CSR holds already.
    pub before: Before,
}

/// What an answer does to the one that a CSR has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Before {
    /// It is the first.
    Nothing,
    /// The very same is there.
    Same,
    /// The same certificate, with another chain above it.
    Chain,
    /// Another certificate is there, which it takes the place of.
    Other {
        /// Who issued that one.
        issuer: String,
        /// When that one ends.
        until: String,
        /// Whether that one began later.
        newer: bool,
    },
}

/// What one file or text holds.
#[derive(Debug)]
pub struct Reading {
    /// An answer to a CSR each; never empty where [`Certificates::read`] gives it.
    pub proposals: Vec<Proposal>,
    /// CSRs whose answer in it cannot be taken, and why.
    pub refused: Vec<(CsrName, Mistakes)>,
    /// Certificates in it that answer no CSR.
    pub strangers: Vec<Invalid>,
}

/// A certificate that is kept.
#[derive(Debug)]
pub struct Stored {
    /// What was kept, with the CSR as it is now.
    pub proposal: Proposal,
    /// False when the very same was there: nothing was written.
    pub changed: bool,
}

impl Proposal {
    /// Tells what came along in vain: of one answer, not of several that came together.
    fn with_spare(mut self) -> Self {
        self.advice.extend(advice::spare(&self.chain));
        self
    }

    /// The certificates as they would be kept, DER.
    pub fn certificates(&self) -> Vec<Vec<u8>> {
        self.chain.certificates.iter().map(|certificate| certificate.der.clone()).collect()
    }

    /// How many fields differ from the request.
    pub fn different(&self) -> usize {
        self.differences.iter().filter(|difference| difference.kind != Kind::Same).count()
    }
}

/// The certificates of the CSRs of one data directory.
#[derive(Debug)]
pub struct Certificates {
    store: Store,
    clock: Clock,
    catalog: Arc<Catalog>,
    audit: Arc<AuditLog>,
}

impl Certificates {
    /// The certificates of this data directory.
    pub fn new(store: Store, clock: Clock, catalog: Arc<Catalog>, audit: Arc<AuditLog>) -> Self {
        Self { store, clock, catalog, audit }
    }

    /// Reads what a CA sent. With `only`, an answer to this CSR; else to each CSR whose key is in it.
    ///
    /// # Errors
    /// [`AppError::Rejected`] at [`FIELD`], a cause each, when nothing in it can be taken.
    pub fn read(&self, given: &[u8], only: Option<&CsrName>) -> Result<Reading, AppError> {
        let answer = read_usable(given).map_err(|error| refused(error.invalid(FIELD)))?;
        let unread = &answer.unread;
        let reading = match only {
            Some(name) => {
                let proposal = self.propose(name, self.catalog.readable(name)?, answer.certificates);
                proposal.map(|proposal| Reading {
                    proposals: vec![proposal.with_spare()],
                    refused: Vec::new(),
                    strangers: Vec::new(),
                })
            }
            None => self.propose_each(answer.certificates),
        };
        // Where nothing else answers, it may have been the one that cannot be read.
        let mut reading = match (reading, unread.first()) {
            (Err(AppError::Rejected(_)), Some(first)) => return Err(refused(first.error.invalid(FIELD))),
            (reading, _) => reading?,
        };
        for proposal in &mut reading.proposals {
            proposal.advice.extend(unread.iter().map(advice::unread));
        }
        Ok(reading)
    }

    /// The verdict on each request that [`Certificates::read`] found something for, where it refused all with `why`.
    pub fn verdicts(
        &self,
        given: &[u8],
        only: Option<&CsrName>,
        why: &Mistakes,
    ) -> Result<Vec<(CsrName, Mistakes)>, AppError> {
        if let Some(name) = only {
            return Ok(vec![(name.clone(), why.clone())]);
        }
        // What cannot be read belongs to no request.
        let Ok(answer) = read_usable(given) else { return Ok(Vec::new()) };
        Ok(self.each(&answer.certificates)?.refused)
    }

    /// Keeps what a CA sent with the CSRs of these names: with all of them, or with none where one is refused. It is read and
    /// checked again under the lock.
    ///
    /// # Errors
    /// As [`Certificates::read`], a verdict for each CSR; [`Failure::Store`] where the disk does not take it. Nothing has
    /// changed then.
    pub fn keep(&self, names: &[CsrName], given: &[u8], by: Actor) -> Result<Vec<Stored>, AppError> {
        let certificates = read_usable(given).map_err(|error| refused(error.invalid(FIELD)))?.certificates;
        let lock = self.store.lock().map_err(Failure::from)?;
        let mut kept: Vec<Stored> = Vec::new();
        let mut refusals = Vec::new();
        let mut prepared = Vec::new();
        for (place, name) in names.iter().enumerate() {
            if names.iter().take(place).any(|before| before == name) {
                continue;
            }
            match self.prepare(&lock, name, certificates.clone()) {
                Ok((one, answer)) => {
                    kept.push(one);
                    prepared.extend(answer);
                }
                Err(AppError::Rejected(why)) => refusals.push((name.clone(), why)),
                Err(error) => return Err(error),
            }
        }
        if !refusals.is_empty() {
            let fitting: Vec<&CsrName> = kept.iter().map(|one| &one.proposal.csr).collect();
            return Err(AppError::Rejected(refusal::of_several(refusals, &fitting)));
        }
        if prepared.is_empty() {
            return Ok(kept);
        }
        self.audit.room_to_record_several(&lock, prepared.len())?;
        lock.set_answers(&prepared).map_err(Failure::from)?;
        let changed: Vec<&Proposal> = kept.iter().filter(|one| one.changed).map(|one| &one.proposal).collect();
        for proposal in &changed {
            let certificate = audited(proposal);
            self.audit.record_under(&lock, by, Event::Answered { csr: &proposal.csr, certificate: &certificate });
        }
        let changed: Vec<&CsrName> = changed.iter().map(|proposal| &proposal.csr).collect();
        self.catalog.put(lock.release(), &changed);
        Ok(kept)
    }

    /// What keeping would write with one CSR; nothing for what is there already.
    fn prepare(
        &self,
        lock: &WriteLock<'_>,
        name: &CsrName,
        given: Vec<Certificate>,
    ) -> Result<(Stored, Option<PreparedAnswer>), AppError> {
        let mut proposal = self.propose(name, self.catalog.readable(name)?, given)?;
        if proposal.before == Before::Same {
            return Ok((Stored { proposal, changed: false }, None));
        }
        let record = Record { answered: Some(self.clock.now()), ..proposal.request.record.clone() };
        let certificates = proposal.certificates();
        let prepared = match lock.prepare_answer(name, &record, &certificates) {
            Ok(prepared) => prepared,
            Err(StoreError::TooLarge { .. }) => return Err(refused(say::too_large())),
            Err(error) => return Err(Failure::from(error).into()),
        };
        (proposal.request.record, proposal.request.certificates) = (record, certificates);
        Ok((Stored { proposal, changed: true }, Some(prepared)))
    }
}

impl Reading {
    /// What keeping all of it is refused with: a verdict for each CSR. None where every answer in it can be kept.
    pub fn refusal(&self) -> Option<Mistakes> {
        let fitting: Vec<&CsrName> = self.proposals.iter().map(|one| &one.csr).collect();
        (!self.refused.is_empty()).then(|| refusal::of_several(self.refused.clone(), &fitting))
    }
}

/// The word for what became of a field, stable for scripts.
pub fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Same => "same",
        Kind::Added => "added",
        Kind::Dropped => "dropped",
        Kind::Changed => "changed",
    }
}

/// Whose certificate it is and until when, for the log.
fn audited(proposal: &Proposal) -> String {
    proposal.chain.certificates.first().map_or_else(String::new, |leaf| {
        crate::messages::audit::certificate(&shortened(&leaf.issuer_short), &Validity::of(leaf).until())
    })
}

fn refused(invalid: Invalid) -> AppError {
    AppError::Rejected(invalid.into())
}
