//! TLS as the console speaks it: 1.2 and 1.3, hybrid key exchange first, and an identity that can change while running.
//!
//! The cipher suites are rustls' own, which are those of Mozilla's intermediate profile. The room knows DER, not files.

use std::sync::{Arc, PoisonError, RwLock};

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs::{self, Ticketer};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::NoServerSessionStorage;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::version::{TLS12, TLS13};

use crate::secret::Secret;

/// The console's certificate and key as TLS uses them; clones share one identity.
#[derive(Clone)]
pub struct IdentityHandle(Arc<RwLock<Arc<ServerConfig>>>);

/// Why a certificate and key cannot be the console's identity.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// The chain is empty.
    #[error("there is no certificate")]
    NoCertificate,
    /// The key is none, or of a kind that TLS cannot use.
    #[error("the private key cannot be used for TLS")]
    Key,
    /// The certificate cannot be read, or it certifies another key.
    #[error("the certificate does not fit its private key: {0}")]
    Mismatch(#[source] rustls::Error),
    /// The provider refused its own defaults, or had no randomness for the keys of session tickets.
    #[error("TLS cannot be set up: {0}")]
    Setup(#[source] rustls::Error),
}

impl IdentityHandle {
    /// An identity from its certificate chain (DER, the console's own first) and private key (PKCS#8, SEC1 or PKCS#1).
    ///
    /// # Errors
    /// [`IdentityError`] says which of the two is wrong.
    pub fn new(chain: Vec<Vec<u8>>, key: &Secret) -> Result<Self, IdentityError> {
        Ok(Self(Arc::new(RwLock::new(server_config(chain, key)?))))
    }

    /// Takes another identity for all handshakes from now on. Sessions made under the former one are not resumed;
    /// connections that are open stay open.
    ///
    /// # Errors
    /// As [`IdentityHandle::new`]; the former identity stays then.
    pub fn replace(&self, chain: Vec<Vec<u8>>, key: &Secret) -> Result<(), IdentityError> {
        let config = server_config(chain, key)?;
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = config;
        Ok(())
    }

    /// The configuration for the next handshake.
    pub(super) fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl std::fmt::Debug for IdentityHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IdentityHandle(..)")
    }
}

fn server_config(chain: Vec<Vec<u8>>, key: &Secret) -> Result<Arc<ServerConfig>, IdentityError> {
    if chain.is_empty() {
        return Err(IdentityError::NoCertificate);
    }
    // Both only borrow the key: no copy of it is left behind.
    let der = PrivateKeyDer::try_from(key.expose_secret()).map_err(|_| IdentityError::Key)?;
    let signer = aws_lc_rs::sign::any_supported_type(&der).map_err(|_| IdentityError::Key)?;
    let identity = CertifiedKey::new(chain.into_iter().map(CertificateDer::from).collect(), signer);
    identity.keys_match().map_err(IdentityError::Mismatch)?;

    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(&[&TLS13, &TLS12])
        .map_err(IdentityError::Setup)?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(SingleCertAndKey::from(identity)));
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    // The strongest that both know, whatever a client puts first.
    config.ignore_client_order = true;
    // Sessions live with the client, sealed under keys that change every six hours: no memory is kept for them.
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.ticketer = Ticketer::new().map_err(IdentityError::Setup)?;
    Ok(Arc::new(config))
}
