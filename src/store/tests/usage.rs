//! What a kept count must never hide: a CSR that came, changed or went by another hand.

use super::{KEY, REQUEST, Scratch, name, record};
use crate::{Limits, Opening, Store, StoreError};
use signet_domain::secret::Secret;

fn with(scratch: &Scratch, csrs: u32, disk_mib: u64) -> Store {
    Store::open(&scratch.data(), Opening { limits: Limits { csrs, disk_mib }, ..Opening::default() }).unwrap()
}

fn try_create(store: &Store, text: &str) -> Result<(), StoreError> {
    store.lock()?.create(&name(text), &record(text), &REQUEST, &Secret::new(KEY.to_vec()))
}

#[test]
fn what_another_process_keeps_deletes_or_renames_counts_at_once() {
    let scratch = Scratch::new();
    let (ours, other) = (with(&scratch, 3, 1), with(&scratch, 3, 1));
    try_create(&ours, "one").unwrap();
    try_create(&other, "two").unwrap();
    try_create(&ours, "three").unwrap();
    assert!(matches!(try_create(&ours, "four"), Err(StoreError::TooMany { .. })));
    other.lock().unwrap().delete(&name("one")).unwrap();
    assert!(matches!(try_create(&ours, "TWO"), Err(StoreError::AlreadyExists { .. })));
    other.lock().unwrap().rename(&name("two"), &name("second")).unwrap();
    try_create(&ours, "TWO").unwrap();
    assert!(matches!(try_create(&ours, "one"), Err(StoreError::TooMany { .. })));
}

#[test]
fn several_changes_under_one_lock_count() {
    let scratch = Scratch::new();
    let store = with(&scratch, 2, 1);
    let key = Secret::new(KEY.to_vec());
    let lock = store.lock().unwrap();
    lock.create(&name("one"), &record("one"), &REQUEST, &key).unwrap();
    lock.create(&name("two"), &record("two"), &REQUEST, &key).unwrap();
    lock.delete(&name("one")).unwrap();
    lock.create(&name("three"), &record("three"), &REQUEST, &key).unwrap();
    let full = lock.create(&name("four"), &record("four"), &REQUEST, &key);
    assert!(matches!(full, Err(StoreError::TooMany { .. })));
    drop(lock);
    assert!(matches!(try_create(&store, "Three"), Err(StoreError::AlreadyExists { .. })));
}

#[test]
fn a_record_that_grows_counts_towards_the_size() {
    let scratch = Scratch::new();
    let store = with(&scratch, 100, 1);
    for text in ["one", "two", "three", "four"] {
        try_create(&store, text).unwrap();
    }
    for text in ["one", "two", "three"] {
        store.lock().unwrap().set_record(&name(text), &record(&"n".repeat(256 * 1024))).unwrap();
    }
    assert!(matches!(try_create(&store, "five"), Err(StoreError::OverBudget { .. })));
    store.lock().unwrap().delete(&name("one")).unwrap();
    try_create(&store, "five").unwrap();
}
