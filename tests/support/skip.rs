//! Tests that cannot run on this machine: counted by `tests/run`, and a failure in CI.
//!
//! `tests/skip` does the same for the tests that are no Rust.

use std::fs::OpenOptions;
use std::io::Write;

/// The skips that CI accepts, each with its reason.
const ALLOWED: &str = include_str!("../allowed-skips.txt");

/// Records that the calling test cannot run here, or not all of it. The test returns after this.
///
/// `tests/run` names the file for the records in `SIGNET_SKIPS`.
///
/// # Panics
///
/// If `CI` is `true` and `tests/allowed-skips.txt` does not name the test: what CI skips, nobody would notice.
#[expect(clippy::panic, reason = "a panic is how a test fails")]
pub fn skip(reason: &str) {
    let test = name();
    println!("skipped: {test}: {reason}");
    if std::env::var_os("CI").is_some_and(|ci| ci == "true") && !is_allowed(ALLOWED, &test) {
        panic!("{test} cannot run here: {reason}. Change the machine, or add the test to tests/allowed-skips.txt.");
    }
    let Some(list) = std::env::var_os("SIGNET_SKIPS") else { return };
    let record = OpenOptions::new().append(true).create(true).open(&list);
    // One write, so that tests that run at the same time do not mix their lines.
    if let Err(error) = record.and_then(|mut file| file.write_all(format!("{test}\t{reason}\n").as_bytes())) {
        panic!("{}: {error}. {test} was skipped and cannot be counted.", list.display());
    }
}

/// The test as `PROGRAM::PATH`, such as `signet_store::tests::partition::is_full`. Its thread has its path as name.
fn name() -> String {
    let program = std::env::current_exe().ok();
    let program = program.as_deref().and_then(|path| path.file_stem()?.to_str()).unwrap_or_default();
    // Cargo adds a hash to the name of the program.
    let program = program.rsplit_once('-').map_or(program, |(name, _)| name);
    let thread = std::thread::current();
    format!("{program}::{}", thread.name().unwrap_or("a thread without a name"))
}

/// A line allows a test only if it gives a reason.
fn is_allowed(list: &str, test: &str) -> bool {
    let mut entries = list.lines().filter(|line| !line.starts_with('#')).map(str::split_whitespace);
    entries.any(|mut words| words.next() == Some(test) && words.next().is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_is_named_by_its_program_and_path() {
        assert_eq!(name(), "signet_testing::skip::tests::a_test_is_named_by_its_program_and_path");
    }

    #[test]
    fn only_a_name_with_a_reason_is_allowed() {
        let list = "# proofs::d  a comment\nproofs::a  no tmpfs\nproofs::b\n\n";
        assert!(is_allowed(list, "proofs::a"));
        for test in ["proofs::b", "proofs::c", "proofs", "#", "proofs::d"] {
            assert!(!is_allowed(list, test), "{test}");
        }
    }
}
