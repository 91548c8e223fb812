//! A login link that root made: a page with one button, so that opening the link does not use it up, and the login behind it.
//!
//! What previews links, or opens them ahead of time, sends no form. The token is in the link, in the page's form and nowhere else.

use crate::web::error::WebError;
use crate::web::form::Fields;
use crate::web::layout::Layout;
use crate::web::pages::Notice;
use crate::web::reply::{Outcome, Reply, page, see_other, with};
use crate::web::request_context::RequestContext;
use askama::Template;
use hyper::StatusCode;
use hyper::header::{REFERRER_POLICY, SET_COOKIE};
use signet_app::{AppError, Failure};

#[derive(Template)]
#[template(path = "ticket.html")]
struct Ticket {
    layout: Layout,
    token: String,
}

/// The longest token that the form takes along; a longer one is none.
const MOST: usize = 64;

/// The button. Whether the link is valid is not looked at yet.
pub fn get(context: &RequestContext<'_>) -> Outcome {
    let token = context.param("token");
    if token.is_empty() || token.len() > MOST {
        return Ok(see_other("/login"));
    }
    let ticket = Ticket { layout: context.layout("Log in by link"), token: token.to_owned() };
    Ok(without_referrer(page(StatusCode::OK, &ticket)?))
}

/// Begins a session, once for each link.
pub fn post(context: &RequestContext<'_>, mut fields: Fields) -> Outcome {
    let token = fields.secret("token");
    fields.finish()?;
    let admitted = match context.web.services.tickets.log_in(&token, context.by, context.now) {
        Ok(admitted) => admitted,
        Err(AppError::Failed(Failure::NoOwner)) => return Ok(see_other("/setup")),
        Err(AppError::Failed(error @ Failure::Ticket(_))) => return refused(context, &error),
        Err(error) => return Err(WebError::from(error)),
    };
    context.web.sessions.end(&context.cookie);
    let cookie = context.web.sessions.begin_by(admitted, context.now)?;
    Ok(without_referrer(with(see_other("/csrs"), SET_COOKIE, &context.site.set_session(&cookie))))
}

fn refused(context: &RequestContext<'_>, error: &Failure) -> Outcome {
    let links = vec![("/login".to_owned(), "Log in with the password")];
    let notice = Notice::new(context.error_layout("This link cannot be used"), error.to_string(), error.fix(), links);
    Ok(without_referrer(page(StatusCode::FORBIDDEN, &notice)?))
}

/// The page that comes next learns the console's name, and not the link. (With `no-referrer` a browser would send the form with
/// `Origin: null`.)
fn without_referrer(reply: Reply) -> Reply {
    with(reply, REFERRER_POLICY, "strict-origin")
}
