//! Many units: one folder each, several at a time, resumable.
//!
//! Knows neither the list's format nor the terminal: it is given units and says what became of each.

use super::register::Register;
use super::{Failure, Job, Line, Outcome, ProvisionError, finished, provision_in};
use crate::clock::Clock;
use crate::password_hash::Memory;
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
    /// Another station has recorded it, which is what the error says.
    Elsewhere(ProvisionError),
    /// It was not made.
    Failed(ProvisionError),
    /// It was not begun, because no room was left or the register could not be used.
    NotBegun,
}

/// Makes a folder `OUT/SERIAL` for each job, `threads` at a time, and calls `say` with each one's number and fate as it
/// comes, always from the thread that called. `tell` hands out a unit's line, also of one that was there already.
pub fn run(
    out: &Path,
    jobs: &[Job],
    threads: usize,
    register: &dyn Register,
    clock: Clock,
    tell: impl Fn(&Line) -> Result<(), ProvisionError> + Sync,
    mut say: impl FnMut(usize, Fate),
) {
    let next = AtomicUsize::new(0);
    let is_over = AtomicBool::new(false);
    let (sender, results) = mpsc::channel();
    let one = |memory: &mut Memory, job: &Job| {
        if is_over.load(Ordering::Relaxed) {
            return Fate::NotBegun;
        }
        let result = one(memory, out, job, register, clock, &tell);
        if matches!(&result, Fate::Failed(error) if error.stops()) {
            is_over.store(true, Ordering::Relaxed);
        }
        result
    };
    std::thread::scope(|scope| {
        for _ in 0..threads.clamp(1, jobs.len().max(1)) {
            let (sender, next, one) = (sender.clone(), &next, &one);
            scope.spawn(move || {
                let mut memory = Memory::default();
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(job) = jobs.get(number) else { return };
                    // The receiver outlives the threads: it is read to its end below.
                    let _ = sender.send((number, one(&mut memory, job)));
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
    memory: &mut Memory,
    out: &Path,
    job: &Job,
    register: &dyn Register,
    clock: Clock,
    tell: impl Fn(&Line) -> Result<(), ProvisionError>,
) -> Fate {
    let data = out.join(job.unit.serial());
    let done = || -> Result<bool, ProvisionError> {
        let Some(recorded) = finished(&data, &job.unit, register)? else { return Ok(false) };
        recorded.line.as_ref().map_or(Ok(()), &tell)?;
        Ok(true)
    };
    let made = match done() {
        Ok(true) => Ok(None),
        Ok(false) => patiently(|| provision_in(memory, &data, job, Some(register), clock, &tell)).map(Some),
        Err(error) => Err(error),
    };
    match made {
        Ok(None) => Fate::Done,
        Ok(Some(outcome)) => Fate::Made(outcome),
        // Another station was at this very unit, and has finished it.
        Err(error @ ProvisionError::Provisioned { .. }) => match done() {
            Ok(true) => Fate::Done,
            _ => Fate::Failed(error),
        },
        Err(error) if error.is_elsewhere() => Fate::Elsewhere(error),
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
