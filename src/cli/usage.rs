//! What the reader of the arguments says: help, and mistakes in how a command was typed. One form for all of them.

use super::error::CliError;
use super::invocation;
use super::output::{raw, tell};
use super::style::{self, Style};
use super::terminal::Standard;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, Error};
use signet_domain::visible::escaped;

/// Prints help as it is, and a mistake with the words that were given escaped.
pub(super) fn print(command: &Command, mut error: Error) -> Result<(), CliError> {
    if !error.use_stderr() {
        return raw(with_titles(&error.render().to_string()).as_bytes());
    }
    if let Some(flag) = of_serve(command, &error) {
        tell(format_args!("error: {flag} belongs to `signet serve`"));
        tell(format_args!("Write `signet serve {flag} …`. Without a command, `signet` serves with its configuration."));
        return Ok(());
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
    on_stderr(&error);
    Ok(())
}

/// A usage error for flags of the command that runs: what a request needs is known only once a file was read, so that the
/// reader of the arguments cannot miss them itself.
pub(super) fn missing(root: &mut Command, flags: &[&str]) {
    root.build();
    let command = invocation::path().iter().try_fold(&*root, |above, name| above.find_subcommand(name));
    let Some(command) = command else { return };
    let written: Vec<String> = flags
        .iter()
        .filter_map(|flag| command.get_arguments().find(|arg| arg.get_long() == Some(*flag)))
        .map(ToString::to_string)
        .collect();
    let name = command.get_bin_name().unwrap_or_else(|| command.get_name());
    let usage = format!("Usage: {name} {}", written.join(" "));
    let mut error = Error::new(ErrorKind::MissingRequiredArgument).with_cmd(command);
    error.insert(ContextKind::InvalidArg, ContextValue::Strings(written));
    error.insert(ContextKind::Usage, ContextValue::StyledStr(usage.into()));
    on_stderr(&error);
}

/// A flag of `serve` that was given without it. `signet` alone serves, so that the flag looks right there.
fn of_serve(command: &Command, error: &Error) -> Option<String> {
    let Some(ContextValue::String(given)) = error.get(ContextKind::InvalidArg) else { return None };
    let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage) else { return None };
    // The usage is that of the command that the flag was given to.
    let is_root = usage.to_string().contains("Usage: signet [");
    let long = given.split('=').next()?.strip_prefix("--")?;
    let mut flags = command.find_subcommand("serve")?.get_arguments().filter_map(|arg| arg.get_long());
    let is_of_serve = error.kind() == ErrorKind::UnknownArgument && flags.any(|flag| flag == long);
    (is_root && is_of_serve).then(|| format!("--{long}"))
}

/// Help with its headings in their style: lines that begin at the margin and end with a colon, and the usage.
fn with_titles(help: &str) -> String {
    let is_on = style::is_on(Standard::Output);
    let title = |line: &str| match line.strip_prefix("Usage:") {
        Some(rest) => Style::Title.paint("Usage:", is_on) + rest,
        None if line.ends_with(':') && !line.starts_with(' ') => Style::Title.paint(line, is_on),
        None => line.to_owned(),
    };
    help.split('\n').map(title).collect::<Vec<_>>().join("\n")
}

fn on_stderr(error: &Error) {
    for line in error.render().to_string().lines() {
        tell(line);
    }
}
