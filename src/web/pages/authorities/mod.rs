//! The CAs that certificates are ordered from: all of them, with a form for another one.

mod checks;
pub mod est;
mod form;
pub mod one;

use crate::web::form::Fields;
use crate::web::layout::Layout;
use crate::web::messages::{done, enroll as say};
use crate::web::reply::{Outcome, page, see_other};
use crate::web::request_context::RequestContext;
use askama::Template;
use form::{Form, Typed};
use hyper::StatusCode;
use signet_app::AppError;
use signet_app::authorities::Shown;
use signet_domain::invalid::Mistakes;

#[derive(Template)]
#[template(path = "authorities.html")]
struct Authorities {
    layout: Layout,
    mistakes: Mistakes,
    told: Option<&'static str>,
    all: Vec<Row>,
    typed: Typed,
}

/// A CA in the list.
struct Row {
    name: String,
    host: String,
    /// What keeps it from being used, or what uses it.
    note: String,
    tone: &'static str,
}

impl Row {
    fn of(shown: &Shown) -> Self {
        let (note, tone) = match shown.requests.len() {
            _ if shown.settings.est.is_none() && !shown.settings.agreed => (say::NOT_AGREED.to_owned(), "warn"),
            0 => (String::new(), ""),
            orders => (say::orders(orders), ""),
        };
        Self { name: shown.name.to_string(), host: say::host(&shown.settings.url).to_owned(), note, tone }
    }
}

impl Authorities {
    fn form(&self) -> Form<'_> {
        Form { typed: &self.typed, mistakes: &self.mistakes, is_new: true }
    }
}

fn draw(context: &RequestContext<'_>, status: StatusCode, typed: Typed, mistakes: Mistakes) -> Outcome {
    let title = "CAs".to_owned();
    let layout = if mistakes.is_empty() { context.layout(title) } else { context.error_layout(title) };
    let all = context.web.services.authorities.list()?.iter().map(Row::of).collect();
    page(status, &Authorities { layout, mistakes, told: done::to_authorities(context.param("told")), all, typed })
}

/// All of them, and an empty form.
pub fn get(context: &RequestContext<'_>) -> Outcome {
    draw(context, StatusCode::OK, Typed::default(), Mistakes::none())
}

/// Adds one.
pub fn post(context: &RequestContext<'_>, mut fields: Fields) -> Outcome {
    let name = fields.trimmed("name");
    let (typed, given) = Typed::read(name, &mut fields, &[])?;
    fields.finish()?;
    let authorities = &context.web.services.authorities;
    if let Err(unchecked) = typed.checked() {
        let mut mistakes = authorities.mistakes(&typed.name, &given)?;
        mistakes.add(unchecked);
        return draw(context, StatusCode::UNPROCESSABLE_ENTITY, typed, mistakes);
    }
    match authorities.add(&typed.name, &given, context.by) {
        Ok(shown) => Ok(see_other(&format!("/authorities/{}?told=added", shown.name))),
        Err(AppError::Rejected(mistakes)) => draw(context, StatusCode::UNPROCESSABLE_ENTITY, typed, mistakes),
        Err(AppError::Failed(error)) => Err(error.into()),
    }
}
