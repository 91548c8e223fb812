//! A command's arguments, described only when the command is the one that was called: a script that makes one CSR does not
//! wait for the description of everything else that could have been done.

use clap::{ArgMatches, Args, Command, Error, FromArgMatches, Subcommand};
use std::ops::Deref;

/// Arguments or commands below a command, described late.
#[derive(Debug)]
pub struct Later<T>(pub T);

/// With what the command above says of it: the arguments' own text is for readers of the code.
fn described(command: Command, describe: fn(Command) -> Command) -> Command {
    let (short, long) = (command.get_about().cloned(), command.get_long_about().cloned());
    let described = describe(command).about(short.unwrap_or_default());
    match long {
        Some(long) => described.long_about(long),
        None => described.long_about(None),
    }
}

impl<T: Args> Args for Later<T> {
    fn augment_args(command: Command) -> Command {
        command.defer(|command| described(command, T::augment_args))
    }

    fn augment_args_for_update(command: Command) -> Command {
        command.defer(|command| described(command, T::augment_args_for_update))
    }
}

impl<T: FromArgMatches> FromArgMatches for Later<T> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        T::from_arg_matches(matches).map(Self)
    }

    fn from_arg_matches_mut(matches: &mut ArgMatches) -> Result<Self, Error> {
        T::from_arg_matches_mut(matches).map(Self)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        self.0.update_from_arg_matches(matches)
    }
}

impl<T: Subcommand> Subcommand for Later<T> {
    fn augment_subcommands(command: Command) -> Command {
        command.defer(|command| described(command, T::augment_subcommands))
    }

    fn augment_subcommands_for_update(command: Command) -> Command {
        command.defer(|command| described(command, T::augment_subcommands_for_update))
    }

    fn has_subcommand(name: &str) -> bool {
        T::has_subcommand(name)
    }
}

impl<T> Deref for Later<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use crate::cli::Cli;
    use clap::{Command, CommandFactory};

    fn told(command: &Command) -> Vec<(String, String)> {
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        let below = command.get_subcommands().flat_map(told);
        std::iter::once((command.get_bin_name().unwrap_or_default().to_owned(), about)).chain(below).collect()
    }

    #[test]
    fn what_is_said_of_a_command_is_the_same_above_it_and_in_its_own_help() {
        let mut all = Cli::command();
        let short = told(&all);
        all.build();
        let whole = told(&all);
        assert!(whole.len() > 25, "{whole:?}");
        for (name, about) in &whole {
            assert!(!about.is_empty() && !about.starts_with("Options of"), "{name}: {about}");
        }
        for (_, about) in short {
            assert!(whole.iter().any(|(_, other)| *other == about), "{about}");
        }
    }

    #[test]
    fn a_command_that_was_not_called_is_not_described() {
        let csr = Cli::command().find_subcommand("csr").cloned().unwrap();
        assert_eq!(csr.get_subcommands().count(), 0);
    }
}
