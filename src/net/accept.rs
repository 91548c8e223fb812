//! The accept loop: one connection, then a slot for it, then the next one, for all listeners, until told to stop.
//!
//! It holds one connection at most that has no slot; the kernel holds the rest. No error of `accept` ends it. It hands each connection to its own task and knows nothing of what happens there.

use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use rustix::io::Errno;
use socket2::SockRef;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};

use super::bounds::Bounds;
use super::connection::{self, Service};
use super::handler::{Handler, Settings};
use super::listener::{Bound, ListenError, Listeners};
use super::notify;
use super::tls::IdentityHandle;

/// How long to leave a kernel alone that has no memory or no file descriptor left.
const PAUSE: Duration = Duration::from_millis(100);

/// What the kernel may hold of what a visitor sends and we have not read, and of what we sent and they have not; it takes twice
/// that for its own bookkeeping (socket(7)).
const RECEIVED: usize = 64 * 1024;
const SENT: usize = 32 * 1024;

/// The least time between two warnings of one kind that visitors can bring about.
const WARN_EVERY: Duration = Duration::from_secs(60);

/// Serves until `shutdown` ends, then lets requests in progress finish within [`Deadlines::drain`].
///
/// Tells systemd that the console is ready just before the first accept, that it is alive while the loop goes round,
/// and that it stops. Must run in a tokio runtime with I/O and time.
///
/// # Errors
/// A listener that the event loop cannot take; later errors are logged and lived with.
///
/// [`Deadlines::drain`]: super::Deadlines::drain
pub async fn serve(
    listeners: Listeners,
    identity: IdentityHandle,
    handler: Arc<dyn Handler>,
    settings: Settings,
    shutdown: impl Future<Output = ()>,
) -> Result<(), ListenError> {
    let sockets = Sockets::open(listeners)?;
    let bounds = Bounds::new(settings.limits.within_open_files(), settings.memory.clone());
    let service = Arc::new(Service { identity, handler, settings, https_port: sockets.https_port });
    let mut connections = JoinSet::new();

    accept_until(shutdown, sockets, &bounds, &service, &mut connections).await;

    notify::stopping();
    bounds.finish_all();
    if timeout(service.settings.deadlines.drain, bounds.all_gone()).await.is_err() {
        tracing::warn!("some requests did not finish in time and were cut off");
    }
    connections.shutdown().await;
    Ok(())
}

async fn accept_until(
    shutdown: impl Future<Output = ()>,
    sockets: Sockets,
    bounds: &Arc<Bounds>,
    service: &Arc<Service>,
    connections: &mut JoinSet<()>,
) {
    let mut shutdown = pin!(shutdown);
    let watched = notify::watchdog_interval();
    let mut heartbeat = interval(watched.unwrap_or(WARN_EVERY));
    heartbeat.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut warned = None;
    let mut next = pin!(sockets.admit(bounds, None));
    notify::ready();
    loop {
        tokio::select! {
            () = &mut shutdown => return,
            _ = heartbeat.tick(), if watched.is_some() => notify::alive(),
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            accepted = &mut next => {
                let pause = match accepted {
                    Ok((arrival, permit)) => {
                        begin(arrival, permit, bounds, service, connections);
                        None
                    }
                    Err(error) => {
                        let pause = pause_after(&error);
                        if pause.is_some() {
                            // By the end of the pause its file is free.
                            bounds.give_one_up();
                            warn_now_and_then(&mut warned, &error);
                        }
                        tracing::debug!(%error, "accept");
                        pause
                    }
                };
                next.set(sockets.admit(bounds, pause));
            }
        }
    }
}

