//! The cookies of a request (RFC 6265, 5.4): names and values as they came. What a value means is not known here.

use hyper::header::{COOKIE, HeaderMap};
use std::collections::BTreeMap;

/// A request's cookies. The first of a name counts: browsers send the one with the longer path first.
#[derive(Debug, Clone, Default)]
pub struct Cookies(BTreeMap<String, String>);

impl Cookies {
    /// The cookies of a head; bytes that are not UTF-8 and pieces without `=` are left out.
    pub fn of(headers: &HeaderMap) -> Self {
        let texts = headers.get_all(COOKIE).iter().filter_map(|value| std::str::from_utf8(value.as_bytes()).ok());
        let pairs = texts.flat_map(|text| text.split(';')).filter_map(|pair| pair.split_once('='));
        pairs.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned())).collect()
    }

    /// A cookie's value.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

impl FromIterator<(String, String)> for Cookies {
    fn from_iter<T: IntoIterator<Item = (String, String)>>(pairs: T) -> Self {
        let mut cookies = BTreeMap::new();
        for (name, value) in pairs {
            cookies.entry(name).or_insert(value);
        }
        Self(cookies)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::HeaderValue;
    use proptest::prelude::*;

    fn cookies(lines: &[&[u8]]) -> Cookies {
        Cookies::of(&lines.iter().map(|line| (COOKIE, HeaderValue::from_bytes(line).unwrap())).collect())
    }

    #[test]
    fn the_first_cookie_of_a_name_counts() {
        for lines in [
            &[&b"a=1"[..]][..],
            &[b"b=x; a=1; a=2"],
            &[b"b=x", b"a=1", b"a=2"],
            &[b"xa=2; no pair;a = 1 ;"],
            &[b"a=\xff", b"a=1"],
            &[b";;=;= ;a=1"],
        ] {
            assert_eq!(cookies(lines).get("a"), Some("1"), "{lines:?}");
        }
    }

    #[test]
    fn a_value_is_taken_as_it_is() {
        let cookies = cookies(&[b"a=x=y%20z==; b=; c=\"q\""]);
        assert_eq!(
            ["a", "b", "c", "d"].map(|name| cookies.get(name)),
            [Some("x=y%20z=="), Some(""), Some("\"q\""), None]
        );
    }

    proptest! {
        #[test]
        fn no_header_panics(line in proptest::collection::vec(32u8.., 0..300)) {
            if let Ok(value) = HeaderValue::from_bytes(&line) {
                let _ = Cookies::of(&HeaderMap::from_iter([(COOKIE, value)]));
            }
        }
    }
}
