//! The sentences about ML-DSA: refusals, advice, and what clients make of such a certificate.

use crate::extensions::KeyUsageBit;
use crate::invalid::{Invalid, quoted};

/// At the parameter set.
pub(crate) fn unknown_set(value: &str) -> Invalid {
    let what = format!("{} is not a known ML-DSA parameter set.", quoted(value));
    Invalid::new("ml_dsa", what, "Choose 44, 65 or 87.")
}

/// At a Key Usage that is not one of signatures.
pub(crate) fn only_signs(bit: KeyUsageBit) -> Invalid {
    let what = format!("ML-DSA keys only sign. They cannot do {} (RFC 9881 5).", bit.label());
    // RFC 3279 2.3.1 for RSA, RFC 8813 3 for EC.
    let fix = match bit {
        KeyUsageBit::KeyEncipherment | KeyUsageBit::DataEncipherment => "Remove it, or choose RSA as the key type.",
        KeyUsageBit::KeyAgreement | KeyUsageBit::EncipherOnly | KeyUsageBit::DecipherOnly => {
            "Remove it, or choose EC as the key type."
        }
        _ => "Remove it.",
    };
    Invalid::new(bit.field(), what, fix)
}

/// Which kinds of CA take it.
pub(crate) const CAS: &str = "Public CAs do not issue certificates for ML-DSA keys yet.";
/// What to do about it.
pub(crate) const CAS_FIX: &str = "Send the request to a private CA that does, such as OpenBao, DigiCert Private CA or AWS \
                                  Private CA, or choose EC.";

/// Which clients cannot use a certificate of such a key, for a server or a client.
pub(crate) const CLIENTS: &str = "Programs that do not know ML-DSA cannot use this certificate: OpenSSL before 3.5 and what is \
                                  built on it, Firefox 153 and older TLS clients.";
/// What to do about it.
pub(crate) const CLIENTS_FIX: &str = "Choose EC if they must connect.";

/// The same of a certificate that is here.
pub const CLIENTS_OF_CERTIFICATE: &str = "Programs that do not know ML-DSA cannot use this certificate: OpenSSL before 3.5 and \
                                          what is built on it, Firefox 153 and older TLS clients. If they must connect, \
                                          make a request with an EC key.";

/// The same of one whose own key is another, and that was signed with ML-DSA, or a CA above it was.
pub const CLIENTS_OF_CHAIN: &str = "Its CA signs with ML-DSA. Programs that do not know ML-DSA cannot verify this certificate: \
                                    OpenSSL before 3.5 and what is built on it, Firefox 153 and older TLS clients. If they \
                                    must connect, ask a CA that signs with RSA or EC.";

/// What is said of such a certificate before it is tried for the console.
pub const CONSOLE: &str = "Only browsers that know ML-DSA can open this console with it: Chromium 156 and what is built on \
                           it can. Firefox 153, curl and other programs with OpenSSL before 3.5 cannot. It is kept only if \
                           you confirm it in a browser that can.";

/// What to do where such a certificate is to be put in use without a trial.
pub const TRY_IT: &str =
    "Try it first, in the console and with a browser that knows ML-DSA: it is kept once you confirm it there.";

/// What is said of a console that has one in use: what it means.
pub const IN_USE: &str = "Firefox 153, curl with OpenSSL before 3.5 and other programs that do not \
                          know ML-DSA cannot open this console.";

/// The same: what to do.
pub const IN_USE_FIX: &str = "Go back to the console's own certificate if these clients must connect.";
