//! Restoring a backup, all of it or nothing: it is gathered beside the data, looked at whole, and then moved to its place.
//!
//! What is here stays as it is. A request of the backup that is here already is left out, the same or in another state; one whose name
//! is used here by another request ends the restore.

use super::container::{Kind, Reader};
use super::error::{BackupError, more, taken};
use super::{Backups, Intent, VERSION, finish_by, told};
use crate::access::fresh_generation;
use crate::audit::Actor;
use crate::config::Config;
use crate::{AppError, Failure};
use jiff::Timestamp;
use serde::Deserialize;
use signet_domain::invalid::Mistakes;
use signet_domain::name::CsrName;
use signet_domain::record::Origin;
use signet_domain::secret::Secret;
use signet_pki::age;
use signet_pki::certificate::Certificate;
use signet_pki::digest::sha256;
use signet_pki::inspect::inspect;
use signet_pki::private_key::PrivateKey;
use signet_store::{CsrFile, Damage, Document, Hashed, Owner, Restoring, Store, WriteLock};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

/// What is wanted of a backup beside its requests.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted {
    /// The owner, where there is none here: for root.
    pub owner: bool,
    /// `signet.toml`, where there is none in the data directory.
    pub settings: bool,
    /// Nothing is kept: it is only looked at.
    pub dry_run: bool,
}

/// What became of the owner or the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The backup has none.
    Absent,
    /// It was not asked for.
    Left,
    /// The same is here.
    Same,
    /// There is another one here, which stays.
    Kept,
    /// Restored.
    Restored,
}

/// A request that is here in another state than in the backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Its name in the backup.
    pub name: CsrName,
    /// Its name here.
    pub here: CsrName,
}

/// What a restore did, or would do.
#[derive(Debug, Clone)]
pub struct Restored {
    /// When the backup was made, by the clock of the device that it was made on.
    pub made: Timestamp,
    /// Requests that were not here.
    pub requests: Vec<CsrName>,
    /// Requests that are here as in the backup.
    pub same: Vec<CsrName>,
    /// Requests that are here in another state, which stays.
    pub kept: Vec<Kept>,
    /// The owner.
    pub owner: Part,
    /// The settings.
    pub settings: Part,
    /// The settings that were restored listen elsewhere, or trust other web servers, than those that are in force now.
    pub moves: bool,
}

impl Restored {
    /// True where anything was brought here.
    pub fn changes(&self) -> bool {
        !self.requests.is_empty() || self.owner == Part::Restored || self.settings == Part::Restored
    }
}

/// Names in conflict that are listed.
const LISTED: usize = 20;

/// What is here before the restore.
struct Here {
    ids: BTreeMap<String, CsrName>,
    folded: BTreeMap<String, CsrName>,
}

impl Here {
    fn look(store: &Store) -> Result<Self, Failure> {
        let (mut ids, mut folded) = (BTreeMap::new(), BTreeMap::new());
        store.each_csr(|entry| {
            if let Ok(stored) = &entry.content {
                ids.insert(stored.record.id.clone(), entry.name.clone());
            }
            folded.insert(entry.name.folded(), entry.name);
        })?;
        Ok(Self { ids, folded })
    }
}

/// What a restore has read so far.
struct Progress<'a> {
    store: &'a Store,
    /// What is in force.
    config: &'a Config,
    here: Here,
    /// None in a dry run.
    gathered: Option<Restoring<'a>>,
    restored: Restored,
    /// Ids and names in the backup.
    ids: BTreeSet<String>,
    names: BTreeSet<String>,
    conflicts: Vec<(CsrName, CsrName)>,
    bytes: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BackedUpOwner {
    password_hash: Hashed,
    since: Timestamp,
}

