//! What the owner's process may write to root's terminal: text, and nothing that the terminal obeys.

/// Escapes a stream of bytes; a character may be cut between two pieces of it.
#[derive(Debug, Default)]
pub(super) struct Escaper {
    cut: Vec<u8>,
}

impl Escaper {
    /// The next `bytes` as they may be shown: control characters other than newline and tab, and bytes that are not UTF-8,
    /// are written as escapes.
    pub(super) fn shown(&mut self, bytes: &[u8]) -> Vec<u8> {
        let bytes = [std::mem::take(&mut self.cut).as_slice(), bytes].concat();
        let mut shown = Vec::with_capacity(bytes.len());
        let mut chunks = bytes.utf8_chunks().peekable();
        while let Some(chunk) = chunks.next() {
            for character in chunk.valid().chars() {
                match character.is_control() && !matches!(character, '\n' | '\t') {
                    true => shown.extend(character.escape_unicode().to_string().bytes()),
                    false => shown.extend(character.encode_utf8(&mut [0; 4]).bytes()),
                }
            }
            let is_cut = std::str::from_utf8(chunk.invalid()).is_err_and(|error| error.error_len().is_none());
            match is_cut && chunks.peek().is_none() {
                true => self.cut = chunk.invalid().to_vec(),
                false => shown.extend(chunk.invalid().escape_ascii()),
            }
        }
        shown
    }

    /// What is left when the stream has ended.
    pub(super) fn rest(self) -> Vec<u8> {
        self.cut.escape_ascii().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(bytes: &[u8]) -> Vec<u8> {
        let mut escaper = Escaper::default();
        [escaper.shown(bytes), escaper.rest()].concat()
    }

    #[test]
    fn text_passes_and_what_a_terminal_obeys_does_not() {
        let text = "NAME\tKEY\nMünchen 東京 \u{1f512}\n";
        assert_eq!(shown(text.as_bytes()), text.as_bytes());
        assert_eq!(shown(b"\x1b]0;x\x07\r\x7f\x00"), br"\u{1b}]0;x\u{7}\u{d}\u{7f}\u{0}");
        // C1 as a character, and as the byte that terminals without UTF-8 take for it.
        assert_eq!(shown("\u{9b}2J".as_bytes()), br"\u{9b}2J");
        assert_eq!(shown(b"\x9b2J\xff"), br"\x9b2J\xff");
    }

    #[test]
    fn where_the_stream_is_cut_makes_no_difference() {
        let text = "a\u{e9}\u{20ac}\u{1f512}\u{9b}b\u{1b}".as_bytes().to_vec();
        let bytes = [text.as_slice(), b"\xf0\x9f\x94x\xe2\x82"].concat();
        for first in 0..=bytes.len() {
            for second in first..=bytes.len() {
                let mut escaper = Escaper::default();
                let mut pieces = escaper.shown(&bytes[..first]);
                pieces.extend(escaper.shown(&bytes[first..second]));
                pieces.extend(escaper.shown(&bytes[second..]));
                pieces.extend(escaper.rest());
                assert_eq!(String::from_utf8_lossy(&pieces), String::from_utf8_lossy(&shown(&bytes)));
            }
        }
        assert_eq!(shown(&bytes), "aé€\u{1f512}\\u{9b}b\\u{1b}\\xf0\\x9f\\x94x\\xe2\\x82".as_bytes());
    }
}
