//! One exchange over HTTPS/1.1 with the console, whose certificate is known by its printed fingerprint and nothing else.
//!
//! Knows bytes only: what is sent may be no request at all. Cookies, redirects and pages are the browser's.

use super::proxied::Proxied;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

/// Where a console answers, and the SHA-256 of the certificate that it must show.
#[derive(Debug, Clone)]
pub struct Origin {
    pub address: SocketAddr,
    pub fingerprint: Vec<u8>,
    /// What stands between the browser and the console, if anything does.
    pub proxied: Option<Proxied>,
}

/// A TLS connection to the console.
pub type Connection = StreamOwned<ClientConnection, TcpStream>;

/// An answer as it came.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// Head and body.
    pub raw: Vec<u8>,
}

/// A console that says nothing for so long hangs. Nothing is measured by it.
pub const PATIENCE: Duration = Duration::from_secs(120);

impl Origin {
    pub fn authority(&self) -> String {
        self.proxied.as_ref().map_or_else(|| self.address.to_string(), |proxied| proxied.host.clone())
    }

    pub fn connect(&self) -> Connection {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let printed = self.fingerprint.clone();
        let verifier = signet_testing::accepting(&provider, move |certificate| {
            ::aws_lc_rs::digest::digest(&::aws_lc_rs::digest::SHA256, certificate).as_ref() == printed
        });
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .dangerous()
            .with_custom_certificate_verifier(verifier)
            .with_no_client_auth();
        let name = ServerName::IpAddress(self.address.ip().into());
        let socket = TcpStream::connect(self.address).unwrap_or_else(|error| panic!("{}: {error}", self.address));
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        socket.set_write_timeout(Some(PATIENCE)).unwrap();
        StreamOwned::new(ClientConnection::new(Arc::new(config), name).unwrap(), socket)
    }

    /// Sends bytes and reads one answer; none where the connection ends without one. `more` says whether the sender
    /// goes on (false: it closes its half after the bytes, so that a body that is missing never comes).
    pub fn exchange(&self, bytes: &[u8], more: bool) -> Option<Answer> {
        if let Some(proxied) = &self.proxied {
            return proxied.exchange(bytes);
        }
        let mut connection = self.connect();
        // The console may answer and close before it has read everything.
        let _ = connection.write_all(bytes).and_then(|()| connection.flush());
        if !more {
            connection.conn.send_close_notify();
            let _ = connection.flush();
            let _ = connection.sock.shutdown(std::net::Shutdown::Write);
        }
        read_answer(&mut connection, bytes.starts_with(b"HEAD "))
    }
}

/// Reads one answer; none where the connection ends before it.
pub fn read_answer(connection: &mut impl Read, to_head: bool) -> Option<Answer> {
    let mut raw = Vec::new();
    let end = loop {
        if let Some(at) = raw.windows(4).position(|four| four == b"\r\n\r\n") {
            // An interim answer (RFC 9110 15.2) comes before the one that was asked for.
            if raw.starts_with(b"HTTP/1.1 100 ") {
                raw.drain(..at + 4);
                continue;
            }
            break at + 4;
        }
        if read_more(connection, &mut raw) == 0 {
            return None;
        }
    };
    let head = std::str::from_utf8(&raw[..end]).expect("a head is ASCII");
    let mut lines = head.trim_end().split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers: Vec<(String, String)> = lines
        .map(|line| line.split_once(": ").unwrap_or_else(|| panic!("a header without a colon: {line}")))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length").map(|(_, value)| value.parse().unwrap());
    let length: usize = if to_head { 0 } else { length.unwrap_or(0) };
    while raw.len() < end + length {
        assert_ne!(read_more(connection, &mut raw), 0, "the answer's body is shorter than it says");
    }
    Some(Answer { status, headers, body: raw[end..].to_vec(), raw })
}

fn read_more(connection: &mut impl Read, raw: &mut Vec<u8>) -> usize {
    let mut chunk = [0; 16 * 1024];
    match connection.read(&mut chunk) {
        Ok(count) => {
            raw.extend_from_slice(&chunk[..count]);
            count
        }
        Err(error) if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) => {
            panic!("the console says nothing")
        }
        Err(_) => 0,
    }
}
