//! How a program over these commands begins and ends: `signet` itself, and `signet-factory`.

use super::cause::Cause;
use super::error::{CliError, Told};
use super::invocation::{self, Invocation};
use super::{help, json, manual, output, usage};
use clap::{Command, FromArgMatches, Parser};
use signet_domain::visible;
use std::process::ExitCode;

pub use manual::Appendix;

/// What the arguments say. Help and mistakes are printed here; `wrong` is the exit code of a mistake.
///
/// `with_help` makes the same commands with all that is printed below their help: that takes longer than most commands run, so
/// it is made for who asks.
pub fn parse<T: Parser>(with_help: fn() -> Command, wrong: u8) -> Result<T, ExitCode> {
    if let Ok(cli) = read(&mut T::command()) {
        return Ok(cli);
    }
    let mut command = with_help();
    let error = match read(&mut command) {
        Ok(cli) => return Ok(cli),
        Err(error) => error,
    };
    if !error.use_stderr() {
        return Err(usage::print(&command, error).map_or_else(
            |error| {
                output::failure(&error);
                ExitCode::from(error.code())
            },
            |()| ExitCode::SUCCESS,
        ));
    }
    if std::env::args_os().any(|argument| argument == "--json") {
        json::failure(&[usage_told(&error, command.get_name())]);
    }
    // Nothing is left to do when even the usage cannot be printed.
    let _ = usage::print(&command, error);
    Err(ExitCode::from(wrong))
}

fn read<T: FromArgMatches>(command: &mut Command) -> Result<T, clap::Error> {
    let matches = command.try_get_matches_from_mut(std::env::args_os())?;
    let cli = T::from_arg_matches(&matches)?;
    invocation::set(Invocation::of(command, &matches));
    Ok(cli)
}

/// A command line that is not understood, for programs.
fn usage_told(error: &clap::Error, name: &str) -> Told {
    let text = error.render().to_string();
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let what = lines.next().unwrap_or_default();
    let field = error.get(clap::error::ContextKind::InvalidArg).map(ToString::to_string);
    let field = field.map(|flag| flag.trim_start_matches('-').chars().take_while(|c| !" =[<".contains(*c)).collect());
    Told {
        code: Cause::Usage.word(),
        field,
        what: visible::bounded(what.strip_prefix("error: ").unwrap_or(what), visible::VALUE),
        remedy: format!("See `{name} --help` and the command's own --help."),
    }
}

/// Prints a failure, for programs as well where `is_json`, and returns the exit code; `failure` instead of the cause's own.
pub fn end<T: Parser>(result: Result<ExitCode, CliError>, is_json: bool, failure: Option<u8>) -> ExitCode {
    let error = match result {
        Ok(code) => return code,
        Err(error) => error,
    };
    if is_json {
        json::failure(&error.told());
    }
    output::failure(&error);
    if let CliError::Missing { flags, .. } = &error {
        usage::missing(&mut T::command(), flags);
    }
    ExitCode::from(failure.unwrap_or(error.code()))
}

/// A program's commands with the exit codes in their help, at the terminal's width.
pub fn with_codes(root: Command) -> Command {
    help::followed_by_codes(root)
}

/// A program's manual pages, each with its file's name.
pub fn pages(mut root: Command, appendix: &Appendix) -> Vec<(String, Vec<u8>)> {
    root.build();
    manual::pages_of(&root, appendix)
}
