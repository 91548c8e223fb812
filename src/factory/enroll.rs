//! Certificates for the requests of devices, from one of the station's CAs, between the ledger's row and the device's publication.
//!
//! Account keys and passwords stay in the station's folder and never enter a device. An order that was cut is found there under
//! the id of its request, and goes on.

use crate::error::trouble;
use crate::messages::enroll as say;
use signet::cli::enroll::{Worker, runtime};
use signet::cli::output::tell;
use signet_app::AppError;
use signet_app::clock::Clock;
use signet_app::enroll::{file_of, read_order};
use signet_app::provision::ProvisionError;
use signet_app::provision::certify::{Uncertified, keep, uncertified};
use signet_app::provision::register::Trouble;
use signet_client::Outcome;
use signet_domain::authority::AuthorityName;
use signet_domain::enrollment::{self, Kind};
use signet_domain::time;
use signet_store::{EnrollFolder, EnrollLock, Opening, Room, Store};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// The pause before a CA is tried again.
const PAUSE: Duration = Duration::from_secs(1);
/// A device may lie in a warehouse for so many days, and its owner enrolls with what it was given here.
const SHORT: i64 = 5 * 365;

/// Orders at one CA. Threads share it.
#[derive(Debug)]
pub struct Enrolling {
    folder: EnrollFolder,
    // Another run would take its orders and DNS records for those of a killed one, and remove them.
    _lock: EnrollLock,
    authority: AuthorityName,
    proxy: Option<String>,
    wait: Duration,
    has_warned: AtomicBool,
}

impl Enrolling {
    /// Orders at the CA of this name in the station's folder, which `signet ca add` has set up there. `wait` is how long a CA
    /// that is away, or that needs time, is waited for.
    pub fn open(data: &Path, name: &str, proxy: Option<String>, wait: Duration) -> Result<Self, ProvisionError> {
        let missing = || ProvisionError::from(trouble(Trouble::NotFound, say::no_ca(data, name), say::ADD_CA));
        let authority = AuthorityName::parse(name).map_err(|_| missing())?;
        let opening = Opening { command: "signet-factory provision".to_owned(), existing: true, ..Opening::default() };
        let store = Store::open(data, opening)?;
        if store.serving()?.is_some() {
            return Err(trouble(Trouble::NotSetUp, say::is_served(data), say::OWN_FOLDER).into());
        }
        let folder = store.lock()?.enrollment()?;
        folder.authority(&authority)?.ok_or_else(missing)?;
        let busy = || ProvisionError::from(trouble(Trouble::InVain, say::in_use(data), say::ONE_AT_A_TIME));
        let lock = folder.lock()?.ok_or_else(busy)?;
        // No console does it here.
        Worker::new(&folder, Clock::System).sweep()?;
        Ok(Self { folder, _lock: lock, authority, proxy, wait, has_warned: AtomicBool::new(false) })
    }

    /// Gets a certificate for each request of the device in the pending folder that has none.
    pub fn enroll(&self, pending: &Store) -> Result<(), ProvisionError> {
        let clock = Clock::System;
        let serial = pending.device()?.and_then(|device| device.serial).unwrap_or_default();
        for request in uncertified(pending, clock)? {
            let chain = self.ordered(&serial, &request, clock)?;
            let days = keep(pending, &request.name, &chain, clock).map_err(|error| match error {
                AppError::Failed(failure) => ProvisionError::Failed(failure),
                AppError::Rejected(why) => {
                    let why = why.iter().next().map(|why| why.what.clone()).unwrap_or_default();
                    let what = say::not_certified(&serial, request.name.as_str(), &why);
                    trouble(Trouble::Refused, what, say::ASK_CA).into()
                }
            })?;
            self.folder.remove(Room::Orders, &file_of(&request.id))?;
            if let Some(days) = days.filter(|days| *days < SHORT && !self.has_warned.swap(true, Ordering::Relaxed)) {
                tell(say::short(&self.authority, days));
            }
        }
        Ok(())
    }

    /// The certificate with its chain, PEM.
    fn ordered(&self, serial: &str, request: &Uncertified, clock: Clock) -> Result<Vec<u8>, ProvisionError> {
        let runtime = runtime()
            .map_err(|error| trouble(Trouble::Failed, say::no_network(&error.to_string()), say::CHECK_LIMITS))?;
        let worker = Worker::new(&self.folder, clock);
        let known = read_order(&self.folder, Room::Orders, &request.id)?;
        let new = request.order(&self.authority, self.proxy.as_deref(), clock);
        let mut order = known.filter(|known| known.authority == new.authority && known.csr == new.csr).unwrap_or(new);
        let began = Instant::now();
        loop {
            let (after, outcome) = runtime.block_on(worker.outcome(&request.id, order))?;
            order = after;
            let left = self.wait.saturating_sub(began.elapsed());
            let told = |failure: &enrollment::Failure, kind| {
                let why = say::with_detail(failure);
                let what = say::not_certified(serial, request.name.as_str(), &why);
                trouble(kind, what, failure.remedy.clone())
            };
            let (error, pause) = match outcome {
                Outcome::Done(chain) => return Ok(chain),
                Outcome::Waiting(until) => {
                    let wait = until.as_second().saturating_sub(clock.now().as_second());
                    let what = say::needs_time(serial, request.name.as_str(), &time::shown(until));
                    let pause = Duration::from_secs(u64::try_from(wait).unwrap_or(0).max(1));
                    (trouble(Trouble::InVain, what, say::RUN_AGAIN), pause)
                }
                Outcome::Failed(failure) if failure.kind.is_tried_again() => {
                    let pause = failure.wait.map_or(PAUSE, Duration::from_secs);
                    (told(&failure, kind_of(failure.kind)), pause)
                }
                Outcome::Failed(failure) => {
                    // The next run places another order.
                    self.folder.remove(Room::Orders, &file_of(&request.id))?;
                    return Err(told(&failure, kind_of(failure.kind)).into());
                }
            };
            if pause > left {
                return Err(error.into());
            }
            std::thread::sleep(pause);
        }
    }
}

/// As the register's troubles have it, which decides the exit code and whether the next device is begun.
fn kind_of(kind: Kind) -> Trouble {
    match kind {
        Kind::Unreachable => Trouble::Away,
        Kind::Later | Kind::Validation => Trouble::InVain,
        Kind::Refused => Trouble::Refused,
        Kind::Settings => Trouble::NotSetUp,
        Kind::Disk | Kind::Cancelled => Trouble::Failed,
    }
}
