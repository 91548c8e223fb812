//! `docs/reference.md` as tests read it: sections, tables, and the code between backticks.
//!
//! Unit tests of private items include this file too, by its path.

#![allow(
    dead_code,
    missing_docs,
    unreachable_pub,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that meets what it does not expect has failed, and no test needs all of it"
)]

use std::collections::BTreeSet;

/// The document.
pub const TEXT: &str = include_str!("../../../docs/reference.md");

/// A heading's level and text; none for another line.
fn heading(line: &str) -> Option<(usize, &str)> {
    let level = line.bytes().take_while(|byte| *byte == b'#').count();
    (level > 0).then(|| line[level..].strip_prefix(' ').map(|text| (level, text.trim()))).flatten()
}

/// All headings of a level, in order.
pub fn headings(level: usize) -> Vec<&'static str> {
    TEXT.lines().filter_map(heading).filter(|(found, _)| *found == level).map(|(_, text)| text).collect()
}

/// The text below a heading, up to the next one of its level or above.
pub fn section(title: &str) -> String {
    let mut lines = TEXT.lines().skip_while(|line| heading(line).is_none_or(|(_, text)| text != title));
    let (level, _) = lines.next().and_then(heading).unwrap_or_else(|| panic!("no section {title}"));
    let below = lines.take_while(|line| heading(line).is_none_or(|(found, _)| found > level));
    below.map(|line| format!("{line}\n")).collect()
}

/// The tables of a text: rows of cells, without their heads.
pub fn tables(text: &str) -> Vec<Vec<Vec<String>>> {
    let mut all: Vec<Vec<Vec<String>>> = Vec::new();
    let mut open = false;
    for line in text.lines() {
        let is_row = line.starts_with('|');
        if is_row && !open {
            all.push(Vec::new());
        } else if is_row {
            all.last_mut().unwrap().push(cells(line));
        }
        open = is_row;
    }
    for table in &mut all {
        // The line below the head.
        table.remove(0);
        assert!(!table.is_empty(), "a table without rows");
    }
    all
}

fn cells(line: &str) -> Vec<String> {
    // A bar inside a cell is written `\|`.
    let line = line.trim().replace("\\|", "\u{0}");
    let inner = line.strip_prefix('|').and_then(|rest| rest.strip_suffix('|')).unwrap_or_else(|| panic!("{line}"));
    inner.split('|').map(|cell| cell.trim().replace('\u{0}', "|")).collect()
}

/// The rows of the first table below a heading; none where there is no table before the next heading.
pub fn rows(title: &str) -> Vec<Vec<String>> {
    let text = section(title);
    let own: String = text.lines().take_while(|line| heading(line).is_none()).map(|line| format!("{line}\n")).collect();
    tables(&own).into_iter().next().unwrap_or_default()
}

/// The same of a section that must have a table.
pub fn table(title: &str) -> Vec<Vec<String>> {
    let rows = rows(title);
    assert!(!rows.is_empty(), "no table below {title}");
    rows
}

/// The code between backticks.
pub fn codes(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The first thing between backticks, of a cell that must have one.
pub fn code(cell: &str) -> String {
    codes(cell).into_iter().next().unwrap_or_else(|| panic!("no code in {cell:?}"))
}

/// The first code of each row: the names that a table is about. Each may be there once.
pub fn names(rows: &[Vec<String>]) -> BTreeSet<String> {
    let names: BTreeSet<String> = rows.iter().map(|row| code(&row[0])).collect();
    assert_eq!(names.len(), rows.len(), "a name is there twice: {rows:?}");
    names
}

/// Fails with what is missing in the document, and with what it names and does not exist.
pub fn agree(what: &str, exist: impl IntoIterator<Item = String>, documented: impl IntoIterator<Item = String>) {
    let (exist, documented): (BTreeSet<_>, BTreeSet<_>) =
        (exist.into_iter().collect(), documented.into_iter().collect());
    let missing: Vec<_> = exist.difference(&documented).collect();
    let unknown: Vec<_> = documented.difference(&exist).collect();
    assert!(
        missing.is_empty() && unknown.is_empty(),
        "docs/reference.md, {what}: it does not name {missing:?}, and it names {unknown:?}, which do not exist"
    );
}

/// A number as the document writes it: `2,560`, `64 KiB`.
pub fn number(cell: &str) -> u64 {
    let (digits, unit) = cell.split_once(' ').unwrap_or((cell, ""));
    let number: u64 = digits.replace(',', "").parse().unwrap_or_else(|_| panic!("no number: {cell:?}"));
    number
        * match unit {
            "" => 1,
            "KiB" => 1024,
            "MiB" => 1024 * 1024,
            other => panic!("no unit: {other}"),
        }
}
