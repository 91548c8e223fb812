//! What cannot be written yet is neither lost nor without bound.

use super::super::buffer::{COUNTED, HELD, OTHERS};
use super::*;
use std::time::Duration;

#[test]
fn failures_cost_one_write_a_minute_and_are_counted() {
    let unit = Unit::new();
    let start = Instant::now();
    let guesser = Actor::Browser("192.0.2.9".parse().unwrap());
    let changed = || fs::read(unit.data.join("refused.log")).map(|text| text.len()).unwrap_or_default();
    let mut writes = 0;
    let mut size = changed();
    for second in 0..600 {
        let now = start + Duration::from_secs(second);
        unit.fail(guesser, Refusal::Login, now);
        unit.flush.due(now);
        writes += usize::from(changed() != size);
        size = changed();
    }
    assert_eq!(writes, 10);
    unit.flush.all();
    let entries = unit.audit.read().unwrap().entries;
    assert_eq!(entries.iter().map(|entry| entry.count.unwrap_or(1)).sum::<u32>(), 600);
    assert!(unit.breaks().is_empty());
}

#[test]
fn failures_of_ever_new_addresses_are_bounded() {
    let unit = Unit::new();
    let now = Instant::now();
    for host in 0..10_000_u32 {
        let address = IpAddr::from(host.to_be_bytes());
        unit.fail(Actor::Browser(address), Refusal::Login, now);
    }
    assert!(unit.audit.buffer().failures.len() <= COUNTED + 1);
    unit.flush.all();
    let entries = unit.audit.read().unwrap().entries;
    assert_eq!(entries.iter().map(|entry| entry.count.unwrap_or(1)).sum::<u32>(), 10_000);
    assert!(entries.iter().any(|entry| entry.who == OTHERS));
}

#[test]
fn failures_never_rotate_a_success_away() {
    let unit = Unit::with(1);
    let start = Instant::now();
    for minute in 0..60 {
        for host in 0..60 {
            let by = Actor::Browser(IpAddr::from([192, 0, 2, host]));
            unit.fail(by, Refusal::SetupCode, start + Duration::from_secs(60 * minute));
        }
    }
    assert!(unit.data.join("refused.log.1").exists());
    let entries = unit.audit.read().unwrap().entries;
    assert_eq!(entries.iter().filter(|entry| entry.what == "login").count(), 1);
    assert!(unit.breaks().is_empty());
}

#[test]
fn what_waits_in_memory_is_bounded_written_in_order_and_its_loss_is_told() {
    let unit = Unit::with(1);
    // A folder in the file's place: nothing can be written, as on a partition that turned read-only.
    let aside = unit.data.join("aside");
    fs::rename(unit.data.join("audit.log"), &aside).unwrap();
    fs::create_dir(unit.data.join("audit.log")).unwrap();
    (0..HELD + 10).for_each(|_| unit.audit.record(BY, Event::LoggedIn));
    unit.audit.record(BY, Event::LoggedOut);
    assert_eq!(unit.audit.buffer().done.len(), HELD);
    let name = CsrName::parse("nas").unwrap();
    assert!(unit.audit.record_first(BY, Event::KeyExported { csr: &name, encrypted: true }).is_err());
    fs::remove_dir(unit.data.join("audit.log")).unwrap();
    fs::rename(&aside, unit.data.join("audit.log")).unwrap();
    unit.flush.due(Instant::now());
    let log = unit.audit.read().unwrap();
    assert_eq!(log.state.breaks, []);
    assert_eq!(log.entries.len(), HELD + 2);
    assert_eq!(log.entries[0].what, "logout");
    assert_eq!(log.entries[HELD].what, "lost");
    assert_eq!(log.entries[HELD].count, Some(11));
    assert!(log.entries.iter().all(|entry| entry.what != "key"), "the refused export is not told as done");
}
