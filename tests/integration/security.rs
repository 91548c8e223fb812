//! SECURITY.md names a test for each promise, and each of them exists.

use std::process::Command;

#[test]
fn every_test_that_security_md_names_exists() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let listed = Command::new("git").arg("-C").arg(root).args(["ls-files", "*.rs"]).output().expect("git runs");
    if !listed.status.success() {
        println!("skipped: this is no git checkout");
        return;
    }
    let files: Vec<(String, String)> = String::from_utf8(listed.stdout)
        .unwrap()
        .lines()
        .filter_map(|path| Some((path.to_owned(), std::fs::read_to_string(root.join(path)).ok()?)))
        .collect();
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
