//! Other programs that make key files, for the tests of this crate and of `signet-app`, which includes the file by its path.

use std::io::Write;
use std::process::{Command, Stdio};

/// The output of a command fed with `input`; its failure fails the test.
pub(crate) fn run(command: &str, arguments: &str, input: &[u8]) -> Vec<u8> {
    let mut child = Command::new(command)
        .args(arguments.split_whitespace())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that reads no input may have closed it already.
    let _ = child.stdin.take().unwrap().write_all(input);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{command} {arguments}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// `openssl`, likewise.
pub(crate) fn openssl(arguments: &str, input: &[u8]) -> Vec<u8> {
    run("openssl", arguments, input)
}
