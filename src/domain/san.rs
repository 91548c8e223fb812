//! Subject alternative names: the grammar of step 3's `san` and what a name becomes.

mod misread;

pub use super::dns_name::DnsName;
pub use super::mailbox::Mailbox;
pub use super::uri::Uri;

use super::invalid::{Mistakes, Refusal};
use super::messages::san as messages;
use misread::address;
pub(crate) use misread::url_of_host;
use std::collections::HashSet;
use std::net::IpAddr;

/// The form's field.
const FIELD: &str = "san";
/// So many bad entries are listed one by one.
const TOLD: usize = 10;

/// One subject alternative name, as it will be encoded.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum San {
    /// A host name in A-labels, perhaps with `*.` before it.
    Dns(DnsName),
    /// An address: 4 or 16 bytes.
    Ip(IpAddr),
    /// A mailbox (rfc822Name).
    Email(Mailbox),
    /// A URI.
    Uri(Uri),
}

impl San {
    /// One entry, surrounding blanks aside. A prefix in any case decides what it is (`DNS:`, `IP:`, `IP Address:`,
    /// `email:`, `URI:`); without one an address is an IP, something with `@` a mailbox, anything else a host name.
    pub fn parse(entry: &str) -> Result<Self, Refusal> {
        let entry = entry.trim();
        if let Some(control) = entry.chars().find(|&character| character.is_control() && character != '\t') {
            return Err(messages::control_character(entry, control));
        }
        match split_prefix(entry) {
            Some((prefix, "")) => Err(messages::nothing_after_the_prefix(entry, prefix.example())),
            Some((Prefix::Dns, name)) => parse_dns(name),
            Some((Prefix::Ip, address)) => parse_ip(address),
            Some((Prefix::Email, mailbox)) => Mailbox::parse(mailbox).map(Self::Email),
            Some((Prefix::Uri, uri)) => Uri::parse(uri).map(Self::Uri),
            None => parse_bare(entry),
        }
    }

    /// The kind, as the prefix that asks for it: `DNS`, `IP`, `email` or `URI`.
    pub fn prefix(&self) -> &'static str {
        match self {
            Self::Dns(_) => "DNS",
            Self::Ip(_) => "IP",
            Self::Email(_) => "email",
            Self::Uri(_) => "URI",
        }
    }

    /// The common name as a SAN, when it is a host name or an address.
    pub fn of_common(common: &str) -> Option<Self> {
        address(common).map(Self::Ip).or_else(|| DnsName::parse(common).ok().map(Self::Dns))
    }
}

/// `DNS:nas.local`: parses back to the same value.
impl std::fmt::Display for San {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let prefix = self.prefix();
        match self {
            Self::Dns(name) => write!(f, "{prefix}:{}", name.as_str()),
            Self::Ip(address) => write!(f, "{prefix}:{address}"),
            Self::Email(mailbox) => write!(f, "{prefix}:{}", mailbox.as_str()),
            Self::Uri(uri) => write!(f, "{prefix}:{}", uri.as_str()),
        }
    }
}

/// The names of a request: in the order typed, each once, at most 100.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SanList {
    names: Vec<San>,
    common_added: bool,
}

impl SanList {
    /// The most names in a request, the common name's copy included.
    pub const MAX: usize = 100;

    /// Every entry of the text: one a line, commas also separate (so there is none inside a URI), empty ones count for
    /// nothing, doubles are dropped. Then the common name, when it is a host name or an address and not there yet.
    ///
    /// Refused at `san`, one mistake a bad entry: the first ten by their words, the others by their number.
    pub fn parse(text: &str, common: &str) -> Result<Self, Mistakes> {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let many_lines = text.trim().contains('\n');
        let (mut list, mut seen) = (Self::default(), HashSet::new());
        let mut refused: Vec<(&str, Refusal)> = Vec::new();
        for (number, line) in (1..).zip(text.split('\n')) {
            for entry in line.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
                match San::parse(entry) {
                    Ok(name) if seen.insert(name.clone()) => list.names.push(name),
                    Ok(_) => {}
                    Err(refusal) if many_lines => refused.push((entry, messages::in_line(number, refusal))),
                    Err(refusal) => refused.push((entry, refusal)),
                }
            }
        }
        if !refused.is_empty() {
            return Err(listed(refused));
        }
        if let Some(copy) = San::of_common(common).filter(|copy| !seen.contains(copy)) {
            list.names.push(copy);
            list.common_added = true;
        }
        if list.len() > Self::MAX {
            return Err(messages::too_many(list.len(), Self::MAX, list.common_added).into());
        }
        Ok(list)
    }

    /// The names in order.
    pub fn as_slice(&self) -> &[San] {
        &self.names
    }

    /// The names in order.
    pub fn iter(&self) -> impl Iterator<Item = &San> {
        self.names.iter()
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// True when nothing was asked.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// True when the last name is the common name's copy, which nobody typed here.
    pub fn common_added(&self) -> bool {
        self.common_added
    }
}

