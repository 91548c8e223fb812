//! Guesses at the login, one after the other, at once and over a restart.

use super::*;
use crate::Services;
use crate::config::Config;
use jiff::Timestamp;
use signet_store::{Opening, Store};

/// Guesses of one source that are computed or wait for it.
const QUEUE_OF_ONE: usize = 3;

const PASSWORD: &str = "correct horse battery staple";

fn owned(folder: &tempfile::TempDir) -> Services {
    let store = Store::open(&folder.path().join("data"), Opening::default()).unwrap();
    let services = Services::open(store, Config::parse("").unwrap(), Clock::Fixed(Timestamp::UNIX_EPOCH));
    let password_hash = hash(&Secret::from(PASSWORD.to_owned())).unwrap();
    services
        .store
        .lock()
        .unwrap()
        .put_owner(&Owner { generation: 7, password_hash, since: Timestamp::UNIX_EPOCH })
        .unwrap();
    services
}

fn visitor(last: u8) -> Actor {
    Actor::Browser([192, 0, 2, last].into())
}

#[test]
fn guesses_sent_at_once_are_not_looked_at_before_the_first_ones_wait_is_over() {
    let folder = tempfile::tempdir().unwrap();
    let (services, now) = (owned(&folder), Instant::now());
    for _ in 0..2 {
        assert!(matches!(services.access.log_in("wrong", visitor(1), now), Err(AppError::Rejected(_))));
    }
    let looked_at = std::thread::scope(|scope| {
        let guesses: Vec<_> =
            (0..QUEUE_OF_ONE).map(|_| scope.spawn(|| services.access.log_in("wrong", visitor(1), now))).collect();
        let outcomes = guesses.into_iter().map(|guess| guess.join().unwrap());
        outcomes.filter(|outcome| matches!(outcome, Err(AppError::Rejected(_)))).count()
    });
    assert_eq!(looked_at, 1);
    assert!(matches!(services.access.log_in(PASSWORD, visitor(1), now), Err(AppError::Failed(Failure::TooSoon(_)))));
    assert_eq!(services.access.log_in(PASSWORD, visitor(2), now).unwrap(), 7, "another source gets in meanwhile");
}

#[test]
fn counts_come_back_after_a_restart_and_a_damaged_file_is_no_obstacle() {
    let folder = tempfile::tempdir().unwrap();
    let (services, now) = (owned(&folder), Instant::now());
    for _ in 0..3 {
        let _ = services.access.log_in("wrong", visitor(1), now);
    }
    services.flush.all();
    let again = Services::open(services.store.clone(), Config::parse("").unwrap(), Clock::Fixed(Timestamp::UNIX_EPOCH));
    again.attempts.restore(now);
    assert!(matches!(again.access.log_in(PASSWORD, visitor(1), now), Err(AppError::Failed(Failure::TooSoon(_)))));
    std::fs::write(folder.path().join("data/login.json"), "{\"version\":").unwrap();
    let third = Services::open(services.store.clone(), Config::parse("").unwrap(), Clock::Fixed(Timestamp::UNIX_EPOCH));
    third.attempts.restore(now);
    assert_eq!(third.access.log_in(PASSWORD, visitor(1), now).unwrap(), 7);
    let kept = std::fs::read_to_string(folder.path().join("data/login.json")).unwrap();
    assert!(kept.contains("\"shared\""), "written anew: {kept}");
}
