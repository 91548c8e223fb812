//! One writer at a time, one console, and a number that moves.

use super::child::Other;
use super::{Scratch, create, name, names, open, record};
use crate::{Moved, Opening, Store, StoreError, is_settled};
use std::time::Duration;

const SHORT: Duration = Duration::from_millis(20);

#[test]
fn a_second_process_is_told_who_writes() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let mut other = Other::start("hold", &scratch.data());
    assert_eq!(other.next().as_deref(), Some("locked"));
    let Err(StoreError::Busy { path, who }) = store.lock_within(SHORT) else { panic!("not busy") };
    assert_eq!(path, scratch.data());
    assert_eq!(who, format!("process {} (signet hold)", other.process.id()));
    // Reading needs no lock.
    assert_eq!(names(&store), [""; 0]);
    // A second open does not wait for the holder either.
    open(&scratch.data());
    other.kill();
    store.lock_within(SHORT).unwrap();
}

#[test]
fn a_program_that_is_being_started_keeps_no_lock() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let folder = store.lock().unwrap().enrollment().unwrap();
    let (write, serve, enroll) = (store.lock().unwrap(), store.serve_lock().unwrap(), folder.lock().unwrap().unwrap());
    // What the program has until its exec: another descriptor of each open file.
    let its = [&write.file, &serve._file, &enroll._file].map(|file| file.try_clone().unwrap());
    drop((write, serve, enroll));
    let again = scratch.store();
    assert!(again.lock_within(Duration::ZERO).is_ok() && folder.lock().unwrap().is_some());
    assert_eq!(again.serving().unwrap(), None);
    drop(its);
}

#[test]
fn two_threads_of_one_store_take_turns() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let lock = store.lock().unwrap();
    let second = store.clone();
    let waiting = std::thread::spawn(move || matches!(second.lock_within(SHORT), Err(StoreError::Busy { .. })));
    assert!(waiting.join().unwrap());
    let third = store.clone();
    let waiting = std::thread::spawn(move || create(&third, "third"));
    lock.create(&name("first"), &record(""), &super::REQUEST, &super::key()).unwrap();
    drop(lock);
    waiting.join().unwrap();
    assert_eq!(names(&store), ["first", "third"]);
}

#[test]
fn two_stores_of_one_process_take_turns() {
    let scratch = Scratch::new();
    let (one, other) = (scratch.store(), scratch.store());
    let lock = one.lock().unwrap();
    let Err(StoreError::Busy { who, .. }) = other.lock_within(SHORT) else { panic!("not busy") };
    assert_eq!(who, format!("process {} (signet)", std::process::id()));
    drop(lock);
    other.lock_within(SHORT).unwrap();
}

#[test]
fn writers_of_many_processes_lose_nothing() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let mut others: Vec<Other> = (0..3).map(|_| Other::start("count", &scratch.data())).collect();
    for other in &mut others {
        assert_eq!(other.next().as_deref(), Some("counted"));
    }
    assert_eq!(names(&store).len(), 3 * 25);
}

#[test]
fn a_second_console_is_refused_at_once_and_told_the_first() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let mut other = Other::start("serve", &scratch.data());
    assert_eq!(other.next().as_deref(), Some("serving"));
    let Err(StoreError::Serving { pid, .. }) = store.serve_lock() else { panic!("two consoles") };
    assert_eq!(pid, Some(other.process.id()));
    // A console does not keep the command line from writing.
    create(&store, "one");
    other.kill();
    let lock = store.serve_lock().unwrap();
    assert!(
        matches!(scratch.store().serve_lock(), Err(StoreError::Serving { pid: Some(pid), .. }) if pid == std::process::id())
    );
    drop(lock);
    store.serve_lock().unwrap();
}

#[test]
fn every_change_moves_the_generation_across_processes() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let mut seen = vec![store.generation().unwrap()];
    let mut moved = |store: &Store| {
        let now = store.generation().unwrap();
        assert!(is_settled(now));
        assert!(!seen.contains(&now), "{now} of {seen:?}");
        seen.push(now);
    };
    create(&store, "one");
    moved(&store);
    store.lock().unwrap().set_record(&name("one"), &record("x")).unwrap();
    moved(&store);
    store.lock().unwrap().rename(&name("one"), &name("two")).unwrap();
    moved(&store);
    store.lock().unwrap().delete(&name("two")).unwrap();
    moved(&store);
    super::child::populate(&store);
    moved(&store);
    store.lock().unwrap().remove_owner().unwrap();
    moved(&store);
    let mut other = Other::start("count", &scratch.data());
    assert_eq!(other.next().as_deref(), Some("counted"));
    moved(&store);
}

#[test]
fn a_lock_without_a_change_moves_nothing() {
    let scratch = Scratch::new();
    let store = scratch.store();
    create(&store, "one");
    let before = store.generation().unwrap();
    drop(store.lock().unwrap());
    scratch.store();
    assert_eq!(store.generation().unwrap(), before);
}

#[test]
fn a_release_tells_how_the_number_moved() {
    let scratch = Scratch::new();
    let store = scratch.store();
    create(&store, "one");
    let before = store.generation().unwrap();
    let lock = store.lock().unwrap();
    lock.delete(&name("one")).unwrap();
    let moved = lock.release();
    assert_eq!(moved, Moved { before, after: store.generation().unwrap() });
    assert_ne!(moved.before, moved.after);
    let unmoved = store.lock().unwrap().release();
    assert_eq!((unmoved.before, unmoved.after), (moved.after, moved.after));
}

#[test]
fn the_number_is_odd_while_a_change_is_under_way() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let lock = store.lock().unwrap();
    lock.create(&name("one"), &record(""), &super::REQUEST, &super::key()).unwrap();
    assert!(!is_settled(store.generation().unwrap()));
    drop(lock);
    assert!(is_settled(store.generation().unwrap()));
}

#[test]
fn the_lock_file_stays_and_names_nobody_once_released() {
    let scratch = Scratch::new();
    let opening = Opening { command: "signet csr create".into(), ..Opening::default() };
    let store = Store::open(&scratch.data(), opening).unwrap();
    let read = || std::fs::read_to_string(scratch.data().join("lock")).unwrap();
    let lock = store.lock().unwrap();
    assert!(read().contains(&format!("holder process {} (signet csr create)", std::process::id())), "{}", read());
    drop(lock);
    assert!(read().starts_with("signet lock 1\ngeneration "));
    assert!(!read().contains("process"));
}

#[test]
fn a_holder_with_control_characters_cannot_break_the_file() {
    let scratch = Scratch::new();
    let opening = Opening { command: format!("\n\u{1b}ü{}", "x".repeat(300)), ..Opening::default() };
    let store = Store::open(&scratch.data(), opening).unwrap();
    create(&store, "one");
    let before = store.generation().unwrap();
    create(&store, "two");
    assert_eq!(store.generation().unwrap(), before + 2);
}
