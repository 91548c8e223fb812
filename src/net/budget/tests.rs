//! Sums, and who is cut for them; time stands still unless it is moved.

use super::*;

/// Strangers may have two MiB.
fn memory() -> Memory {
    with_strangers(2 * MIB)
}

fn with_strangers(bytes: usize) -> Memory {
    Memory::new(RECOGNISED + MIB + bytes / 3 * 4 + 4, MIB)
}

fn open(memory: &Memory, bytes: usize) -> (Account, Arc<Life>) {
    open_from("192.0.2.1", memory, bytes)
}

fn open_from(address: &str, memory: &Memory, bytes: usize) -> (Account, Arc<Life>) {
    let life = Arc::new(Life::new(Arc::new(Notify::new())));
    (memory.open(&life, Source::of(address.parse().unwrap()), bytes), life)
}

fn sums(memory: &Memory) -> (usize, usize, usize) {
    let state = memory.0.locked();
    (state.strangers, state.recognised, state.leaving)
}

#[tokio::test(start_paused = true)]
async fn strangers_cannot_use_what_is_kept_for_recognised_visitors() {
    let memory = memory();
    let (stranger, _) = open(&memory, MIB);
    stranger.take(MIB).unwrap();
    assert_eq!(stranger.take(KIB), Err(UsedUp));
    let (known, _) = open(&memory, KIB);
    known.recognise(true);
    known.take(6 * MIB - KIB).unwrap();
    assert_eq!(sums(&memory), (2 * MIB, 6 * MIB, 0));
}

