//! Key, certificate and chain in one file, for devices that take nothing else.

use crate::Failure;
use crate::audit::{Actor, AuditLog, Event};
use crate::requests::catalog::Catalog;
use crate::requests::derivations::Derivations;
use crate::requests::export::PrivateKeys;
use signet_domain::name::CsrName;
use signet_domain::secret::Secret;
use std::sync::Arc;

/// PKCS#12 files of CSRs that have their certificate.
#[derive(Debug)]
pub struct Pkcs12 {
    catalog: Arc<Catalog>,
    audit: Arc<AuditLog>,
    keys: Arc<PrivateKeys>,
    derivations: Arc<Derivations>,
}

impl Pkcs12 {
    /// Files made of what the catalog and the keys have.
    pub fn new(
        catalog: Arc<Catalog>,
        audit: Arc<AuditLog>,
        keys: Arc<PrivateKeys>,
        derivations: Arc<Derivations>,
    ) -> Self {
        Self { catalog, audit, keys, derivations }
    }

    /// Refuses where the key may not leave, or where there is no certificate to go with it.
    pub fn may_export(&self, name: &CsrName) -> Result<(), Failure> {
        self.keys.may_export(name)?;
        self.catalog.answered(name).map(drop)
    }

    /// Key, certificate and chain under a passphrase, which leave only after that is recorded.
    pub fn export(&self, name: &CsrName, passphrase: &Secret, by: Actor) -> Result<Vec<u8>, Failure> {
        let bundle = self.bundle(name, passphrase)?;
        self.record(name, by)?;
        Ok(bundle)
    }

    /// Records that the file leaves; whoever lets it out has to do that first.
    pub fn record(&self, name: &CsrName, by: Actor) -> Result<(), Failure> {
        self.audit.record_first(by, Event::BundleExported { csr: name })
    }

    /// The file for those who record it themselves before it leaves ([`Pkcs12::record`]).
    pub fn bundle(&self, name: &CsrName, passphrase: &Secret) -> Result<Vec<u8>, Failure> {
        self.keys.may_export(name)?;
        let chain = self.catalog.answered(name)?.certificates;
        let key = self.keys.exportable(name)?;
        let turn = self.derivations.turn()?;
        let bundle = signet_pki::pkcs12::encode(&chain, &key, name.as_str(), passphrase)?;
        drop(turn);
        Ok(bundle)
    }
}
