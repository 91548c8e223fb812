//! The small files beside the CSRs: the owner, the seal key, the setup code's hash, the device record, and documents whose
//! contents belong to those who ask for them.
//!
//! Knows neither passwords nor codes, only their hashes as text.

use super::atomic::{self, Place};
use super::csr_file::{MAX_FILE, check_version};
use super::data_dir::{FACTORY, Store};
use super::dir::{Content, Dir};
use super::document::Document;
use super::error::{Damage, StoreError};
use super::lock::WriteLock;
use super::messages;
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use signet_domain::secret::Secret;
use zeroize::Zeroizing;

/// The seal key's length, bytes.
pub const SEAL_KEY_LENGTH: usize = 32;

/// The largest of these files, bytes.
pub(super) const MAX_SMALL: usize = 64 * 1024;
/// The version of the JSON files that this program writes.
pub(super) const VERSION: u32 = 1;

pub(super) const OWNER: &str = "owner.json";
pub(super) const SEAL_KEY: &str = "seal.key";
pub(super) const DEVICE: &str = "device.json";
pub(super) const SETUP: &str = "setup.json";
const MACHINE: &str = "machine.json";

/// A slow hash as a PHC string; not printed by `Debug`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Hashed(String);

impl Hashed {
    /// Takes a PHC string.
    pub fn new(phc: String) -> Self {
        Self(phc)
    }

    /// The PHC string.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Hashed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hashed(..)")
    }
}

/// Whose box it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// Moved at each change of the password and each recovery; sessions and drafts of another one have ended. Take a
    /// random number, not a counter: the file goes away at a recovery, and a counter would come back.
    pub generation: u64,
    /// Hash of the password.
    pub password_hash: Hashed,
    /// When the password was set, by the device's clock.
    pub since: Timestamp,
}

/// What opens `/setup`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setup {
    /// Hash of the setup code.
    pub code_hash: Hashed,
    /// When the code was made, by the clock of the device or of the station.
    pub made: Timestamp,
}

/// What the factory recorded of the device.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the words are those of `signet provision`")]
pub struct DeviceRecord {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hostname: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mac: Option<String>,
}

/// The machine that the directory was first used on: digests, salted by a random text.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Machine {
    /// 32 hex digits.
    pub salt: String,
    /// Of the machine's id, where it has one that lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Of each network card's address.
    #[serde(default)]
    pub cards: Vec<String>,
}

impl Store {
    /// The owner; none before `/setup` and after a recovery.
    pub fn owner(&self) -> Result<Option<Owner>, StoreError> {
        read_json(self.root(), OWNER)
    }

    /// The key that drafts are sealed with, [`SEAL_KEY_LENGTH`] bytes.
    pub fn seal_key(&self) -> Result<Option<Secret>, StoreError> {
        let Some(mut key) = read(self.root(), SEAL_KEY, MAX_SMALL)? else { return Ok(None) };
        if key.len() != SEAL_KEY_LENGTH {
            let damage = Damage::Length { expected: SEAL_KEY_LENGTH, found: key.len() };
            return Err(StoreError::Damaged { path: self.root().at(SEAL_KEY), damage });
        }
        Ok(Some(Secret::new(std::mem::take(&mut *key))))
    }

    /// The hash of the setup code in force; none before the first start or `provision`. A fresh code replaces the
    /// label's as long as it is there.
    pub fn setup(&self) -> Result<Option<Setup>, StoreError> {
        if let Some(fresh) = read_json(self.root(), SETUP)? {
            return Ok(Some(fresh));
        }
        match self.root().child(FACTORY)? {
            Some(factory) => read_json(&factory, SETUP),
            None => Ok(None),
        }
    }

    /// What the factory recorded; none for a device that was never provisioned.
    pub fn device(&self) -> Result<Option<DeviceRecord>, StoreError> {
        read_json(self.root(), DEVICE)
    }

