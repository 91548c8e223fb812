//! Answers in short, as label and value: the last step has all of them, a folded step those of its profile.

use crate::web::layout::Fact;
use crate::web::messages::wizard as say;
use signet_domain::extensions::Extensions;
use signet_domain::fields;
use signet_domain::key_spec::KeySpec;
use signet_domain::lifetime::Lifetime;
use signet_domain::options::{Options, OptionsAnswers};
use signet_domain::record::Asked;

/// Step 2, for a summary of a few lines.
pub fn options_in_short(options: &Options) -> Vec<Fact> {
    vec![
        Fact::new("Key", options.key.kind().label()),
        Fact::new("Digest", digest(options.key)),
        Fact::new("Requested lifetime", days(options.lifetime)),
    ]
}

/// Step 2, field by field; `limit` is what public CAs issue at most today.
pub fn options(key: KeySpec, lifetime: Lifetime, limit: Lifetime) -> Vec<Fact> {
    let mut asked = Asked { options: OptionsAnswers::of(key, lifetime), ..Asked::default() };
    let facts = fields::OPTIONS.iter().filter_map(|field| {
        let value = match field.name {
            "digest_algorithm" => digest(key).to_owned(),
            "lifetime" => say::lifetime(&days(lifetime), &days(limit)),
            _ if field.applies(&asked) => field.shown(&mut asked),
            _ => return None,
        };
        Some(Fact::new(field.label, value))
    });
    facts.collect()
}

/// Step 4; what is off is named, too.
pub fn constraints(extensions: &Extensions) -> Vec<Fact> {
    let facts = each_constraint(extensions).map(|(label, value)| Fact::new(label, value.unwrap_or("off".to_owned())));
    facts.into()
}

/// Step 4, without what is off.
pub fn constraints_in_short(extensions: &Extensions) -> Vec<Fact> {
    let facts = each_constraint(extensions).into_iter();
    facts.filter_map(|(label, value)| Some(Fact::new(label, value?))).collect()
}

fn digest(key: KeySpec) -> &'static str {
    match (key.digest(), key) {
        (Some(digest), _) => digest.value(),
        (None, KeySpec::MlDsa(_)) => "none: ML-DSA has its own",
        (None, _) => "none: ed25519 has its own",
    }
}

fn days(lifetime: Lifetime) -> String {
    match lifetime.days() {
        1 => "1 day".to_owned(),
        days => format!("{days} days"),
    }
}

fn each_constraint(extensions: &Extensions) -> [(&'static str, Option<String>); 4] {
    let Extensions { basic_constraints, authority_key_identifier, extended_key_usage, key_usage } = extensions;
    let critical = |on: bool| if on { "critical" } else { "not critical" };
    let basic = basic_constraints.as_ref().map(|basic| {
        let ca = if basic.ca { "CA" } else { "not a CA" };
        let path = basic.path_length.map(|length| format!(", path length {length}")).unwrap_or_default();
        format!("{ca}{path}, {}", critical(basic.critical))
    });
    let authority = authority_key_identifier.as_ref().map(|authority| {
        let issuer = if authority.cert_issuer.is_some() { ", with the CA's issuer and serial number" } else { "" };
        format!("key identifier {}{issuer}, not critical", signet_domain::hex::colons(&authority.key_id))
    });
    let extended = extended_key_usage.as_ref().map(|extended| {
        let usages: Vec<&str> = extended.usages.iter().map(|usage| usage.label()).collect();
        format!("{}, {}", usages.join(", "), critical(extended.critical))
    });
    let usage = key_usage.as_ref().map(|usage| {
        let bits: Vec<&str> = usage.bits.iter().map(|bit| bit.label()).collect();
        format!("{}, {}", bits.join(", "), critical(usage.critical))
    });
    [
        ("Basic Constraints", basic),
        ("Authority Key Identifier", authority),
        ("Extended Key Usage", extended),
        ("Key Usage", usage),
    ]
}
