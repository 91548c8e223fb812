//! What each step's page has around its fields: the steps, the draft's id, where the form goes, what to tell.

use crate::web::messages::done::to_wizard;
use crate::web::router::step_path;
use signet_domain::draft::Draft;
use signet_domain::step::Step;

/// The frame of a step's form.
#[derive(Debug, Clone)]
pub struct Frame {
    /// The draft's id, which the form names.
    pub draft: String,
    /// The form's action, with the fragment that leads to the error summary.
    pub action: String,
    /// The steps in order.
    pub steps: Vec<Mark>,
    /// The step's place, from 1.
    pub number: usize,
    /// The step's title.
    pub title: &'static str,
    /// A sentence on top of the page.
    pub told: Option<&'static str>,
}

/// One step of the indicator.
#[derive(Debug, Clone)]
pub struct Mark {
    /// Its title.
    pub title: &'static str,
    /// Its path, when it may be opened.
    pub path: Option<&'static str>,
    /// Whether it is the one shown.
    pub current: bool,
    /// Whether it is answered.
    pub done: bool,
}

impl Frame {
    /// The frame of `step`, when `missing` is the first step without an answer.
    pub fn new(draft: &Draft, step: Step, missing: Step, returning: bool, told: &str) -> Self {
        let order = Step::order(draft.walk());
        let place = |step: Step| order.iter().position(|other| *other == step).unwrap_or(0);
        let marks = order.iter().map(|other| Mark {
            title: other.title(),
            path: (place(*other) <= place(missing) && *other != step).then(|| step_path(*other)),
            current: *other == step,
            done: place(*other) < place(missing),
        });
        let query = if returning { "?return=confirm" } else { "" };
        Self {
            draft: draft.id.as_str().to_owned(),
            action: format!("{}{query}#summary", step_path(step)),
            steps: marks.collect(),
            number: place(step) + 1,
            title: step.title(),
            told: to_wizard(told),
        }
    }
}
