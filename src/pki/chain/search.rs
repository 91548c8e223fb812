//! The paths from a leaf to a root, and the best of them.
//!
//! Every certificate that could be the issuer is tried, each signature verified once. The bounds hold however many
//! certificates have signed each other.

use super::{ChainError, End, MAX_CHECKS, MAX_LINKS, Trust};
use crate::certificate::Certificate;
use crate::inspect::FoundAttribute;
use crate::roots::Roots;
use crate::verify::VerifyError;
use jiff::Timestamp;
use std::cmp::Reverse;
use std::collections::HashMap;

/// Steps from a certificate to a possible issuer: CAs that all signed each other have more paths than anyone can walk.
const MAX_STEPS: usize = 512;

/// A path that holds.
pub(super) struct Path {
    /// Places of its certificates, the leaf's first.
    pub(super) places: Vec<usize>,
    pub(super) end: End,
    pub(super) trust: Trust,
}

/// What makes a path worse than another, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    /// A CA's certificate has expired, or is not valid yet.
    is_out_of_time: bool,
    is_open: bool,
    is_private: bool,
    /// Certificates from before.
    kept: usize,
}

/// A search among certificates of which the first is the leaf.
pub(super) struct Search<'a> {
    all: &'a [Certificate],
    first_kept: usize,
    now: Option<Timestamp>,
    public: Roots<'a>,
    /// Signatures that may still be verified.
    checks: usize,
    steps: usize,
    verified: HashMap<(usize, usize), Result<(), VerifyError>>,
    best: Option<(Rank, Path)>,
    /// Why the first path that does not hold does not.
    error: Option<ChainError>,
}

impl<'a> Search<'a> {
    pub(super) fn new(all: &'a [Certificate], first_kept: usize, now: Option<Timestamp>, public: Roots<'a>) -> Self {
        let verified = HashMap::new();
        Self { all, first_kept, now, public, checks: MAX_CHECKS, steps: MAX_STEPS, verified, best: None, error: None }
    }

    /// The best path; the error of one where none holds.
    pub(super) fn run(mut self) -> Result<Path, ChainError> {
        let ended = self.extend(&mut vec![0]);
        match (self.best, ended, self.error) {
            // Whoever runs out of work after a good path has found it.
            (Some((_, best)), ..) => Ok(best),
            (None, Err(error), _) | (None, Ok(()), Some(error)) => Err(error),
            (None, Ok(()), None) => Err(ChainError::TooMuchWork),
        }
    }

    /// Goes on from the path's last certificate to each that could have signed it.
    fn extend(&mut self, path: &mut Vec<usize>) -> Result<(), ChainError> {
        self.steps = self.steps.checked_sub(1).ok_or(ChainError::TooMuchWork)?;
        let all = self.all;
        let Some((place, current)) = path.last().and_then(|place| Some((*place, all.get(*place)?))) else {
            return Ok(());
        };
        if path.len() > MAX_LINKS {
            self.error.get_or_insert(ChainError::TooMuchWork);
            return Ok(());
        }
        let own = self.own_signature(place, current)?;
        // A root's own signature says nothing: one by a digest of old is not held against it.
        if matches!(own, Some(Ok(()) | Err(VerifyError::UnknownSignature(_)))) {
            self.finish(path, End::Root);
            return Ok(());
        }
        let mut goes_on = false;
        let mut error = None;
        for (issuer, by) in self.possible_issuers(current, path) {
            match self.verify(place, issuer)? {
                Ok(()) if by.may_issue() => {
                    goes_on = true;
                    path.push(issuer);
                    self.extend(path)?;
                    path.pop();
                }
                Ok(()) => {
                    error.get_or_insert(ChainError::NotACa { of: current.subject_short(), by: by.subject_short() });
                }
                // A CA's other key, as the identifiers say; and what was kept is no reason to refuse what is sent.
                Err(_) if !may_be_key_of(current, by) || issuer >= self.first_kept => {}
                Err(why) => {
                    error.get_or_insert(broken(current, by, why));
                }
            }
        }
        if self.public.have_signed(current) {
            self.finish(path, End::Root);
        } else if let (false, Some(error)) = (goes_on, error) {
            self.error.get_or_insert(error);
        } else if !goes_on {
            self.stop(path, current, own)?;
        }
        Ok(())
    }

    /// The end of a path whose last certificate was signed neither by itself nor by one of the others.
    fn stop(
        &mut self,
        path: &[usize],
        last: &Certificate,
        own: Option<Result<(), VerifyError>>,
    ) -> Result<(), ChainError> {
        // A certificate with its issuer's name that is not a CA's is odd; a root whose signature is wrong is damaged.
        if let Some(Err(why)) = own.filter(|_| last.is_ca) {
            self.error.get_or_insert(broken(last, last, why));
            return Ok(());
        }
        let place = path.last().copied().unwrap_or_default();
        for link in path {
            let Some(by) = self.all.get(*link).filter(|by| *link != place && is_issuer_named(last, by)) else {
                continue;
            };
            if self.verify(place, *link)?.is_ok() {
                self.finish(path, End::Loop { issuer: by.subject_short() });
                return Ok(());
            }
        }
        self.finish(path, End::Missing { issuer: last.issuer_short.clone(), at: last.ca_issuers.clone() });
        Ok(())
    }

