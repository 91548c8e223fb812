//! One connection, from its first byte to its last: TLS or a hint, then requests one after the other.
//!
//! A request that has to wait for anything is answered in a task of its own, so that a closed tab cancels nothing; a panic is a
//! 500. The room knows no route; deadlines are kept by `phase`.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::{Body, Incoming};
use hyper::header::{CACHE_CONTROL, CONNECTION, CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use rustls::HandshakeKind;
use tokio::io::{AsyncBufRead, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};
use tokio_rustls::TlsAcceptor;

use tokio_rustls::server::TlsStream;

use super::bounds::Seat;
use super::phase::{Cut, Phase};
use super::stream::{OverTcp, Watched};
use super::tls::{Handshake, IdentityHandle};
use super::{Handler, Peer, Settings, redirect};

/// The first byte of a TLS connection: a record of type handshake (RFC 8446, 5.1).
const TLS_HANDSHAKE: u8 = 22;

/// How long a connection keeps what it needs for a request after an answer: a browser asks for the style sheet at once.
const REST: Duration = Duration::from_millis(250);

/// What all connections of a server share.
pub(super) struct Service<H> {
    pub(super) identity: IdentityHandle,
    pub(super) handler: Arc<H>,
    pub(super) settings: Settings,
    pub(super) https_port: u16,
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
}

/// Serves a connection to the console's own port, between the ends `remote` and `local`.
pub(super) async fn console<H: Handler>(
    stream: TcpStream,
    (remote, local): (SocketAddr, SocketAddr),
    seat: &Arc<Seat>,
    service: &Arc<Service<H>>,
) -> Result<(), End> {
    let deadlines = &service.settings.deadlines;
    let life = &seat.life;
    match life.watch(deadlines, first_byte(&stream)).await?.map_err(End::FirstByte)? {
        Some(TLS_HANDSHAKE) => {}
        Some(letter) if letter.is_ascii_alphabetic() => {
            let port = local.port();
            return plain(stream, seat, &service.settings, move |request| redirect::hint(request, port)).await;
        }
        Some(byte) => return Err(End::Foreign(byte)),
        None => return Ok(()),
    }
    let shown = service.identity.shown();
    let handshake = TlsAcceptor::from(shown.config()).accept(stream);
    let mut tls = Box::new(life.watch(deadlines, handshake).await?.map_err(End::Tls)?);
    life.enter(Phase::Idle);
    let resumed = tls.get_ref().1.handshake_kind() == Some(HandshakeKind::Resumed);
    let peer = Peer { remote, local, handshake: Handshake { identity: shown.number(), resumed } };
    drop(shown);

    let answer = |request| answer(request, peer, Arc::clone(seat), Arc::clone(service));
    let mut early = Bytes::new();
    loop {
        if early.is_empty() && !speaks(&mut tls, seat, &service.settings).await? {
            return Ok(());
        }
        match exchange(tls, early, seat, &service.settings, true, answer).await? {
            Some(rest) => (tls, early) = rest,
            None => return Ok(()),
        }
    }
}

/// Waits for the first byte of a request; false when the client closed instead.
async fn speaks(tls: &mut TlsStream<TcpStream>, seat: &Seat, settings: &Settings) -> Result<bool, End> {
    let (life, deadlines) = (&seat.life, &settings.deadlines);
    let first = poll_fn(|cx| Pin::new(&mut *tls).poll_fill_buf(cx).map_ok(|bytes| !bytes.is_empty()));
    match life.watch(deadlines, first).await {
        Ok(spoken) => spoken.map_err(End::Tls),
        Err(cut) => {
            life.give_up();
            let _ = life.watch(deadlines, tls.shutdown()).await;
            Err(cut.into())
        }
    }
}

/// Serves a connection to a port that only redirects.
pub(super) async fn redirect<H: Handler>(
    stream: TcpStream,
    seat: &Arc<Seat>,
    service: &Arc<Service<H>>,
) -> Result<(), End> {
    let port = service.https_port;
    plain(stream, seat, &service.settings, move |request| redirect::to_https(request, port)).await
}

/// One request in plain HTTP, one answer, and the end.
async fn plain(
    stream: TcpStream,
    seat: &Arc<Seat>,
    settings: &Settings,
    respond: impl Fn(&Request<Incoming>) -> Response<Full<Bytes>>,
) -> Result<(), End> {
    // There is no wait between requests here: the whole request is one head.
    seat.life.enter(Phase::Head);
    exchange(Box::new(stream), Bytes::new(), seat, settings, false, |request| {
        seat.life.enter(Phase::Answered);
        std::future::ready(respond(&request))
    })
    .await
    .map(|_| ())
}

/// Answers requests until the connection ends (`None`) or rests for [`REST`]: then the stream is given back, with what was read
/// too much, and hyper with its buffers (11 KiB, half of an idle connection) is gone until the client speaks again.
async fn exchange<S, R>(
    stream: Box<S>,
    early: Bytes,
    seat: &Arc<Seat>,
    settings: &Settings,
    keep_alive: bool,
    respond: impl Fn(Request<Incoming>) -> R,
) -> Result<Option<(Box<S>, Bytes)>, End>
where
    S: OverTcp,
    R: Future<Output = Response<Full<Bytes>>>,
{
    let life = &seat.life;
    // A body that its handler left unread is hyper's to drain: such a connection is not taken from it.
    let whole = AtomicBool::new(true);
    let requests = service_fn(|request: Request<Incoming>| {
        whole.store(request.body().is_end_stream(), Relaxed);
        life.enter(Phase::Exchange);
        let response = respond(request);
        async move { Ok::<_, Infallible>(response.await) }
    });
    // hyper's own bound of 100 headers stays; its timer is off, since one clock cannot tell waiting from a slow head.
    let mut connection = http1::Builder::new()
        .header_read_timeout(None)
        .keep_alive(keep_alive)
        .max_header_size(settings.limits.head)
        .max_buf_size(settings.limits.head)
        .serve_connection(TokioIo::new(Watched::new(stream, early, Arc::clone(life))), requests);
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

async fn answer<H: Handler>(
    request: Request<Incoming>,
    peer: Peer,
    seat: Arc<Seat>,
    service: Arc<Service<H>>,
) -> Response<Full<Bytes>> {
    let handler = Arc::clone(&service.handler);
    let mut work = Box::pin(async move { handler.handle(request, peer).await });
    // What needs no wait is answered here.
    let begun = poll_fn(|cx| Poll::Ready(catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(cx))))).await;
    let answered = match begun {
        Ok(Poll::Ready(response)) => Some(response),
        // Anything else goes on in a task of its own. It holds the seat, so that requests whose clients have gone still count.
        Ok(Poll::Pending) => {
            let held = Arc::clone(&seat);
            let task = tokio::spawn(async move {
                let response = work.await;
                drop(held);
                response
            });
            task.await.ok()
        }
        Err(_panic) => None,
    };
    let mut response = answered.unwrap_or_else(|| {
        tracing::error!(remote = %peer.remote, "a request's handler did not come back");
        bare(StatusCode::INTERNAL_SERVER_ERROR, "The console made a mistake; its log says more.\n")
    });
    // Greeted with an identity that is no longer shown: the browser comes back by a new handshake.
    if service.identity.number() != peer.handshake.identity {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    seat.life.enter(Phase::Answered);
    response
}

/// A response without a page, for when there is none to ask for one.
pub(super) fn bare(status: StatusCode, text: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(text.into()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn first_byte(stream: &TcpStream) -> io::Result<Option<u8>> {
    let mut byte = [0];
    let count = stream.peek(&mut byte).await?;
    Ok((count > 0).then_some(byte).map(|[byte]| byte))
}
