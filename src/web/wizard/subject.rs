//! Step 3: who the certificate is for, and the names that it holds for. Names that the device knows of itself are
//! offered as buttons, which add them and change nothing else.

use super::{Go, carry, frame, frame::Frame, leave};
use crate::web::draft_cookie::TooLarge;
use crate::web::error::WebError;
use crate::web::form::Fields;
use crate::web::layout::Layout;
use crate::web::reply::{Outcome, page, see_other};
use crate::web::request_context::RequestContext;
use crate::web::router::step_path;
use askama::Template;
use hyper::StatusCode;
use signet_app::requests::suggest::{Known, Lease, Suggestion, with_entry};
use signet_domain::country::Country;
use signet_domain::draft::CheckedDraft;
use signet_domain::invalid::{Invalid, Mistakes};
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
    /// The country is the last request's, not typed in this one.
    remembered: bool,
}

/// A name that is offered.
struct Offer {
    entry: String,
    why: &'static str,
}

impl Page {
    fn country_hint(&self) -> &'static str {
        if self.remembered {
            "Where the organization is; filled in from your last request."
        } else {
            "Where the organization is."
        }
    }

    /// A label that says whether the field may stay empty.
    fn label(&self, text: &str, part: Part) -> String {
        if self.policy.required.contains(&part) { text.to_owned() } else { format!("{text} (optional)") }
    }
}

impl From<Suggestion> for Offer {
    fn from(Suggestion { entry, from, lease }: Suggestion) -> Self {
        let why = match (lease, from) {
            (Some(Lease::Dynamic | Lease::Temporary), _) => {
                "Given by the router for a time (DHCP): it may change, unless you reserve it there."
            }
            (Some(Lease::Unknown), Known::Entrance) => {
                "How you came here now. If the router gives it out (DHCP), it may change."
            }
            (Some(Lease::Unknown), _) => "If the router gives it out (DHCP), it may change.",
            (_, Known::Entrance) => "How you came here now.",
            (_, Known::HostName) => "The device's host name.",
            (_, Known::Multicast) => "Works on the local network without a name server.",
            (_, Known::Config) => "Set by the maker or administrator of the device.",
            (_, Known::Interface) => "An address of the device that stays.",
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
) -> Outcome {
    let title = Step::Subject.title();
    let countries =
        Country::ALL.iter().map(|country| (country.code(), format!("{} ({})", country.name(), country.code())));
    let offers = context.web.services.suggestions.names(&context.entrance, &answers.san, &answers.common);
    let remembered = draft.typed().subject.is_none() && status == StatusCode::OK && !answers.country.is_empty();
    let template = Page {
        layout: if mistakes.is_empty() { context.layout(title) } else { context.error_layout(title) },
        frame: frame(context, draft, Step::Subject),
        mistakes,
        answers,
        countries: std::iter::once(("", "Choose a country".to_owned())).chain(countries).collect(),
        policy: context.web.services.config.policy.clone(),
        offers: offers.into_iter().map(Offer::from).collect(),
        remembered,
    };
    page(status, &template)
}

/// The page.
pub fn get(context: &RequestContext<'_>, draft: &CheckedDraft<'_>) -> Outcome {
    let fresh = || {
        let country = context.web.services.suggestions.last_country().map(|country| country.code().to_owned());
        SubjectAnswers { country: country.unwrap_or_default(), ..SubjectAnswers::default() }
    };
    draw(context, StatusCode::OK, draft, draft.typed().subject.clone().unwrap_or_else(fresh), Mistakes::none())
}

/// Takes the answers.
pub fn post(context: &RequestContext<'_>, mut draft: CheckedDraft<'_>, mut fields: Fields, go: Go) -> Outcome {
    let answers = SubjectAnswers {
        country: fields.trimmed("country"),
        state: fields.trimmed("state"),
        city: fields.trimmed("city"),
        organization: fields.trimmed("organization"),
        organizational_unit: fields.trimmed("organizational_unit"),
        email: fields.trimmed("email"),
        common: fields.trimmed("common"),
        san: fields.trimmed("san"),
    };
    let entry = fields.trimmed("suggest");
    fields.finish()?;
    if !entry.is_empty() {
        return add(context, &draft, answers, &entry, go);
    }
    let parsed = match draft.parse_subject(&answers) {
        Err(mistakes) if !go.back => {
            return draw(context, StatusCode::UNPROCESSABLE_ENTITY, &draft, answers, mistakes);
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

/// Adds an offered name to what was typed, which need not be right yet, and comes back to the names.
fn add(
    context: &RequestContext<'_>,
    draft: &CheckedDraft<'_>,
    mut answers: SubjectAnswers,
    entry: &str,
    go: Go,
) -> Outcome {
    answers.san = with_entry(&answers.san, entry).ok_or(WebError::BadRequest("What was offered is no name."))?;
    let mut added = draft.typed().clone();
    added.set_subject(answers.clone());
    let query = if go.returning { "?return=confirm" } else { "" };
    match carry(context, &added, see_other(&format!("{}{query}#san", step_path(Step::Subject))))? {
        Ok(reply) => Ok(reply),
        Err(TooLarge) => too_large(context, draft, answers),
    }
}

fn too_large(context: &RequestContext<'_>, draft: &CheckedDraft<'_>, answers: SubjectAnswers) -> Outcome {
    let invalid = Invalid::new(
        "san",
        "The names are too long to be kept while the request is made: 16 KiB in all.",
        "Ask for fewer or shorter names, or use `signet csr create --from` on the device.",
    );
    draw(context, StatusCode::UNPROCESSABLE_ENTITY, draft, answers, invalid.into())
}
