//! A CSR being made: what was typed, step by step.
//!
//! The draft keeps raw answers, so that nothing typed is lost. [`CheckedDraft`] has the values beside them, each parsed once.

mod checked;

pub use super::draft_id::{DraftId, NoDraftId};
pub use checked::{CheckedDraft, FinishedDraft, Rules, Unfinished};

use super::constraints::ConstraintsAnswers;
use super::key_spec::KeyType;
use super::lifetime::Lifetime;
use super::name_and_type::NameAndTypeAnswers;
use super::options::OptionsAnswers;
use super::policy::Policy;
use super::profile::Profile;
use super::record::Asked;
use super::step::Walk;
use super::subject::SubjectAnswers;
use super::supersedes::Supersedes;
use serde::{Deserialize, Serialize};

/// What was typed so far; `None` for a step that was not accepted yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "one a step")]
pub struct Draft {
    pub id: DraftId,
    #[serde(default, rename = "identity", skip_serializing_if = "Option::is_none")]
    pub name_and_type: Option<NameAndTypeAnswers>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub options: Option<OptionsAnswers>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<SubjectAnswers>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub constraints: Option<ConstraintsAnswers>,
    /// The profile whose preset the answers of steps 2 and 4 began with; empty for none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub applied_profile: String,
    /// A copy of another CSR's answers: once it is named, Next leads to Confirm.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cloned: bool,
    /// The CSR that this one renews or changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supersedes: Option<Supersedes>,
    /// The word of the kind of CA that will sign; empty where none was chosen.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub signer: String,
}

/// What choosing a profile did to steps 2 and 4.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PresetChange {
    /// Nothing: no profile, the same one, or an import.
    Kept,
    /// They show the profile's preset, and nothing was typed there before.
    Preset(Profile),
    /// They show the profile's preset again; what was there is gone, and the page says so.
    Replaced(Profile),
}

impl Draft {
    /// Nothing typed yet.
    pub fn new(id: DraftId) -> Self {
        Self {
            id,
            name_and_type: None,
            options: None,
            subject: None,
            constraints: None,
            applied_profile: String::new(),
            cloned: false,
            supersedes: None,
            signer: String::new(),
        }
    }

    /// The answers of another CSR, to be named: with a name, nothing is missing.
    pub fn from_asked(id: DraftId, asked: &Asked) -> Self {
        let profile = asked.profile.clone();
        Self {
            name_and_type: Some(NameAndTypeAnswers {
                name: String::new(),
                r#type: NameAndTypeAnswers::NEW.into(),
                profile: profile.clone(),
            }),
            options: Some(asked.options.clone()),
            subject: Some(asked.subject.clone()),
            constraints: Some(asked.constraints.clone()),
            applied_profile: profile,
            cloned: true,
            ..Self::new(id)
        }
    }

    /// The answers of a new request, for its record; none for an import or while a step is missing.
    pub fn asked(&self) -> Option<Asked> {
        if self.is_import() {
            return None;
        }
        Some(Asked {
            profile: self.name_and_type.as_ref()?.profile.clone(),
            options: self.options.clone()?,
            subject: self.subject.clone()?,
            constraints: self.constraints.clone()?,
        })
    }

    /// True when the key is another CSR's: it is not made, and step 2 cannot choose it.
    pub fn keeps_key(&self) -> bool {
        self.supersedes.as_ref().is_some_and(|supersedes| supersedes.same_key)
    }

    /// What step 1 says that becomes a CSR.
    pub fn walk(&self) -> Walk {
        match self.name_and_type.as_ref().map(|name_and_type| name_and_type.r#type.as_str()) {
            Some(NameAndTypeAnswers::IMPORT) => Walk::Import,
            Some(NameAndTypeAnswers::CERTIFICATE) => Walk::Certificate,
            _ => Walk::New,
        }
    }

    /// True when step 1 says that the CSR is imported, or the certificate that it is made from.
    pub fn is_import(&self) -> bool {
        self.walk() != Walk::New
    }

    /// The rules that hold for these answers to step 3: answers that another CSR was made from, and
    /// that are unchanged, need nothing more than they had.
    fn subject_policy(&self, answers: &SubjectAnswers, policy: &Policy) -> Policy {
        let same = self.supersedes.as_ref().is_some_and(|supersedes| supersedes.same_subject);
        let required =
            if same && self.subject.as_ref() == Some(answers) { Vec::new() } else { policy.required.clone() };
        Policy { required, ..policy.clone() }
    }

