//! The only reader of time.
//!
//! Everything else takes the time as a parameter, so that tests set it and a wrong clock is one decision, not many.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use signet_domain::time::date;
use std::time::Duration;

/// Where the time comes from.
#[derive(Debug, Clone, Copy, Default)]
pub enum Clock {
    /// The device's clock.
    #[default]
    System,
    /// A fixed time, for tests.
    Fixed(Timestamp),
}

impl Clock {
    /// The time now, to the second: records and certificates know no finer one.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that may")]
    pub fn now(self) -> Timestamp {
        match self {
            Self::System => Timestamp::from_second(Timestamp::now().as_second()).unwrap_or(Timestamp::UNIX_EPOCH),
            Self::Fixed(time) => time,
        }
    }

    /// Today's date in UTC.
    pub fn today(self) -> Date {
        date(self.now())
    }
}

/// How long the system has been running, suspension included. Every process reads the same, nobody sets it, and a restart of the
/// system begins it anew.
pub fn since_boot() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    let (seconds, nanoseconds) = (u64::try_from(time.tv_sec), u32::try_from(time.tv_nsec));
    Duration::new(seconds.unwrap_or_default(), nanoseconds.unwrap_or_default())
}

/// When this program was built (its commit's time). A device's clock before it counts as unknown.
pub fn build_date() -> Timestamp {
    env!("SIGNET_BUILD_EPOCH")
        .parse()
        .ok()
        .and_then(|seconds: i64| Timestamp::from_second(seconds).ok())
        .unwrap_or(Timestamp::UNIX_EPOCH)
}

/// The later of the device's time and the build date: what certificates are dated by.
pub fn trusted(now: Timestamp) -> Timestamp {
    now.max(build_date())
}

/// A time in the future, which a wrong clock wrote, counts for nothing.
pub fn is_within_a_day(time: Timestamp, now: Timestamp) -> bool {
    let since = now.duration_since(time);
    !since.is_negative() && since < SignedDuration::from_hours(24)
}
