//! Login and logout; and the login instead of a page whose session has ended, carrying what was typed.

use crate::web::error::WebError;
use crate::web::form::{Fields, RawForm};
use crate::web::layout::Layout;
use crate::web::messages::forms as say;
use crate::web::pages::TurnedAway;
use crate::web::reply::{Outcome, page, see_other, with};
use crate::web::request_context::RequestContext;
use crate::web::router::Route;
use crate::web::session;
use askama::Template;
use hyper::StatusCode;
use hyper::header::SET_COOKIE;
use signet_app::audit::Event;
use signet_app::random;
use signet_app::{AppError, Failure};
use signet_domain::invalid::Mistakes;

#[derive(Template)]
#[template(path = "login.html")]
struct Login {
    layout: Layout,
    mistakes: Mistakes,
    next: String,
    /// Where what was typed is going, and the form as it was sent, without secrets.
    carried: Option<Carried>,
    /// What was typed is more than is carried along.
    lost: bool,
}

/// Bytes of a form that a login carries along, as it is encoded. Anyone may send them, and they come back escaped, so that few
/// of them are much.
const MOST: usize = 32 * 1024;

/// Bytes of a path to go on to.
const MAX_NEXT: usize = 512;

/// What a form held when its session ended.
#[derive(Clone)]
struct Carried {
    path: String,
    form: String,
}

#[derive(Template)]
#[template(path = "continue.html")]
struct Continue {
    layout: Layout,
    path: String,
    fields: Vec<(String, String)>,
}

/// What goes along with a login.
#[derive(Default)]
struct Along {
    next: String,
    carried: Option<Carried>,
    lost: bool,
}

fn draw(context: &RequestContext<'_>, status: StatusCode, mistakes: Mistakes, along: Along) -> Outcome {
    let layout = if mistakes.is_empty() { context.layout("Log in") } else { context.error_layout("Log in") };
    let Along { next, carried, lost } = along;
    page(status, &Login { layout, mistakes, next, carried, lost })
}

/// The login's path with the way back to `target`.
pub fn path_back_to(target: &str) -> String {
    match serde_urlencoded::to_string([("next", target)]) {
        Ok(query) if is_safe(target) && target != "/csrs" => format!("/login?{query}"),
        _ => "/login".to_owned(),
    }
}

/// A path on this console: no scheme, no host, nothing that a browser reads as one.
fn is_safe(target: &str) -> bool {
    let path = target.split_once('?').map_or(target, |(path, _)| path);
    target.len() <= MAX_NEXT
        && target.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
        && Route::parse(path).is_some_and(|route| route.takes(&hyper::Method::GET) && !route.is_public())
}

fn safe_next(next: &str) -> &str {
    if is_safe(next) { next } else { "/csrs" }
}

/// As the page holds it: nothing where it does not lead back, which is the way to the list.
fn shown_next(next: &str) -> String {
    if is_safe(next) { next.to_owned() } else { String::new() }
}

/// The form.
pub fn get(context: &RequestContext<'_>) -> Outcome {
    if context.logged_in {
        return Ok(see_other(safe_next(context.param("next"))));
    }
    let next = shown_next(context.param("next"));
    draw(context, StatusCode::OK, Mistakes::none(), Along { next, ..Along::default() })
}

/// The login in place of a form whose session has ended; without a form when that was too large to be kept.
pub fn stand_in(context: &RequestContext<'_>, route: &Route, form: Option<&RawForm>) -> Outcome {
    let comes_back = matches!(route, Route::Step(_) | Route::Csr(_) | Route::Certificate(_) | Route::Reply);
    let carried = form.filter(|_| comes_back).and_then(|form| carried(&context.target, form));
    let lost = comes_back && carried.is_none();
    // Pages that only take a POST, or that begin with a secret, are opened anew.
    let next = safe_next(&context.target).to_owned();
    draw(context, StatusCode::FORBIDDEN, Mistakes::none(), Along { next, carried, lost })
}

/// What is carried along of a form that was going to `path`; none where it is too large.
fn carried(path: &str, form: &RawForm) -> Option<Carried> {
    let form = serde_urlencoded::to_string(form.carried()).ok()?;
    (form.len() <= MOST && is_safe(path)).then(|| Carried { path: path.to_owned(), form })
}

/// Checks the password and begins a session under a new cookie.
pub fn post(context: &RequestContext<'_>, mut fields: Fields) -> Outcome {
    let password = fields.secret("password");
    let next = fields.text("next");
    let path = fields.text("carried_path");
    let form = fields.text("carried_form");
    fields.finish()?;
    let lost = form.len() > MOST;
    let carried = (is_safe(&path) && !form.is_empty() && !lost).then_some(Carried { path, form });
    let generation = match context.web.services.access.log_in(&password, context.by, context.now) {
        Ok(generation) => generation,
        Err(AppError::Failed(Failure::NoOwner)) => return Ok(see_other("/setup")),
        Err(error) => {
            let away = TurnedAway::at("password", error)?;
            let along = Along { next: shown_next(&next), carried, lost };
            return away.answer(|status, mistakes| draw(context, status, mistakes, along));
        }
    };
    context.web.sessions.end(&context.cookie);
    let cookie = context.web.sessions.begin(generation, context.now)?;
    let reply = match carried {
        None => see_other(safe_next(&next)),
        Some(carried) => go_on(context, &cookie, carried)?,
    };
    Ok(with(reply, SET_COOKIE, &context.site.set_session(&cookie)))
}

/// A form that sends what was typed to its page, under the new session.
fn go_on(context: &RequestContext<'_>, cookie: &str, carried: Carried) -> Outcome {
    let fields: Vec<(String, String)> =
        serde_urlencoded::from_str(&carried.form).map_err(|_| WebError::BadRequest(say::CARRIED))?;
    let csrf_token = context.token_of(cookie);
    let layout = Layout { csrf_token, logged_in: true, ..context.layout("You are logged in again") };
    let fields = fields.into_iter().filter(|(name, _)| name != "csrf_token").collect();
    page(StatusCode::OK, &Continue { layout, path: carried.path, fields })
}

/// Ends the session, and what was given for imports; the drafts themselves are in the browser.
pub fn logout(context: &RequestContext<'_>, fields: Fields) -> Outcome {
    fields.finish()?;
    context.web.sessions.end(&context.cookie);
    context.web.services.waiting_imports.clear();
    context.web.services.audit.record(context.by, Event::LoggedOut);
    Ok(with(see_other("/login"), SET_COOKIE, &context.site.set_session(&session::cookie_of(&random::bytes()?))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_leads_to_this_consoles_pages_only() {
        for good in ["/csrs/nas", "/wizard/options?return=confirm", "/csrs?q=a%20b"] {
            assert_eq!(safe_next(good), good);
        }
        for bad in [
            "//evil.example",
            "https://evil.example/",
            "/\\evil.example",
            "/csrs\r\nX: y",
            "/login",
            "/logout",
            "/csrs//evil",
            "javascript:alert(1)",
            "",
            &format!("/csrs?q={}", "a".repeat(512)),
        ] {
            assert_eq!((safe_next(bad), &*shown_next(bad)), ("/csrs", ""), "{bad}");
        }
    }
}
