//! Step 4: the extensions.

use super::facts::constraints_in_short;
use super::fields::read_all;
use super::preset::Preset;
use super::{Go, frame, frame::Frame, leave};
use crate::web::draft_cookie::TooLarge;
use crate::web::form::{Fields, holds_private_key};
use crate::web::layout::Layout;
use crate::web::messages::wizard as say;
use crate::web::reply::{Outcome, page};
use crate::web::request_context::RequestContext;
use askama::Template;
use hyper::StatusCode;
use signet_domain::constraints::ConstraintsAnswers;
use signet_domain::draft::CheckedDraft;
use signet_domain::extensions::{KeyUsageBit, Usage};
use signet_domain::fields::CONSTRAINTS;
use signet_domain::invalid::Mistakes;
use signet_domain::step::Step;

#[derive(Template)]
#[template(path = "wizard/constraints.html")]
struct Page {
    layout: Layout,
    frame: Frame,
    mistakes: Mistakes,
    answers: ConstraintsAnswers,
    /// The chosen profile and what it sets here, as long as that is what the answers are.
    preset: Option<Preset>,
}

fn draw(
    context: &RequestContext<'_>,
    status: StatusCode,
    draft: &CheckedDraft<'_>,
    answers: ConstraintsAnswers,
    mistakes: Mistakes,
) -> Outcome {
    let title = Step::Constraints.title();
    let layout = if mistakes.is_empty() { context.layout(title) } else { context.error_layout(title) };
    let profile = draft.typed().preset_of_constraints(&answers);
    let preset = Preset::of(context, profile, || Some(constraints_in_short(&draft.parse_constraints(&answers).ok()?)));
    page(status, &Page { layout, frame: frame(context, draft, Step::Constraints), mistakes, answers, preset })
}

/// The page.
pub fn get(context: &RequestContext<'_>, draft: &CheckedDraft<'_>) -> Outcome {
    draw(context, StatusCode::OK, draft, draft.typed().constraints_or_preset(), Mistakes::none())
}

/// Takes the answers.
pub fn post(context: &RequestContext<'_>, mut draft: CheckedDraft<'_>, mut fields: Fields, go: Go) -> Outcome {
    let mut answers = read_all(&mut fields, CONSTRAINTS)?.constraints;
    fields.finish()?;
    let parsed = draft.parse_constraints(&answers);
    // Told above where the extension is on; neither the page nor the draft has it in any case.
    if holds_private_key(&answers.aki_issuer) {
        answers.aki_issuer.clear();
    }
    let parsed = match parsed {
        Err(mistakes) if !go.back => {
            return draw(context, StatusCode::UNPROCESSABLE_ENTITY, &draft, answers, mistakes);
        }
        parsed => parsed,
    };
    let before = draft.clone();
    draft.set_constraints(answers.clone(), parsed);
    match leave(context, &draft, go)? {
        Ok(reply) => Ok(reply),
        Err(TooLarge) => draw(context, StatusCode::UNPROCESSABLE_ENTITY, &before, answers, say::ca_too_long().into()),
    }
}
