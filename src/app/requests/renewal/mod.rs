//! Renewal and change: a new CSR with another one's answers, and where the two stand to each other afterwards.
//!
//! What was asked is the source, never what the CA made of it. A successor names the CSR that it supersedes by its
//! record's id; every other relation follows from that one, so that deleting either leaves nothing behind in the other.

mod decoded;
pub mod difference;
pub mod due;

use super::catalog::Catalog;
use super::content::Content;
use crate::clock::{self, Clock};
use crate::config::Config;
use crate::{Failure, random};
use jiff::tz::TimeZone;
use signet_domain::draft::{Draft, DraftId};
use signet_domain::lifetime::Lifetime;
use signet_domain::name::CsrName;
use signet_domain::name_and_type::NameAndTypeAnswers;
use signet_domain::record::Asked;
use signet_domain::supersedes::Supersedes;
use signet_store::Store;
use std::sync::Arc;

/// Why another CSR's answers are opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// For the same again: once it is named, Next leads to Confirm.
    Renew {
        /// With its key, said deliberately.
        same_key: bool,
    },
    /// To be edited, step by step, with a new key.
    Change,
}

/// Drafts of CSRs that renew or change another one.
#[derive(Debug)]
pub struct Renewals {
    store: Store,
    clock: Clock,
    catalog: Arc<Catalog>,
    config: Arc<Config>,
}

impl Renewals {
    /// Renewals of the CSRs of this data directory.
    pub fn new(store: Store, clock: Clock, catalog: Arc<Catalog>, config: Arc<Config>) -> Self {
        Self { store, clock, catalog, config }
    }

    /// A new draft that supersedes `name`, with a free name proposed.
    ///
    /// # Errors
    /// [`Failure::NotRenewable`] where an import asks for what the wizard cannot ask for, or where the key is one that
    /// this device does not use any more.
    pub fn draft(&self, name: &CsrName, purpose: Purpose) -> Result<Draft, Failure> {
        let content = self.catalog.readable(name)?;
        let asked = self.answers(name, &content)?;
        let same_key = purpose == Purpose::Renew { same_key: true };
        if same_key && let Err(mistakes) = asked.options.parse(&self.config.policy) {
            let reason = mistakes.iter().next().map(|first| first.what.trim_end_matches('.').to_owned());
            return Err(Failure::NotRenewable { name: name.to_string(), reason: reason.unwrap_or_default() });
        }
        let mut draft = Draft::from_asked(DraftId::from_bytes(random::bytes()?), &asked);
        draft.cloned = purpose != Purpose::Change;
        draft.name_and_type = Some(NameAndTypeAnswers {
            name: self.proposed_name(name)?.to_string(),
            r#type: NameAndTypeAnswers::NEW.to_owned(),
            profile: asked.profile,
        });
        let (id, old) = (content.record.id, name.to_string());
        draft.supersedes = Some(Supersedes { id, name: old, same_key, same_subject: true });
        Ok(draft)
    }

    /// The answers that make a CSR anew: those it was made from, or, of an import, those that its own bytes amount to.
    pub fn answers(&self, name: &CsrName, content: &Content) -> Result<Asked, Failure> {
        match &content.record.asked {
            Some(asked) => Ok(asked.clone()),
            None => decoded::answers(&content.request, Lifetime::public_limit(self.clock.today()))
                .map_err(|reason| Failure::NotRenewable { name: name.to_string(), reason }),
        }
    }

    /// That a new CSR changes this one, with a key of its own.
    pub fn supersedes(&self, name: &CsrName) -> Result<Supersedes, Failure> {
        Ok(Supersedes {
            id: self.catalog.readable(name)?.record.id,
            name: name.to_string(),
            same_key: false,
            same_subject: false,
        })
    }

    /// A free name for the CSR that renews this one.
    pub fn proposed_name(&self, name: &CsrName) -> Result<CsrName, Failure> {
        let taken: std::collections::HashSet<String> = self.store.names()?.iter().map(CsrName::folded).collect();
        let year = TimeZone::UTC.to_datetime(clock::trusted(self.clock.now())).year();
        Ok(name.successor(year, |other| taken.contains(&other.folded())))
    }
}

#[cfg(test)]
mod tests;
