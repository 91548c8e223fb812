//! What a kind of CA does with a request: which parts it refuses, leaves out or does not read, and what it issues that others
//! do not accept.
//!
//! One table of rules, each with its source, for the last step, `csr check` and what is checked before an order. It says what
//! usually happens; a CA may be stricter. Nothing here is asked of anybody, and no list of public suffixes is known.

mod change;
mod public;
mod rules;

pub use change::Change;
pub use public::may_be_public;

use super::extensions::{Extensions, Usage};
use super::invalid::{Invalid, Mistakes};
use super::key_spec::{Digest, KeyKind};
use super::policy::Policy;
use super::request::NewRequest;
use super::san::San;
use super::subject_part::Part;
use jiff::civil::Date;
use std::borrow::Cow;

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

    /// The kind of the command line's word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// The word of the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::OwnCa => "own-ca",
            Self::Est => "est",
            Self::Private => "private",
        }
    }

    /// What people read.
    pub fn label(self) -> &'static str {
        match self {
            Self::Public => "Public CA",
            Self::OwnCa => "Own CA by ACME",
            Self::Est => "CA by EST",
            Self::Private => "Own CA by hand",
        }
    }

    /// Who is likely to sign for these names: a device with a CA has its certificates from there (`first` is its kind),
    /// and names that are public are for a public one.
    pub fn likely(first: Option<Self>, names: &[San]) -> Self {
        let all_public = !names.is_empty() && names.iter().all(may_be_public);
        first.unwrap_or(if all_public { Self::Public } else { Self::Private })
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
    /// It issues the certificate, and others do not accept or understand that.
    Accepts,
}

impl Effect {
    /// The word for programs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Refuses => "refuses",
            Self::Drops => "drops",
            Self::Ignores => "ignores",
            Self::Accepts => "accepts",
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
    /// What does it, where one change does.
    pub change: Option<Change>,
}

/// What of a request CAs look at.
#[derive(Debug, Clone)]
pub struct Facts<'a> {
    /// The alternative names.
    pub names: &'a [San],
    /// The common name.
    pub common: Option<&'a str>,
    /// Parts of the subject other than the common name that are set, and need not be.
    pub subject: Vec<Part>,
    /// The key; none where it is of another kind.
    pub key: Option<KeyKind>,
    /// The digest that signed the request.
    pub digest: Option<Digest>,
    /// The requested days.
    pub lifetime: Option<u32>,
    /// True where a CA's certificate is requested.
    pub is_ca: bool,
    /// The other extensions, where they were chosen here.
    pub extensions: Option<&'a Extensions>,
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

impl<'a> Facts<'a> {
    /// Those of a request that is to be made. What `policy` requires cannot be left out.
    pub fn of(request: &'a NewRequest, policy: &Policy, ways: &'a Ways) -> Self {
        let subject = &request.subject;
        let set = [
            (Part::Country, subject.country.is_some()),
            (Part::State, subject.state.is_some()),
            (Part::City, subject.locality.is_some()),
            (Part::Organization, subject.organization.is_some()),
            (Part::OrganizationalUnit, subject.organizational_unit.is_some()),
            (Part::Email, subject.email.is_some()),
        ];
        let set = set.into_iter().filter(|(part, is_set)| *is_set && !policy.required.contains(part));
        Self {
            names: request.names.as_slice(),
            common: subject.common_name.as_ref().map(|common| common.as_str()),
            subject: set.map(|(part, _)| part).collect(),
            key: Some(request.key.kind()),
            digest: request.key.digest(),
            lifetime: Some(request.lifetime.days()),
            is_ca: request.extensions.basic_constraints.is_some_and(|constraints| constraints.ca),
            extensions: Some(&request.extensions),
            ways,
        }
    }

    fn usages(&self) -> &[Usage] {
        let extended = self.extensions.and_then(|extensions| extensions.extended_key_usage.as_ref());
        extended.map_or(&[], |extended| &extended.usages)
    }

    fn has(&self, usage: Usage) -> bool {
        self.usages().contains(&usage)
    }

    /// A certificate without Extended Key Usage serves every purpose, and on a NAS that is a server's; a CA's is not.
    fn is_server(&self) -> bool {
        self.has(Usage::ServerAuth) || (self.usages().is_empty() && !self.is_ca)
    }
}

