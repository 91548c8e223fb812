//! What the network asks of whoever responds: one trait, and what it learns of a connection.

use super::bounds::Limits;
use super::budget::{Account, Memory};
use super::challenge::Challenges;
use super::phase::Deadlines;
use super::proxy::Proxies;
use super::tls::Handshake;
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::HeaderMap;
use hyper::{Request, Response};
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

/// What responds to requests; implemented by `web`.
///
/// A request that has to wait runs in a task of its own, which a closed connection does not cancel: what was started is finished, and
/// its slot is held until then. A panic is caught, logged and answered with a bare 500. The body of the request is
/// unbounded here; reading no further than is needed is the handler's part, and so is what its answers' heads say
/// ([`super::dressed`]).
pub trait Handler: Send + Sync + 'static {
    /// Responds to one request. What it holds of the visitor's is charged to `account` before, and given back after the response was
    /// written.
    fn handle(self: Arc<Self>, request: Request<Incoming>, peer: Peer, account: Account) -> Answering;
}

/// The response to a request while it is being made.
pub type Answering = Pin<Box<dyn Future<Output = Response<Full<Bytes>>> + Send>>;

/// Where a request comes from, and how its connection came about. IPv4 that came in by a dual-stack socket is shown as IPv4.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer {
    /// The visitor's address: by the kernel, or by a trusted proxy's word. The device's own (127.0.0.1) where a proxy says
    /// nothing of it.
    pub remote: IpAddr,
    /// The address of this device that the connection came in by; none for a Unix socket.
    pub local: Option<SocketAddr>,
    /// Which identity the visitor was greeted with; none where a proxy is between.
    pub handshake: Option<Handshake>,
    /// A trusted proxy speaks for the visitor.
    pub proxied: bool,
}

/// How many connections, how long each part of one may take, and what the answers that no handler makes say.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The bounds on connections and on a request's head.
    pub limits: Limits,
    /// The deadlines of a connection's phases.
    pub deadlines: Deadlines,
    /// The memory that connections share.
    pub memory: Memory,
    /// Who may speak for others; nobody where there is none.
    pub proxies: Option<Proxies>,
    /// Answers to CAs' checks, where certificates are ordered.
    pub challenges: Option<Challenges>,
    /// What the heads of the net's own answers say: the way to HTTPS, and the 500 for a handler that panicked.
    pub headers: HeaderMap,
}
