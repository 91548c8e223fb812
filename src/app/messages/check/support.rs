//! What the maker promises for the device.

use crate::messages::Said;
use signet_domain::visible;

/// Keys of `[support]` that are empty.
pub(crate) fn incomplete(keys: &[&str]) -> Said {
    let keys = keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
    let what = format!("The maker of this device has not filled in all of [support] in signet.toml: {keys}.");
    Said::new(what, "The maker writes them into /etc/signet/signet.toml before the device is sold.")
}

/// Everything is there.
pub(crate) fn complete(until: &str, contact: &str) -> String {
    format!("Security updates until {until}. Contact: {}.", visible::bounded(contact, visible::VALUE))
}

/// The month has passed.
pub(crate) fn ended(until: &str) -> Said {
    let what = format!("The maker's security updates for this device ended in {until}.");
    Said::new(what, "Ask the maker for a newer version, or put the device behind a network that only you can reach.")
}
