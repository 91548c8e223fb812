//! Which names a public CA may put into a server's certificate: public addresses, and host names below a public domain
//! (CA/Browser Forum Baseline Requirements 7.1.2.7.12 and "Internal Name").

use crate::san::{DnsName, San};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Top-level labels that are no one's in the public DNS: special uses (RFC 6761, 6762, 8375; ICANN's `internal`)
/// and what home and office networks are called by habit.
const INSIDE: [&str; 13] = [
    "local",
    "localhost",
    "localdomain",
    "lan",
    "home",
    "internal",
    "intranet",
    "private",
    "corp",
    "test",
    "example",
    "invalid",
    "arpa",
];

/// False for a name that no public CA certifies: private addresses, names of the own network, mailboxes and URIs. True says only
/// that nothing is known against it.
pub fn may_be_public(name: &San) -> bool {
    match name {
        San::Dns(name) => is_public_name(name),
        San::Ip(IpAddr::V4(address)) => is_public_v4(*address),
        San::Ip(IpAddr::V6(address)) => is_public_v6(*address),
        San::Email(_) | San::Uri(_) => false,
    }
}

fn is_public_name(name: &DnsName) -> bool {
    let host = name.as_str().trim_start_matches("*.");
    match host.rsplit_once('.') {
        // A wildcard directly below a top-level domain is nobody's either.
        Some((_, top)) => !INSIDE.contains(&top),
        None => false,
    }
}

/// Outside the IANA special-purpose registry's blocks that are not globally reachable.
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [first, second, third, _] = address.octets();
    let shared = first == 100 && (64..128).contains(&second); // RFC 6598
    let protocols = (first, second, third) == (192, 0, 0); // RFC 6890
    let benchmark = first == 198 && matches!(second, 18 | 19); // RFC 2544
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || address.is_multicast()
        || first == 0
        || first >= 240
        || shared
        || protocols
        || benchmark)
}

/// Global unicast, 2000::/3, without the block for documentation.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    first & 0xe000 == 0x2000 && (first, second) != (0x2001, 0xdb8)
}
