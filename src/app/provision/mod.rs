//! The factory: a data directory is prepared before its unit ever boots.
//!
//! A unit is made whole in a pending folder, then told (manifest, label, output), then published. Killed before it was
//! told, it was never there; killed after, the next run finds its line by its keys and goes on. So no code is ever lost,
//! none is kept on the unit but as a hash, and a unit is told once. How it is told is the caller's.

pub mod batch;
pub mod line;
pub mod manifest;
mod publish;
#[cfg(test)]
mod tests;

use super::{AppError, door, random};
use crate::clock::{self, Clock};
use crate::domain::record::{Asked, Origin, RECORD_VERSION, Record};
use crate::domain::request::NewRequest;
use crate::domain::unit::{Unit, folded};
use crate::pki;
use crate::store::{DeviceRecord, Limits, Opening, Setup, Store, StoreError, StoredIdentity, WriteLock};
use line::{Line, LineCsr};
use manifest::{Manifest, ManifestError};
use std::net::IpAddr;
use std::path::{Path, PathBuf};

pub use publish::finish;

/// What is to be made.
#[derive(Debug, Clone)]
pub struct Job {
    /// The unit.
    pub unit: Unit,
    /// Addresses for the console's certificate.
    pub addresses: Vec<IpAddr>,
    /// Its factory CSRs, each with the answers it is made from.
    pub requests: Vec<(Asked, NewRequest)>,
    /// The user and group that the directory is for, where that is not who runs this.
    pub owner: Option<(u32, u32)>,
    /// Start over a directory that is in use or a serial that the manifest has.
    pub again: bool,
}

/// How a unit came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Now.
    Made,
    /// It had been told already; it was published now.
    Resumed,
}

/// Why a unit was not made. What was there before is still there.
#[derive(Debug, thiserror::Error)]
pub enum ProvisionError {
    /// The directory is a unit already.
    #[error("{} is provisioned already, as serial {serial}", path.display())]
    Provisioned {
        /// The directory.
        path: PathBuf,
        /// The serial in its device record.
        serial: String,
    },
    /// A console was started on the directory before.
    #[error("{} is in use already: it holds {found}", path.display())]
    InUse {
        /// The directory.
        path: PathBuf,
        /// A file in it.
        found: &'static str,
    },
    /// The manifest.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// A label or another file beside the manifest.
    #[error("cannot write {}: {source}", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Something below failed.
    #[error(transparent)]
    App(#[from] AppError),
}

impl From<StoreError> for ProvisionError {
    fn from(error: StoreError) -> Self {
        Self::App(error.into())
    }
}

impl ProvisionError {
    /// What to do next: one sentence.
    pub fn fix(&self) -> String {
        match self {
            Self::Provisioned { .. } | Self::InUse { .. } => {
                "Name another directory, or say --again to start this one over: its keys and its code are lost then."
                    .to_owned()
            }
            Self::Manifest(error) => error.fix().to_owned(),
            Self::Unwritable { .. } => {
                "Check the path and its space; running the command again goes on with this unit.".to_owned()
            }
            Self::App(error) => error.fix(),
        }
    }

