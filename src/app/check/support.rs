//! What the maker promises for the device: what of it is missing, and whether it has ended.

use super::{Finding, Report, State};
use crate::clock::{self, Clock};
use crate::config::{Config, month};
use crate::messages::check::support as say;
use jiff::civil::Date;

/// Looks at `[support]`. What is missing is no defect of the device: the finding is fine, and says what the maker should do.
pub(super) fn promised(report: &mut Report, config: &Config, clock: Clock) {
    let support = &config.support;
    let missing: Vec<&str> = support.all().iter().filter(|(_, value)| value.is_empty()).map(|(key, _)| *key).collect();
    if !missing.is_empty() {
        let said = say::incomplete(&missing);
        report.push(Finding::new("support", "support_incomplete", State::Fine, said)).number("missing", missing.len());
    }
    let last = month(&support.until).and_then(|(year, month)| Date::new(year, month, 1).ok()).map(Date::last_of_month);
    let is_known = clock.now() >= clock::build_date();
    match last {
        Some(last) if is_known && clock.today() > last => {
            report.attention("support", "support_ended", say::ended(&support.until));
        }
        _ if missing.is_empty() => {
            report.fine("support", say::complete(&support.until, &support.contact));
        }
        _ => {}
    }
}
