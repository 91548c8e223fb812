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

/// `4 minutes 20 seconds`.
pub fn duration(seconds: u64) -> String {
    let count = |count: u64, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    match (seconds / 60, seconds % 60) {
        (0, seconds) => count(seconds, "second"),
        (minutes, 0) => count(minutes, "minute"),
        (minutes, seconds) => format!("{} {}", count(minutes, "minute"), count(seconds, "second")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_people_say_them() {
        for (seconds, text) in
            [(1, "1 second"), (59, "59 seconds"), (60, "1 minute"), (260, "4 minutes 20 seconds"), (300, "5 minutes")]
        {
            assert_eq!(duration(seconds), text);
        }
    }
}
