//! A device's parts: code, identity, factory requests, device record, in the pending folder; and the line that describes them.

use super::line::{Line, LineCsr};
use super::register::Register;
use super::{Job, ProvisionError, spki};
use crate::clock::{self, Clock};
use crate::password_hash::{self, Memory};
use crate::{Failure, random};
use signet_domain::hex;
use signet_domain::note::Note;
use signet_domain::record::{Asked, Origin, Record};
use signet_domain::request::NewRequest;
use signet_store::{DeviceRecord, Setup, Store, StoredIdentity, WriteLock};

/// Makes everything in the pending folder, durably, the device record last.
pub(super) fn make(
    memory: &mut Memory,
    lock: &WriteLock<'_>,
    job: &Job,
    clock: Clock,
    register: Option<&dyn Register>,
) -> Result<(Line, Store), ProvisionError> {
    // Everything that takes long or may fail comes before the first file.
    let now = clock::trusted(clock.now());
    let code = random::setup_code()?;
    let setup_code = String::from_utf8_lossy(code.expose_secret()).into_owned();
    let code_hash = password_hash::hash_in(memory, &random::normalised_code(&setup_code))?;
    let made = signet_pki::identity::make(&job.unit.names(), &job.addresses, now, clock::build_date(), None)
        .map_err(Failure::from)?;
    let identity = StoredIdentity { chain: vec![made.cert_der], key: made.key };
    let certificate = identity.chain.first().map(Vec::as_slice).unwrap_or_default();
    let mut line = Line {
        serial: job.unit.serial().to_owned(),
        model: job.unit.model().map(str::to_owned),
        hostname: job.unit.hostname().map(str::to_owned),
        mac: job.unit.mac().map(str::to_owned),
        setup_code,
        certificate_sha256: hex::lower(&signet_pki::identity::cert_sha256(certificate)),
        spki_sha256: spki(&identity)?,
        csrs: Vec::with_capacity(job.requests.len()),
        software: concat!("signet ", env!("CARGO_PKG_VERSION")).to_owned(),
        again: job.again,
    };
    let pending = lock.begin_pending()?;
    let inside = pending.lock()?;
    for (asked, request, note) in &job.requests {
        line.csrs.push(make_csr(&inside, asked, request, note.as_ref(), now)?);
    }
    inside.put_identity(&identity)?;
    inside.put_factory_identity(&identity)?;
    inside.put_setup(&Setup { code_hash, made: now })?;
    if let Some(register) = register {
        register.note(&inside, &line)?;
    }
    inside.put_device(&DeviceRecord {
        serial: Some(line.serial.clone()),
        model: line.model.clone(),
        hostname: line.hostname.clone(),
        mac: line.mac.clone(),
    })?;
    drop(inside);
    Ok((line, pending))
}

fn make_csr(
    pending: &WriteLock<'_>,
    asked: &Asked,
    request: &NewRequest,
    note: Option<&Note>,
    now: jiff::Timestamp,
) -> Result<LineCsr, ProvisionError> {
    let NewRequest { name, key: spec, lifetime, subject, names, extensions } = request;
    let key = signet_pki::generate::generate(*spec).map_err(Failure::from)?;
    let der = signet_pki::request::encode(subject, names, extensions, &key, spec.digest()).map_err(Failure::from)?;
    let record = Record {
        asked: Some(asked.clone()),
        lifetime: Some(lifetime.days()),
        note: note.map(|note| note.as_str().to_owned()).unwrap_or_default(),
        ..Record::new(random::id()?, Origin::Factory, now)
    };
    pending.create(name, &record, &der, key.pkcs8())?;
    Ok(LineCsr {
        name: name.to_string(),
        spki_sha256: hex::lower(&signet_pki::digest::sha256(key.spki_der())),
        pem: signet_pki::pem::encode("CERTIFICATE REQUEST", &der).to_string(),
    })
}
