//! `signet csr enroll`: orders a request's certificate at an authority, and waits until it is kept or refused.
//!
//! Where no enrolling process is at work, this one does its work for this order. What comes back is checked and kept as if it
//! had been uploaded.

use super::stored;
use crate::cli::cause::Cause;
use crate::cli::enroll::{Worker, runtime};
use crate::cli::error::CliError;
use crate::cli::how::{Change, How};
use crate::cli::json;
use crate::cli::messages::enrollment as say;
use crate::cli::output::{Text, hint};
use jiff::Timestamp;
use serde::Serialize;
use signet_app::audit::Actor;
use signet_app::enroll::Status;
use signet_app::{Failure, Services};
use signet_client::Step;
use signet_domain::authority::AuthorityName;
use signet_domain::enrollment::{Kind, Order};
use signet_domain::name::CsrName;
use signet_domain::record::AutoRenew;
use signet_domain::renewal_window::Suggested;
use signet_domain::time;
use std::cell::Cell;
use std::process::ExitCode;
use std::time::Duration;

/// Options of `csr enroll`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Name of the request.
    name: String,
    /// Name of the CA, as `signet ca list` shows it.
    #[arg(long, value_name = "CA", required_unless_present_any = ["status", "cancel", "no_auto_renew"])]
    ca: Option<String>,
    /// Queue the order and do not wait for the certificate.
    #[arg(long, conflicts_with_all = ["status", "cancel"])]
    no_wait: bool,
    /// Renew the certificate automatically from now on, at this CA, before it expires.
    #[arg(long, requires = "ca")]
    auto_renew: bool,
    /// Renew it with the same key instead of a new one each time. Only for clients that have pinned the public key.
    #[arg(long, requires = "auto_renew")]
    same_key: bool,
    /// No longer renew it automatically.
    #[arg(long, conflicts_with_all = ["auto_renew", "status", "cancel"])]
    no_auto_renew: bool,
    /// Show where the order is.
    #[arg(long, conflicts_with_all = ["ca", "cancel"])]
    status: bool,
    /// Cancel the order, or forget one that failed.
    #[arg(long, conflicts_with = "ca")]
    cancel: bool,
}

const EXAMPLES: &str = "\
Examples:
  signet csr enroll nas --ca letsencrypt
  signet csr enroll nas --status --json";

/// While another process does the work, how often it is looked at.
const LOOK: Duration = Duration::from_millis(200);
/// A CA that asks for more patience than this is not waited for, seconds.
const PATIENCE: i64 = 60;

/// Where an order is, for programs.
#[derive(Debug, Serialize)]
struct JsonStatus {
    #[serde(flatten)]
    change: Change,
    request: String,
    ca: String,
    /// A step's word, `cancelling` or `kept`.
    state: &'static str,
    since: Timestamp,
    next_try: Option<Timestamp>,
    /// The order's URL at the CA.
    order: Option<String>,
    /// Whether it is renewed automatically.
    auto_renew: bool,
    /// When the CA suggests to renew the certificate.
    suggested_window: Option<Suggested>,
    /// Stable for programs.
    code: Option<String>,
    reason: Option<String>,
    remedy: Option<String>,
    /// The CA's own words.
    detail: Option<String>,
}

impl JsonStatus {
    fn of(services: &Services, name: &CsrName, status: &Status, changed: bool) -> Self {
        let order = status.order();
        let failure = order.failure.as_ref();
        let content = services.catalog.readable(name).ok();
        Self {
            change: Change::done(changed),
            request: name.to_string(),
            ca: order.authority.clone(),
            state: status.word(),
            since: order.since,
            next_try: order.next_try,
            order: order.progress.order.clone(),
            auto_renew: content.as_ref().is_some_and(|content| content.record.auto_renew.is_some()),
            suggested_window: content.and_then(|content| services.enrollments.suggested(&content)),
            code: failure.map(|failure| failure.code.clone()),
            reason: failure.map(|failure| failure.what.clone()),
            remedy: failure.map(|failure| failure.remedy.clone()),
            detail: failure.and_then(|failure| failure.detail.clone()),
        }
    }
}

/// Orders, shows or cancels.
pub fn run(services: &Services, args: &Args, how: &How) -> Result<ExitCode, CliError> {
    let name = stored(services, &args.name)?;
    let by = Actor::command_line();
    if args.status {
        services.enrollments.take(by)?;
        let status = services.enrollments.status(&name)?.ok_or_else(|| Failure::NotOrdered(name.to_string()))?;
        told(services, &name, &status, false, how)?;
        return Ok(ExitCode::SUCCESS);
    }
    if args.cancel {
        let status = services.enrollments.status(&name)?.ok_or_else(|| Failure::NotOrdered(name.to_string()))?;
        services.enrollments.cancel(&name, by)?;
        how.report(&JsonStatus::of(services, &name, &status, true), || {
            let mut text = Text::new();
            text.line(say::cancelled(name.as_str()));
            text
        })?;
        return Ok(ExitCode::SUCCESS);
    }
    if args.no_auto_renew {
        let changed = services.auto_renewals.set(&name, None, by)?;
        if args.ca.is_none() {
            return stopped(&name, changed, how);
        }
    }
    // Checked by clap.
    let authority = AuthorityName::parse(args.ca.as_deref().unwrap_or_default())?;
    if !args.no_wait {
        services.enrollments.is_answered(&authority)?;
    }
    let order = services.enrollments.order(&name, &authority, by)?;
    if let Some(needs) = services.enrollments.needs_port_80(&authority)? {
        how.advise(format_args!("note: {needs}"));
    }
    if args.auto_renew {
        let auto = AutoRenew { ca: authority.to_string(), same_key: args.same_key };
        services.auto_renewals.set(&name, Some(auto), by)?;
    }
    if args.no_wait {
        how.report(&JsonStatus::of(services, &name, &Status::Open(order), true), || {
            let mut text = Text::new();
            text.line(say::queued(name.as_str(), authority.as_str()));
            text.line(hint(say::QUEUED_HINT));
            text
        })?;
        return Ok(ExitCode::SUCCESS);
    }
    let (name, status) = waited(services, name, how)?;
    ended(services, &name, &status, how)
}

