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
    /// Paragraph by paragraph: the file's lines are too long for a phone.
    mit: Vec<String>,
}

/// The page.
pub fn get(context: &RequestContext<'_>) -> Outcome {
    let layout = context.layout("Licences of this software");
    let paragraphs = include_str!("../../../LICENSE-MIT").split("\n\n");
    let mit = paragraphs.map(|text| text.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    page(StatusCode::OK, &Licences { layout, version: env!("CARGO_PKG_VERSION"), mit })
}
