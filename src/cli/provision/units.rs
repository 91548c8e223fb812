//! The list of units: CSV with the columns `serial,model,hostname,mac`, in any order.
//!
//! All of it is checked before anything is made, and every bad row is reported with its line.

use crate::cli::error::CliError;
use crate::cli::input::read;
use crate::cli::messages::provision as say;
use signet_domain::unit::{Unit, folded};
use std::collections::HashMap;
use std::path::Path;

const COLUMNS: [&str; 4] = ["serial", "model", "hostname", "mac"];
/// The largest file, bytes: some hundred thousand units.
const MAX_FILE: u64 = 16 << 20;

/// A device and its line, from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) line: u64,
    pub(super) unit: Unit,
}

/// A row that cannot be made into a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BadRow {
    pub(super) line: u64,
    pub(super) what: String,
    pub(super) fix: String,
}

/// Reads the file.
pub(super) fn read_list(path: &Path) -> Result<Vec<Listed>, CliError> {
    parse(&read("batch", path, MAX_FILE)?).map_err(|rows| bad_rows(path, &rows))
}

/// All bad rows as one refusal.
pub(super) fn bad_rows(path: &Path, rows: &[BadRow]) -> CliError {
    let told = rows.iter().map(|row| format!("line {}: {}", row.line, row.what)).collect();
    let fix = rows.last().map(|row| row.fix.clone()).unwrap_or_default();
    CliError::Rows { path: path.to_owned(), told, fix }
}

fn parse(bytes: &[u8]) -> Result<Vec<Listed>, Vec<BadRow>> {
    let one = |line: u64, what: String, fix: &str| vec![BadRow { line, what, fix: fix.to_owned() }];
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut lines = Lines::new(bytes);
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(true).from_reader(bytes);
    let header = reader.headers().map_err(|error| one(lines.of(error.position()), told(&error), say::SAVE))?.clone();
    let columns = columns(&header).map_err(|what| one(1, what, say::HEADER))?;
    let mut units = Vec::new();
    let mut bad = Vec::new();
    let mut first: HashMap<String, u64> = HashMap::new();
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                bad.extend(one(lines.of(error.position()), told(&error), say::SAVE));
                continue;
            }
        };
        let line = lines.of(record.position());
        if record.len() != header.len() {
            let what = say::fields(record.len(), header.len());
            bad.extend(one(line, what, say::COMPLETE_ROW));
            continue;
        }
        let [serial, model, hostname, mac] = columns.map(|column| record.get(column).unwrap_or_default());
        match Unit::parse(serial, model, hostname, mac) {
            Err(mistakes) => bad.extend(mistakes.into_iter().map(|invalid| BadRow {
                line,
                what: format!("{}: {}", invalid.field, invalid.what),
                fix: invalid.fix,
            })),
            Ok(unit) => match first.insert(folded(unit.serial()), line) {
                Some(before) => {
                    let what = say::serial_taken(unit.serial(), before);
                    bad.extend(one(line, what, say::OWN_SERIAL));
                }
                None => units.push(Listed { line, unit }),
            },
        }
    }
    if bad.is_empty() && units.is_empty() {
        bad.extend(one(2, say::NO_DEVICE.to_owned(), say::WRITE_ROWS));
    }
    if bad.is_empty() { Ok(units) } else { Err(bad) }
}

/// The place of each of [`COLUMNS`].
fn columns(header: &csv::StringRecord) -> Result<[usize; 4], String> {
    let names: Vec<String> = header.iter().map(str::to_ascii_lowercase).collect();
    if let [only] = names.as_slice()
        && only.contains([';', '\t'])
    {
        return Err(say::NO_COMMAS.to_owned());
    }
    for (index, name) in names.iter().enumerate() {
        if !COLUMNS.contains(&name.as_str()) {
            return Err(say::unknown_column(name));
        }
        if names.iter().take(index).any(|other| other == name) {
            return Err(say::repeated_column(name));
        }
    }
    let mut places = [0; 4];
    for (place, column) in places.iter_mut().zip(COLUMNS) {
        *place = names.iter().position(|name| name == column).ok_or_else(|| say::missing_column(column))?;
    }
    Ok(places)
}

