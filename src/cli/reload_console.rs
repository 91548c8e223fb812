//! Has the running console take over the certificate on disk, and waits until it shows it; or has it end.

use super::error::CliError;
use super::how::How;
use super::messages::console as say;
use rustix::process::{Pid, Signal, kill_process};
use signet_app::Services;
use signet_app::console::served::Running;
use std::time::{Duration, Instant};

/// How long the console may take where the command does not say.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often it is checked.
const PAUSE: Duration = Duration::from_millis(20);

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reloaded {
    /// No console runs.
    NotRunning,
    /// It shows the certificate.
    Done,
}

/// Has a running console end: whoever started it starts it again. Does not wait for it.
pub fn end(services: &Services) -> Result<(), CliError> {
    let failed = |what: &str| CliError::NotReloaded { what: what.to_owned() };
    match services.console.running()? {
        Running::Stopped => Ok(()),
        Running::Unknown => Err(failed(say::DOES_NOT_SAY)),
        Running::Serving(served) => signal(served.pid, Signal::TERM).ok_or_else(|| failed(say::NO_SIGNAL)),
    }
}

fn signal(pid: u32, signal: Signal) -> Option<()> {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw)?;
    kill_process(pid, signal).ok()
}

/// Sends SIGHUP, unless the certificate of this fingerprint (lower-case hex) is shown already.
pub fn reload(services: &Services, fingerprint: &str, how: &How) -> Result<Reloaded, CliError> {
    let until = Instant::now() + how.patience().unwrap_or(PATIENCE);
    let failed = |what: &str| CliError::NotReloaded { what: what.to_owned() };
    let pid = match services.console.running()? {
        Running::Stopped => return Ok(Reloaded::NotRunning),
        Running::Unknown => return Err(failed(say::DOES_NOT_SAY)),
        Running::Serving(served) if served.certificate_sha256 == fingerprint => return Ok(Reloaded::Done),
        Running::Serving(served) => served.pid,
    };
    signal(pid, Signal::HUP).ok_or_else(|| failed(say::NO_SIGNAL))?;
    loop {
        match services.console.running()? {
            // It ended meanwhile: the next start takes what is on disk.
            Running::Stopped => return Ok(Reloaded::NotRunning),
            Running::Serving(served) if served.certificate_sha256 == fingerprint => return Ok(Reloaded::Done),
            Running::Serving(_) | Running::Unknown if Instant::now() >= until => {
                return Err(failed(say::NOT_TAKEN));
            }
            Running::Serving(_) | Running::Unknown => std::thread::sleep(PAUSE),
        }
    }
}
