//! A step whose answers are those of the chosen profile: its page says so in a few lines and folds the fields.

use crate::web::layout::Fact;
use crate::web::request_context::RequestContext;
use signet_domain::profile::Profile;

/// What the profile sets in a step.
#[derive(Debug)]
pub struct Preset {
    /// The profile's name.
    pub profile: &'static str,
    /// What it sets.
    pub facts: Vec<Fact>,
    /// The fields are unfolded: the visitor has come to change them.
    pub open: bool,
}

impl Preset {
    /// The summary of `facts`, where all answers are still the profile's.
    pub fn of(
        context: &RequestContext<'_>,
        profile: Option<Profile>,
        facts: impl FnOnce() -> Option<Vec<Fact>>,
    ) -> Option<Self> {
        let open = context.param("return") == "confirm";
        Some(Self { profile: profile?.label(), facts: facts()?, open })
    }
}
