//! The console's certificate, the previous one and the factory's.

use crate::messages::Said;

/// What to do about one that cannot be used.
const RECOVER: &str = "Run `signet console back` to return to the previous certificate, if there is one. `signet recover \
                       identity` makes a new key and certificate, whose fingerprint visitors have to compare again.";

/// Bytes that are not a certificate.
pub(crate) fn unreadable() -> Said {
    Said::new("The console's certificate cannot be read.", RECOVER)
}

/// Never started.
pub(crate) const NONE_YET: &str = "The console has no certificate yet. The first start makes one.";

/// A key beside it that is not its own.
pub(crate) fn other_key() -> Said {
    Said::new("The console's certificate belongs to another key.", RECOVER)
}

/// Likewise for the previous one.
pub(crate) fn previous_other_key() -> Said {
    Said::new(
        "The console's previous certificate belongs to another key.",
        "You cannot go back to it. The next change of the certificate replaces it.",
    )
}

/// Likewise for the factory's.
pub(crate) fn factory_other_key() -> Said {
    Said::new(
        "The factory's certificate belongs to another key.",
        "A factory reset makes a new one, whose fingerprint is not the one on the label.",
    )
}

/// A console that has not read its file again.
pub(crate) fn reload_pending() -> Said {
    Said::new(
        "The running console shows another certificate than the one in use.",
        "Run `systemctl reload signet.service` to make it show the one in use.",
    )
}

/// `why` says where it comes from, here and below.
pub(crate) fn expired(why: &str, until: &str) -> String {
    format!("The console's certificate ({why}) expired on {until}.")
}

/// The console renews its own.
pub(crate) const START: &str = "Start the console, or send it SIGHUP: it renews the certificate with the same key.";

/// It is for later.
pub(crate) fn not_yet_valid(why: &str, from: &str) -> String {
    format!("The console's certificate ({why}) is valid from {from}, which is later than the clock says.")
}

/// It expires soon.
pub(crate) fn due(why: &str, until: &str) -> String {
    format!("The console's certificate ({why}) is due for renewal: it expires on {until}.")
}

/// `who` says which clients cannot open the console.
pub(crate) fn ml_dsa(who: &str) -> String {
    format!("The console's key is ML-DSA. {who}")
}

/// All is well.
pub(crate) fn fine(why: &str, until: &str) -> String {
    format!("The console's certificate ({why}) has its key and is valid until {until}.")
}

/// Names of the device that it lacks.
pub(crate) fn names_missing(names: &[String]) -> Said {
    Said::new(
        format!("The console's certificate does not name {}.", names.join(", ")),
        "Open the console by a name in its certificate, or wait for its renewal. `signet recover identity` makes a new \
         certificate now.",
    )
}
