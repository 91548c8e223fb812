//! From a leaf to its root: certificates put in order, every link verified by its signature.
//!
//! Which certificate is the leaf, the caller knows by its key. Names and key identifiers only say where to look; the
//! signature decides. Work is bounded whatever is handed in. Validity is not looked at: no time is known here.

mod messages;

use super::certificate::Certificate;
use super::inspect::FoundAttribute;
use super::roots::{BROWSERS, Roots};
use super::verify::VerifyError;
use std::cmp::Reverse;

/// The most certificates in a chain, leaf and root included. Four are usual.
pub const MAX_LINKS: usize = 16;
/// The most signatures that are verified for one chain. A chain in good order needs one a certificate.
pub const MAX_CHECKS: usize = 64;

/// A leaf with the certificates above it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// The leaf first, each signed by the next; at least the leaf.
    pub certificates: Vec<Certificate>,
    /// What was handed in and is no part of the chain, in its order.
    pub spare: Vec<Certificate>,
    /// How it ends.
    pub end: End,
    /// Whether browsers know its root.
    pub trust: Trust,
}

/// How a chain ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// Nothing is missing: it comes to a certificate that signed itself, or to a root that every browser has, sent or not.
    Root,
    /// The issuer of the last certificate was not handed in. It may be an intermediate that servers must send, or a private
    /// CA's root, which they need not.
    Missing {
        /// The issuer's name for a sentence.
        issuer: String,
        /// Where the last certificate says that the issuer's can be had; may be empty.
        at: Vec<String>,
    },
    /// The last certificate's issuer is one of the chain already: CAs that signed each other, and no root.
    Loop {
        /// The name of the certificate that the chain comes back to.
        issuer: String,
    },
}

/// Whose word a chain rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Trust {
    /// A root that browsers had when this program was built.
    Public,
    /// Any other: a company's or a home's own CA, or no CA at all ([`Chain::is_self_signed`]).
    Private,
}

/// Why certificates make no chain. Each names them as [`Certificate::subject_short`] does.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// The issuer's certificate is there, and the signature is not its key's: one of the two is damaged.
    #[error("the signature of {of} by {by} does not verify")]
    Signature {
        /// What is signed.
        of: String,
        /// By whom it says it is.
        by: String,
    },
    /// The signature verifies, and the signer may not sign.
    #[error("{of} is signed by {by}, which is no CA")]
    NotACa {
        /// What is signed.
        of: String,
        /// The signer.
        by: String,
    },
    /// More CAs below one than its Basic Constraints allow (RFC 5280 4.2.1.9).
    #[error("{by} allows {allowed} CAs below it, and there are {below}")]
    PathLength {
        /// The CA with the limit.
        by: String,
        /// The limit.
        allowed: u64,
        /// CAs between it and the leaf.
        below: u64,
    },
    /// The signer's key or the signature is of a kind that is not known here.
    #[error("the signature of {of} by {by} cannot be verified: {why}")]
    Unverifiable {
        /// What is signed.
        of: String,
        /// By whom it says it is.
        by: String,
        /// What is not known.
        why: VerifyError,
    },
    /// More than [`MAX_LINKS`] certificates, or [`MAX_CHECKS`] signatures.
    #[error("the chain is too long or too entangled")]
    TooMuchWork,
}

impl Chain {
    /// What a server sends: the chain without the root, which a client has or does not believe. A certificate that signed
    /// itself and stands alone is sent.
    pub fn served(&self) -> &[Certificate] {
        match self.certificates.split_last() {
            Some((root, served)) if self.end == End::Root && root.self_issued && !served.is_empty() => served,
            _ => &self.certificates,
        }
    }

    /// True for a leaf that signed itself: no CA has anything to do with it.
    pub fn is_self_signed(&self) -> bool {
        self.certificates.len() == 1 && self.end == End::Root && self.trust == Trust::Private
    }
}

/// Puts certificates in order above a leaf.
///
/// Where several would fit (a CA's renewed certificate, cross-signed ones), one that signed itself comes first, then the
/// one that lasts longest.
///
/// # Errors
/// [`ChainError`]: a link that does not hold. A link that is not there is an [`End`].
pub fn chain(leaf: Certificate, others: Vec<Certificate>) -> Result<Chain, ChainError> {
    chain_to(leaf, others, BROWSERS)
}

