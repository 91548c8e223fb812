//! The few facts of a request and its certificate that are always shown, and what its certificate says.
//!
//! Every part of the request itself is in `decoded`.

use super::super::comparison::{Row, stored};
use crate::web::layout::Fact;
use crate::web::messages::verdict as say;
use crate::web::names::{self, shown};
use crate::web::status::count;
use crate::web::uses::Uses;
use crate::web::verdict::{Judged, Verdict, chain_ends};
use jiff::Timestamp;
use signet_app::requests::content::Content;
use signet_app::validity::Validity;
use signet_domain::extensions::Usage;
use signet_domain::preflight::may_be_public;
use signet_domain::record::Origin;
use signet_domain::san::San;
use signet_domain::time;
use signet_pki::certificate::Certificate;
use signet_pki::chain::{Chain, chain};

/// Names that are shown before the parts that are folded.
const NAMES: usize = 6;

/// The names of a request, or of its certificate.
pub(super) struct Names {
    /// The first ones; those that are missing in the certificate rather than others.
    pub first: Vec<Judged>,
    /// How many more there are.
    pub more: usize,
    /// What is worth knowing of them.
    pub hint: Option<String>,
}

/// The certificate of a request.
pub(super) struct Certified {
    /// What it is good for.
    pub verdict: Option<Verdict>,
    /// It with the certificates towards the root; none where they do not fit together.
    pub chain: Option<Chain>,
    /// What it says.
    pub facts: Vec<Fact>,
    /// Every field, requested and issued.
    pub rows: Vec<Row>,
    /// `7 of 13 fields differ from your request`.
    pub sum: String,
    /// When it holds; none for one that cannot be read.
    pub validity: Option<Validity>,
    /// It has an end, for the calendar.
    pub has_end: bool,
}

impl Certified {
    /// Of the certificate that was added; none before.
    pub(super) fn of(content: &Content, now: Timestamp) -> Option<Self> {
        let certificate = content.certificate()?;
        let facts = content.answer_facts(now).into_iter().map(|(label, value)| Fact::new(label, value)).collect();
        let Ok(leaf) = certificate else {
            let sum = "cannot be read".to_owned();
            let (verdict, rows) = (None, Vec::new());
            return Some(Self { verdict, chain: None, facts, rows, sum, validity: None, has_end: false });
        };
        let (rows, sum) = stored(content, &leaf);
        let validity = Validity::of(&leaf);
        let above = content.certificates.iter().skip(1).filter_map(|der| Certificate::read(der).ok());
        let chain = chain(leaf, above.collect()).ok();
        Some(Self {
            verdict: chain.as_ref().and_then(|chain| Verdict::of(content, chain)),
            chain,
            facts,
            sum,
            rows,
            validity: Some(validity),
            has_end: validity.ends != Timestamp::MAX,
        })
    }
}

impl Names {
    /// Those of the certificate beside those that were requested, once there is one.
    pub(super) fn of(content: &Content, certified: Option<&Certified>) -> Self {
        let hint = if certified.is_none() { public_hint(content) } else { None };
        let (first, all): (Vec<Judged>, usize) = match certified.and_then(|certified| certified.verdict.as_ref()) {
            Some(verdict) => (verdict.first(NAMES).into_iter().cloned().collect(), verdict.names.len()),
            None => {
                let names = &content.request.san;
                let judged = |name: &String| Judged { name: shown(name), word: "", tone: "" };
                (names.iter().take(NAMES).map(judged).collect(), names.len())
            }
        };
        Self { more: all - first.len(), first, hint }
    }
}

/// Which of the names no public CA certifies.
fn public_hint(content: &Content) -> Option<String> {
    let usages = content.request.requested.extended_key_usage.as_ref()?;
    if !usages.usages.iter().any(|usage| usage == Usage::ServerAuth.value()) {
        return None;
    }
    let inside = |name: &&String| San::parse(name).is_ok_and(|name| !may_be_public(&name));
    let inside: Vec<String> = content.request.san.iter().filter(inside).map(|name| shown(name).text).collect();
    match inside.len() {
        0 => None,
        all if all == content.request.san.len() => Some(say::ONLY_OWN_CA.to_owned()),
        _ => Some(say::not_public(&names::sentence(&inside, 4))),
    }
}

/// The facts that are always shown.
pub(super) fn facts(content: &Content, certified: Option<&Certified>, uses: &Uses, now: Timestamp) -> Vec<Fact> {
    let mut facts = match certified {
        None => requested(content),
        Some(certified) => issued(content, certified, uses, now),
    };
    if !content.record.note.is_empty() {
        facts.push(Fact::new("Note", content.record.note.clone()));
    }
    facts
}

fn requested(content: &Content) -> Vec<Fact> {
    let request = &content.request;
    let usages = request.requested.extended_key_usage.iter().flat_map(|said| &said.usages);
    let usages: Vec<String> = usages.map(|usage| Usage::label_of(usage).to_owned()).collect();
    let signed = request.signature.digest.map(|digest| format!(", {}", digest.value())).unwrap_or_default();
    let mut facts = vec![Fact::new("Key", format!("{}{signed}", request.key.label))];
    facts.push(match usages.as_slice() {
        [] => Fact::new("Used for", "not stated").note("the CA decides"),
        usages => Fact::new("Used for", usages.join(", ")),
    });
    if let Some(days) = content.record.lifetime {
        let days = count(usize::try_from(days).unwrap_or(usize::MAX), "day");
        facts.push(Fact::new("Requested lifetime", days).note("not part of the request: the CA decides"));
    }
    facts
}

fn issued(content: &Content, certified: &Certified, uses: &Uses, now: Timestamp) -> Vec<Fact> {
    let mut facts = Vec::new();
    if let Some(validity) = certified.validity {
        let until = if certified.has_end { time::date(validity.ends).to_string() } else { "no expiry".to_owned() };
        let tone = match validity.state(now) {
            "due" => "warn",
            "expired" => "bad",
            _ => "",
        };
        let (fact, left) = (Fact::new("Valid until", until), validity.left(now));
        facts.push(if tone.is_empty() { fact.note(left) } else { fact.badge(left, tone) });
    }
    match &certified.chain {
        Some(chain) => {
            let issuer = chain.certificates.first().map(|leaf| leaf.issuer_short.clone()).unwrap_or_default();
            let (ends, tone) = chain_ends(chain);
            let fact = Fact::new("Issuer", issuer);
            facts.push(if tone == "good" { fact.note(format!("chain {ends}")) } else { fact.badge(ends, tone) });
        }
        None => facts.push(Fact::new("Chain", "").badge("its certificates do not fit together", "bad")),
    }
    let used = uses.sentence();
    let used = if used.is_empty() { Fact::new("Used by", "").note("nothing yet") } else { Fact::new("Used by", used) };
    facts.push(match () {
        () if uses.trial => used.badge("on trial", "warn"),
        () if uses.is_allowed && uses.services.is_empty() => used.note("other services get it once it is their turn"),
        () => used,
    });
    if let Some(auto) = &content.record.auto_renew {
        facts.push(Fact::new("Renewal", say::renewed_at(&auto.ca)));
    }
    if content.record.origin == Origin::Factory {
        facts.push(Fact::new("Made", "in the factory").note("a factory reset keeps it"));
    }
    facts
}
