//! The list of all CSRs: search, order, pages; each with what it covers, what is next, and its download.

use crate::web::layout::Layout;
use crate::web::messages::done::to_list;
use crate::web::names;
use crate::web::reply::{Outcome, page};
use crate::web::request_context::RequestContext;
use crate::web::status::{Status, count};
use askama::Template;
use hyper::StatusCode;
use jiff::Timestamp;
use signet_app::requests::content::Unread;
use signet_app::requests::index::{Line, Sort, Summary};
use signet_app::requests::lineage::Successor;
use signet_domain::record::Origin;
use signet_domain::time;
use signet_pki::digest::sha256;

/// Rows of one page.
const PAGE: usize = 50;

#[derive(Template)]
#[template(path = "csrs.html")]
struct Csrs {
    layout: Layout,
    told: Option<&'static str>,
    /// How many are listed first because their certificate expires soon or has expired.
    due: usize,
    query: String,
    columns: Vec<Column>,
    rows: Vec<Row>,
    /// `12 requests`.
    count: String,
    is_empty: bool,
    page: usize,
    pages: usize,
    previous: Option<String>,
    next: Option<String>,
}

struct Column {
    label: &'static str,
    class: &'static str,
    path: Option<String>,
    order: Option<&'static str>,
}

struct Row {
    name: String,
    is_factory: bool,
    /// Why it cannot be read.
    damage: Option<String>,
    /// The first name, then what is with it.
    names: Vec<String>,
    status: String,
    /// The status's shape.
    tone: &'static str,
    /// The request that has taken its place, or will.
    replaced_by: Option<String>,
    renewed_by: Option<String>,
    /// This console shows its certificate.
    in_use: bool,
    key: String,
    digest: &'static str,
    created: String,
    created_at: String,
    /// The path below the request's own, and what it is.
    download: Option<(&'static str, &'static str)>,
    may_delete: bool,
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
    let in_use = sha256(&context.web.in_use.certificate());
    let shown = part.lines.iter().map(|summary| row(summary, part.successors.get(&summary.name), &in_use, now));
    let template = Csrs {
        layout: context.layout("Certificate Signing Requests"),
        told: to_list(context.param("told")),
        due,
        columns: order.columns(),
        rows: shown.collect(),
        count: count(total, "request"),
        is_empty: total == 0 && query.is_empty(),
        page: at,
        pages,
        previous: (at > 1).then(|| order.path(sort, descending, at - 1)),
        next: (at < pages).then(|| order.path(sort, descending, at + 1)),
        query,
    };
    page(StatusCode::OK, &template)
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
        let sortable = |label, class, by: Sort| Column {
            label,
            class,
            path: Some(self.path(by, self.sort == by && !self.descending, 1)),
            order: (self.sort == by).then_some(if self.descending { "descending" } else { "ascending" }),
        };
        vec![
            sortable("Name", "name", Sort::Name),
            Column { label: "Names it covers", class: "names", path: None, order: None },
            sortable("Status", "state", Sort::Expiry),
            sortable("Key", "key", Sort::Key),
            sortable("Created", "when", Sort::Created),
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

fn row(summary: &Summary, successor: Option<&Successor>, in_use: &[u8; 32], now: Timestamp) -> Row {
    let blank = Row {
        name: summary.name.to_string(),
        is_factory: false,
        damage: None,
        names: Vec::new(),
        status: String::new(),
        tone: "bad",
        replaced_by: None,
        renewed_by: None,
        in_use: false,
        key: String::new(),
        digest: "",
        created: String::new(),
        created_at: String::new(),
        download: None,
        may_delete: true,
    };
    let line = match &summary.line {
        Err(why @ Unread::Damaged(_)) => {
            return Row { damage: Some(why.to_string()), status: "Damaged".to_owned(), ..blank };
        }
        Err(why) => {
            let status = "Cannot be read".to_owned();
            return Row { damage: Some(why.to_string()), status, may_delete: false, ..blank };
        }
        Ok(line) => line,
    };
    let Status { text, tone } = match &line.answer {
        None => Status::waiting(),
        Some(answer) => Status::of(answer.validity, now),
    };
    // A certificate stays in use until the one of the renewal is there; without one there is nothing left to wait for.
    let is_replaced = successor.is_some_and(|successor| successor.answered || line.answer.is_none());
    let by = successor.map(|successor| successor.name.to_string());
    let (replaced_by, renewed_by) = if is_replaced { (by, None) } else { (None, by) };
    let (status, tone) = if is_replaced { ("Replaced by".to_owned(), "") } else { (text, tone) };
    Row {
        is_factory: line.origin == Origin::Factory,
        names: covered(line),
        status,
        tone,
        replaced_by,
        renewed_by,
        in_use: line.answer.as_ref().is_some_and(|answer| answer.sha256 == *in_use),
        key: line.key.clone(),
        digest: line.digest.unwrap_or_default(),
        created: time::date(line.created).to_string(),
        created_at: time::shown(line.created),
        download: Some(match line.answer {
            None => ("download", "request"),
            Some(_) => ("certificate/download?chain=on", "certificate and chain"),
        }),
        ..blank
    }
}

/// The first name, then its ASCII form, the other one, or how many more there are.
fn covered(line: &Line) -> Vec<String> {
    let Some(first) = line.names.first() else {
        let only = (!line.common.is_empty()).then(|| [line.common.clone(), "common name only".to_owned()]);
        return only.into_iter().flatten().collect();
    };
    let first = names::shown(first);
    let others = line.names.len() - 1 + line.more;
    let also = match (first.ascii, others, line.names.get(1)) {
        (Some(ascii), 0, _) => Some(ascii),
        (_, 1, Some(second)) => Some(format!("and {}", names::shown(second).text)),
        (_, 0, _) => None,
        (_, others, _) => Some(format!("and {others} more")),
    };
    std::iter::once(first.text).chain(also).collect()
}
