//! A CA that is asked too often says how long to wait (RFC 8555, section 6.6). A short time is waited on the spot: many orders at
//! once go as fast as the CA allows, and none of them fails for it. A longer one is the order's.

use crate::https::answer::{Answer, RetryAfter};
use std::time::Duration;

/// So many seconds are waited for one call.
const LONGEST: u64 = 30;

/// How long was waited for one call.
#[derive(Default)]
pub(super) struct Patience(u64);

impl Patience {
    /// Waits as long as the CA says, where that is short; then the call may be sent again.
    pub(super) async fn waits(&mut self, answer: &Answer) -> bool {
        let (429 | 503, Some(RetryAfter::Seconds(seconds))) = (answer.status, RetryAfter::of(answer)) else {
            return false;
        };
        let seconds = seconds.max(1);
        self.0 = self.0.saturating_add(seconds);
        if self.0 > LONGEST {
            return false;
        }
        // Devices that were refused together do not come back together.
        let mut chance = [0];
        let _ = aws_lc_rs::rand::fill(&mut chance);
        let more = Duration::from_millis(2 * u64::from(chance[0]));
        tokio::time::sleep(Duration::from_secs(seconds) + more).await;
        true
    }
}
