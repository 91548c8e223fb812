//! A command that is killed at each of its system calls in turn, by strace's injection.

use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};

/// The calls that change anything, or wait until it is durable: between two of them a kill is the same as at the second.
const CHANGING: [&str; 16] = [
    "openat",
    "write",
    "pwrite64",
    "fsync",
    "fdatasync",
    "linkat",
    "renameat",
    "renameat2",
    "rename",
    "unlinkat",
    "unlink",
    "mkdirat",
    "ftruncate",
    "flock",
    "fchmod",
    "fchownat",
];

/// True where strace can trace; elsewhere the test is recorded as skipped.
pub fn can_trace() -> bool {
    let traced = Command::new("strace").args(["-qq", "-o", "/dev/null", "true"]).status();
    let can = traced.is_ok_and(|status| status.success());
    if !can {
        signet_testing::skip("strace cannot trace here");
    }
    can
}

/// Each call of the command that changes anything: its name, and its number among those of that name. Files that are only
/// read are passed over.
pub fn calls(arguments: &[&str], log: &Path) -> Vec<(String, usize)> {
    calls_and(arguments, &[], log)
}

/// The same with these calls, too.
pub fn calls_and(arguments: &[&str], more: &[&str], log: &Path) -> Vec<(String, usize)> {
    let wanted = [&CHANGING, more].concat();
    let set = format!("trace={}", wanted.join(","));
    let status = strace(arguments, &["-e", &set, "-o", log.to_str().unwrap()]);
    assert!(status.success(), "{arguments:?}");
    let mut counts = BTreeMap::new();
    let mut calls = Vec::new();
    for line in std::fs::read_to_string(log).unwrap().lines() {
        // `1234  openat(AT_FDCWD, ...`
        let Some((call, _)) = line.split_whitespace().nth(1).and_then(|rest| rest.split_once('(')) else { continue };
        if !wanted.contains(&call) {
            continue;
        }
        let count = counts.entry(call.to_owned()).or_insert(0);
        *count += 1;
        if call != "openat" || line.contains("O_CREAT") {
            calls.push((call.to_owned(), *count));
        }
    }
    calls
}

/// Runs the command and kills it as it enters its `number`th call of that name; false when it ended before.
pub fn killed_at(arguments: &[&str], call: &str, number: usize) -> bool {
    let (trace, inject) = (format!("trace={call}"), format!("inject={call}:signal=KILL:when={number}"));
    let status = strace(arguments, &["-e", &trace, "-e", &inject, "-o", "/dev/null"]);
    status.signal() == Some(9)
}

fn strace(arguments: &[&str], options: &[&str]) -> std::process::ExitStatus {
    let mut command = Command::new("strace");
    command.args(["-f", "-qq"]).args(options).arg(env!("CARGO_BIN_EXE_signet")).args(arguments);
    for variable in
        ["SIGNET_DATA", "COLUMNS", "NO_COLOR", "STATE_DIRECTORY", "JOURNAL_STREAM", "NOTIFY_SOCKET", "SIGNET_LOG"]
    {
        command.env_remove(variable);
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap()
}
