//! Renewal and change: which CSR a new one comes after, and whether it takes that one's key over.
//!
//! Where the other one lies and whether it is still there is the app's to know.

use super::invalid::{Invalid, Mistakes};
use super::name::CsrName;
use serde::{Deserialize, Serialize};

/// The CSR that a draft renews or changes, on its way through the wizard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Supersedes {
    /// Its [`super::record::Record::id`], which stays through renames.
    pub id: String,
    /// Its name when the draft was begun, to be shown; a rename since changes nothing.
    pub name: String,
    /// Its key signs the new request too, said deliberately; otherwise a new one is made.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub same_key: bool,
    /// The subject is still the other one's, letter by letter: what the integrator requires now was not required of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub same_subject: bool,
}

/// What the same key means: one sentence for the one who decides.
pub const SAME_KEY_MEANING: &str = "Only if the public key is pinned somewhere: anyone who has ever obtained the old key can \
                                    also use the new certificate.";

/// The refusal where the key was to be kept and its CSR is gone.
pub fn key_is_gone(name: &str) -> Mistakes {
    Mistakes::from(Invalid::new(
        "same_key",
        format!("The request {name}, whose key was to be kept, has been deleted together with its key."),
        "Your answers are still here. Use a new key.",
    ))
}

/// The refusal where the key that is there is not the one that was asked for.
pub fn another_key(name: &CsrName, is: &str, asked: &str) -> Mistakes {
    Mistakes::from(Invalid::new(
        "same_key",
        format!("The key of {name} is {is}, but the answers request {asked}."),
        "Renew it again, or use a new key.",
    ))
}
