//! Step 3: who the certificate is for, and the names that it holds for.

use super::{Go, frame, frame::Frame, leave};
use crate::domain::country::Country;
use crate::domain::draft::Draft;
use crate::domain::invalid::{Invalid, Mistakes};
use crate::domain::policy::Policy;
use crate::domain::step::Step;
use crate::domain::subject::{Part, SubjectAnswers};
use crate::web::draft_cookie::TooLarge;
use crate::web::form::Fields;
use crate::web::reply::{Outcome, page};
use crate::web::shell::Shell;
use crate::web::visit::Visit;
use askama::Template;
use hyper::StatusCode;

#[derive(Template)]
#[template(path = "wizard/subject.html")]
struct Page {
    shell: Shell,
    frame: Frame,
    mistakes: Mistakes,
    answers: SubjectAnswers,
    countries: Vec<(&'static str, String)>,
    policy: Policy,
}

impl Page {
    /// A label that says whether the field may stay empty.
    fn label(&self, text: &str, part: Part) -> String {
        if self.policy.required.contains(&part) { text.to_owned() } else { format!("{text} (optional)") }
    }
}

fn draw(visit: &Visit<'_>, status: StatusCode, draft: &Draft, answers: SubjectAnswers, mistakes: Mistakes) -> Outcome {
    let title = Step::Subject.title();
    let countries =
        Country::ALL.iter().map(|country| (country.code(), format!("{} ({})", country.name(), country.code())));
    let template = Page {
        shell: if mistakes.is_empty() { visit.shell(title) } else { visit.error_shell(title) },
        frame: frame(visit, draft, Step::Subject),
        mistakes,
        answers,
        countries: std::iter::once(("", "Choose a country".to_owned())).chain(countries).collect(),
        policy: visit.web.app.config.policy.clone(),
    };
    page(status, &template)
}

/// The page.
pub fn get(visit: &Visit<'_>, draft: &Draft) -> Outcome {
    draw(visit, StatusCode::OK, draft, draft.subject.clone().unwrap_or_default(), Mistakes::none())
}

/// Takes the answers.
pub fn post(visit: &Visit<'_>, mut draft: Draft, mut fields: Fields, go: Go) -> Outcome {
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
    fields.finish()?;
    if let (Err(mistakes), false) = (answers.parse(&visit.web.app.config.policy), go.back) {
        return draw(visit, StatusCode::UNPROCESSABLE_ENTITY, &draft, answers, mistakes);
    }
    let before = draft.clone();
    draft.set_subject(answers.clone());
    match leave(visit, &draft, go)? {
        Ok(reply) => Ok(reply),
        Err(TooLarge) => {
            let invalid = Invalid::new(
                "san",
                "The names are too long to be kept while the request is made: 16 KiB in all.",
                "Ask for fewer or shorter names, or use `signet csr create --from` on the device.",
            );
            draw(visit, StatusCode::UNPROCESSABLE_ENTITY, &before, answers, invalid.into())
        }
    }
}
