//! What the service manager learns: ready, reloading, stopping, alive.
//!
//! Without systemd (no `NOTIFY_SOCKET`) every call does nothing. Failures are logged, never fatal: the console serves
//! whether or not anybody listens.

use std::time::Duration;

use sd_notify::NotifyState;

/// Another process is the service from now on: this one started it, and only waits.
pub fn main_process(id: u32) {
    tell(&[NotifyState::MainPid(id)]);
}

/// The console serves, or serves again after [`reloading`].
pub fn ready() {
    tell(&[NotifyState::Ready]);
}

/// A reload begins; [`ready`] must follow.
///
/// systemd 253 and newer want the time with it ([sd_notify(3)](https://www.freedesktop.org/software/systemd/man/sd_notify.html)).
pub fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => tell(&[NotifyState::Reloading, now]),
        Err(error) => {
            tracing::warn!(%error, "the monotonic clock cannot be read; systemd is not informed of the reload")
        }
    }
}

/// The console stops.
pub fn stopping() {
    tell(&[NotifyState::Stopping]);
}

/// How often [`alive`] is due: half of what systemd waits; `None` where it does not watch this process.
pub fn watchdog_interval() -> Option<Duration> {
    sd_notify::watchdog_enabled().map(|patience| patience / 2).filter(|interval| !interval.is_zero())
}

/// The accept loop goes round.
pub(super) fn alive() {
    tell(&[NotifyState::Watchdog]);
}

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "systemd cannot be informed: {states:?}");
    }
}
