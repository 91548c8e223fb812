//! SECURITY.md names a test for each promise, and each of them exists.

use std::path::Path;

/// Every Rust file below, with its path and text.
fn read(folder: &Path, files: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        // Folders of packages are linked into the tests.
        if entry.file_type().unwrap().is_dir() {
            read(&entry.path(), files);
        } else if entry.path().extension().is_some_and(|extension| extension == "rs") {
            files.push((entry.path().display().to_string(), std::fs::read_to_string(entry.path()).unwrap()));
        }
    }
}

#[test]
fn every_test_that_security_md_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["src", "tests"] {
        read(&root.join(folder), &mut files);
    }
    let mut named = 0;
    for code in include_str!("../../SECURITY.md").split('`').skip(1).step_by(2) {
        let Some((room, fact)) = code
            .split_once("::")
            .filter(|_| code.chars().all(|c| c.is_ascii_lowercase() || "_:0123456789*".contains(c)))
        else {
            continue;
        };
        if room == "pki" {
            continue;
        }
        let of_room = |path: &str| path.ends_with(&format!("/{room}.rs")) || path.contains(&format!("/{room}/"));
        let mut there = files.iter().filter(|(path, _)| of_room(path)).peekable();
        assert!(there.peek().is_some(), "{code}: there is no such file");
        let is_there = |text: &String| text.contains(&format!("fn {fact}("));
        assert!(fact == "*" || there.any(|(_, text)| is_there(text)), "{code}: there is no such test");
        named += 1;
    }
    assert!(named > 60, "only {named} tests are named");
}
