//! Authorities as they lie: `DATA/authorities/NAME/authority.json`, settings and secrets in one file, so that they are never
//! apart. Written by the console and by commands; the enrolling process reads.

use super::atomic::{self, Place};
use super::csr_file::check_version;
use super::data_dir::{AUTHORITIES, Store};
use super::device::{self, MAX_SMALL, VERSION};
use super::dir::Dir;
use super::error::{Damage, StoreError};
use super::lock::WriteLock;
use super::messages;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use rustix::fs::FileType;
use serde::{Deserialize, Serialize};
use signet_domain::authority::{Authority, AuthorityName};
use signet_domain::secret::Secret;
use zeroize::Zeroizing;

const FILE: &str = "authority.json";

/// An authority with its secrets.
#[derive(Debug, Clone)]
pub struct StoredAuthority {
    /// What is set.
    pub settings: Authority,
    /// The account's key, PKCS#8; empty for EST, which has no accounts.
    pub account_key: Secret,
    /// The external account's key.
    pub eab_key: Option<Secret>,
    /// The password of its user.
    pub password: Option<Secret>,
    /// The key and the certificate with which this device authenticates itself.
    pub client: Option<ClientCertificate>,
    /// The secret of the TSIG key that signs DNS updates.
    pub tsig_secret: Option<Secret>,
    /// The roots that its own certificate must chain to, PEM; none for the public ones.
    pub roots: Option<String>,
}

/// A copy of a request's key and certificate, which the enrolling process can read.
#[derive(Debug, Clone)]
pub struct ClientCertificate {
    /// PKCS#8.
    pub key: Secret,
    /// The certificate and its intermediates, PEM.
    pub chain: String,
}

#[derive(Serialize, Deserialize)]
struct File {
    version: u32,
    settings: Authority,
    account_key: Hidden,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    eab_key: Option<Hidden>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    password: Option<Hidden>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    client_key: Option<Hidden>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    client_chain: Option<String>,
    tsig_secret: Option<Hidden>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    roots: Option<String>,
}

/// Base64 that is zeroized.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct Hidden(String);

impl Drop for Hidden {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.0);
    }
}

impl Hidden {
    fn of(secret: &Secret) -> Self {
        Self(BASE64_STANDARD.encode(secret.expose_secret()))
    }

    fn secret(&self) -> Option<Secret> {
        BASE64_STANDARD.decode(&self.0).ok().map(Secret::new)
    }
}

/// A name, and what is kept of it or why it cannot be read.
pub type FoundAuthority = (AuthorityName, Result<StoredAuthority, StoreError>);

/// The authorities in this folder, by name; a file that cannot be read is an error of its own.
pub(super) fn list(dir: &Dir) -> Result<Vec<FoundAuthority>, StoreError> {
    let mut found = Vec::new();
    for listed in dir.list()?.into_iter().filter(|listed| listed.kind == FileType::Directory) {
        let Some(name) = listed.name.to_str().and_then(|name| AuthorityName::parse(name).ok()) else { continue };
        match read(dir, &name) {
            // Cut while it was made or removed.
            Ok(None) => {}
            Ok(Some(authority)) => found.push((name, Ok(authority))),
            Err(error) => found.push((name, Err(error))),
        }
    }
    found.sort_by(|one, other| one.0.cmp(&other.0));
    Ok(found)
}

pub(super) fn read(dir: &Dir, name: &AuthorityName) -> Result<Option<StoredAuthority>, StoreError> {
    let Some(folder) = dir.child(name.as_str())? else { return Ok(None) };
    let Some(json) = device::read(&folder, FILE, MAX_SMALL)? else { return Ok(None) };
    let damaged = |damage| StoreError::Damaged { path: folder.at(FILE), damage };
    check_version(&json, VERSION).map_err(damaged)?;
    let file: File = serde_json::from_slice(&json).map_err(|error| damaged(Damage::Json(messages::json(&error))))?;
    let missing = || damaged(Damage::Base64("account_key"));
    let secret = |hidden: &Option<Hidden>| hidden.as_ref().map(|key| key.secret().ok_or_else(missing)).transpose();
    let client = secret(&file.client_key)?.zip(file.client_chain);
    Ok(Some(StoredAuthority {
        account_key: file.account_key.secret().ok_or_else(missing)?,
        eab_key: secret(&file.eab_key)?,
        password: secret(&file.password)?,
        client: client.map(|(key, chain)| ClientCertificate { key, chain }),
        tsig_secret: secret(&file.tsig_secret)?,
        roots: file.roots,
        settings: file.settings,
    }))
}

impl Store {
    /// All authorities, by name.
    pub fn authorities(&self) -> Result<Vec<FoundAuthority>, StoreError> {
        match self.root().child(AUTHORITIES)? {
            Some(dir) => list(&dir),
            None => Ok(Vec::new()),
        }
    }

    /// One authority; none where there is none.
    pub fn authority(&self, name: &AuthorityName) -> Result<Option<StoredAuthority>, StoreError> {
        match self.root().child(AUTHORITIES)? {
            Some(dir) => read(&dir, name),
            None => Ok(None),
        }
    }
}

impl WriteLock<'_> {
    /// Keeps an authority, over an older one of this name.
    pub fn put_authority(&self, name: &AuthorityName, authority: &StoredAuthority) -> Result<(), StoreError> {
        let file = File {
            version: VERSION,
            settings: authority.settings.clone(),
            account_key: Hidden::of(&authority.account_key),
            eab_key: authority.eab_key.as_ref().map(Hidden::of),
            password: authority.password.as_ref().map(Hidden::of),
            client_key: authority.client.as_ref().map(|client| Hidden::of(&client.key)),
            client_chain: authority.client.as_ref().map(|client| client.chain.clone()),
            tsig_secret: authority.tsig_secret.as_ref().map(Hidden::of),
            roots: authority.roots.clone(),
        };
        #[expect(clippy::expect_used, reason = "a struct of strings and booleans: always JSON")]
        let json = Zeroizing::new(serde_json::to_vec_pretty(&file).expect("a struct is JSON"));
        self.changing()?;
        let folder = self.store.root().child_or_new(AUTHORITIES)?.child_or_new(name.as_str())?;
        if json.len() > MAX_SMALL {
            return Err(StoreError::TooLarge { path: folder.at(FILE), bound: MAX_SMALL });
        }
        atomic::write(&folder, FILE, &json, Place::Over)
    }

    /// Removes an authority; false where there is none.
    pub fn remove_authority(&self, name: &AuthorityName) -> Result<bool, StoreError> {
        let Some(dir) = self.store.root().child(AUTHORITIES)? else { return Ok(false) };
        let Some(folder) = dir.child(name.as_str())? else { return Ok(false) };
        self.changing()?;
        let was_there = folder.remove(FILE)?;
        drop(folder);
        // A folder that has anything else in it stays; without its file it is no authority.
        let _ = rustix::fs::unlinkat(dir.fd(), name.as_str(), rustix::fs::AtFlags::REMOVEDIR);
        dir.sync()?;
        Ok(was_there)
    }
}
