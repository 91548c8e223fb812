//! How dns-01 is set up: by a DNS server or by a hook.

use crate::invalid::{Invalid, quoted};

pub(crate) fn not_set_up() -> Invalid {
    Invalid::new(
        "challenge",
        "dns-01 needs a way to set DNS records, and none is given.",
        "Give a DNS server with the name and the secret of its TSIG key, or a hook.",
    )
}

pub(crate) fn not_used() -> Invalid {
    Invalid::new(
        "challenge",
        "A DNS server or hook is given, and dns-01 is not among the challenges.",
        "Add dns-01, or leave the DNS settings out.",
    )
}

pub(crate) fn server_and_hook() -> Invalid {
    Invalid::new("dns_hook", "A DNS server and a hook are given.", "Give one of the two.")
}

pub(crate) fn no_server() -> Invalid {
    Invalid::new(
        "dns_server",
        "The DNS server is missing.",
        "Enter the address of the server that takes updates, such as 192.0.2.53.",
    )
}

pub(crate) fn server(text: &str) -> Invalid {
    Invalid::new(
        "dns_server",
        format!("{} is not the address of a DNS server.", quoted(text)),
        "Enter an IP address, perhaps with a port: 192.0.2.53, 192.0.2.53:5353 or [2001:db8::53]:5353.",
    )
}

pub(crate) fn zone(text: &str) -> Invalid {
    Invalid::new(
        "dns_zone",
        format!("{} is not the name of a zone.", quoted(text)),
        "Enter a name such as example.com, or leave it empty: the server says which zone a name is in.",
    )
}

pub(crate) fn no_key() -> Invalid {
    Invalid::new(
        "tsig_name",
        "The name of the TSIG key is missing.",
        "Enter the name that the DNS server knows the key by.",
    )
}

pub(crate) fn key(text: &str) -> Invalid {
    Invalid::new(
        "tsig_name",
        format!("{} is not the name of a TSIG key.", quoted(text)),
        "Enter the name that the DNS server knows the key by: letters, digits, hyphens, underscores and dots.",
    )
}

pub(crate) fn algorithm(text: &str) -> Invalid {
    Invalid::new(
        "tsig_algorithm",
        format!("{} is not an algorithm for TSIG that this version has.", quoted(text)),
        "Use hmac-sha256, hmac-sha384 or hmac-sha512, as the DNS server does for this key.",
    )
}

pub(crate) fn hook(text: &str, max: usize) -> Invalid {
    Invalid::new(
        "dns_hook",
        format!("{} is not the name of a hook.", quoted(text)),
        format!("Use 1 to {max} lower-case letters, digits, hyphens and underscores, as in [hooks] of enroll.toml."),
    )
}
