//! `signet check` as a command: its exit codes, its lines, its JSON; and what `serve` makes of a config that is newer.

use crate::unit::{Console, Unit};
use signet_testing::until;

fn findings(unit: &Unit) -> (i32, serde_json::Value) {
    let output = unit.run(&["check", "--json"]);
    (output.status.code().unwrap(), serde_json::from_slice(&output.stdout).unwrap())
}

/// Nothing is found but, where root runs the proofs, that the directory is root's: exit code 0, or 1 for that.
#[track_caller]
fn is_good(unit: &Unit) {
    let (code, report) = findings(unit);
    let wrong = report["findings"].as_array().unwrap().iter().filter(|finding| finding["state"] != "fine");
    let about: Vec<_> = wrong.map(|finding| finding["about"].as_str().unwrap()).collect();
    match rustix::process::geteuid().is_root() {
        true => assert_eq!((code, &about[..]), (1, &["owner"][..]), "{report:#}"),
        false => assert_eq!((code, report["state"].as_str()), (0, Some("fine")), "{report:#}"),
    }
}

#[test]
fn exit_codes_follow_the_worst_finding() {
    let console = Unit::new().serve();
    let unit = console.unit.clone();
    drop(console);
    unit.create("one");
    is_good(&unit);
    std::fs::write(unit.data().join("csrs/notes.txt"), "").unwrap();
    assert_eq!(findings(&unit).0, 1);
    std::fs::write(unit.data().join("csrs/one.pem"), "cut").unwrap();
    let (code, report) = findings(&unit);
    assert_eq!((code, report["state"].as_str()), (2, Some("broken")));
    let output = unit.run(&["check"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.lines().any(|line| line.starts_with("BROKEN") && line.contains("The request one")), "{text}");
    assert!(output.stderr.is_empty());
}

#[test]
fn looks_while_a_console_serves_and_disturbs_it_not() {
    let mut console = Unit::new().serve();
    let mut owner = console.owner();
    console.unit.create("one");
    is_good(&console.unit);
    assert!(owner.get("/csrs").text().contains("one"));
    assert_eq!(console.child.try_wait().unwrap(), None);
}

#[test]
fn an_unknown_key_is_an_error_here_and_a_warning_when_serving() {
    let unit = Unit::with(&["one"]);
    let config = unit.data().join("signet.toml");
    std::fs::write(&config, "hostnames = [\"nas.example\"]\n\n[session]\nidle_minuts = 5\n").unwrap();
    let (code, report) = findings(&unit);
    assert_eq!(code, 2);
    let told = report["findings"].as_array().unwrap().iter().find(|finding| finding["about"] == "config").unwrap();
    let what = told["what"].as_str().unwrap();
    assert!(what.contains("line 4") && what.contains("`session.idle_minutes`"), "{what}");
    let console = Console::start(unit.clone(), &mut unit.command());
    until("the log does not name line 4", || console.log().contains("line 4"));
}
