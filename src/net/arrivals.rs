//! The listening sockets in an event loop, and what comes in by them: one connection after the other, not started yet.
//!
//! It neither chooses nor refuses; what an error of `accept` means is `accept`'s to say.

use std::fmt::{self, Display, Formatter};
use std::future::poll_fn;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::net::{TcpListener, UnixListener};
use tokio::time::sleep;

use super::endpoint::Endpoint;
use super::listen_error::ListenError;
use super::listener::{Bound, Listeners, Listening};
use super::socket::Accepted;
use super::source::Source;

/// The port of the console where it has none of its own: a proxy has it.
const HTTPS: u16 = 443;

/// All listeners, of the console and of the redirect.
pub(super) struct Sockets {
    sockets: Vec<(Listener, Spoken)>,
    pub(super) https_port: u16,
}

enum Listener {
    Tcp(TcpListener),
    Unix(UnixListener),
}

/// What is spoken at a listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spoken {
    /// The console, over TLS.
    Https,
    /// The console, to proxies.
    Http,
    /// The way to the console.
    Redirect,
}

/// A connection that was accepted, in no event loop yet.
pub(super) struct Arrival {
    pub(super) stream: Accepted,
    pub(super) remote: Remote,
    pub(super) spoken: Spoken,
}

/// The far end of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Remote {
    Tcp(SocketAddr),
    /// Whoever may connect to the Unix socket; it has no address.
    Unix,
}

impl Remote {
    /// The address; IPv4 that came in by a dual-stack socket is shown as IPv4.
    pub(super) fn ip(self) -> Option<IpAddr> {
        match self {
            Self::Tcp(address) => Some(address.ip().to_canonical()),
            Self::Unix => None,
        }
    }

    pub(super) fn source(self) -> Source {
        self.ip().map_or(Source::UNIX, Source::of)
    }
}

impl Display for Remote {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => write!(f, "{}", SocketAddr::new(address.ip().to_canonical(), address.port())),
            Self::Unix => f.write_str("unix"),
        }
    }
}

impl Sockets {
    /// Takes the listeners into the event loop of the runtime that it is called in.
    pub(super) fn open(listeners: Listeners) -> Result<Self, ListenError> {
        let https_port = match listeners.addresses().first() {
            Some(address) => address.port(),
            None if listeners.console.is_empty() => return Err(ListenError::Nothing),
            None => HTTPS,
        };
        let console = listeners.console.into_iter().map(|listening| match listening {
            Listening::Https(bound) => tcp(bound, Spoken::Https),
            Listening::Http(bound) => tcp(bound, Spoken::Http),
            Listening::Unix(socket, path) => {
                let socket =
                    UnixListener::from_std(socket).map_err(|source| ListenError::UnixSocket { path, source })?;
                Ok((Listener::Unix(socket), Spoken::Http))
            }
        });
        let redirect = listeners.redirect.into_iter().map(|bound| tcp(bound, Spoken::Redirect));
        Ok(Self { sockets: console.chain(redirect).collect::<Result<_, _>>()?, https_port })
    }

    /// Waits for whoever comes first at any socket, after a pause where there is one.
    pub(super) async fn accept(&self, pause: Option<Duration>) -> io::Result<Arrival> {
        if let Some(pause) = pause {
            sleep(pause).await;
        }
        poll_fn(|cx| {
            for (listener, spoken) in &self.sockets {
                if let Poll::Ready(accepted) = listener.poll_accept(cx) {
                    let (stream, remote) = accepted?;
                    return Poll::Ready(Ok(Arrival { stream, remote, spoken: *spoken }));
                }
            }
            Poll::Pending
        })
        .await
    }
}

impl Listener {
    fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<io::Result<(Accepted, Remote)>> {
        Poll::Ready(Ok(match self {
            Self::Tcp(listener) => {
                let (stream, remote) = ready!(listener.poll_accept(cx))?;
                (Accepted::Tcp(stream.into_std()?), Remote::Tcp(remote))
            }
            Self::Unix(listener) => {
                let (stream, _) = ready!(listener.poll_accept(cx))?;
                (Accepted::Unix(stream.into_std()?), Remote::Unix)
            }
        }))
    }
}

fn tcp(Bound { socket, address }: Bound, spoken: Spoken) -> Result<(Listener, Spoken), ListenError> {
    let failed = |source| ListenError::Socket { address: Endpoint::Https(address), source };
    let listener = TcpListener::from_std(socket).map_err(failed)?;
    Ok((Listener::Tcp(listener), spoken))
}
