//! The owner's note on a request: lines of text, which a terminal and a page show as they were typed.

use super::invalid::Invalid;
use super::messages::note as messages;
use super::visible::{is_command, is_hidden};

/// Characters that a note may have.
pub const NOTE_MAX: usize = 1000;

/// A note; lines end with `\n`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note(String);

impl Note {
    /// What was typed, without blanks around it, a browser's CR LF as one line end.
    pub fn lines(typed: &str) -> String {
        typed.trim().replace("\r\n", "\n")
    }

    /// A note from what was typed, as [`Note::lines`] has it.
    ///
    /// # Errors
    /// More than [`NOTE_MAX`] characters, a control character other than a line end, and what turns the direction of
    /// writing or shows nothing. Joiners and variation selectors are allowed: scripts and emoji need them.
    pub fn parse(typed: &str) -> Result<Self, Invalid> {
        let text = Self::lines(typed);
        let length = text.chars().count();
        if length > NOTE_MAX {
            return Err(messages::too_long(length, NOTE_MAX));
        }
        for (line, content) in (1..).zip(text.split('\n')) {
            if let Some(refused) = content.chars().find(|&character| is_refused(character)) {
                return Err(messages::not_allowed(line, refused, is_command(refused)));
            }
        }
        Ok(Self(text))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_refused(character: char) -> bool {
    is_hidden(character) && !matches!(character, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_kept_with_one_kind_of_end() {
        assert_eq!(Note::parse(" sent\r\non Monday\nby mail ").unwrap().as_str(), "sent\non Monday\nby mail");
        for taken in ["", "نمی\u{200c}خواهم", "👩\u{200d}💻 ✔\u{fe0f}", "a\\u{202e}b"] {
            assert_eq!(Note::parse(taken).unwrap().as_str(), taken);
        }
    }

    #[test]
    fn what_commands_a_terminal_or_hides_is_refused_with_its_line() {
        for character in [
            '\0',
            '\t',
            '\r',
            '\u{1b}',
            '\u{7f}',
            '\u{9b}',
            '\u{202e}',
            '\u{2066}',
            '\u{2028}',
            '\u{200b}',
            '\u{e0041}',
        ] {
            let invalid = Note::parse(&format!("first\nsec{character}ond")).unwrap_err();
            assert_eq!(invalid.field, "note");
            assert!(invalid.what.starts_with("Line 2 ") && !invalid.what.contains(character), "{}", invalid.what);
            assert!(invalid.what.contains(&character.escape_unicode().to_string()), "{}", invalid.what);
        }
    }

    #[test]
    fn a_note_is_bounded() {
        assert!(Note::parse(&"x".repeat(NOTE_MAX)).is_ok());
        assert!(Note::parse(&"x".repeat(NOTE_MAX + 1)).unwrap_err().what.contains("1001"));
        // A browser sends two characters for a line end, and counts one.
        assert!(Note::parse(&"x\r\n".repeat(NOTE_MAX / 2)).is_ok());
    }
}
