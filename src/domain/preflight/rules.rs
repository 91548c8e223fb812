//! What each rule finds in a request.

use super::{Change, Facts, Said, may_be_public};
use crate::extensions::{KeyUsageBit, Usage};
use crate::invalid::shortened;
use crate::key_spec::{Curve, Digest, KeyKind};
use crate::lifetime::Lifetime;
use crate::messages::ml_dsa;
use crate::messages::preflight as say;
use crate::san::San;
use jiff::civil::Date;
use std::borrow::Cow;

/// Names of one finding that are listed; the others are counted.
const SHOWN: usize = 5;

fn when(is: bool, what: &str, remedy: &'static str, change: Option<Change>) -> Said {
    is.then(|| (what.to_owned(), remedy.into(), change))
}

/// Names for which `is` holds: what is said of them, and that they can be removed.
fn of_names(
    facts: &Facts<'_>,
    is: fn(&San) -> bool,
    what: fn(&str) -> String,
    remedy: impl Into<Cow<'static, str>>,
) -> Said {
    let found: Vec<San> = facts.names.iter().filter(|name| is(name)).cloned().collect();
    let shown: Vec<String> = found.iter().take(SHOWN).map(|name| shortened(&name.to_string())).collect();
    let more = found.len().saturating_sub(SHOWN);
    (!shown.is_empty()).then(|| (what(&say::names(&shown, more)), remedy.into(), Some(Change::RemoveNames(found))))
}

fn is_orderable(name: &San) -> bool {
    matches!(name, San::Dns(_) | San::Ip(_))
}

pub(super) fn no_names(facts: &Facts<'_>, _: Date) -> Said {
    when(facts.names.is_empty(), say::NO_NAMES, say::ADD_NAME, None)
}

pub(super) fn no_names_for_browsers(facts: &Facts<'_>, _: Date) -> Said {
    when(facts.names.is_empty() && facts.is_server(), say::NO_NAMES_FOR_BROWSERS, say::ADD_NAME, None)
}

pub(super) fn other_names(facts: &Facts<'_>, _: Date) -> Said {
    of_names(facts, |name| !is_orderable(name), say::not_orderable, say::REMOVE_NAME)
}

pub(super) fn common_not_among_names(facts: &Facts<'_>, _: Date) -> Said {
    let common = facts.common?;
    if San::of_common(common).is_some_and(|common| facts.names.contains(&common)) {
        return None;
    }
    let first = facts.names.iter().find_map(|name| match name {
        San::Dns(name) => Some(name.as_str().to_owned()),
        San::Ip(address) => Some(address.to_string()),
        San::Email(_) | San::Uri(_) => None,
    });
    Some((say::common(common), say::COMMON_AS_NAME.into(), Some(Change::CommonName(first.unwrap_or_default()))))
}

pub(super) fn wildcard(facts: &Facts<'_>, _: Date) -> Said {
    let is_wildcard = |name: &San| matches!(name, San::Dns(name) if name.as_str().starts_with("*."));
    match facts.ways.others_by_dns.as_slice() {
        _ if facts.ways.by_dns => None,
        [] => of_names(facts, is_wildcard, say::wildcard, say::NAME_EACH),
        others => of_names(facts, is_wildcard, say::wildcard, say::order_at(others)),
    }
}

pub(super) fn addresses(facts: &Facts<'_>, _: Date) -> Said {
    let is_address = |name: &San| matches!(name, San::Ip(_));
    facts.ways.by_dns_alone.then(|| of_names(facts, is_address, say::addresses, say::ANOTHER_CHALLENGE)).flatten()
}

pub(super) fn ca_certificate(facts: &Facts<'_>, _: Date) -> Said {
    when(facts.is_ca, say::CA, say::NO_CA, Some(Change::NoCa))
}

pub(super) fn private_names(facts: &Facts<'_>, _: Date) -> Said {
    of_names(facts, |name| is_orderable(name) && !may_be_public(name), say::private, say::OWN_CA)
}

pub(super) fn not_public_key(facts: &Facts<'_>, _: Date) -> Said {
    let name = match facts.key {
        Some(KeyKind::Ec(Curve::Secp256r1 | Curve::Secp384r1 | Curve::Secp521r1) | KeyKind::Rsa { .. }) => return None,
        Some(KeyKind::MlDsa(_)) => {
            return Some((ml_dsa::CAS.to_owned(), ml_dsa::CAS_FIX.into(), Some(Change::UsualKey)));
        }
        Some(KeyKind::Ed25519) => "Ed25519",
        Some(KeyKind::Ec(curve)) => curve.value(),
        None => say::THIS_KEY,
    };
    Some((say::key(name), say::USUAL_KEY.into(), Some(Change::UsualKey)))
}

pub(super) fn unknown_to_clients(facts: &Facts<'_>, _: Date) -> Said {
    let is_tls = facts.is_server() || facts.has(Usage::ClientAuth);
    let name = match facts.key {
        Some(KeyKind::MlDsa(_)) if is_tls => {
            return Some((ml_dsa::CLIENTS.to_owned(), ml_dsa::CLIENTS_FIX.into(), Some(Change::UsualKey)));
        }
        Some(KeyKind::Ed25519) if facts.is_server() => "Ed25519",
        Some(KeyKind::Ec(Curve::Secp256r1 | Curve::Secp384r1 | Curve::Secp521r1)) => return None,
        Some(KeyKind::Ec(curve)) if is_tls => curve.value(),
        _ => return None,
    };
    Some((say::browsers(name), say::USUAL_KEY.into(), Some(Change::UsualKey)))
}