    /// Keeps a path that is better than the best so far.
    fn finish(&mut self, path: &[usize], end: End) {
        let links: Vec<&Certificate> = path.iter().filter_map(|place| self.all.get(*place)).collect();
        if let Err(error) = path_lengths(&links) {
            self.error.get_or_insert(error);
            return;
        }
        // A public root that an older one signed as well is the end, though the older one is not there.
        let has_root = links.iter().filter(|link| link.is_ca).any(|link| self.public.have(link));
        let is_below_root = end == End::Root && !links.last().is_some_and(|last| last.self_issued);
        let (end, trust) = if has_root || is_below_root { (End::Root, Trust::Public) } else { (end, Trust::Private) };
        let is_out_of_time =
            |link: &&Certificate| self.now.is_some_and(|now| now < link.not_before || link.not_after < now);
        let rank = Rank {
            is_out_of_time: links.iter().skip(1).any(is_out_of_time),
            is_open: end != End::Root,
            is_private: trust == Trust::Private,
            kept: path.iter().filter(|place| **place >= self.first_kept).count(),
        };
        if self.best.as_ref().is_none_or(|(best, _)| rank < *best) {
            self.best = Some((rank, Path { places: path.to_vec(), end, trust }));
        }
    }

    /// The certificates with the issuer's name that are not in the path, the likeliest first.
    fn possible_issuers(&self, of: &Certificate, path: &[usize]) -> Vec<(usize, &'a Certificate)> {
        let named = self.all.iter().enumerate().filter(|(place, by)| !path.contains(place) && is_issuer_named(of, by));
        let mut named: Vec<_> = named.collect();
        named.sort_by_key(|(_, by)| (!may_be_key_of(of, by), !by.self_issued, Reverse(by.not_after)));
        named
    }

    /// What its own key says of its signature; none where it says itself that another one signed.
    fn own_signature(
        &mut self,
        place: usize,
        certificate: &Certificate,
    ) -> Result<Option<Result<(), VerifyError>>, ChainError> {
        let may_be = certificate.self_issued && may_be_key_of(certificate, certificate);
        may_be.then(|| self.verify(place, place)).transpose()
    }

    fn verify(&mut self, of: usize, by: usize) -> Result<Result<(), VerifyError>, ChainError> {
        if let Some(known) = self.verified.get(&(of, by)) {
            return Ok(known.clone());
        }
        self.checks = self.checks.checked_sub(1).ok_or(ChainError::TooMuchWork)?;
        let verified = match (self.all.get(of), self.all.get(by)) {
            (Some(of), Some(by)) => of.is_signed_by(&by.spki),
            _ => Err(VerifyError::Damaged),
        };
        self.verified.insert((of, by), verified.clone());
        Ok(verified)
    }
}

/// A link that does not hold, by what the verification says.
fn broken(of: &Certificate, by: &Certificate, why: VerifyError) -> ChainError {
    let (of, by) = (of.subject_short(), by.subject_short());
    match why {
        VerifyError::Damaged => ChainError::Signature { of, by },
        why => ChainError::Unverifiable { of, by, why },
    }
}

/// RFC 5280 4.2.1.9: CAs between one with a limit and the leaf, those that issued to themselves not counted.
fn path_lengths(links: &[&Certificate]) -> Result<(), ChainError> {
    let mut below = 0;
    for by in links.iter().skip(1) {
        let allowed = by.stated.basic_constraints.as_ref().and_then(|said| said.path_length);
        if let Some(allowed) = allowed.filter(|allowed| *allowed < below) {
            return Err(ChainError::PathLength { by: by.subject_short(), allowed, below });
        }
        below += u64::from(!by.self_issued);
    }
    Ok(())
}

/// False when the key identifiers of both say that another key signed (RFC 5280 4.2.1.1).
fn may_be_key_of(of: &Certificate, by: &Certificate) -> bool {
    match (&of.authority_key_id, &by.subject_key_id) {
        (Some(wanted), Some(had)) => wanted == had,
        _ => true,
    }
}

fn is_issuer_named(of: &Certificate, by: &Certificate) -> bool {
    is_same_name(&of.issuer_parts, &by.subject_parts)
}

/// RFC 5280 7.1: neither case nor blanks distinguish names, nor the string type that a CA writes them in. An empty name
/// equals no other name.
fn is_same_name(one: &[FoundAttribute], other: &[FoundAttribute]) -> bool {
    let folded =
        |part: &FoundAttribute| part.value.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>().join(" ");
    let same = |(one, other): (&FoundAttribute, &FoundAttribute)| one.oid == other.oid && folded(one) == folded(other);
    !one.is_empty() && one.len() == other.len() && one.iter().zip(other).all(same)
}