/// Finds a row's line. The reader's own count is at the end of the row before, whose line end and blank lines behind it
/// it has not passed yet.
struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u64,
}

impl<'a> Lines<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, line: 1 }
    }

    /// The line of a row, which must not lie before one that was asked for.
    fn of(&mut self, position: Option<&csv::Position>) -> u64 {
        let start = position.map_or(0, csv::Position::byte);
        let start = usize::try_from(start).unwrap_or(usize::MAX);
        while let Some(byte) = self.bytes.get(self.at) {
            if self.at >= start && !matches!(byte, b'\r' | b'\n') {
                break;
            }
            self.line += u64::from(*byte == b'\n');
            self.at += 1;
        }
        self.line
    }
}

fn told(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::Utf8 { .. } => say::ROW_NOT_UTF8.to_owned(),
        _ => say::ROW_UNREADABLE.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<(u64, String)> {
        parse(text.as_bytes()).unwrap_err().into_iter().map(|row| (row.line, row.what)).collect()
    }

    #[test]
    fn reads_units_with_their_lines_in_any_column_order() {
        let text =
            "\u{feff}MAC, serial ,hostname,model\r\n02:00:5e:10:00:01,A1,nas-1,\"Vault 4, black\"\r\n\r\n,A2,,\r\n";
        let units = parse(text.as_bytes()).unwrap();
        assert_eq!(
            units.iter().map(|unit| (unit.line, unit.unit.serial())).collect::<Vec<_>>(),
            [(2, "A1"), (4, "A2")]
        );
        assert_eq!(units[0].unit.model(), Some("Vault 4, black"));
        assert_eq!(units[1].unit.mac(), None);
    }

    #[test]
    fn names_a_missing_an_unknown_and_a_repeated_column() {
        assert_eq!(lines("serial,model,mac\nA1,,\n"), [(1, "the column hostname is missing.".to_owned())]);
        assert_eq!(lines("serial,model,hostname,mac,colour\n"), [(1, "there is no column \"colour\".".to_owned())]);
        assert_eq!(lines("serial,serial,model,hostname,mac\n"), [(1, "the column serial is named twice.".to_owned())]);
        assert_eq!(
            lines("serial;model;hostname;mac\nA1;;;\n"),
            [(1, "the columns are not separated by commas.".to_owned())]
        );
        assert_eq!(lines(""), [(1, "the column serial is missing.".to_owned())]);
        assert_eq!(lines("serial,model,hostname,mac\n"), [(2, "the list has no device.".to_owned())]);
    }

    #[test]
    fn names_every_bad_row_by_its_line() {
        let told = lines("serial,model,hostname,mac\nA1,,,\nSN,,,\nA3,,\na1,,,\nA5,,nas_5,02:00\n");
        let of = |line: u64| told.iter().filter(|row| row.0 == line).map(|row| row.1.as_str()).collect::<Vec<_>>();
        assert_eq!(of(3), ["serial: \"SN\" is a sample value, not the value of one device."]);
        assert_eq!(of(4), ["the row has 3 fields, and the first line names 4."]);
        assert_eq!(of(5), ["serial \"a1\" is already in line 2."]);
        assert_eq!(of(6).len(), 2);
        assert!(of(6)[0].starts_with("hostname: ") && of(6)[1].starts_with("mac: "));
    }

    #[test]
    fn names_a_row_that_is_not_utf_8() {
        let mut text = b"serial,model,hostname,mac\nA1,,,\nA2,".to_vec();
        text.extend_from_slice(b"M\xfcller,,\n");
        let rows = parse(&text).unwrap_err();
        assert_eq!(
            rows.iter().map(|row| (row.line, row.what.as_str())).collect::<Vec<_>>(),
            [(3, "the row is not UTF-8.")]
        );
    }
}
