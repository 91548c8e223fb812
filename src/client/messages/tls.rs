//! What people read where an authority's certificate is not trusted.

use crate::https::untrusted::Untrusted;
use signet_domain::visible;

/// Why a certificate is not trusted: the end of a sentence.
pub(crate) fn untrusted(why: &Untrusted) -> String {
    match why {
        Untrusted::UnknownRoot => "it does not chain to a root of this authority".to_owned(),
        Untrusted::Expired => "it has expired".to_owned(),
        Untrusted::NotYetValid => "it is not valid yet".to_owned(),
        Untrusted::OtherName => "it is for another name".to_owned(),
        Untrusted::IsAuthority => "it is a CA certificate, which a web server must not use".to_owned(),
        Untrusted::Other(why) => visible::bounded(why, 120),
    }
}

/// What to do about it.
pub(super) fn trust_remedy(why: &Untrusted) -> &'static str {
    match why {
        Untrusted::UnknownRoot => {
            "Give the CA's root certificate with `signet ca change NAME --root FILE`, or check the address."
        }
        Untrusted::Expired | Untrusted::NotYetValid => {
            "Check this device's clock. If it is right, the CA's operator must renew the certificate."
        }
        Untrusted::OtherName => "Use the name that is in the CA's certificate as its address.",
        Untrusted::IsAuthority => {
            "Ask the CA's operator to give its web server a certificate of its own, issued by that CA (basicConstraints CA:FALSE)."
        }
        Untrusted::Other(_) => "Ask the CA's operator to check the certificate of its web server.",
    }
}
