//! The page of the console's certificate, and its trial.

use signet_domain::invalid::Invalid;

/// The visitor's connection shows nothing about the new certificate.
pub(in crate::web) fn connection_before_trial() -> Invalid {
    Invalid::new(
        "certificate",
        "This page came over a connection from before the trial, so it does not show that your browser accepts the new \
         certificate.",
        "Nothing was changed. Open this page in a new window and confirm there.",
    )
}

/// Time is up, or somebody ended it.
pub(in crate::web) fn trial_has_ended() -> Invalid {
    Invalid::new(
        "certificate",
        "The trial has ended: the certificate in use is shown below.",
        "Open the request and try it again if you want to use it.",
    )
}

/// By command, or in another browser.
pub(in crate::web) fn changed_meanwhile() -> Invalid {
    Invalid::new(
        "certificate",
        "Another certificate was put in use meanwhile, and the trial has ended.",
        "Check the certificate below and try again if needed.",
    )
}

pub(in crate::web) const BACK_TO_PREVIOUS: &str = "Go back to the previous certificate";
pub(in crate::web) const BACK_TO_OWN: &str = "Go back to the console's own certificate";
/// What a button leads to where there is no certificate yet.
pub(in crate::web) const MAKES_NEW: &str = "A new key and certificate are made on this device. Browsers warn once.";

/// What a button leads to; `why` says where it comes from.
pub(in crate::web) fn leads_to(why: &str, until: &str) -> String {
    format!("It is {why}; valid until {until}.")
}
