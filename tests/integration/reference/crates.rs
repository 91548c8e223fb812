//! The picture of the crates in ARCHITECTURE.md has the dependencies that the compiler holds, and no other.

use std::collections::BTreeSet;
use std::path::Path;

/// The picture's name of a crate, and its folder.
const CRATES: [(&str, &str); 9] = [
    ("bin", "."),
    ("app", "src/app"),
    ("client", "src/client"),
    ("curves", "src/pki/curves"),
    ("domain", "src/domain"),
    ("factory", "src/factory"),
    ("net", "src/net"),
    ("pki", "src/pki"),
    ("store", "src/store"),
];

fn read(path: impl AsRef<Path>) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The crate of a name in Cargo.toml, as the picture calls it.
fn of(name: &str) -> Option<&str> {
    if name == "signet" { Some("bin") } else { name.strip_prefix("signet-") }
}

#[test]
fn the_picture_of_the_crates_is_what_the_compiler_holds() {
    let held: BTreeSet<(String, String)> = CRATES
        .iter()
        .flat_map(|(from, folder)| {
            let manifest: toml::Table = read(Path::new(folder).join("Cargo.toml")).parse().unwrap();
            let ours: Vec<String> = manifest
                .get("dependencies")
                .and_then(toml::Value::as_table)
                .into_iter()
                .flat_map(|all| all.keys().filter_map(|name| of(name)).map(str::to_owned))
                .collect();
            ours.into_iter().map(|to| ((*from).to_owned(), to))
        })
        .collect();
    let picture = read("ARCHITECTURE.md");
    let drawn: BTreeSet<(String, String)> = picture
        .lines()
        .filter_map(|line| line.trim().split_once(" --> "))
        .map(|(from, to)| (from.to_owned(), to.to_owned()))
        .collect();
    assert!(held.len() > 10, "{held:?}");
    assert_eq!(drawn, held);
}
