//! The console's own key and certificate: what it makes for itself, as opposed to what a CA issued.

use super::kind::is_ml_dsa;
use crate::Failure;
use crate::clock::{self, Clock};
use crate::config::Config;
use crate::host;
use crate::requests::catalog::Catalog;
use signet_domain::hex::colons;
use signet_domain::name::CsrName;
use signet_domain::secret::Secret;
use signet_store::{Store, StoredIdentity};
use std::sync::Arc;

/// What identifies the console to a person: SHA-256 as `AB:CD:…`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprints {
    /// Of the public key: does not change with renewals, and is on the label.
    pub key: String,
    /// Of the certificate, which is what browsers show.
    pub certificate: String,
}

impl Fingerprints {
    /// Those of a certificate (DER).
    pub fn of(certificate: &[u8]) -> Result<Self, Failure> {
        Ok(Self {
            key: colons(&signet_pki::identity::spki_sha256(certificate)?),
            certificate: colons(&signet_pki::identity::cert_sha256(certificate)),
        })
    }

    /// The certificate's as programs have it: lower-case hex.
    pub fn certificate_hex(&self) -> String {
        self.certificate.replace(':', "").to_ascii_lowercase()
    }

    /// The key's as programs have it: lower-case hex.
    pub fn key_hex(&self) -> String {
        self.key.replace(':', "").to_ascii_lowercase()
    }
}

/// The console's identity: its key and certificate on disk.
#[derive(Debug)]
pub struct Identity {
    pub(super) store: Store,
    pub(super) clock: Clock,
    pub(super) catalog: Arc<Catalog>,
    config: Arc<Config>,
}

impl Identity {
    /// The identity of the console over this data directory.
    pub fn new(store: Store, clock: Clock, catalog: Arc<Catalog>, config: Arc<Config>) -> Self {
        Self { store, clock, catalog, config }
    }

    pub(crate) fn make(&self, key: Option<&Secret>) -> Result<StoredIdentity, Failure> {
        let (names, addresses) = (host::names(&self.config.hostnames), host::addresses());
        let made = signet_pki::identity::make(&names, &addresses, self.clock.now(), clock::build_date(), key)?;
        Ok(StoredIdentity { chain: vec![made.cert_der], key: made.key })
    }

    /// True when the certificate is to be renewed by now (docs/reference.md).
    pub fn is_due(&self, certificate: &[u8]) -> Result<bool, Failure> {
        Ok(signet_pki::identity::needs_renewal(certificate, self.clock.now(), clock::build_date())?)
    }

    /// True for a certificate that the console made for itself: self-signed, and with the key of none of its requests. It makes
    /// no ML-DSA keys for itself: somebody put such a one in place.
    pub(crate) fn is_own(&self, certificate: &[u8]) -> Result<bool, Failure> {
        let may_be = signet_pki::identity::is_self_issued(certificate)? && !is_ml_dsa(certificate);
        Ok(may_be && self.csr_of(certificate)?.is_none())
    }

    /// The CSR that has the key of a certificate; of several the one that it answers.
    pub(crate) fn csr_of(&self, certificate: &[u8]) -> Result<Option<CsrName>, Failure> {
        let spki = signet_pki::identity::spki_sha256(certificate)?;
        let names = self.catalog.of_key(&spki)?;
        let answered = |name: &&CsrName| {
            self.catalog
                .readable(name)
                .is_ok_and(|content| content.certificates.first().is_some_and(|leaf| leaf == certificate))
        };
        Ok(names.iter().find(answered).or(names.first()).cloned())
    }

    /// The factory's identity with its key; else the former one, if it was self-made.
    pub(super) fn kept_own(&self) -> Option<StoredIdentity> {
        let kept = [self.store.factory_identity(), self.store.former_identity()];
        kept.into_iter().filter_map(|found| found.ok().flatten()).find(|identity| {
            let leaf = identity.chain.first().map(Vec::as_slice).unwrap_or_default();
            has_its_key(identity) && self.is_own(leaf).unwrap_or(false)
        })
    }

    /// An identity of the console's own making that is due, made anew with its key; any other as it is.
    pub(super) fn with_time_left(&self, identity: StoredIdentity) -> Result<StoredIdentity, Failure> {
        let leaf = identity.chain.first().map(Vec::as_slice).unwrap_or_default();
        if self.is_due(leaf)? && self.is_own(leaf)? {
            return self.make(Some(&identity.key));
        }
        Ok(identity)
    }
}

/// True when the certificate and the key belong together.
pub(crate) fn has_its_key(identity: &StoredIdentity) -> bool {
    identity.chain.first().is_some_and(|leaf| signet_pki::identity::key_matches(leaf, &identity.key))
}