#[derive(Serialize)]
struct Stopped {
    #[serde(flatten)]
    change: Change,
    name: String,
    auto_renew: bool,
}

/// It is no longer renewed automatically.
fn stopped(name: &CsrName, changed: bool, how: &How) -> Result<ExitCode, CliError> {
    how.report(&Stopped { change: Change::done(changed), name: name.to_string(), auto_renew: false }, || {
        let mut text = Text::new();
        text.line(say::not_renewed(name.as_str()));
        text
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Waits until the order has ended, or is tried again only later. Gives the request's name as it is then.
fn waited(services: &Services, mut name: CsrName, how: &How) -> Result<(CsrName, Status), CliError> {
    let runtime = runtime()?;
    let id = services.catalog.readable(&name)?.record.id;
    let last = Cell::new(None);
    let progress = |step: Step| {
        if last.replace(Some(step)) != Some(step) {
            how.advise(say::step(step));
        }
    };
    loop {
        if let Some(folder) = services.store.enrollment()? {
            let lock = folder.lock()?;
            if lock.is_some() {
                runtime.block_on(Worker::new(&folder, services.clock).heard_by(&progress).pass(Some(&id)))?;
            }
        }
        services.enrollments.take(Actor::command_line())?;
        name = services.catalog.named(&id)?.unwrap_or(name);
        let Some(status) = services.enrollments.status(&name)? else {
            return Err(CliError::Enrollment(Box::new(say::cancelled_meanwhile(name.as_str()))));
        };
        match &status {
            Status::Ended(_) => return Ok((name, status)),
            Status::Open(order) if is_for_later(order, services.clock.now()) => return Ok((name, status)),
            Status::Open(_) | Status::Cancelling(_) => std::thread::sleep(LOOK),
        }
    }
}

fn is_for_later(order: &Order, now: Timestamp) -> bool {
    let is_far = order.next_try.is_some_and(|next| next.as_second() - now.as_second() > PATIENCE);
    order.failure.is_some() || is_far
}

/// What became of it, with the exit code.
fn ended(services: &Services, name: &CsrName, status: &Status, how: &How) -> Result<ExitCode, CliError> {
    let order = status.order();
    let when = order.next_try.map(time::shown);
    match &order.failure {
        Some(failure) => {
            if let Some(when) = &when {
                how.advise(format_args!("note: {}", say::again(when)));
            }
            Err(CliError::Enrollment(Box::new(failure.clone())))
        }
        None => {
            told(services, name, status, true, how)?;
            let is_kept = matches!(status, Status::Ended(_));
            debug_assert!(!is_kept || services.catalog.answered(name).is_ok());
            Ok(ExitCode::from(if is_kept { 0 } else { Cause::Busy.code() }))
        }
    }
}

fn told(services: &Services, name: &CsrName, status: &Status, changed: bool, how: &How) -> Result<(), CliError> {
    let value = JsonStatus::of(services, name, status, changed);
    if how.json {
        return json::print(&value);
    }
    let mut text = Text::new();
    let order = status.order();
    let next = order.next_try.map(time::shown);
    match (status, &order.failure) {
        (Status::Ended(_), None) => {
            text.line(say::kept(name.as_str(), &order.authority));
            if let Some(window) = &value.suggested_window {
                text.line(say::suggested(window));
            }
        }
        (_, Some(failure)) => {
            text.line(format_args!("{name}: {}", say::with_detail(failure)));
            text.line(hint(&failure.remedy));
            if let Some(next) = next {
                text.line(say::again(&next));
            }
        }
        (_, None) => {
            let step = order.progress.step;
            let line =
                next.map_or_else(|| format!("{name}: {}", say::step(step)), |next| say::not_yet(name.as_str(), &next));
            text.line(line);
        }
    }
    how.say(&text)
}

/// The cause of a failure at a CA.
pub(in crate::cli) fn cause(kind: Kind) -> Cause {
    match kind {
        Kind::Unreachable => Cause::Unavailable,
        Kind::Later => Cause::Busy,
        Kind::Validation | Kind::Refused => Cause::Refused,
        Kind::Settings => Cause::Config,
        Kind::Disk => Cause::ReadOnlyOrFull,
        Kind::Cancelled => Cause::NotFound,
    }
}
