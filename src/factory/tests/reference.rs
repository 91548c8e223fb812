//! docs/reference.md has what the program and its tables have.

use crate::harness::station::{Station, factory, lines};
use std::collections::BTreeSet;

const TEXT: &str = include_str!("../../../docs/reference.md");

/// The first two cells of every row below this heading.
fn rows(heading: &str) -> Vec<(String, String)> {
    let (_, rest) = TEXT.split_once(&format!("\n## {heading}\n")).unwrap_or_else(|| panic!("no section {heading}"));
    let section = rest.split("\n## ").next().unwrap();
    let cells = section.lines().filter_map(|line| line.strip_prefix("| ")).map(|line| {
        let mut cells = line.split(" | ").map(str::trim);
        (
            cells.next().unwrap_or_default().to_owned(),
            cells.next().unwrap_or_default().trim_end_matches(" |").to_owned(),
        )
    });
    cells.filter(|(first, _)| first.starts_with('`') || first.starts_with("ledger")).collect()
}

/// What stands between backticks.
fn codes(text: &str) -> BTreeSet<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn every_flag_is_documented() {
    let station = Station::new("line-1");
    let documented: String = rows("Arguments of signet-factory").into_iter().map(|(flag, _)| flag).collect();
    let shared = TEXT.split_once("\n### `signet provision`\n").unwrap().1.split("\n### ").next().unwrap();
    let commands: BTreeSet<String> =
        rows("Commands of signet-factory").into_iter().flat_map(|(command, _)| codes(&command)).collect();
    assert_eq!(commands.len(), 9, "{commands:?}");
    for command in commands {
        let words: Vec<&str> =
            command.split(' ').skip(1).filter(|word| !word.chars().all(char::is_uppercase)).collect();
        let help = station.run(&[&words[..], &["--help"]].concat());
        let flags: BTreeSet<&str> = help
            .worked()
            .lines()
            .filter(|line| line.trim_start().starts_with('-'))
            .flat_map(|line| line.split([' ', ',']).filter(|word| word.starts_with("--")).take(1))
            .collect();
        assert!(flags.contains("--help"), "{command}: {}", help.out);
        for flag in flags {
            let is_global = ["--help", "--data", "--config", "--json", "--quiet", "--color", "--wait"].contains(&flag);
            let is_known = documented.contains(flag) || shared.contains(&format!("`{flag}"));
            assert!(is_global || is_known, "{command}: {flag} is not in docs/reference.md");
        }
    }
}

#[test]
fn every_table_with_its_columns_is_documented() {
    let Some(server) = factory() else { return };
    let found = server.sql(
        "factory",
        "postgres",
        "SELECT table_name || ': ' || string_agg(column_name, ', ' ORDER BY ordinal_position) \
         FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name) \
         WHERE table_schema = 'signet' AND table_type = 'BASE TABLE' GROUP BY table_name ORDER BY table_name",
    );
    let mut documented: Vec<String> = rows("Tables of the ledger")
        .into_iter()
        .filter(|(table, _)| !table.starts_with("`signet_"))
        .map(|(table, columns)| {
            let columns: Vec<&str> = columns.split('`').skip(1).step_by(2).filter(|name| !name.contains(' ')).collect();
            let columns = columns.into_iter().filter(|name| !["serial_folded"].contains(name)).collect::<Vec<_>>();
            format!("{}: {}", table.trim_matches('`'), columns.join(", "))
        })
        .collect();
    documented.sort();
    let found: Vec<String> = found.lines().map(|line| line.replace(", serial_folded", "")).collect();
    let starts = |full: &String, short: &String| short.starts_with(full.as_str());
    assert_eq!(found.len(), documented.len(), "{documented:?}");
    for (full, short) in found.iter().zip(&documented) {
        assert!(starts(full, short), "{full} / {short}");
    }
}

#[test]
fn every_key_of_the_json_is_documented() {
    let Some(server) = factory() else { return };
    let station = Station::new("line-1");
    station.provision(&server.url("station"), "data", "NX4-1", &[]).worked();
    let url = server.url("postgres");
    let data = station.path("");
    for (command, more) in [
        ("init", vec![]),
        ("status", vec![]),
        ("find", vec!["NX4-1"]),
        ("export", vec![]),
        ("verify", vec!["--units", data.as_str()]),
    ] {
        let ran = station.run(&[&["ledger", command, "--json", "--ledger", &url], &more[..]].concat());
        let name = format!("`ledger {command}`");
        let documented = rows("JSON of signet-factory").into_iter().find(|(one, _)| *one == name).unwrap().1;
        let mut keys: BTreeSet<String> = BTreeSet::new();
        collect(&lines(&ran.out).remove(0), &mut keys);
        let line = TEXT.split_once("\n## Manifest line\n").unwrap().1;
        for key in keys {
            let is_known = codes(&documented).iter().any(|code| code.trim_end_matches("[]") == key);
            let is_of_line = command == "export" && line.contains(&format!("`{key}`"));
            assert!(key == "schema" || is_known || is_of_line || key == "name" || key == "pem", "{name}: {key}");
        }
    }
}

fn collect(value: &serde_json::Value, keys: &mut BTreeSet<String>) {
    match value {
        serde_json::Value::Object(fields) => {
            for (key, value) in fields {
                keys.insert(key.clone());
                collect(value, keys);
            }
        }
        serde_json::Value::Array(all) => all.iter().for_each(|value| collect(value, keys)),
        _ => {}
    }
}
