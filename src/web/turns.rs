//! Pages that are drawn at the same time for who is logged in: as many as there are cores, and one more while another one waits
//! for the disk.
//!
//! More of them would take the cores from each other in the midst of a page, for milliseconds each time: of eight lists at once
//! on one core, one in twenty took 20 ms instead of 3. Strangers take no turns: under attack their pages, which are short, waited
//! behind long ones and had fewer threads than the forms of the crowd. It knows nothing of pages.

use std::thread::available_parallelism;
use tokio::sync::{Semaphore, SemaphorePermit};

/// Who draws takes a turn, in the order of asking.
#[derive(Debug)]
pub struct Turns(Semaphore);

impl Default for Turns {
    fn default() -> Self {
        Self(Semaphore::new(available_parallelism().map_or(2, usize::from) + 1))
    }
}

impl Turns {
    /// Waits for a turn, which ends when it is dropped.
    pub async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        // An error means that it was closed, which nobody does.
        self.0.acquire().await.ok()
    }
}
