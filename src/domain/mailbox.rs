//! Mailboxes in ASCII: the subject's `email` and the SANs of kind rfc822Name.
//!
//! LAN addresses are fine: `root@nas.local`, `admin@localhost`, `admin@[192.0.2.1]`.

use super::dns_name::DnsName;
use super::invalid::{Refusal, quoted};
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
            return Err(Refusal::new(
                format!("There is no @ in {}.", quoted(text)),
                "Type a mailbox such as root@nas.local.",
            ));
        };
        if !text.is_ascii() {
            return Err(not_ascii(text, local, domain));
        }
        refuse_local(text, local)?;
        let mailbox = format!("{local}@{}", parse_domain(text, local, domain)?);
        if mailbox.len() > MAX {
            return Err(Refusal::new(
                format!("An email address has at most {MAX} characters, and this one has {}.", mailbox.len()),
                "Type a shorter address.",
            ));
        }
        Ok(Self(mailbox))
    }

    /// As encoded: ASCII.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn refuse_surroundings(text: &str) -> Result<(), Refusal> {
    if let Some((_, inner)) = text.split_once('<') {
        let inner = inner.split('>').next().unwrap_or_default();
        return Err(Refusal::new(
            format!("{} holds more than the email address.", quoted(text)),
            match Mailbox::parse(inner) {
                Ok(inner) => format!("Type what stands between < and > alone: {}.", quoted(inner.as_str())),
                Err(_) => "Type the email address alone, such as root@nas.local.".to_owned(),
            },
        ));
    }
    if let Some(mailbox) = text.get(..7).filter(|start| start.eq_ignore_ascii_case("mailto:")).and(text.get(7..)) {
        return Err(Refusal::new(
            format!("{} is a link, and a mailbox is asked for.", quoted(text)),
            match Mailbox::parse(mailbox) {
                Ok(mailbox) => format!("Type {} without mailto:.", quoted(mailbox.as_str())),
                Err(_) => "Type the email address alone, such as root@nas.local.".to_owned(),
            },
        ));
    }
    if text.chars().any(char::is_whitespace) {
        return Err(Refusal::new(
            format!("There is a space in {}, and an email address has none.", quoted(text)),
            "Take the space away, and type one address alone.",
        ));
    }
    Ok(())
}

/// RFC 5280's rfc822Name and emailAddress are IA5Strings.
fn not_ascii(text: &str, local: &str, domain: &str) -> Refusal {
    let what = format!("{} has letters that are not ASCII, and a certificate's email address has none.", quoted(text));
    match DnsName::parse(domain) {
        Ok(domain) if local.is_ascii() => {
            Refusal::new(what, format!("Type {}.", quoted(&format!("{local}@{}", domain.as_str()))))
        }
        _ => Refusal::new(what, "Type an address in plain letters, such as root@nas.local."),
    }
}

/// RFC 5321 4.1.2: a dot-string; quoted strings are allowed there and read by next to nobody, so they are refused.
fn refuse_local(text: &str, local: &str) -> Result<(), Refusal> {
    let refuse = |what: String, fix: &str| Err(Refusal::new(what, fix));
    if local.is_empty() {
        return refuse(
            format!("There is nothing before the @ in {}.", quoted(text)),
            "Type the user before it, such as root.",
        );
    }
    if local.contains('@') {
        return refuse(format!("There is more than one @ in {}.", quoted(text)), "Type one address alone.");
    }
    if local.len() > MAX_LOCAL {
        return refuse(
            format!(
                "Before the @ stand at most {MAX_LOCAL} characters, and in {} there are {}.",
                quoted(text),
                local.len()
            ),
            "Type a shorter address.",
        );
    }
    if local.split('.').any(str::is_empty) {
        return refuse(
            format!("A dot in {} stands first, last or beside another before the @.", quoted(text)),
            "Take that dot away.",
        );
    }
    if let Some(wrong) = local.chars().find(|&character| !is_atom(character)) {
        return refuse(
            format!("The {} in {} cannot stand before the @.", quoted(wrong.encode_utf8(&mut [0; 4])), quoted(text)),
            "Type an address of letters, digits, dots and hyphens.",
        );
    }
    Ok(())
}

