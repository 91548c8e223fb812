//! Whether anything in the data directory has changed since somebody asked: told by the kernel (inotify) for one system call.
//!
//! For those who keep what they read: the same number twice means that nothing was written, made, renamed or removed in
//! between, neither in the directory nor in the CSRs' folder, by whichever process. What the kernel does not tell (a file
//! changed through a memory map, a disk that other machines share) is why they look again after [`TRUST`] all the same.

use super::dir::Dir;
use super::{CSRS, Store};
use rustix::fs::inotify::{self, CreateFlags, Reader, WatchFlags};
use rustix::io::Errno;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

/// How long what was read may be trusted without another look.
pub const TRUST: Duration = Duration::from_secs(1);

/// What counts as a change.
const CHANGES: WatchFlags = WatchFlags::MODIFY
    .union(WatchFlags::ATTRIB)
    .union(WatchFlags::CREATE)
    .union(WatchFlags::DELETE)
    .union(WatchFlags::MOVE)
    .union(WatchFlags::DELETE_SELF)
    .union(WatchFlags::MOVE_SELF)
    .union(WatchFlags::ONLYDIR);

/// Calls what it is given where the queue may have something to read.
pub(super) type Bell = Box<dyn Fn(&mut dyn FnMut()) + Send + Sync>;

pub(super) struct Watch {
    queue: OwnedFd,
    bell: OnceLock<Bell>,
    /// Held while the queue is emptied: who finds it empty knows of all that was in it.
    moves: Mutex<u64>,
}

impl Store {
    /// A number that every change moves. None where the kernel does not tell, and for those who do not serve. Ask before reading
    /// what is to be kept.
    pub fn moves(&self) -> Option<u64> {
        let root = self.root();
        self.watch().map(|watch| watch.moves(root))
    }

    /// As [`Store::moves`], for whoever was just woken by an event loop: where a bell hangs, the queue is read only when that
    /// has rung. Not for those who have changed something themselves since: the loop may not have heard of it yet.
    pub fn moves_so_far(&self) -> Option<u64> {
        let root = self.root();
        self.watch().map(|watch| match watch.bell.get() {
            Some(bell) => {
                bell(&mut || {
                    watch.moves(root);
                });
                *watch.moves.lock().unwrap_or_else(PoisonError::into_inner)
            }
            None => watch.moves(root),
        })
    }

    /// Hangs up the bell that `make` makes for a copy of the queue's descriptor.
    pub fn ring(&self, make: impl FnOnce(OwnedFd) -> Option<Bell>) {
        if let Some(watch) = self.watch()
            && let Some(bell) = watch.queue.try_clone().ok().and_then(make)
        {
            let _ = watch.bell.set(bell);
        }
    }

    fn watch(&self) -> Option<&Watch> {
        let root = self.root();
        self.0.watch.get_or_init(|| self.0.opening.serves.then(|| Watch::new(root)).flatten()).as_ref()
    }
}

impl std::fmt::Debug for Watch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Watch({:?})", self.queue)
    }
}

impl Watch {
    fn new(root: &Dir) -> Option<Self> {
        let queue = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK).ok()?;
        let watch = Self { queue, bell: OnceLock::new(), moves: Mutex::default() };
        watch.add(root).ok()?;
        watch.add_csrs(root);
        Some(watch)
    }

    fn moves(&self, root: &Dir) -> u64 {
        let mut moves = self.moves.lock().unwrap_or_else(PoisonError::into_inner);
        let mut buffer = [MaybeUninit::uninit(); 1024];
        let mut events = Reader::new(&self.queue, &mut buffer);
        let mut moved = false;
        loop {
            match events.next() {
                Ok(_) => moved = true,
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => break,
                Err(_) => {
                    moved = true;
                    break;
                }
            }
        }
        if moved {
            // The folder may have been made only now. Nothing is read before this is done, so nothing in it is missed.
            self.add_csrs(root);
            *moves += 1;
        }
        *moves
    }

    fn add_csrs(&self, root: &Dir) {
        if let Ok(Some(csrs)) = root.child(CSRS) {
            let _ = self.add(&csrs);
        }
    }

    /// The open directory itself, wherever its path leads by now. Twice the same one is once.
    fn add(&self, dir: &Dir) -> Result<(), Errno> {
        inotify::add_watch(&self.queue, format!("/proc/self/fd/{}", dir.fd().as_raw_fd()), CHANGES).map(|_| ())
    }
}
