//! Tells the program its build date: the commit's where there is one, so that a build can be repeated to the byte.

use std::process::Command;

fn main() {
    println!("cargo::rerun-if-env-changed=SOURCE_DATE_EPOCH");
    // The reflog changes with every commit; HEAD itself names the same branch before and after.
    if let Some(log) = git(&["rev-parse", "--git-path", "logs/HEAD"]) {
        println!("cargo::rerun-if-changed={}", log.trim());
    }
    println!("cargo::rerun-if-changed=build.rs");
    let epoch = std::env::var("SOURCE_DATE_EPOCH").ok().or_else(commit_time).unwrap_or_else(|| FALLBACK.to_owned());
    println!("cargo::rustc-env=SIGNET_BUILD_EPOCH={}", epoch.trim());
}

/// 2026-11-24, for a source tree without history.
const FALLBACK: &str = "1795478400";

fn commit_time() -> Option<String> {
    let text = git(&["log", "-1", "--format=%ct"])?;
    text.trim().parse::<u64>().ok().map(|seconds| seconds.to_string())
}

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8(output.stdout).ok())?
}
