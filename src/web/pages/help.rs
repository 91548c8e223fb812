//! Offline help: what each field is for, what to send, what comes back.

use crate::web::layout::Layout;
use crate::web::reply::{Outcome, page};
use crate::web::request_context::RequestContext;
use askama::Template;
use hyper::StatusCode;
use signet_domain::lifetime::Lifetime;

#[derive(Template)]
#[template(path = "help.html")]
struct Help {
    layout: Layout,
    public_limit: u32,
}

/// The page.
pub fn get(context: &RequestContext<'_>) -> Outcome {
    let public_limit = Lifetime::public_limit(context.web.services.clock.today()).days();
    page(StatusCode::OK, &Help { layout: context.layout("Help"), public_limit })
}
