//! An HTTPS server that says what a test wants: one answer a request, to whatever asks for this path.

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// A CA of the test's own, and what it issues.
pub(crate) struct TestCa {
    issuer: Issuer<'static, KeyPair>,
    /// Its certificate, PEM.
    pub(crate) pem: String,
}

impl TestCa {
    pub(crate) fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = signet_testing::pebble::pem("CERTIFICATE", params.self_signed(&key).unwrap().der());
        Self { issuer: Issuer::new(params, key), pem }
    }

    /// A server's settings with a certificate for localhost, changed by `change`.
    pub(crate) fn server(&self, change: impl FnOnce(&mut CertificateParams)) -> Arc<ServerConfig> {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        change(&mut params);
        let certificate = params.signed_by(&key, &self.issuer).unwrap().der().clone();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        Arc::new(builder.with_no_client_auth().with_single_cert(vec![certificate], key).unwrap())
    }
}

impl TestCa {
    /// A server's settings that ask for a client certificate of this CA's.
    pub(crate) fn server_for_clients(&self) -> Arc<ServerConfig> {
        use rustls::pki_types::CertificateDer;
        use rustls::pki_types::pem::PemObject;
        let mut roots = rustls::RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(self.pem.as_bytes()).unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let clients = rustls::server::WebPkiClientVerifier::builder_with_provider(roots.into(), provider.clone());
        let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let (certificate, key) = self.issue("localhost");
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key));
        let builder = builder.with_client_cert_verifier(clients.build().unwrap());
        Arc::new(builder.with_single_cert(vec![certificate.into()], key).unwrap())
    }

    /// A client's key, PKCS#8, and its certificate, PEM.
    pub(crate) fn client(&self) -> (Vec<u8>, String) {
        let (certificate, key) = self.issue("client");
        (key, signet_testing::pebble::pem("CERTIFICATE", &certificate))
    }

    fn issue(&self, name: &str) -> (Vec<u8>, Vec<u8>) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new([name.to_owned()]).unwrap();
        (params.signed_by(&key, &self.issuer).unwrap().der().to_vec(), key.serialize_der())
    }
}

/// What it was asked: `METHOD PATH`.
pub(crate) type Asked = Arc<Mutex<Vec<String>>>;

/// A server that runs as long as the runtime does.
pub(crate) struct Server {
    pub(crate) url: String,
    pub(crate) port: u16,
    pub(crate) asked: Asked,
    pub(crate) connections: Arc<AtomicUsize>,
}

impl Server {
    /// `answer` gives the whole answer to a request, as it goes over the wire; an empty one ends the connection.
    pub(crate) async fn start(
        config: Arc<ServerConfig>,
        answer: impl Fn(&str, &str) -> Vec<u8> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (asked, connections) = (Asked::default(), Arc::new(AtomicUsize::new(0)));
        let (acceptor, answer) = (TlsAcceptor::from(config), Arc::new(answer));
        let (log, count) = (asked.clone(), connections.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, answer, log) = (acceptor.clone(), answer.clone(), log.clone());
                count.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(async move {
                    let Ok(mut stream) = acceptor.accept(stream).await else { return };
                    let mut held = Vec::new();
                    loop {
                        let mut chunk = [0; 4096];
                        let Some(end) = held.windows(4).position(|four| four == b"\r\n\r\n") else {
                            match stream.read(&mut chunk).await {
                                Ok(count @ 1..) => held.extend_from_slice(&chunk[..count]),
                                _ => return,
                            }
                            continue;
                        };
                        let head = String::from_utf8(held[..end].to_vec()).unwrap();
                        let length = head.lines().find_map(|line| {
                            line.to_lowercase().strip_prefix("content-length: ").map(|n| n.parse::<usize>().unwrap())
                        });
                        let whole = end + 4 + length.unwrap_or(0);
                        while held.len() < whole {
                            match stream.read(&mut chunk).await {
                                Ok(count @ 1..) => held.extend_from_slice(&chunk[..count]),
                                _ => return,
                            }
                        }
                        let line = head.lines().next().unwrap().trim_end_matches(" HTTP/1.1").to_owned();
                        let body = String::from_utf8_lossy(&held[end + 4..whole]).into_owned();
                        held.drain(..whole);
                        log.lock().unwrap().push(line.clone());
                        let said = with_base(answer(&line, &body), port);
                        if said.is_empty() || stream.write_all(&said).await.is_err() {
                            return;
                        }
                    }
                });
            }
        });
        Self { url: format!("https://localhost:{port}"), port, asked, connections }
    }
}

/// Stands for the server's own address in an answer; as long as it, since ports that are given out have five digits.
pub(crate) const BASE: &str = "https://localhost:99999";

fn with_base(said: Vec<u8>, port: u16) -> Vec<u8> {
    match String::from_utf8(said) {
        Ok(text) => text.replace(BASE, &format!("https://localhost:{port}")).into_bytes(),
        Err(bytes) => bytes.into_bytes(),
    }
}

/// An answer with a body.
pub(crate) fn said(status: u16, fields: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\n{fields}\r\n{body}", body.len()).into_bytes()
}