pub(super) fn short_key(facts: &Facts<'_>, _: Date) -> Said {
    match facts.key {
        Some(KeyKind::Rsa { bits }) if bits < 2048 => {
            Some((say::short(bits), say::LONG_KEY.into(), Some(Change::LongKey)))
        }
        _ => None,
    }
}

pub(super) fn sha1(facts: &Facts<'_>, _: Date) -> Said {
    when(facts.digest == Some(Digest::Sha1), say::SHA1, say::SHA256, Some(Change::Sha256))
}

pub(super) fn subject(facts: &Facts<'_>, _: Date) -> Said {
    let labels: Vec<&str> = facts.subject.iter().map(|part| part.label()).collect();
    let clear = Change::Clear(facts.subject.clone());
    (!labels.is_empty()).then(|| (say::left_out(&labels.join(", ")), say::LEAVE_SUBJECT.into(), Some(clear)))
}

pub(super) fn other_usages(facts: &Facts<'_>, _: Date) -> Said {
    let other = |usage: &&Usage| !matches!(usage, Usage::ServerAuth | Usage::ClientAuth);
    let others: Vec<Usage> = facts.usages().iter().filter(other).copied().collect();
    let labels: Vec<&str> = others.iter().map(|usage| usage.label()).collect();
    (!labels.is_empty())
        .then(|| (say::left_out(&labels.join(", ")), say::OTHER_USAGES.into(), Some(Change::RemoveUsages(others))))
}

pub(super) fn lifetime(facts: &Facts<'_>, today: Date) -> Said {
    let (days, limit) = (facts.lifetime?, Lifetime::public_limit(today).days());
    (days > limit).then(|| (say::lifetime(days, limit), say::PROFILE.into(), Some(Change::Lifetime(limit))))
}

pub(super) fn path_length(facts: &Facts<'_>, _: Date) -> Said {
    let extensions = facts.extensions?;
    let has_length = extensions.basic_constraints.is_some_and(|constraints| constraints.path_length.is_some());
    when(has_length && extensions.key_usage.is_none(), say::PATH_LENGTH, say::ADD_CERT_SIGN, Some(Change::AddCertSign))
}

pub(super) fn ca_not_critical(facts: &Facts<'_>, _: Date) -> Said {
    let constraints = facts.extensions?.basic_constraints?;
    let is = constraints.ca && !constraints.critical;
    when(is, say::CA_NOT_CRITICAL, say::MAKE_CRITICAL, Some(Change::CriticalConstraints))
}

pub(super) fn time_stamping_not_critical(facts: &Facts<'_>, _: Date) -> Said {
    let extended = facts.extensions?.extended_key_usage.as_ref()?;
    let is = extended.usages.contains(&Usage::TimeStamping) && !extended.critical;
    when(is, say::TIME_STAMPING_NOT_CRITICAL, say::MAKE_CRITICAL, Some(Change::CriticalUsages))
}

pub(super) fn time_stamping_and_others(facts: &Facts<'_>, _: Date) -> Said {
    let others: Vec<Usage> = facts.usages().iter().copied().filter(|usage| *usage != Usage::TimeStamping).collect();
    let is = facts.has(Usage::TimeStamping) && !others.is_empty();
    when(is, say::TIME_STAMPING_ALONE, say::REQUEST_APART, Some(Change::RemoveUsages(others)))
}

pub(super) fn needs_other_name(facts: &Facts<'_>, _: Date) -> Said {
    let usage = [Usage::SmartcardLogon, Usage::KerberosPkinitKdc].into_iter().find(|usage| facts.has(*usage))?;
    Some((say::other_name(usage.label()), say::CA_ADDS_IT.into(), None))
}

/// Bits that the key's algorithm cannot serve. Of ML-DSA they are refused, see `ml_dsa::may_do`.
pub(super) fn bits(facts: &Facts<'_>, _: Date) -> Said {
    use KeyUsageBit::{DataEncipherment, DecipherOnly, EncipherOnly, KeyAgreement, KeyEncipherment};
    let (cannot, keys): (&[_], _) = match facts.key? {
        KeyKind::Rsa { .. } => (&[KeyAgreement, EncipherOnly, DecipherOnly], "RSA"),
        KeyKind::Ec(_) => (&[KeyEncipherment, DataEncipherment], "EC"),
        KeyKind::Ed25519 => (&[KeyEncipherment, DataEncipherment, KeyAgreement, EncipherOnly, DecipherOnly], "Ed25519"),
        KeyKind::MlDsa(_) => return None,
    };
    let asked = facts.extensions?.key_usage.as_ref()?;
    let found: Vec<KeyUsageBit> = asked.bits.iter().copied().filter(|bit| cannot.contains(bit)).collect();
    let labels: Vec<&str> = found.iter().map(|bit| bit.label()).collect();
    (!labels.is_empty())
        .then(|| (say::cannot(keys, &labels.join(", ")), say::REMOVE_BITS.into(), Some(Change::RemoveBits(found))))
}
