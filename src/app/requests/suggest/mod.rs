//! Names that the subject's step offers: what the visitor typed to come here, and what the device calls itself.
//!
//! In a private network namespace the device sees no interface; the name and the address that the visitor came in by
//! are known there too. Loopback, link-local, temporary and containers' addresses are not offered: nobody opens the
//! device by them for long.

mod lease;

pub use lease::Lease;

use super::catalog::Catalog;
use super::index::Sort;
use crate::config::Config;
use crate::host;
use signet_domain::name::CsrName;
use signet_domain::record::Origin;
use signet_domain::san::{San, SanList};
use signet_domain::subject::SubjectAnswers;
use std::net::IpAddr;
use std::sync::Arc;

/// How the visitor came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entrance {
    /// The address of this device; none where a proxy is between.
    pub address: Option<IpAddr>,
    /// The host name or address that was typed, without the port; anything that a browser may send.
    pub host: String,
}

/// One name that is offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// The line for `san`; always one that [`San::parse`] takes.
    pub entry: String,
    /// Where it is known from.
    pub from: Known,
    /// Whether an address stays; none for a host name.
    pub lease: Option<Lease>,
}

/// Where a name is known from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// The visitor typed it, or came in by it.
    Entrance,
    /// The kernel's host name.
    HostName,
    /// The host name in the domain that the local network resolves by itself (mDNS, RFC 6762).
    Multicast,
    /// The config's `hostnames`.
    Config,
    /// An interface of the device.
    Interface,
}

/// Names offered at most.
const MOST: usize = 12;
/// Requests that are looked at for the last one of the owner.
const RECENT: usize = 20;

/// Interfaces of containers and virtual machines: their addresses are nobody's way to the device.
const INNER: [&str; 9] = ["docker", "br-", "veth", "virbr", "lxc", "lxdbr", "podman", "cni", "flannel"];

/// What the wizard offers.
#[derive(Debug)]
pub struct Suggestions {
    catalog: Arc<Catalog>,
    config: Arc<Config>,
}

impl Suggestions {
    /// Offers from the device, its config and its CSRs.
    pub fn new(catalog: Arc<Catalog>, config: Arc<Config>) -> Self {
        Self { catalog, config }
    }

    /// What is offered to a visitor who has typed `san` and `common` so far: what is there already is left out.
    pub fn names(&self, entrance: &Entrance, san: &str, common: &str) -> Vec<Suggestion> {
        let interfaces = if_addrs::get_if_addrs().unwrap_or_default();
        let own = interfaces.iter().filter(|one| !INNER.iter().any(|inner| one.name.starts_with(inner)));
        let machine = Machine {
            host: host::host_name(),
            configured: &self.config.hostnames,
            addresses: own.map(if_addrs::Interface::ip).collect(),
            leases: lease::Leases::read(),
        };
        machine.suggest(entrance, san, common)
    }

    /// What a new request begins with: the owner's last one, which is named; else the integrator's defaults.
    pub fn beginning(&self) -> (Option<CsrName>, SubjectAnswers) {
        let last = self.last_subject().filter(|(_, answers)| *answers != SubjectAnswers::default());
        last.map_or_else(|| (None, self.config.subject_defaults.clone()), |(name, answers)| (Some(name), answers))
    }

    /// The subject and the names of the owner's newest request that was made here, and its name: most requests of a device
    /// differ in little. What the factory made is not the owner's.
    pub fn last_subject(&self) -> Option<(CsrName, SubjectAnswers)> {
        let newest = self.catalog.list("", (Sort::Created, true), (0, RECENT)).ok()?;
        let made =
            newest.lines.into_iter().filter(|one| matches!(&one.line, Ok(line) if line.origin == Origin::Created));
        made.map(|one| one.name.clone()).find_map(|name| {
            let asked = self.catalog.readable(&name).ok()?.record.asked?;
            Some((name, asked.subject.reusable()))
        })
    }
}

/// The text of `san` with `entry` as one more line; none for an entry that is not a name.
pub fn with_entry(san: &str, entry: &str) -> Option<String> {
    let name = San::parse(entry).ok()?;
    if typed(san).any(|known| known == name) {
        return Some(san.to_owned());
    }
    let kept = san.trim_end();
    Some(if kept.is_empty() { entry.to_owned() } else { format!("{kept}\n{entry}") })
}

fn typed(san: &str) -> impl Iterator<Item = San> {
    san.split(['\n', ',']).filter_map(|entry| San::parse(entry).ok())
}

/// What the device knows of itself.
struct Machine<'a> {
    host: Option<String>,
    configured: &'a [String],
    addresses: Vec<IpAddr>,
    leases: lease::Leases,
}

