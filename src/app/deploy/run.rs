//! One run of root's side: each service gets the CSR that is its own now, or loses its copies; then those with something new
//! are told.
//!
//! The data directory is only read, as another and less trusted user's: nothing is made, locked or followed there. Where to
//! write and what to run comes from the list of services alone. What fails for one service does not keep the others.

use super::choose::{All, Known};
use super::error::{DeployError, Unfit};
use super::files::Rights;
use super::folder::{Folder, id_of};
use super::offer::live_id;
use super::pair::Pair;
use super::services::{Service, ServiceList};
use super::{reload, trusted};
use rustix::fs::{AtFlags, FlockOperation, Mode, OFlags};
use rustix::io::{Errno, retry_on_intr};
use signet_domain::name::CsrName;
use signet_store::{Store, is_settled};
use std::os::fd::OwnedFd;
use std::path::Path;

/// Only one run at a time.
const LOCK: &str = ".lock";
/// A run goes on while the console changes something meanwhile, but not for ever.
const PASSES: usize = 10;

/// What became of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Became {
    /// It has this CSR's pair now, and had another one or none.
    Given(CsrName),
    /// It has this CSR's pair, as before.
    Same(CsrName),
    /// Its copies are gone.
    TakenAway,
    /// It has none, as before.
    None,
}

/// What a run did.
#[derive(Debug, Default)]
pub struct Report {
    /// Each service with what became of it, in the order of the list.
    pub services: Vec<(CsrName, Became)>,
    /// What failed.
    pub errors: Vec<DeployError>,
}

/// Hands over, takes away and tells, until nothing changes in the data directory meanwhile.
pub fn run(data: &Path, list: &Path) -> Result<Report, DeployError> {
    let services = ServiceList::read(list)?;
    let directory = trusted::folder(&services.directory)?;
    let _lock = lock(&directory, &services.directory)?;
    let mut report = Report::default();
    for _ in 0..PASSES {
        // An unmounted partition looks like an empty folder: no reason to take anything away.
        let store = Store::open_read_only(data)?.filter(|store| store.is_marked().unwrap_or(false));
        let store = store.ok_or_else(|| DeployError::NoData { path: data.to_owned() })?;
        let (all, generation) = All::read(&store)?;
        let pass = Pass { store: &store, all: &all, directory: &directory, services: &services };
        report.join(pass.run());
        if generation.is_some_and(is_settled) && store.generation().ok() == generation {
            break;
        }
    }
    Ok(report)
}

/// What a run would do, by the services' links alone: nothing is locked, made or reloaded. What is wrong with a certificate or a
/// folder shows in the run itself.
pub fn plan(data: &Path, list: &Path) -> Result<Report, DeployError> {
    let list = ServiceList::read(list)?;
    let store = Store::open_read_only(data)?.filter(|store| store.is_marked().unwrap_or(false));
    let store = store.ok_or_else(|| DeployError::NoData { path: data.to_owned() })?;
    let (all, _) = All::read(&store)?;
    let mut report = Report::default();
    for service in &list.services {
        let live = live_id(&list.directory, &service.name);
        let chosen = all.chosen(&service.csr, live.as_deref());
        report.services.push((
            service.name.clone(),
            match (chosen, live) {
                (Some(known), Some(id)) if known.id == id => Became::Same(known.name.clone()),
                (Some(known), _) => Became::Given(known.name.clone()),
                (None, Some(_)) => Became::TakenAway,
                (None, None) => Became::None,
            },
        ));
    }
    Ok(report)
}

impl Report {
    /// A later pass: its errors count, and what was done before stays in the report.
    fn join(&mut self, later: Self) {
        self.errors = later.errors;
        if self.services.is_empty() {
            self.services = later.services;
            return;
        }
        for ((_, before), (_, now)) in self.services.iter_mut().zip(later.services) {
            if !matches!(now, Became::Same(_) | Became::None) {
                *before = now;
            }
        }
    }
}

struct Pass<'a> {
    store: &'a Store,
    all: &'a All,
    directory: &'a OwnedFd,
    services: &'a ServiceList,
}

