//! The list of all CSRs: search, order, pages.

use crate::web::layout::Layout;
use crate::web::reply::{Outcome, page};
use crate::web::request_context::RequestContext;
use askama::Template;
use hyper::StatusCode;
use jiff::Timestamp;
use signet_app::requests::index::{Sort, Summary};
use signet_domain::record::Origin;
use signet_domain::time;

/// Rows of one page.
const PAGE: usize = 50;

#[derive(Template)]
#[template(path = "csrs.html")]
struct Csrs {
    layout: Layout,
    told: Option<&'static str>,
    /// How many stand first since their certificate is due or has ended.
    due: usize,
    query: String,
    columns: Vec<Column>,
    rows: Vec<Line>,
    total: usize,
    is_empty: bool,
    page: usize,
    pages: usize,
    previous: Option<String>,
    next: Option<String>,
}

struct Column {
    label: &'static str,
    path: Option<String>,
    order: Option<&'static str>,
}

struct Line {
    name: String,
    is_factory: bool,
    /// What another CSR has made of it: `superseded`, or `replaced` once that one is answered.
    after: Option<&'static str>,
    damage: Option<String>,
    common: String,
    names: Vec<String>,
    more: usize,
    key: String,
    digest: &'static str,
    created: String,
    state: &'static str,
    /// The state's colour.
    tone: &'static str,
    /// What is left of its certificate.
    left: String,
}

/// The list.
pub fn get(context: &RequestContext<'_>) -> Outcome {
    let descending = context.param("order") == "desc";
    let sort = match context.param("sort") {
        "created" => Sort::Created,
        "key" => Sort::Key,
        "expiry" => Sort::Expiry,
        "" if !descending => Sort::Due,
        _ => Sort::Name,
    };
    let query: String = context.param("q").chars().take(200).collect();
    let asked = context.param("page").parse::<usize>().unwrap_or(1).clamp(1, 1_000_000);
    let services = &context.web.services;
    let mut part = services.catalog.list(&query, (sort, descending), ((asked - 1) * PAGE, PAGE))?;
    let total = part.total;
    let pages = total.div_ceil(PAGE).max(1);
    let at = asked.min(pages);
    if at != asked {
        part = services.catalog.list(&query, (sort, descending), ((at - 1) * PAGE, PAGE))?;
    }
    let due = if sort == Sort::Due { part.due } else { 0 };
    // Without any that are due the list is in the order of names.
    let shown_by = if sort == Sort::Due && due == 0 { Sort::Name } else { sort };
    let order = Order { query: &query, sort: shown_by, descending };
    let now = services.clock.now();
    let after = |summary: &Summary| {
        let successor = part.successors.get(&summary.name)?;
        Some(if successor.answered { "replaced" } else { "superseded" })
    };
    let shown = part.lines.iter().map(|summary| Line { after: after(summary), ..line(summary, now) }).collect();
    let template = Csrs {
        layout: context.layout("Certificate Signing Requests"),
        told: told(context.param("told")),
        due,
        columns: order.columns(),
        rows: shown,
        total,
        is_empty: total == 0 && query.is_empty(),
        page: at,
        pages,
        previous: (at > 1).then(|| order.path(sort, descending, at - 1)),
        next: (at < pages).then(|| order.path(sort, descending, at + 1)),
        query,
    };
    page(StatusCode::OK, &template)
}

fn told(what: &str) -> Option<&'static str> {
    match what {
        "deleted" => Some("The request and its private key are deleted."),
        "answered" => Some("The certificates are kept, each with its request."),
        "same" => Some("These very certificates are kept already: nothing has changed."),
        _ => None,
    }
}

struct Order<'a> {
    query: &'a str,
    sort: Sort,
    descending: bool,
}

impl Order<'_> {
    fn path(&self, sort: Sort, descending: bool, page: usize) -> String {
        let (sort, order, page) = (value(sort), if descending { "desc" } else { "asc" }, page.to_string());
        let pairs = [("q", self.query), ("sort", sort), ("order", order), ("page", &page)];
        let default = |(name, value): &(&str, &str)| {
            matches!((*name, *value), ("q" | "sort", "") | ("order", "asc") | ("page", "1"))
        };
        let pairs: Vec<_> = pairs.into_iter().filter(|pair| !default(pair)).collect();
        match serde_urlencoded::to_string(pairs) {
            Ok(query) if !query.is_empty() => format!("/csrs?{query}"),
            _ => "/csrs".to_owned(),
        }
    }

    fn columns(&self) -> Vec<Column> {
        let sortable = |label, by: Sort| Column {
            label,
            path: Some(self.path(by, self.sort == by && !self.descending, 1)),
            order: (self.sort == by).then_some(if self.descending { "descending" } else { "ascending" }),
        };
        let plain = |label| Column { label, path: None, order: None };
        vec![
            sortable("Name", Sort::Name),
            plain("Subject and names"),
            sortable("Key", Sort::Key),
            plain("Digest"),
            sortable("Created", Sort::Created),
            sortable("State", Sort::Expiry),
        ]
    }
}

fn value(sort: Sort) -> &'static str {
    match sort {
        Sort::Due => "",
        Sort::Name => "name",
        Sort::Created => "created",
        Sort::Key => "key",
        Sort::Expiry => "expiry",
    }
}

fn line(summary: &Summary, now: Timestamp) -> Line {
    let blank = Line {
        name: summary.name.to_string(),
        is_factory: false,
        after: None,
        damage: None,
        common: String::new(),
        names: Vec::new(),
        more: 0,
        key: String::new(),
        digest: "",
        created: String::new(),
        state: "damaged",
        tone: "bad",
        left: String::new(),
    };
    match &summary.line {
        Err(why) => Line { damage: Some(why.to_string()), state: why.state(), ..blank },
        Ok(line) => Line {
            is_factory: line.origin == Origin::Factory,
            common: line.common.clone(),
            names: line.names.clone(),
            more: line.more,
            key: line.key.clone(),
            digest: line.digest.unwrap_or("built in"),
            created: time::shown(line.created),
            state: line.state(now),
            tone: tone(line.state(now)),
            left: line
                .answer
                .as_ref()
                .and_then(|answer| answer.validity)
                .map(|validity| validity.left(now))
                .unwrap_or_default(),
            ..blank
        },
    }
}

/// The colour of a state's badge.
pub fn tone(state: &str) -> &'static str {
    match state {
        "expired" | "damaged" | "unreadable" => "bad",
        "due" => "warn",
        _ => "good",
    }
}
