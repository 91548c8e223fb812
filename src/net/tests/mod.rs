//! Real sockets on 127.0.0.1: a server with a small handler, and a client of its own.

mod acme_tls;
mod bounds;
mod budget;
mod http;
mod plain;
mod proxy;
mod service;
mod tls;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::{Request, Response};
use rustls::client::Resumption;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, SupportedProtocolVersion};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::{Account, Answering, Endpoint, Handler, IdentityHandle, ListenError, Listeners, Peer, Settings};

/// Far more than anything here takes; only a test that has failed waits for it.
const PATIENCE: Duration = Duration::from_secs(20);

/// A deadline short enough to wait for.
const SHORT: Duration = Duration::from_millis(150);

/// Waits for what must happen.
async fn soon<F: Future>(what: F) -> F::Output {
    tokio::time::timeout(PATIENCE, what).await.expect("happens within the patience of the tests")
}

/// Answers by path; `/wait` says that it was entered and goes on when it may.
#[derive(Default)]
struct TestHandler {
    entered: Notify,
    leave: Notify,
    left: Notify,
}

impl Handler for TestHandler {
    fn handle(self: Arc<Self>, request: Request<Incoming>, peer: Peer, _: Account) -> Answering {
        assert_ne!(request.uri().path(), "/panic-at-once", "the handler breaks down before it begins");
        Box::pin(async move { self.answer(request, peer).await })
    }
}

impl TestHandler {
    async fn answer(&self, request: Request<Incoming>, peer: Peer) -> Response<Full<Bytes>> {
        let text = match request.uri().path() {
            "/panic" => panic!("the handler breaks down, as it was asked to"),
            "/wait" => {
                self.entered.notify_one();
                self.leave.notified().await;
                self.left.notify_one();
                "waited".to_owned()
            }
            "/read" => request.into_body().collect().await.map(|body| body.to_bytes().len().to_string()).unwrap(),
            // As a task would that reads on after the answer.
            "/hold" => {
                std::mem::forget(request);
                "held".to_owned()
            }
            "/large" => "x".repeat(6 << 20),
            "/local" => peer.local.map(|local| local.to_string()).unwrap_or_default(),
            "/remote" => format!("{} {}", peer.remote, peer.proxied),
            "/handshake" => {
                let handshake = peer.handshake.expect("it came over TLS");
                format!("{} {}", handshake.identity, handshake.resumed)
            }
            _ => "hello".to_owned(),
        };
        Response::new(Full::new(Bytes::from(text)))
    }
}

/// A running server, and what is needed to talk to it and to stop it.
struct Server {
    address: SocketAddr,
    redirect: SocketAddr,
    handler: Arc<TestHandler>,
    identity: IdentityHandle,
    certificate: Vec<u8>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<Result<(), ListenError>>,
}

/// A fresh self-signed certificate and its key.
fn identity() -> (Vec<u8>, Vec<u8>) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    (made.cert.der().to_vec(), made.signing_key.serialize_der())
}

impl Server {
    fn start(settings: Settings) -> Self {
        Self::start_at(&[], settings).0
    }

    /// A server that also listens at other places, and where they are.
    fn start_at(more: &[Endpoint], settings: Settings) -> (Self, Vec<Endpoint>) {
        let any = "127.0.0.1:0".parse().unwrap();
        let all = [&[Endpoint::Https(any)], more].concat();
        let listeners = Listeners::bind(&all, &[any]).unwrap();
        let plain = listeners.for_proxies();
        let (address, redirect) = (listeners.addresses()[0], listeners.redirect_addresses()[0]);
        let (certificate, key) = identity();
        let identity = IdentityHandle::new(vec![certificate.clone()], &key).unwrap();
        let handler = Arc::new(TestHandler::default());
        let (stop, stopped) = oneshot::channel();
        let shared: Arc<dyn Handler> = handler.clone();
        let serving = super::serve(listeners, identity.clone(), shared, settings, async {
            stopped.await.unwrap_or_default();
        });
        let server = Self { address, redirect, handler, identity, certificate, stop, task: tokio::spawn(serving) };
        (server, plain)
    }

    async fn connect(&self) -> Client<TlsStream<TcpStream>> {
        Client(self.handshake(&client_config(&self.certificate, rustls::ALL_VERSIONS)).await)
    }

    async fn handshake(&self, config: &Arc<ClientConfig>) -> TlsStream<TcpStream> {
        let tcp = self.tcp().await.0;
        let name = ServerName::try_from("localhost").unwrap();
        soon(TlsConnector::from(Arc::clone(config)).connect(name, tcp)).await.unwrap()
    }

    async fn tcp(&self) -> Client<TcpStream> {
        Client(soon(TcpStream::connect(self.address)).await.unwrap())
    }

    /// A connection from an address of 127.0.0.0/8 of its own.
    async fn tcp_from(&self, from: [u8; 4]) -> Client<TcpStream> {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((from, 0).into()).unwrap();
        Client(soon(socket.connect(self.address)).await.unwrap())
    }
}

/// Accepts one certificate and no other.
fn only(certificate: &[u8], provider: &CryptoProvider) -> Arc<dyn ServerCertVerifier> {
    let expected = certificate.to_vec();
    signet_testing::accepting(provider, move |shown| shown == expected)
}

fn client_config(certificate: &[u8], versions: &[&'static SupportedProtocolVersion]) -> Arc<ClientConfig> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = only(certificate, &provider);
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    config.resumption = Resumption::disabled();
    Arc::new(config)
}

/// A client that writes bytes and reads responses with a `Content-Length`, or to the end.
struct Client<S>(S);

struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl<S: AsyncRead + tokio::io::AsyncWrite + Unpin> Client<S> {
    async fn get(&mut self, path: &str) -> Answer {
        self.send(&format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n")).await;
        self.answer().await
    }

    async fn send(&mut self, text: &str) {
        soon(self.0.write_all(text.as_bytes())).await.unwrap();
        soon(self.0.flush()).await.unwrap();
    }

    async fn answer(&mut self) -> Answer {
        let mut answer = self.head().await;
        let length = header(&answer.head, "content-length").map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; length];
        soon(self.0.read_exact(&mut body)).await.unwrap();
        answer.body = String::from_utf8(body).unwrap();
        answer
    }

    /// The head alone, as a HEAD request is answered.
    async fn head(&mut self) -> Answer {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(soon(self.0.read_u8()).await.expect("a whole head"));
        }
        let head = String::from_utf8(head).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, head, body: String::new() }
    }

    /// Waits for the server to close, in whatever way it does.
    async fn closed(&mut self) {
        let mut rest = Vec::new();
        let _ = soon(self.0.read_to_end(&mut rest)).await;
        assert!(rest.is_empty(), "closed without a word: {:?}", String::from_utf8_lossy(&rest));
    }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().filter_map(|line| line.split_once(": ")).find(|(key, _)| *key == name).map(|(_, value)| value)
}
