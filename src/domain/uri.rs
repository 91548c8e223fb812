//! URIs as subject alternative names: absolute, ASCII, with a host that the world can find (RFC 5280 4.2.1.6).

use super::dns_name::DnsName;
use super::invalid::Refusal;
use super::messages::uri as messages;
use std::net::{Ipv4Addr, Ipv6Addr};

/// An absolute URI of RFC 3986 in ASCII. With an authority it names a fully qualified host or an address.
///
/// Scheme and host are kept in lower case (RFC 3986 6.2.2.1), the rest as typed. It contains no comma, because a
/// comma separates names: write it as `%2C`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Uri(String);

impl Uri {
    /// The whole text as a URI.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        refuse_characters(text)?;
        let Some((scheme, rest)) = text.split_once(':').filter(|(scheme, _)| is_scheme(scheme)) else {
            return Err(messages::no_scheme(text));
        };
        let scheme = scheme.to_ascii_lowercase();
        if rest.is_empty() || rest == "//" {
            return Err(messages::scheme_alone(text));
        }
        let Some(after) = rest.strip_prefix("//") else {
            if matches!(scheme.as_str(), "http" | "https") {
                return Err(messages::no_slashes(text, &scheme));
            }
            return Ok(Self(format!("{scheme}:{rest}")));
        };
        let end = after.find(['/', '?', '#']).unwrap_or(after.len());
        let (authority, path) = after.split_at_checked(end).unwrap_or((after, ""));
        let (user, host_port) = match authority.rsplit_once('@') {
            Some((user, host_port)) => (format!("{user}@"), host_port),
            None => (String::new(), authority),
        };
        if user.contains(':') {
            return Err(messages::password());
        }
        let (host, port) = split_port(host_port);
        if !port.bytes().skip(1).all(|byte| byte.is_ascii_digit()) {
            return Err(messages::port_not_a_number(text, port));
        }
        Ok(Self(format!("{scheme}://{user}{}{port}{path}", parse_host(text, host)?)))
    }

    /// As encoded: ASCII.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn refuse_characters(text: &str) -> Result<(), Refusal> {
    if text.contains(',') {
        return Err(messages::comma(text));
    }
    if let Some(wrong) = text.chars().find(|&character| !is_uri_character(character)) {
        return Err(messages::character(text, wrong));
    }
    let bad_escape =
        text.split('%').skip(1).any(|after| !after.bytes().take(2).filter(u8::is_ascii_hexdigit).count().eq(&2));
    if bad_escape {
        return Err(messages::bad_escape(text));
    }
    Ok(())
}

/// RFC 3986 2: unreserved, reserved and the percent sign.
fn is_uri_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || "-._~:/?#[]@!$&'()*+,;=%".contains(character)
}

/// RFC 3986 3.1.
fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

/// The host, and the port with its colon; an empty one where there is none.
fn split_port(host_port: &str) -> (&str, &str) {
    let from = host_port.rfind(']').unwrap_or(0);
    match host_port.get(from..).and_then(|tail| tail.find(':')) {
        Some(colon) => host_port.split_at_checked(from + colon).unwrap_or((host_port, "")),
        None => (host_port, ""),
    }
}

fn parse_host(text: &str, host: &str) -> Result<String, Refusal> {
    if host.is_empty() {
        return Err(messages::no_host(text));
    }
    if let Some(address) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return match address.parse::<Ipv6Addr>() {
            Ok(address) => Ok(format!("[{address}]")),
            Err(_) => Err(messages::brackets_without_an_address(text)),
        };
    }
    if let Ok(address) = host.parse::<Ipv4Addr>() {
        return Ok(address.to_string());
    }
    let name = DnsName::parse(host).map_err(|host| messages::bad_host(text, host))?;
    if name.is_wildcard() {
        return Err(messages::wildcard_host(text));
    }
    if name.is_single_label() {
        return Err(messages::host_without_a_domain(text, name.as_str()));
    }
    Ok(name.as_str().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_absolute_uris() {
        for (text, uri) in [
            ("https://nas.local/x", "https://nas.local/x"),
            ("HTTPS://NAS.local./X?y=Z#F", "https://nas.local/X?y=Z#F"),
            ("https://user@nas.local:8443", "https://user@nas.local:8443"),
            ("https://192.0.2.1:1/", "https://192.0.2.1:1/"),
            ("https://[2001:DB8::1]:8443/x", "https://[2001:db8::1]:8443/x"),
            ("spiffe://example.org/ns/nas", "spiffe://example.org/ns/nas"),
            ("urn:uuid:F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6", "urn:uuid:F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6"),
            ("sip:root@nas.local", "sip:root@nas.local"),
            ("https://nas.local/a%2Cb", "https://nas.local/a%2Cb"),
        ] {
            assert_eq!(Uri::parse(text).unwrap().as_str(), uri);
        }
    }

    #[test]
    fn refuses_each_other_text_by_its_rule() {
        for (text, what, fix) in [
            ("", "scheme", "before it"),
            ("nas.local", "start with a scheme", "before it"),
            ("/x", "start with a scheme", "before it"),
            ("1x:y", "start with a scheme", "before it"),
            ("https:", "Nothing follows", "whole URI"),
            ("https://", "Nothing follows", "whole URI"),
            ("https:nas.local", "two slashes", "https://nas.example.com/"),
            ("https://root:pw@nas.local/", "contains a password", "between // and @"),
            ("file:///etc", "has no host", "full name"),
            ("https://:8443/", "has no host", "full name"),
            ("https://nas.local/a b", "contains \" \"", "%20"),
            ("https://nas.local/\u{fc}", "do not allow", "%C3%BC"),
            ("https://nas.local/<x>", "contains \"<\"", "%3C"),
            ("https://nas.local/a,b", "contains a comma", "%2C"),
            ("https://nas.local/%2", "two hex digits", "%25"),
            ("https://nas.local/100%", "two hex digits", "%25"),
            ("https://nas.local:http/", "is not a number", "digits"),
            ("https://2001:db8::1/", "is not a number", "in brackets"),
            ("https://[fe80::1%25eth0]/", "do not contain an IPv6", "without a zone"),
            ("https://[nas.local]/", "do not contain an IPv6", "2001:db8::1"),
            ("https://*.nas.local/", "a wildcard", "one host"),
            ("https://nas/", "has no domain", "nas.local"),
            ("https://my_nas.local/", "underscore", "my-nas.local"),
            ("https://10.0.0.256/", "consists of digits", "0 to 255"),
        ] {
            let refused = Uri::parse(text).unwrap_err();
            assert!(refused.what.contains(what), "{text:?}: {}", refused.what);
            assert!(refused.fix.contains(fix), "{text:?}: {}", refused.fix);
        }
    }
}
