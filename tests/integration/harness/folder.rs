//! A folder as it lies on disk, to be compared.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Every regular file below, by path, with its bytes.
pub type Listing = BTreeMap<String, Vec<u8>>;

/// What lies in a data directory but its locks.
pub fn listing(folder: &Path) -> Listing {
    let mut found = Listing::new();
    collect(folder, "", &mut found);
    found.remove("lock");
    found.remove("serve.lock");
    found
}

fn collect(folder: &Path, before: &str, found: &mut Listing) {
    // Nothing is in a folder that does not exist. One that cannot be read says nothing about its content.
    if !folder.try_exists().unwrap() {
        return;
    }
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{before}{}", entry.file_name().to_string_lossy());
        if entry.file_type().unwrap().is_dir() {
            collect(&entry.path(), &format!("{name}/"), found);
        } else {
            let mode = entry.metadata().unwrap().permissions().mode() & 0o7777;
            assert_eq!(mode, 0o600, "{name}");
            found.insert(name, std::fs::read(entry.path()).unwrap());
        }
    }
}

/// Copies a folder with its modes.
pub fn copy(from: &Path, to: &Path) {
    let copied = std::process::Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap();
    assert!(copied.success());
}
