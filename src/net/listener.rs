//! Listening sockets, TCP and Unix: bound here, or handed over by systemd.
//!
//! Sockets are bound before anything is served, so that port 0 has its number and a refusal is reported at once. The module
//! neither accepts nor needs a runtime.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::os::unix::net::UnixListener;
use std::path::PathBuf;

use super::endpoint::{BACKLOG, Endpoint};
use super::listen_error::ListenError;
use listenfd::ListenFd;
use rustix::io::Errno;
use socket2::{Domain, Protocol, Socket, Type};

use super::{inherited, unix_socket};

/// The `FileDescriptorName=` of a handed-over socket that redirects plain HTTP; every other TCP socket speaks TLS.
const REDIRECT_NAME: &str = "redirect";

/// Sockets that listen already.
#[derive(Debug)]
pub struct Listeners {
    pub(super) console: Vec<Listening>,
    pub(super) redirect: Vec<Bound>,
}

/// A socket of the console's own, and where it is.
#[derive(Debug)]
pub(super) enum Listening {
    Https(Bound),
    Http(Bound),
    Unix(UnixListener, PathBuf),
}

#[derive(Debug)]
pub(super) struct Bound {
    pub(super) socket: TcpListener,
    pub(super) address: SocketAddr,
}

impl Listeners {
    /// Binds `console` and, for plain HTTP that is redirected, `redirect`. `[::]` includes IPv4 unless `0.0.0.0` with the same
    /// port is in the same list; on a kernel without IPv6 it becomes `0.0.0.0`.
    ///
    /// # Errors
    /// The first address that cannot be bound, with the reason.
    pub fn bind(console: &[Endpoint], redirect: &[SocketAddr]) -> Result<Self, ListenError> {
        if console.is_empty() {
            return Err(ListenError::Nothing);
        }
        let all: Vec<SocketAddr> = console.iter().filter_map(Endpoint::address).collect();
        let listening = console.iter().map(|endpoint| match endpoint {
            Endpoint::Https(address) => bind_or_fall_back(*address, &all).map(Listening::Https),
            Endpoint::Http(address) => bind_or_fall_back(*address, &all).map(Listening::Http),
            Endpoint::Unix(path) => match unix_socket::bind(path) {
                Ok(socket) => Ok(Listening::Unix(socket, path.clone())),
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                    Err(ListenError::InUse { address: endpoint.clone() })
                }
                Err(source) => Err(ListenError::UnixSocket { path: path.clone(), source }),
            },
        });
        let redirect = redirect.iter().map(|&address| bind_or_fall_back(address, redirect));
        Ok(Self { console: listening.collect::<Result<_, _>>()?, redirect: redirect.collect::<Result<_, _>>()? })
    }

    /// The sockets that systemd handed over (`LISTEN_FDS`); `None` when there are none. One named `redirect` redirects; a Unix
    /// socket is for proxies.
    ///
    /// To be called once, before the process has a second thread: it takes the variables out of the environment.
    ///
    /// # Errors
    /// A socket that is neither a TCP nor a Unix stream socket, or none for the console itself.
    pub fn handed_over() -> Result<Option<Self>, ListenError> {
        let names = std::env::var("LISTEN_FDNAMES").unwrap_or_default();
        let mut sockets = ListenFd::from_env();
        if sockets.len() == 0 {
            return Ok(None);
        }
        let mut listeners = Self { console: Vec::new(), redirect: Vec::new() };
        for number in 0..sockets.len() {
            let failed = |source| ListenError::HandedOver { number, source };
            // What is no TCP socket stays where it is.
            let tcp = sockets.take_tcp_listener(number);
            if tcp.is_err()
                && let Some(socket) = sockets.take_unix_listener(number).map_err(failed)?
            {
                socket.set_nonblocking(true).map_err(failed)?;
                inherited::set_buffers(&socket);
                let path = socket.local_addr().map_err(failed)?.as_pathname().map(PathBuf::from).unwrap_or_default();
                listeners.console.push(Listening::Unix(socket, path));
                continue;
            }
            let Some(socket) = tcp.map_err(failed)? else { continue };
            socket.set_nonblocking(true).map_err(failed)?;
            inherited::set_tcp(&socket);
            let bound = Bound { address: socket.local_addr().map_err(failed)?, socket };
            match names.split(':').nth(number) {
                Some(REDIRECT_NAME) => listeners.redirect.push(bound),
                _ => listeners.console.push(Listening::Https(bound)),
            }
        }
        if listeners.console.is_empty() { Err(ListenError::Nothing) } else { Ok(Some(listeners)) }
    }

    /// Where the console listens for everybody, with real port numbers.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        let https = |listening: &Listening| match listening {
            Listening::Https(bound) => Some(bound.address),
            Listening::Http(_) | Listening::Unix(..) => None,
        };
        self.console.iter().filter_map(https).collect()
    }

    /// Where it listens for proxies alone, with real port numbers.
    pub fn for_proxies(&self) -> Vec<Endpoint> {
        let plain = |listening: &Listening| match listening {
            Listening::Https(_) => None,
            Listening::Http(bound) => Some(Endpoint::Http(bound.address)),
            Listening::Unix(_, path) => Some(Endpoint::Unix(path.clone())),
        };
        self.console.iter().filter_map(plain).collect()
    }

    /// Where plain HTTP is redirected, with real port numbers.
    pub fn redirect_addresses(&self) -> Vec<SocketAddr> {
        self.redirect.iter().map(|bound| bound.address).collect()
    }
}

