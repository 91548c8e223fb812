//! What the owner's process may write to root's terminal: text, our own few styles, and nothing else that the terminal obeys.

use crate::cli::style::{RESET, SEQUENCES};

/// Escapes a stream of bytes; a character or a style may be cut between two pieces of it.
#[derive(Debug, Default)]
pub(super) struct Escaper {
    cut: Vec<u8>,
    /// A style was begun and not ended.
    is_styled: bool,
}

impl Escaper {
    /// The next `bytes` as they may be shown: control characters other than newline and tab, and bytes that are not UTF-8,
    /// are written as escapes.
    pub(super) fn shown(&mut self, bytes: &[u8]) -> Vec<u8> {
        let bytes = [std::mem::take(&mut self.cut).as_slice(), bytes].concat();
        let mut shown = Vec::with_capacity(bytes.len());
        let mut rest = bytes.as_slice();
        // A style begins with an escape character, which is not part of any other character.
        while let Some(at) = rest.iter().position(|byte| *byte == ESCAPE) {
            let (before, from) = rest.split_at(at);
            if let Some(style) = SEQUENCES.iter().find(|style| from.starts_with(style.as_bytes())) {
                self.text(before, &mut shown);
                self.flush(&mut shown);
                shown.extend_from_slice(style.as_bytes());
                self.is_styled = *style != RESET;
                rest = from.get(style.len()..).unwrap_or_default();
            } else if SEQUENCES.iter().any(|style| style.as_bytes().starts_with(from)) {
                self.text(before, &mut shown);
                self.flush(&mut shown);
                self.cut = from.to_vec();
                return shown;
            } else {
                let (text, after) = rest.split_at(at + 1);
                self.text(text, &mut shown);
                rest = after;
            }
        }
        self.text(rest, &mut shown);
        shown
    }

    /// What is left when the stream has ended. What was begun is ended, so that the terminal is as it was.
    pub(super) fn rest(mut self) -> Vec<u8> {
        let mut shown = Vec::new();
        self.text(&[], &mut shown);
        self.flush(&mut shown);
        if self.is_styled {
            shown.extend_from_slice(RESET.as_bytes());
        }
        shown
    }

    /// What was cut and does not go on.
    fn flush(&mut self, shown: &mut Vec<u8>) {
        shown.extend(std::mem::take(&mut self.cut).escape_ascii());
    }

    /// Text without a style.
    fn text(&mut self, bytes: &[u8], shown: &mut Vec<u8>) {
        let bytes = [std::mem::take(&mut self.cut).as_slice(), bytes].concat();
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
    }
}

const ESCAPE: u8 = 0x1b;

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
    fn our_own_styles_pass_and_are_ended() {
        assert_eq!(shown(b"\x1b[31merror:\x1b[0m x"), b"\x1b[31merror:\x1b[0m x");
        assert_eq!(shown(b"\x1b[1mx"), b"\x1b[1mx\x1b[0m");
        for other in ["8", "30", "41", "1;31", "5", "38;5;1"] {
            let hidden = format!("\u{1b}[{other}m");
            assert_eq!(shown(hidden.as_bytes()), format!("\\u{{1b}}[{other}m").as_bytes());
        }
        assert_eq!(shown(b"x\x1b[3"), br"x\u{1b}[3");
        assert_eq!(shown(b"\xe2\x82\x1b[1mx\x1b[0m"), b"\\xe2\\x82\x1b[1mx\x1b[0m");
    }

    #[test]
    fn where_the_stream_is_cut_makes_no_difference() {
        let text = "a\u{e9}\u{20ac}\u{1f512}\u{9b}b\u{1b}[31mc\u{1b}[0m\u{1b}[3\u{1b}".as_bytes().to_vec();
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
        let whole = "aé€\u{1f512}\\u{9b}b\u{1b}[31mc\u{1b}[0m\\u{1b}[3\\u{1b}\\xf0\\x9f\\x94x\\xe2\\x82";
        assert_eq!(shown(&bytes), whole.as_bytes());
    }
}
