//! Weight and colour of what a command prints: on terminals, unless `--color` or the surroundings say otherwise.
//!
//! Knows five of a terminal's attributes, which the relay of `as_owner` lets through as well.

use super::terminal::Standard;
use clap::ValueEnum;
use clap::builder::PossibleValue;
use std::ffi::OsStr;
use std::sync::OnceLock;

/// When colours are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`.
    Auto,
    /// Everywhere.
    Always,
    /// Nowhere.
    Never,
}

/// Without a help of their own, which would make that of every command a page longer.
impl ValueEnum for Color {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::Auto, Self::Always, Self::Never]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(match self {
            Self::Auto => "auto",
            Self::Always => "always",
            Self::Never => "never",
        }))
    }
}

/// What a piece of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Text.
    Plain,
    /// A heading, a label.
    Title,
    /// As it should be.
    Good,
    /// Somebody should look at it.
    Attention,
    /// An error, or something that does not work.
    Bad,
}

/// Ends every style.
pub(super) const RESET: &str = "\u{1b}[0m";
/// Everything that is ever written to change a terminal's attributes.
pub(super) const SEQUENCES: [&str; 5] = ["\u{1b}[1m", "\u{1b}[31m", "\u{1b}[32m", "\u{1b}[33m", RESET];

static CHOSEN: OnceLock<Color> = OnceLock::new();

/// What the command line chose. The first call counts.
pub fn choose(color: Color) {
    let _ = CHOSEN.set(color);
}

/// Whether text on `stream` has colours.
pub(super) fn is_on(stream: Standard) -> bool {
    let color = *CHOSEN.get_or_init(|| typed(std::env::args_os().skip(1)));
    let is_set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => {
            stream.is_terminal() && is_set("NO_COLOR").is_none() && is_set("TERM").is_none_or(|term| term != "dumb")
        }
    }
}

/// What a command line chose that could not be understood.
fn typed(arguments: impl Iterator<Item = impl AsRef<OsStr>>) -> Color {
    let mut color = Color::Auto;
    let mut is_value = false;
    for argument in arguments {
        let Some(text) = argument.as_ref().to_str() else { continue };
        let value = if is_value { Some(text) } else { text.strip_prefix("--color=") };
        if let Some(chosen) = value.and_then(|value| Color::from_str(value, false).ok()) {
            color = chosen;
        }
        is_value = text == "--color";
    }
    color
}

impl Style {
    /// The text in this style, which must have been escaped before.
    pub(super) fn paint(self, text: &str, is_on: bool) -> String {
        let [title, bad, good, attention, _] = SEQUENCES;
        let begin = match self {
            Self::Plain => return text.to_owned(),
            Self::Title => title,
            Self::Good => good,
            Self::Attention => attention,
            Self::Bad => bad,
        };
        if is_on && !text.is_empty() { format!("{begin}{text}{RESET}") } else { text.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_choice_is_found_in_a_command_line_that_is_wrong() {
        for (line, color) in [
            ("csr --color=never lst", Color::Never),
            ("--color always lst", Color::Always),
            ("--color=never --color always lst", Color::Always),
            ("--color sometimes", Color::Auto),
            ("lst", Color::Auto),
        ] {
            assert_eq!(typed(line.split(' ')), color, "{line}");
        }
    }

    #[test]
    fn a_style_begins_and_ends_where_colours_are_on() {
        assert_eq!(Style::Bad.paint("error:", true), "\u{1b}[31merror:\u{1b}[0m");
        assert_eq!(Style::Bad.paint("error:", false), "error:");
        assert_eq!(Style::Plain.paint("text", true), "text");
    }
}
