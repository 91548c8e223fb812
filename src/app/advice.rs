//! What is worth knowing of a request or a certificate: never a reason to refuse it.

use signet_domain::preflight::Finding;

/// One thing that is worth knowing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advice {
    /// The form's field, by its name in docs/reference.md.
    pub field: &'static str,
    /// What it is and what to do, in one or two sentences.
    pub text: String,
}

impl From<Finding> for Advice {
    fn from(Finding { field, what, remedy, .. }: Finding) -> Self {
        Self { field, text: format!("{what} {remedy}") }
    }
}
