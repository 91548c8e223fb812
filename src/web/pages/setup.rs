//! First boot: the setup code opens, the owner chooses a password.

use crate::web::form::Fields;
use crate::web::layout::Layout;
use crate::web::pages::TurnedAway;
use crate::web::reply::{Outcome, page, see_other, with};
use crate::web::request_context::RequestContext;
use askama::Template;
use hyper::StatusCode;
use hyper::header::SET_COOKIE;
use signet_app::console::Fingerprints;
use signet_app::{AppError, Failure};
use signet_domain::invalid::Mistakes;

#[derive(Template)]
#[template(path = "setup.html")]
struct Setup {
    layout: Layout,
    mistakes: Mistakes,
    /// None where the visitor does not see the console's own certificate.
    fingerprints: Option<Fingerprints>,
    /// The code that was entered is good or was not looked at; it is a secret, and so does not come back.
    code_again: bool,
}

impl Setup {
    fn code_hint(&self) -> &'static str {
        if self.code_again {
            "Enter the setup code again: for your security, this page does not show it."
        } else {
            "16 letters and digits from the label. Capitals, spaces and hyphens do not matter."
        }
    }
}

fn draw(context: &RequestContext<'_>, status: StatusCode, mistakes: Mistakes, has_code: bool) -> Outcome {
    let title = "Set up this console";
    let layout = if mistakes.is_empty() { context.layout(title) } else { context.error_layout(title) };
    let fingerprints = (!context.site.proxied).then(|| context.web.in_use.fingerprints());
    let code_again = has_code && !mistakes.has("setup_code");
    page(status, &Setup { layout, mistakes, fingerprints, code_again })
}

/// The form.
pub fn get(context: &RequestContext<'_>) -> Outcome {
    draw(context, StatusCode::OK, Mistakes::none(), false)
}

/// Makes the owner and logs them in.
pub fn post(context: &RequestContext<'_>, mut fields: Fields) -> Outcome {
    let code = fields.secret("setup_code");
    let password = fields.secret("password");
    let confirm = fields.secret("password_confirm");
    fields.finish()?;
    match context.web.services.access.set_up(&code, &password, &confirm, context.by, context.now) {
        Ok(generation) => {
            let cookie = context.web.sessions.begin(generation, context.now)?;
            Ok(with(see_other("/csrs"), SET_COOKIE, &context.site.set_session(&cookie)))
        }
        Err(AppError::Failed(Failure::Owned)) => Ok(see_other("/login")),
        Err(error) => {
            let has_code = !code.trim().is_empty();
            TurnedAway::at("setup_code", error)?.answer(|status, mistakes| draw(context, status, mistakes, has_code))
        }
    }
}
