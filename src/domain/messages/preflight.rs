//! What CAs do with a request before they issue, what to do about it, and the buttons that do it.

use crate::invalid::quoted;

pub(crate) const NO_NAMES: &str = "The request has no names, and ACME orders certificates for names.";
pub(crate) const NO_NAMES_FOR_BROWSERS: &str =
    "The request has no Subject Alternate Names. Browsers check only these names.";
pub(crate) const ADD_NAME: &str = "Request it with the host names or addresses of this device.";
pub(crate) const REMOVE_NAME: &str = "Request the certificate without them.";
pub(crate) const COMMON_AS_NAME: &str = "Leave the common name empty, or use one of the names.";
pub(crate) const NAME_EACH: &str = "Name each host instead, or use a CA that proves names by dns-01.";
pub(crate) const CA: &str = "The request is for a CA's certificate, which ACME does not issue.";
pub(crate) const NO_CA: &str = "Send it to the CA by hand, or request a certificate without Basic Constraints CA.";
pub(crate) const OWN_CA: &str = "Remove them, or have your own CA sign.";
pub(crate) const THIS_KEY: &str = "this key";
pub(crate) const USUAL_KEY: &str = "Use RSA 2048 or more, SECP256R1 or SECP384R1.";
pub(crate) const LONG_KEY: &str = "Use 2048 bits or more.";
pub(crate) const SHA1: &str = "The request is signed with SHA1, which is broken.";
pub(crate) const SHA256: &str = "Use SHA256.";
pub(crate) const LEAVE_SUBJECT: &str = "Nothing is needed: browsers do not read them.";
pub(crate) const OTHER_USAGES: &str = "Have your own CA sign if you need them.";
pub(crate) const PROFILE: &str = "Nothing is needed; some CAs offer profiles with another lifetime.";
pub(crate) const PATH_LENGTH: &str = "A path length counts only if Key Usage has Key Cert Sign.";
pub(crate) const ADD_CERT_SIGN: &str = "Request Key Usage with it.";
pub(crate) const CA_NOT_CRITICAL: &str = "The Basic Constraints of a CA must be critical.";
pub(crate) const TIME_STAMPING_NOT_CRITICAL: &str =
    "The Extended Key Usage of a time stamping certificate must be critical.";
pub(crate) const MAKE_CRITICAL: &str = "Make it critical.";
pub(crate) const TIME_STAMPING_ALONE: &str = "A time stamping certificate has no other usage.";
pub(crate) const REQUEST_APART: &str = "Request the others separately.";
pub(crate) const CA_ADDS_IT: &str = "Ask the CA to add it.";
pub(crate) const REMOVE_BITS: &str = "Remove them.";

pub(crate) const REMOVE_THESE_NAMES: &str = "Remove these names";
pub(crate) const CLEAR_COMMON: &str = "Leave the common name empty";
pub(crate) const CLEAR: &str = "Leave them empty";
pub(crate) const USE_LONG_KEY: &str = "Use 2048 bits";
pub(crate) const REQUEST_NO_CA: &str = "Request no CA certificate";
pub(crate) const REMOVE_USAGES: &str = "Remove these usages";
pub(crate) const ADD_CERT_SIGN_BUTTON: &str = "Add Key Cert Sign";
pub(crate) const MAKE_CRITICAL_BUTTON: &str = "Make it critical";

pub(crate) fn remove(name: &str) -> String {
    format!("Remove {name}")
}

pub(crate) fn use_as_common(name: &str) -> String {
    format!("Use {name} as the common name")
}

pub(crate) fn use_value(value: &str) -> String {
    format!("Use {value}")
}

pub(crate) fn request_days(days: u32) -> String {
    format!("Request {days} days")
}

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

pub(crate) fn browsers(name: &str) -> String {
    format!("Browsers do not support {name}.")
}

pub(crate) fn short(bits: u32) -> String {
    format!("The RSA key has {bits} bits, which can be broken.")
}

/// Parts of the subject, or usages.
pub(crate) fn left_out(labels: &str) -> String {
    format!("Public CAs leave out of the certificate: {labels}.")
}

pub(crate) fn lifetime(days: u32, limit: u32) -> String {
    format!(
        "The CA decides the lifetime, and public CAs issue at most {limit} days; the requested {days} days are not sent."
    )
}

pub(crate) fn other_name(usage: &str) -> String {
    format!("Certificates for {usage} name the account in an otherName, which cannot be requested here.")
}

/// Bits that keys of that kind cannot serve.
pub(crate) fn cannot(keys: &str, bits: &str) -> String {
    format!("{keys} keys cannot do: {bits}.")
}
