//! A recovery that is killed at any change leaves the old state or the new one, once the next command has run.

use crate::harness::console::{run, signet};
use crate::harness::factory::Station;
use crate::harness::folder::{Listing, copy, listing};
use crate::harness::strace;
use std::path::Path;

/// What a recovery makes anew, which no two runs make alike.
const ANEW: [&str; 6] = ["identity.pem", "owner.json", "seal.key", "audit.log", "audit.head", "setup.json"];

/// A provisioned directory with an owner, a request of the owner's, settings, waits and a log.
fn prepared(station: &Station, version: u32) -> std::path::PathBuf {
    use std::os::unix::fs::OpenOptionsExt;
    let data = station.at("prepared");
    station.provision(&data, &["--serial", "NX4-1", "--hostname", "vault"]).worked();
    let create = "csr create --name own --profile https-ecc --country DE --state BY --city M --organization E --email a@b.de --san nas.local";
    run(signet(&data).args(create.split(' ')), b"").worked();
    let owner = r#"{"version":VERSION,"generation":5,"password_hash":"$argon2id$","since":"2026-11-24T00:00:00Z"}"#;
    let owner = owner.replace("VERSION", &version.to_string());
    for (name, text) in [("owner.json", owner.as_str()), ("login.json", "{}"), ("signet.toml", "[limits]\ncsrs = 9\n")]
    {
        let mut file = std::fs::OpenOptions::new();
        let file = file.write(true).create_new(true).mode(0o600).open(data.join(name)).unwrap();
        std::io::Write::write_all(&mut &file, text.as_bytes()).unwrap();
    }
    data
}

/// The state with contents but for what is made anew each time.
fn shape(listing: &Listing) -> Vec<(&str, &[u8])> {
    listing
        .iter()
        .map(|(name, bytes)| (name.as_str(), if ANEW.contains(&name.as_str()) { &[][..] } else { bytes.as_slice() }))
        .collect()
}

/// `version` is that of the owner's file.
fn killed_everywhere(recovery: &[&str], version: u32) {
    if !strace::can_trace() {
        return;
    }
    let station = Station::new();
    let prepared = prepared(&station, version);
    let old = listing(&prepared);
    let command = |data: &Path| -> Vec<String> {
        let data = data.to_str().unwrap().to_owned();
        ["--data".to_owned(), data, "recover".to_owned()]
            .into_iter()
            .chain(recovery.iter().map(|word| (*word).to_owned()))
            .chain(["--yes".to_owned()])
            .collect()
    };
    let whole = station.at("whole");
    copy(&prepared, &whole);
    let arguments = command(&whole);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let calls = strace::calls(&arguments, &station.at("trace"));
    let new = listing(&whole);
    let (mut olds, mut news) = (0, 0);
    // The log's head may be late: its lines prove themselves.
    let changed = |now: &Listing, name: &&str| *name != "audit.head" && now.get(*name) != old.get(*name);
    for (call, number) in calls {
        let data = station.at(&format!("{call}-{number}"));
        copy(&prepared, &data);
        let arguments = command(&data);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        assert!(strace::killed_at(&arguments, &call, number), "{call} {number}");
        // What comes next finishes it, before anything else.
        run(signet(&data).args(["csr", "list"]), b"").worked();
        let now = listing(&data);
        if now == old {
            olds += 1;
        } else {
            assert_eq!(shape(&now), shape(&new), "{call} {number}");
            let of = |state: &Listing| ANEW.iter().filter(|name| changed(state, name)).copied().collect::<Vec<_>>();
            assert_eq!(of(&now), of(&new), "{call} {number}: half of it");
            news += 1;
        }
        std::fs::remove_dir_all(&data).unwrap();
    }
    println!("{recovery:?}: {olds} kills left the old state, {news} the new one");
    assert!(olds > 0 && news > 0);
}

#[test]
fn a_password_recovery_is_whole_or_not_begun() {
    killed_everywhere(&["password"], 1);
}

#[test]
fn a_password_recovery_with_a_new_code_is_whole_or_not_begun() {
    killed_everywhere(&["password", "--new-code", "--setup-code-file", "-"], 1);
}

#[test]
fn a_password_recovery_over_an_owner_of_a_newer_version_is_whole_or_not_begun() {
    killed_everywhere(&["password"], 2);
}

#[test]
fn an_identity_recovery_is_whole_or_not_begun() {
    killed_everywhere(&["identity"], 1);
}

#[test]
fn a_lockout_recovery_is_whole_or_not_begun() {
    killed_everywhere(&["lockout"], 1);
}

#[test]
fn a_factory_reset_is_whole_or_not_begun() {
    killed_everywhere(&["factory-reset"], 1);
}
