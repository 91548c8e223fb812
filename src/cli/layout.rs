//! Text fitted into the width of a terminal: lines broken between words, lists cut with a count of the rest.

/// Columns that a text takes. East Asian characters and emoji take two.
pub(super) fn width(text: &str) -> usize {
    text.chars().map(columns).sum()
}

fn columns(character: char) -> usize {
    match u32::from(character) {
        0x1100..=0x115f
        | 0x2e80..=0xa4cf
        | 0xac00..=0xd7a3
        | 0xf900..=0xfaff
        | 0xfe30..=0xfe6f
        | 0xff00..=0xff60
        | 0xffe0..=0xffe6
        | 0x1f300..=0x1faff
        | 0x20000..=0x3fffd => 2,
        _ => 1,
    }
}

/// The text in lines of at most `most` columns. A command between backticks is not broken, since it may be copied;
/// neither is a word, except a fingerprint, which is broken after a colon.
pub(super) fn wrapped(text: &str, most: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in words(text) {
        let room = most.saturating_sub(if line.is_empty() { 0 } else { width(&line) + 1 });
        if width(word) <= room || line.is_empty() && !is_fingerprint(word) {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        for pair in if is_fingerprint(word) { word.split_inclusive(':') } else { word.split_inclusive('\n') } {
            if !line.is_empty() && width(&line) + width(pair) > most {
                lines.push(std::mem::take(&mut line));
            }
            line.push_str(pair);
        }
    }
    lines.push(line);
    lines
}

/// Words, of which one with backticks goes on to the closing one.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut is_command = false;
    text.split(move |character| {
        is_command ^= character == '`';
        character == ' ' && !is_command
    })
}

/// Pairs of hex digits with colons between them.
fn is_fingerprint(word: &str) -> bool {
    let mut pairs = word.split(':');
    word.contains(':') && pairs.all(|pair| pair.len() == 2 && pair.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// At most `most` columns, with `…` where something was cut.
pub(super) fn cut(text: &str, most: usize) -> String {
    if width(text) <= most {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut taken = 1;
    for character in text.chars() {
        taken += columns(character);
        if taken > most {
            break;
        }
        kept.push(character);
    }
    kept.push('…');
    kept
}

/// As many of the names as fit into `most` columns, and how many more there are: `a, b and 57 more`. They are the first ones
/// of `all`.
pub(super) fn some_of(names: &[String], all: usize, most: usize) -> String {
    let whole = names.join(", ");
    if names.len() == all && width(&whole) <= most {
        return whole;
    }
    for shown in (1..=names.len().min(all.saturating_sub(1))).rev() {
        let some = names.iter().take(shown).map(String::as_str).collect::<Vec<_>>().join(", ");
        let text = format!("{some} and {} more", all - shown);
        if width(&text) <= most {
            return text;
        }
    }
    let first = names.first().map(String::as_str).unwrap_or_default();
    match all.saturating_sub(1) {
        0 => cut(first, most),
        more => {
            let more = format!(" and {more} more");
            format!("{}{more}", cut(first, most.saturating_sub(more.len()).max(2)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words_and_never_in_a_command_or_a_pair() {
        assert_eq!(wrapped("one two three", 8), ["one two", "three"]);
        assert_eq!(wrapped("run `signet csr list` now", 10), ["run", "`signet csr list`", "now"]);
        assert_eq!(wrapped("a averyverylongword b", 6), ["a", "averyverylongword", "b"]);
        assert_eq!(wrapped("key AB:CD:EF:01 (SHA-256)", 7), ["key", "AB:CD:", "EF:01", "(SHA-256)"]);
        assert_eq!(wrapped("AB:CD:EF:01", 100), ["AB:CD:EF:01"]);
        assert_eq!(wrapped("", 10), [""]);
        assert_eq!(wrapped("東京 東京", 6), ["東京", "東京"]);
    }

    #[test]
    fn a_list_that_does_not_fit_says_how_many_more_there_are() {
        let names: Vec<String> = (1..=60).map(|number| format!("n{number}.example")).collect();
        assert_eq!(some_of(&names[..2], 2, 30), "n1.example, n2.example");
        assert_eq!(some_of(&names, 60, 40), "n1.example, n2.example and 58 more");
        assert_eq!(some_of(&names[..3], 60, 40), "n1.example, n2.example and 58 more");
        assert_eq!(some_of(&names, 60, 24), "n1.example and 59 more");
        assert_eq!(some_of(&names, 60, 18), "n1.ex… and 59 more");
        assert_eq!(some_of(&names[..1], 1, 6), "n1.ex…");
        assert_eq!(some_of(&[], 0, 6), "");
        for most in 15..200 {
            assert!(width(&some_of(&names, 60, most)) <= most, "{most}");
        }
    }
}
