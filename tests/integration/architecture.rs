//! ARCHITECTURE.md names every folder and file of the checkout, and none that is not there.

use std::collections::BTreeMap;
use std::process::Command;

#[test]
fn the_listing_of_rooms_matches_the_checkout() {
    let root = env!("CARGO_MANIFEST_DIR");
    let listed = Command::new("git").args(["-C", root, "ls-files"]).output().expect("git runs");
    if !listed.status.success() {
        println!("skipped: this is no git checkout");
        return;
    }
    let mut there: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for path in String::from_utf8(listed.stdout).unwrap().lines() {
        let (folder, file) = path.rsplit_once('/').unwrap_or((".", path));
        there.entry(format!("{folder}/")).or_default().push(file.to_owned());
    }
    let text = include_str!("../../ARCHITECTURE.md");
    let block = text.split("<!-- rooms").nth(1).and_then(|rest| rest.split("```").nth(1)).expect("the listing");
    let mut told: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut folder = String::new();
    for line in block.lines().filter(|line| !line.is_empty()) {
        if line.starts_with(' ') {
            told.entry(folder.clone()).or_default().extend(line.split_whitespace().map(str::to_owned));
        } else {
            folder = line.split_whitespace().next().unwrap().to_owned();
        }
    }
    for (folder, files) in there.iter_mut().chain(told.iter_mut()) {
        assert!(!files.is_empty(), "{folder}");
        files.sort();
    }
    for (folder, files) in &there {
        assert_eq!(told.get(folder), Some(files), "{folder}");
    }
    assert_eq!(told.keys().collect::<Vec<_>>(), there.keys().collect::<Vec<_>>());
}
