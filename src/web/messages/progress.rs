//! The next step of a request: what to do, and what it means.

use signet_domain::time::duration;

pub(in crate::web) const SEND: &str = "Next: send the request to your CA.";
pub(in crate::web) const SEND_HOW: &str =
    "The key stays on this device. When the CA has sent the certificate, add it here.";
pub(in crate::web) const REPLACED_HOW: &str = "That request has its certificate. This one is kept until you delete it.";
pub(in crate::web) const TO_BE_REPLACED_HOW: &str = "You can use this certificate until the renewal has its own.";
pub(in crate::web) const REPLACED_UNSENT_HOW: &str = "Send the newer request to your CA instead.";
pub(in crate::web) const ON_TRIAL: &str = "This certificate is being tried on this console.";
pub(in crate::web) const RENEW: &str = "Next: renew the certificate.";
pub(in crate::web) const PUT_TO_USE: &str = "Next: put the certificate to use.";
pub(in crate::web) const DOWNLOAD_HOW: &str =
    "Download it with its chain for the service that needs it. This console cannot use it itself.";

pub(in crate::web) const BEING_ORDERED_HOW: &str = "It is added here when it comes. Nothing is needed from you.";

/// Beside the step, while an order is under way.
pub(in crate::web) fn ordered_at(ca: &str) -> String {
    format!("ordered at {ca}")
}

/// An order is under way.
pub(in crate::web) fn being_ordered(ca: &str) -> String {
    format!("The certificate is being ordered at {ca}.")
}

/// It failed for now; `what` is a sentence.
pub(in crate::web) fn tried_again(what: &str) -> String {
    format!("{what} It is tried again by itself.")
}

/// It failed for good.
pub(in crate::web) fn order_failed(ca: &str, what: &str) -> String {
    format!("The order at {ca} failed: {what}")
}

/// The renewal has its certificate.
pub(in crate::web) fn replaced(by: &str) -> String {
    format!("Replaced by {by}.")
}

/// The renewal waits for the CA.
pub(in crate::web) fn to_be_replaced(by: &str) -> String {
    format!("{by} is going to replace this request.")
}

/// Neither has a certificate.
pub(in crate::web) fn replaced_unsent(by: &str) -> String {
    format!("Replaced by {by}: do not send this one.")
}

/// How a trial ends; it lasts so many seconds.
pub(in crate::web) fn on_trial_how(seconds: u32) -> String {
    format!(
        "Unless you keep it within {} after its start, the previous certificate is restored automatically.",
        duration(u64::from(seconds))
    )
}

/// How a trial would go.
pub(in crate::web) fn try_how(seconds: u32) -> String {
    format!(
        "You try it first: unless you keep it within {}, the previous certificate is restored automatically.",
        duration(u64::from(seconds))
    )
}

/// `status` is such as `Expires in 12 days`.
pub(in crate::web) fn renew_how(status: &str) -> String {
    format!(
        "{status}. Renew makes a new request with the same answers. This certificate is kept until the new one is here."
    )
}

/// Likewise for an import that cannot be renewed here.
pub(in crate::web) fn import_again_how(status: &str) -> String {
    format!("{status}. Import the next request as you did this one, or make a new one.")
}

/// `by` is such as `this console`.
pub(in crate::web) fn in_use(by: &str) -> String {
    format!("In use by {by}.")
}

/// Until when it can be.
pub(in crate::web) fn in_use_how(until: &impl std::fmt::Display) -> String {
    format!("It expires on {until}. You are reminded before: then renew it.")
}
