//! The server killed at random moments while it saves, renames, notes and deletes: what it had told is so, and of the
//! change that was cut the old state or the new is there.

use crate::client::Client;
use crate::unit::{Random, Unit, full};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// What the visitor was told, in order.
#[derive(Debug, Default)]
struct Told {
    /// Names that were there when the last answer came.
    there: Vec<String>,
    /// Names that the change that was cut takes away or brings.
    moving: Vec<String>,
}

/// Changes one CSR after the other until the console is gone.
fn change_until_killed(owner: &mut Client, round: usize, told: &mut Told, done: &AtomicUsize) -> std::io::Result<()> {
    for number in 0.. {
        let (first, second) = (format!("a-{round}-{number}"), format!("b-{round}-{number}"));
        let confirm = owner.up_to_save(&first)?;
        told.moving = vec![first.clone()];
        done.fetch_add(1, Ordering::Release);
        saved(owner.save(&confirm)?.status);
        told.there.push(first.clone());

        let path = format!("/csrs/{first}");
        let page = owner.try_exchange("GET", &path, "")?;
        told.moving = vec![first.clone(), second.clone()];
        saved(owner.try_send(&page, &path, &[("name", &second), ("note", "noted")], None)?.status);
        told.there.pop();
        told.there.push(second.clone());

        if number % 2 == 0 {
            let path = format!("/csrs/{second}/delete");
            let page = owner.try_exchange("GET", &path, "")?;
            told.moving = vec![second];
            saved(owner.try_send(&page, &path, &[("confirm", "on")], None)?.status);
            told.there.pop();
        }
        told.moving.clear();
    }
    Ok(())
}

fn saved(status: u16) {
    assert_eq!(status, 303);
}

#[test]
fn what_was_told_is_so_and_what_was_cut_is_whole_or_absent() {
    let rounds = if full() { 200 } else { 20 };
    let mut random = Random::new();
    let unit = Unit::new();
    let mut console = unit.serve();
    drop(console.owner());
    let mut kept: Vec<String> = Vec::new();
    let (mut cut_old, mut cut_new) = (0, 0);
    for round in 0..rounds {
        let mut owner = console.owner();
        let mut told = Told { there: kept.clone(), moving: Vec::new() };
        let done = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            let changing = scope.spawn(|| change_until_killed(&mut owner, round, &mut told, &done));
            // From the first Save on, any moment of the next two or three changes.
            while done.load(Ordering::Acquire) == 0 && !changing.is_finished() {
                std::thread::yield_now();
            }
            std::thread::sleep(Duration::from_micros(random.below(60_000)));
            console.kill();
            changing.join().unwrap().expect_err("the console is gone");
        });
        console = unit.serve();
        let when = format!("round {round}");
        let states = unit.states();
        unit.is_whole(&when);
        for name in &told.there {
            assert!(states.contains_key(name) || told.moving.contains(name), "{when}: {name} was told to be there");
        }
        for name in states.keys() {
            assert!(told.there.contains(name) || told.moving.contains(name), "{when}: {name} was not asked for");
        }
        let alive = told.moving.iter().filter(|name| states.contains_key(*name)).count();
        assert!(alive <= 1, "{when}: both names of {:?}", told.moving);
        // A rename that was cut loses nothing.
        assert!(told.moving.len() < 2 || alive == 1, "{when}: neither of {:?}", told.moving);
        match told.moving.last().is_some_and(|name| states.contains_key(name)) {
            true => cut_new += 1,
            false => cut_old += 1,
        }
        kept = states.into_keys().collect();
    }
    println!(
        "killed {rounds} times; {} CSRs were kept; the last name in motion was there {cut_new} times, not {cut_old}",
        kept.len()
    );
    assert!(!kept.is_empty(), "nothing was ever kept");
}
