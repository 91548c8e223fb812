//! Proxies: which peers are trusted to say whom they speak for, and what they say.
//!
//! The address is read from right to left, since each proxy adds the peer that it sees at the end: what comes before the
//! first address that is no trusted proxy's was written by a stranger. One header is read and no other: a proxy that sets one
//! of them passes the other on as its visitor sent it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use hyper::header::{FORWARDED, HeaderMap, HeaderName};
use ipnet::IpNet;

use super::forwarded;

/// Addresses of a chain of proxies that are looked at, and bytes of one in `X-Forwarded-For`.
const HOPS: usize = 16;
const HOP: usize = 128;

/// Who speaks for a visitor whose address nobody tells: the device itself.
const UNKNOWN: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

static X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The proxies in front of the console.
#[derive(Debug, Clone, Default)]
pub struct Proxies {
    /// Where they are.
    pub networks: Vec<IpNet>,
    /// Whoever may connect to the Unix socket is one.
    pub unix: bool,
    /// Where they say whom they speak for.
    pub header: VisitorHeader,
}

/// A header that tells a visitor's address.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum VisitorHeader {
    /// `X-Forwarded-For`: addresses with commas between them.
    #[default]
    XForwardedFor,
    /// `Forwarded` of RFC 7239: its `for` parameters.
    Forwarded,
}

impl Proxies {
    /// True for the address of a trusted proxy; none is the peer at the Unix socket.
    pub fn trusts(&self, peer: Option<IpAddr>) -> bool {
        match peer {
            Some(address) => self.has(address.to_canonical()),
            None => self.unix,
        }
    }

    /// True when a request says whom it is for.
    pub(super) fn speaks(&self, headers: &HeaderMap) -> bool {
        headers.contains_key(self.header.name())
    }

    /// The address of the visitor whom a trusted `peer` speaks for: the last one that is no proxy's. Where something else
    /// than an address is met first, the proxy that wrote it counts.
    pub(super) fn visitor(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> IpAddr {
        let mut nearest = peer.map_or(UNKNOWN, |peer| peer.to_canonical());
        let lines = headers.get_all(self.header.name()).iter().rev();
        let hops = lines.flat_map(|line| Hops { header: self.header, rest: Some(line.as_bytes()) });
        for hop in hops.take(HOPS) {
            match hop {
                Some(address) if self.has(address) => nearest = address,
                Some(address) => return address,
                None => break,
            }
        }
        nearest
    }

    fn has(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains(&address))
    }
}

impl VisitorHeader {
    fn name(self) -> &'static HeaderName {
        match self {
            Self::XForwardedFor => &X_FORWARDED_FOR,
            Self::Forwarded => &FORWARDED,
        }
    }

    /// The last address of a line and what is before it; no address where something else is there.
    fn last(self, line: &[u8]) -> (Option<IpAddr>, Option<&[u8]>) {
        let (node, before) = match self {
            Self::XForwardedFor => {
                let mut parts = line.rsplitn(2, |byte| *byte == b',');
                let hop = parts.next().filter(|hop| hop.len() <= HOP).map(|hop| hop.trim_ascii().to_vec());
                (hop, parts.next())
            }
            Self::Forwarded => forwarded::last_element(line),
        };
        let node = node.and_then(|node| String::from_utf8(node).ok());
        (node.and_then(|node| node_address(&node)).map(|address| address.to_canonical()), before)
    }
}

/// What a line tells, from its end.
struct Hops<'a> {
    header: VisitorHeader,
    rest: Option<&'a [u8]>,
}

impl Iterator for Hops<'_> {
    type Item = Option<IpAddr>;

    fn next(&mut self) -> Option<Self::Item> {
        let (address, before) = self.header.last(self.rest?);
        self.rest = before;
        Some(address)
    }
}

