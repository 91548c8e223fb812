//! A private key on its way out: only here, only when it is asked for by name.

use super::catalog::Catalog;
use super::derivations::Derivations;
use crate::Failure;
use crate::audit::{Actor, AuditLog, Event};
use crate::config::Config;
use signet_domain::name::CsrName;
use signet_domain::secret::Secret;
use signet_store::Store;
use std::sync::Arc;

/// How the key leaves.
#[derive(Debug)]
pub enum Protection<'a> {
    /// Encrypted PKCS#8 (docs/reference.md) with this passphrase.
    Passphrase(&'a Secret),
    /// Plain PKCS#8, said deliberately.
    None,
}

/// The private keys of CSRs, on their way out.
#[derive(Debug)]
pub struct PrivateKeys {
    store: Store,
    catalog: Arc<Catalog>,
    audit: Arc<AuditLog>,
    derivations: Arc<Derivations>,
    config: Arc<Config>,
}

impl PrivateKeys {
    /// The keys of this data directory, as far as the config lets them out.
    pub fn new(
        store: Store,
        catalog: Arc<Catalog>,
        audit: Arc<AuditLog>,
        derivations: Arc<Derivations>,
        config: Arc<Config>,
    ) -> Self {
        Self { store, catalog, audit, derivations, config }
    }

    /// Refuses where the config keeps the key of this CSR on the device.
    pub fn may_export(&self, name: &CsrName) -> Result<(), Failure> {
        let policy = &self.config.policy;
        if !policy.exportable {
            return Err(Failure::NotExportable);
        }
        if policy.may_export(self.catalog.readable(name)?.record.has_factory_key()) {
            Ok(())
        } else {
            Err(Failure::FactoryKey)
        }
    }

    /// The key as PEM, which leaves only after that is recorded.
    pub fn export(&self, name: &CsrName, protection: &Protection<'_>, by: Actor) -> Result<Secret, Failure> {
        let pem = self.protected(name, protection)?;
        self.record(name, protection, by)?;
        Ok(pem)
    }

    /// Records that the key leaves; whoever lets it out has to do that first.
    pub fn record(&self, name: &CsrName, protection: &Protection<'_>, by: Actor) -> Result<(), Failure> {
        let encrypted = matches!(protection, Protection::Passphrase(_));
        self.audit.record_first(by, Event::KeyExported { csr: name, encrypted })
    }

    /// The key as PEM for those who record it themselves before it leaves ([`PrivateKeys::record`]).
    pub fn protected(&self, name: &CsrName, protection: &Protection<'_>) -> Result<Secret, Failure> {
        let pkcs8 = self.exportable(name)?;
        let key = signet_pki::private_key::PrivateKey::from_pkcs8(pkcs8.expose_secret())?;
        let pem = match protection {
            Protection::Passphrase(passphrase) => {
                let _turn = self.derivations.turn()?;
                signet_pki::export::encrypt_pkcs8(&key, passphrase)?
            }
            Protection::None => signet_pki::export::plain_pkcs8_pem(&key)?,
        };
        Ok(Secret::new(pem.as_bytes().to_vec()))
    }

    /// The key as PKCS#8, where it may leave; who asks has to record that it does.
    pub(crate) fn exportable(&self, name: &CsrName) -> Result<Secret, Failure> {
        self.may_export(name)?;
        self.store.private_key(name)?.ok_or_else(|| Failure::NotFound(name.to_string()))
    }
}
