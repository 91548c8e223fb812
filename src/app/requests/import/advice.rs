//! What is worth knowing about an imported request.

use crate::messages::imports as say;
use signet_domain::advice::Advice;
use signet_domain::key_spec::{Digest, KeyKind};
use signet_domain::ml_dsa;
use signet_pki::inspect::{CHALLENGE_PASSWORD, Inspected};

/// What the request's own bytes give reason to say; its names and usages were others' decision.
pub fn advice(request: &Inspected) -> Vec<Advice> {
    let mut advice = Vec::new();
    let mut add = |field: &'static str, text: String| advice.push(Advice { field, text });
    if matches!(request.key.kind, Some(KeyKind::Rsa { bits: ..2048 })) {
        add("private_key", say::SHORT_KEY.to_owned());
    }
    if matches!(request.key.kind, Some(KeyKind::MlDsa(_))) {
        add("private_key", ml_dsa::messages::CAS.to_owned());
        add("private_key", ml_dsa::messages::CLIENTS.to_owned());
    }
    if request.signature.digest == Some(Digest::Sha1) {
        add("signing_request", say::SHA1.to_owned());
    }
    if request.version != Some(0) {
        add("signing_request", say::VERSION.to_owned());
    }
    for name in &request.repeated {
        add("signing_request", say::repeated(name));
    }
    if request.attributes.iter().any(|attribute| attribute.oid == CHALLENGE_PASSWORD) {
        add("signing_request", say::CHALLENGE_PASSWORD.to_owned());
    }
    if request.san.is_empty() {
        add("signing_request", say::NO_NAMES.to_owned());
    }
    advice
}
