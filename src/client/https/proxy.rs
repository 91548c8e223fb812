//! A proxy that passes TLS through, by CONNECT (RFC 9110, section 9.3.6). It sees which CA is called, and nothing else.

use super::server::Server;
use crate::error::ClientError;
use signet_domain::visible;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Bytes of the proxy's answer.
const MAX_ANSWER: usize = 8 * 1024;

/// A proxy's address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proxy {
    pub(super) host: String,
    pub(super) port: u16,
}

/// A text that is not a proxy's address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a proxy is written as http://HOST:PORT, without a user or a path")]
pub struct ProxyError;

impl Proxy {
    /// `http://HOST:PORT`; a slash may follow.
    pub fn parse(text: &str) -> Result<Self, ProxyError> {
        let uri: hyper::Uri = text.parse().map_err(|_| ProxyError)?;
        let authority = uri.authority().ok_or(ProxyError)?;
        let plain = uri.scheme_str() == Some("http") && uri.path() == "/" && uri.query().is_none();
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        if !plain || authority.as_str().contains('@') || host.is_empty() {
            return Err(ProxyError);
        }
        Ok(Self { host, port: authority.port_u16().ok_or(ProxyError)? })
    }

    /// Asks the proxy for a connection to `server` (`HOST[:PORT]`).
    pub(super) async fn tunnel(&self, mut stream: TcpStream, server: &str) -> Result<TcpStream, ClientError> {
        let failed = |why: String| ClientError::Proxy { proxy: self.to_string(), why };
        let server = Server::with_port(server);
        let asked = format!("CONNECT {server} HTTP/1.1\r\nHost: {server}\r\n\r\n");
        stream.write_all(asked.as_bytes()).await.map_err(|error| failed(error.to_string()))?;
        let mut head = Vec::new();
        // A byte at a time: what follows the empty line belongs to TLS.
        while !head.ends_with(b"\r\n\r\n") {
            if head.len() == MAX_ANSWER {
                return Err(failed("its response is too long".to_owned()));
            }
            head.push(stream.read_u8().await.map_err(|error| failed(error.to_string()))?);
        }
        let head = String::from_utf8_lossy(&head);
        let line = head.lines().next().unwrap_or_default();
        match line.split(' ').nth(1) {
            Some(status) if line.starts_with("HTTP/1.") && status.len() == 3 && status.starts_with('2') => Ok(stream),
            _ => Err(failed(format!("it answers \"{}\"", visible::bounded(line, 100)))),
        }
    }
}

impl std::fmt::Display for Proxy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.host.contains(':') {
            write!(f, "http://[{}]:{}", self.host, self.port)
        } else {
            write!(f, "http://{}:{}", self.host, self.port)
        }
    }
}
