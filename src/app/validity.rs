//! When a certificate holds, and the words that list, pages, doctor and command line have for it.
//!
//! The time is a parameter. A clock before the build date counts as unknown (docs/reference.md): then the build date stands in for
//! it, which is the earliest that it can be.

use crate::clock;
use jiff::Timestamp;
use signet_domain::answer::{Standing, Verdict};
use signet_domain::time;
use signet_pki::certificate::Certificate;

/// When a certificate holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// Its first second.
    pub begins: Timestamp,
    /// Its last second.
    pub ends: Timestamp,
}

impl Validity {
    /// A certificate's.
    pub fn of(certificate: &Certificate) -> Self {
        Self { begins: certificate.not_before, ends: certificate.not_after }
    }

    /// Its state by the device's clock.
    pub fn standing(self, now: Timestamp) -> Standing {
        Standing::at(self.begins, self.ends, clock::trusted(now), !clock_is_unknown(now))
    }

    /// True when it is to be renewed, or has ended.
    pub fn is_due(self, now: Timestamp) -> bool {
        matches!(self.standing(now).verdict, Verdict::Due | Verdict::Expired)
    }

    /// The state of an answered CSR in one word (docs/reference.md): `answered`, `due` or `expired`.
    pub fn state(self, now: Timestamp) -> &'static str {
        match self.standing(now).verdict {
            Verdict::NotYet | Verdict::Good => "answered",
            Verdict::Due => "due",
            Verdict::Expired => "expired",
        }
    }

    /// When it ends, as pages show it; `never` for one without an end (RFC 5280 4.1.2.5).
    pub fn until(self) -> String {
        if self.ends == Timestamp::MAX { "never".to_owned() } else { time::shown(self.ends) }
    }

    /// What is left of it: `52 days left`, `expired 3 days ago`.
    pub fn left(self, now: Timestamp) -> String {
        if self.ends == Timestamp::MAX {
            return "no expiry".to_owned();
        }
        match self.standing(now).days_left {
            ..-2 => format!("expired {} days ago", -self.standing(now).days_left - 1),
            -2 => "expired 1 day ago".to_owned(),
            -1 => "expired within the last day".to_owned(),
            0 => "expires within a day".to_owned(),
            1 => "1 day left".to_owned(),
            days => format!("{days} days left"),
        }
    }
}

/// True when the device's clock cannot be right: it is before this program was built.
pub fn clock_is_unknown(now: Timestamp) -> bool {
    now < clock::build_date()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 24 * 60 * 60;

    fn at(days: i64) -> Timestamp {
        Timestamp::from_second(clock::build_date().as_second() + days * DAY).unwrap()
    }

    #[test]
    fn is_due_from_thirty_days_on_and_then_expired() {
        let validity = Validity { begins: at(0), ends: at(100) };
        for (now, state, left) in [
            (10, "answered", "90 days left"),
            (69, "answered", "31 days left"),
            (70, "due", "30 days left"),
            (99, "due", "1 day left"),
            (100, "due", "expires within a day"),
            (102, "expired", "expired 1 day ago"),
            (103, "expired", "expired 2 days ago"),
        ] {
            assert_eq!((validity.state(at(now)), validity.left(at(now)).as_str()), (state, left), "day {now}");
        }
        let a_second_later = Timestamp::from_second(at(100).as_second() + 1).unwrap();
        assert_eq!(validity.state(a_second_later), "expired");
        assert_eq!(validity.left(a_second_later), "expired within the last day");
    }

    #[test]
    fn a_clock_of_1970_counts_as_the_build_date() {
        let validity = Validity { begins: at(-5), ends: at(40) };
        assert!(clock_is_unknown(Timestamp::UNIX_EPOCH));
        assert_eq!(validity.left(Timestamp::UNIX_EPOCH), "40 days left");
        assert_eq!(validity.state(Timestamp::UNIX_EPOCH), "answered");
        let over = Validity { begins: at(-5), ends: at(-1) };
        assert_eq!(over.state(Timestamp::UNIX_EPOCH), "expired");
        assert!(!over.standing(Timestamp::UNIX_EPOCH).is_refused(), "an unknown clock advises");
        assert!(over.standing(at(0)).is_refused());
    }

    #[test]
    fn one_of_the_year_9999_has_no_end() {
        let validity = Validity { begins: at(0), ends: Timestamp::MAX };
        assert_eq!(
            (validity.state(at(1)), validity.left(at(1)).as_str(), validity.until().as_str()),
            ("answered", "no expiry", "never")
        );
    }
}
