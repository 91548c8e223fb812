//! Step 3: who the certificate is for. The names that it holds for stand in [`super::san`].

use super::country::Country;
use super::san::{Mailbox, SanList};
use serde::{Deserialize, Serialize};

/// What step 3 asks, as typed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are SPEC 3's, by name")]
pub struct SubjectAnswers {
    pub country: String,
    pub state: String,
    pub city: String,
    pub organization: String,
    pub organizational_unit: String,
    pub email: String,
    pub common: String,
    /// One name a line; commas also separate.
    pub san: String,
}

/// Step 3, valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The distinguished name.
    pub subject: Subject,
    /// The subject alternative names, the common name's copy included.
    pub names: SanList,
}

/// The distinguished name; an empty part is `None` and is left out of the encoding.
/// Encoded in the order of the fields here: CN, C, ST, L, O, OU, emailAddress (SPEC 3).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Subject {
    /// CN, 1 to 64 characters.
    pub common_name: Option<Text>,
    /// C, PrintableString of two letters.
    pub country: Option<Country>,
    /// ST, 1 to 128 characters.
    pub state: Option<Text>,
    /// L, 1 to 128 characters.
    pub locality: Option<Text>,
    /// O, 1 to 64 characters.
    pub organization: Option<Text>,
    /// OU, 1 to 64 characters.
    pub organizational_unit: Option<Text>,
    /// emailAddress, IA5String of at most 255 characters.
    pub email: Option<Mailbox>,
}

/// Text within its part's bound, without control characters; a UTF8String in the encoding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text(String);

impl Text {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A part of step 3 that can be required; its value is the field's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are SPEC 3's, by name")]
pub enum Part {
    Country,
    State,
    City,
    Organization,
    OrganizationalUnit,
    Email,
    Common,
    San,
}