    /// Parses every step once: the request and what is stored beside it, or what is missing or wrong.
    ///
    /// # Errors
    /// [`Unfinished`]: the first step that is missing, and the mistakes of all steps in their order.
    pub fn finish(self, rules: Rules<'_>) -> Result<FinishedDraft, Unfinished> {
        CheckedDraft::new(self, rules).finish()
    }

    /// Takes step 1. Another profile than the one whose preset was applied presets steps 2 and 4 again, so that both are
    /// walked again; no profile, or an import, leaves them as they are.
    pub fn set_name_and_type(&mut self, answers: NameAndTypeAnswers) -> PresetChange {
        let profile = profile_of(&answers);
        self.name_and_type = Some(answers);
        let Some(profile) = profile.filter(|profile| profile.value() != self.applied_profile) else {
            return PresetChange::Kept;
        };
        self.applied_profile = profile.value().into();
        let kept = self.options.clone().filter(|_| self.keeps_key());
        match (self.options.take(), self.constraints.take()) {
            (Some(_), _) if kept.is_some() => {
                // The profile's key is made, and this one exists: only step 4 is preset.
                self.options = kept;
                PresetChange::Replaced(profile)
            }
            (None, None) => PresetChange::Preset(profile),
            _ => PresetChange::Replaced(profile),
        }
    }

    /// Takes step 2. Constraints that are still the profile's preset for the old key type become its preset for the new
    /// one; true where that changed them.
    pub fn set_options(&mut self, answers: OptionsAnswers) -> bool {
        let old = self.key_type();
        self.begin(self.options.is_none());
        self.options = Some(answers);
        let applied = Profile::parse(&self.applied_profile).ok().flatten();
        let moved = ConstraintsAnswers::preset(applied, self.key_type());
        let follows = self.constraints.as_ref() == Some(&ConstraintsAnswers::preset(applied, old));
        if !follows || self.constraints.as_ref() == Some(&moved) {
            return false;
        }
        self.constraints = Some(moved);
        true
    }

    /// Takes step 3.
    pub fn set_subject(&mut self, answers: SubjectAnswers) {
        if let Some(supersedes) = &mut self.supersedes {
            supersedes.same_subject &= self.subject.as_ref() == Some(&answers);
        }
        self.subject = Some(answers);
    }

    /// Takes step 4.
    pub fn set_constraints(&mut self, answers: ConstraintsAnswers) {
        self.begin(self.constraints.is_none());
        self.constraints = Some(answers.in_order());
    }

    /// What the page of step 2 shows: the answers, or the preset of the profile that is chosen.
    pub fn options_or_preset(&self, lifetime: Lifetime) -> OptionsAnswers {
        self.options.clone().unwrap_or_else(|| OptionsAnswers::preset(self.profile(), lifetime))
    }

    /// What the page of step 4 shows: the answers, or the preset of the profile that is chosen, for the key type of
    /// step 2.
    pub fn constraints_or_preset(&self) -> ConstraintsAnswers {
        self.constraints.clone().unwrap_or_else(|| ConstraintsAnswers::preset(self.profile(), self.key_type()))
    }

    /// The profile that is chosen, where these answers to step 2 are what it presets.
    pub fn preset_of_options(&self, answers: &OptionsAnswers, lifetime: Lifetime) -> Option<Profile> {
        self.profile().filter(|&profile| *answers == OptionsAnswers::preset(Some(profile), lifetime))
    }

    /// The profile that is chosen, where these answers to step 4 are what it presets for the key type of step 2.
    pub fn preset_of_constraints(&self, answers: &ConstraintsAnswers) -> Option<Profile> {
        let key_type = self.key_type();
        self.profile().filter(|&profile| *answers == ConstraintsAnswers::preset(Some(profile), key_type))
    }

    fn profile(&self) -> Option<Profile> {
        self.name_and_type.as_ref().and_then(profile_of)
    }

    /// The key type of step 2, or of the profile's preset.
    fn key_type(&self) -> Option<KeyType> {
        match &self.options {
            Some(options) => options.key_type(),
            None => self.profile().map(Profile::key_type),
        }
    }

    /// A step that is filled in for the first time without a profile began with none: choosing one later presets it.
    fn begin(&mut self, first: bool) {
        if first && self.profile().is_none() {
            self.applied_profile.clear();
        }
    }
}

fn profile_of(answers: &NameAndTypeAnswers) -> Option<Profile> {
    let is_new = answers.r#type == NameAndTypeAnswers::NEW;
    Profile::parse(&answers.profile).ok().flatten().filter(|_| is_new)
}

#[cfg(test)]
mod tests;