#[tokio::test(start_paused = true)]
async fn the_slowest_stranger_makes_room_and_whoever_makes_progress_does_not() {
    let memory = memory();
    let (reads, reading) = open(&memory, MIB);
    let (waits, waiting) = open(&memory, MIB - KIB);
    for life in [&reading, &waiting] {
        life.enter(Phase::Answered);
    }
    tokio::time::advance(Duration::from_secs(5)).await;
    reading.moved(MIB);
    let (newcomer, _) = open(&memory, KIB);
    newcomer.take(KIB).unwrap();
    assert_eq!((waiting.phase(), reading.phase()), (Phase::Cut, Phase::Answered));
    assert_eq!(waits.take(KIB), Err(UsedUp), "one that was cut gets no more");
    assert_eq!(sums(&memory).2, MIB - KIB);
    drop((waits, reads, newcomer));
    assert_eq!(sums(&memory), (0, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_visitor_of_a_source_that_holds_little_outlasts_a_crowd_of_another_one() {
    let memory = memory();
    let (_lone, visitor) = open_from("192.0.2.2", &memory, 64 * KIB);
    tokio::time::advance(Duration::from_secs(1)).await;
    // Each of them is younger and holds less, and there are more of them than fit.
    let crowd: Vec<_> = (0..100).map(|_| open(&memory, 20 * KIB)).collect();
    tokio::time::advance(Duration::from_millis(100)).await;
    let (newcomer, _) = open_from("192.0.2.3", &memory, 0);
    newcomer.take(64 * KIB).unwrap();
    assert_eq!(visitor.phase(), Phase::Handshake);
    let cut = crowd.iter().filter(|(_, life)| life.phase() == Phase::Cut).count();
    assert!((1..10).contains(&cut), "{cut} of the crowd were cut");
}

#[tokio::test(start_paused = true)]
async fn a_crowd_is_not_renewed_without_end_and_a_newcomer_does_not_wait_for_it() {
    let memory = memory();
    let crowd: Vec<_> = (0..100).map(|_| open(&memory, 20 * KIB)).collect();
    let source = |address: &str| Source::of(address.parse().unwrap());
    assert!(!memory.has_room(source("192.0.2.1"), CONNECTION), "all of the crowd are young, and one more is of it");
    assert!(crowd.iter().all(|(_, life)| life.phase() == Phase::Handshake));
    assert!(memory.holds_little(source("192.0.2.2")) && memory.has_room(source("192.0.2.2"), 64 * KIB));
    assert!(crowd.iter().any(|(_, life)| life.phase() == Phase::Cut));
    tokio::time::advance(Duration::from_secs(1)).await;
    assert!(memory.has_room(source("192.0.2.1"), CONNECTION), "its slowest ones make room for its next one");
}

#[tokio::test(start_paused = true)]
async fn a_source_is_counted_for_as_long_as_it_holds_anything() {
    let memory = memory();
    let (one, _) = open(&memory, KIB);
    let (other, _) = open(&memory, KIB);
    let of_sources = || {
        let state = memory.0.locked();
        state.sources.keys().map(|source| state.held_by(*source)).collect::<Vec<_>>()
    };
    other.take(KIB).unwrap();
    assert_eq!(of_sources(), [3 * KIB]);
    other.recognise(true);
    assert_eq!(of_sources(), [KIB]);
    drop((one, other));
    assert!(of_sources().is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_a_proxy_holds_for_a_visitor_is_the_visitors() {
    let memory = memory();
    let (account, _) = open(&memory, KIB);
    let source = |address: &str| Source::of(address.parse().unwrap());
    account.moves_to(source("192.0.2.7"));
    account.take(KIB).unwrap();
    let held = |address: &str| memory.0.locked().held_by(source(address));
    assert_eq!((held("192.0.2.1"), held("192.0.2.7")), (0, 2 * KIB));
    account.recognise(true);
    account.moves_to(source("192.0.2.8"));
    assert_eq!((held("192.0.2.7"), held("192.0.2.8")), (0, 0), "a recognised visitor is no stranger");
    account.recognise(false);
    assert_eq!((held("192.0.2.8"), sums(&memory)), (2 * KIB, (2 * KIB, 0, 0)));
    account.moves_to(source("192.0.2.8"));
    drop(account);
    assert!(memory.0.locked().sources.is_empty());
}

#[tokio::test(start_paused = true)]
async fn work_of_ours_and_recognised_visitors_are_never_cut() {
    let memory = memory();
    let (working, life) = open(&memory, MIB);
    life.enter(Phase::Exchange);
    working.working();
    let (known, other) = open(&memory, KIB);
    known.recognise(true);
    tokio::time::advance(Duration::from_secs(5)).await;
    let (newcomer, _) = open(&memory, MIB);
    assert_eq!(newcomer.take(KIB), Err(UsedUp));
    assert!(life.phase() == Phase::Working && other.phase() == Phase::Handshake);
}

#[tokio::test(start_paused = true)]
async fn a_recognised_visitor_takes_the_place_of_strangers() {
    let memory = memory();
    let (stranger, life) = open(&memory, 2 * MIB);
    let (known, _) = open(&memory, KIB);
    known.recognise(true);
    tokio::time::advance(Duration::from_secs(1)).await;
    known.take(7 * MIB).unwrap();
    assert_eq!(life.phase(), Phase::Cut);
    assert_eq!(known.take(2 * MIB), Err(UsedUp), "all there is");
    drop(stranger);
}

#[tokio::test(start_paused = true)]
async fn what_the_application_sets_aside_comes_from_strangers() {
    let memory = memory();
    let (stranger, life) = open(&memory, MIB);
    tokio::time::advance(Duration::from_secs(1)).await;
    let leaves = std::thread::spawn(move || {
        while life.phase() != Phase::Cut {
            std::thread::yield_now();
        }
        drop(stranger);
    });
    let aside = memory.set_aside(2 * MIB);
    leaves.join().unwrap();
    assert_eq!(sums(&memory), (0, 0, 0));
    let (second, _) = open(&memory, MIB - KIB);
    assert_eq!(second.take(KIB), Err(UsedUp));
    drop(aside);
    second.take(KIB).unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_leaves_is_granted_again_up_to_a_bound() {
    let memory = with_strangers(10 * MIB);
    let strangers: Vec<_> = (0..10).map(|_| open(&memory, MIB)).collect();
    tokio::time::advance(Duration::from_secs(1)).await;
    let (newcomer, _) = open(&memory, 0);
    assert_eq!((0..10).filter(|_| newcomer.take(MIB).is_ok()).count(), 2);
    drop(strangers);
    newcomer.take(MIB).unwrap();
}
