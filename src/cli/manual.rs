//! Manual pages, and scripts by which shells complete commands: both from the same texts as the help.

use super::cause::Cause;
use super::error::CliError;
use super::help;
use super::how::{Change, How};
use super::output::{Text, raw};
use clap::{Arg, Command, ValueEnum};
use clap_complete::Generator;
use clap_complete::aot::{Bash, Fish, Zsh};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};
use serde::Serialize;
use signet_app::clock::build_date;
use signet_domain::{time, visible};
use std::path::PathBuf;
use std::process::ExitCode;

/// A shell that completes commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Shell {
    Bash,
    Zsh,
    Fish,
}

/// Options of `completions`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  source <(signet completions bash)")]
pub(super) struct CompletionsArgs {
    /// The shell.
    shell: Shell,
}

/// Options of `man`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  signet man /usr/local/share/man/man1")]
pub(super) struct ManArgs {
    /// Folder to write them to; it must exist. Older pages are replaced.
    dir: PathBuf,
}

/// Prints a shell's script.
pub(super) fn completions(args: &CompletionsArgs) -> Result<ExitCode, CliError> {
    raw(&script(args.shell))?;
    Ok(ExitCode::SUCCESS)
}

/// What was written, for programs.
#[derive(Serialize)]
struct Written {
    #[serde(flatten)]
    change: Change,
    path: String,
    pages: usize,
}

/// Writes the manual pages.
pub(super) fn man(args: &ManArgs, how: &How) -> Result<ExitCode, CliError> {
    let pages = pages();
    for (name, page) in &pages {
        let path = args.dir.join(name);
        std::fs::write(&path, page).map_err(|source| CliError::Unwritable { path, source })?;
    }
    let value = Written { change: Change::done(true), path: visible::path(&args.dir), pages: pages.len() };
    how.report(&value, || {
        let mut text = Text::new();
        text.line(format_args!("Wrote {} manual pages to {}.", value.pages, value.path));
        text
    })?;
    Ok(ExitCode::SUCCESS)
}

/// What a shell reads to complete `signet`.
pub(super) fn script(shell: Shell) -> Vec<u8> {
    let mut command = help::command().bin_name("signet");
    command.build();
    let mut script = Vec::new();
    let generated = match shell {
        Shell::Bash => Bash.try_generate(&command, &mut script),
        Shell::Zsh => Zsh.try_generate(&command, &mut script),
        Shell::Fish => Fish.try_generate(&command, &mut script),
    };
    // Memory takes everything.
    drop(generated);
    script
}

/// Each page with its file's name, such as `signet-csr-create.1`.
pub(super) fn pages() -> Vec<(String, Vec<u8>)> {
    let mut root = help::command();
    root.build();
    pages_of(&root, &APPENDIX)
}

/// What the page of a program says besides its help.
#[derive(Debug)]
pub struct Appendix {
    /// Variables that it reads.
    pub environment: &'static [(&'static str, &'static str)],
    /// Files that it reads.
    pub files: &'static [(&'static str, &'static str)],
    /// Another page, as `name`, `(section)`.
    pub see_also: [&'static str; 2],
}

const APPENDIX: Appendix = Appendix { environment: ENVIRONMENT, files: FILES, see_also: ["openssl\\-req", "(1)"] };

/// The pages of any program.
pub(super) fn pages_of(root: &Command, appendix: &Appendix) -> Vec<(String, Vec<u8>)> {
    let mut pages = Vec::new();
    add(root, "", appendix, &mut pages);
    pages
}

/// Adds the pages of a command and of those below it; `above` is the page of the command above.
fn add(command: &Command, above: &str, appendix: &Appendix, pages: &mut Vec<(String, Vec<u8>)>) {
    let name = command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned();
    let mut page = Vec::new();
    // Memory takes everything.
    drop(write(command, &name, above, appendix, &mut page));
    pages.push((format!("{name}.1"), page));
    for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
        add(below, &name, appendix, pages);
    }
}

