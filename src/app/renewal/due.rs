//! When a certificate ends, and whether its CSR is due to be renewed.
//!
//! A clock before the build date counts as unknown: the build date stands in for it, since today is no earlier than that.

use super::Relatives;
use crate::app::catalog::Content;
use crate::app::{App, AppError};
use crate::clock;
use crate::domain::name::CsrName;
use crate::pki::identity;
use jiff::Timestamp;

/// Days before the end from which a certificate is due.
pub const DEFAULT_DAYS: u16 = 30;

/// The end of a CSR's certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expiry {
    /// The last second at which it is valid.
    pub at: Timestamp,
    /// Its serial number in hex with colons.
    pub serial: String,
}

/// Whether a CSR is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Due {
    /// Its certificate ends within the days, or has ended.
    Now(Expiry),
    /// It ends later.
    Later(Expiry),
    /// It seems to end later, and the device's clock is not to be trusted.
    ClockUnknown(Expiry),
    /// The CA has not answered it yet.
    NotAnswered,
    /// Another CSR renews it already, or has replaced it.
    Superseded(super::family::Successor),
}

impl App {
    /// The end of a CSR's certificate.
    ///
    /// # Errors
    /// [`AppError::NotAnswered`] before there is one.
    pub fn expiry(&self, name: &CsrName, content: &Content) -> Result<Expiry, AppError> {
        let leaf = content.certificates.first().ok_or_else(|| AppError::NotAnswered(name.to_string()))?;
        let damaged = |_| AppError::Damaged { name: name.to_string(), reason: "its certificate cannot be read".into() };
        let at = identity::not_after(leaf).map_err(damaged)?;
        Ok(Expiry { at, serial: identity::serial_of(leaf).map_err(damaged)? })
    }

    /// Whether a CSR is due to be renewed, `days` before its certificate ends.
    pub fn due(&self, name: &CsrName, relatives: Relatives, days: u16) -> Result<Due, AppError> {
        let content = self.readable(name)?;
        if let Some(successor) = relatives.superseded_by {
            return Ok(Due::Superseded(successor));
        }
        let expiry = match self.expiry(name, &content) {
            Err(AppError::NotAnswered(_)) => return Ok(Due::NotAnswered),
            expiry => expiry?,
        };
        let now = self.clock.now();
        let left = expiry.at.duration_since(clock::trusted(now));
        Ok(if left <= jiff::SignedDuration::from_hours(24 * i64::from(days)) {
            Due::Now(expiry)
        } else if now < clock::build_date() {
            Due::ClockUnknown(expiry)
        } else {
            Due::Later(expiry)
        })
    }
}

impl Expiry {
    /// Whole days from `now` to the end; negative ones since it.
    pub fn days_left(&self, now: Timestamp) -> i64 {
        self.at.duration_since(now).as_secs().div_euclid(24 * 60 * 60)
    }
}
