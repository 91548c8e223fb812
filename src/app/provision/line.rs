//! One unit's line in the manifest: JSON, in fields whose names and meaning stay.
//!
//! The line holds the setup code, which is why a manifest is for the factory's eyes. It knows neither files nor locks.

use crate::json;
use serde::{Deserialize, Serialize};
use signet_domain::secret::Secret;
use zeroize::Zeroize;

/// What a station reports of a unit it made.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The unit's serial number.
    pub serial: String,
    /// Its model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Its host name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hostname: Option<String>,
    /// Its MAC address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mac: Option<String>,
    /// The code that opens `/setup`, as it is on the label.
    pub setup_code: String,
    /// SHA-256 of the console's certificate, lower-case hex.
    pub certificate_sha256: String,
    /// SHA-256 of the console's public key (SubjectPublicKeyInfo), lower-case hex.
    pub spki_sha256: String,
    /// The factory's CSRs.
    pub csrs: Vec<LineCsr>,
    /// Which program made the unit: `signet 0.1.0`.
    pub software: String,
    /// The unit was started over: this line replaces the serial's earlier ones.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub again: bool,
}

/// One of the factory's CSRs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineCsr {
    /// Its name.
    pub name: String,
    /// SHA-256 of its public key, lower-case hex.
    pub spki_sha256: String,
    /// The request.
    pub pem: String,
}

impl Line {
    /// The line without its end.
    pub fn to_json(&self) -> Secret {
        Secret::new(json::to_vec(&json::versioned(self)))
    }

    /// As [`Line::to_json`] with the code left out, for where others read along.
    pub fn to_public_json(&self) -> String {
        let mut value = serde_json::to_value(json::versioned(self)).unwrap_or_default();
        if let Some(fields) = value.as_object_mut() {
            fields.remove("setup_code");
        }
        json::to_string(&value)
    }

    /// The public keys of the unit with what they belong to; the console's first.
    pub fn keys(&self) -> impl Iterator<Item = (&str, &str)> {
        let console = std::iter::once(("the console", self.spki_sha256.as_str()));
        console.chain(self.csrs.iter().map(|csr| (csr.name.as_str(), csr.spki_sha256.as_str())))
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.setup_code.zeroize();
    }
}

impl std::fmt::Debug for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Line({}, ..)", self.serial)
    }
}
