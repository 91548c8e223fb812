//! Renewal and change: which CSR a new one replaces, and whether it keeps that one's key.
//!
//! Where the other one is stored, and whether it still exists, is the app's to know.

use super::invalid::Mistakes;
use super::messages::renewal as messages;
use super::name::CsrName;
use serde::{Deserialize, Serialize};

/// The CSR that a draft renews or changes, on its way through the wizard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Supersedes {
    /// Its [`super::record::Record::id`], which stays through renames.
    pub id: String,
    /// Its name when the draft was started, for display; a later rename changes nothing.
    pub name: String,
    /// The new request keeps its key, by the owner's choice; otherwise a new one is made.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub same_key: bool,
    /// The subject is still the other one's, letter by letter: what the integrator requires now was not required of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub same_subject: bool,
}

/// What keeping the key means: one sentence for whoever decides it.
pub const SAME_KEY_MEANING: &str = messages::SAME_KEY;

/// The refusal where the key should be kept and its CSR has been deleted.
pub fn key_is_gone(name: &str) -> Mistakes {
    messages::key_is_gone(name).into()
}

/// The refusal where the kept key is not the kind that the answers request.
pub fn another_key(name: &CsrName, is: &str, asked: &str) -> Mistakes {
    messages::another_key(name.as_str(), is, asked).into()
}
