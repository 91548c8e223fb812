//! Where the console listens.

use std::fmt::{self, Display, Formatter};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Connections that the kernel holds until they are accepted; it lowers this to its own `somaxconn`. Who finds the queue full tries
/// again after a second: it has room for what a crowd sends at once. The socket units say the same.
pub(super) const BACKLOG: i32 = 2048;

/// Where the console listens, and what is spoken there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Endpoint {
    /// HTTPS over TCP, for everybody.
    Https(SocketAddr),
    /// Plain HTTP over TCP, for trusted proxies alone.
    Http(SocketAddr),
    /// Plain HTTP over the Unix socket at this path, for trusted proxies alone.
    Unix(PathBuf),
}

impl Display for Endpoint {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Https(address) => write!(f, "{address}"),
            Self::Http(address) => write!(f, "http://{address}"),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

impl Endpoint {
    /// The address, where it has one.
    pub fn address(&self) -> Option<SocketAddr> {
        match self {
            Self::Https(address) | Self::Http(address) => Some(*address),
            Self::Unix(_) => None,
        }
    }
}
