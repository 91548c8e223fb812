//! Certificates that are ordered: which order fails, and which renewal cannot be ordered any more.

use super::Report;
use crate::enroll::{ids, read_ended, read_order};
use crate::messages::check as say;
use crate::requests::lineage::Lineage;
use crate::validity::Validity;
use jiff::Timestamp;
use signet_domain::enrollment::Order;
use signet_domain::name::CsrName;
use signet_domain::time;
use signet_domain::visible::line;
use signet_pki::certificate::Certificate;
use signet_store::{Room, Store, StoreError};

/// Silent where nothing is ordered.
pub(super) fn orders(report: &mut Report, store: &Store, now: Timestamp) {
    match failing(store, now) {
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
fn failing(store: &Store, now: Timestamp) -> Result<(usize, Vec<Order>), StoreError> {
    let Some(folder) = store.enrollment()? else { return Ok((0, Vec::new())) };
    let (mut open, mut failing) = (Vec::new(), Vec::new());
    for room in [Room::Orders, Room::Queue] {
        for id in ids(&folder, room)? {
            let order = read_order(&folder, room, &id)?.filter(|order| order.failure.is_some());
            failing.extend(order.filter(|order| !is_early(store, order, now).unwrap_or(false)));
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

/// True for an automatic renewal that is tried again while the certificate that it renews has more than a third of its life left:
/// nobody needs to do anything yet.
fn is_early(store: &Store, order: &Order, now: Timestamp) -> Option<bool> {
    if order.failure.as_ref().is_some_and(|failure| !failure.kind.is_tried_again()) {
        return None;
    }
    let stored = |name: &CsrName| store.csr(name).ok().flatten()?.content.ok();
    let record = stored(&CsrName::parse(&order.request).ok()?)?.record;
    let before = Lineage::read(store).ok()?.relatives(&record).supersedes.filter(|_| record.automatic)?;
    let validity = Validity::of(&Certificate::read(stored(&before)?.certificates.first()?).ok()?);
    let life = validity.ends.as_second() - validity.begins.as_second();
    Some(validity.ends.as_second() - now.as_second() > life / 3)
}
