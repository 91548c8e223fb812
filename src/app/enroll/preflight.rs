//! The facts of a stored request, for the table of rules.

use crate::Failure;
use crate::requests::content::Content;
use jiff::civil::Date;
use signet_domain::authority::Authority;
use signet_domain::enrollment::ChallengeKind;
use signet_domain::preflight::{CaKind, Facts, Finding, Key, Ways, preflight};
use signet_domain::san::San;
use signet_pki::key_kind::KeyKind;
use signet_store::Store;

/// How names can be proved at this authority.
pub(super) fn ways_at(store: &Store, authority: &Authority) -> Result<Ways, Failure> {
    let is_dns = |kind: &ChallengeKind| *kind == ChallengeKind::Dns01;
    let by_dns_alone = authority.challenges.iter().all(is_dns);
    Ok(Ways { by_dns: authority.challenges.iter().any(is_dns), by_dns_alone, ..ways(store, authority.kind())? })
}

/// How names can be proved at the authorities of a kind that this device has.
pub fn ways(store: &Store, kind: CaKind) -> Result<Ways, Failure> {
    let mut ways = Ways::default();
    for (name, authority) in store.authorities()? {
        // One that cannot be read proves nothing.
        let Ok(authority) = authority else { continue };
        if authority.settings.challenges.contains(&ChallengeKind::Dns01) {
            ways.by_dns |= authority.settings.kind() == kind;
            ways.others_by_dns.push(name.to_string());
        }
    }
    Ok(ways)
}

/// What a CA of this kind does with the request.
pub fn findings(content: &Content, kind: CaKind, ways: &Ways, today: Date) -> Vec<Finding> {
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
        ways,
    };
    preflight(&facts, kind, today)
}