fn bind_or_fall_back(address: SocketAddr, all: &[SocketAddr]) -> Result<Bound, ListenError> {
    let every_v4 = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), address.port());
    let both = address.ip() == IpAddr::V6(Ipv6Addr::UNSPECIFIED) && !all.contains(&every_v4);
    match bind(address, !both) {
        Err(error) if both && no_ipv6(&error) => {
            tracing::warn!(%address, "this kernel has no IPv6; listening on IPv4 alone");
            bind(every_v4, true).map_err(|error| ListenError::of(every_v4, error))
        }
        outcome => outcome.map_err(|error| ListenError::of(address, error)),
    }
}

fn bind(address: SocketAddr, only_v6: bool) -> io::Result<Bound> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() {
        socket.set_only_v6(only_v6)?;
    }
    // A restart need not wait for the connections of the one before to leave TIME_WAIT.
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    inherited::set_tcp(&socket);
    socket.listen(BACKLOG)?;
    let socket = TcpListener::from(socket);
    Ok(Bound { address: socket.local_addr()?, socket })
}

/// `ipv6.disable=1` knows no such socket; the sysctl `disable_ipv6` knows no such address.
fn no_ipv6(error: &io::Error) -> bool {
    [Errno::AFNOSUPPORT, Errno::ADDRNOTAVAIL].iter().any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpStream;

    fn address(text: &str) -> SocketAddr {
        text.parse().expect("an address")
    }

    fn https(text: &str) -> Endpoint {
        Endpoint::Https(address(text))
    }

    #[test]
    fn port_0_has_its_number_before_anything_is_served() {
        let listeners = Listeners::bind(&[https("127.0.0.1:0")], &[address("127.0.0.1:0")]).expect("binds");
        let [console, redirect] = [listeners.addresses()[0], listeners.redirect_addresses()[0]];
        assert!(console.port() != 0 && redirect.port() != 0 && console != redirect);
        TcpStream::connect(console).expect("listens already");
    }

    #[test]
    fn the_first_connection_has_its_options_too() {
        let listeners = Listeners::bind(&[https("127.0.0.1:0")], &[]).expect("binds");
        let _visitor = TcpStream::connect(listeners.addresses()[0]).expect("connects");
        let Some(Listening::Https(bound)) = listeners.console.first() else { panic!("no HTTPS") };
        let (connection, _) = bound.socket.accept().expect("accepts");
        assert!(connection.nodelay().expect("an option"), "answers wait for the acknowledgement of what came before");
    }

    #[test]
    fn the_unspecified_ipv6_address_takes_ipv4_too() {
        let listeners = Listeners::bind(&[https("[::]:0")], &[]).expect("binds, on a kernel without IPv6 as well");
        let port = listeners.addresses()[0].port();
        TcpStream::connect(("127.0.0.1", port)).expect("IPv4 gets in");
    }

    #[test]
    fn each_refusal_names_the_address_and_the_way_out() {
        let first = Listeners::bind(&[https("127.0.0.1:0")], &[]).expect("binds");
        let taken = first.addresses()[0];
        let in_use = Listeners::bind(&[Endpoint::Https(taken)], &[]).expect_err("taken");
        assert!(matches!(&in_use, ListenError::InUse { address } if *address == Endpoint::Https(taken)), "{in_use:?}");
        let not_ours = Listeners::bind(&[https("192.0.2.1:0")], &[]).expect_err("documentation address");
        assert!(matches!(not_ours, ListenError::NotOurs { .. }), "{not_ours:?}");
        for error in [in_use, not_ours] {
            assert!(error.to_string().contains(['1']) && error.fix().ends_with('.'), "{error}");
        }
        assert!(matches!(Listeners::bind(&[], &[taken]), Err(ListenError::Nothing)));
    }
}
