//! How a program over these commands begins and ends: `signet` itself, and `signet-factory`.

use super::cause::Cause;
use super::error::{CliError, Told};
use super::invocation::{self, Invocation};
use super::{help, json, manual, output, usage};
use clap::{Command, FromArgMatches};
use signet_domain::visible;
use std::process::ExitCode;

pub use manual::Appendix;

/// What the arguments say. Help and mistakes are printed here; `wrong` is the exit code of a mistake.
pub fn parse<T: FromArgMatches>(command: &mut Command, wrong: u8) -> Result<T, ExitCode> {
    let parsed = command.try_get_matches_from_mut(std::env::args_os());
    let error = match parsed.and_then(|matches| Ok((T::from_arg_matches(&matches)?, matches))) {
        Ok((cli, matches)) => {
            invocation::set(Invocation::of(command, &matches));
            return Ok(cli);
        }
        Err(error) => error,
    };
    if !error.use_stderr() {
        return Err(usage::print(command, error).map_or_else(
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
    let _ = usage::print(command, error);
    Err(ExitCode::from(wrong))
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
pub fn end(result: Result<ExitCode, CliError>, is_json: bool, failure: Option<u8>, command: &mut Command) -> ExitCode {
    let error = match result {
        Ok(code) => return code,
        Err(error) => error,
    };
    if is_json {
        json::failure(&error.told());
    }
    output::failure(&error);
    if let CliError::Missing { flags, .. } = &error {
        usage::missing(command, flags);
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
