//! Runs the `openssl` command, the second opinion on bytes.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// What `openssl` printed on both channels, and whether it was content.
pub(crate) struct Answer {
    pub(crate) ok: bool,
    pub(crate) out: Vec<u8>,
    pub(crate) err: String,
}

/// Runs it with these arguments and this standard input.
pub(crate) fn openssl(arguments: &[&str], input: &[u8]) -> Answer {
    let mut child = Command::new("openssl")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("openssl is installed");
    // It may stop reading early: that is its answer's business.
    let _ = child.stdin.take().expect("piped").write_all(input);
    let output = child.wait_with_output().expect("openssl ends");
    Answer {
        ok: output.status.success(),
        out: output.stdout,
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// The same, for what must succeed: its standard output.
pub(crate) fn openssl_ok(arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let answer = openssl(arguments, input);
    assert!(answer.ok, "openssl {arguments:?}: {}", answer.err);
    answer.out
}

/// A file for arguments that take no standard input; it vanishes with the returned value.
pub(crate) fn file(content: &[u8]) -> (tempfile::NamedTempFile, PathBuf) {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(content).expect("room for it");
    let path = file.path().to_owned();
    (file, path)
}
