//! One proof at a time on a machine, however the tests were started.

use std::cell::RefCell;
use std::fs::File;
use std::path::Path;
use std::sync::{Arc, Weak};

thread_local! {
    /// What this proof holds, whose units share it.
    static HELD: RefCell<Weak<File>> = const { RefCell::new(Weak::new()) };
}

/// Held by a proof until the last clone is dropped; the other proofs wait.
///
/// A lock of a file belongs to the one who opened it: threads of this process are kept apart as other processes are.
#[derive(Clone)]
pub struct Alone(#[expect(dead_code, reason = "the lock lasts as long as the file is open")] Arc<File>);

impl Alone {
    pub fn wait() -> Self {
        HELD.with_borrow_mut(|held| {
            if let Some(file) = held.upgrade() {
                return Self(file);
            }
            let file = File::create(Path::new(env!("CARGO_TARGET_TMPDIR")).join("proofs.lock")).unwrap();
            file.lock().unwrap();
            let file = Arc::new(file);
            *held = Arc::downgrade(&file);
            Self(file)
        })
    }
}

#[test]
fn a_second_proof_waits_and_no_proof_waits_for_itself() {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("proofs.lock");
    let (one, same) = (Alone::wait(), Alone::wait());
    drop(one);
    // Another thread stands for another proof, in this process or another.
    let taken = std::thread::spawn(move || File::open(path).unwrap().try_lock());
    assert!(matches!(taken.join().unwrap(), Err(std::fs::TryLockError::WouldBlock)));
    drop(same);
    let later = std::thread::spawn(|| drop(Alone::wait()));
    later.join().unwrap();
}
