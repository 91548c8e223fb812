//! "Who will sign this?" on the last step: what a kind of CA makes of the request, each finding with the change that takes it
//! away.
//!
//! The kind is chosen by a button and stays in the draft; until then it is the one that is likely.

use super::{begin_key, carry};
use crate::web::draft_cookie::TooLarge;
use crate::web::error::WebError;
use crate::web::messages::wizard as say;
use crate::web::reply::{Outcome, see_other};
use crate::web::request_context::RequestContext;
use crate::web::router::step_path;
use signet_app::adviser::Adviser;
use signet_domain::draft::{CheckedDraft, Draft};
use signet_domain::fields;
use signet_domain::preflight::{CaKind, Effect, Finding};
use signet_domain::request::NewRequest;
use signet_domain::step::Step;
use signet_pki::inspect::Inspected;

/// The section.
pub struct Signer {
    /// Word and label of each kind, and whether it is the one below.
    pub kinds: [(&'static str, &'static str, bool); 4],
    /// What it makes of the request.
    pub found: Vec<Found>,
}

/// A finding, as it is shown.
pub struct Found {
    /// What the CA does, in short.
    pub word: &'static str,
    /// The class of that.
    pub tone: &'static str,
    /// What is so, and what to do.
    pub text: String,
    /// Where the rule is written.
    pub source: &'static str,
    /// The button that makes the change: value and label.
    pub button: Option<(String, String)>,
    /// Else the step where it can be made: path and title.
    pub step: Option<(String, &'static str)>,
}

impl Signer {
    /// Of a request that is to be made.
    pub fn of_new(context: &RequestContext<'_>, draft: &CheckedDraft<'_>, request: &NewRequest) -> Self {
        let (kind, found) = found(context, draft, request);
        let shown = found.into_iter().map(|one| {
            let label =
                one.change.as_ref().filter(|change| draft.changed(change).is_some()).map(|change| change.label());
            let button = label.map(|label| (button(one.field, &label), label));
            let step = Some((path(one.field), step_of(one.field).title())).filter(|_| button.is_none());
            Found { button, step, ..Found::of(one) }
        });
        Self { kinds: kinds(kind), found: shown.collect() }
    }

    /// Of a request that was made elsewhere: nothing of it can be changed.
    pub fn of_import(context: &RequestContext<'_>, draft: &Draft, request: &Inspected) -> Self {
        let adviser = adviser(context);
        let kind = CaKind::parse(&draft.signer).unwrap_or_else(|| adviser.kind(request));
        Self { kinds: kinds(kind), found: adviser.of_import(request, kind).into_iter().map(Found::of).collect() }
    }
}

impl Found {
    fn of(one: Finding) -> Self {
        let (word, tone) = match one.effect {
            Effect::Refuses => ("Refused", "bad"),
            Effect::Drops => ("Left out", "warn"),
            Effect::Ignores => ("Ignored", ""),
            Effect::Accepts => ("Worth knowing", "warn"),
        };
        let text = format!("{} {}", one.what, one.remedy);
        Self { word, tone, text, source: one.source, button: None, step: None }
    }
}

/// Another kind, or a change.
pub fn post(context: &RequestContext<'_>, mut draft: CheckedDraft<'_>, kind: &str, change: &str) -> Outcome {
    if let Some(kind) = CaKind::parse(kind) {
        draft.set_signer(kind.word());
    }
    // One that is not offered any more, such as after Back, changes nothing.
    if let Ok(finished) = draft.finish() {
        let (_, found) = found(context, &draft, &finished.request);
        let pressed = found.into_iter().find_map(|one| {
            let offered = one.change.filter(|offered| button(one.field, &offered.label()) == change);
            offered.and_then(|offered| draft.changed(&offered))
        });
        draft = pressed.unwrap_or(draft);
        begin_key(context, &draft);
    }
    let back = see_other(&format!("{}#signer", step_path(Step::Confirm)));
    carry(context, draft.typed(), back)?.map_err(|TooLarge| WebError::BadRequest(say::TOO_LONG))
}

fn adviser<'a>(context: &RequestContext<'a>) -> Adviser<'a> {
    let services = &context.web.services;
    Adviser::new(&services.config.policy, &services.authorities, services.clock.today())
}

fn found(context: &RequestContext<'_>, draft: &CheckedDraft<'_>, request: &NewRequest) -> (CaKind, Vec<Finding>) {
    let adviser = adviser(context);
    let kind = CaKind::parse(&draft.typed().signer).unwrap_or_else(|| adviser.kind_of_new(request));
    (kind, adviser.findings(request, kind))
}

fn kinds(chosen: CaKind) -> [(&'static str, &'static str, bool); 4] {
    CaKind::ALL.map(|kind| (kind.word(), kind.label(), kind == chosen))
}

/// The value of a change's button: what it does, so that it does nothing else on a page that is out of date.
fn button(field: &str, label: &str) -> String {
    format!("{field}:{label}")
}

fn step_of(field: &str) -> Step {
    let is_in = |step: &[fields::Field]| step.iter().any(|one| one.name == field);
    match () {
        () if is_in(fields::OPTIONS) => Step::Options,
        () if is_in(fields::SUBJECT) => Step::Subject,
        () => Step::Constraints,
    }
}

/// Where a field is on its step's page.
fn path(field: &str) -> String {
    let at = if matches!(field, "eku" | "ku") { format!("{field}_enabled") } else { field.to_owned() };
    format!("{}?return=confirm#{at}", step_path(step_of(field)))
}
