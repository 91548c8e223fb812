//! What the commands say of themselves, and `docs/reference.md` of them.

use super::*;
use crate::reference;
use clap::{Arg, ArgAction, Command, CommandFactory};
use std::collections::BTreeSet;

/// `--listen ADDR:PORT`, `--json`, `NAME`: an argument as its help and the reference write it.
fn written(arg: &Arg) -> String {
    let takes = arg.get_action().takes_values();
    let values: Vec<String> = match arg.get_value_names() {
        Some(names) if takes => names.iter().map(ToString::to_string).collect(),
        None if takes => vec![arg.get_id().as_str().to_ascii_uppercase()],
        _ => Vec::new(),
    };
    let flag = arg.get_long().map(|long| format!("--{long}"));
    flag.into_iter().chain(values).collect::<Vec<_>>().join(" ")
}

/// Compares a command and those below it; `above` are the flags that it has from the commands above.
fn compare(command: &clap::Command, above: &[String], found: &mut BTreeSet<String>) {
    let path = command.get_bin_name().unwrap_or(command.get_name()).to_owned();
    let inherited = |arg: &&Arg| !above.contains(&arg.get_id().to_string());
    let own = command.get_arguments().filter(inherited).filter(|arg| {
        !matches!(arg.get_action(), ArgAction::Help | ArgAction::HelpShort | ArgAction::HelpLong | ArgAction::Version)
    });
    let own: Vec<&Arg> = own.collect();
    let below: Vec<&clap::Command> = command.get_subcommands().collect();
    let title = format!("`{path}`");
    if below.is_empty() || !own.is_empty() {
        found.insert(title.clone());
        let rows = reference::rows(&title);
        let names = reference::names(&rows);
        reference::agree(&title, own.iter().map(|arg| written(arg)), names);
        for arg in &own {
            let row = rows.iter().find(|row| reference::code(&row[0]) == written(arg)).unwrap();
            let is_many = matches!(arg.get_action(), ArgAction::Append);
            assert_eq!(row[0].contains("(repeatable)"), is_many, "{path}: {}", row[0]);
            assert_eq!(row[1] == "required", arg.is_required_set(), "{path}: {} is required or not", row[0]);
            if arg.get_action().takes_values() {
                for default in arg.get_default_values() {
                    assert_eq!(reference::code(&row[1]), default.to_string_lossy(), "{path}: {}", row[0]);
                }
                let values: Vec<String> = arg.get_possible_values().iter().map(|it| it.get_name().into()).collect();
                if !values.is_empty() {
                    reference::agree(&format!("{path} {}", row[0]), values, reference::codes(&row[2]));
                }
            }
        }
    }
    let global = own.iter().filter(|arg| arg.is_global_set()).map(|arg| arg.get_id().to_string());
    let above: Vec<String> = above.iter().cloned().chain(global).collect();
    for command in below {
        compare(command, &above, found);
    }
}

#[test]
fn the_reference_names_every_command_and_flag_and_no_other() {
    let mut all = Cli::command();
    all.build();
    let mut found = BTreeSet::new();
    compare(&all, &[], &mut found);
    assert!(found.len() > 25, "{found:?}");
    let told = reference::headings(3).into_iter().filter(|title| title.starts_with("`signet"));
    reference::agree("Commands", found, told.map(str::to_owned));
}

#[test]
fn the_reference_names_every_exit_code_and_no_other() {
    let exist = Cause::ALL.map(|cause| format!("{} {} {}", cause.code(), cause.word(), cause.when()));
    let ok = "0  it worked".to_owned();
    let told = reference::table("Exit codes").into_iter().map(|row| {
        let word = reference::codes(&row[1]).concat();
        format!("{} {word} {}", reference::code(&row[0]), row[2].replace('`', ""))
    });
    reference::agree("Exit codes", exist.into_iter().chain([ok]), told);
}

#[test]
fn every_help_has_every_exit_code_and_that_of_the_program_says_when() {
    let mut commands = vec![help::with_codes()];
    let mut seen = 0;
    while let Some(mut command) = commands.pop() {
        let help = command.render_help().to_string().split_whitespace().collect::<Vec<_>>().join(" ");
        for cause in Cause::ALL {
            let code = match seen {
                0 => format!("{} {} {}", cause.code(), cause.word(), cause.when()),
                _ => format!("{} {}", cause.code(), cause.word()),
            };
            assert!(help.contains(&code), "{}: {help}", command.get_name());
        }
        commands.extend(command.get_subcommands().cloned());
        seen += 1;
    }
    assert!(seen > 25, "{seen}");
}

#[test]
fn the_reference_names_the_exit_codes_of_its_own_that_a_command_has() {
    let told = |command: &str| -> Vec<String> {
        let rows = reference::table("Special exit codes").into_iter();
        rows.filter(|row| reference::code(&row[0]) == command).map(|row| reference::code(&row[1])).collect()
    };
    let mut all = Cli::command();
    all.build();
    let help = |path: &[&str]| {
        let mut at = &all;
        for name in path {
            at = at.find_subcommand(name).unwrap();
        }
        at.get_after_help().unwrap().to_string()
    };
    let lines = help(&["csr", "needs-renewal"]);
    let codes = lines.lines().filter(|line| line.starts_with("  ")).filter_map(|line| line.split_whitespace().next());
    reference::agree("needs-renewal", codes.map(str::to_owned), told("signet csr needs-renewal"));
    let line = help(&["check"]);
    let codes = line.split_whitespace().filter(|word| word.parse::<u8>().is_ok());
    reference::agree("check", codes.map(str::to_owned), told("signet check"));
    let source = include_str!("recover.rs");
    let codes = source.split("ExitCode::from(").skip(1).filter_map(|rest| rest.split(')').next());
    reference::agree("recover", codes.map(str::to_owned), told("signet recover"));
}

fn abouts(command: &Command) -> Vec<(String, String)> {
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    let below = command.get_subcommands().flat_map(abouts);
    std::iter::once((command.get_bin_name().unwrap_or_default().to_owned(), about)).chain(below).collect()
}

#[test]
fn every_command_says_what_it_does() {
    let mut all = Cli::command();
    all.build();
    let abouts = abouts(&all);
    assert!(abouts.len() > 25, "{abouts:?}");
    for (name, about) in &abouts {
        assert!(!about.is_empty() && !about.starts_with("Options of"), "{name}: {about}");
    }
}
