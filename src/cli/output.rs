//! All that a command prints.
//!
//! Text for people is made of lines, and a line is escaped as a whole when it is added: whatever a file name, a certificate
//! or a record holds, it can neither command the terminal nor begin a line of its own. Values that others wrote are bounded
//! where they enter a line ([`signet_domain::visible`]); lists and paths are whole. Files for other programs (PEM, DER,
//! PKCS#12, iCalendar) go out as they are, by [`raw`] alone, and JSON by [`super::json`]. Setup codes have a way of their own
//! ([`super::code`]).

use super::error::CliError;
use super::journal::Priority;
use super::style::{self, Style};
use super::terminal::{self, Standard};
use super::{invocation, layout};
use signet_domain::visible::{bounded, escaped};
use std::fmt::Display;
use std::io::{ErrorKind, Write};
use tracing::Metadata;
use tracing_subscriber::fmt::MakeWriter;

/// The longest line on standard error, characters: two paths of any length fit.
const ERROR_LINE: usize = 16 * 1024;
/// Columns that a text beside others must have to be wrapped there.
const LEAST_ROOM: usize = 20;

/// A sentence of ours whose commands, between backticks, find this command's data directory.
pub fn hint(text: impl Display) -> String {
    invocation::data_flag().in_text(&text.to_string())
}

/// Lines for people, not printed yet.
#[derive(Debug, Default)]
pub struct Text(Vec<Line>);

/// Pieces in their styles, and text that is wrapped beside them where a terminal is too narrow.
#[derive(Debug, Default)]
struct Line {
    pieces: Vec<(Style, String)>,
    beside: String,
}

impl Text {
    /// No line yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one line; a line break within it is escaped.
    pub fn line(&mut self, line: impl Display) -> &mut Self {
        self.styled([(Style::Plain, line.to_string())])
    }

    /// Adds one line of several pieces.
    pub fn styled(&mut self, pieces: impl IntoIterator<Item = (Style, String)>) -> &mut Self {
        self.beside(pieces, "")
    }

    /// Adds one line of several pieces, and a text beside them that is wrapped where it does not fit.
    pub fn beside(&mut self, pieces: impl IntoIterator<Item = (Style, String)>, text: impl Display) -> &mut Self {
        let pieces = pieces.into_iter().map(|(style, text)| (style, escaped(&text).into_owned())).collect();
        self.0.push(Line { pieces, beside: escaped(&text.to_string()).into_owned() });
        self
    }

    /// Adds a label, `width` wide, and its value beside it: a line of the value each.
    pub fn fact<S: AsRef<str>>(&mut self, label: &str, width: usize, value: impl IntoIterator<Item = S>) -> &mut Self {
        let mut label = label;
        for line in value {
            self.beside([(Style::Title, format!("{label:width$}  "))], line.as_ref());
            label = "";
        }
        self
    }

    /// Writes the lines to standard output.
    pub fn print(&self) -> Result<(), CliError> {
        raw(self.drawn(style::is_on(Standard::Output), terminal::width()).as_bytes())
    }

    fn drawn(&self, is_colored: bool, width: Option<usize>) -> String {
        let mut drawn = String::new();
        for Line { pieces, beside } in &self.0 {
            let before: usize = pieces.iter().map(|(_, text)| layout::width(text)).sum();
            for (style, text) in pieces {
                drawn.push_str(&style.paint(text, is_colored));
            }
            // Beside what fills the line there is no room to be wrapped in.
            match width.and_then(|width| width.checked_sub(before)).filter(|room| *room >= LEAST_ROOM) {
                Some(room) => {
                    let lines = layout::wrapped(beside, room);
                    drawn.push_str(&lines.join(&format!("\n{:before$}", "")));
                }
                None => drawn.push_str(beside),
            }
            drawn.truncate(drawn.trim_end_matches(' ').len());
            drawn.push('\n');
        }
        drawn
    }
}

/// One line on standard output.
pub fn say(line: impl Display) -> Result<(), CliError> {
    Text::new().line(line).print()
}

/// A question on standard output, whose answer is on the same line.
pub fn ask(question: impl Display) -> Result<(), CliError> {
    raw(escaped(&question.to_string()).as_bytes())
}

/// One line on standard error. One that nobody can read changes nothing of what was done.
pub fn tell(line: impl Display) {
    let line = line.to_string();
    tell_as(Priority::of_line(&line), &line);
}

/// The same with another priority than its first word says.
fn tell_as(priority: Priority, line: &str) {
    let text = bounded(line, ERROR_LINE);
    let text = format!("{}{}\n", priority.prefix(), colored_prefix(&text, style::is_on(Standard::Error)));
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

/// The word that says what kind of a line it is, in its style. A value begins no line, so that it is always ours.
fn colored_prefix(line: &str, is_colored: bool) -> String {
    let kinds = [
        ("error:", Style::Bad),
        ("warning:", Style::Attention),
        ("advice:", Style::Attention),
        ("note:", Style::Title),
        ("Usage:", Style::Title),
    ];
    let found = kinds.iter().find_map(|(word, style)| Some((word, style, line.strip_prefix(word)?)));
    found.map_or_else(|| line.to_owned(), |(word, style, rest)| style.paint(word, is_colored) + rest)
}

/// A line on standard error that is written over the one before it: for progress on a terminal.
pub fn over(line: impl Display) {
    let text = format!("\r{}", bounded(&line.to_string(), ERROR_LINE));
    let mut err = std::io::stderr().lock();
    let _ = err.write_all(text.as_bytes()).and_then(|()| err.flush());
}

/// Bytes for another program on standard output, as they are; a reader that has gone away is not an error.
pub fn raw(content: &[u8]) -> Result<(), CliError> {
    let mut out = std::io::stdout().lock();
    match out.write_all(content).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(CliError::Output(error)),
        _ => Ok(()),
    }
}

/// Standard error for the log.
#[derive(Debug, Clone, Copy)]
pub struct Logs;

/// The same for one event, which is one line.
#[derive(Debug)]
pub struct Log(Priority);

impl MakeWriter<'_> for Logs {
    type Writer = Log;

    fn make_writer(&self) -> Log {
        Log(Priority::Info)
    }

    fn make_writer_for(&self, event: &Metadata<'_>) -> Log {
        Log(Priority::of_level(*event.level()))
    }
}

impl Write for Log {
    fn write(&mut self, event: &[u8]) -> std::io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        tell_as(self.0, &hint(text.trim_end_matches('\n')));
        Ok(event.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// An error on standard error: what failed, what to do.
pub(super) fn failure(error: &CliError) {
    for line in error.lines() {
        // What failed may be somebody else's words; what to do is ours.
        tell_as(Priority::Error, &if line.starts_with("error: ") { line } else { hint(line) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_begins_no_line_and_commands_no_terminal() {
        let mut text = Text::new();
        text.line(format_args!("file {} is fine", "x\nBROKEN \u{1b}[2J\u{9b}1m\u{202e}\r"));
        text.fact("Note", 6, "a\nb\u{7f}".split('\n'));
        assert_eq!(
            text.drawn(false, None),
            "file x\\u{a}BROKEN \\u{1b}[2J\\u{9b}1m\\u{202e}\\u{d} is fine\nNote    a\n        b\\u{7f}\n"
        );
    }
}
