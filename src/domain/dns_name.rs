//! Host names: LDH labels, internationalised ones as A-labels (UTS 46), perhaps a wildcard before them.
//!
//! Knows nothing of lists, prefixes, URLs or ports: those are in [`super::san`].

use super::invalid::Refusal;
use super::messages::dns_name as messages;
use idna::AsciiDenyList;
use idna::uts46::{DnsLength, Hyphens, Uts46};

/// RFC 1035 2.3.4, without the root's dot.
const MAX_NAME: usize = 253;
/// RFC 1035 2.3.4.
const MAX_LABEL: usize = 63;

/// A host name in lower-case A-labels: at most 253 octets, labels of 1 to 63, the last one not all digits; `*.` may
/// stand before it. Single labels are host names too. Names are equal whatever case they were typed in.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DnsName(String);

impl DnsName {
    /// The whole text as a host name; one trailing dot is dropped.
    ///
    /// UTS 46 without transitional processing, with STD3 rules, hyphens, joiners and directions checked.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let (wildcard, host) = match text.strip_prefix("*.") {
            Some(host) => ("*.", host),
            None => ("", text),
        };
        refuse_characters(text, host)?;
        let ascii = to_ascii(host)?;
        let ascii = ascii.strip_suffix('.').unwrap_or(&ascii);
        refuse_labels(text, ascii)?;
        let name = format!("{wildcard}{ascii}");
        if name.len() > MAX_NAME {
            return Err(messages::too_long(text, name.len(), MAX_NAME));
        }
        Ok(Self(name))
    }

    /// As encoded: ASCII.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The internationalised form, where there is one: what a page shows beside [`DnsName::as_str`].
    pub fn unicode(&self) -> Option<String> {
        let (wildcard, host) = match self.0.strip_prefix("*.") {
            Some(host) => ("*.", host),
            None => ("", self.0.as_str()),
        };
        let (unicode, _) = Uts46::new().to_unicode(host.as_bytes(), AsciiDenyList::STD3, Hyphens::Check);
        (unicode != host).then(|| format!("{wildcard}{unicode}"))
    }

    /// True when it covers every name one label below.
    pub fn is_wildcard(&self) -> bool {
        self.0.starts_with("*.")
    }

    /// True when there is no dot in it: a name that only the local network knows.
    pub fn is_single_label(&self) -> bool {
        !self.0.contains('.')
    }
}

/// Characters that no host name holds, before anything is mapped.
fn refuse_characters(text: &str, host: &str) -> Result<(), Refusal> {
    if text.is_empty() || text == "." {
        return Err(messages::empty());
    }
    if text == "*" || host.is_empty() {
        return Err(messages::wildcard_alone(text));
    }
    if host.contains('*') {
        return Err(messages::wildcard_elsewhere(text));
    }
    if let Some(blank) = host.chars().find(|character| character.is_whitespace()) {
        let first = text.split(blank).next().filter(|first| DnsName::parse(first).is_ok());
        return Err(messages::space(text, first));
    }
    if host.contains('_') {
        return Err(messages::underscore(text, without_underscores(text).as_deref()));
    }
    let wrong =
        |character: &char| character.is_ascii() && !character.is_ascii_alphanumeric() && !"-.".contains(*character);
    if let Some(character) = host.chars().find(wrong) {
        return Err(messages::character(text, character));
    }
    Ok(())
}

/// The name that is most likely meant: with hyphens, or without what cannot become one. None where neither is a name.
fn without_underscores(text: &str) -> Option<String> {
    let hyphens = text.replace('_', "-");
    let labels: Vec<_> = hyphens.split('.').map(|label| label.trim_matches('-')).collect();
    let trimmed = labels.into_iter().filter(|label| !label.is_empty()).collect::<Vec<_>>().join(".");
    [hyphens, trimmed].into_iter().find(|name| DnsName::parse(name).is_ok())
}

/// Lower-case A-labels, lengths and dots not checked yet.
fn to_ascii(host: &str) -> Result<String, Refusal> {
    let map = |text: &str, hyphens| {
        Uts46::new().to_ascii(text.as_bytes(), AsciiDenyList::STD3, hyphens, DnsLength::Ignore).map(String::from)
    };
    let Ok(ascii) = map(host, Hyphens::Allow) else {
        return Err(why_not_mapped(host, |text| map(text, Hyphens::Allow).is_ok()));
    };
    if let Some(label) = ascii.split('.').find(|label| label.starts_with('-') || label.ends_with('-')) {
        let rest = Some(label.trim_matches('-')).filter(|rest| DnsName::parse(rest).is_ok());
        return Err(messages::hyphen_at_an_end(host, label, rest));
    }
    if map(&ascii, Hyphens::Check).is_err() {
        return Err(messages::reserved_hyphens(host));
    }
    Ok(ascii)
}

/// The rule of UTS 46 that a name breaks: the crate says only that one is broken.
fn why_not_mapped(host: &str, maps: impl Fn(&str) -> bool) -> Refusal {
    let label = host.split('.').find(|label| !maps(label));
    let Some(label) = label else {
        return messages::mixed_directions(host);
    };
    if label.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("xn--")) {
        return messages::not_punycode(label);
    }
    if let Some(character) = label.chars().find(|character| !maps(character.encode_utf8(&mut [0; 4]))) {
        return messages::not_international(label, character);
    }
    messages::breaks_the_writing_rules(label)
}