impl Machine<'_> {
    fn suggest(&self, entrance: &Entrance, san: &str, common: &str) -> Vec<Suggestion> {
        let mut known: Vec<San> = typed(san).chain(San::of_common(common)).collect();
        let mut suggestions = Vec::new();
        for (text, from) in self.found(entrance) {
            let Some(name) = San::parse(&text).ok().filter(|name| is_reachable(name) && !known.contains(name)) else {
                continue;
            };
            let (entry, lease) = match &name {
                San::Dns(dns) => (dns.as_str().to_owned(), None),
                San::Ip(address) => (address.to_string(), Some(self.leases.of(*address))),
                San::Email(_) | San::Uri(_) => continue,
            };
            if lease != Some(Lease::Temporary) {
                suggestions.push(Suggestion { entry, from, lease });
            }
            known.push(name);
        }
        let room = SanList::MAX.saturating_sub(typed(san).count());
        suggestions.truncate(MOST.min(room));
        suggestions
    }

    fn found(&self, entrance: &Entrance) -> Vec<(String, Known)> {
        let mut found = vec![(entrance.host.clone(), Known::Entrance)];
        if let Some(host) = &self.host {
            found.push((host.clone(), Known::HostName));
            let first = host.split('.').next().unwrap_or_default();
            found.push((format!("{first}.local"), Known::Multicast));
        }
        found.extend(self.configured.iter().map(|name| (name.clone(), Known::Config)));
        found.extend(entrance.address.map(|address| (address.to_string(), Known::Entrance)));
        found.extend(self.addresses.iter().map(|address| (address.to_string(), Known::Interface)));
        found
    }
}

/// True for what other machines may open the device by.
fn is_reachable(name: &San) -> bool {
    match name {
        San::Dns(dns) => {
            let name = dns.as_str();
            let last = name.rsplit('.').next().unwrap_or_default();
            !matches!(last, "localhost" | "localdomain") && name.split('.').next() != Some("localhost")
        }
        San::Ip(IpAddr::V4(v4)) => !(v4.is_loopback() || v4.is_link_local() || v4.is_unspecified()),
        San::Ip(IpAddr::V6(v6)) => !(v6.is_loopback() || v6.is_unicast_link_local() || v6.is_unspecified()),
        San::Email(_) | San::Uri(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entrance(host: &str, address: &str) -> Entrance {
        Entrance { host: host.to_owned(), address: Some(address.parse().unwrap()) }
    }

    fn machine<'a>(host: &str, configured: &'a [String], addresses: &[&str]) -> Machine<'a> {
        Machine {
            host: (!host.is_empty()).then(|| host.to_owned()),
            configured,
            addresses: addresses.iter().map(|address| address.parse().unwrap()).collect(),
            leases: lease::Leases::default(),
        }
    }

    fn entries(suggestions: &[Suggestion]) -> Vec<&str> {
        suggestions.iter().map(|suggestion| suggestion.entry.as_str()).collect()
    }

    #[test]
    fn the_way_in_comes_first_and_each_name_once() {
        let configured = ["files.example.org".to_owned(), "nas".to_owned()];
        let machine = machine("nas", &configured, &["192.0.2.7", "127.0.0.1", "fe80::1", "2001:db8::7"]);
        let offered = machine.suggest(&entrance("NAS.example.org", "192.0.2.7"), "", "");
        let expected = ["nas.example.org", "nas", "nas.local", "files.example.org", "192.0.2.7", "2001:db8::7"];
        assert_eq!(entries(&offered), expected);
        assert_eq!(offered[0].from, Known::Entrance);
    }

    #[test]
    fn a_device_without_a_network_still_knows_the_way_in() {
        let offered =
            machine("", &[], &["127.0.0.1", "::1"]).suggest(&entrance("[2001:db8::7]", "2001:db8::7"), "", "");
        assert_eq!(entries(&offered), ["2001:db8::7"]);
        assert_eq!(offered[0].lease, Some(Lease::Unknown));
    }

    #[test]
    fn what_is_typed_already_and_what_leads_nowhere_is_not_offered() {
        let machine = machine("nas.example.org", &[], &["192.0.2.7"]);
        let offered =
            machine.suggest(&entrance("localhost", "127.0.0.1"), "192.0.2.7, DNS:NAS.local", "nas.example.org");
        assert_eq!(entries(&offered), [""; 0]);
        for host in ["", "a_b.lan", "localhost.localdomain", "nas\" onclick=x", "0.0.0.0"] {
            assert!(!entries(&machine.suggest(&entrance(host, "::1"), "", "")).contains(&host), "{host}");
        }
    }

    #[test]
    fn a_name_is_added_as_a_line_of_its_own_and_only_once() {
        assert_eq!(with_entry("", "nas.local").as_deref(), Some("nas.local"));
        assert_eq!(with_entry("a, b\n", "nas.local").as_deref(), Some("a, b\nnas.local"));
        assert_eq!(with_entry("half typed:", "192.0.2.7").as_deref(), Some("half typed:\n192.0.2.7"));
        assert_eq!(with_entry("DNS:NAS.local", "nas.local").as_deref(), Some("DNS:NAS.local"));
        assert_eq!(with_entry("a", "no name"), None);
    }
}
