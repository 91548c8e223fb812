//! One connection, from its first byte to its last: TLS or a hint, then requests one after the other.
//!
//! A request that has to wait for anything is handled in a task of its own, so that a closed tab cancels nothing; a panic is a
//! 500. It knows no route; deadlines are kept by `phase`.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::{Body, Incoming};
use hyper::header::{CONNECTION, HeaderValue, RETRY_AFTER};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use rustls::HandshakeKind;
use tokio::io::AsyncWriteExt;
use tokio::time::{Instant, sleep};

use super::acme_tls;
use super::arrivals::Remote;
use super::bounds::Slot;
use super::budget::{Account, EXCHANGE, Part, TLS_ANSWER, USED, UsedUp};
use super::challenge;
use super::handler::{Answering, Handler, Peer, Settings};
use super::messages;
use super::phase::{Cut, Phase};
use super::redirect;
use super::response::{bare, dressed};
use super::socket::Socket;
use super::stream::{OverSocket, Watched, Wire};
use super::tls::{Handshake, IdentityHandle};

/// The first byte of a TLS connection: a record of type handshake (RFC 8446, 5.1).
const TLS_HANDSHAKE: u8 = 22;

/// How long a connection keeps what it needs for a request after an answer: a browser asks for the style sheet at once. What a
/// crowd holds in this time stays with the allocator, so that it is short; to begin anew costs a request microseconds.
const REST: Duration = Duration::from_millis(50);

/// What all connections of a server share.
pub(super) struct Service {
    pub(super) identity: IdentityHandle,
    pub(super) handler: Arc<dyn Handler>,
    pub(super) settings: Settings,
    pub(super) https_port: u16,
}

/// The two ends of a connection, and whether the far one is a trusted proxy.
#[derive(Clone, Copy)]
pub(super) struct Ends {
    pub(super) remote: Remote,
    /// None for a Unix socket.
    pub(super) local: Option<SocketAddr>,
    pub(super) is_proxy: bool,
}

/// What this end of a connection does.
enum Role {
    /// The console's pages, over TLS where there was a handshake.
    Console(Ends, Option<Handshake>, Arc<Service>),
    /// The refusal of who is no trusted proxy and came in where only those are heard.
    ProxiesOnly,
    /// The sentence for those who speak plain HTTP to the console's port.
    Hint(u16),
    /// The way to the console's port.
    ToHttps(u16),
}