fn refuse_labels(text: &str, ascii: &str) -> Result<(), Refusal> {
    if ascii.split('.').any(str::is_empty) {
        return Err(messages::empty_label(text));
    }
    if let Some(label) = ascii.split('.').find(|label| label.len() > MAX_LABEL) {
        return Err(messages::label_too_long(label, MAX_LABEL));
    }
    let last = ascii.rsplit('.').next().unwrap_or_default();
    if !last.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(());
    }
    let plain: Vec<_> = ascii.split('.').map(|part| part.trim_start_matches('0')).collect();
    let plain: Vec<_> = plain.into_iter().map(|part| if part.is_empty() { "0" } else { part }).collect();
    let plain = plain.join(".");
    let meant = plain.parse::<std::net::Ipv4Addr>().is_ok();
    let meant = meant.then(|| if plain == ascii { format!("IP:{plain}") } else { plain });
    Err(messages::ends_with_digits(text, meant))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_host_names_and_writes_them_in_lower_case_a_labels() {
        let longest =
            [&"a".repeat(63), &"b".repeat(63), &"c".repeat(63), &"d".repeat(61)].map(String::as_str).join(".");
        for (text, name, unicode) in [
            ("nas.local", "nas.local", None),
            ("NAS", "nas", None),
            ("localhost.", "localhost", None),
            ("1.a", "1.a", None),
            ("3com", "3com", None),
            ("a-b--c.example", "a-b--c.example", None),
            ("*.Nas.local", "*.nas.local", None),
            ("*.local", "*.local", None),
            ("b\u{fc}cher.example", "xn--bcher-kva.example", Some("b\u{fc}cher.example")),
            ("*.B\u{dc}CHER.example", "*.xn--bcher-kva.example", Some("*.b\u{fc}cher.example")),
            ("fa\u{df}.de", "xn--fa-hia.de", Some("fa\u{df}.de")),
            ("XN--BCHER-KVA.example", "xn--bcher-kva.example", Some("b\u{fc}cher.example")),
            ("nas\u{3002}example\u{3002}", "nas.example", None),
            ("\u{ff4e}as", "nas", None),
            ("\u{5d0}\u{5d1}.\u{5d0}", "xn--4dbc.xn--4db", Some("\u{5d0}\u{5d1}.\u{5d0}")),
            (&longest, &longest, None),
        ] {
            let parsed = DnsName::parse(text).unwrap_or_else(|refused| panic!("{text}: {refused:?}"));
            assert_eq!((parsed.as_str(), parsed.unicode().as_deref()), (name, unicode), "{text}");
            assert_eq!(DnsName::parse(parsed.as_str()).as_ref(), Ok(&parsed));
        }
    }

    #[test]
    fn refuses_each_other_text_by_its_rule() {
        let (label, name) = ("a".repeat(64), format!("{}a", "a.".repeat(127)));
        for (text, what, fix) in [
            ("", "empty", "nas.local"),
            (".", "empty", "nas.local"),
            ("*", "alone is not a name", "*.nas.local"),
            ("*.", "alone is not a name", "*.nas.local"),
            ("*.*.a", "not the whole first label", "line of its own"),
            ("w*.a", "not the whole first label", "*.nas.local"),
            ("nas.*", "not the whole first label", "*.nas.local"),
            ("nas local", "contains a space", "starting with \"nas\""),
            ("my_nas.local", "underscore", "\"my-nas.local\""),
            ("_acme.example.org", "underscore", "\"acme.example.org\""),
            ("_tcp._.nas.local", "underscore", "\"tcp.nas.local\""),
            ("nas_.local", "underscore", "\"nas.local\""),
            ("_", "underscore", "name without it"),
            ("a_.192.0.2.1", "underscore", "name without it"),
            ("_a b", "contains a space", "line of its own."),
            ("---.local", "starts or ends with a hyphen", "letters and digits there"),
            ("nas;nas2", "contains \";\"", "line of its own"),
            ("nas(1)", "contains \"(\"", "the name only"),
            ("-nas", "starts or ends with a hyphen", "\"nas\""),
            ("nas-.local", "starts or ends with a hyphen", "\"nas\""),
            ("ab--c.example", "places 3 and 4", "own letters"),
            ("xn--a.example", "does not decode", "own letters"),
            ("xn--nas-.local", "does not decode", "own letters"),
            ("xn--\u{fc}.local", "does not decode", "own letters"),
            ("\u{5d0}a.example", "breaks the rules", "one direction"),
            ("1a.\u{5d0}", "mix right-to-left", "one direction"),
            ("a\u{200d}b", "not allowed there", "without it"),
            ("nas\u{2028}", "contains a space", "Remove the space"),
            ("a\u{202e}b", "\\u{202e}", "without it"),
            ("nas..local", "empty label", "one dot between"),
            (".nas", "empty label", "one dot between"),
            ("nas..", "empty label", "one dot between"),
            ("192.168.1.300", "consists of digits", "four numbers from 0 to 255"),
            ("192.168.001.010", "consists of digits", "Enter 192.168.1.10."),
            ("10.0.0.1", "consists of digits", "IP:10.0.0.1"),
            ("*.0.0.1", "consists of digits", "four numbers"),
            ("8443", "consists of digits", "ends in letters"),
            (&label, "at most 63 characters", "Shorten"),
            (&name, "at most 253 characters", "shorter"),
        ] {
            let refused = DnsName::parse(text).unwrap_err();
            assert!(refused.what.contains(what), "{text:?}: {}", refused.what);
            assert!(refused.fix.contains(fix), "{text:?}: {}", refused.fix);
        }
    }
}
