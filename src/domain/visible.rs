//! Foreign text made visible: nothing in it is obeyed by a terminal, turns the text around it or hides.
//!
//! Foreign is what others wrote: file names, names in certificates, notes, labels, keys of a config file. A character is
//! written as its code, such as `\u{202e}`. Text without such characters is left as it is, also where it has backslashes.

use std::borrow::Cow;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Characters of foreign text in a message or a list: room for the longest host name (253) with its kind before it.
pub const LINE: usize = 300;
/// Characters of one value where a request or a certificate is decoded. JSON and PEM have the whole value.
pub const VALUE: usize = 1000;

/// Commands a terminal, begins a line or turns the direction of writing: such characters are refused in what is typed here.
pub fn is_command(character: char) -> bool {
    character.is_control() || is_direction(character) || matches!(character, '\u{2028}' | '\u{2029}')
}

/// Turns the direction of the text around it and shows nothing itself (Unicode's `Bidi_Control`).
pub fn is_direction(character: char) -> bool {
    matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// What [`is_command`] says, and what shows nothing at all: two texts that look the same would not be the same
/// (Unicode's `Default_Ignorable_Code_Point`, and the annotation marks U+FFF9 to U+FFFB).
pub fn is_hidden(character: char) -> bool {
    is_command(character)
        || matches!(
            character,
            '\u{ad}'
                | '\u{34f}'
                | '\u{115f}'
                | '\u{1160}'
                | '\u{17b4}'
                | '\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200d}'
                | '\u{2060}'..='\u{206f}'
                | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffb}'
                | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

/// The whole text; line breaks are escaped, too.
pub fn escaped(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hidden) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(cut(text, usize::MAX, ""))
}

/// At most [`LINE`] characters, with `…` where something was left out: for messages, lists and logs.
pub fn line(text: &str) -> String {
    bounded(text, LINE)
}

/// At most `max` characters, escapes counted, with `…` where something was left out.
pub fn bounded(text: &str, max: usize) -> String {
    cut(text, max, "…")
}

/// As [`bounded`] with another sign for what was left out. An escape is never cut in its middle.
pub(crate) fn cut(text: &str, max: usize, more: &str) -> String {
    let mut shown = String::with_capacity(text.len().min(max));
    let mut length = 0_usize;
    for character in text.chars() {
        let hidden = is_hidden(character);
        length += if hidden { character.escape_unicode().len() } else { 1 };
        if length > max {
            shown.push_str(more);
            break;
        }
        if hidden { shown.extend(character.escape_unicode()) } else { shown.push(character) }
    }
    shown
}

/// A path, whole, as people read it. Bytes that are not UTF-8 are written as `\x{ff}`.
pub fn path(path: &Path) -> String {
    let mut shown = String::new();
    for chunk in path.as_os_str().as_bytes().utf8_chunks() {
        shown.push_str(&escaped(chunk.valid()));
        for byte in chunk.invalid() {
            shown.push_str(&format!("\\x{{{byte:02x}}}"));
        }
    }
    shown
}

/// A path as a shell reads it in a command: for plain names alone (`A-Z a-z 0-9 . _ / -`, and none that reads as an
/// option). Whoever chose another name must not have it pasted into a root shell.
pub fn in_command(path: &Path) -> Option<&str> {
    let text = path.to_str()?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._/-".contains(&byte);
    (!text.is_empty() && !text.starts_with('-') && text.bytes().all(plain)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::OsStr;

    #[test]
    fn whatever_commands_or_hides_is_written_as_its_code() {
        for character in
            "\0\t\n\r\u{1b}\u{7f}\u{80}\u{9b}\u{ad}\u{61c}\u{200b}\u{200d}\u{200e}\u{2028}\u{202e}\u{2060}\u{2066}\u{feff}\u{fe0f}\u{e0041}\u{e0101}"
                .chars()
        {
            let shown = escaped(&format!("a{character}b")).into_owned();
            assert_eq!(shown, format!("a{}b", character.escape_unicode()));
        }
        for plain in ["nas.local", "Jürgen, 東京 😀 (x)", "C:\\temp \\u{202e}", "שלום"] {
            assert_eq!(escaped(plain), plain);
        }
    }

    #[test]
    fn a_line_is_bounded_with_its_escapes() {
        assert_eq!(line(&"x".repeat(LINE)).chars().count(), LINE);
        let long = line(&"\u{202e}".repeat(100_000));
        assert!(long.chars().count() <= LINE + 1 && long.ends_with("\\u{202e}…"), "{long}");
        assert_eq!(bounded("abc", 2), "ab…");
    }

    #[test]
    fn paths_are_whole_and_their_bytes_are_told_apart() {
        assert_eq!(path(Path::new(OsStr::from_bytes(b"/d/a\n\xff\x1b"))), "/d/a\\u{a}\\x{ff}\\u{1b}");
        assert_eq!(path(Path::new(&"d/".repeat(400))).len(), 800);
    }

    #[test]
    fn only_plain_names_go_into_a_command() {
        assert_eq!(in_command(Path::new("/var/lib/signet/csrs/nas_1-a.pem")), Some("/var/lib/signet/csrs/nas_1-a.pem"));
        for name in ["x;touch PWNED;#", "a b", "$(id)", "`id`", "-rf", "a'b", "a\nb", "~", "*", "ü", ""] {
            assert_eq!(in_command(Path::new(name)), None, "{name}");
        }
        assert_eq!(in_command(Path::new(OsStr::from_bytes(b"\xff"))), None);
    }
}
