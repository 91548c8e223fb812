//! What CAs do with a request before they issue, and what to do about it.

use crate::invalid::quoted;

pub(crate) const NO_NAMES: &str = "The request has no names, and ACME orders certificates for names.";
pub(crate) const ADD_NAME: &str = "Create a request with the host names or addresses of this device.";
pub(crate) const REMOVE_NAME: &str = "Create a request without them.";
pub(crate) const COMMON_AS_NAME: &str = "Leave the common name empty, or enter one of the names there.";
pub(crate) const NAME_EACH: &str = "Name each host instead, or use an authority that proves names by dns-01.";
pub(crate) const CA: &str = "The request is for a CA's certificate, which ACME does not issue.";
pub(crate) const NO_CA: &str = "Send it to the CA by hand, or create a request without Basic Constraints CA.";
pub(crate) const OWN_CA: &str = "Remove them, or choose a CA of your own.";
pub(crate) const USUAL_KEY: &str = "Create a request with RSA 2048 or more, or with SECP256R1 or SECP384R1.";
pub(crate) const LONG_KEY: &str = "Create a request with 2048 bits or more.";
pub(crate) const SHA1: &str = "The request is signed with SHA1, which is broken.";
pub(crate) const SHA256: &str = "Create a request with SHA256.";
pub(crate) const SUBJECT: &str = "The certificate will have no organization, place or email address.";
pub(crate) const LEAVE_SUBJECT: &str = "Nothing is needed: browsers do not read them.";
pub(crate) const PROFILE: &str = "Nothing is needed; some CAs offer profiles with another lifetime.";

/// `a, b and 3 more`.
pub(crate) fn names(shown: &[String], more: usize) -> String {
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", shown.join(", "))
}

pub(crate) fn not_orderable(names: &str) -> String {
    format!("ACME orders host names and addresses alone, not {names}.")
}

pub(crate) fn common(common: &str) -> String {
    format!("The common name {} is not one of the request's names.", quoted(common))
}

pub(crate) fn wildcard(names: &str) -> String {
    format!("{names} can be proved by dns-01 alone, which this authority does not use.")
}

/// The authorities that can.
pub(crate) fn order_at(authorities: &[String]) -> String {
    format!("Order it at {}, which proves names by dns-01, or name each host instead.", authorities.join(" or "))
}

pub(crate) const ANOTHER_CHALLENGE: &str =
    "Allow http-01 or tls-alpn-01 for this authority, too, or create a request without addresses.";

pub(crate) fn addresses(names: &str) -> String {
    format!("{names} cannot be proved by dns-01, which is the only challenge that is set up.")
}

pub(crate) fn private(names: &str) -> String {
    format!("Public CAs do not sign for {names}: private addresses and names of your own network are nobody's.")
}

pub(crate) fn key(name: &str) -> String {
    format!("Public CAs do not accept keys of the kind {name} for servers.")
}

pub(crate) fn short(bits: u32) -> String {
    format!("The RSA key has {bits} bits, which can be broken.")
}

pub(crate) fn lifetime(days: u32, limit: Option<u32>) -> String {
    match limit {
        Some(limit) => {
            format!("The CA decides the lifetime, at most {limit} days; the requested {days} days are not sent.")
        }
        None => format!("The CA decides the lifetime; the requested {days} days are not sent."),
    }
}
