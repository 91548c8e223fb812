//! While a key is being made: a page that reloads itself and says what is made and for how long already.

use super::checked;
use super::confirm::ended;
use crate::web::draft_cookie::Brought;
use crate::web::layout::Layout;
use crate::web::reply::{Outcome, page, refreshed, see_other};
use crate::web::request_context::RequestContext;
use askama::Template;
use hyper::StatusCode;
use signet_app::requests::key_queue::Progress;

#[derive(Template)]
#[template(path = "wizard/progress.html")]
struct Page {
    layout: Layout,
    label: String,
    seconds: u64,
}

/// The page; ends in the CSR's.
pub fn get(context: &RequestContext<'_>) -> Outcome {
    let Brought::Draft(draft) = context.draft() else { return Ok(see_other("/wizard")) };
    let services = &context.web.services;
    if let Some(name) = services.catalog.saved_from(&draft.id)? {
        return ended(context, &checked(context, *draft), Ok(name));
    }
    match services.key_queue.progress(&draft.id) {
        Progress::Making { label, since } => {
            let seconds = context.now.saturating_duration_since(since).as_secs();
            let template = Page { layout: context.layout("The key is being made"), label, seconds };
            Ok(refreshed(page(StatusCode::OK, &template)?, 1, "/wizard/progress"))
        }
        Progress::Ended => match services.key_queue.ended(&draft.id) {
            Some(saved) => ended(context, &checked(context, *draft), saved),
            None => Ok(see_other("/wizard/confirm")),
        },
        Progress::Nothing => Ok(see_other("/wizard/confirm")),
    }
}
