//! What this process was asked to run, as far as its messages need to know: which flags the command has, and whether a hint
//! must name the data directory. Set once, before the command runs.

use super::flags::flag_of;
use clap::{ArgMatches, Command};
use signet_app::data_flag::DataFlag;
use std::sync::OnceLock;

/// The command that was named.
#[derive(Debug)]
pub(super) struct Invocation {
    /// The names that lead to it, without the program's.
    path: Vec<String>,
    /// Its flags, without the hyphens.
    flags: Vec<String>,
    /// Its words without a flag, such as `NAME`.
    words: Vec<String>,
}

static INVOCATION: OnceLock<Invocation> = OnceLock::new();
static DATA_FLAG: OnceLock<DataFlag> = OnceLock::new();

impl Invocation {
    /// The command that `matches` came from.
    pub(super) fn of(command: &Command, matches: &ArgMatches) -> Self {
        let (mut command, mut matches, mut path) = (command, matches, Vec::new());
        while let Some((name, below)) = matches.subcommand() {
            let Some(found) = command.find_subcommand(name) else { break };
            (command, matches) = (found, below);
            path.push(found.get_name().to_owned());
        }
        Self {
            path,
            flags: command.get_arguments().filter_map(|arg| arg.get_long()).map(str::to_owned).collect(),
            words: command.get_positionals().map(|arg| arg.get_id().as_str().to_owned()).collect(),
        }
    }

    /// A form's field as it is typed here: `--key-type`, `NAME`; itself where this command has no such flag.
    fn flag(&self, field: &str) -> String {
        let long = long(field);
        if self.flags.contains(&long) {
            return format!("--{long}");
        }
        if self.words.iter().any(|word| word == field) {
            return field.to_ascii_uppercase();
        }
        field.to_owned()
    }
}

/// The command that runs from now on. The first call counts.
pub(super) fn set(invocation: Invocation) {
    let _ = INVOCATION.set(invocation);
}

/// What hints need from now on. The first call counts.
pub(super) fn set_data_flag(flag: DataFlag) {
    let _ = DATA_FLAG.set(flag);
}

/// What hints need.
pub(super) fn data_flag() -> DataFlag {
    DATA_FLAG.get().cloned().unwrap_or_default()
}

/// A form's field as it is typed in the command that runs.
pub(super) fn flag(field: &str) -> String {
    INVOCATION.get().map_or_else(|| field.to_owned(), |invocation| invocation.flag(field))
}

/// The names that lead to the command that runs.
pub(super) fn path() -> &'static [String] {
    INVOCATION.get().map(|invocation| invocation.path.as_slice()).unwrap_or_default()
}

/// The flag of a form's field, without its hyphens. A passphrase is asked for by its file.
fn long(field: &str) -> String {
    match flag_of(field) {
        "passphrase" => "passphrase-file".to_owned(),
        flag => flag.replace('_', "-"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Invocation {
        let mut command = crate::cli::help::command();
        let matches = command.try_get_matches_from_mut(line.split(' ')).unwrap();
        Invocation::of(&command, &matches)
    }

    #[test]
    fn a_field_is_the_flag_or_the_word_of_the_command_that_runs() {
        let create = of("signet csr create");
        assert_eq!(create.path, ["csr", "create"]);
        for (field, flag) in [
            ("key_type", "--key-type"),
            ("name", "--name"),
            ("bc_enabled", "--bc"),
            ("aki_enabled", "--aki-issuer"),
            ("eku_SERVER_AUTH", "--eku"),
            ("eku_enabled", "--eku"),
            ("eku_critical", "--eku-critical"),
            ("ku_key_cert_sign", "--ku"),
            ("ku_critical", "--ku-critical"),
        ] {
            assert_eq!(create.flag(field), flag);
        }
        let import = of("signet csr import --name a --request b --key c");
        for (field, flag) in
            [("signing_request", "--request"), ("private_key", "--key"), ("passphrase", "--passphrase-file")]
        {
            assert_eq!(import.flag(field), flag);
        }
        assert_eq!(of("signet csr show nas").flag("name"), "NAME");
        assert_eq!(of("signet csr show nas").flag("country"), "country");
    }
}