    /// True when no other unit can be made either, until somebody makes room.
    pub fn is_full(&self) -> bool {
        match self {
            Self::Manifest(error) => error.is_full(),
            Self::Unwritable { source, .. } => source.kind() == std::io::ErrorKind::StorageFull,
            Self::App(AppError::Store(StoreError::NoSpace { .. } | StoreError::ReadOnly { .. })) => true,
            _ => false,
        }
    }
}

/// Makes one unit in the directory `data`. `tell` hands the line out (label, output); it may be asked again for the same
/// unit by a later run, and the unit is published only after it.
///
/// # Errors
/// See [`ProvisionError`]; [`Outcome`] says whether an earlier run had begun the unit.
pub fn provision(
    data: &Path,
    job: &Job,
    manifest: Option<&Manifest>,
    clock: Clock,
    tell: impl FnOnce(&Line) -> Result<(), ProvisionError>,
) -> Result<Outcome, ProvisionError> {
    let store = open(data, job)?;
    let lock = store.lock()?;
    let was_begun = publish::is_begun(&store)?;
    finish(&lock)?;
    let known = manifest.map(|manifest| manifest.find(job.unit.serial())).transpose()?.flatten();
    if was_begun && is_published(&store, &job.unit, known.as_ref().map(|(_, line)| line))? {
        // It was told before it was published; where the line is known it is told again.
        if let Some((_, line)) = &known {
            tell(line)?;
        }
        return Ok(Outcome::Resumed);
    }
    if !job.again {
        refuse_in_use(&store)?;
    }
    let resumed = match (known, store.pending()?, manifest) {
        (Some((_, line)), Some(pending), _) if is_of(&line, &pending, job)? => Some(line),
        (Some((line, _)), _, Some(manifest)) if !job.again => {
            let (path, serial) = (manifest.path().to_owned(), job.unit.serial().to_owned());
            return Err(ManifestError::SerialTaken { path, serial, line }.into());
        }
        _ => None,
    };
    let (line, outcome) = match resumed {
        Some(line) => (line, Outcome::Resumed),
        None => {
            let line = make(&lock, job, clock)?;
            if let Some(manifest) = manifest {
                manifest.append(&line)?;
            }
            (line, Outcome::Made)
        }
    };
    tell(&line)?;
    publish::begin(&lock, job)?;
    finish(&lock)?;
    Ok(outcome)
}

/// The line of a directory that is this unit already, whole and as the manifest has it; none when it is not.
pub fn finished(data: &Path, unit: &Unit, manifest: &Manifest) -> Result<Option<Line>, ProvisionError> {
    let Some((_, line)) = manifest.find(unit.serial())? else { return Ok(None) };
    let Some((uid, _)) = crate::store::owner_of(data)? else { return Ok(None) };
    let store = Store::open_for(data, opening(), uid)?;
    if publish::is_begun(&store)? {
        return Ok(None);
    }
    Ok(is_published(&store, unit, Some(&line))?.then_some(line))
}

/// True when the directory is this unit, with the key of its line where one is known.
fn is_published(store: &Store, unit: &Unit, line: Option<&Line>) -> Result<bool, AppError> {
    let serial = store.device()?.and_then(|device| device.serial);
    if serial.is_none_or(|serial| folded(&serial) != folded(unit.serial())) {
        return Ok(false);
    }
    let Some(line) = line else { return Ok(true) };
    let key = store.factory_identity()?.map(|identity| spki(&identity)).transpose()?;
    Ok(key.is_some_and(|key| key == line.spki_sha256))
}

fn opening() -> Opening {
    // The factory's own CSRs are as many as its requests file says.
    Opening { command: "signet provision".to_owned(), limits: Limits { csrs: u32::MAX, disk_mib: u64::MAX >> 20 } }
}

/// Opens or makes the directory; root also takes one that belongs to the owner it is for.
fn open(data: &Path, job: &Job) -> Result<Store, ProvisionError> {
    let Some((uid, _)) = job.owner else { return Ok(Store::open(data, opening())?) };
    Ok(Store::open_for(data, opening(), uid)?)
}

fn refuse_in_use(store: &Store) -> Result<(), ProvisionError> {
    let path = store.path().to_owned();
    if let Some(device) = store.device()? {
        return Err(ProvisionError::Provisioned { path, serial: device.serial.unwrap_or_default() });
    }
    match store.in_use()? {
        Some(found) => Err(ProvisionError::InUse { path, found }),
        None => Ok(()),
    }
}

/// True when `line` tells of the unit that lies in the pending folder, whole.
fn is_of(line: &Line, pending: &Store, job: &Job) -> Result<bool, ProvisionError> {
    let serial = pending.device()?.and_then(|device| device.serial);
    if serial.as_deref() != Some(job.unit.serial()) || pending.setup()?.is_none() {
        return Ok(false);
    }
    let mut kept = Vec::new();
    for identity in [pending.identity(), pending.factory_identity()] {
        let Some(identity) = identity? else { return Ok(false) };
        kept.push(spki(&identity)?);
    }
    if kept.iter().any(|key| *key != line.spki_sha256) {
        return Ok(false);
    }
    let mut found = 0;
    for entry in pending.csrs()? {
        let Ok(csr) = entry.content else { return Ok(false) };
        let key = random::hex(&pki::inspect::inspect(&csr.request).map_err(AppError::from)?.spki_sha256);
        if !line.csrs.iter().any(|told| told.name == entry.name.as_str() && told.spki_sha256 == key) {
            return Ok(false);
        }
        found += 1;
    }
    Ok(found == line.csrs.len())
}

fn spki(identity: &StoredIdentity) -> Result<String, AppError> {
    let certificate = identity.chain.first().map(Vec::as_slice).unwrap_or_default();
    Ok(random::hex(&pki::identity::spki_sha256(certificate)?))
}

/// Makes everything in the pending folder, durably, the device record last.
fn make(lock: &WriteLock<'_>, job: &Job, clock: Clock) -> Result<Line, ProvisionError> {
    // Everything that takes long or may fail comes before the first file.
    let now = clock::trusted(clock.now());
    let code = random::setup_code()?;
    let setup_code = String::from_utf8_lossy(code.expose_secret()).into_owned();
    let code_hash = door::hash(&random::normalised_code(&setup_code))?;
    let made = pki::identity::make(&job.unit.names(), &job.addresses, now, clock::build_date(), None)
        .map_err(AppError::from)?;
    let identity = StoredIdentity { chain: vec![made.cert_der], key: made.key };
    let certificate = identity.chain.first().map(Vec::as_slice).unwrap_or_default();
    let mut line = Line {
        serial: job.unit.serial().to_owned(),
        model: job.unit.model().map(str::to_owned),
        hostname: job.unit.hostname().map(str::to_owned),
        mac: job.unit.mac().map(str::to_owned),
        setup_code,
        certificate_sha256: random::hex(&pki::identity::cert_sha256(certificate)),
        spki_sha256: spki(&identity)?,
        csrs: Vec::with_capacity(job.requests.len()),
        software: concat!("signet ", env!("CARGO_PKG_VERSION")).to_owned(),
        again: job.again,
    };
    let pending = lock.begin_pending()?;
    let inside = pending.lock()?;
    for (asked, request) in &job.requests {
        line.csrs.push(make_csr(&inside, asked, request, now)?);
    }
    inside.put_identity(&identity)?;
    inside.put_factory_identity(&identity)?;
    inside.put_setup(&Setup { code_hash, made: now })?;
    inside.put_device(&DeviceRecord {
        serial: Some(line.serial.clone()),
        model: line.model.clone(),
        hostname: line.hostname.clone(),
        mac: line.mac.clone(),
    })?;
    Ok(line)
}

fn make_csr(
    pending: &WriteLock<'_>,
    asked: &Asked,
    request: &NewRequest,
    now: jiff::Timestamp,
) -> Result<LineCsr, ProvisionError> {
    let NewRequest { name, key: spec, lifetime, subject, names, extensions } = request;
    let key = pki::generate::generate(*spec).map_err(AppError::from)?;
    let der = pki::request::encode(subject, names, extensions, &key, spec.digest()).map_err(AppError::from)?;
    let record = Record {
        version: RECORD_VERSION,
        id: random::id()?,
        draft: None,
        origin: Origin::Factory,
        created: now,
        asked: Some(asked.clone()),
        lifetime: Some(lifetime.days()),
        note: String::new(),
    };
    pending.create(name, &record, &der, key.pkcs8())?;
    Ok(LineCsr {
        name: name.to_string(),
        spki_sha256: random::hex(&pki::inspect::sha256(key.spki_der())),
        pem: pki::pem::encode("CERTIFICATE REQUEST", &der).to_string(),
    })
}
