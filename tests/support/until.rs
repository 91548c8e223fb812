use std::time::{Duration, Instant};

/// Waits until something holds that another process brings about, such as a line in its log. Panics with `what` after two
/// minutes: only a test that has failed waits for so long.
pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(120);
    while !holds() {
        assert!(Instant::now() < end, "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
