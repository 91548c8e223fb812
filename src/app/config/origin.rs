//! The address that browsers know the console by, in the one spelling that they send.
//!
//! What is configured is compared with what they send, so that another spelling of the same address would match nothing.

use std::net::{Ipv4Addr, Ipv6Addr};

/// An origin of https, as browsers send it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicOrigin {
    /// `https://host` or `https://host:port`, in lower case and without the default port.
    pub origin: String,
    /// The host alone; an IPv6 address is in brackets.
    pub host: String,
}

impl PublicOrigin {
    /// Of `HOST` or `HOST:PORT`; none for what no browser sends.
    pub(super) fn of(authority: &str) -> Option<Self> {
        let (host, port) = host_and_port(authority)?;
        let origin = match port {
            None | Some(443) => format!("https://{host}"),
            Some(port) => format!("https://{host}:{port}"),
        };
        Some(Self { origin, host })
    }
}

/// A host as browsers write it in an origin (URL Standard, host parsing); none for one that no browser sends.
fn as_in_origins(host: &str) -> Option<String> {
    if let Some(inner) = host.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')) {
        let address: Ipv6Addr = inner.parse().ok()?;
        // Browsers write no dots in it.
        return Some(match (address.to_ipv4_mapped(), address.segments()) {
            (Some(_), [.., high, low]) => format!("[::ffff:{high:x}:{low:x}]"),
            _ => format!("[{address}]"),
        });
    }
    let is_name =
        !host.is_empty() && host.len() <= 253 && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b));
    let host = host.to_ascii_lowercase();
    let last = host.strip_suffix('.').unwrap_or(&host).rsplit('.').next().unwrap_or_default();
    let hex = last.strip_prefix("0x").is_some_and(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
    // What ends in a number is an IPv4 address to browsers, of which only one way of writing is sent.
    let is_number = !last.is_empty() && (hex || last.bytes().all(|b| b.is_ascii_digit()));
    (is_name && (!is_number || host.parse::<Ipv4Addr>().is_ok())).then_some(host)
}

fn host_and_port(authority: &str) -> Option<(String, Option<u16>)> {
    let end = authority.find(']').map_or(0, |at| at + 1);
    let (host, port) = match authority.get(end..)?.find(':') {
        Some(at) => {
            let (host, port) = authority.split_at(end + at);
            let port = port.strip_prefix(':').filter(|port| port.bytes().all(|b| b.is_ascii_digit()))?;
            (host, Some(port.parse().ok().filter(|port| *port != 0)?))
        }
        None => (authority, None),
    };
    Some((as_in_origins(host)?, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_compared_as_browsers_write_it() {
        for (written, host, origin) in [
            ("NAS.example.com:443", "nas.example.com", "https://nas.example.com"),
            ("[2001:DB8:0::07]", "[2001:db8::7]", "https://[2001:db8::7]"),
            ("[2001:db8:0:0:1:0:0:7]:8443", "[2001:db8::1:0:0:7]", "https://[2001:db8::1:0:0:7]:8443"),
            ("[::FFFF:192.0.2.7]", "[::ffff:c000:207]", "https://[::ffff:c000:207]"),
            ("192.0.2.7:0443", "192.0.2.7", "https://192.0.2.7"),
            ("nas.0xyz", "nas.0xyz", "https://nas.0xyz"),
        ] {
            let expected = PublicOrigin { origin: origin.to_owned(), host: host.to_owned() };
            assert_eq!(PublicOrigin::of(written), Some(expected), "{written}");
        }
        for written in
            ["", ":443", "nas:0", "nas:+443", "nas:", "[nas]", "192.0.2.07", "127.1", "0x7f000001", "a.0x", "[::1"]
        {
            assert_eq!(PublicOrigin::of(written), None, "{written}");
        }
    }
}
