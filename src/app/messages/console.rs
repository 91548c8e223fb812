//! The console's own certificate: where it comes from, what is due, and the ways back.

use signet_domain::invalid::Invalid;
use signet_domain::name::CsrName;

/// The field that refusals are shown at.
pub(crate) const FIELD: &str = "certificate";

/// Made by the console.
pub(crate) const OWN: &str = "the console's own, made on this device";
/// The same, with the key that the label shows.
pub(crate) const OWN_OF_FACTORY: &str = "the console's own, with the key that the factory made";
/// A request that was deleted, or a certificate of a CA that somebody put in place.
pub(crate) const ELSEWHERE: &str = "issued by a CA for a request that is no longer here";

/// Of no CA, and not of the console's making.
pub(crate) const BY_HAND: &str = "put in place by hand";

/// Of one of the console's requests.
pub(crate) fn of_request(name: &CsrName) -> String {
    format!("the certificate of the request {name}")
}

/// It has expired.
pub(crate) fn expired(until: &str) -> String {
    format!("The certificate expired on {until}. It stays in use, and browsers warn.")
}

/// It is for later.
pub(crate) fn not_yet_valid(from: &str) -> String {
    format!("The certificate is valid from {from}, which is later than the device's clock says now.")
}

/// It is due.
pub(crate) fn expires(until: &str) -> String {
    format!("The certificate expires on {until}.")
}

/// The console's own is renewed without anybody.
pub(crate) const RENEWED_AUTOMATICALLY: &str =
    "The running console renews it within a day, with the same key. SIGHUP renews it now.";

/// One of a CA is not.
pub(crate) fn renew_request(name: &CsrName) -> String {
    format!(
        "Renew the request {name} if that is not done yet, and use the new certificate for the console; or go back to the \
         console's own certificate."
    )
}

/// Nor is one whose request is gone.
pub(crate) const ADD_REQUEST: &str = "Add a request, then its certificate, and use it for the console; or go back to the \
                                      console's own certificate.";

/// A word that names no way back.
pub(crate) fn no_such_way_back() -> Invalid {
    Invalid::new(FIELD, "There is no such certificate to go back to.", "Choose former or own.")
}

/// Nothing was in use before.
pub(crate) fn no_previous() -> Invalid {
    let fix = "The certificate in use is the console's first one, or a renewal of it.";
    Invalid::new(FIELD, "There is no previous certificate.", fix)
}

/// The way back leads to where the console is.
pub(crate) fn own_in_use() -> Invalid {
    let fix = "To make a new key and certificate, run `signet recover identity`.";
    Invalid::new(FIELD, "The console's own certificate is already in use.", fix)
}

/// A client inside of this process could not complete a handshake; `error` is what TLS says of it.
pub(crate) fn self_test_failed(error: &impl std::fmt::Display) -> Invalid {
    Invalid::new(
        FIELD,
        format!("The self-test inside this device failed: {error}."),
        "Make a request with EC SECP256R1, SECP384R1 or RSA of 2048 bits or more for the console.",
    )
}
