//! `signet metrics`: numbers for monitoring, in the text format of Prometheus. It only reads.

use super::Place;
use super::error::CliError;
use super::output::raw;
use signet_app::clock::Clock;
use signet_app::metrics;
use signet_store::{Store, StoreError};
use std::process::ExitCode;

/// Options of `metrics`.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Prints all of them.
pub fn run(place: &Place, _args: &Args) -> Result<ExitCode, CliError> {
    let data = place.data();
    let store = Store::open_read_only(data)?;
    let missing = || StoreError::NoDirectory { path: data.to_path_buf() };
    let store = store.ok_or_else(missing)?;
    if !store.is_marked()? {
        return Err(missing().into());
    }
    let config = place.config()?;
    raw(metrics::text(&store, &config.services, Clock::System)?.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}
