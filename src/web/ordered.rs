//! Tells that an order was placed by a page. Its owner waits for what works on it, which otherwise looks now and then.

use tokio::sync::Notify;

/// Each half has one listener, and remembers what comes while that one is at work.
#[derive(Debug, Default)]
pub struct Ordered {
    /// An order is to be worked on.
    pub to_start: Notify,
    /// A certificate will come.
    pub to_keep: Notify,
}

impl Ordered {
    /// An order was placed.
    pub fn tell(&self) {
        self.to_start.notify_one();
        self.to_keep.notify_one();
    }
}
