//! The owner's password, changed.

use crate::web::form::Fields;
use crate::web::layout::Layout;
use crate::web::pages::TurnedAway;
use crate::web::reply::{Outcome, page, see_other, with};
use crate::web::session;
use crate::web::visit::Visit;
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

fn draw(visit: &Visit<'_>, status: StatusCode, mistakes: Mistakes) -> Outcome {
    let layout = if mistakes.is_empty() { visit.layout("Account") } else { visit.error_layout("Account") };
    let told = (visit.param("told") == "changed").then_some("The password is changed; every other session has ended.");
    page(status, &Account { layout, mistakes, told })
}

/// The form.
pub fn get(visit: &Visit<'_>) -> Outcome {
    draw(visit, StatusCode::OK, Mistakes::none())
}

/// Changes the password: every session ends with the owner's generation, and this one begins again.
pub fn post(visit: &Visit<'_>, mut fields: Fields) -> Outcome {
    let current = fields.secret("current_password");
    let password = fields.secret("password");
    let confirm = fields.secret("password_confirm");
    fields.finish()?;
    match visit.web.services.access.change_password(&current, &password, &confirm, visit.by, visit.now) {
        Ok(generation) => {
            visit.web.sessions.end_all();
            // They belong to drafts of the earlier generation, which nobody can open any more.
            visit.web.services.imports.clear();
            let cookie = visit.web.sessions.begin(generation, visit.now)?;
            Ok(with(see_other("/account?told=changed"), SET_COOKIE, &session::set_cookie(&cookie)))
        }
        Err(error) => {
            TurnedAway::at("current_password", error)?.answer(|status, mistakes| draw(visit, status, mistakes))
        }
    }
}
