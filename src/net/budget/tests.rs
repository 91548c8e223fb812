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
    let life = Arc::new(Life::new(Arc::new(Notify::new())));
    (memory.open(&life, bytes), life)
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
