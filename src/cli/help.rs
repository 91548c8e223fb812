//! The help of every command: the groups of commands, its width, and `signet help`. The texts are at the commands.

use super::error::CliError;
use super::layout::wrapped;
use super::{Cli, GLOBAL, cause, terminal, usage};
use clap::CommandFactory;
use std::process::ExitCode;

/// Lines longer than this are hard to read.
const WIDEST: usize = 100;

pub(super) const EXAMPLES: &str = "\
Examples:
  signet serve                      Serve on https://127.0.0.1:8443/
  signet csr create --help          See how to create a request
  signet csr export nas             Print a request, to send it to the CA
  signet csr add-certificate --certificate nas.crt
                                    Add the certificate that the CA issued
  signet check                      Check everything";

/// Options of `help`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The command, such as csr create.
    command: Vec<String>,
}

/// The commands of a group, and what the group is about.
type Groups = &'static [(&'static str, &'static [&'static str])];

const ALL: Groups = &[
    ("Requests and certificates", &["csr", "ca", "enroll", "deploy"]),
    (
        "Console",
        &["serve", "setup", "owner", "console", "check", "audit", "metrics", "backup", "restore", "recover", "watch"],
    ),
    ("Factory and firmware", &["provision", "install"]),
    ("Help", &["help", "completions", "man"]),
];

const CSR: Groups = &[
    ("Create", &["create", "import", "apply", "renew"]),
    ("Read", &["list", "show", "needs-renewal", "expiry"]),
    ("Send to the CA, and add what it issued", &["check", "enroll", "export", "add-certificate"]),
    ("Use", &["key", "pkcs12", "deploy"]),
    ("Change", &["rename", "note", "revoke", "delete"]),
];

/// Every command with its flags and help.
pub(super) fn command() -> clap::Command {
    let width = terminal::width_of_help().min(WIDEST);
    let command = Cli::command().mut_subcommand("csr", |csr| grouped(csr, CSR, width));
    grouped(command, ALL, width).term_width(width)
}

/// The same with the exit codes: the program's own help has the table, that of a command the codes and their words.
pub(super) fn with_codes() -> clap::Command {
    followed_by_codes(command())
}

/// Any program's commands with the exit codes.
pub(super) fn followed_by_codes(root: clap::Command) -> clap::Command {
    let width = terminal::width_of_help().min(WIDEST);
    let names: Vec<String> = root.get_subcommands().map(|below| below.get_name().to_owned()).collect();
    let codes = cause::summary(root.get_name(), width);
    let root = followed_by(root, &cause::table(width)).term_width(width);
    names.iter().fold(root, |root, name| root.mut_subcommand(name, |below| each_followed_by(below, &codes)))
}

fn each_followed_by(command: clap::Command, text: &str) -> clap::Command {
    let names: Vec<String> = command.get_subcommands().map(|below| below.get_name().to_owned()).collect();
    let command = followed_by(command, text);
    names.iter().fold(command, |command, name| command.mut_subcommand(name, |below| each_followed_by(below, text)))
}

fn followed_by(command: clap::Command, text: &str) -> clap::Command {
    let own = command.get_after_help().map(|own| format!("{own}\n\n")).unwrap_or_default();
    command.after_help(own + text)
}

/// Prints a command's help.
pub(super) fn run(args: &Args) -> Result<ExitCode, CliError> {
    let mut command = with_codes();
    let words = ["signet"].into_iter().chain(args.command.iter().map(String::as_str)).chain(["--help"]);
    match command.try_get_matches_from_mut(words) {
        Ok(_) => Ok(ExitCode::SUCCESS),
        Err(error) => {
            let code = if error.use_stderr() { cause::Cause::Usage.code() } else { 0 };
            usage::print(&command, error)?;
            Ok(ExitCode::from(code))
        }
    }
}

/// Lists the commands below this one by group instead of all in one list.
fn grouped(command: clap::Command, groups: Groups, width: usize) -> clap::Command {
    let names = groups.iter().flat_map(|(_, names)| names.iter());
    let column = names.map(|name| name.len()).max().unwrap_or(0) + 4;
    let mut list = String::new();
    for (title, names) in groups {
        list.push_str(&format!("{title}:\n"));
        for name in *names {
            let about = command.find_subcommand(name).and_then(|one| one.get_about()).map(ToString::to_string);
            let lines = wrapped(&about.unwrap_or_default(), width.saturating_sub(column));
            list.push_str(&format!("  {name:<0$}{1}\n", column - 2, lines.join(&format!("\n{:column$}", ""))));
        }
        list.push('\n');
    }
    let template =
        format!("{{about-with-newline}}\n{{usage-heading}} {{usage}}\n\n{list}{GLOBAL}:\n{{options}}{{after-help}}");
    command.help_template(template)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_is_in_one_group() {
        let root = command();
        for (command, groups) in [(&root, ALL), (root.find_subcommand("csr").unwrap(), CSR)] {
            let mut listed: Vec<&str> = groups.iter().flat_map(|(_, names)| names.iter().copied()).collect();
            let mut all: Vec<&str> = command.get_subcommands().map(clap::Command::get_name).collect();
            listed.sort_unstable();
            all.sort_unstable();
            assert_eq!(listed, all);
        }
    }
}
