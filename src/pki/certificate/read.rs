//! From bytes to a certificate, and its signature.

use super::error::CertificateError;
use super::parts::{self, Parts};
use super::value::Certificate;
use crate::verify::{self, VerifyError};

impl Certificate {
    /// Reads DER of exactly one certificate. Its signature is not verified.
    ///
    /// # Errors
    /// [`CertificateError`]: too long, no certificate at all, which part is damaged, or which rule it breaks.
    pub fn read(der: &[u8]) -> Result<Self, CertificateError> {
        Parts::read(der)?.certificate(der)
    }

    /// The subject of what is a certificate and cannot be read, for a sentence; none where not even that can be found.
    pub fn subject_of(der: &[u8]) -> Option<String> {
        parts::subject_of(der)
    }

    /// Verifies this certificate's signature with a key (DER of a `SubjectPublicKeyInfo`).
    ///
    /// # Errors
    /// [`VerifyError::Damaged`] when the signature is not that key's; the others when key or algorithm are not supported.
    pub fn is_signed_by(&self, spki: &[u8]) -> Result<(), VerifyError> {
        let parts = Parts::read(&self.der).map_err(|_| VerifyError::Damaged)?;
        verify::verify(spki, &parts.algorithm, &parts.tbs, parts.signature)
    }
}
