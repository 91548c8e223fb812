//! The console's own certificate and key as files: the one in use, and the factory's, which a reset puts back.

use super::atomic::{self, Place};
use super::csr_file::{self, CERTIFICATE, MAX_FILE, PRIVATE_KEY};
use super::device::read;
use super::dir::Dir;
use super::error::{Damage, StoreError};
use super::lock::WriteLock;
use super::{FACTORY, Store};
use crate::secret::Secret;

pub(super) const IDENTITY: &str = "identity.pem";

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
        read_identity(self.root())
    }

    /// The identity that `provision` made; none for a unit that was never provisioned.
    pub fn factory_identity(&self) -> Result<Option<StoredIdentity>, StoreError> {
        match self.root().child(FACTORY)? {
            Some(factory) => read_identity(&factory),
            None => Ok(None),
        }
    }
}

impl WriteLock<'_> {
    /// Keeps the identity in use, over an older one.
    pub fn put_identity(&self, identity: &StoredIdentity) -> Result<(), StoreError> {
        self.write_identity(self.store.root(), identity)
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
        let certificates = identity.chain.iter().map(|der| (CERTIFICATE, der.as_slice()));
        let key = std::iter::once((PRIVATE_KEY, identity.key.expose_secret()));
        let file = csr_file::join(&certificates.chain(key).collect::<Vec<_>>())
            .filter(|file| file.len() <= MAX_FILE)
            .ok_or_else(|| StoreError::TooLarge { path: dir.at(IDENTITY), bound: MAX_FILE })?;
        self.changing()?;
        atomic::write(dir, IDENTITY, &file, Place::Over)
    }
}

fn read_identity(dir: &Dir) -> Result<Option<StoredIdentity>, StoreError> {
    let Some(file) = read(dir, IDENTITY, MAX_FILE)? else { return Ok(None) };
    decode(&file).map(Some).map_err(|damage| StoreError::Damaged { path: dir.at(IDENTITY), damage })
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
