//! Lines are kept in order, bounded, and apart by journal.

use super::{Scratch, temporaries};
use crate::{Journal, StoreError};
use std::fs;
use std::os::unix::fs::PermissionsExt;

#[test]
fn lines_are_kept_in_their_order_and_apart() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let before = store.generation().unwrap();
    let lock = store.lock().unwrap();
    lock.append(Journal::Done, &["one", "two\nand more"]).unwrap();
    lock.append(Journal::Refused, &["wrong"]).unwrap();
    lock.append(Journal::Done, &["three"]).unwrap();
    drop(lock);
    assert_eq!(store.journal(Journal::Done).unwrap(), ["one", "two and more", "three"]);
    assert_eq!(store.journal(Journal::Refused).unwrap(), ["wrong"]);
    assert_eq!(store.generation().unwrap(), before);
    let mode = fs::metadata(scratch.data().join("audit.log")).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o600);
}

#[test]
fn a_journal_is_bounded_and_keeps_the_newest() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let lock = store.lock().unwrap();
    lock.append(Journal::Done, &["done"]).unwrap();
    let padding = "x".repeat(1000);
    for number in 0..300 {
        lock.append(Journal::Refused, &[&format!("{number} {padding}")]).unwrap();
    }
    let size: u64 = ["refused.log", "refused.log.1"]
        .iter()
        .map(|name| fs::metadata(scratch.data().join(name)).unwrap().len())
        .sum();
    assert!(size <= 2 * Journal::Refused.file_size() as u64, "{size}");
    let lines = store.journal(Journal::Refused).unwrap();
    let numbers: Vec<u32> = lines.iter().map(|line| line.split(' ').next().unwrap().parse().unwrap()).collect();
    assert_eq!(numbers.last(), Some(&299));
    assert!(numbers.windows(2).all(|pair| pair[1] == pair[0] + 1) && numbers.len() >= 64, "{numbers:?}");
    assert_eq!(store.journal(Journal::Done).unwrap(), ["done"]);
    assert_eq!(temporaries(&scratch.data()).len(), 0);
}

#[test]
fn half_a_line_of_a_power_cut_does_not_swallow_the_next() {
    let scratch = Scratch::new();
    let store = scratch.store();
    store.lock().unwrap().append(Journal::Done, &["whole"]).unwrap();
    fs::write(scratch.data().join("audit.log"), "whole\nhal").unwrap();
    store.lock().unwrap().append(Journal::Done, &["next"]).unwrap();
    assert_eq!(store.journal(Journal::Done).unwrap(), ["whole", "hal", "next"]);
}

#[test]
fn a_link_is_not_written_through_and_a_reset_leaves_nothing() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let lock = store.lock().unwrap();
    lock.append(Journal::Done, &["one"]).unwrap();
    lock.remove_journal(Journal::Done).unwrap();
    assert!(store.journal(Journal::Done).unwrap().is_empty());
    let outside = scratch.0.path().join("outside");
    fs::write(&outside, "").unwrap();
    std::os::unix::fs::symlink(&outside, scratch.data().join("audit.log")).unwrap();
    assert!(lock.append(Journal::Done, &["one"]).is_err());
    assert_eq!(fs::read(&outside).unwrap(), b"");
    let long = "x".repeat(5000);
    assert!(matches!(lock.append(Journal::Refused, &[&long]), Err(StoreError::TooLarge { .. })));
}
