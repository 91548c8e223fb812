//! Mailboxes in ASCII: the subject's `email` and the SANs of kind rfc822Name.
//!
//! LAN addresses are fine: `root@nas.local`, `admin@localhost`, `admin@[192.0.2.1]`.

use super::dns_name::DnsName;
use super::invalid::Refusal;
use super::messages::mailbox as messages;
use std::net::{Ipv4Addr, Ipv6Addr};

/// X.520's upper bound for the subject's emailAddress as PKCS#9 (ub-emailaddress-length, RFC 5280 appendix A).
const MAX: usize = 255;
/// RFC 5321 4.5.3.1.1.
const MAX_LOCAL: usize = 64;

/// An ASCII mailbox, `local@domain`, at most 255 octets.
///
/// The local part is a dot-atom, kept and compared as it is (RFC 5280 7.5); the domain is a host name in lower case or
/// an address in brackets (RFC 5321 4.1.3).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Mailbox(String);

impl Mailbox {
    /// The whole text as a mailbox.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        refuse_surroundings(text)?;
        let Some((local, domain)) = text.rsplit_once('@') else {
            return Err(messages::no_at(text));
        };
        if !text.is_ascii() {
            return Err(not_ascii(text, local, domain));
        }
        refuse_local(text, local)?;
        let mailbox = format!("{local}@{}", parse_domain(text, local, domain)?);
        if mailbox.len() > MAX {
            return Err(messages::too_long(mailbox.len(), MAX));
        }
        Ok(Self(mailbox))
    }

    /// As encoded: ASCII.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn refuse_surroundings(text: &str) -> Result<(), Refusal> {
    let meant = |inner: &str| Mailbox::parse(inner).ok();
    if let Some((_, inner)) = text.split_once('<') {
        let mailbox = meant(inner.split('>').next().unwrap_or_default());
        return Err(messages::more_than_the_address(text, mailbox.as_ref().map(Mailbox::as_str)));
    }
    if let Some(inner) = text.get(..7).filter(|start| start.eq_ignore_ascii_case("mailto:")).and(text.get(7..)) {
        return Err(messages::link(text, meant(inner).as_ref().map(Mailbox::as_str)));
    }
    if text.chars().any(char::is_whitespace) {
        return Err(messages::space(text));
    }
    Ok(())
}

/// RFC 5280's rfc822Name and emailAddress are IA5Strings.
fn not_ascii(text: &str, local: &str, domain: &str) -> Refusal {
    let encoded = DnsName::parse(domain).map(|domain| format!("{local}@{}", domain.as_str())).ok();
    messages::not_ascii(text, encoded.filter(|encoded| encoded.is_ascii() && Mailbox::parse(encoded).is_ok()))
}

/// RFC 5321 4.1.2: a dot-string; quoted strings are allowed there and read by next to nobody, so they are refused.
fn refuse_local(text: &str, local: &str) -> Result<(), Refusal> {
    if local.is_empty() {
        return Err(messages::nothing_before_the_at(text));
    }
    if local.contains('@') {
        return Err(messages::several_ats(text));
    }
    if local.len() > MAX_LOCAL {
        return Err(messages::local_too_long(text, local.len(), MAX_LOCAL));
    }
    if local.split('.').any(str::is_empty) {
        return Err(messages::misplaced_dot(text));
    }
    if let Some(wrong) = local.chars().find(|&character| !is_atom(character)) {
        return Err(messages::character_before_the_at(text, wrong));
    }
    Ok(())
}

/// RFC 5322 3.2.3, atext and the dot.
fn is_atom(character: char) -> bool {
    character.is_ascii_alphanumeric() || ".!#$%&'*+-/=?^_`{|}~".contains(character)
}

fn parse_domain(text: &str, local: &str, domain: &str) -> Result<String, Refusal> {
    if domain.is_empty() {
        return Err(messages::nothing_after_the_at(text, local));
    }
    if let Some(literal) = domain.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return parse_literal(literal).ok_or_else(|| messages::brackets_without_an_address(text));
    }
    if let Ok(address) = domain.parse::<std::net::IpAddr>() {
        let literal = match address {
            std::net::IpAddr::V4(address) => format!("{local}@[{address}]"),
            std::net::IpAddr::V6(address) => format!("{local}@[IPv6:{address}]"),
        };
        return Err(messages::address_without_brackets(text, literal));
    }
    let name = DnsName::parse(domain).map_err(|host| messages::bad_host(text, host))?;
    if name.is_wildcard() {
        return Err(messages::wildcard_host(text, local));
    }
    Ok(name.as_str().into())
}

