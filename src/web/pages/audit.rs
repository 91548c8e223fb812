//! The audit log: newest first, by pages, and whether it is whole.

use crate::web::layout::Layout;
use crate::web::reply::{Outcome, page};
use crate::web::request_context::RequestContext;
use askama::Template;
use hyper::StatusCode;
use signet_app::audit::Entry;
use signet_domain::name::CsrName;
use signet_domain::time;

/// Lines of one page.
const PAGE: usize = 50;

#[derive(Template)]
#[template(path = "audit.html")]
struct Audit {
    layout: Layout,
    breaks: Vec<String>,
    held: usize,
    lines: Vec<Line>,
    total: usize,
    page: usize,
    pages: usize,
    previous: Option<String>,
    next: Option<String>,
}

struct Line {
    at: String,
    who: String,
    what: String,
    refused: bool,
    csr: Option<Csr>,
}

/// The CSR as it was called then, with a link while there is one of that name.
struct Csr {
    name: String,
    exists: bool,
}

/// The page.
pub fn get(context: &RequestContext<'_>) -> Outcome {
    let services = &context.web.services;
    let log = services.audit.read()?;
    let total = log.entries.len();
    let pages = total.div_ceil(PAGE).max(1);
    let at = context.param("page").parse::<usize>().unwrap_or(1).clamp(1, pages);
    let names = services.store.names()?;
    let lines = log.entries.iter().skip((at - 1) * PAGE).take(PAGE).map(|entry| line(entry, &names)).collect();
    let path = |page: usize| if page == 1 { "/audit".to_owned() } else { format!("/audit?page={page}") };
    let template = Audit {
        layout: context.layout("Log"),
        breaks: log.state.breaks.iter().map(ToString::to_string).collect(),
        held: log.state.held,
        lines,
        total,
        page: at,
        pages,
        previous: (at > 1).then(|| path(at - 1)),
        next: (at < pages).then(|| path(at + 1)),
    };
    page(StatusCode::OK, &template)
}

fn line(entry: &Entry, names: &[CsrName]) -> Line {
    let csr = entry.csr.as_ref().map(|name| Csr {
        name: name.clone(),
        exists: names.binary_search_by(|known| known.as_str().cmp(name)).is_ok(),
    });
    Line {
        at: time::shown(entry.at),
        who: entry.told_by(),
        what: entry.told(),
        refused: entry.what.ends_with("-refused"),
        csr,
    }
}
