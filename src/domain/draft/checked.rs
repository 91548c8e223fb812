//! A draft with the values that its answers amount to.
//!
//! Each step is parsed once, when the draft is read or when the step is submitted. Which step is missing, which page may open,
//! and the request itself are read from these values, so that nothing further down parses again.

use super::{Draft, PresetChange};
use crate::constraints::ConstraintsAnswers;
use crate::extensions::{Extensions, ReadCa};
use crate::invalid::Mistakes;
use crate::name_and_type::{NameAndType, NameAndTypeAnswers};
use crate::options::{Options, OptionsAnswers};
use crate::policy::Policy;
use crate::preflight::Change;
use crate::record::Asked;
use crate::request::NewRequest;
use crate::step::Step;
use crate::subject::{Named, SubjectAnswers};
use crate::supersedes::Supersedes;

/// What answers are parsed by.
#[derive(Clone, Copy)]
pub struct Rules<'a> {
    /// The integrator's choices.
    pub policy: &'a Policy,
    /// Reads the CA's certificate that step 4 may hold.
    pub ca: &'a dyn ReadCa,
}

/// A draft, and each of its steps as a value. A step that was never filled in is `None`.
#[derive(Clone)]
pub struct CheckedDraft<'a> {
    typed: Draft,
    rules: Rules<'a>,
    name_and_type: Option<Result<NameAndType, Mistakes>>,
    options: Option<Result<Options, Mistakes>>,
    subject: Option<Result<Named, Mistakes>>,
    constraints: Option<Result<Extensions, Mistakes>>,
}

/// A draft with nothing missing: all that a new CSR is made from.
#[derive(Debug, Clone)]
pub struct FinishedDraft {
    /// The answers as they were typed, for the record.
    pub asked: Asked,
    /// What they amount to.
    pub request: NewRequest,
    /// The CSR that the new one renews or changes.
    pub supersedes: Option<Supersedes>,
}

/// Why a draft is not finished.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfinished {
    /// The first step that is missing; Confirm where only the request as a whole is refused.
    pub step: Step,
    /// What is wrong, in the order of the steps; none where a step was never filled in.
    pub mistakes: Mistakes,
}

impl FinishedDraft {
    /// True when no key is made.
    pub fn keeps_key(&self) -> bool {
        self.supersedes.as_ref().is_some_and(|supersedes| supersedes.same_key)
    }
}

impl<'a> CheckedDraft<'a> {
    /// Parses every step that is filled in.
    pub fn new(typed: Draft, rules: Rules<'a>) -> Self {
        let subject = typed.subject.as_ref().map(|answers| subject(&typed, answers, rules));
        Self {
            name_and_type: typed.name_and_type.as_ref().map(NameAndTypeAnswers::parse),
            options: typed.options.as_ref().map(|answers| answers.parse(rules.policy)),
            subject,
            constraints: constraints(&typed, rules),
            typed,
            rules,
        }
    }

    /// The answers as they were typed.
    pub fn typed(&self) -> &Draft {
        &self.typed
    }

    /// Step 1 as a value; none while it is missing.
    pub fn name_and_type(&self) -> Option<&NameAndType> {
        self.name_and_type.as_ref()?.as_ref().ok()
    }

    /// Step 2 as a value; none while it is missing.
    pub fn options(&self) -> Option<&Options> {
        self.options.as_ref()?.as_ref().ok()
    }

    /// New answers to step 2 as a value.
    pub fn parse_options(&self, answers: &OptionsAnswers) -> Result<Options, Mistakes> {
        answers.parse(self.rules.policy)
    }

    /// New answers to step 3 as a value.
    pub fn parse_subject(&self, answers: &SubjectAnswers) -> Result<Named, Mistakes> {
        subject(&self.typed, answers, self.rules)
    }

    /// New answers to step 4 as a value.
    pub fn parse_constraints(&self, answers: &ConstraintsAnswers) -> Result<Extensions, Mistakes> {
        answers.parse(self.typed.key_type(), self.rules.ca)
    }

    /// Takes step 1 and what it amounts to. See [`Draft::set_name_and_type`].
    pub fn set_name_and_type(
        &mut self,
        answers: NameAndTypeAnswers,
        parsed: Result<NameAndType, Mistakes>,
    ) -> PresetChange {
        let change = self.typed.set_name_and_type(answers);
        self.name_and_type = Some(parsed);
        // What another profile presets is shown to be walked again, and is not an answer yet.
        if self.typed.options.is_none() {
            self.options = None;
        }
        if self.typed.constraints.is_none() {
            self.constraints = None;
        }
        change
    }

