//! How much the requests may take, by configuration and by partition, and how much they take.

use super::Report;
use super::place::failed;
use crate::config::Config;
use crate::messages::check::place as say;
use signet_store::Store;

/// Compares the limit with the partition, and what is there with both.
pub(super) fn compared(report: &mut Report, store: &Store, config: &Config) {
    let found = store.budget_for(config.max_disk_mib).and_then(|budget| Ok((budget, store.csrs_and_bytes()?.1)));
    let (budget, bytes) = match found {
        Ok(found) => found,
        Err(error) => return failed(report, "limits", &error),
    };
    let (used, most) = (bytes / 1024, budget.bytes / 1024);
    let finding = if bytes.saturating_mul(10) >= budget.bytes.saturating_mul(9) {
        report.attention("limits", "near_size_limit", say::near_size_limit(used, most, budget.by_partition))
    } else if budget.by_partition && config.max_disk_mib != Config::default().max_disk_mib {
        report.attention("limits", "limit_over_partition", say::limit_over_partition(config.max_disk_mib, most))
    } else {
        report.fine("limits", say::within_limits(used, most, budget.by_partition))
    };
    finding.number("used_bytes", bytes).number("limit_bytes", budget.bytes).number("reserve_bytes", budget.reserve);
}
