//! Step 3: who the certificate is for, and the names that it is valid for. Names that the device knows of itself are
//! offered as buttons, which add them and change nothing else.

use super::fields::read_all;
use super::{Go, carry, frame, frame::Frame, leave};
use crate::web::correction::Pressed;
use crate::web::draft_cookie::TooLarge;
use crate::web::error::WebError;
use crate::web::form::Fields;
use crate::web::layout::Layout;
use crate::web::messages::wizard as say;
use crate::web::messages::wizard::suggested;
use crate::web::reply::{Outcome, page, see_other};
use crate::web::request_context::RequestContext;
use crate::web::router::step_path;
use askama::Template;
use hyper::StatusCode;
use signet_app::requests::suggest::{Known, Lease, Suggestion, with_entry};
use signet_domain::country::Country;
use signet_domain::draft::CheckedDraft;
use signet_domain::fields::SUBJECT;
use signet_domain::invalid::Mistakes;
use signet_domain::policy::Policy;
use signet_domain::step::Step;
use signet_domain::subject::SubjectAnswers;
use signet_domain::subject_part::Part;

#[derive(Template)]
#[template(path = "wizard/subject.html")]
struct Page {
    layout: Layout,
    frame: Frame,
    mistakes: Mistakes,
    answers: SubjectAnswers,
    countries: Vec<(&'static str, String)>,
    policy: Policy,
    offers: Vec<Offer>,
    /// The request whose answers are shown, where nothing was entered in this one yet.
    filled_from: Option<String>,
}

/// A name that is offered.
struct Offer {
    entry: String,
    why: &'static str,
}

impl Page {
    /// A label that says whether the field may stay empty.
    fn label(&self, part: Part) -> String {
        let may_be_empty = if self.policy.required.contains(&part) { "" } else { " (optional)" };
        format!("{}{may_be_empty}", part.label())
    }
}

impl From<Suggestion> for Offer {
    fn from(Suggestion { entry, from, lease }: Suggestion) -> Self {
        let why = match (lease, from) {
            (Some(Lease::Dynamic | Lease::Temporary), _) => suggested::LEASE,
            (Some(Lease::Unknown), Known::Entrance) => suggested::ENTRANCE_LEASE,
            (Some(Lease::Unknown), _) => suggested::MAYBE_LEASE,
            (_, Known::Entrance) => suggested::ENTRANCE,
            (_, Known::HostName) => suggested::HOST_NAME,
            (_, Known::Multicast) => suggested::MULTICAST,
            (_, Known::Config) => suggested::CONFIGURED,
            (_, Known::Interface) => suggested::STATIC,
        };
        Self { entry, why }
    }
}

fn draw(
    context: &RequestContext<'_>,
    status: StatusCode,
    draft: &CheckedDraft<'_>,
    answers: SubjectAnswers,
    mistakes: Mistakes,
    filled_from: Option<String>,
) -> Outcome {
    let title = Step::Subject.title();
    let countries =
        Country::ALL.iter().map(|country| (country.code(), format!("{} ({})", country.name(), country.code())));
    let offers = context.web.services.suggestions.names(&context.entrance, &answers.san, &answers.common);
    let template = Page {
        layout: if mistakes.is_empty() { context.layout(title) } else { context.error_layout(title) },
        frame: frame(context, draft, Step::Subject),
        mistakes,
        answers,
        countries: std::iter::once(("", "Choose a country".to_owned())).chain(countries).collect(),
        policy: context.web.services.config.policy.clone(),
        offers: offers.into_iter().map(Offer::from).collect(),
        filled_from,
    };
    page(status, &template)
}

/// The page; a new draft begins with the subject of the last request, else with the device's defaults.
pub fn get(context: &RequestContext<'_>, draft: &CheckedDraft<'_>) -> Outcome {
    if let Some(answers) = &draft.typed().subject {
        return draw(context, StatusCode::OK, draft, answers.clone(), Mistakes::none(), None);
    }
    let (from, answers) = context.web.services.suggestions.beginning();
    draw(context, StatusCode::OK, draft, answers, Mistakes::none(), from.map(|name| name.to_string()))
}

/// Takes the answers.
pub fn post(context: &RequestContext<'_>, mut draft: CheckedDraft<'_>, mut fields: Fields, go: Go) -> Outcome {
    let answers = read_all(&mut fields, SUBJECT)?.subject;
    let entry = fields.trimmed("suggest");
    let pressed = Pressed::read(&mut fields);
    fields.finish()?;
    if let Some(pressed) = pressed {
        return corrected(context, &draft, answers, &pressed);
    }
    if !entry.is_empty() {
        return add(context, &draft, answers, &entry, go);
    }
    let parsed = match draft.parse_subject(&answers) {
        Err(mistakes) if !go.back => {
            return refused(context, &draft, answers, mistakes);
        }
        parsed => parsed,
    };
    let before = draft.clone();
    draft.set_subject(answers.clone(), parsed);
    match leave(context, &draft, go)? {
        Ok(reply) => Ok(reply),
        Err(TooLarge) => too_large(context, &before, answers),
    }
}

fn refused(
    context: &RequestContext<'_>,
    draft: &CheckedDraft<'_>,
    answers: SubjectAnswers,
    mistakes: Mistakes,
) -> Outcome {
    draw(context, StatusCode::UNPROCESSABLE_ENTITY, draft, answers, mistakes, None)
}

/// Puts the value that a refusal offered into its field. The other refusals are still shown.
fn corrected(
    context: &RequestContext<'_>,
    draft: &CheckedDraft<'_>,
    mut answers: SubjectAnswers,
    pressed: &Pressed,
) -> Outcome {
    let mistakes = draft.parse_subject(&answers).err().unwrap_or_default();
    if let Some(part) = Part::parse(pressed.field()) {
        pressed.correct(answers.part_mut(part), &mistakes);
    }
    match draft.parse_subject(&answers) {
        Ok(_) => draw(context, StatusCode::OK, draft, answers, Mistakes::none(), None),
        Err(mistakes) => refused(context, draft, answers, mistakes),
    }
}

/// Adds an offered name to what was typed, which need not be right yet, and comes back to the names.
fn add(
    context: &RequestContext<'_>,
    draft: &CheckedDraft<'_>,
    mut answers: SubjectAnswers,
    entry: &str,
    go: Go,
) -> Outcome {
    answers.san = with_entry(&answers.san, entry).ok_or(WebError::BadRequest(say::NOT_SUGGESTED))?;
    let mut added = draft.typed().clone();
    added.set_subject(answers.clone());
    let query = if go.returning { "?return=confirm" } else { "" };
    match carry(context, &added, see_other(&format!("{}{query}#san", step_path(Step::Subject))))? {
        Ok(reply) => Ok(reply),
        Err(TooLarge) => too_large(context, draft, answers),
    }
}

fn too_large(context: &RequestContext<'_>, draft: &CheckedDraft<'_>, answers: SubjectAnswers) -> Outcome {
    refused(context, draft, answers, say::names_too_long().into())
}
