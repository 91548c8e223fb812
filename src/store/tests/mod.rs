//! The promises of the data directory, as facts. What several files need stands here.

mod child;
mod crash;
mod csrs;
mod damage;
mod device;
mod directory;
mod identity;
mod journal;
mod lock;
mod partition;
mod usage;

use super::{Opening, Store};
use jiff::Timestamp;
use signet_domain::name::CsrName;
use signet_domain::record::{Origin, Record};
use signet_domain::secret::Secret;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Bytes that stand for DER: the store does not look into them.
const REQUEST: [u8; 300] = [0x30; 300];
const KEY: [u8; 200] = [0xa5; 200];

/// A folder to make data directories in.
struct Scratch(TempDir);

impl Scratch {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn data(&self) -> PathBuf {
        self.0.path().join("data")
    }

    fn store(&self) -> Store {
        open(&self.data())
    }

    fn csr_path(&self, name: &str) -> PathBuf {
        self.data().join("csrs").join(format!("{name}.pem"))
    }
}

fn open(path: &Path) -> Store {
    Store::open(path, Opening::default()).unwrap()
}

fn name(text: &str) -> CsrName {
    CsrName::parse(text).unwrap()
}

fn key() -> Secret {
    Secret::new(KEY.to_vec())
}

fn record(note: &str) -> Record {
    Record {
        lifetime: Some(200),
        note: note.into(),
        ..Record::new("0123456789abcdef0123456789abcdef".into(), Origin::Created, Timestamp::UNIX_EPOCH)
    }
}

fn create(store: &Store, text: &str) {
    store.lock().unwrap().create(&name(text), &record(text), &REQUEST, &key()).unwrap();
}

fn names(store: &Store) -> Vec<String> {
    store.csrs().unwrap().into_iter().map(|entry| entry.name.to_string()).collect()
}

/// Files whose name begins with a dot, anywhere in the directory.
fn temporaries(data: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for dir in [data.to_path_buf(), data.join("csrs"), data.join("factory")] {
        for entry in std::fs::read_dir(dir).into_iter().flatten() {
            let entry = entry.unwrap();
            if entry.file_name().to_string_lossy().starts_with('.') {
                found.push(entry.path());
            }
        }
    }
    found
}
