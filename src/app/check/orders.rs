//! Certificates that are ordered: which order fails, and which renewal cannot be ordered any more.

use super::Report;
use crate::enroll::{ids, read_ended, read_order};
use crate::messages::check as say;
use jiff::Timestamp;
use signet_domain::enrollment::Order;
use signet_domain::name::CsrName;
use signet_domain::time;
use signet_domain::visible::line;
use signet_store::{Room, Store, StoreError};

/// Silent where nothing is ordered.
pub(super) fn orders(report: &mut Report, store: &Store, now: Timestamp) {
    match failing(store) {
        Ok((open, failing)) => {
            if failing.is_empty() && open > 0 {
                report.fine("orders", say::enrollment::under_way(open));
            }
            for order in failing {
                told(report, &order, now);
            }
        }
        Err(error) => {
            let said = crate::messages::Said::new(super::sentence(&error), error.fix());
            report.attention("orders", "orders_unreadable", said);
        }
    }
}

/// How many are under way, and those whose last try failed.
fn failing(store: &Store) -> Result<(usize, Vec<Order>), StoreError> {
    let Some(folder) = store.enrollment()? else { return Ok((0, Vec::new())) };
    let (mut open, mut failing) = (Vec::new(), Vec::new());
    for room in [Room::Orders, Room::Queue] {
        for id in ids(&folder, room)? {
            failing.extend(read_order(&folder, room, &id)?.filter(|order| order.failure.is_some()));
            open.push(id);
        }
    }
    for id in ids(&folder, Room::Taken)?.into_iter().filter(|id| !open.contains(id)) {
        failing.extend(
            read_ended(&folder, Room::Taken, &id)?.map(|ended| ended.order).filter(|order| order.failure.is_some()),
        );
    }
    Ok((open.len(), failing))
}

fn told(report: &mut Report, order: &Order, now: Timestamp) {
    let Some(failure) = &order.failure else { return };
    let again = order.next_try.map(time::shown);
    let said = say::enrollment::failed(&line(&order.request), &line(&order.authority), failure, again.as_deref());
    let finding = report.attention("orders", "order_failed", said);
    let minutes = now.as_second().saturating_sub(order.since.as_second()) / 60;
    finding.number("failures", order.failures).number("minutes", minutes);
    if let Ok(name) = CsrName::parse(&order.request) {
        finding.request(&name);
    }
}