/// RFC 5322 3.2.3, atext and the dot.
fn is_atom(character: char) -> bool {
    character.is_ascii_alphanumeric() || ".!#$%&'*+-/=?^_`{|}~".contains(character)
}

fn parse_domain(text: &str, local: &str, domain: &str) -> Result<String, Refusal> {
    if domain.is_empty() {
        return Err(Refusal::new(
            format!("There is nothing after the @ in {}.", quoted(text)),
            format!("Type the host after it, such as {}.", quoted(&format!("{local}@nas.local"))),
        ));
    }
    if let Some(literal) = domain.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return parse_literal(literal).ok_or_else(|| {
            Refusal::new(
                format!("What stands in brackets in {} is no address.", quoted(text)),
                "Type it as [192.0.2.1] or [IPv6:2001:db8::1], or a host name without brackets.",
            )
        });
    }
    if let Ok(address) = domain.parse::<std::net::IpAddr>() {
        let literal = match address {
            std::net::IpAddr::V4(address) => format!("{local}@[{address}]"),
            std::net::IpAddr::V6(address) => format!("{local}@[IPv6:{address}]"),
        };
        return Err(Refusal::new(
            format!("The address after the @ in {} stands without brackets.", quoted(text)),
            format!("Type {}.", quoted(&literal)),
        ));
    }
    let name = DnsName::parse(domain).map_err(|refusal| {
        Refusal::new(
            format!("The host in the email address {} is refused: {}", quoted(text), refusal.what),
            refusal.fix,
        )
    })?;
    if name.is_wildcard() {
        return Err(Refusal::new(
            format!("The host in the email address {} is a wildcard.", quoted(text)),
            format!("Type one host, such as {}.", quoted(&format!("{local}@nas.local"))),
        ));
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
            ("", "no @ in", "root@nas.local"),
            ("root", "no @ in", "root@nas.local"),
            ("Root <root@nas>", "more than the email address", "\"root@nas\""),
            ("MAILTO:root@nas", "is a link", "\"root@nas\" without mailto:"),
            ("root @nas", "space in", "space away"),
            ("root@b\u{fc}cher.example", "not ASCII", "\"root@xn--bcher-kva.example\""),
            ("b\u{fc}cher@nas", "not ASCII", "plain letters"),
            ("@nas", "nothing before the @", "such as root"),
            ("a@b@nas", "more than one @", "one address"),
            ("root@", "nothing after the @", "\"root@nas.local\""),
            (".a@nas", "stands first, last or beside", "dot away"),
            ("a..b@nas", "stands first, last or beside", "dot away"),
            ("a.@nas", "stands first, last or beside", "dot away"),
            ("a:b@nas", "The \":\" in", "letters, digits"),
            ("\"a\"@nas", "cannot stand before the @", "letters, digits"),
            ("a\0b@nas", "\\u{0}", "letters, digits"),
            ("a@[nas]", "brackets", "[192.0.2.1]"),
            ("a@[2001:db8::1]", "brackets", "[IPv6:2001:db8::1]"),
            ("a@192.0.2.1", "without brackets", "\"a@[192.0.2.1]\""),
            ("a@2001:db8::1", "without brackets", "\"a@[IPv6:2001:db8::1]\""),
            ("a@nas_1", "underscore", "\"nas-1\""),
            ("a@*.nas", "is a wildcard", "one host"),
            ("a@nas:25", "the \":\" in", "the name alone"),
            (&local, "at most 64 characters", "shorter"),
            (&long, "at most 255 characters, and this one has 256", "shorter"),
        ] {
            let refused = Mailbox::parse(text).unwrap_err();
            assert!(refused.what.contains(what), "{text:?}: {}", refused.what);
            assert!(refused.fix.contains(fix), "{text:?}: {}", refused.fix);
        }
    }
}
