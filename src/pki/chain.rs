//! From a leaf to its root: certificates put in order, every link verified by its signature.
//!
//! Which certificate is the leaf, the caller knows by its key. Names and key identifiers only say where to look; the
//! signature decides. Work is bounded, whatever is given.

mod error;
mod search;

pub use error::ChainError;

use super::certificate::Certificate;
use super::roots::{BROWSERS, Roots};
use jiff::Timestamp;
use search::Search;

/// The most certificates in a chain, leaf and root included. Four are usual.
pub const MAX_LINKS: usize = 16;
/// The most signatures that are verified for one chain. A chain in good order needs one a certificate.
pub const MAX_CHECKS: usize = 64;

/// A leaf with the certificates above it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// The leaf first, each signed by the next; at least the leaf.
    pub certificates: Vec<Certificate>,
    /// What was given and is not part of the chain, in its order.
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
    /// The certificate of the last one's issuer is missing. It may be an intermediate that servers must send, or a private
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
    /// Any other: a company's or a home's own CA, or no CA ([`Chain::is_self_signed`]).
    Private,
}

impl Chain {
    /// What a server sends: the chain without the root, which a client has or does not believe. A certificate that signed
    /// itself and is alone is sent.
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

/// Puts certificates in order above a leaf. Validity is not checked.
///
/// # Errors
/// [`ChainError`]: a link that does not hold. A link that is not there is an [`End`].
pub fn chain(leaf: Certificate, others: Vec<Certificate>) -> Result<Chain, ChainError> {
    chain_to(leaf, others, Vec::new(), None, BROWSERS)
}

/// The same of what was sent now and what was kept from before, at a time.
///
/// Where several paths are possible (RFC 4158: a CA's renewed certificate, cross-signed CAs, two generations of one), the
/// best is used: its CA certificates are valid at `now`; then it is complete; then browsers know its root; then it has the
/// fewest certificates from before; then a certificate that signed itself comes first, and the one that lasts longest.
///
/// # Errors
/// As [`chain`], where no path holds.
pub fn chain_at(
    leaf: Certificate,
    sent: Vec<Certificate>,
    kept: Vec<Certificate>,
    now: Timestamp,
) -> Result<Chain, ChainError> {
    chain_to(leaf, sent, kept, Some(now), BROWSERS)
}

/// The same with the roots that count as public.
fn chain_to(
    leaf: Certificate,
    mut sent: Vec<Certificate>,
    mut kept: Vec<Certificate>,
    now: Option<Timestamp>,
    public: Roots<'_>,
) -> Result<Chain, ChainError> {
    sent.retain(|other| other.der != leaf.der);
    kept.retain(|other| other.der != leaf.der && !sent.iter().any(|sent| sent.der == other.der));
    let first_kept = 1 + sent.len();
    let all: Vec<Certificate> = std::iter::once(leaf).chain(sent).chain(kept).collect();
    let path = Search::new(&all, first_kept, now, public).run()?;
    let mut all: Vec<Option<Certificate>> = all.into_iter().map(Some).collect();
    let certificates = path.places.iter().filter_map(|place| all.get_mut(*place)?.take()).collect();
    // What was kept and is not needed any more is not reported.
    let spare = all.into_iter().take(first_kept).flatten().collect();
    Ok(Chain { certificates, spare, end: path.end, trust: path.trust })
}

#[cfg(test)]
mod tests;
