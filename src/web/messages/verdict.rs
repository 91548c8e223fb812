//! What a certificate is good for, and why not for more.

pub(in crate::web) const FAILS_FOR_SERVERS: &str = "Will not work for a web server.";
pub(in crate::web) const FAILS_IN_BROWSERS: &str = "Browsers will not accept it.";

/// The usage is missing.
pub(in crate::web) const NOT_FOR_SERVERS: &str = "The CA left out the usage Web server (SERVER_AUTH), and browsers insist on \
     it. Ask the CA for a certificate for a web server.";
/// All names are missing.
pub(in crate::web) const NO_NAMES: &str = "It has no Subject Alternative Names, and browsers check only these. Ask the CA for \
     a certificate with the names of this device.";

/// Its key is of a kind that browsers do not take.
pub(in crate::web) const OTHER_KEY: &str = "Browsers do not accept its kind of key. If they must connect, make a request with an \
     EC SECP256R1 or SECP384R1 key.";

/// One name is missing, or several, that no public CA certifies.
pub(in crate::web) fn private_names_missing(one: bool) -> &'static str {
    if one {
        "The CA left that name out. Public CAs never certify private addresses or names of your own network: open the device \
         by another name, or ask a CA of your own."
    } else {
        "The CA left those names out. Public CAs never certify private addresses or names of your own network: open the \
         device by another name, or ask a CA of your own."
    }
}

/// One name is missing, or several.
pub(in crate::web) fn names_missing(one: bool) -> &'static str {
    if one {
        "The CA left that name out. Ask it for a certificate with this name, or open the device by another one."
    } else {
        "The CA left those names out. Ask it for a certificate with these names, or open the device by another one."
    }
}

/// Which of the requested names public CAs leave out: all of them.
pub(in crate::web) const ONLY_OWN_CA: &str = "Only a CA of your own certifies these names.";

/// Some of them.
pub(in crate::web) fn not_public(names: &str) -> String {
    format!("Public CAs do not certify {names}.")
}

/// The CA that renews it.
pub(in crate::web) fn renewed_at(ca: &str) -> String {
    format!("automatic, at {ca}")
}
