//! `signet deploy`: root's side of handing certificates to other services. It stays root, and only reads the data directory.

use super::Place;
use super::error::CliError;
use super::output::{self, Text};
use signet_app::config::SERVICES;
use signet_app::deploy::{self, Became};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Options of `deploy`.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs once; says a line a service, and an error for each that failed. The exit code is the first error's.
pub fn run(place: &Place, _args: &Args) -> Result<ExitCode, CliError> {
    let list = place.config.clone().unwrap_or_else(|| PathBuf::from(SERVICES));
    let [data, list] = [&place.data(), &list].map(|path| absolute(path));
    let report = deploy::run(&data?, &list?)?;
    let mut text = Text::new();
    for (service, became) in &report.services {
        let line = match became {
            Became::Given(csr) => format!("{service}: was given {csr}"),
            Became::Same(csr) => format!("{service}: has {csr}, as before"),
            Became::TakenAway => format!("{service}: its copies were taken away"),
            Became::None => format!("{service}: nothing to do"),
        };
        text.line(line);
    }
    text.print()?;
    let mut code = 0;
    for failure in report.errors {
        let failure = CliError::Deploy(failure);
        output::failure(&failure);
        if code == 0 {
            code = failure.code();
        }
    }
    Ok(ExitCode::from(code))
}

fn absolute(path: &Path) -> Result<PathBuf, CliError> {
    std::path::absolute(path).map_err(CliError::Os)
}
