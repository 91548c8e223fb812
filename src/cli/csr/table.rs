//! The list of requests as a table: fitted to a terminal, and whole where none is, for other programs to search.

use crate::cli::error::CliError;
use crate::cli::layout::{cut, some_of, width};
use crate::cli::output::Text;
use crate::cli::style::Style;
use crate::cli::terminal;
use jiff::Timestamp;
use signet_app::Services;
use signet_app::requests::content::{Content, Row};
use signet_app::requests::lineage::{Lineage, Successor};
use signet_domain::time;
use signet_domain::visible;

/// A request in cells, all but its names.
struct Cells {
    name: String,
    status: (Style, String),
    key: String,
    created: String,
    names: Vec<String>,
    /// How many names there are, of which the first ones may be above.
    all_names: usize,
}

/// How wide each column is; none for one that a terminal has no room for.
struct Columns {
    name: usize,
    status: usize,
    key: Option<usize>,
    created: Option<usize>,
    /// No bound where there is no terminal.
    names: Option<usize>,
}

/// Between two columns.
const GAP: usize = 2;
/// The shortest name and the comma behind it.
const LEAST_NAME: usize = 3;
/// A date.
const DATE: usize = 10;
/// The names get from so much to so much before key and date get anything.
const NAMES: (usize, usize) = (24, 40);
/// Longer states are cut: `replaced by` and a name.
const LONG_STATUS: usize = 24;
/// Longer names do not make each row longer. Most are shorter.
const LONG_NAME: usize = 32;
/// Widths for a table whose rows are printed one by one: `valid until 2027-02-27`, `EC BrainpoolP512R1`.
const UNKNOWN: Columns = Columns { name: LONG_NAME, status: 22, key: Some(18), created: Some(DATE), names: None };

/// Prints it.
pub(super) fn print(services: &Services) -> Result<(), CliError> {
    let lineage = services.catalog.lineage()?;
    let now = services.clock.now();
    match terminal::width() {
        Some(room) => {
            let mut rows = Vec::new();
            services.catalog.each(|row| {
                let mut cells = Cells::of(row, &lineage, now);
                // Ten thousand requests of a hundred names each: what cannot be shown need not be held.
                cells.names.truncate(room / LEAST_NAME);
                rows.push(cells);
            })?;
            let columns = Columns::fitting(&rows, room);
            let mut text = Text::new();
            text.styled([(Style::Title, columns.heading())]);
            rows.iter().for_each(|row| columns.add(row, &mut text));
            text.print()
        }
        None => {
            let longest = services.store.names()?.iter().map(|name| name.as_str().len()).max().unwrap_or(0);
            let columns = Columns { name: longest.clamp(4, LONG_NAME), ..UNKNOWN };
            let mut printed = Text::new().styled([(Style::Title, columns.heading())]).print();
            services.catalog.each(|row| {
                if printed.is_ok() {
                    let mut text = Text::new();
                    columns.add(&Cells::of(row, &lineage, now), &mut text);
                    printed = text.print();
                }
            })?;
            printed
        }
    }
}

impl Columns {
    /// The columns for these rows in so many columns of a terminal. Name, status and names are always there.
    fn fitting(rows: &[Cells], room: usize) -> Self {
        let widest = |of: &dyn Fn(&Cells) -> usize, least: usize| rows.iter().map(of).max().unwrap_or(0).max(least);
        let long_name = LONG_NAME.min(room * 3 / 10).max(4);
        let name =
            rows.iter().map(|row| width(&row.name)).filter(|width| *width <= long_name).max().unwrap_or(0).max(4);
        let status = widest(&|row| width(&row.status.1), 6).min(LONG_STATUS);
        let least = |row: &Cells| width(&some_of(row.names.get(..1).unwrap_or_default(), row.all_names, room));
        let names = widest(&least, NAMES.0).min(NAMES.1);
        let mut left = room.saturating_sub(name + GAP + status + GAP + names);
        let mut fits = |wanted: usize| {
            let fits = left >= wanted + GAP;
            left = if fits { left - wanted - GAP } else { 0 };
            fits.then_some(wanted)
        };
        let key = fits(widest(&|row| width(&row.key), 3));
        let created = fits(DATE);
        Self { name, status, key, created, names: Some(names + left) }
    }

