//! Checks by tls-alpn-01: who is answered, with what, and how often a certificate is made.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{aws_lc_rs, verify_tls13_signature_with_raw_key};
use rustls::pki_types::{CertificateDer, ServerName, SubjectPublicKeyInfoDer, UnixTime};
use rustls::version::TLS13;
use rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::{Server, Settings, soon};
use crate::{Challenges, Proof};

const NAME: &str = "nas.example";
const ADDRESS: &str = "17.2.0.192.in-addr.arpa";
const DIGEST: [u8; 32] = [0xd1; 32];
/// The extension's identifier, critical, with the digest in an octet string (RFC 8737, section 3).
const EXTENSION: &[u8] =
    &[0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x01, 0x1f, 0x01, 0x01, 0xff, 0x04, 0x22, 0x04, 0x20, 0xd1, 0xd1];

/// A server at which two challenges are open as long as the flag says so.
fn server(is_open: &Arc<AtomicBool>) -> Server {
    let is_open = Arc::clone(is_open);
    let proof = move |name: &str| {
        let identifier = match name {
            NAME => NAME,
            ADDRESS => "192.0.2.17",
            _ => return None,
        };
        is_open.load(Relaxed).then(|| Proof { identifier: identifier.to_owned(), digest: DIGEST })
    };
    let challenges = Some(Challenges::new(|_| None, proof));
    Server::start(Settings { challenges, ..Settings::default() })
}

/// Where the key of P-256 begins in a certificate, and how long it is (SubjectPublicKeyInfo, RFC 5480).
const P256: &[u8] = b"\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07";
const P256_LENGTH: usize = 91;

/// As a CA does, it takes any certificate, and the server's signature by its key alone. The verifier of the other tests reads the
/// certificate for that, and refuses this extension, which is critical.
#[derive(Debug)]
struct ByKey;

impl ServerCertVerifier for ByKey {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::General("TLS 1.2 was not offered".to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let at = certificate.windows(P256.len()).position(|window| window == P256).expect("a key of P-256");
        let key = SubjectPublicKeyInfoDer::from(&certificate[at..at + P256_LENGTH]);
        let algorithms = aws_lc_rs::default_provider().signature_verification_algorithms;
        verify_tls13_signature_with_raw_key(message, &key, signature, &algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        aws_lc_rs::default_provider().signature_verification_algorithms.supported_schemes()
    }
}

/// The certificate that a client is shown who offers these protocols, and whether the connection was closed at once.
async fn shown(server: &Server, name: &'static str, protocols: &[&str]) -> Option<(Vec<u8>, bool)> {
    shown_to(server.tcp().await.0, name, protocols).await
}

/// The same over this connection.
async fn shown_to(tcp: TcpStream, name: &'static str, protocols: &[&str]) -> Option<(Vec<u8>, bool)> {
    let mut config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(&[&TLS13])
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(ByKey))
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
    config.resumption = Resumption::disabled();
    let name = ServerName::try_from(name).unwrap();
    let mut stream = soon(TlsConnector::from(Arc::new(config)).connect(name, tcp)).await.ok()?;
    let certificate = stream.get_ref().1.peer_certificates().unwrap()[0].to_vec();
    let is_check = stream.get_ref().1.alpn_protocol() == Some(b"acme-tls/1");
    if is_check {
        let mut rest = Vec::new();
        soon(stream.read_to_end(&mut rest)).await.unwrap();
        assert!(rest.is_empty());
    }
    Some((certificate, is_check))
}

fn has(certificate: &[u8], part: &[u8]) -> bool {
    certificate.windows(part.len()).any(|window| window == part)
}

const CHECK: &[&str] = &["acme-tls/1"];

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_checks_from_a_hundred_addresses_at_once_get_one_certificate_with_the_digest() {
    let server = Arc::new(server(&Arc::new(AtomicBool::new(true))));
    let all: Vec<_> = (0..100_u8)
        .map(|number| {
            let server = Arc::clone(&server);
            let name = if number % 2 == 0 { "NAS.example" } else { ADDRESS };
            tokio::spawn(async move {
                let tcp = server.tcp_from([127, 71, 9, number + 1]).await.0;
                shown_to(tcp, name, CHECK).await.unwrap()
            })
        })
        .collect();
    let (mut names, mut addresses) = (Vec::new(), Vec::new());
    for (number, one) in all.into_iter().enumerate() {
        let (certificate, is_closed) = soon(one).await.unwrap();
        assert!(is_closed && has(&certificate, EXTENSION) && certificate != server.certificate);
        if number % 2 == 0 { &mut names } else { &mut addresses }.push(certificate);
    }
    // The names as RFC 5280 writes them: a DNS name, an address of four bytes.
    assert!(has(&names[0], b"\x82\x0bnas.example") && has(&addresses[0], &[0x87, 4, 192, 0, 2, 17]));
    names.dedup();
    addresses.dedup();
    assert_eq!((names.len(), addresses.len()), (1, 1));
}

#[tokio::test]
async fn nothing_else_is_answered_and_nothing_when_it_is_closed() {
    let is_open = Arc::new(AtomicBool::new(true));
    let server = server(&is_open);
    assert!(shown(&server, "other.example", CHECK).await.is_none());
    // A browser gets the console, whatever is open for its name.
    for protocols in [&["http/1.1"][..], &[], &["http/1.1", "acme-tls/1"], &["acme-tls/1", "http/1.1"]] {
        let (certificate, is_check) = shown(&server, NAME, protocols).await.unwrap();
        assert!(certificate == server.certificate && !is_check, "{protocols:?}");
    }
    let (first, _) = shown(&server, NAME, CHECK).await.unwrap();
    assert_eq!(shown(&server, NAME, CHECK).await.unwrap().0, first);
    is_open.store(false, Relaxed);
    assert!(shown(&server, NAME, CHECK).await.is_none());
    assert_eq!(shown(&server, NAME, &["http/1.1"]).await.unwrap().0, server.certificate);
}
