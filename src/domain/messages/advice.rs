//! Advice: what is allowed and rarely intended, and what to do instead.

use crate::extensions::{KeyUsageBit, Usage};
use crate::invalid::quoted;

pub(crate) const RSA_1024: &str =
    "RSA keys of 1024 bits can be broken, and public CAs do not accept them. Choose 2048 or more.";
pub(crate) const SECP256K1: &str =
    "Browsers and TLS libraries do not support SECP256K1. Choose SECP256R1 or SECP384R1.";
pub(crate) const ED25519: &str = "Most browsers do not support Ed25519, and public CAs do not accept it for servers. \
                                  Choose SECP256R1 or SECP384R1.";
pub(crate) const SHA1: &str = "SHA1 is broken, and most CAs refuse requests signed with it. Choose SHA256.";
pub(crate) const ORGANIZATIONAL_UNIT: &str = "Public CAs leave Organizational Unit out of server certificates. Leave the field \
                                              empty, unless your own CA needs it.";
pub(crate) const EMAIL: &str =
    "Public CAs leave the email address out of server certificates. You can leave Email empty.";
pub(crate) const PATH_LENGTH_WITHOUT_CERT_SIGN: &str = "A path length counts only if Key Usage has Key Cert Sign (RFC 5280 \
                                                        4.2.1.9). Turn Key Usage on and add it.";
pub(crate) const CA_NOT_CRITICAL: &str =
    "The Basic Constraints of a CA must be critical (RFC 5280 4.2.1.9). Make them critical.";
pub(crate) const TIME_STAMPING_NOT_CRITICAL: &str = "The Extended Key Usage of a time stamping certificate must be critical \
                                                     (RFC 3161 2.3). Make it critical.";
pub(crate) const TIME_STAMPING_AND_OTHERS: &str =
    "A time stamping certificate has no other usage (RFC 3161 2.3). Request the others separately.";
pub(crate) const CODE_SIGNING: &str = "Public CAs accept only keys from certified hardware for code signing, and this key is \
                                       made here. Send the request to your own CA.";

/// A Brainpool curve for TLS.
pub(crate) fn brainpool(curve: &str) -> String {
    format!(
        "Browsers do not support {curve}, and public CAs do not accept it for servers. Choose SECP256R1 or SECP384R1."
    )
}

/// Days that public CAs allow, and days that are requested.
pub(crate) fn long_lifetime(limit: u32, requested: u32) -> String {
    format!(
        "Public CAs issue server certificates for at most {limit} days today, and you request {requested}. Request fewer, \
         unless your own CA signs."
    )
}

pub(crate) fn common_name_not_a_host(common: &str, is_optional: bool) -> String {
    let or = if is_optional { ", or leave the common name empty" } else { "" };
    format!(
        "The common name {} is not a host name. Public CAs accept only one of the alternative names there. Enter the host \
         name{or}.",
        quoted(common)
    )
}

/// `names`: those that no public CA certifies; `more` of them are not among these.
pub(crate) fn private_names(names: &[String], more: usize) -> String {
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!(
        "Public CAs do not sign for {}{more}: private addresses, names of your own network, email addresses and URIs need \
         your own CA. Remove them, or have your own CA sign.",
        names.join(", ")
    )
}

pub(crate) fn smart_card_logon() -> String {
    other_name(Usage::SmartcardLogon, "the user's principal name")
}

pub(crate) fn kerberos_server() -> String {
    other_name(Usage::KerberosPkinitKdc, "the realm's Kerberos principal (RFC 4556)")
}

fn other_name(usage: Usage, name: &str) -> String {
    format!(
        "Certificates for {} contain {name} in an otherName, which cannot be requested here. Ask the CA to add it.",
        usage.label()
    )
}

/// A bit that keys of that kind cannot serve.
pub(crate) fn impossible_bit(kind: &str, bit: KeyUsageBit, rfc: &str) -> String {
    format!("{kind} keys cannot do {} ({rfc}). Remove it.", bit.label())
}
