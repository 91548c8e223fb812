//! One HTTPS connection at a time to one CA: bounded answers, deadlines, no redirects.
//!
//! Private addresses are allowed, because a CA of one's own has one. A connection is kept for the next request to the same
//! server. Knows nothing of ACME.

pub(crate) mod answer;
mod proxy;
pub(crate) mod roots;
mod server;
mod tls;
pub(crate) mod untrusted;

pub use answer::{Answer, MAX_BODY, RetryAfter};
pub use proxy::{Proxy, ProxyError};
pub use roots::{MAX_ROOTS_FILE, Roots, RootsError};
pub use tls::Client;

use crate::error::ClientError;
use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{HOST, HeaderValue, USER_AGENT};
use hyper::{Method, Request, Uri};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use server::Server;
use std::future::Future;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// Bytes of an answer's head.
const MAX_HEAD: usize = 64 * 1024;
/// For the name, the connection and the handshake, each.
const CONNECTING: Duration = Duration::from_secs(10);
/// From the request to the last byte of its answer.
const EXCHANGE: Duration = Duration::from_secs(60);

/// What CAs see as `User-Agent`; RFC 8555, section 6.1 asks for one.
const AGENT: &str = concat!("signet/", env!("CARGO_PKG_VERSION"));

/// An HTTPS client for one authority.
pub struct Https {
    tls: TlsConnector,
    proxy: Option<Proxy>,
    idle: Option<Idle>,
    exchange: Duration,
    has_client_certificate: bool,
}

/// A connection that can take the next request.
struct Idle {
    server: Server,
    sender: SendRequest<Full<Bytes>>,
}

impl std::fmt::Debug for Https {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Https").field("proxy", &self.proxy).finish_non_exhaustive()
    }
}

impl Https {
    /// A client that trusts these roots alone.
    pub fn new(roots: Roots<'_>, proxy: Option<Proxy>) -> Result<Self, ClientError> {
        Self::of(roots, proxy, None)
    }

    /// The same, which authenticates itself where a server asks for it.
    pub fn of(roots: Roots<'_>, proxy: Option<Proxy>, client: Option<Client<'_>>) -> Result<Self, ClientError> {
        let config = tls::config(roots, client)?;
        let has_client_certificate = client.is_some();
        Ok(Self { tls: TlsConnector::from(config), proxy, idle: None, exchange: EXCHANGE, has_client_certificate })
    }

    /// True where it can authenticate itself by TLS.
    pub fn has_client_certificate(&self) -> bool {
        self.has_client_certificate
    }

    /// Another patience for an exchange, in tests.
    #[cfg(test)]
    pub(crate) fn with_exchange(mut self, exchange: Duration) -> Self {
        self.exchange = exchange;
        self
    }

