//! All that a command prints.
//!
//! Text for people is made of lines, and a line is escaped as a whole when it is added: whatever a file name, a certificate
//! or a record holds, it can neither command the terminal nor begin a line of its own. Values that others wrote are bounded
//! where they enter a line ([`signet_domain::visible`]); lists and paths are whole. Files for other programs (PEM, DER,
//! PKCS#12, iCalendar) go out as they are, by [`raw`] alone, and JSON by [`super::json`]. Setup codes have a way of their own
//! ([`super::code`]).

use super::error::CliError;
use signet_domain::visible::{bounded, escaped};
use std::fmt::Display;
use std::io::{ErrorKind, Write};

/// The longest line on standard error, characters: two paths of any length fit.
const ERROR_LINE: usize = 16 * 1024;

/// Lines for people, not printed yet.
#[derive(Debug, Default)]
pub struct Text(String);

impl Text {
    /// No line yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one line; a line break within it is escaped.
    pub fn line(&mut self, line: impl Display) -> &mut Self {
        self.0.push_str(&escaped(&line.to_string()));
        self.0.push('\n');
        self
    }

    /// Adds a label, `width` wide, and its value beside it: a line of the value each.
    pub fn fact<S: AsRef<str>>(&mut self, label: &str, width: usize, value: impl IntoIterator<Item = S>) -> &mut Self {
        let mut label = label;
        for line in value {
            self.line(format_args!("{label:width$}  {}", line.as_ref()));
            label = "";
        }
        self
    }

    /// Writes the lines to standard output.
    pub fn print(&self) -> Result<(), CliError> {
        raw(self.0.as_bytes())
    }
}

/// One line on standard output.
pub fn say(line: impl Display) -> Result<(), CliError> {
    Text::new().line(line).print()
}

/// A question on standard output, whose answer stands on the same line.
pub fn ask(question: impl Display) -> Result<(), CliError> {
    raw(escaped(&question.to_string()).as_bytes())
}

/// One line on standard error. One that nobody can read changes nothing of what was done.
pub fn tell(line: impl Display) {
    let text = bounded(&line.to_string(), ERROR_LINE) + "\n";
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

/// A line on standard error that is written over the one before it: for progress on a terminal.
pub fn over(line: impl Display) {
    let text = format!("\r{}", bounded(&line.to_string(), ERROR_LINE));
    let mut err = std::io::stderr().lock();
    let _ = err.write_all(text.as_bytes()).and_then(|()| err.flush());
}

/// Bytes for another program on standard output, as they are; a reader that has gone away is no error.
pub fn raw(content: &[u8]) -> Result<(), CliError> {
    let mut out = std::io::stdout().lock();
    match out.write_all(content).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(CliError::Output(error)),
        _ => Ok(()),
    }
}

/// Standard error for the log: each event that comes is one line.
#[derive(Debug)]
pub struct Log;

impl Write for Log {
    fn write(&mut self, event: &[u8]) -> std::io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        tell(text.trim_end_matches('\n'));
        Ok(event.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What the reader of the arguments says: help as it is, and a mistake with the words that were given escaped.
pub fn usage(mut error: clap::Error) -> Result<(), CliError> {
    use clap::error::ContextValue;
    if !error.use_stderr() {
        return raw(error.render().to_string().as_bytes());
    }
    let safe = |value: &ContextValue| match value {
        ContextValue::String(text) => Some(ContextValue::String(escaped(text).into_owned())),
        ContextValue::Strings(all) => {
            Some(ContextValue::Strings(all.iter().map(|one| escaped(one).into_owned()).collect()))
        }
        _ => None,
    };
    let context: Vec<_> = error.context().filter_map(|(kind, value)| Some((kind, safe(value)?))).collect();
    for (kind, value) in context {
        error.insert(kind, value);
    }
    for line in error.render().to_string().lines() {
        tell(line);
    }
    Ok(())
}

/// An error on standard error: what failed, what to do.
pub(super) fn failure(error: &CliError) {
    error.lines().iter().for_each(tell);
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
            text.0,
            "file x\\u{a}BROKEN \\u{1b}[2J\\u{9b}1m\\u{202e}\\u{d} is fine\nNote    a\n        b\\u{7f}\n"
        );
    }
}
