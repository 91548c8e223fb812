//! When a CA suggests to renew a certificate (ARI, RFC 9773): which certificates it is asked about, what it said, and the moment
//! that is chosen.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// A certificate that its CA is asked about. The console leaves a list of these to the enrolling process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watched {
    /// The `id` of its request.
    pub id: String,
    /// The authority.
    pub authority: String,
    /// The certificate's name in ARI (section 4.1).
    pub certificate: String,
    /// The proxy on the way to the CA.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<String>,
}

/// What a CA said of one certificate. The enrolling process leaves it to the console.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// The certificate's name in ARI.
    pub certificate: String,
    /// The first moment; none where the CA suggests nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<Timestamp>,
    /// The last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<Timestamp>,
    /// A page that says why, bounded and escaped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explanation: Option<String>,
    /// When the CA is asked again.
    pub next: Timestamp,
}

/// A window that can be followed, also as JSON shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Suggested {
    /// The first moment.
    pub start: Timestamp,
    /// The last one.
    pub end: Timestamp,
    /// The moment in between that this device has chosen.
    #[serde(rename = "renew_at")]
    pub moment: Timestamp,
    /// A page that says why.
    pub explanation: Option<String>,
}

/// A window that ended so long before the certificate began is a mistake.
const FAR: SignedDuration = SignedDuration::from_hours(366 * 24);

impl Window {
    /// The shortest and the longest time between two questions, seconds (section 4.3).
    const PAUSES: (u64, u64) = (3600, 24 * 3600);

    /// Seconds until the CA is asked again; it asks for `retry_after`, and six hours where it does not say.
    pub fn pause(retry_after: Option<u64>) -> i64 {
        let seconds = retry_after.unwrap_or(6 * 3600).clamp(Self::PAUSES.0, Self::PAUSES.1);
        i64::try_from(seconds).unwrap_or(i64::MAX)
    }

    /// True when the CA is to be asked again. A clock that was wrong meanwhile does not keep it from being asked for long.
    pub fn is_due(&self, now: Timestamp) -> bool {
        let left = self.next.as_second() - now.as_second();
        left <= 0 || left > Self::pause(Some(u64::MAX))
    }

    /// The window with its moment, for a certificate with this SHA-256 that is valid from `begins` to `ends`. None for one that
    /// makes no sense: it ends before it starts, starts when the certificate has expired, or was over a year before it began.
    ///
    /// The moment is spread evenly over the window (section 4.2) and the same at each look, since it comes from the digest.
    pub fn suggested(&self, digest: &[u8; 32], begins: Timestamp, ends: Timestamp) -> Option<Suggested> {
        let (start, end) = (self.start?, self.end?);
        if end <= start || start >= ends || begins.duration_since(end) > FAR {
            return None;
        }
        let chance = digest.iter().take(4).fold(0_i64, |sum, byte| (sum << 8) | i64::from(*byte));
        // At most ten thousand years of seconds, times 2^32: fits, in 128 bits.
        let length = i128::from(end.as_second() - start.as_second());
        let after = i64::try_from((length * i128::from(chance)) >> 32).ok()?;
        let moment = start.checked_add(SignedDuration::from_secs(after)).ok()?;
        Some(Suggested { start, end, moment, explanation: self.explanation.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(days: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + days * 86_400).unwrap()
    }

    fn window(start: i64, end: i64) -> Window {
        let (start, end) = (Some(at(start)), Some(at(end)));
        Window { certificate: "a.b".into(), start, end, explanation: None, next: at(0) }
    }

    fn digest(first: u8) -> [u8; 32] {
        let mut digest = [0; 32];
        digest[0] = first;
        digest
    }

    #[test]
    fn the_moment_is_spread_over_the_window_and_does_not_move() {
        let moments: Vec<Timestamp> =
            (0..=255).map(|first| window(60, 62).suggested(&digest(first), at(0), at(90)).unwrap().moment).collect();
        assert!(moments.is_sorted() && moments[0] == at(60) && moments[128] == at(61) && moments[255] < at(62));
        assert_eq!(window(60, 62).suggested(&digest(7), at(0), at(90)).unwrap().moment, moments[7]);
    }

    #[test]
    fn a_window_in_the_past_is_a_suggestion_and_nonsense_is_none() {
        for (start, end, holds) in [
            (-3, -1, true),
            (60, 62, true),
            (-4000, 62, true),
            (80, 100_000, true),
            (62, 60, false),
            (60, 60, false),
            (90, 92, false),
            (9000, 9002, false),
            (-4000, -3000, false),
        ] {
            let suggested = window(start, end).suggested(&digest(255), at(0), at(90));
            assert_eq!(suggested.is_some(), holds, "{start} {end}");
            assert!(suggested.is_none_or(|found| found.start <= found.moment && found.moment < found.end));
        }
        let widest = Window { start: Some(Timestamp::MIN), end: Some(Timestamp::MAX), ..window(0, 1) };
        assert!(widest.suggested(&[255; 32], at(0), at(90)).is_some());
        assert_eq!(Window { start: None, ..window(0, 1) }.suggested(&digest(0), at(0), at(90)), None);
    }

    #[test]
    fn a_ca_is_asked_again_after_an_hour_to_a_day() {
        assert_eq!([None, Some(0), Some(7200), Some(u64::MAX)].map(Window::pause), [21_600, 3600, 7200, 86_400]);
        for (next, due) in [(0, true), (-1, true), (1, false), (2, true)] {
            assert_eq!(Window { next: at(next), ..window(0, 1) }.is_due(at(0)), due, "{next}");
        }
    }
}
