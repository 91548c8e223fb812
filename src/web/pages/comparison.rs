//! A certificate beside the request that it was issued for, as pages show it: the verdict, what it says, every field.

use crate::web::layout::Fact;
use crate::web::status::count;
use crate::web::verdict::{Verdict, chain_ends};
use jiff::Timestamp;
use signet_app::certificates::{Before, Proposal};
use signet_app::requests::content::Content;
use signet_app::validity::Validity;
use signet_domain::answer::{Difference, Kind, asked_and_got, lifetime_days};
use signet_domain::extensions::Usage;
use signet_domain::hex::colons;
use signet_domain::time::{self, date};
use signet_pki::certificate::Certificate;
use signet_pki::chain::{Chain, Trust};

/// A certificate beside its request.
pub struct Comparison {
    /// The request's name.
    pub csr: String,
    /// Others of the same key.
    pub others: Vec<String>,
    /// What it is good for.
    pub verdict: Option<Verdict>,
    /// What decides whether it is kept.
    pub facts: Vec<Fact>,
    /// Every field, requested and issued.
    pub rows: Vec<Row>,
    /// How many rows differ.
    pub different: usize,
    /// What identifies it, and the certificates in their order towards the root.
    pub details: Vec<Fact>,
    /// What is worth knowing.
    pub advice: Vec<String>,
    /// The very same was added before.
    pub same: bool,
}

/// A field, requested and issued.
pub struct Row {
    /// The field.
    pub field: String,
    /// What was requested.
    pub requested: String,
    /// What was issued.
    pub issued: String,
    /// `as requested`, `added`, `left out`, `changed`.
    pub word: &'static str,
    /// The badge's colour.
    pub tone: &'static str,
}

/// Fields that are not parts of the subject.
const NOT_SUBJECT: [&str; 5] =
    ["Subject Alternative Names", "Key Usage", EXTENDED_KEY_USAGE, "Basic Constraints", "Lifetime"];
/// Fields that a certificate does not work without.
const RELIED_ON: [&str; 3] = ["Subject Alternative Names", "Key Usage", EXTENDED_KEY_USAGE];
const EXTENDED_KEY_USAGE: &str = "Extended Key Usage";

impl Comparison {
    /// Of a certificate that is proposed.
    pub fn of(proposal: &Proposal, now: Timestamp) -> Self {
        let chain = &proposal.chain;
        let leaf = chain.certificates.first();
        let rows = rows(&proposal.differences);
        let verdict = Verdict::of(&proposal.request, chain);
        // What the verdict says already is not said twice.
        let why = verdict.as_ref().map_or("", |verdict| verdict.why);
        let advice = proposal.advice.iter().filter(|advice| advice.text != why);
        let advice = advice.map(|advice| advice.text.clone()).collect();
        Self {
            csr: proposal.csr.to_string(),
            others: proposal.others.iter().map(ToString::to_string).collect(),
            verdict,
            facts: leaf
                .map(|leaf| facts(leaf, chain, &proposal.request, &proposal.differences, now))
                .unwrap_or_default(),
            different: proposal.different(),
            rows,
            details: leaf.map(|leaf| details(leaf, chain)).unwrap_or_default(),
            advice,
            same: proposal.before == Before::Same,
        }
    }

    /// It works for nothing that was requested: another one is the better choice.
    pub fn is_bad(&self) -> bool {
        self.verdict.as_ref().is_some_and(|verdict| verdict.tone == "bad")
    }

    /// `7 of 13 fields differ from your request`.
    pub fn sum(&self) -> String {
        sum(self.different, self.rows.len())
    }
}

fn sum(different: usize, of: usize) -> String {
    match different {
        0 => "as requested".to_owned(),
        1 => format!("1 of {of} fields differs from your request"),
        _ => format!("{different} of {of} fields differ from your request"),
    }
}

/// Every field of a certificate that was added to its request, and how many differ.
pub fn stored(content: &Content, leaf: &Certificate) -> (Vec<Row>, String) {
    let differences = asked_and_got(&content.request.terms(content.record.lifetime), &leaf.terms());
    let different = differences.iter().filter(|one| one.kind != Kind::Same).count();
    (rows(&differences), sum(different, differences.len()))
}

