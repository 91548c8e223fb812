//! `signet enroll`: the enrolling process. It has the network, and of the data directory it needs `enroll/` and
//! `authorities/` alone; it neither reads nor writes anything else there.

mod answers;
mod ca_tests;
mod dns;
mod est;
mod keeper;
mod way;
mod windows;
mod work;

pub(super) use ca_tests::tested;
pub(super) use keeper::tls_file;
pub(super) use windows::are_questions_left;
pub use work::{Pass, Worker};

use super::error::CliError;
use super::how::How;
use super::messages::enrollment as say;
use super::output::Text;
use super::{Place, cause::Cause};
use jiff::Timestamp;
use serde::Serialize;
use signet_app::clock::Clock;
use signet_app::enroll::{ids, read_order};
use signet_store::{EnrollFolder, Room, Store, StoreError};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Options of `enroll`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  signet enroll --pending")]
pub struct Args {
    /// Order the certificates that wait, and stay while the next try is less than an hour away.
    #[arg(long, required = true)]
    pending: bool,
    /// Try each order once, and do not stay.
    #[arg(long)]
    once: bool,
}

/// While it stays, how often it looks for new orders.
const LOOK: Duration = Duration::from_secs(5);
/// While it stays, how often it looks whether a CA is to be asked when it suggests to renew.
const QUESTIONS: Duration = Duration::from_secs(15 * 60);
/// It stays for a try that is so near.
const STAYS: i64 = 3600;

#[derive(Serialize)]
struct Report {
    /// Certificates that came.
    issued: u32,
    /// Orders that failed, for now or for good.
    failed: u32,
    /// Orders that are tried again.
    open: u32,
}

/// Runs until nothing is left to do for now.
pub fn run(place: &Place, args: &Args) -> Result<ExitCode, CliError> {
    let clock = Clock::System;
    let Some(folder) = EnrollFolder::open(place.data())? else { return report(&place.how, &Pass::default()) };
    let Some(_lock) = folder.lock()? else {
        place.how.advise(say::ANOTHER_IS_AT_WORK);
        return Ok(ExitCode::SUCCESS);
    };
    let runtime = runtime()?;
    let worker = Worker::new(&folder, clock);
    let mut all = Pass::default();
    let mut asked: Option<Instant> = None;
    loop {
        let pass = runtime.block_on(worker.pass(None))?;
        // Now, for the journal: it may stay for an hour.
        for (request, failure) in &pass.news {
            place.how.advise(say::failing(request, failure));
        }
        // After the orders, which are more urgent.
        if asked.is_none_or(|asked| asked.elapsed() >= QUESTIONS) {
            runtime.block_on(worker.ask_windows())?;
            asked = Some(Instant::now());
        }
        all = Pass { issued: all.issued + pass.issued, failed: all.failed + pass.failed, ..pass };
        let Some(next) = pass.next.filter(|_| pass.open > 0) else { break };
        let left = next.as_second() - clock.now().as_second();
        if args.once || left > STAYS {
            break;
        }
        std::thread::sleep(LOOK.min(Duration::from_secs(u64::try_from(left).unwrap_or(0).max(1))));
    }
    report(&place.how, &all)
}

/// True where an order waits, or is to be tried now, or has left something behind.
pub(super) fn is_work_left(store: &Store, now: Timestamp) -> bool {
    let look = || -> Result<bool, StoreError> {
        let Some(folder) = store.enrollment()? else { return Ok(false) };
        if !folder.names(Room::Queue)?.is_empty() {
            return Ok(true);
        }
        if dns::has_left_over(&folder, now)? {
            return Ok(true);
        }
        for id in ids(&folder, Room::Orders)? {
            if read_order(&folder, Room::Orders, &id)?.is_some_and(|order| order.is_due(now)) {
                return Ok(true);
            }
        }
        Ok(false)
    };
    look().unwrap_or(false)
}

/// One thread is enough for one order at a time.
pub fn runtime() -> Result<tokio::runtime::Runtime, CliError> {
    tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .max_blocking_threads(2)
        .build()
        .map_err(CliError::Os)
}

fn report(how: &How, pass: &Pass) -> Result<ExitCode, CliError> {
    how.report(&Report { issued: pass.issued, failed: pass.failed, open: pass.open }, || {
        let mut text = Text::new();
        text.line(say::pass(pass.issued, pass.failed, pass.open));
        text
    })?;
    // Waiting is no failure; the unit says so, too.
    Ok(ExitCode::from(if pass.open > 0 { Cause::Busy.code() } else { 0 }))
}
