//! A request that renews or changes another one.

use crate::invalid::Invalid;

const FIELD: &str = "same_key";

/// What keeping the key means, for whoever decides it.
pub(crate) const SAME_KEY: &str = "Only if the public key is pinned somewhere: anyone who has ever obtained the old key can \
                                   also use the new certificate.";

pub(crate) fn key_is_gone(name: &str) -> Invalid {
    Invalid::new(
        FIELD,
        format!("The request {name}, whose key you wanted to keep, has been deleted together with its key."),
        "Your answers are still here. Use a new key.",
    )
}

pub(crate) fn another_key(name: &str, is: &str, asked: &str) -> Invalid {
    Invalid::new(
        FIELD,
        format!("The key of {name} is {is}, but the answers request {asked}."),
        "Renew it again, or use a new key.",
    )
}
