//! Step 4: which extensions are asked for, and the rules that hold within and between them.

use super::extensions::{KeyUsageBit, Usage};
use serde::{Deserialize, Serialize};

/// What step 4 asks, as typed. What stands under an extension that is off is kept and means nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are SPEC 3's, by name")]
pub struct ConstraintsAnswers {
    pub bc_enabled: bool,
    pub bc_ca: bool,
    /// 0 to 255, empty for none.
    pub bc_path_length: String,
    pub bc_critical: bool,
    pub aki_enabled: bool,
    /// The intended CA's certificate as PEM, or its key identifier in hex.
    pub aki_issuer: String,
    pub aki_cert_issuer: bool,
    pub eku_enabled: bool,
    /// The usages whose box is ticked.
    pub eku: Vec<Usage>,
    pub eku_critical: bool,
    pub ku_enabled: bool,
    /// The bits whose box is ticked.
    pub ku: Vec<KeyUsageBit>,
    pub ku_critical: bool,
}
