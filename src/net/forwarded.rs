//! The header `Forwarded`, read from its end by the grammar of RFC 7239 section 4.
//!
//! Each proxy adds an element at the end, and what is before it may be anything, such as a quote that is never closed. The grammar
//! can be read backwards without knowing where it began, so what a stranger wrote in front changes nothing of what a proxy added.
//! Which elements are believed is not known here.

/// The value of `for`, and what is before the element.
type Element<'a> = (Option<Vec<u8>>, Option<&'a [u8]>);

/// The value of `for` in the last element, and what is before that element's comma. No value where the element has none, has two
/// of them, or is not of the grammar; then nothing is before it, since where it begins is not known.
pub(super) fn last_element(line: &[u8]) -> Element<'_> {
    read(line).unwrap_or((None, None))
}

/// None for what is not of the grammar. White space is taken around `;` as well, as some proxies write it.
fn read(mut rest: &[u8]) -> Option<Element<'_>> {
    let mut node = None;
    loop {
        rest = rest.trim_ascii_end();
        if !matches!(rest.last(), None | Some(b',' | b';')) {
            let (before, value) = value(rest)?;
            let (before, name) = token(before.strip_suffix(b"=")?)?;
            if name.eq_ignore_ascii_case(b"for") && node.replace(value).is_some() {
                return None;
            }
            rest = before.trim_ascii_end();
        }
        rest = match rest.split_last() {
            None => return Some((node, None)),
            Some((b',', before)) => return Some((node, Some(before))),
            Some((b';', before)) => before,
            Some(_) => return None,
        };
    }
}

/// A token or a quoted string at the end (RFC 9110 section 5.6), and what is before it.
fn value(text: &[u8]) -> Option<(&[u8], Vec<u8>)> {
    let Some(inner) = text.strip_suffix(b"\"") else {
        return token(text).map(|(before, token)| (before, token.to_vec()));
    };
    if is_escaped(inner) {
        return None;
    }
    let mut end = inner.len();
    while let Some(at) = inner.get(..end)?.iter().rposition(|byte| *byte == b'"') {
        let (before, quoted) = inner.split_at(at);
        if !is_escaped(before) {
            return Some((before, unescaped(quoted.strip_prefix(b"\"")?)));
        }
        end = at;
    }
    None
}

/// True where a quote behind this text would be escaped: an odd number of backslashes is before it.
fn is_escaped(before: &[u8]) -> bool {
    before.iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
}

fn unescaped(quoted: &[u8]) -> Vec<u8> {
    let mut is_escape = false;
    let kept = quoted.iter().filter(|byte| {
        is_escape = !is_escape && **byte == b'\\';
        !is_escape
    });
    kept.copied().collect()
}

/// The token at the end of a text, and what is before it.
fn token(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let is_of_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    let start = text.iter().rposition(|byte| !is_of_token(byte)).map_or(0, |at| at + 1);
    let (before, token) = text.split_at(start);
    (!token.is_empty()).then_some((before, token))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The values of `for`, the last one first; `?` for an element without one.
    fn nodes(line: &str) -> Vec<String> {
        let mut rest = Some(line.as_bytes());
        let mut nodes = Vec::new();
        while let Some(line) = rest {
            let (node, before) = last_element(line);
            nodes.push(node.map_or("?".to_owned(), |node| String::from_utf8(node).expect("text")));
            rest = before;
        }
        nodes
    }

    #[test]
    fn elements_are_read_by_the_grammar_from_the_end() {
        for (line, expected) in [
            ("for=192.0.2.7", &["192.0.2.7"][..]),
            ("for=192.0.2.43, for=198.51.100.17", &["198.51.100.17", "192.0.2.43"]),
            ("For=\"[2001:db8:cafe::17]:4711\"", &["[2001:db8:cafe::17]:4711"]),
            ("proto=http;by=203.0.113.43;for=192.0.2.60", &["192.0.2.60"]),
            ("for=192.0.2.60; proto=http ;by=203.0.113.43", &["192.0.2.60"]),
            (";for=192.0.2.60;;", &["192.0.2.60"]),
            ("for=_gazonk,for=unknown ,\tby=_x", &["?", "unknown", "_gazonk"]),
            ("for=a, , for=b", &["b", "?", "a"]),
            ("for=\"\"", &[""]),
            (r#"for="a\"b\\";host="\\""#, &[r#"a"b\"#]),
            ("", &["?"]),
        ] {
            assert_eq!(nodes(line), expected, "{line}");
        }
    }

    #[test]
    fn commas_and_semicolons_in_quotes_divide_nothing() {
        for (line, expected) in [
            (r#"for=192.0.2.7;host="a,for=198.51.100.66;x=b";proto=https"#, &["192.0.2.7"][..]),
            (r#"for=192.0.2.7;host="a\",for=198.51.100.66;x=\"b""#, &["192.0.2.7"]),
            (r#"host="for=198.51.100.66""#, &["?"]),
            (r#"for=192.0.2.9, for=192.0.2.7;host=",""#, &["192.0.2.7", "192.0.2.9"]),
        ] {
            assert_eq!(nodes(line), expected, "{line}");
        }
    }

    #[test]
    fn what_a_stranger_wrote_in_front_changes_nothing_of_what_is_added() {
        let added = r#"for=192.0.2.7;host="nas,\"x\"""#;
        for front in ["\"", "for=\"", "for=\"192.0.2.9", "host=\"\\", "\\", "for=192.0.2.9;host=\"a\\\"", "=", "for=;"]
        {
            assert_eq!(nodes(&format!("{front}, {added}"))[0], "192.0.2.7", "{front}");
        }
    }

    #[test]
    fn what_is_not_of_the_grammar_has_no_value_and_nothing_before_it() {
        for last in [
            "for",
            "for=",
            "=192.0.2.7",
            "for =192.0.2.7",
            "for= 192.0.2.7",
            "for=192.0.2.7:80",
            "for=[2001:db8::7]",
            "for=\"192.0.2.7",
            "for=192.0.2.7\"",
            "for=\"192.0.2.7\\\"",
            "for=\"192.0.2.7\"80",
            "for=192.0.2.7;for=192.0.2.8",
            "for=192.0.2.7 proto=https",
            "f\u{fc}r=192.0.2.7;for=192.0.2.8",
        ] {
            assert_eq!(last_element(last.as_bytes()), (None, None), "{last}");
            assert_eq!(nodes(&format!("for=198.51.100.66, {last}")), ["?"], "{last}");
        }
    }

    #[test]
    fn a_header_of_quotes_and_backslashes_is_read_in_one_pass() {
        for part in ["\\", "\"", "\\\"", "\\\\\"", ",", ";"] {
            let long = part.repeat(20_000);
            assert!(nodes(&format!("{long}for=\"{long}")).len() <= 60_001, "{part}");
        }
    }
}
