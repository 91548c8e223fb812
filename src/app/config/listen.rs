//! Where the console listens, as flags and the config file write it: `ADDRESS:PORT`, `http://ADDRESS:PORT`, `unix:PATH`.
//!
//! Plain HTTP is for the device's own web server: over TCP it is taken on loopback alone. Whether that web server is trusted
//! is not known here.

use signet_domain::visible;
use std::fmt::{self, Display, Formatter};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

/// Bytes of a Unix socket's path (unix(7): 108 with the zero at the end).
const PATH: usize = 107;

/// One place to listen at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListenAddress {
    /// HTTPS over TCP.
    Https(SocketAddr),
    /// Plain HTTP over TCP, on a loopback address.
    Http(SocketAddr),
    /// Plain HTTP over the Unix socket at this absolute path.
    Unix(PathBuf),
}

/// Why the console cannot listen at what a text names: what is wrong, then what to write.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListenAddressError {
    /// Nothing of the three.
    #[error("`{0}` is not an address with a port. Write 192.0.2.7:8443, [::]:443 or unix:/run/signet/signet.sock.")]
    Unknown(String),
    /// Plain HTTP that others than this device could reach.
    #[error("http://{0} is not on loopback. Plain HTTP is for a web server on this device: write http://127.0.0.1:{port}.", port = .0.port())]
    NotLoopback(SocketAddr),
    /// A path that is relative, or longer than the kernel takes.
    #[error("`{0}` cannot be a socket's path. Write an absolute path of at most {PATH} bytes.")]
    Path(String),
}

impl FromStr for ListenAddress {
    type Err = ListenAddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unknown = || ListenAddressError::Unknown(visible::line(text));
        if let Some(path) = text.strip_prefix("unix:") {
            let fits = path.starts_with('/') && !path.ends_with('/') && path.len() <= PATH;
            return match fits {
                true => Ok(Self::Unix(PathBuf::from(path))),
                false => Err(ListenAddressError::Path(visible::line(path))),
            };
        }
        if let Some(rest) = text.strip_prefix("http://") {
            let address: SocketAddr = rest.trim_end_matches('/').parse().map_err(|_| unknown())?;
            return match address.ip().is_loopback() {
                true => Ok(Self::Http(address)),
                false => Err(ListenAddressError::NotLoopback(address)),
            };
        }
        text.parse().map(Self::Https).map_err(|_| unknown())
    }
}

impl Display for ListenAddress {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Https(address) => write!(f, "{address}"),
            Self::Http(address) => write!(f, "http://{address}"),
            Self::Unix(path) => write!(f, "unix:{}", visible::path(path)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_an_address_a_loopback_address_or_a_path() {
        for text in
            ["127.0.0.1:8443", "[::]:443", "http://127.0.0.1:8080", "http://[::1]:0", "unix:/run/signet/signet.sock"]
        {
            assert_eq!(text.parse::<ListenAddress>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "nas:443",
            "127.0.0.1",
            "https://127.0.0.1:443",
            "http://0.0.0.0:80",
            "http://192.0.2.7:80",
            "http://nas:80",
            "unix:signet.sock",
            "unix:",
            "unix:/run/",
            &format!("unix:/{}", "a".repeat(107)),
        ] {
            let error = text.parse::<ListenAddress>().unwrap_err().to_string();
            assert!(error.contains("Write") || error.contains("write"), "{text}: {error}");
        }
    }
}