/// A rule: for whom, and what it finds.
struct Rule {
    kinds: &'static [CaKind],
    field: &'static str,
    effect: Effect,
    source: &'static str,
    found: fn(&Facts<'_>, Date) -> Said,
}

/// What is so, what to do, and the change that does it.
type Said = Option<(String, Cow<'static, str>, Option<Change>)>;

const ACME: &[CaKind] = &[CaKind::Public, CaKind::OwnCa];
const PUBLIC: &[CaKind] = &[CaKind::Public];
/// Those who take what the request asks for.
const WHOLE: &[CaKind] = &[CaKind::Est, CaKind::Private];
const OTHERS: &[CaKind] = &[CaKind::OwnCa, CaKind::Est, CaKind::Private];
const ALL: &[CaKind] = &CaKind::ALL;

const fn rule(
    kinds: &'static [CaKind],
    field: &'static str,
    effect: Effect,
    source: &'static str,
    found: fn(&Facts<'_>, Date) -> Said,
) -> Rule {
    Rule { kinds, field, effect, source, found }
}

use Effect::{Accepts, Drops, Ignores, Refuses};

/// The table.
const RULES: &[Rule] = &[
    rule(ACME, "san", Refuses, "RFC 8555, 7.1.3; RFC 8738", rules::no_names),
    rule(WHOLE, "san", Accepts, "RFC 9525, 2", rules::no_names_for_browsers),
    rule(ACME, "san", Refuses, "RFC 8555, 7.4; RFC 8738, 4", rules::other_names),
    rule(ACME, "common", Refuses, "RFC 8555, 7.4", rules::common_not_among_names),
    rule(ACME, "san", Refuses, "RFC 8555, 7.1.3", rules::wildcard),
    rule(ACME, "san", Refuses, "RFC 8738, 7", rules::addresses),
    rule(ACME, "bc_ca", Refuses, "RFC 8555, 7.4", rules::ca_certificate),
    rule(PUBLIC, "san", Refuses, "CA/Browser Forum BR, 4.2.2 and 7.1.2.7.12", rules::private_names),
    rule(PUBLIC, "key_type", Refuses, "CA/Browser Forum BR, 6.1.5", rules::not_public_key),
    rule(ALL, "key_length", Refuses, "NIST SP 800-131A", rules::short_key),
    rule(ALL, "digest_algorithm", Refuses, "CA/Browser Forum BR, 7.1.3.2", rules::sha1),
    rule(OTHERS, "key_type", Accepts, "BoringSSL, NSS: signatures that they verify", rules::unknown_to_clients),
    rule(PUBLIC, "organization", Drops, "CA/Browser Forum BR, 7.1.2.7.2", rules::subject),
    rule(PUBLIC, "eku", Drops, "CA/Browser Forum BR, 7.1.2.7.10", rules::other_usages),
    rule(ACME, "lifetime", Ignores, "RFC 8555, 7.4", rules::lifetime),
    rule(WHOLE, "bc_path_length", Accepts, "RFC 5280, 4.2.1.9", rules::path_length),
    rule(WHOLE, "bc_critical", Accepts, "RFC 5280, 4.2.1.9", rules::ca_not_critical),
    rule(WHOLE, "eku_critical", Accepts, "RFC 3161, 2.3", rules::time_stamping_not_critical),
    rule(WHOLE, "eku", Accepts, "RFC 3161, 2.3", rules::time_stamping_and_others),
    rule(WHOLE, "eku", Accepts, "RFC 4556, 3.2.4", rules::needs_other_name),
    rule(WHOLE, "ku", Accepts, "RFC 3279, 2.3.1; RFC 8813, 3; RFC 8410, 5", rules::bits),
];

/// What a CA of this kind does with the request, in the order of the table.
pub fn preflight(facts: &Facts<'_>, kind: CaKind, today: Date) -> Vec<Finding> {
    let rules = RULES.iter().filter(|rule| rule.kinds.contains(&kind));
    let found = rules.filter_map(|rule| {
        let (what, remedy, change) = (rule.found)(facts, today)?;
        let Rule { field, effect, source, .. } = *rule;
        Some(Finding { field, effect, what, remedy: remedy.into_owned(), source, change })
    });
    found.collect()
}

/// What such a CA refuses, as refusals of the request's fields.
pub fn refusals(findings: &[Finding]) -> Mistakes {
    let mut mistakes = Mistakes::none();
    for one in findings.iter().filter(|one| one.effect == Refuses) {
        mistakes.add(Invalid::new(one.field, one.what.clone(), one.remedy.clone()));
    }
    mistakes
}

#[cfg(test)]
mod tests;