    /// Sends one request and reads its whole answer, whatever its status.
    pub async fn send(
        &mut self,
        method: Method,
        url: &str,
        fields: &[(&'static str, &str)],
        body: Vec<u8>,
    ) -> Result<Answer, ClientError> {
        let (uri, server) = parsed(url)?;
        let target = uri.path_and_query().map_or("/", |path| path.as_str());
        let mut request =
            Request::builder().method(method).uri(target).header(HOST, server.field()).header(USER_AGENT, AGENT);
        for (name, value) in fields {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(Bytes::from(body))).map_err(|_| ClientError::Address(url.to_owned()))?;
        let host = server.host.clone();
        let exchanged = tokio::time::timeout(self.exchange, self.exchange(server, request));
        let answer = exchanged.await.unwrap_or(Err(ClientError::Deadline { host: host.clone() }))?;
        if (300..400).contains(&answer.status) {
            return Err(ClientError::Redirect { host });
        }
        Ok(answer)
    }

    async fn exchange(&mut self, server: Server, mut request: Request<Full<Bytes>>) -> Result<Answer, ClientError> {
        let host = server.host.clone();
        let broken = |source: hyper::Error| ClientError::Broken { host: host.clone(), source };
        let mut kept = self.idle.take().filter(|idle| idle.server == server);
        loop {
            let is_kept = kept.is_some();
            let mut connection = match kept.take() {
                Some(idle) => idle,
                None => Idle { server: server.clone(), sender: self.connect(&server).await? },
            };
            if is_kept && connection.sender.ready().await.is_err() {
                continue;
            }
            match connection.sender.try_send_request(request).await {
                Ok(response) => return self.read(connection, response).await,
                // A kept connection that the server has closed meanwhile gives back what was not sent.
                Err(mut error) => match error.take_message().filter(|_| is_kept) {
                    Some(unsent) => request = unsent,
                    None => return Err(broken(error.into_error())),
                },
            }
        }
    }

    async fn read(
        &mut self,
        connection: Idle,
        response: hyper::Response<hyper::body::Incoming>,
    ) -> Result<Answer, ClientError> {
        let host = &connection.server.host;
        let (head, body) = response.into_parts();
        let body = Limited::new(body, MAX_BODY).collect().await.map_err(|error| {
            if error.is::<LengthLimitError>() {
                return ClientError::TooLarge { host: host.clone() };
            }
            match error.downcast::<hyper::Error>() {
                Ok(source) => ClientError::Broken { host: host.clone(), source: *source },
                Err(_) => ClientError::Deadline { host: host.clone() },
            }
        })?;
        self.idle = Some(connection);
        Ok(Answer { status: head.status.as_u16(), headers: head.headers, body: body.to_bytes() })
    }

    async fn connect(&self, server: &Server) -> Result<SendRequest<Full<Bytes>>, ClientError> {
        let host = server.host.as_str();
        let name = ServerName::try_from(host.to_owned()).map_err(|_| ClientError::Address(host.to_owned()))?;
        let stream = match &self.proxy {
            Some(proxy) => {
                let stream = in_time(&proxy.host, TcpStream::connect((proxy.host.as_str(), proxy.port))).await?;
                let stream = stream
                    .map_err(|source| ClientError::Proxy { proxy: proxy.to_string(), why: source.to_string() })?;
                in_time(&proxy.host, proxy.tunnel(stream, &server.field())).await??
            }
            None => {
                let found: Vec<_> = in_time(host, tokio::net::lookup_host((host, server.port)))
                    .await?
                    .map_err(|source| ClientError::NoAddress { host: host.to_owned(), source })?
                    .collect();
                let connected = in_time(host, TcpStream::connect(found.as_slice())).await?;
                connected.map_err(|source| ClientError::Connect { host: host.to_owned(), port: server.port, source })?
            }
        };
        // Requests are small and each waits for its answer.
        let _ = stream.set_nodelay(true);
        let stream = in_time(host, self.tls.connect(name, stream))
            .await?
            .map_err(|error| ClientError::of_handshake(host, error))?;
        let (sender, connection) = http1::Builder::new()
            .max_buf_size(MAX_HEAD)
            .max_headers(64)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|source| ClientError::Broken { host: host.to_owned(), source })?;
        // Whatever ends it is told by the next request.
        tokio::spawn(async move {
            let _ = connection.await;
        });
        Ok(sender)
    }
}

/// Only https, without a user or password in the URL; an address in brackets loses them.
fn parsed(url: &str) -> Result<(Uri, Server), ClientError> {
    let refused = || ClientError::Address(url.to_owned());
    let uri: Uri = url.parse().map_err(|_| refused())?;
    let authority = uri.authority().ok_or_else(refused)?;
    if uri.scheme_str() != Some("https") || authority.as_str().contains('@') {
        return Err(refused());
    }
    let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
    let port = authority.port_u16().unwrap_or(443);
    if host.is_empty() || HeaderValue::from_str(&host).is_err() {
        return Err(refused());
    }
    Ok((uri, Server { host, port }))
}

/// The URL of an authority as an owner gives it: https, a host, and nothing secret in it.
pub fn check_url(url: &str) -> Result<(), ClientError> {
    parsed(url).map(|_| ())
}

async fn in_time<T>(host: &str, work: impl Future<Output = T>) -> Result<T, ClientError> {
    tokio::time::timeout(CONNECTING, work).await.map_err(|_| ClientError::Deadline { host: host.to_owned() })
}
