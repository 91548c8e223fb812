//! The certificates that requests hold. `what` ends a sentence that begins with the request, without a full stop.

use crate::messages::Said;

const ADD_AGAIN: &str = "Add its certificate again. The request and its key are not affected.";
const RENEW: &str = "Renew the request, and add the new certificate.";

/// Bytes that are not a certificate.
pub(crate) fn unreadable(error: &impl std::fmt::Display) -> Said {
    Said::new(format!("its certificate or chain cannot be read: {error}"), ADD_AGAIN)
}

/// A certificate of somebody else.
pub(crate) fn other_key() -> Said {
    Said::new("its certificate is for another key", ADD_AGAIN)
}

/// A signature that does not verify.
pub(crate) fn chain_broken(below: &str, above: &str, error: &impl std::fmt::Display) -> Said {
    Said::new(format!("its chain is broken: {below} is not signed by {above} ({error})"), ADD_AGAIN)
}

/// It expired, by a clock that is unknown.
pub(crate) fn expired_before_build(until: &str) -> Said {
    let what = format!("its certificate expired on {until}, before this program was built");
    Said::new(what, "Set the clock, then renew the request.")
}

/// It expired.
pub(crate) fn expired(until: &str, in_use: bool) -> Said {
    let in_use = if in_use { ", and it is in use" } else { "" };
    Said::new(format!("its certificate expired on {until}{in_use}"), RENEW)
}

/// It expires soon; `left` is such as `5 days left`.
pub(crate) fn due(until: &str, left: &str) -> Said {
    Said::new(format!("its certificate is due for renewal: it expires on {until}, {left}"), RENEW)
}

/// It is for later.
pub(crate) fn not_yet_valid(from: &str) -> Said {
    let what = format!("its certificate is valid from {from}, which is later than the clock says");
    Said::new(what, "Wait until then, or correct the clock.")
}
