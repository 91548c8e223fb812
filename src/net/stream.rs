//! A byte stream that tells its connection's life what happens on it, and that closes without a reset.
//!
//! It sits between hyper and TLS (or TCP), so that only the bytes of requests count, not TLS records. It parses nothing.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use tokio::io::{AsyncBufRead, AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

use super::phase::{Life, Phase};

/// A stream over a TCP connection. Always behind a pointer: hyper is compiled once for all of them.
pub(super) trait OverTcp: AsyncRead + AsyncWrite + Unpin + Send {
    fn tcp(&mut self) -> &mut TcpStream;

    /// Waits for a byte, which stays to be read; false at the end.
    fn poll_speaks(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>>;
}

impl OverTcp for TcpStream {
    fn tcp(&mut self) -> &mut TcpStream {
        self
    }

    fn poll_speaks(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        self.poll_peek(cx, &mut ReadBuf::new(&mut [0])).map_ok(|count| count > 0)
    }
}

impl OverTcp for TlsStream<TcpStream> {
    fn tcp(&mut self) -> &mut TcpStream {
        self.get_mut().0
    }

    fn poll_speaks(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        Pin::new(self).poll_fill_buf(cx).map_ok(|bytes| !bytes.is_empty())
    }
}

/// A stream whose bytes move its connection from phase to phase.
pub(super) struct Watched {
    inner: Box<dyn OverTcp>,
    early: Bytes,
    life: Arc<Life>,
    shut: bool,
}

impl Watched {
    /// Reads `early` first: bytes that were read from `inner` before.
    pub(super) fn new(inner: Box<dyn OverTcp>, early: Bytes, life: Arc<Life>) -> Self {
        Self { inner, early, life, shut: false }
    }

    /// The stream itself, when what was early has been read.
    pub(super) fn into_inner(self) -> Box<dyn OverTcp> {
        self.inner
    }
}

impl AsyncRead for Watched {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.life.phase() == Phase::Closing {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        let before = buf.filled().len();
        if this.early.is_empty() {
            ready!(Pin::new(&mut *this.inner).poll_read(cx, buf))?;
        } else {
            buf.put_slice(&this.early.split_to(this.early.len().min(buf.remaining())));
        }
        if buf.filled().len() > before {
            this.life.step(Phase::Idle, Phase::Head);
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
        this.life.step(Phase::Answered, Phase::Idle);
        Poll::Ready(Ok(()))
    }

    /// Closes our half, then reads and drops what still comes: closing a socket with unread bytes sends a reset, and a
    /// reset makes the client throw away an answer such as 413 or 431 that it has not read yet.
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
            ready!(Pin::new(this.inner.tcp()).poll_read(cx, &mut dropped))?;
            if dropped.filled().is_empty() {
                break;
            }
        }
        Poll::Ready(Ok(()))
    }
}