/// What a prefix asks for.
#[derive(Clone, Copy)]
enum Prefix {
    Dns,
    Ip,
    Email,
    Uri,
}

impl Prefix {
    fn example(self) -> &'static str {
        match self {
            Self::Dns => "DNS:nas.local",
            Self::Ip => "IP:192.168.1.10",
            Self::Email => "email:root@nas.local",
            Self::Uri => "URI:https://nas.example.com/",
        }
    }
}

/// The prefix and what follows it, blanks aside.
fn split_prefix(entry: &str) -> Option<(Prefix, &str)> {
    let (word, rest) = entry.split_once(':')?;
    let prefix = match word.trim_end().to_ascii_lowercase().as_str() {
        "dns" => Prefix::Dns,
        "ip" | "ip address" => Prefix::Ip,
        "email" => Prefix::Email,
        "uri" => Prefix::Uri,
        _ => return None,
    };
    Some((prefix, rest.trim_start()))
}

/// The refusal of what has the shape of something else, or of several names at once.
fn misread(entry: &str) -> Option<Refusal> {
    misread::shape(entry).or_else(|| several(entry))
}

/// `nas.local nas.lan`, `nas.local;nas.lan`.
fn several(entry: &str) -> Option<Refusal> {
    let between = |character: char| character.is_whitespace() || matches!(character, ';' | '|');
    let parts: Vec<_> = entry.split(between).filter(|part| !part.is_empty()).collect();
    if parts.len() < 2 || !parts.iter().all(|part| San::parse(part).is_ok()) {
        return None;
    }
    Some(messages::several_names(entry, &parts))
}

fn parse_bare(entry: &str) -> Result<San, Refusal> {
    if let Some(address) = address(entry) {
        return Ok(San::Ip(address));
    }
    if let Some(refusal) = misread(entry) {
        return Err(refusal);
    }
    if entry.contains('@') {
        return Mailbox::parse(entry).map(San::Email);
    }
    DnsName::parse(entry).map(San::Dns)
}

fn parse_dns(name: &str) -> Result<San, Refusal> {
    if let Some(address) = address(name) {
        return Err(messages::address_as_dns(name, address));
    }
    if let Some(refusal) = misread(name) {
        return Err(refusal);
    }
    if name.contains('@') {
        let mailbox = Mailbox::parse(name).ok();
        return Err(messages::mailbox_as_dns(name, mailbox.as_ref().map(Mailbox::as_str)));
    }
    DnsName::parse(name).map(San::Dns)
}

fn parse_ip(text: &str) -> Result<San, Refusal> {
    if let Some(address) = address(text) {
        return Ok(San::Ip(address));
    }
    if let Some(refusal) = misread(text) {
        return Err(refusal);
    }
    let host = DnsName::parse(text).ok();
    Err(messages::not_an_address(text, host.as_ref().map(DnsName::as_str)))
}

/// The first ten refusals, each with its entry, and how many more there are.
fn listed(refused: Vec<(&str, Refusal)>) -> Mistakes {
    let more = refused.len().saturating_sub(TOLD);
    let mut mistakes = Mistakes::none();
    for (entry, refusal) in refused.into_iter().take(TOLD) {
        mistakes.add(refusal.at(FIELD, entry));
    }
    if more > 0 {
        mistakes.add(messages::more_refused(more));
    }
    mistakes
}

#[cfg(test)]
mod tests;
