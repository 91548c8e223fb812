//! Files that are locked by flock.

use rustix::fs::FlockOperation;
use rustix::io::Errno;
use std::ops::Deref;
use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

/// A locked file: the lock is given back, and the file closed, when it is dropped.
///
/// Closing alone would not always give it back: a program that is being started has a copy of every descriptor until its exec.
#[derive(Debug)]
pub(super) struct Locked(OwnedFd);

impl Locked {
    /// Takes over a file that was locked just now.
    pub(super) fn holding(file: OwnedFd) -> Self {
        Self(file)
    }
}

impl Deref for Locked {
    type Target = OwnedFd;

    fn deref(&self) -> &OwnedFd {
        &self.0
    }
}

impl Drop for Locked {
    fn drop(&mut self) {
        let _ = rustix::fs::flock(&self.0, FlockOperation::Unlock);
    }
}

/// Locks a file by flock; false when somebody else still has it at `until`.
pub fn flock_until(file: &impl AsFd, until: Instant) -> Result<bool, Errno> {
    // flock has no time-out of its own: ask again, soon at first.
    let mut pause = Duration::from_millis(1);
    loop {
        match rustix::fs::flock(file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Ok(true),
            Err(Errno::INTR) => {}
            Err(Errno::WOULDBLOCK) => {
                let Some(left) = until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) else {
                    return Ok(false);
                };
                std::thread::sleep(pause.min(left));
                pause = (pause * 2).min(Duration::from_millis(20));
            }
            Err(errno) => return Err(errno),
        }
    }
}
