//! The owner's password, changed.

use crate::web::form::Fields;
use crate::web::layout::Layout;
use crate::web::messages::done::to_account;
use crate::web::pages::TurnedAway;
use crate::web::reply::{Outcome, page, see_other, with};
use crate::web::request_context::RequestContext;
use askama::Template;
use hyper::StatusCode;
use hyper::header::SET_COOKIE;
use signet_domain::invalid::Mistakes;

#[derive(Template)]
#[template(path = "account.html")]
struct Account {
    layout: Layout,
    mistakes: Mistakes,
    told: Option<&'static str>,
}

fn draw(context: &RequestContext<'_>, status: StatusCode, mistakes: Mistakes) -> Outcome {
    let layout = if mistakes.is_empty() { context.layout("Account") } else { context.error_layout("Account") };
    let told = to_account(context.param("told"));
    page(status, &Account { layout, mistakes, told })
}

/// The form.
pub fn get(context: &RequestContext<'_>) -> Outcome {
    draw(context, StatusCode::OK, Mistakes::none())
}

/// Changes the password: every session ends with the owner's generation, and this one begins again.
pub fn post(context: &RequestContext<'_>, mut fields: Fields) -> Outcome {
    let current = fields.secret("current_password");
    let password = fields.secret("password");
    let confirm = fields.secret("password_confirm");
    fields.finish()?;
    match context.web.services.access.change_password(&current, &password, &confirm, context.by, context.now) {
        Ok(generation) => {
            context.web.sessions.end_all();
            // At once, and not only with the next request.
            context.web.services.waiting_imports.owner_is(Some(generation));
            let cookie = context.web.sessions.begin(generation, context.now)?;
            Ok(with(see_other("/account?told=changed"), SET_COOKIE, &context.site.set_session(&cookie)))
        }
        Err(error) => {
            TurnedAway::at("current_password", error)?.answer(|status, mistakes| draw(context, status, mistakes))
        }
    }
}
