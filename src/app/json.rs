//! JSON as commands print it: ASCII escapes also for what JSON itself would let through and a terminal would obey.

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};
use signet_domain::visible::is_hidden;
use std::io::{self, Write};

/// The version of the form of everything that is printed as JSON. A new key does not change it.
///
/// 1 had no `schema`, fingerprints as `AB:CD:…` for the console's certificate, and labels in `differences[].field`.
pub const SCHEMA: u32 = 2;

/// An object with the version before its own keys.
#[derive(Debug, Serialize)]
pub struct Versioned<'a, T: Serialize> {
    schema: u32,
    #[serde(flatten)]
    value: &'a T,
}

/// An object of the present version.
pub fn versioned<T: Serialize>(value: &T) -> Versioned<'_, T> {
    Versioned { schema: SCHEMA, value }
}

/// One value on one line, without its end.
///
/// Every value that is printed is strings, numbers and lists under string keys: serialisation has nothing to fail at.
pub fn to_vec(value: &impl Serialize) -> Vec<u8> {
    let mut json = Vec::new();
    match value.serialize(&mut Serializer::with_formatter(&mut json, Visible)) {
        Ok(()) => json,
        Err(_) => Vec::new(),
    }
}

/// As [`to_vec`], as text.
pub fn to_string(value: &impl Serialize) -> String {
    String::from_utf8(to_vec(value)).unwrap_or_default()
}

/// serde_json escapes U+0000 to U+001F itself; the rest of what [`is_hidden`] names is escaped here, as UTF-16.
struct Visible;

impl Formatter for Visible {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some((at, character)) = rest.char_indices().find(|(_, character)| is_hidden(*character)) {
            let (plain, from) = rest.split_at(at);
            writer.write_all(plain.as_bytes())?;
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = from.get(character.len_utf8()..).unwrap_or_default();
        }
        writer.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_are_escaped_and_read_back_as_they_were() {
        let text = "a\n\"\\\u{7f}\u{9b}31m\u{202e}\u{200b}\u{e0041}é😀";
        let json = to_string(&serde_json::json!({ text: [text, ""] }));
        assert!(!json.chars().any(is_hidden), "{json}");
        assert!(json.contains(r"\u007f\u009b31m\u202e\u200b\udb40\udc41é😀"), "{json}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&json).unwrap(), serde_json::json!({ text: [text, ""] }));
    }
}
