//! What differs between a request and the one that it replaces, field by field.

use crate::web::error::WebError;
use crate::web::layout::Layout;
use crate::web::reply::{Outcome, page};
use crate::web::request_context::RequestContext;
use askama::Template;
use hyper::StatusCode;
use signet_app::requests::renewal::difference::{Compared, Difference};
use signet_domain::name::CsrName;

#[derive(Template)]
#[template(path = "difference.html")]
struct Page {
    layout: Layout,
    name: String,
    old: String,
    same_key: bool,
    differences: Vec<Difference>,
}

/// The page; there is none where nothing is superseded.
pub fn get(context: &RequestContext<'_>, name: &CsrName) -> Outcome {
    let compared = context.web.services.renewals.compared(name)?.ok_or(WebError::NotFound)?;
    let Compared { old, same_key, differences } = compared;
    let layout = context.layout(format!("What {name} changes"));
    page(StatusCode::OK, &Page { layout, name: name.to_string(), old: old.to_string(), same_key, differences })
}