/// The same with the roots that count as public.
fn chain_to(leaf: Certificate, mut others: Vec<Certificate>, public: Roots<'_>) -> Result<Chain, ChainError> {
    others.retain(|other| other.der != leaf.der);
    let mut checks = Checks(MAX_CHECKS);
    let mut links: Vec<Certificate> = Vec::new();
    let mut current = leaf;
    let end = loop {
        if links.len() == MAX_LINKS {
            return Err(ChainError::TooMuchWork);
        }
        let own = own_signature(&current, &mut checks)?;
        // A root's own signature says nothing: one by a digest of old is not held against it.
        if matches!(own, Some(Ok(()) | Err(VerifyError::UnknownSignature(_)))) {
            break End::Root;
        }
        match (issuer(&current, &others, &mut checks)?, own) {
            (Some(place), _) => links.push(std::mem::replace(&mut current, others.remove(place))),
            (None, _) if public.have_signed(&current) => break End::Root,
            (None, Some(Err(why))) => return Err(broken(&current, &current, why)),
            (None, _) => break end_at(&current, &links, &mut checks)?,
        }
    };
    links.push(current);
    path_lengths(&links)?;
    // A public root that an older one signed as well is the end, though the older one is not there.
    let has_root = links.iter().filter(|link| link.is_ca).any(|link| public.have(link));
    let is_below_root = end == End::Root && !links.last().is_some_and(|last| last.self_issued);
    let (end, trust) = if has_root || is_below_root { (End::Root, Trust::Public) } else { (end, Trust::Private) };
    Ok(Chain { certificates: links, spare: others, end, trust })
}

/// Signatures that may still be verified.
struct Checks(usize);

impl Checks {
    fn verify(&mut self, of: &Certificate, by: &Certificate) -> Result<Result<(), VerifyError>, ChainError> {
        self.0 = self.0.checked_sub(1).ok_or(ChainError::TooMuchWork)?;
        Ok(of.is_signed_by(&by.spki))
    }
}

/// What its own key says of its signature; none where it says itself that another one signed.
fn own_signature(
    certificate: &Certificate,
    checks: &mut Checks,
) -> Result<Option<Result<(), VerifyError>>, ChainError> {
    let may_be = certificate.self_issued && may_be_key_of(certificate, certificate);
    may_be.then(|| checks.verify(certificate, certificate)).transpose()
}

/// A link that does not hold, by what the verification says.
fn broken(of: &Certificate, by: &Certificate, why: VerifyError) -> ChainError {
    let (of, by) = (of.subject_short(), by.subject_short());
    match why {
        VerifyError::Damaged => ChainError::Signature { of, by },
        why => ChainError::Unverifiable { of, by, why },
    }
}

/// The place of the certificate that signed `of`; none when there is none of that name and key.
fn issuer(of: &Certificate, others: &[Certificate], checks: &mut Checks) -> Result<Option<usize>, ChainError> {
    let named = others.iter().enumerate().filter(|(_, other)| is_same_name(&of.issuer_parts, &other.subject_parts));
    let mut named: Vec<_> = named.collect();
    named.sort_by_key(|(_, by)| (!may_be_key_of(of, by), !by.self_issued, Reverse(by.not_after)));
    let mut first = None;
    for (place, by) in named {
        let error = match checks.verify(of, by)? {
            Ok(()) if by.may_issue() => return Ok(Some(place)),
            Ok(()) => ChainError::NotACa { of: of.subject_short(), by: by.subject_short() },
            // A CA's other key, as the identifiers say.
            Err(_) if !may_be_key_of(of, by) => continue,
            Err(why) => broken(of, by, why),
        };
        first.get_or_insert(error);
    }
    first.map_or(Ok(None), Err)
}

/// The end of a chain whose last certificate was signed neither by itself nor by one of the others.
fn end_at(last: &Certificate, links: &[Certificate], checks: &mut Checks) -> Result<End, ChainError> {
    for link in links.iter().filter(|link| is_same_name(&last.issuer_parts, &link.subject_parts)) {
        if checks.verify(last, link)?.is_ok() {
            return Ok(End::Loop { issuer: link.subject_short() });
        }
    }
    Ok(End::Missing { issuer: last.issuer_short.clone(), at: last.ca_issuers.clone() })
}

/// RFC 5280 4.2.1.9: CAs between one with a limit and the leaf, those that issued to themselves not counted.
fn path_lengths(links: &[Certificate]) -> Result<(), ChainError> {
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

/// RFC 5280 7.1: neither case nor blanks tell names apart, nor the string type that a CA writes them in. No name is no
/// name's equal.
fn is_same_name(one: &[FoundAttribute], other: &[FoundAttribute]) -> bool {
    let folded =
        |part: &FoundAttribute| part.value.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>().join(" ");
    let same = |(one, other): (&FoundAttribute, &FoundAttribute)| one.oid == other.oid && folded(one) == folded(other);
    !one.is_empty() && one.len() == other.len() && one.iter().zip(other).all(same)
}

#[cfg(test)]
mod tests;
