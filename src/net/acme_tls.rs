//! The answer to a CA's check by tls-alpn-01 (RFC 8737; addresses: RFC 8738), while one is open: a certificate with the digest
//! that the CA expects, shown to a client that asks for this name and for nothing but `acme-tls/1`.
//!
//! Anybody can ask. One certificate is made for each open challenge, and those of closed ones are dropped with the next one, so
//! that neither time nor memory grows with the number of those who ask.

use rcgen::{CertificateParams, CustomExtension, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs::{self, sign::any_supported_type};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::{ClientHello, NoServerSessionStorage};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The protocol that CAs ask for.
pub(super) const PROTOCOL: &[u8] = b"acme-tls/1";

/// The most certificates that are held, of 3 KiB each.
const MOST: usize = 128;

/// What an open challenge is answered with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// A host name or an address.
    pub identifier: String,
    /// The SHA-256 digest of the key authorization.
    pub digest: [u8; 32],
}

/// The open challenges by the name that the CA asks for, and the certificates that were made for them.
pub(super) struct Proofs {
    open: Box<Open>,
    made: Mutex<HashMap<String, (Proof, Arc<ServerConfig>)>>,
}

type Open = dyn Fn(&str) -> Option<Proof> + Send + Sync;

impl Proofs {
    /// `open` is asked with names in lower case; addresses have the names of reverse DNS.
    pub(super) fn new(open: impl Fn(&str) -> Option<Proof> + Send + Sync + 'static) -> Self {
        Self { open: Box::new(open), made: Mutex::default() }
    }

    /// What this client gets instead of the console; none where it is no CA's check, or none is open for this name.
    pub(super) fn answer(&self, hello: &ClientHello<'_>) -> Option<Arc<ServerConfig>> {
        let mut protocols = hello.alpn()?;
        let is_check = protocols.next() == Some(PROTOCOL) && protocols.next().is_none();
        let name = hello.server_name().filter(|_| is_check)?.to_ascii_lowercase();
        let proof = (self.open)(&name)?;
        // Held while one is made: who asks for the same at the same time gets this one.
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, config)) = made.get(&name)
            && *of == proof
        {
            return Some(Arc::clone(config));
        }
        let config = match config(&proof) {
            Ok(config) => Arc::new(config),
            Err(error) => {
                tracing::warn!(%error, "no certificate could be made for a CA's check");
                return None;
            }
        };
        made.retain(|name, (of, _)| (self.open)(name).as_ref() == Some(of));
        if made.len() < MOST {
            made.insert(name, (proof, Arc::clone(&config)));
        }
        Some(config)
    }
}

#[derive(Debug, thiserror::Error)]
enum NotMade {
    #[error(transparent)]
    Certificate(#[from] rcgen::Error),
    #[error(transparent)]
    Tls(#[from] rustls::Error),
}

/// A certificate with a key of its own, which nothing but this check sees.
fn config(proof: &Proof) -> Result<ServerConfig, NotMade> {
    let key = KeyPair::generate()?;
    // An address among the names is one (RFC 8738, section 4).
    let mut parameters = CertificateParams::new([proof.identifier.clone()])?;
    parameters.custom_extensions = vec![CustomExtension::new_acme_identifier(&proof.digest)];
    let certificate = parameters.self_signed(&key)?.der().clone();
    let signer = any_supported_type(&PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())))?;
    // Not looked at: rustls refuses the extension, which is critical.
    let shown = SingleCertAndKey::from(CertifiedKey::new(vec![certificate], signer));
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(shown));
    config.alpn_protocols = vec![PROTOCOL.to_vec()];
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(config)
}
