//! What a kind of CA does with a request before it issues: which parts it refuses, leaves out or does not read.
//!
//! One table of rules, each with its source. It says what usually happens; a CA may be stricter. Nothing here is asked of
//! anybody, and no list of public suffixes is known.

use super::advice::may_be_public;
use super::invalid::{Invalid, Mistakes, shortened};
use super::key_spec::{Curve, Digest};
use super::lifetime::Lifetime;
use super::messages::preflight as say;
use super::san::San;
use jiff::civil::Date;

/// Names of one finding that are listed; the others are counted.
const SHOWN: usize = 5;

/// Who is to sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CaKind {
    /// A CA that browsers trust.
    Public,
    /// A CA of one's own that is reached by ACME.
    OwnCa,
    /// A CA that is reached by EST.
    Est,
    /// A CA of one's own that is given the request by hand.
    Private,
}

impl CaKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Public, Self::OwnCa, Self::Est, Self::Private];

    /// The word of the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::OwnCa => "own-ca",
            Self::Est => "est",
            Self::Private => "private",
        }
    }

    fn is_acme(self) -> bool {
        matches!(self, Self::Public | Self::OwnCa)
    }
}

/// What the CA does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It issues nothing.
    Refuses,
    /// The certificate lacks it.
    Drops,
    /// It does not look at it.
    Ignores,
}

impl Effect {
    /// The word for programs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Refuses => "refuses",
            Self::Drops => "drops",
            Self::Ignores => "ignores",
        }
    }
}

/// One rule that this request meets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The form's field.
    pub field: &'static str,
    /// What the CA does.
    pub effect: Effect,
    /// What is so, in one sentence.
    pub what: String,
    /// What to do.
    pub remedy: String,
    /// Where the rule is written.
    pub source: &'static str,
}

/// A key, as far as CAs care.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// RSA of so many bits.
    Rsa(u32),
    /// A curve.
    Ec(Curve),
    /// Ed25519.
    Ed25519,
    /// ML-DSA.
    MlDsa,
    /// Another one.
    Other,
}

/// What of a request CAs look at.
#[derive(Debug, Clone)]
pub struct Facts<'a> {
    /// The alternative names.
    pub names: &'a [San],
    /// The common name.
    pub common: Option<&'a str>,
    /// Fields of the subject other than the common name that are set.
    pub subject: &'a [&'static str],
    /// The key.
    pub key: Key,
    /// The digest that signed the request.
    pub digest: Option<Digest>,
    /// The requested days.
    pub lifetime: Option<u32>,
    /// True where a CA's certificate is requested.
    pub is_ca: bool,
    /// The ways that names can be proved.
    pub ways: &'a Ways,
}

/// How names can be proved, as far as it matters.
#[derive(Debug, Clone, Default)]
pub struct Ways {
    /// By DNS.
    pub by_dns: bool,
    /// In no other way.
    pub by_dns_alone: bool,
    /// The authorities of this device that prove names by DNS.
    pub others_by_dns: Vec<String>,
}