fn parse_literal(literal: &str) -> Option<String> {
    if let Ok(address) = literal.parse::<Ipv4Addr>() {
        return Some(format!("[{address}]"));
    }
    let address = literal.get(..5).filter(|tag| tag.eq_ignore_ascii_case("IPv6:")).and(literal.get(5..))?;
    address.parse::<Ipv6Addr>().ok().map(|address| format!("[IPv6:{address}]"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_mailboxes_of_a_lan_and_of_the_world() {
        let longest = format!("{}@{}.{}.{}", "l".repeat(64), "a".repeat(63), "b".repeat(63), "c".repeat(62));
        for (text, mailbox) in [
            ("root@nas.local", "root@nas.local"),
            ("admin@localhost", "admin@localhost"),
            ("Root@NAS.Local.", "Root@nas.local"),
            ("admin@[192.0.2.1]", "admin@[192.0.2.1]"),
            ("admin@[ipv6:2001:DB8::1]", "admin@[IPv6:2001:db8::1]"),
            ("o'neil+nas_1@example.com", "o'neil+nas_1@example.com"),
            ("a@xn--bcher-kva.example", "a@xn--bcher-kva.example"),
            (&longest, &longest),
        ] {
            assert_eq!(Mailbox::parse(text).unwrap().as_str(), mailbox);
        }
        assert_eq!(longest.len(), 255);
        assert_ne!(Mailbox::parse("Root@nas"), Mailbox::parse("root@nas"), "a local part is compared by case");
    }

    #[test]
    fn refuses_each_other_text_by_its_rule() {
        let local = format!("{}@nas", "l".repeat(65));
        let long = format!("{}@{}.{}.{}", "l".repeat(64), "a".repeat(63), "b".repeat(63), "c".repeat(63));
        for (text, what, fix) in [
            ("", "has no @", "root@nas.local"),
            ("root", "has no @", "root@nas.local"),
            ("Root <root@nas>", "more than the email address", "Enter root@nas."),
            ("MAILTO:root@nas", "is a link", "Enter root@nas."),
            ("root @nas", "contains a space", "Remove the space"),
            ("root@b\u{fc}cher.example", "not ASCII", "Enter root@xn--bcher-kva.example."),
            ("b\u{fc}cher@nas", "not ASCII", "plain letters"),
            ("@nas", "has nothing before the @", "such as root"),
            ("a@b@nas", "more than one @", "one address"),
            ("root@", "has nothing after the @", "\"root@nas.local\""),
            (".a@nas", "two in a row", "Remove that dot"),
            ("a..b@nas", "two in a row", "Remove that dot"),
            ("a.@nas", "two in a row", "Remove that dot"),
            ("a:b@nas", "has \":\" before", "letters, digits"),
            ("\"a\"@nas", "before the @, where", "letters, digits"),
            ("a\0b@nas", "\\u{0}", "letters, digits"),
            ("a@[nas]", "brackets", "[192.0.2.1]"),
            ("a@[2001:db8::1]", "brackets", "[IPv6:2001:db8::1]"),
            ("a@192.0.2.1", "without brackets", "Enter a@[192.0.2.1]."),
            ("a@2001:db8::1", "without brackets", "Enter a@[IPv6:2001:db8::1]."),
            ("a@nas_1", "underscore", "\"nas-1\""),
            ("a@*.nas", "is a wildcard", "one host"),
            ("a@nas:25", "contains \":\"", "the name only"),
            (&local, "at most 64 characters", "shorter"),
            (&long, "at most 255 characters, and this one has 256", "shorter"),
        ] {
            let refused = Mailbox::parse(text).unwrap_err();
            assert!(refused.what.contains(what), "{text:?}: {}", refused.what);
            assert!(refused.fix.contains(fix), "{text:?}: {}", refused.fix);
            assert!(refused.right.is_none_or(|right| Mailbox::parse(&right).is_ok()), "{text:?}");
        }
    }
}
