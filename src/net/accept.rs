//! The accept loop: accepts connections from all listeners until asked to stop, and starts each as soon as there is room for it.
//!
//! Those that wait for room take turns by their sources. The kernel's queue is first come, first served, and who finds it full
//! tries again after a second: it is emptied at once, so that a crowd fills it for nobody else. No error of `accept` ends the
//! loop. It hands each connection to its own task and knows nothing of what happens there.

use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::thread;
use std::time::Duration;

use rustix::io::Errno;
use tokio::runtime::{self, Handle};
use tokio::sync::{OwnedSemaphorePermit, oneshot};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

use super::arrivals::{Arrival, Remote, Sockets, Spoken};
use super::bounds::{Bounds, WAITING};
use super::connection::{self, Ends, Service};
use super::handler::{Handler, Settings};
use super::listen_error::ListenError;
use super::listener::Listeners;
use super::notify;
use super::socket::Accepted;
use super::source::FairQueue;
use super::tls::IdentityHandle;

/// How long to leave a kernel alone that has no memory or no file descriptor left.
const PAUSE: Duration = Duration::from_millis(100);

/// The least time between two warnings of one kind that visitors can bring about.
const WARN_EVERY: Duration = Duration::from_secs(60);

/// Serves until `shutdown` ends, then lets requests in progress finish within [`Deadlines::drain`].
///
/// Tells systemd that the console is ready just before the first accept, that it is alive while the loop goes round,
/// and that it stops. Must run in a tokio runtime with I/O and time.
///
/// Connections are accepted on a thread and by an event loop of their own: the workers look for new ones only between tasks, and
/// a crowd keeps them busy.
///
/// # Errors
/// A listener that the event loop cannot use, or no thread for it; later errors are logged and nothing more.
///
/// [`Deadlines::drain`]: super::Deadlines::drain
pub async fn serve(
    listeners: Listeners,
    identity: IdentityHandle,
    handler: Arc<dyn Handler>,
    settings: Settings,
    shutdown: impl Future<Output = ()>,
) -> Result<(), ListenError> {
    let accepting = runtime::Builder::new_current_thread().enable_all().build().map_err(ListenError::Thread)?;
    let sockets = {
        let _within = accepting.enter();
        Sockets::open(listeners)?
    };
    let bounds = Bounds::new(settings.limits.within_open_files(), settings.memory.clone());
    let service = Arc::new(Service { identity, handler, settings, https_port: sockets.https_port });
    let (stop, stopped) = oneshot::channel::<()>();
    let (done, mut ended) = oneshot::channel();
    let begins = Begins {
        bounds: Arc::clone(&bounds),
        service: Arc::clone(&service),
        workers: Handle::current(),
        connections: JoinSet::new(),
    };
    let accepts = move || {
        let connections = accepting.block_on(accept_until(stopped, sockets, begins));
        // Nobody waits for it where the server was dropped.
        let _ = done.send(connections);
    };
    thread::Builder::new().name("accept".to_owned()).spawn(accepts).map_err(ListenError::Thread)?;

    tokio::select! {
        () = shutdown => drop(stop),
        _ = &mut ended => return Err(ListenError::Thread(io::Error::other("their thread has stopped"))),
    }
    let mut connections = ended.await.unwrap_or_default();
    notify::stopping();
    bounds.finish_all();
    if timeout(service.settings.deadlines.drain, bounds.all_gone()).await.is_err() {
        tracing::warn!("some requests did not finish in time and were cut off");
    }
    connections.shutdown().await;
    Ok(())
}

/// Accepts until `stopped` says so, or nobody can say it any more; the connections that were started.
async fn accept_until(mut stopped: oneshot::Receiver<()>, sockets: Sockets, mut begins: Begins) -> JoinSet<()> {
    let bounds = Arc::clone(&begins.bounds);
    let watched = notify::watchdog_interval();
    let mut heartbeat = interval(watched.unwrap_or(WARN_EVERY));
    heartbeat.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut warned = None;
    let mut waiting = FairQueue::default();
    let mut next = pin!(sockets.accept(None));
    // Of whoever's turn it is.
    let mut room: Option<Pin<Box<dyn Future<Output = OwnedSemaphorePermit> + Send + '_>>> = None;
    notify::ready();
    loop {
        if room.is_none() {
            room = waiting.next().map(|source| Box::pin(bounds.room(source)) as _);
        }
        let has_room = poll_fn(|cx| room.as_mut().map_or(Poll::Pending, |room| room.as_mut().poll(cx)));
        tokio::select! {
            // Room comes before the next connection, so that none is refused while there is some.
            biased;
            _ = &mut stopped => return begins.connections,
            _ = heartbeat.tick(), if watched.is_some() => notify::alive(),
            Some(_) = begins.connections.join_next(), if !begins.connections.is_empty() => {}
            permit = has_room => {
                room = None;
                if let Some(arrival) = waiting.pop() {
                    begins.begin(arrival, permit);
                }
            }
            accepted = &mut next => {
                let pause = match accepted {
                    Ok(arrival) => {
                        let source = arrival.remote.source();
                        // Whose source holds little does not wait behind a crowd.
                        let first = waiting.is_empty() || bounds.holds_little(source);
                        match first.then(|| bounds.room_now(source)).flatten() {
                            Some(permit) => begins.begin(arrival, permit),
                            None => waiting.push(source, arrival),
                        }
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
                if waiting.len() > WAITING && let Some(Arrival { remote, .. }) = waiting.pop_of_most() {
                    tracing::debug!(%remote, "refused: too many of this source wait for room");
                }
                next.set(sockets.accept(pause));
            }
        }
    }
}

/// What is needed to start a connection.
struct Begins {
    bounds: Arc<Bounds>,
    service: Arc<Service>,
    workers: Handle,
    connections: JoinSet<()>,
}

impl Begins {
    fn begin(&mut self, arrival: Arrival, permit: OwnedSemaphorePermit) {
        let Arrival { stream, remote, spoken } = arrival;
        let local = match &stream {
            Accepted::Tcp(stream) => match stream.local_addr() {
                Ok(local) => Some(SocketAddr::new(local.ip().to_canonical(), local.port())),
                Err(_) => return,
            },
            Accepted::Unix(_) => None,
        };
        let proxies = self.service.settings.proxies.as_ref();
        let is_proxy = proxies.is_some_and(|proxies| proxies.trusts(remote.ip()));
        let Some(slot) = self.bounds.slot(permit, remote.source(), is_proxy || is_loopback(remote)) else {
            tracing::debug!(%remote, "refused: this source has its share of connections");
            return;
        };
        let service = Arc::clone(&self.service);
        let serves = async move {
            // Its events are the workers' own from here on.
            let Ok(stream) = stream.open() else { return };
            let outcome = match spoken {
                Spoken::Redirect => connection::redirect(stream, &slot, &service).await,
                Spoken::Http => connection::proxied(stream, Ends { remote, local, is_proxy }, &slot, &service).await,
                Spoken::Https => connection::console(stream, Ends { remote, local, is_proxy }, &slot, &service).await,
            };
            if let Err(end) = outcome {
                tracing::debug!(%remote, %end, "connection ended");
            }
        };
        self.connections.spawn_on(serves, &self.workers);
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

fn is_loopback(remote: Remote) -> bool {
    remote.ip().is_some_and(|address| address.is_loopback())
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
