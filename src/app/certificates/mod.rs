//! The CA's answer: finds the CSR that it belongs to by its public key, checks it, shows it as a proposal, keeps it.
//!
//! Nothing is kept between the proposal and the taking: what is taken is read and checked once more, under the lock. Knows
//! what a certificate says by `pki`, and no word of pages or the terminal.

mod advice;
pub mod calendar;
mod find;
pub mod pkcs12;
mod refusal;
pub mod stored;
#[cfg(test)]
mod tests;

use crate::audit::{Actor, AuditLog, Deed};
use crate::clock::Clock;
use crate::requests::catalog::Catalog;
use crate::requests::content::Content;
use crate::validity::Term;
use crate::{AppError, CreateError};
use signet_domain::advice::Advice;
use signet_domain::answer::{Difference, Kind};
use signet_domain::invalid::{Invalid, shortened};
use signet_domain::name::CsrName;
use signet_domain::record::Record;
use signet_pki::answer::read_usable;
use signet_pki::chain::Chain;
use signet_store::{Store, StoreError};
use std::sync::Arc;

/// The field that all refusals of an answer stand at.
pub const FIELD: &str = "certificate";

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
    /// An answer to a CSR each; never empty.
    pub proposals: Vec<Proposal>,
    /// Why other certificates in it cannot be taken.
    pub refused: Vec<Invalid>,
}

/// How a taking ended.
#[derive(Debug)]
pub struct Taken {
    /// What was taken.
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

    /// How many fields came otherwise than they were asked.
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
    /// [`CreateError::Refused`] at [`FIELD`], a cause each, when nothing in it can be taken.
    pub fn read(&self, given: &[u8], only: Option<&CsrName>) -> Result<Reading, CreateError> {
        let certificates = read_answer(given).map_err(|error| refused(error.invalid(FIELD)))?;
        match only {
            Some(name) => {
                let proposal = self.propose(name, self.catalog.readable(name)?, certificates)?.with_spare();
                Ok(Reading { proposals: vec![proposal], refused: Vec::new() })
            }
            None => self.propose_each(answer.certificates),
        };
        // Where nothing else answers, it may have been the one that cannot be read.
        let mut reading = match (reading, unread.first()) {
            (Err(CreateError::Refused(_)), Some(first)) => return Err(refused(first.error.invalid(FIELD))),
            (reading, _) => reading?,
        };
        for proposal in &mut reading.proposals {
            proposal.advice.extend(unread.iter().map(advice::unread));
        }
        Ok(reading)
    }

    /// Keeps what a CA sent with the CSR of this name, in one step: it is read and checked anew under the lock.
    ///
    /// # Errors
    /// As [`Certificates::read`]; [`AppError::Store`] where the disk does not take it, and then nothing has changed.
    pub fn keep(&self, name: &CsrName, given: &[u8], by: Actor) -> Result<Taken, CreateError> {
        let certificates = read_answer(given).map_err(|error| refused(error.invalid(FIELD)))?;
        let lock = self.store.lock().map_err(AppError::from)?;
        let mut proposal = self.propose(name, self.catalog.readable(name)?, certificates)?;
        if proposal.before == Before::Same {
            return Ok(Taken { proposal, changed: false });
        }
        self.audit.room_to_record(&lock)?;
        let record = Record { answered: Some(self.clock.now()), ..proposal.request.record.clone() };
        let certificates = proposal.certificates();
        match lock.set_answer(name, &record, &certificates) {
            Ok(()) => (proposal.request.record, proposal.request.certificates) = (record, certificates),
            Err(StoreError::TooLarge { .. }) => return Err(refused(refusal::too_large())),
            Err(error) => return Err(AppError::from(error).into()),
        }
        let told = audited(&proposal);
        self.audit.record_under(&lock, by, Deed::Answered { csr: name, certificate: &told });
        self.catalog.put(lock.release(), &[name]);
        Ok(Taken { proposal, changed: true })
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
        format!("by {} until {}", shortened(&leaf.issuer_short), Term::of(leaf).until())
    })
}

fn refused(invalid: Invalid) -> CreateError {
    CreateError::Refused(invalid.into())
}
