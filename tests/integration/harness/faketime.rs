//! A clock of a process's own, by Debian's faketime.

use std::process::Command;

/// Variables that give a process this clock, as faketime(1) writes it; none where there is no faketime, which is recorded.
/// With `waits`, a clock that runs faster makes waits shorter, too.
pub fn variables(clock: &str, waits: bool) -> Option<Vec<(&'static str, String)>> {
    let asked = Command::new("faketime").args(["-m", "-f", clock, "printenv", "LD_PRELOAD"]).output();
    let Ok(preload) = asked else {
        signet_testing::skip("there is no faketime here");
        return None;
    };
    let preload = String::from_utf8(preload.stdout).unwrap().trim().to_owned();
    assert!(preload.contains("faketime"), "{preload}");
    let mut all = vec![("LD_PRELOAD", preload), ("FAKETIME", clock.to_owned())];
    if !waits {
        all.push(("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()));
    }
    Some(all)
}
