//! The settings of TLS for one authority: the roots it must chain to, and what this device authenticates itself with.

use super::roots::{Roots, RootsError};
use crate::error::ClientError;
use rustls::ClientConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use std::sync::Arc;

/// What this device authenticates itself with.
#[derive(Debug, Clone, Copy)]
pub struct Client<'a> {
    /// PKCS#8.
    pub key: &'a [u8],
    /// The certificate and its intermediates, PEM.
    pub chain: &'a [u8],
}

/// The settings of a client that trusts these.
pub(super) fn config(roots: Roots<'_>, client: Option<Client<'_>>) -> Result<Arc<ClientConfig>, ClientError> {
    let store = roots.store()?;
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
