//! First boot: the setup code opens, the owner chooses a password.

use crate::web::form::Fields;
use crate::web::layout::Layout;
use crate::web::pages::TurnedAway;
use crate::web::reply::{Outcome, page, see_other, with};
use crate::web::session;
use crate::web::visit::Visit;
use askama::Template;
use hyper::StatusCode;
use hyper::header::SET_COOKIE;
use signet_app::access::AccessError;
use signet_app::console::Fingerprints;
use signet_domain::invalid::Mistakes;

#[derive(Template)]
#[template(path = "setup.html")]
struct Setup {
    layout: Layout,
    mistakes: Mistakes,
    fingerprints: Fingerprints,
}

fn draw(visit: &Visit<'_>, status: StatusCode, mistakes: Mistakes) -> Outcome {
    let title = "Set up this console";
    let layout = if mistakes.is_empty() { visit.layout(title) } else { visit.error_layout(title) };
    let fingerprints = visit.web.in_use.fingerprints();
    page(status, &Setup { layout, mistakes, fingerprints })
}

/// The form.
pub fn get(visit: &Visit<'_>) -> Outcome {
    draw(visit, StatusCode::OK, Mistakes::none())
}

/// Makes the owner and logs them in.
pub fn post(visit: &Visit<'_>, mut fields: Fields) -> Outcome {
    let code = fields.secret("setup_code");
    let password = fields.secret("password");
    let confirm = fields.secret("password_confirm");
    fields.finish()?;
    match visit.web.services.access.set_up(&code, &password, &confirm, visit.by, visit.now) {
        Ok(generation) => {
            let cookie = visit.web.sessions.begin(generation, visit.now)?;
            Ok(with(see_other("/csrs"), SET_COOKIE, &session::set_cookie(&cookie)))
        }
        Err(AccessError::Owned) => Ok(see_other("/login")),
        Err(error) => TurnedAway::at("setup_code", error)?.answer(|status, mistakes| draw(visit, status, mistakes)),
    }
}
