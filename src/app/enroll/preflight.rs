//! The facts of a stored request, for the table of rules.

use crate::requests::content::Content;
use jiff::civil::Date;
use signet_domain::preflight::{CaKind, Facts, Finding, Key, preflight};
use signet_domain::san::San;
use signet_pki::key_kind::KeyKind;

/// What a CA of this kind does with the request.
pub fn findings(content: &Content, kind: CaKind, has_dns: bool, today: Date) -> Vec<Finding> {
    let request = &content.request;
    let names: Vec<San> = request.san.iter().filter_map(|name| San::parse(name).ok()).collect();
    let subject = &request.typed_subject;
    let set = [
        ("organization", &subject.organization),
        ("city", &subject.city),
        ("state", &subject.state),
        ("country", &subject.country),
    ];
    let set: Vec<&'static str> = set.into_iter().filter(|(_, value)| value.is_some()).map(|(field, _)| field).collect();
    let facts = Facts {
        names: &names,
        common: request.common_name.as_deref(),
        subject: &set,
        key: match request.key.kind {
            Some(KeyKind::Rsa { bits }) => Key::Rsa(bits),
            Some(KeyKind::Ec(curve)) => Key::Ec(curve),
            Some(KeyKind::Ed25519) => Key::Ed25519,
            Some(KeyKind::MlDsa(_)) => Key::MlDsa,
            None => Key::Other,
        },
        digest: request.signature.digest,
        lifetime: content.record.lifetime,
        is_ca: request.requested.basic_constraints.as_ref().is_some_and(|constraints| constraints.ca),
        has_dns,
    };
    preflight(&facts, kind, today)
}
