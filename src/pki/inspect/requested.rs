//! The extensions that a request asks for, as values for `--json` (docs/reference.md, `extensions{}`).

use serde::Serialize;
use signet_domain::extensions::KeyUsageBit;

/// The extensions as values: the first of each kind; what is unknown, unreadable or doubled is under `other`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the names are RFC 5280's")]
pub struct RequestedExtensions {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject_alternative_name: Option<RequestedNames>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub basic_constraints: Option<RequestedConstraints>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authority_key_identifier: Option<RequestedAuthority>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject_key_identifier: Option<RequestedIdentifier>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extended_key_usage: Option<RequestedUsages>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_usage: Option<RequestedBits>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub other: Vec<RequestedOther>,
}

/// RFC 5280 4.2.1.6.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RequestedNames {
    /// The flag.
    pub critical: bool,
    /// Such as `DNS:nas.local`.
    pub names: Vec<String>,
}

/// RFC 5280 4.2.1.9.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RequestedConstraints {
    /// The flag.
    pub critical: bool,
    /// May sign certificates.
    pub ca: bool,
    /// How many CAs may follow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path_length: Option<u64>,
}

impl RequestedConstraints {
    /// A line a fact, for people.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = vec![if self.ca { "CA" } else { "not a CA" }.to_owned()];
        lines.extend(self.path_length.map(|length| format!("path length {length}")));
        lines
    }
}

/// RFC 5280 4.2.1.1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RequestedAuthority {
    /// The flag.
    pub critical: bool,
    /// In hex with colons.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_id: Option<String>,
    /// The names in one line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// In hex with colons.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
}

/// RFC 5280 4.2.1.2.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RequestedIdentifier {
    /// The flag.
    pub critical: bool,
    /// In hex with colons.
    pub key_id: String,
}

/// RFC 5280 4.2.1.12.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RequestedUsages {
    /// The flag.
    pub critical: bool,
    /// Such as `SERVER_AUTH`; unknown ones dotted.
    pub usages: Vec<String>,
}

/// RFC 5280 4.2.1.3.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RequestedBits {
    /// The flag.
    pub critical: bool,
    /// Those that are set.
    pub bits: Vec<KeyUsageBit>,
}

/// An extension that is not read here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RequestedOther {
    /// The object identifier, dotted.
    pub oid: String,
    /// The flag.
    pub critical: bool,
    /// In hex.
    pub value: String,
}
