//! Many units: one folder each, several at a time, resumable.
//!
//! Knows neither the list's format nor the terminal: it is given units and says what became of each.

use super::manifest::Manifest;
use super::{Failure, Job, Line, Outcome, ProvisionError, finished, provision};
use crate::clock::Clock;
use signet_store::StoreError;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;

/// How often the wait for a locked directory, some seconds each, is begun.
const PATIENCE: u32 = 12;

/// What became of one unit.
#[derive(Debug)]
pub enum Fate {
    /// It was made, or an earlier run's was published.
    Made(Outcome),
    /// It was there, whole.
    Done,
    /// It was not made.
    Failed(ProvisionError),
    /// It was not begun, because no room was left.
    NotBegun,
}

/// Makes a folder `OUT/SERIAL` for each job, `threads` at a time, and calls `say` with each one's number and fate as it
/// comes, always from the thread that called. `tell` hands out a unit's line, also of one that was there already.
pub fn run(
    out: &Path,
    jobs: &[Job],
    threads: usize,
    manifest: &Manifest,
    clock: Clock,
    tell: impl Fn(&Line) -> Result<(), ProvisionError> + Sync,
    mut say: impl FnMut(usize, Fate),
) {
    let next = AtomicUsize::new(0);
    let full = AtomicBool::new(false);
    let (sender, results) = mpsc::channel();
    let one = |job: &Job| {
        if full.load(Ordering::Relaxed) {
            return Fate::NotBegun;
        }
        let result = one(out, job, manifest, clock, &tell);
        if matches!(&result, Fate::Failed(error) if error.is_full()) {
            full.store(true, Ordering::Relaxed);
        }
        result
    };
    std::thread::scope(|scope| {
        for _ in 0..threads.clamp(1, jobs.len().max(1)) {
            let (sender, next, one) = (sender.clone(), &next, &one);
            scope.spawn(move || {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(job) = jobs.get(number) else { return };
                    // The receiver outlives the threads: it is read to its end below.
                    let _ = sender.send((number, one(job)));
                }
            });
        }
        drop(sender);
        for (number, result) in results {
            say(number, result);
        }
    });
}

fn one(
    out: &Path,
    job: &Job,
    manifest: &Manifest,
    clock: Clock,
    tell: impl Fn(&Line) -> Result<(), ProvisionError>,
) -> Fate {
    let data = out.join(job.unit.serial());
    let done = || -> Result<bool, ProvisionError> {
        let Some(line) = finished(&data, &job.unit, manifest)? else { return Ok(false) };
        tell(&line)?;
        Ok(true)
    };
    let made = |begun: Result<bool, ProvisionError>| match begun {
        Ok(true) => Ok(None),
        Ok(false) => patiently(|| provision(&data, job, Some(manifest), clock, &tell)).map(Some),
        Err(error) => Err(error),
    };
    match made(done()) {
        Ok(None) => Fate::Done,
        Ok(Some(outcome)) => Fate::Made(outcome),
        // Another station was at this very unit, and has finished it.
        Err(error @ ProvisionError::Provisioned { .. }) => match done() {
            Ok(true) => Fate::Done,
            _ => Fate::Failed(error),
        },
        Err(error) => Fate::Failed(error),
    }
}

/// Another station that is at this very unit may be making a long key.
fn patiently(mut make: impl FnMut() -> Result<Outcome, ProvisionError>) -> Result<Outcome, ProvisionError> {
    for _ in 1..PATIENCE {
        match make() {
            Err(ProvisionError::Failed(Failure::Store(StoreError::Busy { .. }))) => {}
            other => return other,
        }
    }
    make()
}
