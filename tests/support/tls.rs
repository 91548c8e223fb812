//! The verifier of every TLS client in the tests: each decides for itself which certificate it accepts.
//!
//! Names, dates and issuers are not checked; the server's signature always is.

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};
use std::fmt::{Debug, Formatter};
use std::sync::Arc;

/// A verifier that accepts the certificates (DER) for which `accepts` is true: `|_| true` for any of them.
pub fn accepting(
    provider: &CryptoProvider,
    accepts: impl Fn(&[u8]) -> bool + Send + Sync + 'static,
) -> Arc<dyn ServerCertVerifier> {
    Arc::new(Verifier { accepts, algorithms: provider.signature_verification_algorithms })
}

struct Verifier<F> {
    accepts: F,
    algorithms: WebPkiSupportedAlgorithms,
}

impl<F> Debug for Verifier<F> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Verifier")
    }
}

impl<F: Fn(&[u8]) -> bool + Send + Sync> ServerCertVerifier for Verifier<F> {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        match (self.accepts)(certificate) {
            true => Ok(ServerCertVerified::assertion()),
            false => Err(CertificateError::ApplicationVerificationFailure.into()),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_what_the_client_accepts_and_nothing_else() {
        let verifier = accepting(&rustls::crypto::aws_lc_rs::default_provider(), |certificate| certificate == b"one");
        let name = ServerName::try_from("localhost").unwrap();
        let verify = |certificate: &'static [u8]| {
            verifier.verify_server_cert(&certificate.into(), &[], &name, &[], UnixTime::now()).is_ok()
        };
        assert!(verify(b"one") && !verify(b"other"));
    }
}