/// A rule: for whom, and what it finds.
struct Rule {
    kinds: &'static [CaKind],
    field: &'static str,
    effect: Effect,
    source: &'static str,
    found: fn(&Facts<'_>, CaKind, Date) -> Option<(String, String)>,
}

const ACME: &[CaKind] = &[CaKind::Public, CaKind::OwnCa];
const PUBLIC: &[CaKind] = &[CaKind::Public];
const ALL: &[CaKind] = &CaKind::ALL;

/// The table.
const RULES: &[Rule] = &[
    Rule { kinds: ACME, field: "san", effect: Effect::Refuses, source: "RFC 8555, 7.1.3; RFC 8738", found: no_names },
    Rule {
        kinds: ACME,
        field: "san",
        effect: Effect::Refuses,
        source: "RFC 8555, 7.4; RFC 8738, 4",
        found: other_names,
    },
    Rule {
        kinds: ACME,
        field: "common",
        effect: Effect::Refuses,
        source: "RFC 8555, 7.4",
        found: common_not_among_names,
    },
    Rule { kinds: ACME, field: "san", effect: Effect::Refuses, source: "RFC 8555, 7.1.3", found: wildcard },
    Rule { kinds: ACME, field: "san", effect: Effect::Refuses, source: "RFC 8738, 7", found: addresses },
    Rule { kinds: ACME, field: "bc_ca", effect: Effect::Refuses, source: "RFC 8555, 7.4", found: ca_certificate },
    Rule {
        kinds: PUBLIC,
        field: "san",
        effect: Effect::Refuses,
        source: "CA/Browser Forum BR, 4.2.2 and 7.1.2.7.12",
        found: private_names,
    },
    Rule {
        kinds: PUBLIC,
        field: "key_type",
        effect: Effect::Refuses,
        source: "CA/Browser Forum BR, 6.1.5",
        found: key,
    },
    Rule { kinds: ALL, field: "key_length", effect: Effect::Refuses, source: "NIST SP 800-131A", found: short_key },
    Rule {
        kinds: ALL,
        field: "digest_algorithm",
        effect: Effect::Refuses,
        source: "CA/Browser Forum BR, 7.1.3.2",
        found: sha1,
    },
    Rule {
        kinds: PUBLIC,
        field: "organization",
        effect: Effect::Drops,
        source: "CA/Browser Forum BR, 7.1.2.7.2",
        found: subject,
    },
    Rule { kinds: ACME, field: "lifetime", effect: Effect::Ignores, source: "RFC 8555, 7.4", found: lifetime },
];

/// What a CA of this kind does with the request, in the order of the table.
pub fn preflight(facts: &Facts<'_>, kind: CaKind, today: Date) -> Vec<Finding> {
    let rules = RULES.iter().filter(|rule| rule.kinds.contains(&kind));
    let found = rules.filter_map(|rule| {
        let (what, remedy) = (rule.found)(facts, kind, today)?;
        Some(Finding { field: rule.field, effect: rule.effect, what, remedy, source: rule.source })
    });
    found.collect()
}

/// What such a CA refuses, as refusals of the request's fields.
pub fn refusals(findings: &[Finding]) -> Mistakes {
    let mut mistakes = Mistakes::none();
    for one in findings.iter().filter(|one| one.effect == Effect::Refuses) {
        mistakes.add(Invalid::new(one.field, one.what.clone(), one.remedy.clone()));
    }
    mistakes
}

type Said = Option<(String, String)>;

fn said(what: impl Into<String>, remedy: &str) -> Said {
    Some((what.into(), remedy.to_owned()))
}

/// The first names for which `is` holds, and how many more.
fn listed(facts: &Facts<'_>, is: impl Fn(&San) -> bool) -> Option<String> {
    let all: Vec<&San> = facts.names.iter().filter(|name| is(name)).collect();
    let shown: Vec<String> = all.iter().take(SHOWN).map(|name| shortened(&name.to_string())).collect();
    let more = all.len().saturating_sub(SHOWN);
    (!shown.is_empty()).then(|| say::names(&shown, more))
}

fn is_orderable(name: &San) -> bool {
    matches!(name, San::Dns(_) | San::Ip(_))
}

fn no_names(facts: &Facts<'_>, _: CaKind, _: Date) -> Said {
    if facts.names.is_empty() { said(say::NO_NAMES, say::ADD_NAME) } else { None }
}

fn other_names(facts: &Facts<'_>, _: CaKind, _: Date) -> Said {
    said(say::not_orderable(&listed(facts, |name| !is_orderable(name))?), say::REMOVE_NAME)
}

fn common_not_among_names(facts: &Facts<'_>, _: CaKind, _: Date) -> Said {
    let common = facts.common?;
    let is_name = San::of_common(common).is_some_and(|common| facts.names.contains(&common));
    if is_name { None } else { said(say::common(common), say::COMMON_AS_NAME) }
}

fn wildcard(facts: &Facts<'_>, _: CaKind, _: Date) -> Said {
    if facts.ways.by_dns {
        return None;
    }
    let is_wildcard = |name: &San| matches!(name, San::Dns(name) if name.as_str().starts_with("*."));
    let remedy = match facts.ways.others_by_dns.as_slice() {
        [] => say::NAME_EACH.to_owned(),
        others => say::order_at(others),
    };
    said(say::wildcard(&listed(facts, is_wildcard)?), &remedy)
}

fn addresses(facts: &Facts<'_>, _: CaKind, _: Date) -> Said {
    if !facts.ways.by_dns_alone {
        return None;
    }
    said(say::addresses(&listed(facts, |name| matches!(name, San::Ip(_)))?), say::ANOTHER_CHALLENGE)
}

fn ca_certificate(facts: &Facts<'_>, _: CaKind, _: Date) -> Said {
    if facts.is_ca { said(say::CA, say::NO_CA) } else { None }
}

fn private_names(facts: &Facts<'_>, _: CaKind, _: Date) -> Said {
    said(say::private(&listed(facts, |name| is_orderable(name) && !may_be_public(name))?), say::OWN_CA)
}

fn key(facts: &Facts<'_>, _: CaKind, _: Date) -> Said {
    let name = match facts.key {
        Key::Ed25519 => "Ed25519",
        Key::MlDsa => "ML-DSA",
        Key::Ec(Curve::Secp256r1 | Curve::Secp384r1 | Curve::Secp521r1) | Key::Rsa(_) => return None,
        Key::Ec(curve) => curve.value(),
        Key::Other => "this key",
    };
    said(say::key(name), say::USUAL_KEY)
}

fn short_key(facts: &Facts<'_>, _: CaKind, _: Date) -> Said {
    match facts.key {
        Key::Rsa(bits) if bits < 2048 => said(say::short(bits), say::LONG_KEY),
        _ => None,
    }
}

fn sha1(facts: &Facts<'_>, _: CaKind, _: Date) -> Said {
    if facts.digest == Some(Digest::Sha1) { said(say::SHA1, say::SHA256) } else { None }
}

fn subject(facts: &Facts<'_>, _: CaKind, _: Date) -> Said {
    if facts.subject.is_empty() { None } else { said(say::SUBJECT, say::LEAVE_SUBJECT) }
}

fn lifetime(facts: &Facts<'_>, kind: CaKind, today: Date) -> Said {
    let days = facts.lifetime?;
    let limit = (kind == CaKind::Public).then(|| Lifetime::public_limit(today).days());
    if kind.is_acme() { said(say::lifetime(days, limit), say::PROFILE) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(all: &[&str]) -> Vec<San> {
        all.iter().map(|name| San::parse(name).unwrap()).collect()
    }

    fn found(facts: &Facts<'_>, kind: CaKind) -> Vec<(&'static str, Effect)> {
        let today = jiff::civil::date(2026, 12, 1);
        let all = preflight(facts, kind, today);
        assert!(all.iter().all(|one| one.what.ends_with('.') && one.remedy.ends_with('.') && !one.source.is_empty()));
        all.iter().map(|one| (one.field, one.effect)).collect()
    }

    static NONE: Ways = Ways { by_dns: false, by_dns_alone: false, others_by_dns: Vec::new() };

    fn facts<'a>(names: &'a [San], key: Key) -> Facts<'a> {
        Facts {
            names,
            common: None,
            subject: &[],
            key,
            digest: Some(Digest::Sha256),
            lifetime: None,
            is_ca: false,
            ways: &NONE,
        }
    }

