//! Byte streams that report to their connection's life and account what happens on them, and that close without a reset.
//!
//! [`Wire`] is the socket itself. [`Watched`] sits between hyper and TLS (or the socket), so that only the bytes of requests
//! count there, not TLS records. Neither parses anything.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use tokio::io::{AsyncBufRead, AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::server::TlsStream;

use super::budget::{Account, Part};
use super::phase::{Life, Phase};
use super::socket::Socket;

/// Bytes of a ClientHello that are read. Those of browsers have 2 KiB.
const HELLO: usize = 16 * 1024;
/// Bytes that are read from then to the end of the handshake, with which the first record of a request may come along.
const FINISH: usize = HELLO + 18 * 1024;
/// Bytes of a handshake that are part of what each connection is charged with.
const SMALL: usize = 4 * 1024;
/// Bytes of a request's head for which the buffers of every exchange are enough.
const SMALL_HEAD: usize = 8 * 1024;

/// A socket that counts its bytes: for its life, and against the bound and the charge of a handshake.
pub(super) struct Wire {
    socket: Socket,
    life: Arc<Life>,
    account: Account,
    /// What was read of a handshake, and what may be.
    handshake: Option<(usize, usize)>,
}

impl Wire {
    pub(super) fn new(socket: Socket, life: Arc<Life>, account: Account) -> Self {
        Self { socket, life, account, handshake: None }
    }

    /// A ClientHello is expected.
    pub(super) fn begins_handshake(&mut self) {
        self.handshake = Some((0, HELLO));
    }

    /// The ClientHello has come whole.
    pub(super) fn has_hello(&mut self) {
        self.handshake = Some((0, FINISH));
    }

    /// The handshake is over.
    pub(super) fn has_shaken_hands(&mut self) {
        self.handshake = None;
        self.account.give_back(Part::Exchange);
    }

    fn has_read(&mut self, count: usize) -> io::Result<()> {
        self.life.moved(count);
        let Some((read, most)) = &mut self.handshake else { return Ok(()) };
        *read += count;
        if *read > *most {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the handshake is longer than any browser sends"));
        }
        if *read > SMALL {
            self.account.hold(Part::Exchange, *most).map_err(io::Error::other)?;
        }
        Ok(())
    }
}

impl AsyncRead for Wire {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buf.filled().len();
        ready!(Pin::new(&mut this.socket).poll_read(cx, buf))?;
        Poll::Ready(this.has_read(buf.filled().len() - before))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let count = ready!(Pin::new(&mut this.socket).poll_write(cx, buf))?;
        this.life.moved(count);
        Poll::Ready(Ok(count))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let count = ready!(Pin::new(&mut this.socket).poll_write_vectored(cx, bufs))?;
        this.life.moved(count);
        Poll::Ready(Ok(count))
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().socket).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().socket).poll_shutdown(cx)
    }
}

/// A stream over a socket. Always behind a pointer: hyper is compiled once for all of them.
pub(super) trait OverSocket: AsyncRead + AsyncWrite + Unpin + Send {
    fn socket(&mut self) -> &mut Socket;

    /// Waits for a byte, which stays to be read; false at the end.
    fn poll_speaks(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>>;
}

impl OverSocket for Wire {
    fn socket(&mut self) -> &mut Socket {
        &mut self.socket
    }

    fn poll_speaks(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        self.socket.poll_peek(cx).map_ok(|byte| byte.is_some())
    }
}

impl OverSocket for TlsStream<Wire> {
    fn socket(&mut self) -> &mut Socket {
        self.get_mut().0.socket()
    }

    fn poll_speaks(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        Pin::new(self).poll_fill_buf(cx).map_ok(|bytes| !bytes.is_empty())
    }
}

/// A stream whose bytes move its connection from phase to phase.
pub(super) struct Watched {
    inner: Box<dyn OverSocket>,
    early: Bytes,
    life: Arc<Life>,
    account: Account,
    /// Bytes of the head that is being read.
    head: usize,
    shut: bool,
}

impl Watched {
    /// Reads `early` first: bytes that were read from `inner` before.
    pub(super) fn new(inner: Box<dyn OverSocket>, early: Bytes, life: Arc<Life>, account: Account) -> Self {
        Self { inner, early, life, account, head: 0, shut: false }
    }

    /// The stream itself, when what was early has been read.
    pub(super) fn into_inner(self) -> Box<dyn OverSocket> {
        self.inner
    }
}

impl AsyncRead for Watched {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if matches!(this.life.phase(), Phase::Closing | Phase::Cut) {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        let before = buf.filled().len();
        if this.early.is_empty() {
            ready!(Pin::new(&mut *this.inner).poll_read(cx, buf))?;
        } else {
            buf.put_slice(&this.early.split_to(this.early.len().min(buf.remaining())));
        }
        let count = buf.filled().len() - before;
        if count > 0 {
            this.life.step(Phase::Idle, Phase::Head);
        }
        if this.life.phase() == Phase::Head {
            this.head += count;
            if this.head > SMALL_HEAD {
                // Whatever comes of it, it is no more than the bound on heads, and what was read along with it.
                this.account.take(count).map_err(io::Error::other)?;
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Watched {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.get_mut().inner).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.get_mut().inner).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    /// hyper flushes a response only when all of it was written, so that a flush ends the exchange.
    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(Pin::new(&mut *this.inner).poll_flush(cx))?;
        if this.life.phase() == Phase::Answered {
            this.head = 0;
            this.account.give_back(Part::Request);
            this.life.step(Phase::Answered, Phase::Idle);
        }
        Poll::Ready(Ok(()))
    }

    /// Closes our half, then reads and drops what still comes: closing a socket with unread bytes sends a reset, and a
    /// reset makes the client throw away a response such as 413 or 431 that it has not read yet.
    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if !this.shut {
            ready!(Pin::new(&mut *this.inner).poll_shutdown(cx))?;
            this.shut = true;
            this.life.enter(Phase::Linger);
        }
        let mut scratch = [0; 4096];
        while this.life.phase() == Phase::Linger {
            let mut dropped = ReadBuf::new(&mut scratch);
            ready!(Pin::new(this.inner.socket()).poll_read(cx, &mut dropped))?;
            if dropped.filled().is_empty() {
                break;
            }
        }
        Poll::Ready(Ok(()))
    }
}
