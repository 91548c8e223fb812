//! The picture of the crates in ARCHITECTURE.md has the dependencies that the compiler holds, and no other.

use std::collections::BTreeSet;
use std::path::Path;

fn read(path: impl AsRef<Path>) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

fn manifest(folder: &str) -> toml::Table {
    read(Path::new(folder).join("Cargo.toml")).parse().unwrap()
}

/// The picture's name of a crate of ours.
fn drawn_as(name: &str) -> Option<&str> {
    if name == "signet" { Some("bin") } else { name.strip_prefix("signet-") }
}

#[test]
fn the_picture_of_the_crates_is_what_the_compiler_holds() {
    let root = manifest(".");
    let members = root["workspace"]["members"].as_array().unwrap().iter().map(|member| member.as_str().unwrap());
    let mut held = BTreeSet::new();
    for folder in members.filter(|member| member.starts_with("src/")).chain(["."]) {
        let manifest = manifest(folder);
        let from = drawn_as(manifest["package"]["name"].as_str().unwrap()).unwrap();
        let all = manifest.get("dependencies").and_then(toml::Value::as_table);
        let ours = all.into_iter().flatten().filter_map(|(name, _)| drawn_as(name));
        held.extend(ours.map(|to| (from.to_owned(), to.to_owned())));
    }
    let picture = read("ARCHITECTURE.md");
    let drawn: BTreeSet<(String, String)> = picture
        .lines()
        .filter_map(|line| line.trim().split_once(" --> "))
        .map(|(from, to)| (from.to_owned(), to.to_owned()))
        .collect();
    assert!(held.len() > 10, "{held:?}");
    assert_eq!(drawn, held);
}
