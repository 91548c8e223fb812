//! What is kept beside a request: who made it, when, and what was asked.

use super::constraints::ConstraintsAnswers;
use super::draft_id::DraftId;
use super::options::OptionsAnswers;
use super::subject::SubjectAnswers;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The version of [`Record`] that this program writes. A newer one is shown and left alone.
pub const RECORD_VERSION: u32 = 1;

/// The record block of a CSR's file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// [`RECORD_VERSION`] at the time of writing.
    pub version: u32,
    /// 32 hex digits, random; stays through renames.
    pub id: String,
    /// The draft that it was saved from, so that a second Save leads here. None from the command line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draft: Option<DraftId>,
    /// Where it comes from.
    pub origin: Origin,
    /// When it was saved, by the device's clock.
    pub created: Timestamp,
    /// What was asked; none for an import.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<Asked>,
    /// Requested days, which the request itself cannot carry; none for an import.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifetime: Option<u32>,
    /// The owner's words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// When the CA's certificate was added; it follows the request in the same file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered: Option<Timestamp>,
    /// [`Record::id`] of the CSR that this one renews or changes: once this one has a certificate, it replaces the other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supersedes: Option<String>,
    /// Whether other services of the device may have chain and key: the owner allows it, with the password.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deploy: bool,
    /// Its certificate is renewed by itself, and so is that of each successor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auto_renew: Option<AutoRenew>,
    /// The automatic renewal made it, not a person.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub automatic: bool,
    /// Key and certificate were imported together, and the request was made from the certificate.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub with_certificate: bool,
    /// The key comes from a CSR whose key the factory made: it may leave the device only where that one may.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub factory_key: bool,
}

impl Record {
    /// A record of this program's version with nothing but what every CSR has.
    pub fn new(id: String, origin: Origin, created: Timestamp) -> Self {
        Self {
            version: RECORD_VERSION,
            id,
            draft: None,
            origin,
            created,
            asked: None,
            lifetime: None,
            note: String::new(),
            answered: None,
            supersedes: None,
            deploy: false,
            auto_renew: None,
            automatic: false,
            with_certificate: false,
            factory_key: false,
        }
    }

    /// Where it comes from, for people.
    pub fn origin_in_words(&self) -> &'static str {
        match self.origin {
            Origin::Created => "made on this device",
            Origin::Imported if self.with_certificate => "imported with its certificate",
            Origin::Imported => "imported",
            Origin::Factory => "made in the factory",
        }
    }

    /// True when the private key was made by the factory, for this CSR or for one that it renews.
    pub fn has_factory_key(&self) -> bool {
        self.origin == Origin::Factory || self.factory_key
    }
}

/// How a certificate is renewed by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AutoRenew {
    /// The authority, by its name on this device.
    pub ca: String,
    /// With the same key, not a new one each time.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub same_key: bool,
}

/// The answers a request was made from, so that it can be cloned.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "one a step")]
pub struct Asked {
    #[serde(default)]
    pub profile: String,
    pub options: OptionsAnswers,
    pub subject: SubjectAnswers,
    pub constraints: ConstraintsAnswers,
}

/// Where a CSR comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// Made here.
    Created,
    /// Brought here with its key.
    Imported,
    /// Made before the device left the factory; a reset keeps it.
    Factory,
}
