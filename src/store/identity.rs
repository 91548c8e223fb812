//! The console's own certificate and key as files: the one in use, the one before it, and the factory's, which a reset puts
//! back.

use super::atomic::{self, Place};
use super::csr_file::{self, CERTIFICATE, MAX_FILE, PRIVATE_KEY};
use super::data_dir::{FACTORY, Store};
use super::device::{read, refuse_unreadable};
use super::dir::Dir;
use super::error::{Damage, StoreError};
use super::lock::WriteLock;
use signet_domain::secret::Secret;

pub(super) const IDENTITY: &str = "identity.pem";
const FORMER: &str = "former.pem";

/// A certificate chain and the key of its first certificate.
#[derive(Debug, Clone)]
pub struct StoredIdentity {
    /// DER certificates, at least one, the console's own first.
    pub chain: Vec<Vec<u8>>,
    /// PKCS#8 DER.
    pub key: Secret,
}

impl Store {
    /// The identity in use; none before the first start.
    pub fn identity(&self) -> Result<Option<StoredIdentity>, StoreError> {
        read_identity(self.root(), IDENTITY)
    }

    /// The identity that was in use before, for the way back; none before another one was chosen.
    pub fn former_identity(&self) -> Result<Option<StoredIdentity>, StoreError> {
        read_identity(self.root(), FORMER)
    }

    /// The identity that `provision` made; none for a device that was never provisioned.
    pub fn factory_identity(&self) -> Result<Option<StoredIdentity>, StoreError> {
        match self.root().child(FACTORY)? {
            Some(factory) => read_identity(&factory, IDENTITY),
            None => Ok(None),
        }
    }
}

impl WriteLock<'_> {
    /// Keeps the identity in use, over an older one.
    pub fn put_identity(&self, identity: &StoredIdentity) -> Result<(), StoreError> {
        self.write_identity(self.store.root(), identity)
    }

    /// Puts another identity in use and keeps the previous one as the former. An interruption leaves the old one in use,
    /// and itself as its former, which leads nowhere else. One that is in use already changes nothing.
    pub fn change_identity(&self, identity: &StoredIdentity) -> Result<(), StoreError> {
        let root = self.store.root();
        // A damaged one must not replace one that could be restored.
        if let Ok(Some(in_use)) = self.store.identity() {
            if in_use.chain == identity.chain {
                return Ok(());
            }
            self.write(root, FORMER, &in_use)?;
        }
        self.write_identity(root, identity)
    }

    /// Puts the former identity in use again and keeps the one in use as the former: one step where the file system can
    /// exchange two names, else two of which each leaves an identity in use. False when there is no former one.
    pub fn exchange_identities(&self) -> Result<bool, StoreError> {
        let root = self.store.root();
        let Some(former) = self.store.former_identity()? else { return Ok(false) };
        let Ok(Some(in_use)) = self.store.identity() else {
            self.write_identity(root, &former)?;
            return Ok(true);
        };
        self.changing()?;
        if !atomic::exchange(root, IDENTITY, FORMER)? {
            self.write_identity(root, &former)?;
            self.write(root, FORMER, &in_use)?;
        }
        Ok(true)
    }

    /// Removes the former identity; false when there was none.
    pub fn remove_former_identity(&self) -> Result<bool, StoreError> {
        self.remove(self.store.root(), FORMER)
    }

    /// Removes the identity in use; false when there was none.
    pub fn remove_identity(&self) -> Result<bool, StoreError> {
        self.remove(self.store.root(), IDENTITY)
    }

    /// Keeps the factory's identity, over an older one.
    pub fn put_factory_identity(&self, identity: &StoredIdentity) -> Result<(), StoreError> {
        self.write_identity(&self.store.root().child_or_new(FACTORY)?, identity)
    }

    fn write_identity(&self, dir: &Dir, identity: &StoredIdentity) -> Result<(), StoreError> {
        self.write(dir, IDENTITY, identity)
    }

    fn write(&self, dir: &Dir, name: &str, identity: &StoredIdentity) -> Result<(), StoreError> {
        let certificates = identity.chain.iter().map(|der| (CERTIFICATE, der.as_slice()));
        let key = std::iter::once((PRIVATE_KEY, identity.key.expose_secret()));
        let file = csr_file::join(&certificates.chain(key).collect::<Vec<_>>())
            .filter(|file| file.len() <= MAX_FILE)
            .ok_or_else(|| StoreError::TooLarge { path: dir.at(name), bound: MAX_FILE })?;
        refuse_unreadable(dir, name)?;
        self.changing()?;
        atomic::write(dir, name, &file, Place::Over)
    }
}

fn read_identity(dir: &Dir, name: &str) -> Result<Option<StoredIdentity>, StoreError> {
    let Some(file) = read(dir, name, MAX_FILE)? else { return Ok(None) };
    decode(&file).map(Some).map_err(|damage| StoreError::Damaged { path: dir.at(name), damage })
}

fn decode(file: &[u8]) -> Result<StoredIdentity, Damage> {
    let mut chain = Vec::new();
    let mut key = None;
    for block in csr_file::blocks(file)? {
        match block.label {
            CERTIFICATE => {
                chain.push(std::mem::take(&mut *csr_file::decode_block(file, block.range, CERTIFICATE)?));
            }
            PRIVATE_KEY if key.is_some() => return Err(Damage::Repeated(PRIVATE_KEY)),
            PRIVATE_KEY => {
                let mut der = csr_file::decode_block(file, block.range, PRIVATE_KEY)?;
                key = Some(Secret::new(std::mem::take(&mut *der)));
            }
            _ => {}
        }
    }
    if chain.is_empty() {
        return Err(Damage::Missing(CERTIFICATE));
    }
    Ok(StoredIdentity { chain, key: key.ok_or(Damage::Missing(PRIVATE_KEY))? })
}
