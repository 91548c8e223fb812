//! Whom an authority's own certificate must chain to.

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

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

impl Roots<'_> {
    /// The roots, read.
    pub(super) fn store(self) -> Result<RootCertStore, RootsError> {
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
