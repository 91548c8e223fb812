//! When a certificate ends, and whether its CSR is due to be renewed.
//!
//! A clock before the build date counts as unknown: the build date is used instead, since today is no earlier than that.

use super::Renewals;
use crate::Failure;
use crate::clock;
use crate::requests::content::Content;
use crate::requests::lineage::Relatives;
use crate::validity::{Validity, clock_is_unknown};
use jiff::{SignedDuration, Timestamp};
use signet_domain::name::CsrName;

/// The end of a CSR's certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expiry {
    /// When it holds.
    pub validity: Validity,
    /// Its serial number in hex with colons.
    pub serial: String,
    /// Who issued it, in short.
    pub issuer: String,
}

/// Whether a CSR is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Due {
    /// Its certificate ends soon, or has ended.
    Now(Expiry),
    /// It ends later.
    Later(Expiry),
    /// It seems to end later, and the device's clock cannot be trusted.
    ClockUnknown(Expiry),
    /// The CA has not answered it yet.
    NotAnswered,
    /// Another CSR renews it already, or has replaced it.
    Superseded(crate::requests::lineage::Successor),
}

impl Expiry {
    /// The end of a CSR's certificate.
    ///
    /// # Errors
    /// [`Failure::Unanswered`] before there is one.
    pub fn of(name: &CsrName, content: &Content) -> Result<Self, Failure> {
        let certificate = content.certificate().ok_or_else(|| Failure::Unanswered(name.to_string()))?;
        let certificate =
            certificate.map_err(|error| Failure::Damaged { name: name.to_string(), reason: error.to_string() })?;
        Ok(Self { validity: Validity::of(&certificate), serial: certificate.serial, issuer: certificate.issuer_short })
    }

    /// False for a certificate that is valid for ever (RFC 5280 4.1.2.5).
    pub fn has_end(&self) -> bool {
        self.validity.ends != Timestamp::MAX
    }
}

impl Renewals {
    /// Whether a CSR is due to be renewed: by the list's own rule (30 days, a third of a short life), or `days` before its
    /// certificate ends.
    pub fn due(&self, name: &CsrName, relatives: Relatives, days: Option<u16>) -> Result<Due, Failure> {
        let content = self.catalog.readable(name)?;
        if let Some(successor) = relatives.superseded_by {
            return Ok(Due::Superseded(successor));
        }
        let expiry = match Expiry::of(name, &content) {
            Err(Failure::Unanswered(_)) => return Ok(Due::NotAnswered),
            expiry => expiry?,
        };
        let now = self.clock.now();
        let is_due = match days {
            None => expiry.validity.is_due(now),
            Some(days) => {
                let left = expiry.validity.ends.duration_since(clock::trusted(now));
                expiry.has_end() && left <= SignedDuration::from_hours(24 * i64::from(days))
            }
        };
        Ok(match () {
            () if is_due => Due::Now(expiry),
            () if clock_is_unknown(now) => Due::ClockUnknown(expiry),
            () => Due::Later(expiry),
        })
    }
}
