//! `signet csr revoke`: the CA that issued a certificate by ACME declares it invalid.
//!
//! Where no enrolling process is at work, this one does its work. While the CA cannot be reached it is tried again.

use super::stored;
use crate::cli::enroll::{Worker, runtime};
use crate::cli::error::CliError;
use crate::cli::how::{Change, How};
use crate::cli::messages::enrollment as say;
use crate::cli::output::{Text, hint};
use clap::builder::PossibleValuesParser;
use serde::Serialize;
use signet_app::audit::Actor;
use signet_app::enroll::Status;
use signet_app::uses::{User, Uses};
use signet_app::{Failure, Services};
use signet_domain::name::CsrName;
use signet_domain::revocation::{REASONS, reason};
use signet_domain::time;
use std::process::ExitCode;
use std::time::Duration;

/// Options of `csr revoke`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  signet csr revoke nas --reason key-compromise")]
pub struct Args {
    /// Name of the request.
    name: String,
    /// Why.
    #[arg(long, value_name = "REASON", default_value = "unspecified", value_parser = PossibleValuesParser::new(REASONS.map(|row| row.0)))]
    reason: String,
    /// Revoke it even if the console or another service uses it.
    #[arg(long)]
    force: bool,
}

/// While another process does the work, how often it is looked at.
const LOOK: Duration = Duration::from_millis(200);

#[derive(Serialize)]
struct Revoked {
    #[serde(flatten)]
    change: Change,
    name: String,
    ca: String,
    used_by: Vec<User>,
}

/// Revokes it.
pub fn run(services: &Services, args: &Args, how: &How) -> Result<ExitCode, CliError> {
    let name = stored(services, &args.name)?;
    let used_by = Uses::of(&services.store, &services.config.services).of_request(&services.catalog.answered(&name)?);
    // What cannot be revoked is refused for that.
    if !used_by.is_empty() && !args.force && services.enrollments.revocable(&name)?.is_some() {
        let users: Vec<String> = used_by.iter().map(User::told).collect();
        return Err(CliError::InUse { name: name.to_string(), users: users.join(", ") });
    }
    let ca = revoke(services, &name, &args.reason, how)?;
    let report = Revoked { change: Change::done(true), name: name.to_string(), ca, used_by };
    how.report(&report, || {
        let mut text = Text::new();
        text.line(say::revoked(&report.name, &report.ca));
        text.line(hint(say::renew_revoked(&report.name)));
        text
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Waits until the CA has revoked it; gives the CA's name.
pub(super) fn revoke(services: &Services, name: &CsrName, why: &str, how: &How) -> Result<String, CliError> {
    let by = Actor::command_line();
    let id = services.enrollments.revoke(name, reason(why).unwrap_or(0), by)?;
    let runtime = runtime()?;
    let order = loop {
        if let Some(folder) = services.store.enrollment()? {
            let lock = folder.lock()?;
            if lock.is_some() {
                runtime.block_on(Worker::new(&folder, services.clock).pass(Some(&id)))?;
            }
        }
        services.enrollments.take(by)?;
        match services.enrollments.revocation(&id)? {
            Some(Status::Ended(order)) => break order,
            Some(Status::Open(order)) if order.failure.is_some() => break order,
            Some(Status::Open(_) | Status::Cancelling(_)) => std::thread::sleep(LOOK),
            None => return Err(Failure::NotOrdered(name.to_string()).into()),
        }
    };
    if let Some(failure) = order.failure {
        if let Some(next) = order.next_try.map(time::shown) {
            how.advise(format_args!("note: {}", say::again(&next)));
        }
        return Err(CliError::Enrollment(Box::new(failure)));
    }
    Ok(order.authority)
}
