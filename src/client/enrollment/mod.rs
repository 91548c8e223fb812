//! One order from its first step to its certificate, each step kept before it is taken.
//!
//! Killed anywhere, it goes on where it was: the order's URL is kept before the CSR is sent, so at most one order is placed
//! in vain (between the CA's answer and the note of it). What is kept is the [`Keeper`]'s; this module knows no files.

mod steps;

pub use steps::enroll;

use crate::error::ClientError;
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::Timestamp;
pub use signet_domain::enrollment::{Account, ChallengeKind, Failure, Identifier, Progress, Step};

/// Why a keeper could not keep it.
pub type KeepError = Box<dyn std::error::Error + Send + Sync>;

/// What is ordered.
pub struct Enrollment<'a> {
    /// The CSR, DER.
    pub csr: &'a [u8],
    /// Its names and addresses.
    pub identifiers: &'a [Identifier],
    /// The CA's profile.
    pub profile: Option<&'a str>,
    /// The certificate that this one replaces, by its ARI name (RFC 9773, section 5).
    pub replaces: Option<&'a str>,
    /// The kinds of challenge that may be used; the first that can prove a name is.
    pub challenges: &'a [ChallengeKind],
    /// Whether a chain (PEM) is the one that the owner prefers.
    pub fits: &'a (dyn Fn(&[u8]) -> bool + Sync),
    /// What a new account is made with.
    pub account: crate::acme::NewAccount<'a>,
}

/// How a try ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The certificate with its chain, PEM, in the CA's order.
    Done(Vec<u8>),
    /// The CA needs time; to be looked at again then.
    Waiting(Timestamp),
    /// What went wrong.
    Failed(Failure),
}

/// An answer to a challenge, while it is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// The kind.
    pub kind: ChallengeKind,
    /// For whom.
    pub identifier: Identifier,
    /// The CA's token.
    pub token: String,
    /// What it is answered with: the key authorization (RFC 8555, section 8.1).
    pub authorization: String,
}

impl Open {
    /// The SHA-256 digest of the key authorization, base64url: what a TXT record holds, and what a check by TLS is shown.
    pub fn digest(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, self.authorization.as_bytes()))
    }
}

/// Keeps what must outlive a power cut. When a call returns, it is durable.
pub trait Keeper {
    /// The time.
    fn now(&self) -> Timestamp;
    /// Keeps where the order is, before the step is taken.
    fn keep(&mut self, progress: &Progress) -> Result<(), KeepError>;
    /// What is known of the account.
    fn account(&self) -> Account;
    /// Keeps what is known of the account.
    fn keep_account(&mut self, account: &Account) -> Result<(), KeepError>;
    /// Puts the answer to a challenge in place.
    fn open(&mut self, challenge: &Open) -> Result<(), ClientError>;
    /// Waits until all that were opened can be seen by the CA.
    fn wait_until_seen(&mut self) -> Result<(), ClientError> {
        Ok(())
    }
    /// Takes all answers of this order away.
    fn close(&mut self) -> Result<(), KeepError>;
    /// True once the owner has taken it back.
    fn is_cancelled(&self) -> bool;
}
