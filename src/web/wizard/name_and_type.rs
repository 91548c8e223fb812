//! Step 1: the name, and whether a request is made or imported.

use super::{Go, frame, frame::Frame, leave};
use crate::web::correction::Pressed;
use crate::web::draft_cookie::TooLarge;
use crate::web::error::WebError;
use crate::web::form::Fields;
use crate::web::layout::Layout;
use crate::web::messages::wizard as say;
use crate::web::reply::{Outcome, page, see_other};
use crate::web::request_context::RequestContext;
use askama::Template;
use hyper::StatusCode;
use signet_app::requests::name_taken;
use signet_domain::draft::{CheckedDraft, PresetChange};
use signet_domain::invalid::Mistakes;
use signet_domain::name_and_type::{Kind, NameAndType, NameAndTypeAnswers};
use signet_domain::profile::Profile;
use signet_domain::step::Step;

#[derive(Template)]
#[template(path = "wizard/name_and_type.html")]
struct Page {
    layout: Layout,
    frame: Frame,
    mistakes: Mistakes,
    answers: NameAndTypeAnswers,
    types: [(&'static str, &'static str, &'static str); 3],
    profiles: Vec<(&'static str, &'static str)>,
}

fn draw(
    context: &RequestContext<'_>,
    status: StatusCode,
    draft: &CheckedDraft<'_>,
    answers: NameAndTypeAnswers,
    mistakes: Mistakes,
) -> Outcome {
    let title = Step::NameAndType.title();
    let template = Page {
        layout: if mistakes.is_empty() { context.layout(title) } else { context.error_layout(title) },
        frame: frame(context, draft, Step::NameAndType),
        mistakes,
        answers,
        types: [
            ("csr", "New request", say::NEW_REQUEST),
            ("import", "Import request", say::IMPORT_REQUEST),
            ("certificate", "Certificate with its key", say::IMPORT_CERTIFICATE),
        ],
        profiles: std::iter::once(("", "None"))
            .chain(Profile::ALL.map(|profile| (profile.value(), profile.label())))
            .collect(),
    };
    page(status, &template)
}

/// The page.
pub fn get(context: &RequestContext<'_>, draft: &CheckedDraft<'_>) -> Outcome {
    let answers = draft.typed().name_and_type.clone().unwrap_or_else(fresh);
    draw(context, StatusCode::OK, draft, answers, Mistakes::none())
}

/// The page of a new draft chooses what most people need; a form without these fields chooses nothing.
fn fresh() -> NameAndTypeAnswers {
    NameAndTypeAnswers {
        name: String::new(),
        r#type: NameAndTypeAnswers::NEW.to_owned(),
        profile: Profile::HttpsRsa.value().to_owned(),
    }
}

/// Takes the answers.
pub fn post(context: &RequestContext<'_>, mut draft: CheckedDraft<'_>, mut fields: Fields, go: Go) -> Outcome {
    let mut answers =
        NameAndTypeAnswers { name: fields.text("name"), r#type: fields.text("type"), profile: fields.text("profile") };
    let pressed = Pressed::read(&mut fields);
    fields.finish()?;
    let parsed = parse(context, &draft, &answers);
    if let Some(pressed) = pressed {
        pressed.correct(&mut answers.name, &parsed.err().unwrap_or_default());
        return match parse(context, &draft, &answers) {
            Ok(_) => draw(context, StatusCode::OK, &draft, answers, Mistakes::none()),
            Err(mistakes) => draw(context, StatusCode::UNPROCESSABLE_ENTITY, &draft, answers, mistakes),
        };
    }
    let parsed = match parsed {
        Err(mistakes) if !go.back => {
            return draw(context, StatusCode::UNPROCESSABLE_ENTITY, &draft, answers, mistakes);
        }
        parsed => parsed,
    };
    let change = draft.set_name_and_type(answers, parsed);
    let reply = leave(context, &draft, go)?.map_err(|TooLarge| WebError::BadRequest(say::TOO_LONG))?;
    if let (PresetChange::Replaced(_), false) = (change, go.back) {
        let told = see_other("/wizard/options?told=preset");
        return super::carry(context, draft.typed(), told)?.map_err(|TooLarge| WebError::BadRequest(say::TOO_LONG));
    }
    Ok(reply)
}

/// The answers as values, the name being free and the type possible.
fn parse(
    context: &RequestContext<'_>,
    draft: &CheckedDraft<'_>,
    answers: &NameAndTypeAnswers,
) -> Result<NameAndType, Mistakes> {
    let name_and_type = answers.parse()?;
    if let (Some(supersedes), Kind::Import | Kind::Certificate) = (&draft.typed().supersedes, name_and_type.kind) {
        return Err(say::import_of(&supersedes.name).into());
    }
    let name = &name_and_type.name;
    match context.web.services.catalog.name_is_taken(name) {
        Ok(true) => {
            let free = context.web.services.renewals.proposed_name(name).ok();
            let taken = name_taken(name);
            Err(free.map_or(taken.clone(), |free| taken.corrected(&answers.name, free.to_string())).into())
        }
        // A disk that cannot be read is an error at Save, if it lasts.
        Ok(false) | Err(_) => Ok(name_and_type),
    }
}