    #[test]
    fn a_plain_server_request_suits_everybody() {
        let names = names(&["nas.example.org", "203.0.114.7"]);
        for kind in CaKind::ALL {
            assert_eq!(found(&facts(&names, Key::Ec(Curve::Secp256r1)), kind), [], "{kind:?}");
        }
    }

    #[test]
    fn each_rule_is_for_its_kinds_of_ca() {
        let private = names(&["nas.local", "192.168.1.20"]);
        let mixed = names(&["nas.example.org", "email:a@example.org", "URI:https://example.org/"]);
        let wild = names(&["*.example.org"]);
        let ec = Key::Ec(Curve::Secp256r1);
        let refused = |facts: &Facts<'_>, field: &str| {
            CaKind::ALL.map(|kind| found(facts, kind).contains(&(field, Effect::Refuses)))
        };
        assert_eq!(refused(&facts(&private, ec), "san"), [true, false, false, false]);
        assert_eq!(refused(&facts(&mixed, ec), "san"), [true, true, false, false]);
        assert_eq!(refused(&facts(&[], ec), "san"), [true, true, false, false]);
        assert_eq!(refused(&facts(&wild, ec), "san"), [true, true, false, false]);
        let by_dns = Ways { by_dns: true, by_dns_alone: true, others_by_dns: Vec::new() };
        assert_eq!(refused(&Facts { ways: &by_dns, ..facts(&wild, ec) }, "san"), [false; 4]);
        let address = names(&["203.0.114.7"]);
        assert_eq!(refused(&Facts { ways: &by_dns, ..facts(&address, ec) }, "san"), [true, true, false, false]);
        let elsewhere = Ways { others_by_dns: vec!["wild".to_owned()], ..Ways::default() };
        let told =
            preflight(&Facts { ways: &elsewhere, ..facts(&wild, ec) }, CaKind::OwnCa, jiff::civil::date(2026, 12, 1));
        assert!(told.iter().any(|one| one.remedy.contains("Order it at wild")), "{told:?}");
        let good = names(&["nas.example.org"]);
        assert_eq!(
            refused(&Facts { common: Some("My NAS"), ..facts(&good, ec) }, "common"),
            [true, true, false, false]
        );
        assert_eq!(refused(&Facts { common: Some("nas.example.org"), ..facts(&good, ec) }, "common"), [false; 4]);
        assert_eq!(refused(&Facts { is_ca: true, ..facts(&good, ec) }, "bc_ca"), [true, true, false, false]);
        for key in [Key::Ed25519, Key::MlDsa, Key::Ec(Curve::BrainpoolP256r1), Key::Ec(Curve::Secp256k1)] {
            assert_eq!(refused(&facts(&good, key), "key_type"), [true, false, false, false], "{key:?}");
        }
        assert_eq!(refused(&facts(&good, Key::Rsa(1024)), "key_length"), [true; 4]);
        assert_eq!(refused(&Facts { digest: Some(Digest::Sha1), ..facts(&good, ec) }, "digest_algorithm"), [true; 4]);
        let more = Facts { subject: &["organization"], lifetime: Some(398), ..facts(&good, ec) };
        assert_eq!(found(&more, CaKind::Public), [("organization", Effect::Drops), ("lifetime", Effect::Ignores)]);
        assert_eq!(found(&more, CaKind::Private), []);
    }
}
