//! What people type where a name belongs, each with the name that they most likely mean.
//!
//! Knows shapes only (a URL, a port, a path, a network, a zone, a MAC address); names are judged by their own parsers.

use crate::dns_name::DnsName;
use crate::invalid::Refusal;
use crate::mailbox::Mailbox;
use crate::messages::misread as messages;
use crate::uri::Uri;
use std::net::{IpAddr, Ipv6Addr};

/// The refusal of an entry that has the shape of something else than a host name, an address or a mailbox.
pub(super) fn shape(entry: &str) -> Option<Refusal> {
    assignment(entry)
        .or_else(|| url(entry))
        .or_else(|| mac_address(entry))
        .or_else(|| zone(entry))
        .or_else(|| slash(entry))
        .or_else(|| port(entry))
        .or_else(|| other_prefix(entry))
        .or_else(|| colons(entry))
}

/// An address, perhaps in brackets.
pub(super) fn address(text: &str) -> Option<IpAddr> {
    let inner = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    inner.unwrap_or(text).parse().ok()
}

/// `CN=nas.local`, `subjectAltName=DNS:nas.local`.
fn assignment(entry: &str) -> Option<Refusal> {
    let (key, value) = entry.split_once('=')?;
    let value = value.trim();
    let known = ["cn", "e", "email", "emailaddress", "san", "subjectaltname"];
    let is_mailbox = Mailbox::parse(entry).is_ok() && !known.contains(&key.trim().to_ascii_lowercase().as_str());
    if is_mailbox || key.contains([':', '/', '@', '?']) {
        return None;
    }
    Some(messages::assignment(entry, meant(value)))
}

/// `https://nas.local/x`: people mean the host.
fn url(entry: &str) -> Option<Refusal> {
    let (scheme, after) = entry.split_once("://")?;
    let scheme = scheme.rsplit(':').next().unwrap_or_default();
    let authority = after.split(['/', '?', '#']).next().unwrap_or_default();
    // A user and a password before the host are suggested to nobody.
    let after = authority.rfind('@').and_then(|at| after.get(at + 1..)).unwrap_or(after);
    let uri = Uri::parse(&format!("{scheme}://{after}")).ok();
    Some(messages::or_as_uri(url_for_host(entry, authority), uri.as_ref().map(Uri::as_str)))
}

/// The refusal of a URL where a host name belongs, and nothing else can.
pub(crate) fn url_of_host(text: &str) -> Option<Refusal> {
    let (_, after) = text.split_once("://")?;
    Some(url_for_host(text, after.split(['/', '?', '#']).next().unwrap_or_default()))
}

fn url_for_host(entry: &str, authority: &str) -> Refusal {
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = host_and_port(host).map_or(host, |(host, _)| host);
    messages::url(entry, meant(host))
}

/// `00:11:32:aa:bb:cc` or with hyphens.
fn mac_address(entry: &str) -> Option<Refusal> {
    let pairs = |separator| {
        let parts: Vec<_> = entry.split(separator).collect();
        parts.len() == 6
            && parts.iter().all(|part| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_hexdigit()))
    };
    (pairs(':') || pairs('-')).then(|| messages::mac_address(entry))
}

/// `fe80::1%eth0`: the zone means something on one machine only (RFC 4007 11.2).
fn zone(entry: &str) -> Option<Refusal> {
    let (head, _) = entry.trim_start_matches('[').split_once('%')?;
    let address: Ipv6Addr = head.parse().ok()?;
    Some(messages::zone(entry, address.into()))
}

/// `10.0.0.0/24`, `nas.local/admin`, `\\nas\share`.
fn slash(entry: &str) -> Option<Refusal> {
    if let Some(share) = entry.strip_prefix(r"\\").or_else(|| entry.strip_prefix("//")) {
        let host = share.split(['\\', '/']).next().unwrap_or_default();
        return Some(messages::share(entry, meant(host)));
    }
    let (head, tail) = entry.split_once('/')?;
    if tail.contains('@') {
        return None; // a mailbox's local part may contain a slash
    }
    if let (Some(network), true) = (address(head), tail.starts_with(|first: char| first.is_ascii_digit())) {
        return Some(messages::network(entry, first_host(network)));
    }
    let host = host_and_port(head).map_or(head, |(host, _)| host);
    Some(messages::path(entry, meant(host)))
}

