//! The data directory: atomic, durable, locked. No HTML, no HTTP, no ASN.1.
//!
//! ```text
//! DATA/lock, serve.lock        who writes, who serves
//! DATA/csrs/NAME.pem           one CSR: request, private key, record
//! DATA/identity.pem            the console's own certificate and key
//! DATA/former.pem              the one that was in use before it
//! DATA/owner.json, seal.key    the owner, and the key that seals drafts
//! DATA/device.json             what the factory wrote down of the unit
//! DATA/login.json, audit.head, recover.json, provision.json, signet.toml   documents of the application
//! DATA/audit.log, refused.log  journals, each with an older one behind it (.1)
//! DATA/factory/                setup.json and identity.pem, which a reset keeps
//! DATA/setup.json              a setup code that is in force instead of the factory's
//! DATA/pending/                a unit that `provision` has begun
//! DATA/owner.json.newer-1      a file of a newer version that a recovery moved aside; so for every `.json`
//! ```
//!
//! Reading needs no lock: every file is replaced whole. Writing goes through [`WriteLock`], which has all that changes.

mod aside;
mod atomic;
mod csr_file;
mod csrs;
mod device;
mod dir;
mod error;
mod identity;
mod journal;
mod lock;
mod lock_file;
mod look;
mod new_file;
mod pending;
mod probe;
mod reset;
mod stamp;
mod tally;
#[cfg(test)]
mod tests;

pub use aside::{InTheWay, Newer};
pub use csr_file::{MAX_FILE, StoredCsr};
pub use csrs::Entry;
pub use device::{DeviceRecord, Document, Hashed, Owner, SEAL_KEY_LENGTH, Setup, refuse_newer_document};
pub use dir::owner_of;
pub use error::{Damage, StoreError, Why};
pub use identity::StoredIdentity;
pub use journal::{Journal, MAX_LINE};
pub use lock::{Moved, ServeLock, WriteLock, flock_until, is_settled};
pub use look::OnTheWay;
pub use new_file::{sync_folder_of, write_new, write_new_secret};
pub use probe::{FileSystem, OnDisk, Space, Stray};
pub use stamp::Stamp;

use dir::{DIR_MODE, Dir};
use rustix::fs::{AtFlags, Mode, OFlags};
use rustix::io::Errno;
use signet_domain::visible;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

const CSRS: &str = "csrs";
const FACTORY: &str = "factory";

/// What an empty data directory may hold: an integrator's configuration, and what mkfs leaves at a mount point.
/// The serve lock stands there when the making was cut.
const HARMLESS: [&str; 3] = ["signet.toml", "lost+found", lock::SERVE_LOCK];

/// How much is kept: `[limits]` of the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The number of CSRs.
    pub csrs: u32,
    /// The size of all CSR files together, MiB.
    pub disk_mib: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { csrs: 20_000, disk_mib: 64 }
    }
}

/// How a directory is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// What others are told who wait for the lock: `signet csr create`. Without secrets.
    pub command: String,
    /// How much is kept.
    pub limits: Limits,
    /// For a console, which lives long and is waited for. What a power cut may have left among the CSRs is not looked for now,
    /// but when [`Store::sweep_csrs`] is called: a look at ten thousand names takes as long as a start. What a killed process
    /// left there is swept at once all the same.
    pub serves: bool,
    /// The directory must be there and in use: none is made ([`StoreError::NoDirectory`]).
    pub existing: bool,
}

impl Default for Opening {
    fn default() -> Self {
        Self { command: "signet".into(), limits: Limits::default(), serves: false, existing: false }
    }
}

impl Inner {
    fn new(root: Dir, opening: Opening, on_behalf_of: Option<u32>, looking: bool) -> Self {
        let turn = lock::Turn::default();
        Self { root, opening, on_behalf_of, turn, looking, tally: Mutex::default() }
    }
}

/// An open data directory. Clones share it.
#[derive(Debug, Clone)]
pub struct Store(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    root: Dir,
    opening: Opening,
    /// The user whose directory root may open, too.
    on_behalf_of: Option<u32>,
    turn: lock::Turn,
    /// Opened to be looked at: nothing may be changed.
    looking: bool,
    /// Of the CSRs' folder, under the lock.
    tally: Mutex<Option<tally::Tally>>,
}

impl Store {
    /// Opens a data directory; makes it (mode 0700) when it is missing or empty, unless [`Opening::existing`] says that it
    /// must be there. What a killed process left is swept.
    ///
    /// Refused: no directory, a link, another user's, one that this user may not write to, one that holds files but no
    /// lock file. A partition that is read-only or full opens where the directory was in use before.
    pub fn open(path: &Path, opening: Opening) -> Result<Self, StoreError> {
        Self::open_as(path, opening, None)
    }

    /// As [`Store::open`]; root may also open a directory that belongs to user `uid` already (`provision --owner`).
    pub fn open_for(path: &Path, opening: Opening, uid: u32) -> Result<Self, StoreError> {
        Self::open_as(path, opening, Some(uid))
    }