impl Backups {
    /// Restores what the file holds. Reading ends with the file's end; the write lock is held until then.
    pub fn restore(
        &self,
        file: impl Read,
        passphrase: &Secret,
        wanted: Wanted,
        by: Actor,
    ) -> Result<Restored, AppError> {
        // Before the lock: it takes a while.
        let opened = age::open(file, passphrase).map_err(BackupError::Age).map_err(Failure::from)?;
        let mut reader = Reader::new(opened).map_err(Failure::from)?;
        let lock = if wanted.dry_run { None } else { Some(self.store.lock()?) };
        if let Some(lock) = &lock {
            // One that was killed is recorded before its document is replaced.
            finish_by(&self.store, lock, &self.audit, by)?;
        }
        let gathered = lock.as_ref().map(WriteLock::begin_restore).transpose()?;
        let restored = Restored {
            made: reader.head.made,
            requests: Vec::new(),
            same: Vec::new(),
            kept: Vec::new(),
            owner: Part::Absent,
            settings: Part::Absent,
            moves: false,
        };
        let mut progress = Progress {
            store: &self.store,
            config: &self.config,
            here: Here::look(&self.store)?,
            gathered,
            restored,
            ids: BTreeSet::new(),
            names: BTreeSet::new(),
            conflicts: Vec::new(),
            bytes: 0,
        };
        while let Some((kind, bytes)) = reader.next().map_err(Failure::from)? {
            match kind {
                Kind::Request(name) => progress.request(name, &bytes)?,
                Kind::Owner => progress.owner(&bytes, wanted.owner)?,
                Kind::Settings => progress.settings(&bytes, wanted.settings)?,
            }
        }
        let Progress { gathered, restored, conflicts, bytes, .. } = progress;
        if !conflicts.is_empty() {
            return Err(AppError::Rejected(told_conflicts(&conflicts)));
        }
        if wanted.dry_run {
            self.store.may_restore(restored.requests.len(), bytes)?;
        }
        let (Some(lock), Some(gathered), true) = (&lock, gathered, restored.changes()) else { return Ok(restored) };
        self.audit.room_to_record(lock)?;
        let others = [(restored.owner == Part::Restored, "owner"), (restored.settings == Part::Restored, "settings")];
        let intent = Intent { version: VERSION, detail: told(restored.requests.len(), &others) };
        let json = serde_json::to_vec_pretty(&intent).unwrap_or_default();
        lock.put_document(Document::RestoreIntent, &json)?;
        gathered.keep();
        finish_by(&self.store, lock, &self.audit, by)?;
        Ok(restored)
    }
}

