//! SIGKILL at random moments: the old state or the new, nothing else.

use super::child::Other;
use super::{Scratch, create, name, names, open, record, temporaries};
use crate::{Document, StoreError, is_settled};
use std::collections::BTreeSet;
use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

#[test]
fn a_killed_writer_leaves_the_old_state_or_the_new() {
    let seed = std::env::var("STORE_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed: u64 = seed.unwrap_or_else(|| RandomState::new().hash_one(0));
    println!("STORE_TEST_SEED={seed}");
    let mut random = seed | 1;
    let scratch = Scratch::new();
    let mut written = 0;
    for _ in 0..25 {
        let mut writer = Other::start("write", &scratch.data());
        let mut said = vec![writer.next().unwrap()];
        // xorshift64: any moment of the next 8 ms.
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        std::thread::sleep(Duration::from_micros(random % 8000));
        said.extend(writer.kill());
        written += said.len();

        let store = open(&scratch.data());
        assert_eq!(temporaries(&scratch.data()), Vec::<std::path::PathBuf>::new());
        assert!(is_settled(store.generation().unwrap()));
        let entries = store.csrs().unwrap();
        for entry in &entries {
            let stored = entry.content.as_ref().unwrap();
            assert!(stored.record == record(entry.name.as_str()) || stored.record == record("noted"), "{entry:?}");
            assert_eq!(store.private_key(&entry.name).unwrap().unwrap().expose_secret(), super::KEY);
        }
        // What was said to be done is done; of the step that was cut, either state may be there.
        let there: BTreeSet<String> = names(&store).into_iter().collect();
        let last = said.iter().rev().find_map(|line| line.split_whitespace().last()).unwrap().to_owned();
        let number = |name: &str| name.split_once('-').unwrap().1.to_owned();
        for line in &said {
            let (state, name) = line.split_once(' ').unwrap();
            if number(name) == number(&last) {
                continue;
            }
            let deleted = said.contains(&format!("gone {name}")) || name.starts_with('a');
            assert_eq!(there.contains(name), state == "there" && !deleted, "{line}, seed {seed}");
        }
        let in_flight = [format!("a-{}", number(&last)), format!("b-{}", number(&last))];
        let alive = in_flight.iter().filter(|name| there.contains(*name)).count();
        let all_said_gone = said.contains(&format!("gone {}", in_flight[1]));
        assert!(if all_said_gone { alive == 0 } else { alive <= 1 }, "{in_flight:?}, seed {seed}");
    }
    assert!(written > 25, "the writers got nowhere");
}

#[test]
fn a_writer_killed_in_the_middle_leaves_a_number_that_nobody_keeps_until_the_next_one_sweeps() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let before = store.generation().unwrap();
    let mut other = Other::start("change", &scratch.data());
    assert_eq!(other.next().as_deref(), Some("changed"));
    other.kill();
    assert!(!is_settled(store.generation().unwrap()));
    assert_eq!(temporaries(&scratch.data()).len(), 1);
    drop(store.lock().unwrap());
    let after = store.generation().unwrap();
    assert!(is_settled(after));
    assert_ne!(after, before);
    assert_eq!(temporaries(&scratch.data()).len(), 0);
    assert_eq!(names(&store), ["changed"]);
}

#[test]
fn what_a_killed_restore_had_gathered_is_in_its_place_before_anybody_else_writes() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let file = {
        create(&store, "nas");
        let file = store.csr_file(&name("nas")).unwrap().unwrap();
        store.lock().unwrap().delete(&name("nas")).unwrap();
        file
    };
    {
        let lock = store.lock().unwrap();
        let mut restoring = lock.begin_restore().unwrap();
        restoring.add_csr(&name("nas"), &file).unwrap();
        lock.put_document(Document::RestoreIntent, b"{}").unwrap();
        // As if it were killed here.
        restoring.keep();
    }
    let other = open(&scratch.data());
    let lock = other.lock().unwrap();
    let taken = lock.create(&name("nas"), &record("another"), &super::REQUEST, &super::key());
    assert!(matches!(taken, Err(StoreError::AlreadyExists { .. })), "{taken:?}");
    assert_eq!(store.csr_file(&name("nas")).unwrap().unwrap().expose_secret(), file.expose_secret());
    assert!(!store.has_restoring().unwrap());
}
