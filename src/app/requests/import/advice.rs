//! What the bytes of an imported request give reason to say, beside what CAs make of it.

use crate::advice::Advice;
use crate::messages::imports as say;
use signet_pki::inspect::{CHALLENGE_PASSWORD, Inspected};

/// Its encoding alone; its names and usages were others' decision.
pub fn advice(request: &Inspected) -> Vec<Advice> {
    let mut advice = Vec::new();
    let mut add = |text: String| advice.push(Advice { field: "signing_request", text });
    if request.version != Some(0) {
        add(say::VERSION.to_owned());
    }
    for name in &request.repeated {
        add(say::repeated(name));
    }
    if request.attributes.iter().any(|attribute| attribute.oid == CHALLENGE_PASSWORD) {
        add(say::CHALLENGE_PASSWORD.to_owned());
    }
    advice
}

/// The field of an import that brought what is in a field of the wizard.
pub fn field(of_wizard: &str) -> &'static str {
    if of_wizard.starts_with("key_") { "private_key" } else { "signing_request" }
}
