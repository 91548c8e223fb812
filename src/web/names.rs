//! Names of certificates and requests as pages show them: bare where they are host names and addresses, in Unicode beside
//! their ASCII form, and in sentences.

use signet_domain::san::San;

/// A name for a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// As people read it: `nas.local`, `192.0.2.7`, `büro.example`, `email:root@nas.local`.
    pub text: String,
    /// The ASCII form of an internationalised name.
    pub ascii: Option<String>,
}

/// A name such as `DNS:nas.local` for a page.
pub fn shown(name: &str) -> Name {
    let text = bare(name).to_owned();
    // A list of 50 would spend two fifths of its time on names that have no other form.
    let unicode = name.contains("xn--").then(|| San::parse(name));
    match unicode {
        Some(Ok(San::Dns(dns))) => match dns.unicode() {
            Some(unicode) => Name { text: unicode, ascii: Some(text) },
            None => Name { text, ascii: None },
        },
        _ => Name { text, ascii: None },
    }
}

/// A host name or an address without its type; others keep it.
pub fn bare(name: &str) -> &str {
    name.strip_prefix("DNS:").or_else(|| name.strip_prefix("IP:")).unwrap_or(name)
}

/// `a`, `a and b`, `a, b and c`; of more than `most` the first ones: `a, b and 3 more`.
pub fn sentence(names: &[String], most: usize) -> String {
    let shown = if names.len() > most { most.saturating_sub(1) } else { names.len() };
    let mut parts: Vec<&str> = names.iter().take(shown).map(String::as_str).collect();
    let more = format!("{} more", names.len() - shown);
    if names.len() > shown {
        parts.push(&more);
    }
    match parts.split_last() {
        None => String::new(),
        Some((last, [])) => (*last).to_owned(),
        Some((last, first)) => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_names_and_addresses_are_bare_and_other_names_say_what_they_are() {
        for (name, text, ascii) in [
            ("DNS:nas.local", "nas.local", None),
            ("IP:2001:db8::7", "2001:db8::7", None),
            ("DNS:xn--bro-hoa.example.org", "büro.example.org", Some("xn--bro-hoa.example.org")),
            ("email:root@nas.local", "email:root@nas.local", None),
            ("URI:https://nas.local/", "URI:https://nas.local/", None),
            ("otherName:1.2.3", "otherName:1.2.3", None),
        ] {
            assert_eq!(shown(name), Name { text: text.to_owned(), ascii: ascii.map(str::to_owned) });
        }
    }

    #[test]
    fn names_in_a_sentence_are_counted_where_there_are_many() {
        let names: Vec<String> = ["a", "b", "c", "d"].map(str::to_owned).into();
        for (count, text) in [(0, ""), (1, "a"), (2, "a and b"), (3, "a, b and c"), (4, "a, b and 2 more")] {
            assert_eq!(sentence(names.get(..count).unwrap_or_default(), 3), text);
        }
    }
}