    /// Takes step 2 and what it amounts to. See [`Draft::set_options`].
    pub fn set_options(&mut self, answers: OptionsAnswers, parsed: Result<Options, Mistakes>) {
        let before = self.typed.key_type();
        let moved = self.typed.set_options(answers);
        self.options = Some(parsed);
        if moved || self.typed.key_type() != before {
            self.constraints = constraints(&self.typed, self.rules);
        }
    }

    /// Takes step 3 and what it amounts to.
    pub fn set_subject(&mut self, answers: SubjectAnswers, parsed: Result<Named, Mistakes>) {
        self.typed.set_subject(answers);
        self.subject = Some(parsed);
    }

    /// Takes step 4 and what it amounts to.
    pub fn set_constraints(&mut self, answers: ConstraintsAnswers, parsed: Result<Extensions, Mistakes>) {
        self.typed.set_constraints(answers);
        self.constraints = Some(parsed);
    }

    /// With the kind of CA that will sign.
    pub fn set_signer(&mut self, word: &str) {
        self.typed.signer = word.to_owned();
    }

    /// The draft with one change of its answers; none where the rules do not allow it, or where the key is another CSR's.
    pub fn changed(&self, change: &Change) -> Option<Self> {
        let before = self.typed.asked()?;
        if change.is_of_key() && self.typed.keeps_key() {
            return None;
        }
        let mut asked = before.clone();
        change.apply(&mut asked);
        let mut changed = self.clone();
        if asked.options != before.options {
            let parsed = self.parse_options(&asked.options);
            changed.set_options(asked.options, parsed);
        }
        if asked.subject != before.subject {
            let parsed = self.parse_subject(&asked.subject);
            changed.set_subject(asked.subject, parsed);
        }
        if asked.constraints != before.constraints {
            let parsed = self.parse_constraints(&asked.constraints);
            changed.set_constraints(asked.constraints, parsed);
        }
        changed.finish().is_ok().then_some(changed)
    }

    /// Renews nothing any more, since the other CSR is gone with its key: another key is made, and the subject follows
    /// today's rules.
    pub fn forget_predecessor(&mut self) {
        self.typed.supersedes = None;
        self.subject = self.typed.subject.as_ref().map(|answers| subject(&self.typed, answers, self.rules));
    }

    /// The first step that is not filled in by the rules; Confirm when nothing is missing. `has_import` says whether
    /// what is imported is held, with its key: it is never part of a draft.
    pub fn first_missing(&self, has_import: bool) -> Step {
        let is_valid = |step: Step| match step {
            Step::NameAndType => matches!(self.name_and_type, Some(Ok(_))),
            Step::Options => matches!(self.options, Some(Ok(_))),
            Step::Subject => matches!(self.subject, Some(Ok(_))),
            Step::Constraints => matches!(self.constraints, Some(Ok(_))),
            Step::Import | Step::Certificate => has_import,
            Step::Confirm => true,
        };
        let mut steps = Step::order(self.typed.walk()).iter().copied();
        steps.find(|&step| !is_valid(step)).unwrap_or(Step::Confirm)
    }

    /// Whether a step's page may be shown; otherwise the step to go to, which is the first one missing.
    pub fn may_open(&self, step: Step, has_import: bool) -> Result<(), Step> {
        let walk = self.typed.walk();
        let missing = self.first_missing(has_import);
        match step.number(walk) {
            Some(number) if Some(number) <= missing.number(walk) => Ok(()),
            _ => Err(missing),
        }
    }

    /// The new request and what is stored beside it.
    ///
    /// # Errors
    /// [`Unfinished`]: the first step that is missing, and the mistakes of all steps in their order.
    pub fn finish(&self) -> Result<FinishedDraft, Unfinished> {
        let unfinished = |mistakes| Unfinished { step: self.first_missing(false), mistakes };
        let asked = self.typed.asked();
        let steps = (self.name_and_type.clone(), self.options.clone(), self.subject.clone(), self.constraints.clone());
        let (Some(name_and_type), Some(options), Some(subject), Some(constraints)) = steps else {
            return Err(unfinished(Mistakes::none()));
        };
        let request = NewRequest::of_steps(name_and_type, options, subject, constraints).map_err(unfinished)?;
        let asked = asked.ok_or_else(|| unfinished(Mistakes::none()))?;
        Ok(FinishedDraft { asked, request, supersedes: self.typed.supersedes.clone() })
    }
}

/// The answers to step 4 by the rules that hold for the key of step 2.
fn constraints(typed: &Draft, rules: Rules<'_>) -> Option<Result<Extensions, Mistakes>> {
    typed.constraints.as_ref().map(|answers| answers.parse(typed.key_type(), rules.ca))
}

/// Answers to step 3 by the rules that hold for this draft.
fn subject(typed: &Draft, answers: &SubjectAnswers, rules: Rules<'_>) -> Result<Named, Mistakes> {
    answers.parse(&typed.subject_policy(answers, rules.policy))
}