fn begin(
    arrival: Arrival,
    permit: OwnedSemaphorePermit,
    bounds: &Arc<Bounds>,
    service: &Arc<Service>,
    connections: &mut JoinSet<()>,
) {
    let Arrival { stream, remote, redirect } = arrival;
    let Ok(local) = stream.local_addr() else { return };
    let (remote, local) = (canonical(remote), canonical(local));
    let Some(slot) = bounds.slot(permit, remote.ip()) else {
        tracing::debug!(%remote, "refused: this source has its share of connections");
        return;
    };
    // Answers are written whole; waiting to fill a segment only delays them. A socket without the option works, too.
    let _ = stream.set_nodelay(true);
    bound_kernel_buffers(&stream);
    let service = Arc::clone(service);
    connections.spawn(async move {
        let outcome = if redirect {
            connection::redirect(stream, &slot, &service).await
        } else {
            connection::console(stream, (remote, local), &slot, &service).await
        };
        if let Err(end) = outcome {
            tracing::debug!(%remote, %end, "connection ended");
        }
    });
}

/// The kernel's own buffers would grow to several MiB for a connection that is not read. Without the option it works, too.
fn bound_kernel_buffers(stream: &TcpStream) {
    let socket = SockRef::from(stream);
    let _ = socket.set_recv_buffer_size(RECEIVED);
    let _ = socket.set_send_buffer_size(SENT);
}

struct Sockets {
    sockets: Vec<(TcpListener, bool)>,
    https_port: u16,
}

struct Arrival {
    stream: TcpStream,
    remote: SocketAddr,
    redirect: bool,
}

impl Sockets {
    fn open(listeners: Listeners) -> Result<Self, ListenError> {
        let https_port = listeners.console.first().ok_or(ListenError::Nothing)?.address.port();
        let open = |Bound { socket, address }, redirect| {
            TcpListener::from_std(socket)
                .map(|socket| (socket, redirect))
                .map_err(|source| ListenError::Socket { address, source })
        };
        let console = listeners.console.into_iter().map(|bound| open(bound, false));
        let redirect = listeners.redirect.into_iter().map(|bound| open(bound, true));
        Ok(Self { sockets: console.chain(redirect).collect::<Result<_, _>>()?, https_port })
    }

    /// Waits for whoever comes first at any socket, then for a slot: nobody is sent away before somebody needs the place.
    async fn admit(&self, bounds: &Bounds, pause: Option<Duration>) -> io::Result<(Arrival, OwnedSemaphorePermit)> {
        if let Some(pause) = pause {
            sleep(pause).await;
        }
        let arrival = poll_fn(|cx| {
            for (socket, redirect) in &self.sockets {
                if let Poll::Ready(accepted) = socket.poll_accept(cx) {
                    return Poll::Ready(accepted.map(|(stream, remote)| Arrival {
                        stream,
                        remote,
                        redirect: *redirect,
                    }));
                }
            }
            Poll::Pending
        });
        let arrival = arrival.await?;
        Ok((arrival, bounds.room().await))
    }
}

/// A kernel out of something needs a moment; any other error is one visitor's, who is gone already (accept(2)).
fn pause_after(error: &io::Error) -> Option<Duration> {
    let exhausted = [Errno::MFILE, Errno::NFILE, Errno::NOBUFS, Errno::NOMEM];
    exhausted.iter().any(|errno| error.raw_os_error() == Some(errno.raw_os_error())).then_some(PAUSE)
}

fn warn_now_and_then(warned: &mut Option<Instant>, error: &io::Error) {
    if warned.is_none_or(|at| at.elapsed() >= WARN_EVERY) {
        *warned = Some(Instant::now());
        tracing::warn!(%error, "connections wait: the system has no room for more; raise LimitNOFILE or free memory");
    }
}

fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_exhausted_kernel_is_left_alone_for_a_moment() {
        for (errno, waits) in [
            (Errno::MFILE, true),
            (Errno::NFILE, true),
            (Errno::NOBUFS, true),
            (Errno::NOMEM, true),
            (Errno::CONNABORTED, false),
            (Errno::PROTO, false),
            (Errno::PERM, false),
            (Errno::NETDOWN, false),
        ] {
            assert_eq!(pause_after(&io::Error::from(errno)).is_some(), waits, "{errno:?}");
        }
    }
}
