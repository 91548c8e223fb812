//! The listening sockets in an event loop, and what comes in by them: one connection after the other, not started yet.
//!
//! It neither chooses nor refuses; what an error of `accept` means is `accept`'s to say.

use std::future::poll_fn;
use std::io;
use std::net::{SocketAddr, TcpStream};
use std::task::Poll;
use std::time::Duration;

use socket2::SockRef;
use tokio::net::TcpListener;
use tokio::time::sleep;

use super::listen_error::ListenError;
use super::listener::{Bound, Listeners};

/// What the kernel may hold of what a visitor sends and we have not read, and of what we sent and they have not; it takes twice
/// that for its own bookkeeping (socket(7)).
const RECEIVED: usize = 32 * 1024;
const SENT: usize = 32 * 1024;

/// All listeners, of the console and of the redirect.
pub(super) struct Sockets {
    sockets: Vec<(TcpListener, bool)>,
    pub(super) https_port: u16,
}

/// A connection that was accepted, in no event loop yet.
pub(super) struct Arrival {
    pub(super) stream: TcpStream,
    pub(super) remote: SocketAddr,
    pub(super) redirect: bool,
}

impl Sockets {
    /// Takes the listeners into the event loop of the runtime that it is called in.
    pub(super) fn open(listeners: Listeners) -> Result<Self, ListenError> {
        let https_port = listeners.console.first().ok_or(ListenError::Nothing)?.address.port();
        let open = |Bound { socket, address }, redirect| {
            let listener = TcpListener::from_std(socket).map_err(|source| ListenError::Socket { address, source })?;
            set_options(&listener);
            Ok((listener, redirect))
        };
        let console = listeners.console.into_iter().map(|bound| open(bound, false));
        let redirect = listeners.redirect.into_iter().map(|bound| open(bound, true));
        Ok(Self { sockets: console.chain(redirect).collect::<Result<_, _>>()?, https_port })
    }

    /// Waits for whoever comes first at any socket, after a pause where there is one.
    pub(super) async fn accept(&self, pause: Option<Duration>) -> io::Result<Arrival> {
        if let Some(pause) = pause {
            sleep(pause).await;
        }
        poll_fn(|cx| {
            for (socket, redirect) in &self.sockets {
                if let Poll::Ready(accepted) = socket.poll_accept(cx) {
                    let (stream, remote) = accepted?;
                    return Poll::Ready(Ok(Arrival { stream: stream.into_std()?, remote, redirect: *redirect }));
                }
            }
            Poll::Pending
        })
        .await
    }
}

/// What connections inherit from their listener. Without these options they work, too.
fn set_options(listener: &TcpListener) {
    let socket = SockRef::from(listener);
    // Answers are written whole; waiting to fill a segment only delays them.
    let _ = socket.set_tcp_nodelay(true);
    // The kernel's own buffers would grow to several MiB for a connection that is not read, and those of one that was not
    // accepted yet count as well.
    let _ = socket.set_recv_buffer_size(RECEIVED);
    let _ = socket.set_send_buffer_size(SENT);
}
