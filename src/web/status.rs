//! What a request's status says in list and pages: words for what is next, and the shape before them.
//!
//! The words of JSON and command line (`ready`, `answered`, …) are `signet_app`'s; these are for people.

use jiff::Timestamp;
use signet_app::validity::Validity;
use signet_domain::answer::Verdict;
use signet_domain::time;

/// A status with its shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Such as `Valid until 2027-02-27`.
    pub text: String,
    /// `good`, `warn`, `bad`, `wait`, or empty for what is history.
    pub tone: &'static str,
}

impl Status {
    fn new(text: impl Into<String>, tone: &'static str) -> Self {
        Self { text: text.into(), tone }
    }

    /// Of a request without a certificate.
    pub fn waiting() -> Self {
        Self::new("Waiting for the CA", "wait")
    }

    /// Of a certificate at `now`; none for one that cannot be read.
    pub fn of(validity: Option<Validity>, now: Timestamp) -> Self {
        let Some(validity) = validity else { return Self::new("Certificate cannot be read", "bad") };
        let standing = validity.standing(now);
        match standing.verdict {
            Verdict::NotYet => Self::new(format!("Valid from {}", time::date(validity.begins)), "wait"),
            Verdict::Good => Self::new(until(validity), "good"),
            Verdict::Due => Self::new(expires(standing.days_left), "warn"),
            Verdict::Expired => Self::new(format!("Expired on {}", time::date(validity.ends)), "bad"),
        }
    }
}

/// `Valid until 2027-02-27`.
pub fn until(validity: Validity) -> String {
    if validity.ends == Timestamp::MAX {
        return "Valid without expiry".to_owned();
    }
    format!("Valid until {}", time::date(validity.ends))
}

/// `Expires in 12 days`.
fn expires(days: i64) -> String {
    match days {
        ..=0 => "Expires within a day".to_owned(),
        1 => "Expires in 1 day".to_owned(),
        days => format!("Expires in {days} days"),
    }
}

/// `1 request`, `12 requests`.
pub fn count(number: usize, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use signet_app::clock;

    fn at(days: i64) -> Timestamp {
        Timestamp::from_second(clock::build_date().as_second() + days * 86_400).unwrap()
    }

    #[test]
    fn says_until_when_and_what_is_next() {
        let validity = Validity { begins: at(0), ends: at(100) };
        let date = |days| time::date(at(days));
        for (now, text, tone) in [
            (10, format!("Valid until {}", date(100)), "good"),
            (88, "Expires in 12 days".to_owned(), "warn"),
            (99, "Expires in 1 day".to_owned(), "warn"),
            (100, "Expires within a day".to_owned(), "warn"),
            (101, format!("Expired on {}", date(100)), "bad"),
        ] {
            assert_eq!(Status::of(Some(validity), at(now)), Status { text, tone }, "day {now}");
        }
        let young = Validity { begins: at(5), ends: at(100) };
        assert_eq!(Status::of(Some(young), at(1)).text, format!("Valid from {}", date(5)));
        let endless = Validity { begins: at(0), ends: Timestamp::MAX };
        assert_eq!(Status::of(Some(endless), at(1)), Status::new("Valid without expiry", "good"));
        assert_eq!(Status::of(None, at(1)).tone, "bad");
    }

    #[test]
    fn one_is_not_many() {
        assert_eq!([0, 1, 2].map(|number| count(number, "request")), ["0 requests", "1 request", "2 requests"]);
    }
}
