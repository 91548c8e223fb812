//! The console's side: what is set up for a CSR, and the owner's word that it may be handed over.
//!
//! The list of services is read to show what will happen, and nothing here relies on it: root reads it again.

use super::choose::All;
use super::error::DeployError;
use super::folder::{LIVE, id_of};
use super::services::ServiceList;
use crate::Failure;
use crate::audit::{Actor, AuditLog, Event};
use crate::config::Config;
use crate::requests::catalog::Catalog;
use signet_domain::name::CsrName;
use signet_domain::record::Record;
use signet_store::Store;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What is set up for a CSR, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The services that get it, or will once it takes the place of the one they have. Never empty.
    pub services: Vec<Use>,
}

/// One service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// Its name in the list.
    pub name: String,
    /// The link that it opens its files by.
    pub live: PathBuf,
    /// True while what it has is this CSR's.
    pub has_it: bool,
    /// The other CSR whose certificate it has: an older one, or a renewal.
    pub has_other: Option<CsrName>,
}

/// The owner's word on which CSRs other services get.
#[derive(Debug)]
pub struct Deploy {
    store: Store,
    catalog: Arc<Catalog>,
    audit: Arc<AuditLog>,
    config: Arc<Config>,
}

impl Deploy {
    /// The owner's word on the CSRs of this data directory; the config says where the list of services lies.
    pub fn new(store: Store, catalog: Arc<Catalog>, audit: Arc<AuditLog>, config: Arc<Config>) -> Self {
        Self { store, catalog, audit, config }
    }

    /// What the integrator has set up for a CSR; none where nothing is, or where the list cannot be read.
    pub fn offer(&self, name: &CsrName, record: &Record) -> Result<Option<Offer>, Failure> {
        let Ok(list) = ServiceList::read(&self.config.services) else { return Ok(None) };
        let mut all = None;
        let mut services = Vec::new();
        for service in &list.services {
            let live = list.directory.join(service.name.as_str()).join(LIVE);
            let live_id = id_at(&live);
            let has_it = live_id.as_deref() == Some(record.id.as_str());
            let mut gets_it = has_it || service.csr == *name;
            if !gets_it && record.supersedes.is_some() {
                // Only a renewal has to be looked for in its line.
                let all = match &mut all {
                    Some(all) => all,
                    none => none.insert(All::read(&self.store)?.0),
                };
                gets_it = all.line(&service.csr, live_id.as_deref()).iter().any(|(_, known)| known.name == *name);
            }
            if gets_it {
                let other = live_id.as_deref().filter(|_| !has_it);
                let has_other = other.map(|id| self.catalog.named(id)).transpose()?.flatten();
                services.push(Use { name: service.name.to_string(), live, has_it, has_other });
            }
        }
        Ok((!services.is_empty()).then_some(Offer { services }))
    }

    /// The owner's word that an answered CSR may be handed to the services that are set up for it. Who asks has proved the
    /// password, or is the command line. Refused where nothing is set up, and before there is an answer.
    pub fn hand_over(&self, name: &CsrName, by: Actor) -> Result<(), Failure> {
        let content = self.catalog.readable(name)?;
        if content.certificates.is_empty() {
            return Err(Failure::Unanswered(name.to_string()));
        }
        if self.offer(name, &content.record)?.is_none() {
            return Err(Failure::NoService(name.to_string()));
        }
        self.set_deploy(name, true, by)
    }

    /// The word taken back, from those that it supersedes as well: a service is not to fall back to an older certificate.
    /// Always possible: it gives nothing away, and root's side removes the copies.
    pub fn stop_handing_over(&self, name: &CsrName, by: Actor) -> Result<(), Failure> {
        let mut line = vec![name.clone()];
        let mut before = self.catalog.readable(name)?.record.supersedes;
        while let Some(id) = before {
            let Some(older) = self.catalog.named(&id)?.filter(|older| !line.contains(older)) else { break };
            // One that cannot be read is handed over to nobody new.
            before = self.catalog.csr(&older)?.content.ok().and_then(|content| content.record.supersedes);
            line.push(older);
        }
        // The oldest first: a power cut leaves the newest, whose page offers it again.
        line.iter().rev().try_for_each(|name| self.set_deploy(name, false, by))
    }

    fn set_deploy(&self, name: &CsrName, deploy: bool, by: Actor) -> Result<(), Failure> {
        let lock = self.store.lock()?;
        let Ok(record) = self.catalog.csr(name)?.content.map(|content| content.record) else { return Ok(()) };
        if record.deploy == deploy {
            return Ok(());
        }
        self.audit.room_to_record(&lock)?;
        lock.set_record(name, &Record { deploy, ..record })?;
        let event = if deploy { Event::HandedOver { csr: name } } else { Event::TakenBack { csr: name } };
        self.audit.record_under(&lock, by, event);
        self.catalog.put(lock.release(), &[name]);
        Ok(())
    }
}

/// Services that do not have what they should: each with the CSR that it lacks, or none where it has a copy that should be
/// gone. Looked at by the links alone.
pub fn behind(store: &Store, list: &Path) -> Result<Vec<(CsrName, Option<CsrName>)>, DeployError> {
    let list = ServiceList::read(list)?;
    let (all, _) = All::read(store)?;
    let mut behind = Vec::new();
    for service in list.services {
        let live = live_id(&list.directory, &service.name);
        let chosen = all.chosen(&service.csr, live.as_deref());
        if chosen.map(|known| &known.id) != live.as_ref() {
            behind.push((service.name, chosen.map(|known| known.name.clone())));
        }
    }
    Ok(behind)
}

/// Each service of a list with the id of the request whose copy it has.
pub fn live_ids(list: &Path) -> Result<Vec<(String, String)>, DeployError> {
    let list = ServiceList::read(list)?;
    let live = |name| Some((CsrName::to_string(name), live_id(&list.directory, name)?));
    Ok(list.services.iter().filter_map(|service| live(&service.name)).collect())
}

/// True where no service has the request's copy or is set up for its name; false where that cannot be known.
pub(crate) fn is_free(list: &Path, name: &CsrName, id: &str) -> bool {
    match ServiceList::read(list) {
        Ok(list) => list
            .services
            .iter()
            .all(|service| service.csr != *name && live_id(&list.directory, &service.name).as_deref() != Some(id)),
        Err(error) => matches!(error, DeployError::NotSetUp { .. }),
    }
}

/// The id of the request whose copy a service has.
pub(super) fn live_id(directory: &Path, service: &CsrName) -> Option<String> {
    id_at(&directory.join(service.as_str()).join(LIVE))
}

/// The id of the CSR whose copy is live, by the link alone.
fn id_at(live: &Path) -> Option<String> {
    let version = std::fs::read_link(live).ok()?;
    id_of(version.to_str()?).map(str::to_owned)
}
