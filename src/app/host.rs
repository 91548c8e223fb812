//! What the device calls itself: its names and the addresses of its interfaces.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The device's own names: host name, `.local`, `localhost`, and the config's.
pub fn names(configured: &[String]) -> Vec<String> {
    let mut names = Vec::new();
    if let Some(host) = host_name() {
        if !host.contains('.') {
            names.push(format!("{host}.local"));
        }
        names.insert(0, host);
    }
    names.push("localhost".to_owned());
    names.extend(configured.iter().cloned());
    let mut seen = BTreeSet::new();
    names.retain(|name| seen.insert(name.to_ascii_lowercase()));
    names
}

/// The kernel's host name, when it is one that a certificate can hold.
pub fn host_name() -> Option<String> {
    let name = rustix::system::uname().nodename().to_string_lossy().to_ascii_lowercase();
    signet_domain::san::DnsName::parse(&name).ok().map(|name| name.as_str().to_owned())
}

/// The addresses of the device's interfaces, loopback included; none of a private network namespace's but that.
pub fn addresses() -> Vec<IpAddr> {
    let found = if_addrs::get_if_addrs().unwrap_or_default();
    let link_local = |address: &IpAddr| match address {
        // fe80:: needs a zone, which a certificate cannot hold.
        IpAddr::V6(v6) => v6.is_unicast_link_local(),
        IpAddr::V4(_) => false,
    };
    let loopback = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
    let addresses: BTreeSet<IpAddr> =
        found.iter().map(if_addrs::Interface::ip).filter(|ip| !link_local(ip)).chain(loopback).collect();
    addresses.into_iter().take(32).collect()
}
