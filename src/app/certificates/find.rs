//! Which CSR a certificate answers: the one whose public key it has.

use super::{Before, Certificates, Proposal, Reading, advice, refusal, refused};
use crate::messages::certificates as say;
use crate::requests::content::Content;
use crate::validity::Validity;
use crate::{AppError, Failure, clock};
use signet_domain::answer::asked_and_got;
use signet_domain::invalid::{Invalid, Mistakes};
use signet_domain::name::CsrName;
use signet_pki::certificate::Certificate;
use signet_pki::chain::{Chain, chain_at};
use std::cmp::Reverse;

impl Certificates {
    /// The proposal for one CSR, which was read: the newest of the certificates that have its key, with a chain of the others.
    pub(super) fn propose(
        &self,
        name: &CsrName,
        content: Content,
        given: Vec<Certificate>,
    ) -> Result<Proposal, AppError> {
        let (mut ours, mut others): (Vec<_>, Vec<_>) =
            given.into_iter().partition(|certificate| certificate.has_key(&content.request.spki_der));
        ours.sort_by_key(|certificate| certificate.not_before);
        // What is kept helps to close the chain, and a missing link can be given alone.
        let kept: Vec<Certificate> =
            content.certificates.iter().filter_map(|der| Certificate::read(der).ok()).collect();
        let alone = ours.is_empty() && !others.is_empty() && others.iter().all(|other| other.may_issue());
        let Some(leaf) = ours.pop().or_else(|| kept.first().filter(|_| alone).cloned()) else {
            return Err(refused(self.of_another_key(name, &content, &others)?));
        };
        others.extend(ours);
        let above = kept.iter().skip(1).cloned().collect();
        let now = clock::trusted(self.clock.now());
        let chain = chain_at(leaf, others.clone(), above, now).map_err(|error| refused(error.invalid(super::FIELD)))?;
        let is_news = |link: &Certificate| others.contains(link) && !kept.contains(link);
        if alone && !chain.certificates.iter().any(is_news) {
            return Err(refused(self.of_another_key(name, &content, &others)?));
        }
        self.checked(name, content, chain)
    }

    /// The proposals for all CSRs that have a key of these certificates.
    pub(super) fn propose_each(&self, given: Vec<Certificate>) -> Result<Reading, AppError> {
        let Reading { proposals, refused, strangers } = self.each(&given)?;
        if !proposals.is_empty() {
            return Ok(Reading { proposals, refused, strangers });
        }
        // Others' beside an answer of ours that is refused are not what is wrong with it.
        Err(AppError::Rejected(match refused.is_empty() {
            false => refusal::of_several(refused, &[]),
            true if strangers.is_empty() => say::only_of_cas(&given).into(),
            true => strangers.into_iter().fold(Mistakes::none(), |mut all, one| {
                all.add(one);
                all
            }),
        }))
    }

    /// What becomes of each; perhaps nothing can be taken.
    pub(super) fn each(&self, given: &[Certificate]) -> Result<Reading, AppError> {
        let mut proposals: Vec<Proposal> = Vec::new();
        let mut refused: Vec<(CsrName, Mistakes)> = Vec::new();
        let mut seen: Vec<[u8; 32]> = Vec::new();
        let mut strangers = Vec::new();
        for certificate in given {
            if seen.contains(&certificate.key_sha256) {
                continue;
            }
            seen.push(certificate.key_sha256);
            let names = self.catalog.of_key(&certificate.key_sha256)?;
            let Some(first) = names.first() else {
                if !certificate.may_issue() {
                    strangers.push(certificate);
                }
                continue;
            };
            match self.best(&names, given) {
                Ok(proposal) => proposals.push(proposal),
                Err(AppError::Rejected(why)) => refused.push((first.clone(), why)),
                Err(error) => return Err(error),
            }
        }
        strangers.retain(|stranger| !proposals.iter().any(|one| one.chain.certificates.contains(stranger)));
        let strangers: Vec<Invalid> = strangers.into_iter().map(say::no_request).collect();
        if proposals.len() == 1 {
            proposals = proposals.into_iter().map(Proposal::with_spare).collect();
        }
        Ok(Reading { proposals, refused, strangers })
    }

    /// Of the CSRs of one key, the one that asked for what came; of equals one that is not superseded, then the newest.
    fn best(&self, names: &[CsrName], given: &[Certificate]) -> Result<Proposal, AppError> {
        let mut fitting = Vec::new();
        let mut refusal = None;
        for name in names {
            let content = self.catalog.readable(name).map_err(AppError::from);
            match content.and_then(|content| self.propose(name, content, given.to_vec())) {
                Ok(proposal) => {
                    let record = &proposal.request.record;
                    let superseded = names.len() > 1 && self.catalog.relatives(record)?.superseded_by.is_some();
                    fitting.push(((proposal.different(), superseded, Reverse(record.created)), proposal));
                }
                Err(error) => refusal = Some(error),
            }
        }
        fitting.sort_by_key(|(rank, _)| *rank);
        let mut fitting = fitting.into_iter().map(|(_, proposal)| proposal);
        match (fitting.next(), refusal) {
            (Some(best), _) => Ok(Proposal { others: fitting.map(|other| other.csr).collect(), ..best }),
            (None, Some(error)) => Err(error),
            (None, None) => Err(refused(say::only_of_cas(given))),
        }
    }

    /// The proposal of a chain whose leaf has the CSR's key; refused when its time is over.
    fn checked(&self, name: &CsrName, content: Content, chain: Chain) -> Result<Proposal, AppError> {
        let now = self.clock.now();
        let Some(leaf) = chain.certificates.first() else { return Err(refused(say::only_of_cas(&[]))) };
        if let Some(fault) = leaf.fault() {
            return Err(refused(say::faulty(leaf, &fault)));
        }
        if Validity::of(leaf).standing(now).is_refused() {
            return Err(refused(say::expired(&Validity::of(leaf).until(), now)));
        }
        let differences = asked_and_got(&content.request.terms(content.record.lifetime), &leaf.terms());
        let before = before(&content, &chain);
        let others = self.catalog.of_key(&content.request.key_sha256)?;
        let others = others.into_iter().filter(|other| other != name).collect();
        let advice = advice::of(&chain, &before, now);
        Ok(Proposal { csr: name.clone(), request: content, others, chain, differences, advice, before })
    }

    /// Why none of the certificates is the CSR's.
    fn of_another_key(&self, name: &CsrName, content: &Content, given: &[Certificate]) -> Result<Invalid, Failure> {
        let mut stranger = None;
        for certificate in given {
            if let Some(other) = self.catalog.of_key(&certificate.key_sha256)?.first() {
                return Ok(say::of_other_request(certificate, name, other));
            }
            if !certificate.may_issue() {
                stranger.get_or_insert(certificate);
            }
        }
        Ok(match stranger {
            Some(stranger) => say::not_this_key(stranger, name, &content.request),
            None => say::only_of_cas(given),
        })
    }
}

fn before(content: &Content, chain: &Chain) -> Before {
    let Some(kept) = content.certificates.first() else { return Before::Nothing };
    let new = || chain.certificates.iter().map(|certificate| &certificate.der);
    if content.certificates.iter().eq(new()) {
        return Before::Same;
    }
    if new().next() == Some(kept) {
        return Before::Chain;
    }
    match (Certificate::read(kept), chain.certificates.first()) {
        (Ok(kept), Some(leaf)) => Before::Other {
            until: Validity::of(&kept).until(),
            newer: kept.not_before > leaf.not_before,
            issuer: kept.issuer_short,
        },
        // One that cannot be read does not matter here.
        _ => Before::Nothing,
    }
}
