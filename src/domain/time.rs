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
    let time = TimeZone::UTC.to_datetime(time);
    format!("{} {:02}:{:02} UTC", time.date(), time.hour(), time.minute())
}

/// `20261124T083000Z`: the basic format of ISO 8601, as calendars have it.
pub fn basic(time: Timestamp) -> String {
    let time = TimeZone::UTC.to_datetime(time);
    let (year, month, day) = (time.year(), time.month(), time.day());
    format!("{year:04}{month:02}{day:02}T{:02}{:02}{:02}Z", time.hour(), time.minute(), time.second())
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
    fn times_are_shown_in_utc() {
        let time: Timestamp = "2026-01-02T03:04:05.6Z".parse().unwrap();
        assert_eq!((shown(time).as_str(), basic(time).as_str()), ("2026-01-02 03:04 UTC", "20260102T030405Z"));
    }

    #[test]
    fn durations_read_as_people_say_them() {
        for (seconds, text) in
            [(1, "1 second"), (59, "59 seconds"), (60, "1 minute"), (260, "4 minutes 20 seconds"), (300, "5 minutes")]
        {
            assert_eq!(duration(seconds), text);
        }
    }
}
