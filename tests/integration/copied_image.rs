//! A data directory that was copied to another machine: noticed, said, and not punished.

use crate::harness::console::{Console, PASSWORD, run, signet};
use serde_json::Value;
use std::path::Path;
use std::process::Command;

fn finding(data: &Path) -> Value {
    let report: Value = serde_json::from_slice(&run(signet(data).args(["check", "--json"]), b"").out).unwrap();
    report["findings"].as_array().unwrap().iter().find(|finding| finding["about"] == "machine").unwrap().clone()
}

/// The directory as another machine's first start would have left it.
fn of_another_machine(data: &Path) {
    let path = data.join("machine.json");
    let mut noted: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let had = noted["id"].is_string() || noted["cards"].as_array().is_some_and(|cards| !cards.is_empty());
    assert!(had, "this machine has neither an id nor a network card: {noted}");
    for (key, value) in
        [("id", Value::from("00112233445566778899aabbccddeeff")), ("cards", Value::from(vec!["00".repeat(16)]))]
    {
        if !noted[key].is_null() && noted[key] != Value::from(Vec::<String>::new()) {
            noted[key] = value;
        }
    }
    std::fs::write(path, noted.to_string()).unwrap();
}

#[test]
fn a_copied_directory_is_said_on_its_new_machine_and_works() {
    if std::fs::read_to_string("/etc/machine-id").unwrap_or_default().trim().len() != 32 {
        return signet_testing::skip("this machine has no id (/etc/machine-id)");
    }
    let (console, _) = Console::owned();
    assert_eq!(finding(&console.data())["state"], "fine");
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    assert!(Command::new("cp").arg("-a").arg(console.data()).arg(&data).status().unwrap().success());
    of_another_machine(&data);
    let found = finding(&data);
    assert_eq!((&found["state"], &found["code"]), (&"attention".into(), &"copied".into()));
    assert!(found["fix"].as_str().unwrap().contains("recover identity"), "{found}");
    let copy = Console::start_at(&data);
    copy.log_with("warning: The machine id differs");
    let mut owner = copy.browser();
    let form = owner.get("/login").form("/login").set("password", PASSWORD).enter();
    owner.send(form).expect(200, "Certificate Signing Requests");
    let page = owner.get("/console").main();
    assert!(
        page.contains("Copied from another device?")
            && page.contains("The machine id differs from the one that was recorded"),
        "{page}"
    );
    // A key of its own makes it a device of its own.
    drop(copy);
    run(signet(&data).args(["recover", "identity", "--yes"]), b"").worked();
    let copy = Console::start_at(&data);
    assert_eq!(finding(&data)["state"], "fine");
    assert!(!copy.whole_log().contains("machine id"));
    assert_eq!(finding(&console.data())["state"], "fine", "the original is as it was");
}
