//! The device's program has nothing of the stations' one: neither its crates nor its words.

use std::collections::BTreeSet;
use std::process::Command;

/// The crates that a package is built from, as cargo resolves them for it alone, which is how cross/build builds it.
fn crates(package: &str) -> BTreeSet<String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let tree = ["tree", "--locked", "--offline", "--edges", "normal,build", "--prefix", "none", "--format", "{p}"];
    let ran = Command::new(cargo)
        .args(tree)
        .args(["--package", package])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let text = String::from_utf8(ran.stdout).unwrap();
    text.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

#[test]
fn no_crate_of_the_ledger_is_in_the_device() {
    let (device, station) = (crates("signet"), crates("signet-factory"));
    let of_ledger = ["signet-factory", "postgres", "tokio-postgres", "postgres-protocol", "postgres-types"];
    for name in of_ledger {
        assert!(station.contains(name), "{name} is not found where it is: {station:?}");
        assert!(!device.contains(name), "signet is built with {name}");
    }
    assert!(device.contains("signet-app") && station.is_superset(&device), "{device:?}");
}

#[test]
fn no_word_of_the_ledger_is_in_the_devices_binary() {
    let binary = std::fs::read(env!("CARGO_BIN_EXE_signet")).unwrap();
    let has = |word: &str| binary.windows(word.len()).any(|bytes| bytes == word.as_bytes());
    assert!(has("signet provision"), "words are found where they are");
    for word in ["PGPASSFILE", "signet_station", "setup_code (unit", "SCRAM-SHA-256", "postgres://"] {
        assert!(!has(word), "signet has {word}");
    }
}
