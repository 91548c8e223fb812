//! A CSR being made: what was typed, step by step.
//!
//! The draft keeps raw answers, so that nothing typed is lost; values are parsed from it when they are needed, and a
//! step that does not parse counts as missing.

use super::constraints::ConstraintsAnswers;
use super::identity::IdentityAnswers;
use super::key_spec::OptionsAnswers;
use super::subject::SubjectAnswers;
use serde::{Deserialize, Serialize};

/// 32 hex digits, random: names one draft for its whole life.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DraftId(String);

impl DraftId {
    /// The hex digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What was typed so far; `None` for a step that was not accepted yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "one a step")]
pub struct Draft {
    pub id: DraftId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<IdentityAnswers>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub options: Option<OptionsAnswers>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<SubjectAnswers>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub constraints: Option<ConstraintsAnswers>,
    /// A copy of another CSR's answers: once it is named, Next leads to Confirm.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cloned: bool,
}
