//! Step 1: the name, and whether a CSR is made or imported.

use super::name::CsrName;
use super::profile::Profile;
use serde::{Deserialize, Serialize};

/// What step 1 asks, as typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdentityAnswers {
    /// The CSR's name.
    pub name: String,
    /// `csr` or `import`.
    pub r#type: String,
    /// Empty, or a value of [`Profile`].
    pub profile: String,
}

/// Step 1, valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The CSR's name.
    pub name: CsrName,
    /// Made here, or brought along.
    pub kind: Kind,
}

/// Where the request comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Made here, perhaps from a profile.
    New(Option<Profile>),
    /// Made elsewhere and brought here with its key.
    Import,
}
