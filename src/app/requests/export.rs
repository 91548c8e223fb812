//! A private key on its way out: only here, only when it is asked for by name.

use crate::audit::{Actor, Deed};
use crate::{App, AppError};
use signet_domain::name::CsrName;
use signet_domain::secret::Secret;

/// How the key leaves.
#[derive(Debug)]
pub enum Protection<'a> {
    /// Encrypted PKCS#8 (SPEC 2) with this passphrase.
    Passphrase(&'a Secret),
    /// Plain PKCS#8, said deliberately.
    None,
}

impl App {
    /// Refuses where the config keeps the key of this CSR on the device.
    pub fn may_export(&self, name: &CsrName) -> Result<(), AppError> {
        let policy = &self.config.policy;
        if !policy.exportable {
            return Err(AppError::NotExportable);
        }
        if policy.may_export(&self.catalog.readable(name)?.record) { Ok(()) } else { Err(AppError::FactoryKey) }
    }

    /// The key as PEM, which leaves only after that is recorded.
    pub fn export_key(&self, name: &CsrName, protection: &Protection<'_>, by: Actor) -> Result<Secret, AppError> {
        self.may_export(name)?;
        let pkcs8 = self.store.private_key(name)?.ok_or_else(|| AppError::NotFound(name.to_string()))?;
        let key = signet_pki::private_key::PrivateKey::from_pkcs8(pkcs8.expose_secret())?;
        let pem = match protection {
            Protection::Passphrase(passphrase) => {
                let _turn = self.derivations.turn()?;
                signet_pki::export::encrypt_pkcs8(&key, passphrase)?
            }
            Protection::None => signet_pki::export::plain_pkcs8_pem(&key)?,
        };
        let encrypted = matches!(protection, Protection::Passphrase(_));
        self.audit.record_first(by, Deed::KeyExported { csr: name, encrypted })?;
        Ok(Secret::new(pem.as_bytes().to_vec()))
    }

    /// Refuses a PKCS#12 where the key may not leave, or where there is no certificate to go with it.
    pub fn may_bundle(&self, name: &CsrName) -> Result<(), AppError> {
        self.may_export(name)?;
        self.catalog.answered(name).map(drop)
    }

    /// Key, certificate and chain as a PKCS#12 under a passphrase, which leaves only after that is recorded.
    pub fn export_pkcs12(&self, name: &CsrName, passphrase: &Secret, by: Actor) -> Result<Vec<u8>, AppError> {
        self.may_export(name)?;
        let chain = self.catalog.answered(name)?.certificates;
        let key = self.store.private_key(name)?.ok_or_else(|| AppError::NotFound(name.to_string()))?;
        let turn = self.derivations.turn()?;
        let bundle = signet_pki::pkcs12::encode(&chain, &key, name.as_str(), passphrase)?;
        drop(turn);
        self.audit.record_first(by, Deed::BundleExported { csr: name })?;
        Ok(bundle)
    }
}
