//! Step 1: the name, and whether a CSR is made or imported.

use super::{Go, frame, frame::Frame, leave};
use crate::web::draft_cookie::TooLarge;
use crate::web::error::WebError;
use crate::web::form::Fields;
use crate::web::layout::Layout;
use crate::web::reply::{Outcome, page, see_other};
use crate::web::request_context::RequestContext;
use askama::Template;
use hyper::StatusCode;
use signet_app::requests::name_taken;
use signet_domain::draft::{CheckedDraft, PresetChange};
use signet_domain::invalid::{Invalid, Mistakes};
use signet_domain::name_and_type::{Kind, NameAndTypeAnswers};
use signet_domain::profile::Profile;
use signet_domain::step::Step;

#[derive(Template)]
#[template(path = "wizard/name_and_type.html")]
struct Page {
    layout: Layout,
    frame: Frame,
    mistakes: Mistakes,
    answers: NameAndTypeAnswers,
    types: [(&'static str, &'static str, &'static str); 2],
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
            ("csr", "Certificate Signing Request", "The key and the request are made on this device."),
            ("import", "Import Certificate Signing Request", "You have a request and its key already."),
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

fn fresh() -> NameAndTypeAnswers {
    NameAndTypeAnswers { name: String::new(), r#type: NameAndTypeAnswers::NEW.to_owned(), profile: String::new() }
}

fn import_of(old: &str) -> Invalid {
    Invalid::new(
        "type",
        format!("This request renews or changes {old} with its answers, and an import has none."),
        "Leave the type as it is; to import a request, start a new one from the list.",
    )
}

/// Takes the answers.
pub fn post(context: &RequestContext<'_>, mut draft: CheckedDraft<'_>, mut fields: Fields, go: Go) -> Outcome {
    let answers =
        NameAndTypeAnswers { name: fields.text("name"), r#type: fields.text("type"), profile: fields.text("profile") };
    fields.finish()?;
    let parsed = answers.parse().and_then(|name_and_type| {
        if let (Some(supersedes), Kind::Import) = (&draft.typed().supersedes, name_and_type.kind) {
            return Err(import_of(&supersedes.name).into());
        }
        match context.web.services.catalog.name_is_taken(&name_and_type.name) {
            Ok(true) => Err(name_taken(&name_and_type.name).into()),
            // A disk that cannot be read is told at Save, if it lasts.
            Ok(false) | Err(_) => Ok(name_and_type),
        }
    });
    let parsed = match parsed {
        Err(mistakes) if !go.back => {
            return draw(context, StatusCode::UNPROCESSABLE_ENTITY, &draft, answers, mistakes);
        }
        parsed => parsed,
    };
    let change = draft.set_name_and_type(answers, parsed);
    let reply = leave(context, &draft, go)?.map_err(|TooLarge| WebError::BadRequest("The draft does not fit."))?;
    if let (PresetChange::Replaced(_), false) = (change, go.back) {
        let told = see_other("/wizard/options?told=preset");
        return super::carry(context, draft.typed(), told)?
            .map_err(|TooLarge| WebError::BadRequest("The draft does not fit."));
    }
    Ok(reply)
}