    fn open_as(path: &Path, opening: Opening, on_behalf_of: Option<u32>) -> Result<Self, StoreError> {
        let missing = || StoreError::NoDirectory { path: path.to_path_buf() };
        let root = match Dir::open(path)? {
            Some(root) => root,
            None if opening.existing => return Err(missing()),
            None => Dir::make(path)?,
        };
        may_use(&root, on_behalf_of)?;
        if !lock_file::has_mark(&root)? {
            refuse_foreign(&root)?;
            if !opening.existing {
                take_over(&root)?;
            } else if !lock_file::has_mark(&root)? {
                return Err(missing());
            }
        }
        let store = Self(Arc::new(Inner::new(root, opening, on_behalf_of, false)));
        match store.lock_within(Duration::ZERO) {
            Ok(lock) if store.0.opening.serves => store.sweep_small(&lock)?,
            Ok(lock) => store.sweep(&lock)?,
            // Who holds the lock has swept; and where nothing can be removed, nothing has to be.
            Err(StoreError::Busy { .. } | StoreError::ReadOnly { .. } | StoreError::NoSpace { .. }) => {}
            Err(other) => return Err(other),
        }
        Ok(store)
    }

    /// The directory's path as it was given.
    pub fn path(&self) -> &Path {
        self.0.root.path()
    }

    fn root(&self) -> &Dir {
        &self.0.root
    }

    fn turn(&self) -> &lock::Turn {
        &self.0.turn
    }

    fn command(&self) -> &str {
        &self.0.opening.command
    }

    fn limits(&self) -> Limits {
        self.0.opening.limits
    }

    /// Takes away what a power cut left among the CSRs, for those who opened with [`Opening::serves`].
    pub fn sweep_csrs(&self) -> Result<(), StoreError> {
        let lock = self.lock()?;
        match self.root().child(CSRS)? {
            Some(csrs) => atomic::sweep_with_doubles(&csrs, |file| csrs::name_of(file).is_some(), || lock.changing()),
            None => Ok(()),
        }
    }

    /// Takes away what a killed process left, in every directory of ours.
    fn sweep(&self, lock: &WriteLock<'_>) -> Result<(), StoreError> {
        if let Some(csrs) = self.root().child(CSRS)? {
            atomic::sweep_with_doubles(&csrs, |file| csrs::name_of(file).is_some(), || lock.changing())?;
        }
        self.sweep_small(lock)
    }

    fn sweep_small(&self, lock: &WriteLock<'_>) -> Result<(), StoreError> {
        if let Some(factory) = self.root().child(FACTORY)? {
            atomic::sweep(&factory, || lock.changing())?;
        }
        atomic::sweep(self.root(), || lock.changing())
    }
}

/// Ours, or of the user that root works for, and open to us.
fn may_use(root: &Dir, on_behalf_of: Option<u32>) -> Result<(), StoreError> {
    let failed = |errno| StoreError::at(root.path(), errno);
    let stat = rustix::fs::fstat(root.fd()).map_err(failed)?;
    let us = rustix::process::geteuid().as_raw();
    let for_its_owner = us == 0 && on_behalf_of == Some(stat.st_uid);
    if stat.st_uid != us && !for_its_owner {
        let why = Why::AnotherOwner { owner: stat.st_uid, us };
        return Err(StoreError::NotOurs { path: root.path().to_path_buf(), why });
    }
    let access = rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK;
    match rustix::fs::accessat(root.fd(), ".", access, AtFlags::EACCESS) {
        Err(Errno::ACCESS) => Err(failed(Errno::ACCESS)),
        // Read-only is a state to be lived with, and an old kernel's "no such call" is no answer.
        _ => Ok(()),
    }
}

/// Refuses a directory with files in it that are not ours.
fn refuse_foreign(root: &Dir) -> Result<(), StoreError> {
    let foreign = root.list()?.into_iter().find(|listed| !HARMLESS.iter().any(|name| listed.name == *name));
    // Another process may have taken it over meanwhile.
    if let Some(foreign) = foreign
        && !lock_file::has_mark(root)?
    {
        let why = Why::Foreign { found: visible::path(Path::new(&foreign.name)) };
        return Err(StoreError::NotOurs { path: root.path().to_path_buf(), why });
    }
    Ok(())
}

/// Makes an empty directory ours: mode 0700, and the lock file as its mark.
fn take_over(root: &Dir) -> Result<(), StoreError> {
    let failed = |errno| StoreError::at(root.path(), errno);
    let stat = rustix::fs::fstat(root.fd()).map_err(failed)?;
    if Mode::from_raw_mode(stat.st_mode) & (Mode::RWXU | Mode::RWXG | Mode::RWXO) != DIR_MODE {
        rustix::fs::fchmod(root.fd(), DIR_MODE).map_err(failed)?;
    }
    // Both now: a partition that is full or read-only later on has them already. The mark comes last.
    for name in [lock::SERVE_LOCK, lock_file::LOCK] {
        lock_file::open_file(root, name, OFlags::RDWR | OFlags::CREATE)?;
    }
    root.sync()
}
