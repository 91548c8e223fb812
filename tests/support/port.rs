//! Ports for programs that cannot be given port 0.

use std::net::TcpListener;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU16, Ordering};

/// Below the ports that the kernel gives to connections and to port 0 (`ip_local_port_range`), so that nobody else gets one
/// between this call and its use.
const FIRST: u16 = 10_000;
const COUNT: u16 = 20_000;

/// A port that nobody listens on, and that this process is not given again. Processes begin at different places. The next port
/// is left free: OpenBao takes it, too.
///
/// # Panics
/// Where there is none.
#[expect(clippy::panic, reason = "a panic is how a test fails")]
pub fn free_port() -> u16 {
    static NEXT: OnceLock<AtomicU16> = OnceLock::new();
    let start = || AtomicU16::new(u16::try_from(std::process::id().wrapping_mul(97) % u32::from(COUNT)).unwrap_or(0));
    let next = NEXT.get_or_init(start);
    for _ in 0..COUNT / 2 {
        let port = FIRST + next.fetch_add(2, Ordering::Relaxed) % COUNT;
        if TcpListener::bind(("0.0.0.0", port)).is_ok() {
            return port;
        }
    }
    panic!("no port of {FIRST} to {} is free", FIRST + COUNT)
}