impl Pass<'_> {
    fn run(&self) -> Report {
        let mut report = Report::default();
        for service in &self.services.services {
            match self.serve(service) {
                Ok(became) => report.services.push((service.name.clone(), became)),
                Err(error) => {
                    report.services.push((service.name.clone(), Became::None));
                    report.errors.push(error);
                }
            }
        }
        self.tell(&mut report.errors);
        if let Err(error) = self.take_away_the_rest() {
            report.errors.push(error);
        }
        report
    }

    fn folder(&self, name: &str) -> Result<Option<Folder>, DeployError> {
        Folder::open(self.directory, &self.services.directory, name)
    }

    fn serve(&self, service: &Service) -> Result<Became, DeployError> {
        let folder = self.folder(service.name.as_str())?;
        let live = folder.as_ref().map(Folder::live).transpose()?.flatten();
        let live_id = live.as_deref().and_then(id_of);
        let is_over = live_id.is_none_or(|id| self.all.is_over(id));
        let Some(chosen) = self.all.chosen(&service.csr, live_id) else {
            if !is_over {
                return match self.all.unreadable.first() {
                    Some((csr, reason)) => Err(DeployError::Unreadable {
                        service: service.name.to_string(),
                        csr: csr.to_string(),
                        reason: reason.clone(),
                    }),
                    // Its answer was taken back, or the list names another CSR now.
                    None => self.take_away(&service.name),
                };
            }
            return self.take_away(&service.name);
        };
        let given = self.give(service, chosen);
        // What the owner has deleted or stopped goes, also where its successor cannot be had.
        if matches!(&given, Err(DeployError::Refused { why, .. }) if *why != Unfit::Changed)
            && live.is_some()
            && is_over
        {
            self.take_away(&service.name)?;
        }
        given
    }

    fn give(&self, service: &Service, chosen: &Known) -> Result<Became, DeployError> {
        let named = |source| DeployError::Name { service: service.name.to_string(), source };
        let uid = service.owner.user().map_err(named)?;
        let gid = service.group.group().map_err(named)?;
        let pair = Pair::read(self.store, chosen)?.map_err(|why| DeployError::Refused {
            service: service.name.to_string(),
            csr: chosen.name.to_string(),
            why,
        })?;
        let folder = Folder::open_or_new(self.directory, &self.services.directory, service.name.as_str())?;
        let (_, switched) = folder.put(&pair, Rights { uid, gid, mode: service.mode })?;
        folder.sweep(|id| self.all.is_over(id))?;
        Ok(if switched { Became::Given(chosen.name.clone()) } else { Became::Same(chosen.name.clone()) })
    }

    fn take_away(&self, name: &CsrName) -> Result<Became, DeployError> {
        let Some(folder) = self.folder(name.as_str())? else { return Ok(Became::None) };
        let any = folder.empty()?;
        match rustix::fs::unlinkat(self.directory, name.as_str(), AtFlags::REMOVEDIR) {
            // What is not ours stays, in its folder.
            Ok(()) | Err(Errno::NOTEMPTY | Errno::EXIST) => {}
            Err(errno) => return Err(trusted::io(&self.services.directory.join(name.as_str()), errno)),
        }
        rustix::fs::fsync(self.directory).map_err(|errno| trusted::io(&self.services.directory, errno))?;
        Ok(if any { Became::TakenAway } else { Became::None })
    }

    /// Folders of services that the list names no more.
    fn take_away_the_rest(&self) -> Result<(), DeployError> {
        let failed = |errno| trusted::io(&self.services.directory, errno);
        for entry in rustix::fs::Dir::read_from(self.directory).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let Some(name) = entry.file_name().to_str().ok().and_then(|name| CsrName::parse(name).ok()) else {
                continue;
            };
            let listed = self.services.services.iter().any(|service| service.name == name);
            // Something else that lies there is not ours to judge.
            if !listed && matches!(self.folder(name.as_str()), Ok(Some(_))) {
                self.take_away(&name)?;
            }
        }
        Ok(())
    }

    /// Reloads the services that have not loaded their live version; those of one command together.
    fn tell(&self, errors: &mut Vec<DeployError>) {
        let mut waiting: Vec<(&Service, Folder, String)> = Vec::new();
        for service in &self.services.services {
            let found = self.folder(service.name.as_str()).and_then(|folder| {
                let Some(folder) = folder else { return Ok(None) };
                let (live, told) = (folder.live()?, folder.told()?);
                Ok(live.filter(|live| told.as_ref() != Some(live)).map(|live| (service, folder, live)))
            });
            match found {
                Ok(found) => waiting.extend(found),
                Err(error) => errors.push(error),
            }
        }
        while let Some((first, ..)) = waiting.first() {
            let command = first.reload.clone();
            let (together, rest): (Vec<_>, Vec<_>) =
                waiting.into_iter().partition(|(service, ..)| service.reload == command);
            waiting = rest;
            match reload::run(&command, reload::PATIENCE) {
                Ok(()) => {
                    let told = together.iter().map(|(_, folder, version)| folder.set_told(version));
                    errors.extend(told.filter_map(Result::err));
                }
                Err(how) => errors.push(DeployError::Reload {
                    service: together.iter().map(|(service, ..)| service.name.as_str()).collect::<Vec<_>>().join(", "),
                    command: command.first().cloned().unwrap_or_default(),
                    how,
                }),
            }
        }
    }
}

fn lock(directory: &OwnedFd, path: &Path) -> Result<OwnedFd, DeployError> {
    let failed = |errno| trusted::io(&path.join(LOCK), errno);
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let file = rustix::fs::openat(directory, LOCK, flags, Mode::RUSR | Mode::WUSR).map_err(failed)?;
    retry_on_intr(|| rustix::fs::flock(&file, FlockOperation::LockExclusive)).map_err(failed)?;
    Ok(file)
}
