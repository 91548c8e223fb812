//! What people type where a name belongs. `meant` is the name that they most likely mean, where the text holds one.

use super::corrected;
use crate::invalid::{Refusal, quoted, shortened};
use std::net::IpAddr;

const HOST_ONLY: &str = "Enter the host name only.";

fn host(what: String, meant: Option<String>) -> Refusal {
    match meant {
        Some(name) => corrected(what, name),
        None => Refusal::new(what, HOST_ONLY),
    }
}

/// `CN=nas.local`.
pub(crate) fn assignment(entry: &str, meant: Option<String>) -> Refusal {
    let what = format!("{} is a key with a value, not a name.", quoted(entry));
    match meant {
        Some(name) => corrected(what, name),
        None => Refusal::new(what, "Enter the name only, such as nas.local."),
    }
}

/// A URL where only its host can be certified.
pub(crate) fn url(text: &str, meant: Option<String>) -> Refusal {
    host(format!("{} is a URL. The certificate of a web server contains its host name.", quoted(text)), meant)
}

/// The same where a URI can be certified, too; `uri` is the text as one, where it is valid.
pub(crate) fn or_as_uri(refusal: Refusal, uri: Option<&str>) -> Refusal {
    let fix = match uri {
        Some(uri) => format!("{} For a URI in the certificate, enter URI:{}.", refusal.fix, shortened(uri)),
        None => format!("{} For a URI in the certificate, put URI: in front of it.", refusal.fix),
    };
    Refusal { fix, ..refusal }
}

pub(crate) fn mac_address(entry: &str) -> Refusal {
    Refusal::new(
        format!("{} is a MAC address. Certificates cannot contain one.", quoted(entry)),
        "Enter the device's host name or its IP address.",
    )
}

pub(crate) fn zone(entry: &str, address: IpAddr) -> Refusal {
    let what = format!("{} has a zone after the %, which is valid on one machine only.", quoted(entry));
    corrected(what, address.to_string())
}

pub(crate) fn share(entry: &str, meant: Option<String>) -> Refusal {
    host(format!("{} is the path of a share. A certificate contains host names.", quoted(entry)), meant)
}

pub(crate) fn network(entry: &str, example: IpAddr) -> Refusal {
    Refusal::new(
        format!("{} is a network. A certificate contains single addresses.", quoted(entry)),
        format!("Enter each address on a line of its own, such as {example}."),
    )
}

pub(crate) fn path(entry: &str, meant: Option<String>) -> Refusal {
    host(format!("{} contains a path. A certificate contains host names.", quoted(entry)), meant)
}

/// `port` is empty where only its colon is there.
pub(crate) fn port(entry: &str, port: &str, meant: Option<String>) -> Refusal {
    let what = match port {
        "" => format!("{} ends with a colon.", quoted(entry)),
        port => format!("{} has a port, {port}. A certificate is valid for every port.", quoted(entry)),
    };
    host(what, meant)
}

/// `SRV:nas`: `word` is a prefix that asks for what cannot be requested.
pub(crate) fn other_kind(word: &str) -> Refusal {
    let fix = "Enter a DNS:, IP:, email: or URI: name; other kinds cannot be requested.";
    Refusal::new(unknown_prefix(word), fix)
}

/// `HOST:nas`: `word` is another program's prefix for what `name` asks for in ours.
pub(crate) fn another_prefix(word: &str, name: String) -> Refusal {
    corrected(unknown_prefix(word), name)
}

/// The same, where what follows it is refused, too.
pub(crate) fn another_prefix_before(word: &str, refused: Refusal) -> Refusal {
    Refusal::new(format!("{} {}", unknown_prefix(word), refused.what), refused.fix)
}

fn unknown_prefix(word: &str) -> String {
    format!("{} is not a known prefix.", quoted(word))
}

pub(crate) fn not_an_address(text: &str) -> Refusal {
    Refusal::new(format!("{} is not an IP address.", quoted(text)), "Enter an IP address, such as IP:192.168.1.10.")
}

pub(crate) fn like_ipv6(entry: &str) -> Refusal {
    Refusal::new(
        format!("{} looks like an IPv6 address, but is not valid.", quoted(entry)),
        "Enter eight groups of one to four hex digits, with :: once for a run of zeros, such as 2001:db8::1.",
    )
}

pub(crate) fn colon(entry: &str) -> Refusal {
    Refusal::new(
        format!("{} contains a colon, and the text before it is not a known prefix.", quoted(entry)),
        "Enter a host name without a colon. The prefixes are DNS:, IP:, email: and URI:.",
    )
}
