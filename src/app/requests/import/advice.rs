//! What is worth knowing about an imported request.

use signet_domain::advice::Advice;
use signet_domain::invalid::shortened;
use signet_domain::key_spec::Digest;
use signet_pki::inspect::{CHALLENGE_PASSWORD, Inspected};

/// What the request's own bytes give reason to say; its names and usages were others' decision.
pub fn advice(request: &Inspected) -> Vec<Advice> {
    let mut advice = Vec::new();
    let mut say = |field: &'static str, text: &str| advice.push(Advice { field, text: text.to_owned() });
    if request.key.key_length().is_some_and(|bits| bits < 2048) {
        say("private_key", "RSA keys of less than 2048 bits can be broken, and public CAs do not accept them.");
    }
    if request.signature.digest == Some(Digest::Sha1) {
        say("signing_request", "The request is signed with SHA1, which most CAs refuse.");
    }
    if request.version != Some(0) {
        let text = "The request's version is not 0, the only one that is defined (RFC 2986 4.1). Some CAs refuse it.";
        say("signing_request", text);
    }
    for name in &request.repeated {
        let text = format!(
            "The request contains the extension {} more than once. CAs refuse it or use one of them. Make a new request \
             that contains each extension once.",
            shortened(name)
        );
        say("signing_request", &text);
    }
    if request.attributes.iter().any(|attribute| attribute.oid == CHALLENGE_PASSWORD) {
        let text = "The request contains a challenge password. Anybody who gets the request can read it, and most CAs \
                    ignore it.";
        say("signing_request", text);
    }
    if request.san.is_empty() {
        say("signing_request", "The request has no Subject Alternate Names. Browsers check only these names.");
    }
    advice
}
