//! Imports: of a request or a certificate with its private key.

use signet_domain::invalid::{Invalid, shortened};

/// PKCS#10 has one version.
pub(crate) const VERSION: &str =
    "The request's version is not 0, the only one that is defined (RFC 2986 4.1). Some CAs refuse it.";
/// A password that everybody can read.
pub(crate) const CHALLENGE_PASSWORD: &str =
    "The request contains a challenge password. Anybody who gets the request can read it, and most CAs ignore it.";
/// An extension that is there several times.
pub(crate) fn repeated(extension: &str) -> String {
    format!(
        "The request contains the extension {} more than once. CAs refuse it or use one of them. Make a new request that \
         contains each extension once.",
        shortened(extension)
    )
}

/// The half hour in which memory holds an import is over, or the console was restarted.
pub(crate) fn request_gone() -> Invalid {
    let what = "The imported request is no longer in memory.";
    Invalid::new("signing_request", what, "Enter the request and its key again.")
}

/// Likewise a certificate with its key.
pub fn certificate_gone() -> Invalid {
    let what = "The imported certificate and its key are no longer in memory.";
    Invalid::new("certificate", what, "Enter both again.")
}

/// Keys of others are derived first.
pub(crate) fn key_not_opened_yet() -> Invalid {
    Invalid::new(
        "private_key",
        "The private key is not opened yet: the console is busy with other keys.",
        "Wait a few seconds and press Next again. The key and its passphrase are still here.",
    )
}

/// Likewise for a file with certificate and key.
pub(crate) fn file_not_opened_yet() -> Invalid {
    Invalid::new(
        "certificate",
        "The file is not opened yet: the console is busy with other keys.",
        "Wait a few seconds and press Next again. The file and its passphrase are still here.",
    )
}

/// `[keys] allow_weak = false`: a short key.
pub(crate) fn short_key_not_allowed() -> Invalid {
    Invalid::new(
        "private_key",
        "RSA keys below 2048 bits are not allowed on this device.",
        "Make a new request here with a longer key.",
    )
}

/// `[keys] allow_weak = false`: an old digest.
pub(crate) fn sha1_not_allowed() -> Invalid {
    Invalid::new(
        "signing_request",
        "SHA1 signatures are not allowed on this device.",
        "Make a new request here, or have this one signed with SHA256.",
    )
}
