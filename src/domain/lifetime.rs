//! The requested lifetime, and the limits that public CAs keep.

use super::invalid::Invalid;
use super::messages::lifetime as messages;
use jiff::civil::{Date, date};

/// The longest lifetime, in days: about a hundred years, for a private CA.
const MAX: u32 = 36_500;

/// Days, 1 to 36500. A PKCS#10 request carries no lifetime: it is kept beside the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lifetime(u32);

impl Lifetime {
    /// Days in decimal digits, surrounding blanks aside. Refused at `lifetime`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        if text.is_empty() {
            return Err(messages::missing());
        }
        if !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(messages::not_a_number(text));
        }
        // Only digits are left, so that what does not fit is too large.
        match text.parse().unwrap_or(u32::MAX) {
            0 => Err(messages::too_short(MAX)),
            days if days > MAX => Err(messages::too_long(MAX)),
            days => Ok(Self(days)),
        }
    }

    /// The longest lifetime that public CAs give to a server's certificate issued on that day
    /// ([CA/Browser Forum ballot SC-081v3](https://cabforum.org/2025/04/11/ballot-sc081v3-introduce-schedule-of-reducing-validity-and-data-reuse-periods/)):
    /// 200 days, 100 from 2027-03-15, 47 from 2029-03-15.
    pub fn public_limit(today: Date) -> Self {
        match today {
            _ if today >= date(2029, 3, 15) => Self(47),
            _ if today >= date(2027, 3, 15) => Self(100),
            _ => Self(200),
        }
    }

    /// The number of days.
    pub fn days(self) -> u32 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_1_to_36500_days() {
        for (text, days) in [("1", 1), ("200", 200), (" 36500 ", 36500), ("007", 7)] {
            assert_eq!(Lifetime::parse(text).unwrap().days(), days);
        }
    }

    #[test]
    fn refuses_each_other_text_by_its_rule() {
        for (text, what) in [
            ("", "required"),
            ("  ", "required"),
            ("0", "at least 1"),
            ("36501", "at most 36500"),
            ("99999999999999999999", "at most 36500"),
            ("-1", "not a whole number"),
            ("+5", "not a whole number"),
            ("1.5", "not a whole number"),
            ("1e3", "not a whole number"),
            ("one year", "\"one year\" is not a whole"),
            ("\u{661}", "not a whole number"),
        ] {
            let refused = Lifetime::parse(text).unwrap_err();
            assert_eq!(refused.field, "lifetime");
            assert!(refused.what.contains(what), "{text:?}: {}", refused.what);
        }
    }

    #[test]
    fn knows_the_limit_in_force_on_each_day() {
        for (today, days) in [
            (date(1970, 1, 1), 200),
            (date(2027, 3, 14), 200),
            (date(2027, 3, 15), 100),
            (date(2029, 3, 14), 100),
            (date(2029, 3, 15), 47),
            (date(2099, 1, 1), 47),
        ] {
            assert_eq!(Lifetime::public_limit(today).days(), days, "{today}");
        }
    }
}
