//! What a certificate is good for, in one sentence first: the names that it works for, those that it does not, and why.
//!
//! The comparison page shows it before anything is kept, the request's page afterwards. What differs field by field is
//! `signet_domain::answer`'s.

use super::messages::verdict as say;
use super::names::{self, Name};
use signet_app::requests::content::Content;
use signet_domain::answer::covers;
use signet_domain::extensions::Usage;
use signet_domain::preflight::may_be_public;
use signet_domain::san::San;
use signet_pki::certificate::Certificate;
use signet_pki::chain::{Chain, End, Trust, chain};
use signet_pki::serving::Hindrance;

/// Names in the sentence; of more the first ones, and how many there are.
const IN_SENTENCE: usize = 4;

/// A certificate beside what was requested.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// `Works for nas.example.org.`; empty where it works for nothing.
    pub works: String,
    /// `Will not work for 192.168.1.20.`; empty where nothing is missing.
    pub fails: String,
    /// Why, and what to do.
    pub why: &'static str,
    /// `good`, `warn` or `bad`.
    pub tone: &'static str,
    /// Every name that was requested or issued.
    pub names: Vec<Judged>,
}

/// A name and what became of it.
#[derive(Debug, Clone)]
pub struct Judged {
    /// The name.
    pub name: Name,
    /// `as requested`, `left out` or `added by the CA`.
    pub word: &'static str,
    /// `good`, `bad`, or empty.
    pub tone: &'static str,
}

impl Verdict {
    /// Of the certificate that `chain` begins with, issued for `request`.
    pub fn of(request: &Content, chain: &Chain) -> Option<Self> {
        let leaf = chain.certificates.first()?;
        let requested = &request.request.san;
        let (covered, missing): (Vec<&String>, Vec<&String>) =
            requested.iter().partition(|name| covers(&leaf.san, name));
        let added: Vec<&String> = leaf.san.iter().filter(|name| !covers(requested, name)).collect();
        // Where no names were requested, as in many imports, those that came are what it is good for.
        let good = if requested.is_empty() { &added } else { &covered };
        let (does, does_not) = if is_for_servers(leaf) { ("Works", "Will not work") } else { ("Issued", "Not issued") };
        let sentence = |verb: &str, names: &[&String]| {
            let names: Vec<String> = names.iter().map(|name| names::shown(name).text).collect();
            if names.is_empty() {
                String::new()
            } else {
                format!("{verb} for {}.", names::sentence(&names, IN_SENTENCE))
            }
        };
        let lacks_server = asks_for_servers(request) && !is_for_servers(leaf);
        let (works, fails, why) = match () {
            () if lacks_server => (String::new(), say::FAILS_FOR_SERVERS.to_owned(), say::NOT_FOR_SERVERS),
            () if leaf.san.is_empty() => (String::new(), say::FAILS_IN_BROWSERS.to_owned(), say::NO_NAMES),
            () => (sentence(does, good), sentence(does_not, &missing), why(&missing, chain)),
        };
        let hindrance = hindrance(leaf, chain);
        let why = if why.is_empty() { hindrance.unwrap_or_default() } else { why };
        let tone = match () {
            () if fails.is_empty() && hindrance.is_none() => "good",
            () if works.is_empty() => "bad",
            () => "warn",
        };
        let judged = |word, tone| move |name: &&String| Judged { name: names::shown(name), word, tone };
        let names = covered.iter().map(judged("as requested", "good"));
        let names = names.chain(missing.iter().map(judged("left out", "bad")));
        let names = names.chain(added.iter().map(judged("added by the CA", ""))).collect();
        Some(Self { works, fails, why, tone, names })
    }

    /// At most so many names in their order: those that are missing rather than others.
    pub fn first(&self, most: usize) -> Vec<&Judged> {
        let missing = self.names.iter().filter(|one| one.tone == "bad").count();
        let mut others = 0..most.saturating_sub(missing);
        self.names.iter().filter(|one| one.tone == "bad" || others.next().is_some()).take(most).collect()
    }
}

/// Which clients cannot use it for its kind of key, whatever its names. Browsers count where it is for a server.
fn hindrance(leaf: &Certificate, chain: &Chain) -> Option<&'static str> {
    let hindrance = Hindrance::of(chain)?;
    hindrance.advice().or_else(|| is_for_servers(leaf).then_some(say::OTHER_KEY))
}

/// What is to be known before others get it.
pub fn warning(content: &Content) -> Option<&'static str> {
    let mut all = content.certificates.iter().filter_map(|der| Certificate::read(der).ok());
    let leaf = all.next()?;
    let chain = chain(leaf, all.collect()).ok()?;
    hindrance(chain.certificates.first()?, &chain)
}

/// Why names are missing, and what to do.
fn why(missing: &[&String], chain: &Chain) -> &'static str {
    let inside = |name: &&String| San::parse(name).is_ok_and(|name| !may_be_public(&name));
    match missing {
        [] => "",
        missing if chain.trust == Trust::Public && missing.iter().all(inside) => {
            say::private_names_missing(missing.len() == 1)
        }
        missing => say::names_missing(missing.len() == 1),
    }
}

/// RFC 5280 4.2.1.12: without the extension any purpose is allowed.
fn is_for_servers(leaf: &Certificate) -> bool {
    let usages = &leaf.extended_key_usage;
    let named = |usage: Usage| usages.iter().any(|one| one == usage.value());
    leaf.stated.extended_key_usage.is_none() || named(Usage::ServerAuth) || named(Usage::AnyExtendedKeyUsage)
}

fn asks_for_servers(request: &Content) -> bool {
    let usages = request.request.requested.extended_key_usage.as_ref();
    usages.is_some_and(|said| said.usages.iter().any(|usage| usage == Usage::ServerAuth.value()))
}

/// How the chain of a certificate ends, in a few words; `warn` where something is missing.
pub fn chain_ends(chain: &Chain) -> (String, &'static str) {
    match &chain.end {
        _ if chain.is_self_signed() => ("self-signed, by no CA".to_owned(), "warn"),
        End::Root if chain.trust == Trust::Public => ("complete, up to a root that browsers know".to_owned(), "good"),
        End::Root => ("complete, up to the root of a private CA".to_owned(), "good"),
        End::Missing { issuer, .. } => (format!("the certificate of {issuer} is missing"), "warn"),
        End::Loop { .. } => ("no root: its CAs have signed each other".to_owned(), "warn"),
    }
}