/// Why a connection ended before its time; a client can bring each of them about.
#[derive(Debug, thiserror::Error)]
pub(super) enum End {
    #[error(transparent)]
    Cut(#[from] Cut),
    #[error("first byte: {0}")]
    FirstByte(#[source] io::Error),
    #[error("neither TLS nor HTTP: the first byte is {0:#04x}")]
    Foreign(u8),
    #[error("TLS: {0}")]
    Tls(#[source] io::Error),
    #[error("HTTP: {0}")]
    Http(#[from] hyper::Error),
    #[error(transparent)]
    Memory(#[from] UsedUp),
}

/// Serves a connection to the console's own port.
///
/// What a handshake and a request need lies behind pointers of their own: a connection that waits, of which there may be
/// thousands, holds a kilobyte here instead of three.
pub(super) async fn console(
    mut stream: Socket,
    ends: Ends,
    slot: &Arc<Slot>,
    service: &Arc<Service>,
) -> Result<(), End> {
    let deadlines = &service.settings.deadlines;
    let life = &slot.life;
    let first_byte = Box::pin(poll_fn(|cx| stream.poll_peek(cx)));
    match life.watch(deadlines, first_byte).await?.map_err(End::FirstByte)? {
        Some(TLS_HANDSHAKE) => {}
        Some(letter) if letter.is_ascii_alphabetic() => {
            let port = ends.local.map_or(service.https_port, |local| local.port());
            return Box::pin(plain(stream, slot, &service.settings, &Role::Hint(port))).await;
        }
        Some(byte) => return Err(End::Foreign(byte)),
        None => return Ok(()),
    }
    let shown = service.identity.shown();
    let wire = Wire::new(stream, Arc::clone(life), slot.account.clone());
    let handshake = Box::pin(shown.accept(wire, service.settings.challenges.as_ref()));
    let mut tls = Box::new(life.watch(deadlines, handshake).await?.map_err(End::Tls)?);
    if tls.get_ref().1.alpn_protocol() == Some(acme_tls::PROTOCOL) {
        // The certificate was the answer; nothing is said under it (RFC 8737, section 4).
        life.enter(Phase::Closing);
        let _ = life.watch(deadlines, tls.shutdown()).await;
        return Ok(());
    }
    life.enter(Phase::Idle);
    let resumed = tls.get_ref().1.handshake_kind() == Some(HandshakeKind::Resumed);
    let handshake = Handshake { identity: shown.number(), resumed };
    drop(shown);
    requests(tls, slot, &service.settings, &Role::Console(ends, Some(handshake), Arc::clone(service))).await
}

/// Serves a connection of a proxy, which speaks plain HTTP.
pub(super) async fn proxied(stream: Socket, ends: Ends, slot: &Arc<Slot>, service: &Arc<Service>) -> Result<(), End> {
    if !ends.is_proxy {
        return Box::pin(plain(stream, slot, &service.settings, &Role::ProxiesOnly)).await;
    }
    slot.life.enter(Phase::Idle);
    let wire = Box::new(Wire::new(stream, Arc::clone(&slot.life), slot.account.clone()));
    requests(wire, slot, &service.settings, &Role::Console(ends, None, Arc::clone(service))).await
}

/// Answers one request after the other.
async fn requests(
    mut stream: Box<dyn OverSocket>,
    slot: &Arc<Slot>,
    settings: &Settings,
    role: &Role,
) -> Result<(), End> {
    let mut early = Bytes::new();
    loop {
        if early.is_empty() && !speaks(&mut *stream, slot, settings).await? {
            return Ok(());
        }
        match Box::pin(exchange(stream, early, slot, settings, role)).await? {
            Some(rest) => (stream, early) = rest,
            None => return Ok(()),
        }
    }
}

/// Waits for the first byte of a request; false when the client closed instead.
async fn speaks(stream: &mut dyn OverSocket, slot: &Slot, settings: &Settings) -> Result<bool, End> {
    let (life, deadlines) = (&slot.life, &settings.deadlines);
    match life.watch(deadlines, poll_fn(|cx| stream.poll_speaks(cx))).await {
        Ok(spoken) => spoken.map_err(End::Tls),
        Err(Cut::Memory) => Err(Cut::Memory.into()),
        Err(cut) => {
            life.give_up();
            let _ = life.watch(deadlines, stream.shutdown()).await;
            Err(cut.into())
        }
    }
}

/// Serves a connection to a port that only redirects.
pub(super) async fn redirect(stream: Socket, slot: &Arc<Slot>, service: &Arc<Service>) -> Result<(), End> {
    Box::pin(plain(stream, slot, &service.settings, &Role::ToHttps(service.https_port))).await
}

/// One request in plain HTTP, one answer, and the end.
async fn plain(stream: Socket, slot: &Arc<Slot>, settings: &Settings, role: &Role) -> Result<(), End> {
    // There is no wait between requests here: the whole request is one head.
    slot.life.enter(Phase::Head);
    let wire = Wire::new(stream, Arc::clone(&slot.life), slot.account.clone());
    exchange(Box::new(wire), Bytes::new(), slot, settings, role).await.map(|_| ())
}

/// Answers requests until the connection ends (`None`) or rests for [`REST`]: then the stream is given back, with what was read
/// too much, and hyper with its buffers (11 KiB, half of an idle connection) is gone until the client speaks again.
async fn exchange(
    stream: Box<dyn OverSocket>,
    early: Bytes,
    slot: &Arc<Slot>,
    settings: &Settings,
    role: &Role,
) -> Result<Option<(Box<dyn OverSocket>, Bytes)>, End> {
    let (life, account) = (&slot.life, &slot.account);
    account.hold_soon(Part::Connection, USED).await?;
    account.hold_soon(Part::Exchange, EXCHANGE).await?;
    // A body that its handler left unread is hyper's to drain: such a connection stays with it.
    let whole = AtomicBool::new(true);
    let requests = service_fn(|request: Request<Incoming>| {
        whole.store(request.body().is_end_stream(), Relaxed);
        life.enter(Phase::Exchange);
        async move {
            let response = charged(role.answer(request, slot, settings).await, account, settings);
            life.enter(Phase::Answered);
            Ok::<_, Infallible>(response)
        }
    });
    // hyper's own bound of 100 headers stays; its timer is off, since one clock cannot distinguish waiting from a slow head.
    let mut connection = http1::Builder::new()
        .header_read_timeout(None)
        .keep_alive(matches!(role, Role::Console(..)))
        .max_header_size(settings.limits.head)
        .max_buf_size(settings.limits.head)
        .serve_connection(TokioIo::new(Watched::new(stream, early, Arc::clone(life), account.clone())), requests);
    let mut alarm = pin!(sleep(REST));
    let until_rest = poll_fn(|cx| {
        if let Poll::Ready(end) = Pin::new(&mut connection).poll(cx) {
            return Poll::Ready(Some(end));
        }
        let Some(since) = life.idle_since().filter(|_| whole.load(Relaxed)) else { return Poll::Pending };
        loop {
            if alarm.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            if since + REST <= Instant::now() {
                return Poll::Ready(None);
            }
            alarm.as_mut().reset(since + REST);
        }
    });
    match life.watch(&settings.deadlines, until_rest).await {
        Ok(None) => {
            let parts = connection.into_parts();
            account.give_back(Part::Exchange);
            return Ok(Some((parts.io.into_inner().into_inner(), parts.read_buf)));
        }
        Ok(Some(end)) => end?,
        Err(Cut::Asked) => {
            Pin::new(&mut connection).graceful_shutdown();
            life.watch(&settings.deadlines, connection).await??;
        }
        Err(late) => return Err(late.into()),
    }
    Ok(None)
}

/// The response, charged to its connection until the socket has accepted all of it; a short one where there is no room for it.
fn charged(response: Response<Full<Bytes>>, account: &Account, settings: &Settings) -> Response<Full<Bytes>> {
    let size = |response: &Response<Full<Bytes>>| {
        let body = response.body().size_hint().exact().and_then(|size| usize::try_from(size).ok());
        TLS_ANSWER + body.unwrap_or(usize::MAX / 2)
    };
    if account.hold(Part::Request, size(&response)).is_ok() {
        return response;
    }
    drop(response);
    // What the request held is more than this needs, or the connection has been cut.
    let _ = account.hold(Part::Request, 0);
    dressed(busy(), &settings.headers)
}

fn busy() -> Response<Full<Bytes>> {
    let mut refusal = bare(StatusCode::SERVICE_UNAVAILABLE, messages::BUSY);
    refusal.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("5"));
    refusal.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    refusal
}

impl Role {
    async fn answer(&self, request: Request<Incoming>, slot: &Arc<Slot>, settings: &Settings) -> Response<Full<Bytes>> {
        let headers = &settings.headers;
        if matches!(self, Self::Console(..) | Self::ToHttps(_))
            && let Some(answer) = challenge::answer(&request, settings.challenges.as_ref())
        {
            return dressed(answer, headers);
        }
        match self {
            Self::Console(ends, handshake, service) => match peer(*ends, *handshake, &request, slot, service) {
                Some(peer) => answer(request, peer, slot, service).await,
                None => dressed(busy(), headers),
            },
            Self::ProxiesOnly => dressed(bare(StatusCode::FORBIDDEN, messages::PROXIES_ONLY), headers),
            Self::Hint(port) => dressed(redirect::hint(&request, *port), headers),
            Self::ToHttps(port) => dressed(redirect::to_https(&request, *port), headers),
        }
    }
}

/// Whom a request comes from; none where a proxy speaks for a visitor who has their share of connections already.
fn peer<B>(
    ends: Ends,
    handshake: Option<Handshake>,
    request: &Request<B>,
    slot: &Slot,
    service: &Service,
) -> Option<Peer> {
    let remote = ends.remote.ip();
    let proxies = service.settings.proxies.as_ref().filter(|_| ends.is_proxy);
    // At the port for everybody, a proxy is known by saying whom it speaks for: its own device may be a visitor, too.
    let Some(proxies) = proxies.filter(|proxies| handshake.is_none() || proxies.speaks(request.headers())) else {
        let remote = remote.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
        return Some(Peer { remote, local: ends.local, handshake, proxied: false });
    };
    let visitor = proxies.visitor(remote, request.headers());
    slot.speaks_for(visitor).then_some(Peer { remote: visitor, local: None, handshake: None, proxied: true })
}

async fn answer(request: Request<Incoming>, peer: Peer, slot: &Arc<Slot>, service: &Service) -> Response<Full<Bytes>> {
    let answered = match catch_unwind(AssertUnwindSafe(|| {
        Arc::clone(&service.handler).handle(request, peer, slot.account.clone())
    })) {
        Ok(work) => worked(work, slot).await,
        Err(_panic) => None,
    };
    let mut response = answered.unwrap_or_else(|| {
        tracing::error!(remote = %peer.remote, "the handler of an HTTP request failed");
        let sorry = bare(StatusCode::INTERNAL_SERVER_ERROR, messages::INTERNAL_ERROR);
        dressed(sorry, &service.settings.headers)
    });
    // Greeted with an identity that is no longer shown: the browser comes back by a new handshake.
    if peer.handshake.is_some_and(|handshake| handshake.identity != service.identity.number()) {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// The handler's work to its end; none where it panics.
async fn worked(mut work: Answering, slot: &Arc<Slot>) -> Option<Response<Full<Bytes>>> {
    // What needs no wait is handled here.
    let begun = poll_fn(|cx| Poll::Ready(catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(cx))))).await;
    match begun {
        Ok(Poll::Ready(answer)) => Some(answer),
        // Anything else goes on in a task of its own. It holds the slot, so that requests whose clients have gone still count.
        Ok(Poll::Pending) => {
            let held = Arc::clone(slot);
            let task = tokio::spawn(async move {
                let answer = work.await;
                drop(held);
                answer
            });
            task.await.ok()
        }
        Err(_panic) => None,
    }
}
