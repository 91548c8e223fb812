//! A CA's refusal: a problem document (RFC 7807; its types are in RFC 8555, section 6.7).

use crate::https::answer::Answer;
pub use crate::https::answer::RetryAfter;
use serde::{Deserialize, Serialize};
use signet_domain::enrollment::{ChallengeKind, Identifier};
use signet_domain::visible;

/// The prefix of the types that RFC 8555 names.
const URN: &str = "urn:ietf:params:acme:error:";
/// So many parts of a problem are looked at.
const PARTS: usize = 100;

/// A problem document.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Problem {
    #[serde(default)]
    r#type: String,
    /// The CA's own words.
    #[serde(default)]
    pub detail: Option<String>,
    /// Whom it concerns.
    #[serde(default)]
    pub identifier: Option<Identifier>,
    /// Where the CA's terms are, with `userActionRequired`.
    #[serde(default)]
    pub instance: Option<String>,
    /// One for each name (RFC 8555, section 6.7.1).
    #[serde(default)]
    subproblems: Vec<Self>,
    /// The kind of challenge that it ended.
    #[serde(skip)]
    pub challenge: Option<ChallengeKind>,
    /// The HTTP status; 0 where it came inside an order.
    #[serde(skip)]
    pub status: u16,
    /// How long the CA asks to wait.
    #[serde(skip)]
    pub retry_after: Option<RetryAfter>,
}

impl Problem {
    /// What an answer of 400 or more says; none where something else than the protocol answers.
    pub(crate) fn read(answer: &Answer) -> Option<Self> {
        let of_answer = |problem| Self { status: answer.status, retry_after: RetryAfter::of(answer), ..problem };
        match serde_json::from_slice::<Self>(&answer.body) {
            Ok(problem) if !problem.r#type.is_empty() || problem.detail.is_some() => Some(of_answer(problem)),
            // A server that is down answers by a proxy's page.
            _ if answer.status >= 500 || answer.status == 429 => Some(of_answer(Self::default())),
            _ => None,
        }
    }

    /// The last part of its type, such as `rateLimited`; empty for types that are not ACME's.
    pub fn kind(&self) -> &str {
        self.r#type.strip_prefix(URN).unwrap_or_default()
    }

    /// The part that says why: of `compound`, or of one with parts, the first part of another type.
    pub fn cause(&self) -> &Self {
        self.subproblems.iter().take(PARTS).find(|part| !part.kind().is_empty()).unwrap_or(self)
    }

    /// The names that it concerns, at most five.
    pub fn names(&self) -> Vec<String> {
        let parts = self.subproblems.iter().take(PARTS).filter_map(|part| part.identifier.as_ref());
        let all = self.identifier.iter().chain(parts).map(|identifier| visible::line(&identifier.value));
        all.take(5).collect()
    }

    /// The CA's own words, bounded and escaped.
    pub fn told(&self) -> Option<String> {
        let cause = self.cause();
        let detail = cause.detail.as_deref().or(self.detail.as_deref()).filter(|detail| !detail.trim().is_empty());
        detail.map(|detail| visible::bounded(detail.trim(), visible::LINE))
    }

    /// The same, of this name and of the challenge of this type.
    pub(crate) fn of(mut self, identifier: &Identifier, challenge: &str) -> Self {
        self.identifier.get_or_insert_with(|| identifier.clone());
        self.challenge = ChallengeKind::parse(challenge);
        self
    }
}