/// `192.0.2.7`, `2001:db8::7` or `[2001:db8::7]`, each but the second also with a port, which may have a name in place of a number
/// (RFC 7239 section 6).
fn node_address(node: &str) -> Option<IpAddr> {
    let node = node.split_once(":_").map_or(node, |(address, _)| address);
    let bare = || node.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(node).parse().ok();
    bare().or_else(|| node.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::HeaderValue;

    fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
        lines
            .iter()
            .map(|(name, value)| {
                (HeaderName::from_static(name), HeaderValue::from_bytes(value.as_bytes()).expect("a header's value"))
            })
            .collect()
    }

    fn proxies(header: VisitorHeader) -> Proxies {
        let networks = ["127.0.0.0/8", "10.0.0.0/24", "2001:db8:1::/48"];
        Proxies { networks: networks.map(|net| net.parse().expect("a network")).to_vec(), unix: true, header }
    }

    fn visitor(header: VisitorHeader, lines: &[(&'static str, &str)]) -> String {
        proxies(header).visitor(Some("127.0.0.1".parse().expect("an address")), &headers(lines)).to_string()
    }

    #[test]
    fn the_last_address_that_is_no_proxys_is_the_visitors() {
        for (told, address) in [
            ("192.0.2.7", "192.0.2.7"),
            ("198.51.100.9, 192.0.2.7", "192.0.2.7"),
            ("192.0.2.7, 10.0.0.3", "192.0.2.7"),
            ("192.0.2.7,10.0.0.3 , 127.0.0.1", "192.0.2.7"),
            ("192.0.2.7:4711", "192.0.2.7"),
            ("[2001:db8::7]:443", "2001:db8::7"),
            ("2001:db8::7, [2001:db8:1::1]", "2001:db8::7"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("10.0.0.3", "10.0.0.3"),
        ] {
            assert_eq!(visitor(VisitorHeader::XForwardedFor, &[("x-forwarded-for", told)]), address, "{told}");
        }
        assert_eq!(
            visitor(
                VisitorHeader::XForwardedFor,
                &[("x-forwarded-for", "192.0.2.1"), ("x-forwarded-for", "192.0.2.2")]
            ),
            "192.0.2.2"
        );
    }

    #[test]
    fn forwarded_is_read_by_its_for_parameter() {
        for (told, address) in [
            ("for=192.0.2.7", "192.0.2.7"),
            ("For=\"[2001:db8::7]:4711\";proto=https", "2001:db8::7"),
            ("for=198.51.100.9, proto=https;for=192.0.2.7;by=203.0.113.1", "192.0.2.7"),
            ("for=192.0.2.7, for=10.0.0.3;host=\"nas\"", "192.0.2.7"),
            ("for=192.0.2.7, for=unknown", "127.0.0.1"),
            ("for=192.0.2.7, for=_hidden, for=10.0.0.3", "10.0.0.3"),
            ("for=\"192.0.2.9, for=192.0.2.7", "192.0.2.7"),
            ("for=192.0.2.7;host=\"a,for=198.51.100.66;x=b\";proto=https", "192.0.2.7"),
            ("for=198.51.100.66;host=\"a, for=192.0.2.7;host=\"b\"", "192.0.2.7"),
            ("for=\"192.0.2.7:_port\"", "192.0.2.7"),
            ("for=192.0.2.7, for=192.0.2.8:80", "127.0.0.1"),
            ("for=192.0.2.7, for=192.0.2.8;for=192.0.2.9", "127.0.0.1"),
        ] {
            assert_eq!(visitor(VisitorHeader::Forwarded, &[("forwarded", told)]), address, "{told}");
        }
    }

    #[test]
    fn garbage_and_a_hundred_hops_are_the_proxys_own() {
        let many = ["10.0.0.1"; 100].join(", ");
        let long = "1".repeat(20_000);
        for garbage in ["", ",,,", "nas.local", "192.0.2.7, <script>", "256.1.1.1", "192.0.2.7, ::1::", "\"", &long] {
            assert_eq!(
                visitor(VisitorHeader::XForwardedFor, &[("x-forwarded-for", garbage)]),
                "127.0.0.1",
                "{garbage}"
            );
        }
        let forged = format!("192.0.2.66, {many}");
        assert_eq!(visitor(VisitorHeader::XForwardedFor, &[("x-forwarded-for", &forged)]), "10.0.0.1");
        let untrusted = format!("{}, 192.0.2.7", ["198.51.100.1"; 100].join(", "));
        assert_eq!(visitor(VisitorHeader::XForwardedFor, &[("x-forwarded-for", &untrusted)]), "192.0.2.7");
        assert_eq!(visitor(VisitorHeader::XForwardedFor, &[]), "127.0.0.1");
        assert_eq!(proxies(VisitorHeader::XForwardedFor).visitor(None, &HeaderMap::new()), UNKNOWN);
    }

    #[test]
    fn the_header_that_the_proxy_does_not_set_is_never_read() {
        let long = format!("for=192.0.2.7;host=\"{}\"", "a".repeat(10_000));
        assert_eq!(visitor(VisitorHeader::Forwarded, &[("forwarded", &long)]), "192.0.2.7", "a visitor chose the host");
        let both = [("forwarded", "for=198.51.100.66"), ("x-forwarded-for", "192.0.2.7")];
        assert_eq!(visitor(VisitorHeader::XForwardedFor, &both), "192.0.2.7");
        assert_eq!(visitor(VisitorHeader::Forwarded, &both), "198.51.100.66");
    }

    #[test]
    fn trust_is_by_network_and_by_socket() {
        let all = proxies(VisitorHeader::XForwardedFor);
        for (peer, trusted) in [
            ("10.0.0.9", true),
            ("10.0.1.9", false),
            ("::ffff:10.0.0.9", true),
            ("2001:db8:1:5::2", true),
            ("::1", false),
        ] {
            assert_eq!(all.trusts(Some(peer.parse().expect("an address"))), trusted, "{peer}");
        }
        assert!(all.trusts(None) && !Proxies::default().trusts(None));
    }
}
