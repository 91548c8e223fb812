//! Whom an authority's own certificate must chain to.

use crate::error::ClientError;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;

/// Bytes of a file with roots.
pub const MAX_ROOTS_FILE: usize = 64 * 1024;

/// The roots of one authority.
#[derive(Debug, Clone, Copy)]
pub enum Roots<'a> {
    /// Those that browsers trust.
    Public,
    /// Those in a PEM file: the CA's own, and no others.
    Pem(&'a [u8]),
}

/// Why a file of roots cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RootsError {
    /// No CERTIFICATE block.
    #[error("the file has no certificate in PEM format")]
    None,
    /// Too long.
    #[error("the file is larger than 64 KiB")]
    TooLarge,
    /// A certificate that cannot be a trust anchor.
    #[error("certificate {0} of the file cannot be read")]
    Unreadable(usize),
    /// The library refused its own settings.
    #[error("TLS cannot be set up: {0}")]
    Tls(#[from] rustls::Error),
}

/// What this device authenticates itself with.
#[derive(Debug, Clone, Copy)]
pub struct Client<'a> {
    /// PKCS#8.
    pub key: &'a [u8],
    /// The certificate and its intermediates, PEM.
    pub chain: &'a [u8],
}

impl Roots<'_> {
    /// The settings of a client that trusts these.
    pub(super) fn config(self, client: Option<Client<'_>>) -> Result<Arc<ClientConfig>, ClientError> {
        let store = self.store()?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let builder = builder.map_err(RootsError::Tls)?.with_root_certificates(store);
        let mut config = match client {
            None => builder.with_no_client_auth(),
            Some(Client { key, chain }) => {
                let chain = CertificateDer::pem_slice_iter(chain).collect::<Result<Vec<_>, _>>();
                let chain = chain.map_err(|_| ClientError::ClientCertificate)?;
                let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key)).clone_key();
                builder.with_client_auth_cert(chain, key).map_err(|_| ClientError::ClientCertificate)?
            }
        };
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }

    fn store(self) -> Result<RootCertStore, RootsError> {
        let mut store = RootCertStore::empty();
        match self {
            Self::Public => store.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
            Self::Pem(bytes) if bytes.len() > MAX_ROOTS_FILE => return Err(RootsError::TooLarge),
            Self::Pem(bytes) => {
                for (place, certificate) in (1..).zip(CertificateDer::pem_slice_iter(bytes)) {
                    let certificate = certificate.map_err(|_| RootsError::Unreadable(place))?;
                    store.add(certificate).map_err(|_| RootsError::Unreadable(place))?;
                }
                if store.is_empty() {
                    return Err(RootsError::None);
                }
            }
        }
        Ok(store)
    }

    /// Whether the roots can be used.
    pub fn check(self) -> Result<(), RootsError> {
        self.store().map(|_| ())
    }
}
