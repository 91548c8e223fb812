//! Names as DNS messages have them (RFC 1035, section 3.1): labels with their lengths, here always in lower case.

use super::reader::Reader;
use std::fmt::{Display, Formatter};

/// Octets of a whole name, the root's label included.
const MAX_NAME: usize = 255;
/// Octets of a label.
const MAX_LABEL: usize = 63;

/// A name, uncompressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name(Vec<u8>);

impl Name {
    /// `a.example` or `a.example.`; `.` is the root. None where the text is not a name.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut wire = Vec::new();
        let text = text.strip_suffix('.').unwrap_or(text);
        for label in text.split('.').filter(|_| !text.is_empty()) {
            let length = u8::try_from(label.len()).ok()?;
            if !(1..=MAX_LABEL).contains(&label.len()) || !label.bytes().all(|byte| byte.is_ascii_graphic()) {
                return None;
            }
            wire.push(length);
            wire.extend(label.bytes().map(|byte| byte.to_ascii_lowercase()));
        }
        wire.push(0);
        (wire.len() <= MAX_NAME).then_some(Self(wire))
    }

    /// The root's.
    pub(super) fn root() -> Self {
        Self(vec![0])
    }

    /// As it is sent.
    pub(super) fn wire(&self) -> &[u8] {
        &self.0
    }

    /// True for `zone` itself and every name below it.
    pub(super) fn is_within(&self, zone: &Self) -> bool {
        let mut rest = self.0.as_slice();
        while rest.len() > zone.0.len() {
            let Some((length, after)) = rest.split_first() else { return false };
            rest = after.get(usize::from(*length)..).unwrap_or_default();
        }
        rest == zone.0
    }

    /// A name of a message, perhaps compressed (RFC 1035, section 4.1.4). Each pointer leads further back, so that it ends.
    pub(super) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let mut wire = Vec::new();
        let mut here = *reader;
        let (mut before, mut after) = (here.at(), None);
        loop {
            match here.u8()? {
                0 => break,
                high if high & 0xc0 == 0xc0 => {
                    let to = usize::from(high & 0x3f) << 8 | usize::from(here.u8()?);
                    if to >= before {
                        return None;
                    }
                    after.get_or_insert(here);
                    before = to;
                    here = here.restarted_at(to);
                }
                length if usize::from(length) <= MAX_LABEL => {
                    wire.push(length);
                    wire.extend(here.take(usize::from(length))?.iter().map(u8::to_ascii_lowercase));
                    if wire.len() >= MAX_NAME {
                        return None;
                    }
                }
                _ => return None,
            }
        }
        *reader = after.unwrap_or(here);
        wire.push(0);
        Some(Self(wire))
    }
}

/// Without the last dot. Octets that are no letters are shown as `\DDD` (RFC 1035, section 5.1).
impl Display for Name {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let mut rest = self.0.as_slice();
        let mut dot = "";
        while let Some((length, after)) = rest.split_first().filter(|(length, _)| **length > 0) {
            let (label, next) = after.split_at_checked(usize::from(*length)).unwrap_or((after, &[]));
            f.write_str(dot)?;
            for byte in label {
                match byte {
                    b'.' | b'\\' => write!(f, "\\{}", char::from(*byte))?,
                    byte if byte.is_ascii_graphic() => write!(f, "{}", char::from(*byte))?,
                    byte => write!(f, "\\{byte:03}")?,
                }
            }
            (rest, dot) = (next, ".");
        }
        if dot.is_empty() { f.write_str(".") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_by_whole_labels_in_any_case() {
        let name = |text: &str| Name::parse(text).unwrap();
        assert_eq!(name("A.Example."), name("a.example"));
        assert!(name("_acme-challenge.a.example").is_within(&name("EXAMPLE")));
        assert!(name("example").is_within(&name("example")) && name("a.example").is_within(&name(".")));
        assert!(!name("badexample").is_within(&name("example")) && !name("example").is_within(&name("a.example")));
        assert_eq!((name("a.Example").to_string().as_str(), name(".").to_string().as_str()), ("a.example", "."));
        for bad in ["a..b", "ä.example", "a b", &"x".repeat(64), &"a.".repeat(128)] {
            assert!(Name::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn compressed_names_are_read_and_circles_end() {
        // `example` at 0, `a` and a pointer there at 9.
        let whole = b"\x07EXAMPLE\x00\x01a\xc0\x00 ";
        let mut reader = Reader::new(whole).restarted_at(9);
        assert_eq!(Name::read(&mut reader).unwrap(), Name::parse("a.example").unwrap());
        assert_eq!(reader.at(), 13);
        for bad in [&b"\xc0\x00"[..], b"\xc0\x02\xc0\x00", b"\x01a\xc0\x00", b"\x05abc", b"\x80a\x00", b"", b"\x01a"] {
            assert!(Name::read(&mut Reader::new(bad)).is_none(), "{bad:?}");
        }
        let long = [b"\x3f".as_slice(), &[b'x'; 63]].concat().repeat(4);
        assert!(Name::read(&mut Reader::new(&[long.as_slice(), &[0]].concat())).is_none());
    }
}