/// `nas:8443`, `[::1]:8443`.
fn port(entry: &str) -> Option<Refusal> {
    let (host, port) = host_and_port(entry)?;
    Some(messages::port(entry, port, meant(host)))
}

/// Prefixes that other programs know.
fn other_prefix(entry: &str) -> Option<Refusal> {
    let (word, value) = entry.split_once(':')?;
    let ours = match word.trim().to_ascii_lowercase().as_str() {
        "host" | "hostname" | "dnsname" | "dns name" | "name" => "DNS",
        "ipaddress" | "ipv4" | "ipv6" | "address" | "addr" => "IP",
        "mail" | "mailto" | "e-mail" | "rfc822" | "rfc822name" => "email",
        "url" | "uniformresourceidentifier" => "URI",
        "dirname" | "othername" | "rid" | "upn" | "registeredid" => "",
        _ => return None,
    };
    Some(match ours {
        "" => messages::other_kind(word),
        ours => match of_kind(ours, value.trim()) {
            Ok(name) => messages::another_prefix(word, format!("{ours}:{name}")),
            Err(refused) => messages::another_prefix_before(word, refused),
        },
    })
}

/// The text of a name under one of our prefixes.
fn of_kind(prefix: &str, value: &str) -> Result<String, Refusal> {
    match prefix {
        "DNS" => DnsName::parse(value).map(|name| name.as_str().to_owned()),
        "email" => Mailbox::parse(value).map(|name| name.as_str().to_owned()),
        "URI" => Uri::parse(value).map(|name| name.as_str().to_owned()),
        _ => address(value).map(|address| address.to_string()).ok_or_else(|| messages::not_an_address(value)),
    }
}

/// What colons are left in: an IPv6 address with a slip, or nothing known.
fn colons(entry: &str) -> Option<Refusal> {
    let colons = entry.bytes().filter(|&byte| byte == b':').count();
    let like_ipv6 = |character: char| character.is_ascii_hexdigit() || ":.[]".contains(character);
    if (colons > 1 && entry.chars().all(like_ipv6)) || entry.starts_with('[') {
        return Some(messages::like_ipv6(entry));
    }
    if colons > 0 && !entry.contains('@') {
        return Some(messages::colon(entry));
    }
    None
}

/// `host:port` in its two parts; the port is digits or nothing, and the host is not a bare IPv6 address.
fn host_and_port(text: &str) -> Option<(&str, &str)> {
    let (host, port) = text.rsplit_once(':')?;
    if !port.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    match host.strip_prefix('[') {
        Some(inner) => inner.strip_suffix(']').map(|inner| (inner, port)),
        None => (!host.contains(':') && !host.is_empty()).then_some((host, port)),
    }
}

/// The text itself where it is a name. Only a valid name is suggested: the suggestion must not be refused in turn.
fn meant(text: &str) -> Option<String> {
    if let Some(address) = address(text) {
        return Some(address.to_string());
    }
    if DnsName::parse(text).is_ok() || Mailbox::parse(text).is_ok() {
        return Some(text.to_owned());
    }
    let name = text.split_once(':').and_then(|(_, name)| DnsName::parse(name.trim()).ok())?;
    let is_dns = text.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("DNS:"));
    Some(if is_dns { text.to_owned() } else { name.as_str().to_owned() })
}

/// A single address of a network, as an example.
fn first_host(network: IpAddr) -> IpAddr {
    match network {
        IpAddr::V4(address) if address.octets().ends_with(&[0]) => {
            let [a, b, c, _] = address.octets();
            IpAddr::from([a, b, c, 10])
        }
        IpAddr::V6(address) if address.segments().ends_with(&[0]) => {
            let [a, b, c, d, e, f, g, _] = address.segments();
            IpAddr::from([a, b, c, d, e, f, g, 1])
        }
        address => address,
    }
}
