//! How a CA checks names, as its form has it: the kinds of challenge, and the way to DNS for dns-01.

use crate::web::error::WebError;
use crate::web::form::Fields;
use crate::web::messages::enroll as say;
use signet_domain::authority::{DnsAnswers, DnsWay, TsigAlgorithm};
use signet_domain::enrollment::ChallengeKind;
use signet_domain::invalid::Mistakes;

/// Where a mistake opens the fields.
const FIELDS: [&str; 7] =
    ["challenge", "dns_server", "dns_zone", "tsig_name", "tsig_algorithm", "tsig_secret", "dns_hook"];

/// The fields, but for the secret.
#[derive(Debug)]
pub(super) struct Checks {
    kinds: Vec<ChallengeKind>,
    pub(super) server: String,
    pub(super) zone: String,
    pub(super) tsig_name: String,
    pub(super) tsig_algorithm: String,
    pub(super) hook: String,
}

impl Default for Checks {
    fn default() -> Self {
        Self::of(vec![ChallengeKind::Http01], None)
    }
}

impl Checks {
    /// What is set already.
    pub(super) fn of(kinds: Vec<ChallengeKind>, way: Option<DnsWay>) -> Self {
        let (server, hook) = match way {
            Some(DnsWay::Update(server)) => (Some(server), None),
            Some(DnsWay::Hook(hook)) => (None, Some(hook)),
            None => (None, None),
        };
        let algorithm = server.as_ref().map_or(TsigAlgorithm::Sha256, |server| server.algorithm);
        Self {
            kinds,
            server: server.as_ref().map(|server| server.address.to_string()).unwrap_or_default(),
            zone: server.as_ref().and_then(|server| server.zone.clone()).unwrap_or_default(),
            tsig_name: server.map(|server| server.key).unwrap_or_default(),
            tsig_algorithm: algorithm.word().to_owned(),
            hook: hook.unwrap_or_default(),
        }
    }

    /// What was entered. Boxes have no order: the same kinds as `before` keep theirs.
    pub(super) fn read(fields: &mut Fields, before: &[ChallengeKind]) -> Result<Self, WebError> {
        let mut kinds = Vec::new();
        for kind in ChallengeKind::ALL {
            if fields.checkbox(&format!("challenge_{}", kind.word()))? {
                kinds.push(kind);
            }
        }
        if kinds.len() == before.len() && before.iter().all(|kind| kinds.contains(kind)) {
            kinds = before.to_vec();
        }
        Ok(Self {
            kinds,
            server: fields.trimmed("dns_server"),
            zone: fields.trimmed("dns_zone"),
            tsig_name: fields.trimmed("tsig_name"),
            tsig_algorithm: fields.trimmed("tsig_algorithm"),
            hook: fields.trimmed("dns_hook"),
        })
    }

    /// The kinds of challenge that were chosen.
    pub(super) fn challenges(&self) -> Vec<String> {
        self.kinds.iter().map(|kind| kind.word().to_owned()).collect()
    }

    /// The way to DNS. A list always has a choice: without a server, that of the algorithm says nothing.
    pub(super) fn dns(&self) -> DnsAnswers {
        let given = |text: &String| Some(text.clone());
        let names_server = [&self.server, &self.zone, &self.tsig_name].into_iter().any(|text| !text.is_empty());
        DnsAnswers {
            server: given(&self.server),
            zone: given(&self.zone),
            tsig_name: given(&self.tsig_name),
            tsig_algorithm: given(&self.tsig_algorithm).filter(|_| names_server),
            hook: given(&self.hook),
        }
    }

    /// True where something else than the usual is chosen, or refused.
    pub(super) fn is_open(&self, mistakes: &Mistakes) -> bool {
        self.kinds != [ChallengeKind::Http01] || FIELDS.iter().any(|field| mistakes.has(field))
    }

    /// The boxes: the ends of their names, what they stand for, how they work, and whether they are ticked.
    pub(super) fn boxes(&self) -> Vec<(&'static str, &'static str, &'static str, bool)> {
        let row = |kind: ChallengeKind| (kind.word(), kind.word(), say::challenge(kind), self.kinds.contains(&kind));
        ChallengeKind::ALL.map(row).to_vec()
    }

    /// The algorithms to choose from.
    pub(super) fn algorithms() -> [(&'static str, &'static str); 3] {
        TsigAlgorithm::ALL.map(|one| (one.word(), one.word()))
    }
}