    /// The machine that was noted; none before the first start and after a new identity.
    pub fn machine(&self) -> Result<Option<Machine>, StoreError> {
        read_json(self.root(), MACHINE)
    }

    /// The bytes of a document.
    pub fn document(&self, document: Document) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(read(self.root(), document.file_name(), MAX_SMALL)?.map(|mut bytes| std::mem::take(&mut *bytes)))
    }
}

impl WriteLock<'_> {
    /// Sets the owner, or the owner's new password.
    pub fn put_owner(&self, owner: &Owner) -> Result<(), StoreError> {
        self.put_json(self.store.root(), OWNER, owner)
    }

    /// Removes the owner: `/setup` is open again. False when there was none. A file of a newer version is not removed but
    /// kept under another name ([`Newer`](super::Newer)), here and wherever one of the small files is removed.
    pub fn remove_owner(&self) -> Result<bool, StoreError> {
        self.remove(self.store.root(), OWNER)
    }

    /// Keeps a seal key of [`SEAL_KEY_LENGTH`] bytes; never over another one ([`StoreError::Occupied`]).
    pub fn put_seal_key(&self, key: &Secret) -> Result<(), StoreError> {
        if key.len() != SEAL_KEY_LENGTH {
            let damage = Damage::Length { expected: SEAL_KEY_LENGTH, found: key.len() };
            return Err(StoreError::Damaged { path: self.store.root().at(SEAL_KEY), damage });
        }
        self.changing()?;
        atomic::write(self.store.root(), SEAL_KEY, key.expose_secret(), Place::Free)
    }

    /// Removes the seal key: no draft can be opened any more. False when there was none.
    pub fn remove_seal_key(&self) -> Result<bool, StoreError> {
        self.remove(self.store.root(), SEAL_KEY)
    }

    /// Keeps a setup code's hash, over an older one.
    pub fn put_setup(&self, setup: &Setup) -> Result<(), StoreError> {
        self.put_json(&self.store.root().child_or_new(FACTORY)?, SETUP, setup)
    }

    /// Puts a fresh code in force instead of the label's, whose hash is kept.
    pub fn put_fresh_setup(&self, setup: &Setup) -> Result<(), StoreError> {
        self.put_json(self.store.root(), SETUP, setup)
    }

    /// Puts the label's code in force again. False when it was.
    pub fn remove_fresh_setup(&self) -> Result<bool, StoreError> {
        self.remove(self.store.root(), SETUP)
    }

    /// Keeps the device record, over an older one.
    pub fn put_device(&self, device: &DeviceRecord) -> Result<(), StoreError> {
        self.put_json(self.store.root(), DEVICE, device)
    }

    /// Notes the machine, over another one.
    pub fn put_machine(&self, machine: &Machine) -> Result<(), StoreError> {
        self.put_json(self.store.root(), MACHINE, machine)
    }

    /// Forgets the machine. False when none was noted.
    pub fn remove_machine(&self) -> Result<bool, StoreError> {
        self.remove(self.store.root(), MACHINE)
    }

    /// Keeps a document, over an older one. The generation stays with [`Document::LoginDelays`] and [`Document::AuditHead`];
    /// the latter may be the older one again after a power cut.
    pub fn put_document(&self, document: Document, bytes: &[u8]) -> Result<(), StoreError> {
        let (root, name) = (self.store.root(), document.file_name());
        if document == Document::LoginDelays {
            refuse_newer(root, name)?;
        }
        if document.moves_generation() {
            return self.put_small(root, name, bytes);
        }
        if bytes.len() > MAX_SMALL {
            return Err(StoreError::TooLarge { path: root.at(name), bound: MAX_SMALL });
        }
        match document {
            // An older head is one that is late, which its readers know how to go on from.
            Document::AuditHead => atomic::write_at_leisure(root, name, bytes),
            _ => atomic::write(root, name, bytes, Place::Over),
        }
    }

    /// Removes a document; false when there was none.
    pub fn remove_document(&self, document: Document) -> Result<bool, StoreError> {
        self.remove(self.store.root(), document.file_name())
    }

    fn put_json(&self, dir: &Dir, name: &str, value: &impl Serialize) -> Result<(), StoreError> {
        refuse_newer(dir, name)?;
        self.put_small(dir, name, &json_of(value))
    }

    fn put_small(&self, dir: &Dir, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        if bytes.len() > MAX_SMALL {
            return Err(StoreError::TooLarge { path: dir.at(name), bound: MAX_SMALL });
        }
        self.changing()?;
        atomic::write(dir, name, bytes, Place::Over)
    }

    pub(super) fn remove(&self, dir: &Dir, name: &str) -> Result<bool, StoreError> {
        refuse_unreadable(dir, name)?;
        if name.ends_with(".json") && self.set_aside_in(dir, name)? {
            return Ok(true);
        }
        self.changing()?;
        dir.remove(name)
    }
}

