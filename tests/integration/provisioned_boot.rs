//! A provisioned directory boots: the label's code opens it, another does not, and the label's key is the console's.

use crate::harness::console::{Console, PASSWORD};
use crate::harness::factory::{Station, lines};
use std::sync::Arc;

#[test]
fn the_labels_code_opens_a_provisioned_unit_and_a_wrong_one_does_not() {
    let station = Station::new();
    station.provision(&station.at("data"), &["--serial", "NX4-1", "--hostname", "vault"]).worked();
    let line = lines(&station.at("manifest.jsonl")).remove(0);
    let console = Console::start_over(Arc::new(station.0));
    assert!(console.said("Setup code").starts_with("made earlier"), "it makes no code of its own");
    let key = console.said("Key").split(' ').next().unwrap().replace(':', "").to_ascii_lowercase();
    assert_eq!(key, line["spki_sha256"].as_str().unwrap());
    let mut browser = console.browser();
    let mut fill = |code: &str| {
        let form = browser.get("/setup").form("/setup").set("setup_code", code);
        browser.send(form.set("password", PASSWORD).set("password_confirm", PASSWORD).enter())
    };
    fill("ABCD-EFGH-JKMN-PQRS").expect(422, "Error: Set up this console");
    let code = line["setup_code"].as_str().unwrap().replace('-', " ").to_lowercase();
    let list = fill(&code).expect(200, "Certificate Signing Requests");
    assert!(list.source().contains("web-NX4-1") && list.source().contains("actory"));
}
