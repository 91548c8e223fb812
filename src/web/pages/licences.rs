//! Whose software this is, and under which terms it may be used: the one page that has our name where a vendor's brand is shown.
//!
//! The licences of what is linked in have hundreds of kilobytes; the page says where they are.

use crate::web::layout::Layout;
use crate::web::reply::{Outcome, page};
use crate::web::request_context::RequestContext;
use askama::Template;
use hyper::StatusCode;

#[derive(Template)]
#[template(path = "licences.html")]
struct Licences {
    layout: Layout,
    version: &'static str,
    mit: &'static str,
}

/// The page.
pub fn get(context: &RequestContext<'_>) -> Outcome {
    let layout = context.layout("Licences of this software");
    let mit = include_str!("../../../LICENSE-MIT").trim_end();
    page(StatusCode::OK, &Licences { layout, version: env!("CARGO_PKG_VERSION"), mit })
}
