//! The facts of a request as it is, for the table of rules.

use crate::requests::content::Content;
use jiff::civil::Date;
use signet_domain::authority::Authority;
use signet_domain::enrollment::ChallengeKind;
use signet_domain::extensions::Extensions;
use signet_domain::preflight::{CaKind, Facts, Finding, Ways, preflight};
use signet_domain::subject_part::Part;
use signet_pki::ca::CaReader;
use signet_pki::inspect::Inspected;
use signet_store::Store;

/// What matters of the authorities of this device for a request that is not at one of them.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// The kind of the first one by its name; none without one, or where it cannot be read.
    pub first: Option<CaKind>,
    /// Those that prove names by DNS.
    by_dns: Vec<(String, CaKind)>,
}

impl Known {
    /// What is known of those in this store; what cannot be read proves nothing.
    pub fn of(store: &Store) -> Self {
        let all = store.authorities().unwrap_or_default();
        let first = all.first().and_then(|(_, authority)| Some(authority.as_ref().ok()?.settings.kind()));
        let read = all.iter().filter_map(|(name, authority)| Some((name, &authority.as_ref().ok()?.settings)));
        let by_dns = read
            .filter(|(_, settings)| settings.challenges.contains(&ChallengeKind::Dns01))
            .map(|(name, settings)| (name.to_string(), settings.kind()));
        Self { first, by_dns: by_dns.collect() }
    }

    /// How names can be proved at the authorities of a kind.
    pub fn ways(&self, kind: CaKind) -> Ways {
        let others_by_dns = self.by_dns.iter().map(|(name, _)| name.clone()).collect();
        Ways { by_dns: self.by_dns.iter().any(|(_, of)| *of == kind), by_dns_alone: false, others_by_dns }
    }
}

/// How names can be proved at this authority.
pub(super) fn ways_at(store: &Store, authority: &Authority) -> Ways {
    let is_dns = |kind: &ChallengeKind| *kind == ChallengeKind::Dns01;
    let by_dns_alone = authority.challenges.iter().all(is_dns);
    Ways { by_dns: authority.challenges.iter().any(is_dns), by_dns_alone, ..Known::of(store).ways(authority.kind()) }
}

/// What a CA of this kind does with a stored request.
pub fn findings(content: &Content, kind: CaKind, ways: &Ways, today: Date) -> Vec<Finding> {
    let asked = content.record.asked.as_ref();
    let extensions = asked.and_then(|asked| asked.constraints.parse(None, &CaReader).ok());
    found(&content.request, content.record.lifetime, extensions.as_ref(), kind, ways, today)
}

/// The same of a request alone; `extensions` are those that were chosen here.
pub(crate) fn found(
    request: &Inspected,
    lifetime: Option<u32>,
    extensions: Option<&Extensions>,
    kind: CaKind,
    ways: &Ways,
    today: Date,
) -> Vec<Finding> {
    let names = request.names();
    let subject = &request.typed_subject;
    let set = [
        (Part::Country, &subject.country),
        (Part::State, &subject.state),
        (Part::City, &subject.city),
        (Part::Organization, &subject.organization),
        (Part::OrganizationalUnit, &subject.organizational_unit),
        (Part::Email, &subject.email),
    ];
    let facts = Facts {
        names: &names,
        common: request.common_name.as_deref(),
        subject: set.into_iter().filter(|(_, value)| value.is_some()).map(|(part, _)| part).collect(),
        key: request.key.kind,
        digest: request.signature.digest,
        lifetime,
        is_ca: request.requested.basic_constraints.as_ref().is_some_and(|constraints| constraints.ca),
        extensions,
        ways,
    };
    preflight(&facts, kind, today)
}