    fn heading(&self) -> String {
        let mut heading = format!("{:1$}", "NAME", self.name + GAP) + &format!("{:1$}", "STATUS", self.status + GAP);
        for (title, width) in [("KEY", self.key), ("CREATED", self.created)] {
            heading.push_str(&width.map(|width| format!("{title:0$}", width + GAP)).unwrap_or_default());
        }
        heading + "NAMES"
    }

    /// Adds a row; two lines for a name that is longer than its column on a terminal.
    fn add(&self, row: &Cells, text: &mut Text) {
        let padded = |cell: &str, wide: usize| format!("{cell}{:1$}", "", wide.saturating_sub(width(cell)) + GAP);
        let mut name = row.name.as_str();
        if let (Some(_), true) = (self.names, width(name) > self.name) {
            text.line(name);
            name = "";
        }
        let (style, status) = &row.status;
        let shown = if self.names.is_some() { cut(status, self.status) } else { status.clone() };
        let rest = " ".repeat(self.status.saturating_sub(width(&shown)) + GAP);
        let mut pieces = vec![(Style::Plain, padded(name, self.name)), (*style, shown), (Style::Plain, rest)];
        for (cell, wide) in [(&row.key, self.key), (&row.created, self.created)] {
            pieces.extend(wide.map(|wide| (Style::Plain, padded(cell, wide))));
        }
        let names = match self.names {
            Some(room) => some_of(&row.names, row.all_names, room),
            None => row.names.join(", "),
        };
        pieces.push((Style::Plain, names));
        text.styled(pieces);
    }
}

impl Cells {
    fn of(row: Row, lineage: &Lineage, now: Timestamp) -> Self {
        let name = row.name.to_string();
        match &row.content {
            Ok(content) => {
                let by = lineage.relatives(&content.record).superseded_by;
                let names = names(content);
                Self {
                    name,
                    status: status(content, by.as_ref(), now),
                    key: visible::line(&content.request.key.label),
                    created: time::date(content.record.created).to_string(),
                    all_names: names.len(),
                    names,
                }
            }
            Err(why) => Self {
                name,
                status: (Style::Bad, why.state().to_owned()),
                key: "-".to_owned(),
                created: "-".to_owned(),
                names: vec![visible::line(&why.to_string())],
                all_names: 1,
            },
        }
    }
}

/// What the certificate covers, or will; the common name where there are no others.
fn names(content: &Content) -> Vec<String> {
    let bare = |name: &String| {
        let kind = ["DNS:", "IP:"].into_iter().find_map(|kind| name.strip_prefix(kind));
        visible::line(kind.unwrap_or(name))
    };
    let mut names: Vec<String> = content.request.san.iter().map(bare).collect();
    if names.is_empty() {
        names.extend(content.request.common_name.as_deref().map(visible::line));
    }
    names
}

/// Its state: what comes next, or until when it is valid.
pub(super) fn status(content: &Content, by: Option<&Successor>, now: Timestamp) -> (Style, String) {
    if let Some(by) = by.filter(|by| by.answered || !content.is_answered()) {
        return (Style::Plain, format!("replaced by {}", by.name));
    }
    let Some(validity) = content.validity() else {
        let damaged = (Style::Bad, "damaged certificate".to_owned());
        return if content.is_answered() { damaged } else { (Style::Plain, "waiting for the CA".to_owned()) };
    };
    let on = time::date(validity.ends);
    match (validity.state(now), validity.standing(now).days_left) {
        _ if validity.ends == Timestamp::MAX => (Style::Good, "valid, does not expire".to_owned()),
        ("expired", _) => (Style::Bad, format!("expired on {on}")),
        ("due", 0) => (Style::Attention, "expires within a day".to_owned()),
        ("due", 1) => (Style::Attention, "expires in 1 day".to_owned()),
        ("due", days) => (Style::Attention, format!("expires in {days} days")),
        _ => (Style::Good, format!("valid until {on}")),
    }
}
