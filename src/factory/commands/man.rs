//! `man`: the manual pages, from the texts of the help.

use super::Cli;
use clap::CommandFactory;
use serde_json::json;
use signet::cli::error::CliError;
use signet::cli::how::How;
use signet::cli::output::Text;
use signet::cli::program::{self, Appendix};
use signet_domain::visible;
use std::path::PathBuf;
use std::process::ExitCode;

/// Options of `man`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  signet-factory man /usr/local/share/man/man1")]
pub(super) struct Args {
    /// Folder to write them to; it must exist. Older pages are replaced.
    dir: PathBuf,
}

const APPENDIX: Appendix = Appendix {
    environment: &[
        ("DATABASE_URL", "The ledger's database where --ledger is missing. It may have a password."),
        ("PGPASSWORD", "The password of the login."),
        ("PGPASSFILE", "A file of passwords, mode 0600. The default is ~/.pgpass."),
        ("NO_COLOR", "If it is not empty, there are no colours, unless --color says otherwise."),
    ],
    files: &[("pending/ledger.json", "In a data directory that is being made: the id of its row, and its setup code.")],
    see_also: ["signet\\-provision", "(1)"],
};

pub(super) fn run(args: &Args, how: &How) -> Result<ExitCode, CliError> {
    let pages = program::pages(Cli::command(), &APPENDIX);
    for (name, page) in &pages {
        let path = args.dir.join(name);
        std::fs::write(&path, page).map_err(|source| CliError::Unwritable { path, source })?;
    }
    let (path, count) = (visible::path(&args.dir), pages.len());
    how.report(&json!({"changed": true, "path": path, "pages": count}), || {
        let mut text = Text::new();
        text.line(format_args!("Wrote {count} manual pages to {path}."));
        text
    })?;
    Ok(ExitCode::SUCCESS)
}
