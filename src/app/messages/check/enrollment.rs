//! What the doctor says of certificates that are ordered.

use crate::messages::{Said, counted};
use signet_domain::enrollment::Failure;

/// None of them fails.
pub(crate) fn under_way(count: usize) -> String {
    let verb = if count == 1 { "is" } else { "are" };
    format!("{} {verb} being ordered.", counted(count, "certificate"))
}

/// The last try of an order failed; `again` is when it is tried again.
pub(crate) fn failed(request: &str, authority: &str, failure: &Failure, again: Option<&str>) -> Said {
    let again = again.map(|again| format!(" It is tried again at {again}.")).unwrap_or_default();
    Said::new(format!("The order of {request} at {authority} failed: {}{again}", failure.what), failure.remedy.clone())
}
