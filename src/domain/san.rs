//! Subject alternative names: the grammar of step 3's `san` and what a name becomes.

mod misread;

pub use super::dns_name::DnsName;
pub use super::mailbox::Mailbox;
pub use super::uri::Uri;

use super::invalid::{Invalid, Mistakes, Refusal, quoted, shortened};
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
            return Err(Refusal::new(
                format!("{} contains the control character {}.", quoted(entry), control.escape_unicode()),
                "Enter the name again by hand.",
            ));
        }
        match split_prefix(entry) {
            Some((prefix, "")) => Err(Refusal::new(
                format!("Nothing follows the prefix in {}.", quoted(entry)),
                format!("Enter the name after it, such as {}, or remove the entry.", prefix.example()),
            )),
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
                    Err(refusal) if many_lines => {
                        let what = format!("Line {number}: {}", refusal.what);
                        refused.push((entry, Refusal { what, ..refusal }));
                    }
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
            let copy = if list.common_added { ", including the copy of the common name" } else { "" };
            return Err(Mistakes::from(Invalid::new(
                FIELD,
                format!("A request has at most {} names, and this one has {}{copy}.", Self::MAX, list.len()),
                "Remove some, or request a wildcard such as *.nas.local.",
            )));
        }
        Ok(list)
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
    let right = parts.join(", ");
    Some(Refusal {
        fix: format!("Put each on a line of its own, or separate them with commas: {}.", shortened(&right)),
        ..Refusal::knowing(format!("{} contains several names.", quoted(entry)), right)
    })
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
        let what = format!("{} is an address, and DNS: is for host names.", quoted(name));
        return Err(Refusal::knowing(what, format!("IP:{address}")));
    }
    if let Some(refusal) = misread(name) {
        return Err(refusal);
    }
    if name.contains('@') {
        let what = format!("{} contains an @, and DNS: is for host names.", quoted(name));
        return Err(match Mailbox::parse(name) {
            Ok(mailbox) => Refusal::knowing(what, format!("email:{}", mailbox.as_str())),
            Err(_) => Refusal::new(what, "Enter the host name only, or email: and an address."),
        });
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
    let what = format!("{} is not an IP address.", quoted(text));
    Err(match DnsName::parse(text) {
        Ok(name) => Refusal::knowing(what, format!("DNS:{}", name.as_str())),
        Err(_) => Refusal::new(what, "Enter one such as IP:192.168.1.10 or IP:2001:db8::1."),
    })
}

/// The first ten refusals, each with its entry, and how many more there are.
fn listed(refused: Vec<(&str, Refusal)>) -> Mistakes {
    let more = refused.len().saturating_sub(TOLD);
    let mut mistakes = Mistakes::none();
    for (entry, refusal) in refused.into_iter().take(TOLD) {
        mistakes.add(refusal.at(FIELD, entry));
    }
    if more > 0 {
        let names = if more == 1 { "name is" } else { "names are" };
        mistakes.add(Invalid::new(
            FIELD,
            format!("{more} more {names} not valid."),
            "Correct the names above first; then you see the others.",
        ));
    }
    mistakes
}

#[cfg(test)]
mod tests;