fn rows(differences: &[Difference]) -> Vec<Row> {
    let row = |one: &Difference| {
        let matters = RELIED_ON.contains(&one.field.as_str());
        let (word, tone) = match one.kind {
            Kind::Same => ("as requested", "good"),
            Kind::Added => ("added", ""),
            Kind::Dropped if matters => ("left out", "bad"),
            // CAs leave parts of the subject out as a rule, and Basic Constraints of what is no CA.
            Kind::Dropped => ("left out", ""),
            Kind::Changed => ("changed", "warn"),
        };
        let shown = |value: &str| {
            if one.field == EXTENDED_KEY_USAGE { Usage::label_of(value).to_owned() } else { value.to_owned() }
        };
        Row { field: one.field.clone(), requested: shown(&one.asked), issued: shown(&one.got), word, tone }
    };
    differences.iter().map(row).collect()
}

fn facts(leaf: &Certificate, chain: &Chain, request: &Content, all: &[Difference], now: Timestamp) -> Vec<Fact> {
    let mut facts = vec![valid(leaf, chain, request, now), Fact::new("Issuer", leaf.issuer_short.clone())];
    let (ends, tone) = chain_ends(chain);
    facts.push(if tone == "good" { Fact::new("Chain", ends) } else { Fact::new("Chain", "").badge(ends, tone) });
    facts.push(used_for(all));
    let left_out: Vec<&str> = all
        .iter()
        .filter(|one| one.kind == Kind::Dropped && !NOT_SUBJECT.contains(&one.field.as_str()))
        .map(|one| one.field.as_str())
        .collect();
    if !left_out.is_empty() {
        let note = "CAs leave these out as a rule; it does no harm";
        facts.push(Fact::new("Left out", left_out.join(", ")).note(note));
    }
    facts
}

fn valid(leaf: &Certificate, chain: &Chain, request: &Content, now: Timestamp) -> Fact {
    let validity = Validity::of(leaf);
    let days = lifetime_days(validity.begins, validity.ends);
    if validity.ends == Timestamp::MAX {
        return Fact::new("Valid", format!("from {}, without expiry", date(validity.begins)));
    }
    let fact = Fact::new("Valid", format!("{} to {}", date(validity.begins), date(validity.ends)));
    let requested = match request.record.lifetime {
        Some(wanted) if wanted == days => ", as requested".to_owned(),
        Some(wanted) if wanted > days && chain.trust == Trust::Public => {
            format!("; you requested {wanted}, public CAs give less")
        }
        Some(wanted) => format!("; you requested {wanted}"),
        None => String::new(),
    };
    if now < validity.begins {
        return fact.badge("not valid yet", "warn");
    }
    fact.note(format!("{}{requested}", count(usize::try_from(days).unwrap_or(usize::MAX), "day")))
}

/// The purposes, and whether they are those that were requested.
fn used_for(all: &[Difference]) -> Fact {
    let usages = || all.iter().filter(|one| one.field == EXTENDED_KEY_USAGE);
    let issued: Vec<String> =
        usages().filter(|one| !one.got.is_empty()).map(|one| Usage::label_of(&one.got).to_owned()).collect();
    let fact = Fact::new("Used for", if issued.is_empty() { "any purpose".to_owned() } else { issued.join(", ") });
    let missing: Vec<String> =
        usages().filter(|one| one.kind == Kind::Dropped).map(|one| Usage::label_of(&one.asked).to_owned()).collect();
    match (missing.as_slice(), usages().next()) {
        ([], None) => fact,
        ([], Some(_)) if usages().all(|one| one.kind == Kind::Same) => fact.badge("as requested", "good"),
        ([], Some(_)) => fact.badge("more than requested", ""),
        (missing, _) => fact.badge(format!("without {}", missing.join(", ")), "warn"),
    }
}

fn details(leaf: &Certificate, chain: &Chain) -> Vec<Fact> {
    let validity = Validity::of(leaf);
    let link = |one: &Certificate| format!("{}, valid until {}", one.subject, Validity::of(one).until());
    let links: Vec<String> = chain.certificates.iter().map(link).collect();
    vec![
        Fact::new("Valid from", time::shown(validity.begins)),
        Fact::new("Valid until", validity.until()),
        Fact::new("Serial number", leaf.serial.clone()),
        Fact::new("SHA-256", colons(&leaf.sha256)),
        Fact::new("Chain", links.join("\n")),
    ]
}
