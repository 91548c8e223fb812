//! A form for a CA that is reached by EST. A key is copied into it only after the owner's password; nobody is called from here.

use crate::web::form::Fields;
use crate::web::layout::Layout;
use crate::web::messages::enroll as say;
use crate::web::pages::TurnedAway;
use crate::web::reply::{Outcome, page, see_other};
use crate::web::request_context::RequestContext;
use askama::Template;
use hyper::StatusCode;
use signet_app::AppError;
use signet_app::authorities::{EstGiven, Given};
use signet_domain::authority::{AuthorityName, EstAnswers};
use signet_domain::invalid::{Invalid, Mistakes};
use signet_domain::name::CsrName;
use signet_domain::secret::Secret;

#[derive(Template)]
#[template(path = "est.html")]
struct Est {
    layout: Layout,
    mistakes: Mistakes,
    typed: Typed,
    /// Value and label of each request with a certificate in force, after a way to choose none.
    clients: Vec<(String, String)>,
    asks_password: bool,
}

/// The form, but for its secrets.
#[derive(Default)]
struct Typed {
    name: String,
    url: String,
    label: String,
    root: String,
    user: String,
    client: String,
}

fn draw(context: &RequestContext<'_>, status: StatusCode, typed: Typed, mistakes: Mistakes) -> Outcome {
    let title = "Add a CA by EST".to_owned();
    let layout = if mistakes.is_empty() { context.layout(title) } else { context.error_layout(title) };
    let named = context.web.services.catalog.in_force()?;
    let named = named.iter().map(|one| (one.name.to_string(), one.name.to_string()));
    let clients = std::iter::once((String::new(), say::NO_CLIENT.to_owned())).chain(named).collect();
    page(status, &Est { layout, mistakes, typed, clients, asks_password: context.asks_password })
}

/// An empty form.
pub fn get(context: &RequestContext<'_>) -> Outcome {
    draw(context, StatusCode::OK, Typed::default(), Mistakes::none())
}

/// Adds one.
pub fn post(context: &RequestContext<'_>, mut fields: Fields) -> Outcome {
    let typed = Typed {
        name: fields.trimmed("name"),
        url: fields.trimmed("url"),
        label: fields.trimmed("label"),
        root: fields.text("root"),
        user: fields.trimmed("user"),
        client: fields.trimmed("client"),
    };
    let (user_password, password) = (fields.secret("user_password"), fields.secret("password"));
    fields.finish()?;
    if !typed.client.is_empty()
        && let Err(error) = context.confirm_key_export(&password)
    {
        let away = TurnedAway::at("password", error)?;
        return away.answer(|status, mistakes| draw(context, status, typed, mistakes));
    }
    match added(context, &typed, &user_password) {
        Ok(()) => Ok(see_other("/authorities")),
        Err(AppError::Rejected(mistakes)) => {
            // What is the user's password there is not the owner's here.
            let mut moved = Mistakes::none();
            for one in mistakes.iter() {
                let field = if one.field == "password" { "user_password" } else { one.field };
                moved.add(Invalid { field, ..one.clone() });
            }
            draw(context, StatusCode::UNPROCESSABLE_ENTITY, typed, moved)
        }
        Err(AppError::Failed(error)) => Err(error.into()),
    }
}

fn added(context: &RequestContext<'_>, typed: &Typed, password: &str) -> Result<(), AppError> {
    let client = Some(&typed.client).filter(|client| !client.is_empty());
    let given = Given {
        est: Some(EstGiven {
            answers: EstAnswers {
                url: Some(typed.url.clone()),
                label: Some(typed.label.clone()),
                user: Some(typed.user.clone()),
                client: None,
            },
            password: (!password.is_empty()).then(|| Secret::new(password.as_bytes().to_vec())),
            client: client.map(|name| CsrName::parse(name)).transpose()?,
        }),
        roots: Some(typed.root.trim().as_bytes().to_vec()),
        ..Given::default()
    };
    context.web.services.authorities.add(&AuthorityName::parse(&typed.name)?, &given, context.by).map(drop)
}
