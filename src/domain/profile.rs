//! The presets: the answers of steps 2 and 4 that a profile sets.

use super::invalid::Invalid;
use super::key_spec::KeyType;
use super::messages;

/// A named preset (docs/reference.md, step 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// `https-rsa`.
    HttpsRsa,
    /// `https-ecc`.
    HttpsEcc,
}

impl Profile {
    /// All, in the order of the form.
    pub const ALL: [Self; 2] = [Self::HttpsRsa, Self::HttpsEcc];

    /// The profile of a form's value, none of the empty one. Refused at `profile`.
    pub fn parse(value: &str) -> Result<Option<Self>, Invalid> {
        if value.is_empty() {
            return Ok(None);
        }
        let profile = Self::ALL.into_iter().find(|profile| profile.value() == value);
        profile.map(Some).ok_or_else(|| messages::key::unknown_profile(value))
    }

    /// The key type that the profile presets.
    pub fn key_type(self) -> KeyType {
        match self {
            Self::HttpsRsa => KeyType::Rsa,
            Self::HttpsEcc => KeyType::Ec,
        }
    }

    /// The form's value.
    pub fn value(self) -> &'static str {
        match self {
            Self::HttpsRsa => "https-rsa",
            Self::HttpsEcc => "https-ecc",
        }
    }

    /// The form's label.
    pub fn label(self) -> &'static str {
        match self {
            Self::HttpsRsa => "HTTPS RSA Certificate",
            Self::HttpsEcc => "HTTPS ECC Certificate",
        }
    }
}