impl Progress<'_> {
    fn request(&mut self, name: CsrName, bytes: &Secret) -> Result<(), Failure> {
        let of_damage = |damage| match damage {
            Damage::Newer(_) => BackupError::NewerRequest(name.clone()),
            damage => BackupError::Request { name: name.clone(), what: damage.predicate() },
        };
        let mut file = CsrFile::parse(bytes).map_err(of_damage)?;
        whole(&name, &file)?;
        if !self.ids.insert(file.stored.record.id.clone()) || !self.names.insert(name.folded()) {
            return Err(BackupError::Request { name, what: "is in it twice".to_owned() }.into());
        }
        if let Some(here) = self.here.ids.get(&file.stored.record.id) {
            let there = self.store.csr_file(here)?;
            let is_same =
                |bytes: &Secret| there.as_ref().is_some_and(|there| there.expose_secret() == bytes.expose_secret());
            match *here == name && (is_same(bytes) || is_same(&brought(&mut file, bytes).map_err(of_damage)?)) {
                true => self.restored.same.push(name),
                false => self.restored.kept.push(Kept { name, here: here.clone() }),
            }
            return Ok(());
        }
        let bytes = &brought(&mut file, bytes).map_err(of_damage)?;
        if let Some(here) = self.here.folded.get(&name.folded()) {
            self.conflicts.push((name, here.clone()));
            return Ok(());
        }
        self.bytes += bytes.len() as u64;
        // A restore that will be refused writes nothing.
        if let Some(gathered) = self.gathered.as_mut().filter(|_| self.conflicts.is_empty()) {
            gathered.add_csr(&name, bytes)?;
        }
        self.restored.requests.push(name);
        Ok(())
    }

    fn owner(&mut self, bytes: &Secret, wanted: bool) -> Result<(), Failure> {
        let damaged = || BackupError::Damaged("its owner does not read".to_owned());
        let BackedUpOwner { password_hash, since } =
            serde_json::from_slice(bytes.expose_secret()).map_err(|_| damaged())?;
        crate::password_hash::accepted(password_hash.as_str()).map_err(|_| damaged())?;
        self.once(self.restored.owner)?;
        self.restored.owner = match (wanted, self.store.owner()?) {
            (false, _) => Part::Left,
            (true, Some(_)) => Part::Kept,
            (true, None) => {
                if let Some(gathered) = &mut self.gathered {
                    gathered.add_owner(&Owner { generation: fresh_generation()?, password_hash, since })?;
                }
                Part::Restored
            }
        };
        Ok(())
    }

    fn settings(&mut self, bytes: &Secret, wanted: bool) -> Result<(), Failure> {
        self.once(self.restored.settings)?;
        let mut moves = false;
        if wanted {
            let text = std::str::from_utf8(bytes.expose_secret()).map_err(|_| BackupError::Settings)?;
            let brought = Config::parse(text).map_err(|_| BackupError::Settings)?;
            let place = |config: &Config| (config.listen.clone(), config.redirect.clone(), config.proxy.clone());
            moves = place(&brought) != place(self.config);
        }
        self.restored.settings = match (wanted, self.store.document(Document::Config)?) {
            (_, Some(here)) if here == bytes.expose_secret() => Part::Same,
            (false, _) => Part::Left,
            (true, Some(_)) => Part::Kept,
            (true, None) => {
                if let Some(gathered) = &mut self.gathered {
                    gathered.add_settings(bytes.expose_secret())?;
                }
                self.restored.moves = moves;
                Part::Restored
            }
        };
        Ok(())
    }

    fn once(&self, part: Part) -> Result<(), Failure> {
        match part {
            Part::Absent => Ok(()),
            _ => Err(BackupError::Damaged("a part is in it twice".to_owned()).into()),
        }
    }
}

/// A request's file as it is kept on this device: the factory of another one did not make it here, so a factory reset removes it.
fn brought(file: &mut CsrFile, bytes: &Secret) -> Result<Secret, Damage> {
    let record = &mut file.stored.record;
    if record.origin != Origin::Factory {
        return Ok(bytes.clone());
    }
    (record.origin, record.factory_key) = (Origin::Imported, true);
    CsrFile::with_record(bytes, record)
}

/// Whether a request's file holds a request, the key of that request and certificates for it.
fn whole(name: &CsrName, file: &CsrFile) -> Result<(), BackupError> {
    let broken = |what: &str| BackupError::Request { name: name.clone(), what: what.to_owned() };
    let request = inspect(&file.stored.request).map_err(|_| broken("does not decode"))?;
    let key = PrivateKey::from_pkcs8(file.key.expose_secret()).map_err(|_| broken("has a key that does not read"))?;
    if sha256(key.spki_der()) != request.key_sha256 {
        return Err(broken("has the key of another request"));
    }
    for (at, der) in file.stored.certificates.iter().enumerate() {
        let certificate = Certificate::read(der).map_err(|_| broken("has a certificate that does not read"))?;
        if at == 0 && !certificate.has_key(&request.spki_der) {
            return Err(broken("has the certificate of another key"));
        }
    }
    Ok(())
}

fn told_conflicts(conflicts: &[(CsrName, CsrName)]) -> Mistakes {
    let mut mistakes = Mistakes::none();
    conflicts.iter().take(LISTED).for_each(|(name, here)| mistakes.add(taken(name, here)));
    if let Some(rest) = conflicts.len().checked_sub(LISTED).filter(|rest| *rest > 0) {
        mistakes.add(more(rest));
    }
    mistakes
}
