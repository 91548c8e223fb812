//! The name of a draft for its whole life, in forms, cookies and the record that it becomes.

use serde::{Deserialize, Serialize};

/// 32 lower-case hex digits, random: names one draft for its whole life.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DraftId(String);

/// A text that names no draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a draft's id is 32 lower-case hex digits")]
pub struct NoDraftId;

impl DraftId {
    /// The id of 16 random bytes.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(format!("{:032x}", u128::from_be_bytes(bytes)))
    }

    /// The id that a form or a record names.
    pub fn parse(text: &str) -> Result<Self, NoDraftId> {
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if text.len() == 32 && text.bytes().all(is_digit) { Ok(Self(text.into())) } else { Err(NoDraftId) }
    }

    /// The hex digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for DraftId {
    type Error = NoDraftId;

    fn try_from(text: String) -> Result<Self, NoDraftId> {
        Self::parse(&text)
    }
}

impl From<DraftId> for String {
    fn from(id: DraftId) -> Self {
        id.0
    }
}