fn write(command: &Command, name: &str, above: &str, appendix: &Appendix, page: &mut Vec<u8>) -> std::io::Result<()> {
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage:").trim_start().to_owned();
    let man = Man::new(command.clone().override_usage(usage).mut_args(with_values))
        .title(name.to_uppercase())
        .date(time::date(build_date()).to_string())
        .source(concat!("signet ", env!("CARGO_PKG_VERSION")))
        .manual("Signet");
    man.render_title(page)?;
    man.render_name_section(page)?;
    man.render_synopsis_section(page)?;
    man.render_description_section(page)?;
    man.render_options_section(page)?;
    if command.has_subcommands() {
        man.render_subcommands_section(page)?;
    }
    let mut end = Roff::new();
    let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    after_help(&after, &mut end);
    if above.is_empty() {
        of_all_commands(appendix, &mut end);
    } else {
        end.control("SH", ["SEE ALSO"]);
        end.control("BR", [above, "(1)"]);
    }
    end.to_writer(page)
}

/// The possible values as words of the help: as a list they make formatters warn of empty lines.
fn with_values(arg: Arg) -> Arg {
    let values: Vec<String> = arg.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect();
    if values.is_empty() || !arg.get_action().takes_values() {
        return arg;
    }
    let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
    arg.hide_possible_values(true).help(format!("{help} [possible values: {}]", values.join(", ")))
}

/// Notes, exit codes and examples, whose lines stay as they are where they are indented.
fn after_help(text: &str, page: &mut Roff) {
    let (mut is_kept, mut is_apart) = (false, false);
    for (place, line) in text.lines().enumerate() {
        if line.is_empty() {
            is_apart = true;
            continue;
        }
        let keep = line.starts_with(' ');
        if is_kept && !keep {
            page.control("fi", []);
            is_kept = false;
        }
        if matches!(line, "Example:" | "Examples:") {
            page.control("SH", ["EXAMPLES"]);
        } else if place == 0 {
            page.control("SH", [if line.starts_with("Exit code") { "EXIT STATUS" } else { "NOTES" }]);
        } else if is_apart {
            page.control("PP", []);
        }
        is_apart = false;
        if keep && !is_kept {
            page.control("nf", []);
            is_kept = true;
        }
        if !matches!(line, "Example:" | "Examples:") {
            page.text([roman(line)]);
        }
    }
    if is_kept {
        page.control("fi", []);
    }
}

/// What holds for all commands.
fn of_all_commands(appendix: &Appendix, page: &mut Roff) {
    page.control("SH", ["EXIT STATUS"]);
    page.control("TP", []).text([bold("0")]).text([roman("it worked")]);
    for cause in Cause::ALL {
        let code = format!("{} {}", cause.code(), cause.word());
        page.control("TP", []).text([bold(code)]).text([roman(cause.when())]);
    }
    for (title, entries) in [("ENVIRONMENT", appendix.environment), ("FILES", appendix.files)] {
        page.control("SH", [title]);
        for (name, meaning) in entries {
            page.control("TP", []).text([bold(*name)]).text([roman(*meaning)]);
        }
    }
    page.control("SH", ["SEE ALSO"]);
    page.control("BR", appendix.see_also);
}

const ENVIRONMENT: &[(&str, &str)] = &[
    ("SIGNET_DATA", "The data directory where --data is missing."),
    ("STATE_DIRECTORY", "The data directory where --data and SIGNET_DATA are missing; systemd sets it."),
    ("NO_COLOR", "If it is not empty, there are no colours, unless --color says otherwise."),
    ("SIGNET_LOG", "What signet serve logs, such as debug. The default is warn."),
];

const FILES: &[(&str, &str)] = &[
    ("/var/lib/signet", "The data directory of an installed console, with the only copies of private keys."),
    ("/etc/signet/signet.toml", "The configuration."),
    ("/etc/signet/deploy.toml", "The services that get certificates by signet deploy."),
    ("/etc/signet/enroll.toml", "Programs that set DNS records for signet enroll."),
];
