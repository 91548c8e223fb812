//! `signet deploy`: root's side of handing certificates to other services. It stays root, and only reads the data directory.

use super::Place;
use super::error::{CliError, Told};
use super::how::Change;
use super::json;
use super::output::{self, Text};
use crate::cli::messages::DRY_RUN;
use serde::Serialize;
use signet_app::config::SERVICES;
use signet_app::deploy::{self, Became, Report};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Options of `deploy`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The list of services [default: /etc/signet/deploy.toml].
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Say which services would get or lose their copies, and change nothing.
    #[arg(long)]
    dry_run: bool,
}

/// What was done, for programs.
#[derive(Serialize)]
struct Deployed {
    #[serde(flatten)]
    change: Change,
    services: Vec<Service>,
    errors: Vec<Told>,
}

/// One service of the list.
#[derive(Serialize)]
struct Service {
    service: String,
    /// `given`, `same`, `taken_away` or `none`.
    became: &'static str,
    changed: bool,
    /// The request whose copy it has, or would get.
    #[serde(skip_serializing_if = "Option::is_none")]
    csr: Option<String>,
}

impl Service {
    fn of(name: &str, became: &Became) -> Self {
        let (word, csr) = match became {
            Became::Given(csr) => ("given", Some(csr)),
            Became::Same(csr) => ("same", Some(csr)),
            Became::TakenAway => ("taken_away", None),
            Became::None => ("none", None),
        };
        let changed = matches!(became, Became::Given(_) | Became::TakenAway);
        Self { service: name.to_owned(), became: word, changed, csr: csr.map(ToString::to_string) }
    }
}

/// Runs once; says a line a service, and an error for each that failed. The exit code is the first error's.
pub fn run(place: &Place, args: &Args) -> Result<ExitCode, CliError> {
    let list = args.config.as_deref().or(place.named_config()).unwrap_or_else(|| Path::new(SERVICES));
    let [data, list] = [place.data(), list].map(absolute);
    let (data, list) = (data?, list?);
    let how = &place.how;
    let report = if args.dry_run { deploy::plan(&data, &list)? } else { deploy::run(&data, &list)? };
    let failures: Vec<CliError> = report.errors.into_iter().map(CliError::Deploy).collect();
    let report = Report { services: report.services, errors: Vec::new() };
    if how.json {
        let services: Vec<Service> =
            report.services.iter().map(|(name, became)| Service::of(name.as_str(), became)).collect();
        let change = Change::of(args.dry_run, services.iter().any(|service| service.changed));
        json::print(&Deployed { change, services, errors: failures.iter().flat_map(CliError::told).collect() })?;
    } else {
        how.say(&told(&report, args.dry_run))?;
    }
    failures.iter().for_each(output::failure);
    Ok(failures.first().map_or(ExitCode::SUCCESS, |first| ExitCode::from(first.code())))
}

fn told(report: &Report, dry_run: bool) -> Text {
    let mut text = Text::new();
    for (service, became) in &report.services {
        text.line(match (became, dry_run) {
            (Became::Given(csr), false) => format!("{service}: copied {csr}"),
            (Became::Given(csr), true) => format!("{service}: would copy {csr}"),
            (Became::Same(csr), _) => format!("{service}: up to date with {csr}"),
            (Became::TakenAway, false) => format!("{service}: copies removed"),
            (Became::TakenAway, true) => format!("{service}: would remove the copies"),
            (Became::None, _) => format!("{service}: nothing to do"),
        });
    }
    if dry_run {
        text.line(DRY_RUN);
    }
    text
}

fn absolute(path: &Path) -> Result<PathBuf, CliError> {
    std::path::absolute(path).map_err(CliError::Os)
}