/// A value with its version, as the small files hold it.
pub(super) fn json_of(value: &impl Serialize) -> Vec<u8> {
    #[expect(clippy::expect_used, reason = "the files are structs of strings and numbers: always JSON")]
    let mut json = serde_json::to_vec_pretty(&Versioned { version: VERSION, value }).expect("a struct is JSON");
    json.push(b'\n');
    json
}

/// The version is beside the fields.
#[derive(Serialize)]
struct Versioned<'a, T> {
    version: u32,
    #[serde(flatten)]
    value: &'a T,
}

/// The version of a JSON document whose other fields are the caller's: [`Damage::Newer`] where a newer program wrote it.
pub fn refuse_newer_document(json: &[u8], ours: u32) -> Result<(), Damage> {
    match check_version(json, ours) {
        Err(damage @ Damage::Newer(_)) => Err(damage),
        _ => Ok(()),
    }
}

/// A regular file's bytes; a link or a folder in its place is refused.
pub(super) fn read(dir: &Dir, name: &str, bound: usize) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
    let unreadable = |errno| StoreError::Damaged { path: dir.at(name), damage: Damage::Unreadable(errno) };
    match dir.read(name, bound).map_err(unreadable)? {
        Content::Missing => Ok(None),
        Content::NotAFile => Err(StoreError::Occupied { path: dir.at(name) }),
        Content::TooLarge => Err(StoreError::Damaged { path: dir.at(name), damage: Damage::TooLarge(bound) }),
        Content::Bytes(bytes) => Ok(Some(bytes)),
    }
}

fn read_json<T: DeserializeOwned>(dir: &Dir, name: &str) -> Result<Option<T>, StoreError> {
    let Some(json) = read(dir, name, MAX_SMALL)? else { return Ok(None) };
    check_version(&json, VERSION)
        .and_then(|()| serde_json::from_slice(&json).map_err(|error| Damage::Json(messages::json(&error))))
        .map(Some)
        .map_err(|damage| StoreError::Damaged { path: dir.at(name), damage })
}

/// A file that cannot be read for want of rights, or by the disk's fault, is neither replaced nor removed.
pub(super) fn refuse_unreadable(dir: &Dir, name: &str) -> Result<(), StoreError> {
    match read(dir, name, MAX_FILE) {
        Err(error @ StoreError::Damaged { damage: Damage::Unreadable(_), .. }) => Err(error),
        _ => Ok(()),
    }
}

/// A file of a newer program is left alone; a damaged one may be replaced.
fn refuse_newer(dir: &Dir, name: &str) -> Result<(), StoreError> {
    let Some(json) = read(dir, name, MAX_SMALL)? else { return Ok(()) };
    match check_version(&json, VERSION) {
        Err(damage @ Damage::Newer(_)) => Err(StoreError::Damaged { path: dir.at(name), damage }),
        _ => Ok(()),
    }
}
