//! Times as people read them: always UTC, always said so.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// The date in UTC.
pub fn date(time: Timestamp) -> Date {
    TimeZone::UTC.to_datetime(time).date()
}

/// `2026-11-24 08:30 UTC`, as pages and listings show it.
pub fn shown(time: Timestamp) -> String {
    TimeZone::UTC.to_datetime(time).strftime("%Y-%m-%d %H:%M UTC").to_string()
}
