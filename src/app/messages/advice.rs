//! What is worth knowing of a certificate or an imported request before it is kept: never a reason to refuse it.

use jiff::Timestamp;
use signet_domain::invalid::{quoted, shortened};
use signet_domain::name::CsrName;
use signet_domain::time;

/// Browsers take no name from elsewhere.
pub(crate) const NO_NAMES: &str = "It has no Subject Alternative Names. Browsers check only these names.";
/// The digest that browsers refuse.
pub(crate) const SHA1: &str = "It is signed with SHA1, which browsers refuse.";
/// Nothing would change.
pub(crate) const SAME: &str = "This certificate was added before. Adding it again changes nothing.";
/// The same certificate with another chain.
pub(crate) const OTHER_CHAIN: &str = "This certificate was added before. Its chain changes.";
/// Issuer and subject have one name, and the certificate is not self-signed.
pub(crate) const SELF_ISSUED: &str = "It has the same subject as its issuer: many programs treat it as self-signed and refuse it \
     (OpenSSL: error 18). Ask the CA for a certificate with another subject.";
/// The same, where the issuer's certificate is missing.
pub(crate) const SELF_ISSUED_ALONE: &str = "That issuer has the same name as the subject of this certificate, and another key: \
     many programs treat such a certificate as self-signed. Ask the CA for one with another subject.";
/// No CA has signed it.
pub(crate) const SELF_SIGNED: &str = "It is self-signed, by no CA: every visitor has to trust it by hand.";
/// A key beside a certificate whose request is here.
pub(crate) const KEY_NOT_KEPT: &str = "The file also contains a private key. It was not kept, because it has the key of \
     this request already. Replace a key that was sent to others.";

/// An extension that programs must know, and do not.
pub(crate) fn unknown_critical(extension: &str) -> String {
    format!(
        "It has the critical extension {}, which common programs do not know: they refuse the certificate.",
        shortened(extension)
    )
}

/// `odd` ends a sentence about the serial number.
pub(crate) fn odd_serial(odd: &impl std::fmt::Display) -> String {
    format!(
        "Its serial number {odd}, which RFC 5280 4.1.2.2 forbids: some programs refuse it. Ask the CA for a new certificate."
    )
}

/// Certificates that are not part of the chain; `names` are quoted.
pub(crate) fn not_of_the_chain(names: &[String], more: usize) -> String {
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("Not part of its chain, and not kept: {}{more}.", names.join(", "))
}

/// A certificate beside the others that cannot be read; `what` and `fix` are the refusal's.
pub(crate) fn left_out(what: &str, subject: Option<&str>, fix: &str) -> String {
    let of = subject.map(|subject| format!(" ({})", quoted(subject))).unwrap_or_default();
    format!("{what} It was left out{of}. {fix}")
}

/// It takes the place of an older certificate.
pub(crate) fn replaces(issuer: &str, until: &str) -> String {
    format!("It replaces the certificate by {}, valid until {until}.", quoted(issuer))
}

/// It would take the place of a newer one.
pub(crate) fn older(issuer: &str, until: &str) -> String {
    format!(
        "It is older than the present certificate (by {}, valid until {until}), and would replace it.",
        quoted(issuer)
    )
}

/// The clock is before the program's build date.
pub(crate) fn clock_is_wrong(now: Timestamp) -> String {
    format!(
        "The device’s clock says {}, which is wrong: the validity of the certificate is not checked. Have the clock set.",
        time::shown(now)
    )
}

/// By the program's build date.
pub(crate) fn expired_before_build(until: &str) -> String {
    format!("It expired on {until}, before this program was built.")
}

/// It is for later.
pub(crate) fn not_yet_valid(from: Timestamp, now: Timestamp) -> String {
    format!(
        "It is not valid yet: it is valid from {}, and the device’s clock says {}.",
        time::shown(from),
        time::shown(now)
    )
}

/// `left`: such as `5 days left`.
pub(crate) fn expires_soon(left: &str) -> String {
    format!("It expires soon: {left}.")
}

/// A certificate of the chain has expired. `name` is quoted here and below.
pub(crate) fn ca_expired(name: &str, until: &str) -> String {
    format!(
        "The CA’s own certificate {name} expired on {until}: programs refuse the chain. Ask the CA for its current \
         certificate, and add it here."
    )
}

/// One of the chain expires sooner.
pub(crate) fn ca_expires_first(name: &str, until: &str) -> String {
    format!("The CA’s own certificate {name} expires before this one, on {until}.")
}

/// One of the chain is for later.
pub(crate) fn ca_not_yet_valid(name: &str, from: Timestamp) -> String {
    format!("The CA’s own certificate {name} is not valid before {}.", time::shown(from))
}

/// One of the chain breaks a rule; `fault` ends the sentence.
pub(crate) fn ca_faulty(name: &str, fault: &impl std::fmt::Display) -> String {
    format!("The CA’s own certificate {name} {fault}. Ask the CA for another one.")
}

/// One of the chain has an extension that programs must know, and do not.
pub(crate) fn ca_unknown_critical(name: &str, extension: &str) -> String {
    format!(
        "The CA’s own certificate {name} has the critical extension {}, which common programs do not know: they refuse the \
         chain.",
        shortened(extension)
    )
}

/// The chain ends below its root; `at` are addresses that the certificate names.
pub(crate) fn issuer_missing(issuer: &str, at: &[String]) -> String {
    let at = match at {
        [] => "Ask the CA for it".to_owned(),
        at => format!("Download it at {} (this device never does)", at.join(" or ")),
    };
    format!(
        "The certificate of its issuer, {}, is missing. {at}, and add it here, alone or with the others. A private CA’s root \
         may be left out.",
        quoted(issuer)
    )
}

/// The chain leads in a circle.
pub(crate) fn no_root(issuer: &str) -> String {
    format!(
        "The CAs of its chain have signed each other, and the chain comes back to {}: there is no root.",
        quoted(issuer)
    )
}

/// A root that browsers do not know.
pub(crate) fn private_ca(root: &str) -> String {
    format!(
        "It comes from a private CA: browsers do not know its root {}. Visitors have to trust that root once.",
        quoted(root)
    )
}

/// An import whose key is here already.
pub(crate) fn same_key(other: &CsrName) -> String {
    format!(
        "The request {other} has the same key. To keep the certificate there instead, add it on that request’s page."
    )
}

/// The console would be opened by a name that its certificate lacks.
pub(crate) fn host_not_named(host: &str, names: &[String]) -> String {
    format!(
        "The certificate does not name {host}, by which you opened this console: your browser will warn. Open it by one of \
         the certificate's names: {}.",
        names.join(", ")
    )
}

/// Likewise, where it has no names at all.
pub(crate) const CONSOLE_NO_NAMES: &str =
    "The certificate has no Subject Alternative Names. Browsers check only these names.";
