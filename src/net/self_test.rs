//! A handshake inside the process, over two buffers: what a certificate and key are worth before any visitor meets them.
//!
//! The client trusts this one certificate and verifies the server's signature with its key. Names, dates and issuers are not
//! looked at here. Nothing goes over a network.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{WebPkiSupportedAlgorithms, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::version::{TLS12, TLS13};
use rustls::{
    CertificateError, ClientConfig, ClientConnection, DigitallySignedStruct, Error, ServerConfig, ServerConnection,
    SignatureScheme, SupportedProtocolVersion,
};

/// What Chromium, Firefox and Safari offer, each of them or two of the three; none of them offers Ed25519.
const BROWSERS: [SignatureScheme; 9] = [
    SignatureScheme::ECDSA_NISTP256_SHA256,
    SignatureScheme::ECDSA_NISTP384_SHA384,
    SignatureScheme::ECDSA_NISTP521_SHA512,
    SignatureScheme::RSA_PSS_SHA256,
    SignatureScheme::RSA_PSS_SHA384,
    SignatureScheme::RSA_PSS_SHA512,
    SignatureScheme::RSA_PKCS1_SHA256,
    SignatureScheme::RSA_PKCS1_SHA384,
    SignatureScheme::RSA_PKCS1_SHA512,
];

/// What a client offers that knows ML-DSA, which is for TLS 1.3 alone (draft-ietf-tls-mldsa).
const ML_DSA: [SignatureScheme; 3] =
    [SignatureScheme::ML_DSA_44, SignatureScheme::ML_DSA_65, SignatureScheme::ML_DSA_87];

static NEW_AND_OLD: [&SupportedProtocolVersion; 2] = [&TLS13, &TLS12];
static NEW: [&SupportedProtocolVersion; 1] = [&TLS13];

/// The clients that an identity has to please.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clients {
    /// Browsers as they are common, by TLS 1.3 and 1.2.
    Browsers,
    /// Those that know ML-DSA, by TLS 1.3.
    MlDsa,
}

impl Clients {
    fn versions(self) -> &'static [&'static SupportedProtocolVersion] {
        match self {
            Self::Browsers => &NEW_AND_OLD,
            Self::MlDsa => &NEW,
        }
    }

    fn schemes(self) -> &'static [SignatureScheme] {
        match self {
            Self::Browsers => &BROWSERS,
            Self::MlDsa => &ML_DSA,
        }
    }
}

/// Flights after which two sides that understand each other have long finished: three are needed.
const MOST_FLIGHTS: usize = 10;

/// Shakes hands with `server` as each kind of these clients does; it must show `certificate` and sign with its key.
pub(super) fn run(server: &Arc<ServerConfig>, certificate: &[u8], clients: Clients) -> Result<(), Error> {
    for version in clients.versions() {
        handshake(server, &client_config(certificate, version, clients)?)?;
    }
    Ok(())
}

fn client_config(
    certificate: &[u8],
    version: &'static SupportedProtocolVersion,
    clients: Clients,
) -> Result<Arc<ClientConfig>, Error> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let algorithms = provider.signature_verification_algorithms;
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[version])?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(This { certificate: certificate.to_vec(), clients, algorithms }))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn handshake(server: &Arc<ServerConfig>, client: &Arc<ClientConfig>) -> Result<(), Error> {
    // Any name: the server has one certificate for all.
    let name = ServerName::try_from("localhost").map_err(|error| Error::General(error.to_string()))?;
    let mut client = ClientConnection::new(Arc::clone(client), name)?;
    let mut server = ServerConnection::new(Arc::clone(server))?;
    let mut wire = Vec::new();
    // Memory neither blocks nor fails; what rustls says of the bytes comes from `process_new_packets`.
    let broken = |error: std::io::Error| Error::General(error.to_string());
    for _ in 0..MOST_FLIGHTS {
        while client.wants_write() {
            client.write_tls(&mut wire).map_err(broken)?;
        }
        let mut rest = wire.as_slice();
        while !rest.is_empty() {
            server.read_tls(&mut rest).map_err(broken)?;
            server.process_new_packets()?;
        }
        wire.clear();
        while server.wants_write() {
            server.write_tls(&mut wire).map_err(broken)?;
        }
        let mut rest = wire.as_slice();
        while !rest.is_empty() {
            client.read_tls(&mut rest).map_err(broken)?;
            client.process_new_packets()?;
        }
        wire.clear();
        if !client.is_handshaking() && !server.is_handshaking() {
            return Ok(());
        }
    }
    Err(Error::HandshakeNotComplete)
}

/// Takes one certificate and no other, and verifies signatures with its key.
#[derive(Debug)]
struct This {
    certificate: Vec<u8>,
    clients: Clients,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for This {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        match certificate.as_ref() == self.certificate {
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
        self.clients.schemes().to_vec()
    }
}
