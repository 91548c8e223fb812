//! Why the console cannot listen: one variant a cause. What to do about each is in `messages`.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use super::endpoint::Endpoint;

/// Why there is no listening socket.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// Another program listens there.
    #[error("{address} is already in use")]
    InUse {
        /// What was to be bound.
        address: Endpoint,
    },
    /// The port is below 1024 and the process may not bind it, or a security policy forbids it.
    #[error("listening on {address} is not permitted")]
    NotPermitted {
        /// What was to be bound.
        address: Endpoint,
    },
    /// No interface of this device has the address.
    #[error("{address} is not an address of this device")]
    NotOurs {
        /// What was to be bound.
        address: Endpoint,
    },
    /// Any other refusal of the kernel.
    #[error("cannot listen on {address}: {source}")]
    Socket {
        /// What was to be bound.
        address: Endpoint,
        /// What the kernel says.
        source: io::Error,
    },
    /// The Unix socket cannot be made at its path.
    #[error("cannot make the socket {}: {source}", path.display())]
    UnixSocket {
        /// Where it was to be.
        path: PathBuf,
        /// What the kernel says, or what is there instead.
        source: io::Error,
    },
    /// A socket handed over by systemd cannot be used.
    #[error("socket {number} from systemd cannot be used: {source}")]
    HandedOver {
        /// Its number, from 0.
        number: usize,
        /// What is wrong with it.
        source: io::Error,
    },
    /// The thread that accepts connections, or its event loop, cannot be started.
    #[error("connections cannot be accepted: {0}")]
    Thread(#[source] io::Error),
    /// Neither an address nor a handed-over socket for the console itself.
    #[error("there is no address to listen on")]
    Nothing,
}

impl ListenError {
    /// What the kernel said when `address` was bound.
    pub(super) fn of(address: SocketAddr, source: io::Error) -> Self {
        let (kind, address) = (source.kind(), Endpoint::Https(address));
        match kind {
            io::ErrorKind::AddrInUse => Self::InUse { address },
            io::ErrorKind::PermissionDenied => Self::NotPermitted { address },
            io::ErrorKind::AddrNotAvailable => Self::NotOurs { address },
            _ => Self::Socket { address, source },
        }
    }
}
