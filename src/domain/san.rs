//! Subject alternative names: the grammar of step 3's `san` and what a name becomes.

use std::net::IpAddr;

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

/// The names of a request: in the order typed, each once, at most 100.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SanList {
    names: Vec<San>,
    common_added: bool,
}

impl SanList {
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

/// A host name in lower-case A-labels: at most 253 octets, labels of 1 to 63.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DnsName(String);

impl DnsName {
    /// As encoded: ASCII.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An ASCII mailbox, `local@domain`, at most 255 octets.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Mailbox(String);

impl Mailbox {
    /// As encoded: ASCII.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An absolute URI, ASCII.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Uri(String);

impl Uri {
    /// As encoded: ASCII.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
