//! `DATA/enroll`: orders on their way between the console and the enrolling process.
//!
//! Each folder has one kind of writer, so that neither needs the other's lock, and each sweeps its own. Files are named after
//! the request's id (32 hex digits), the CA's token or the authority.
//!
//! ```text
//! enroll/lock           one enrolling process at a time
//! enroll/queue/         orders that wait, and ID.cancel: the console's and the commands'
//! enroll/taken/         what became of the last order of a request: theirs, too
//! enroll/listeners.json where the console can be reached: theirs, too
//! enroll/certificates.json which certificates CAs are asked about (ARI): theirs, too
//! enroll/orders/        orders under way: the enrolling process's
//! enroll/done/          chains, until they are kept: its, too
//! enroll/challenges/    answers to CAs' checks, while they are open: its, too
//! enroll/accounts/      accounts at the CAs: its, too
//! enroll/windows/       when the CAs suggest to renew (ARI): its, too
//! ```

use super::atomic::{self, Place};
use super::authorities::{self, StoredAuthority};
use super::csr_file::MAX_FILE;
use super::data_dir::{AUTHORITIES, ENROLL, Store};
use super::device;
use super::dir::Dir;
use super::error::StoreError;
use super::flock::Locked;
use super::lock::WriteLock;
use super::lock_file::open_file;
use super::room::Room;
use super::tree::{DEPTH, remove_tree};
use rustix::fs::{FileType, FlockOperation, OFlags};
use rustix::io::Errno;
use signet_domain::authority::AuthorityName;
use std::path::Path;
use zeroize::Zeroizing;

const LOCK: &str = "lock";

/// A file that the console and the commands leave to the enrolling process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// Where the console can be reached.
    Listeners,
    /// Which certificates CAs are asked about.
    Certificates,
}

impl Left {
    fn file(self) -> &'static str {
        match self {
            Self::Listeners => "listeners.json",
            Self::Certificates => "certificates.json",
        }
    }
}

/// The folder, open; and the authorities beside it.
#[derive(Debug)]
pub struct EnrollFolder {
    enroll: Dir,
    authorities: Option<Dir>,
}

/// The right to be the enrolling process; given back when dropped.
#[derive(Debug)]
pub struct EnrollLock {
    pub(super) _file: Locked,
}

impl EnrollFolder {
    /// The folder in a data directory of which perhaps nothing else can be seen; none where there is none.
    pub fn open(data: &Path) -> Result<Option<Self>, StoreError> {
        let Some(root) = Dir::open(data)? else { return Ok(None) };
        Self::within(&root)
    }

    fn within(root: &Dir) -> Result<Option<Self>, StoreError> {
        let Some(enroll) = root.child(ENROLL)? else { return Ok(None) };
        Ok(Some(Self { enroll, authorities: root.child(AUTHORITIES)? }))
    }

    /// The right to be the enrolling process; none where another one is at work. What a killed one left half-written is swept.
    pub fn lock(&self) -> Result<Option<EnrollLock>, StoreError> {
        let file = open_file(&self.enroll, LOCK, OFlags::RDWR | OFlags::CREATE)?;
        match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(Errno::WOULDBLOCK | Errno::INTR) => return Ok(None),
            Err(errno) => return Err(StoreError::at(self.enroll.at(LOCK), errno)),
        }
        for room in Room::ITS {
            atomic::sweep(&self.enroll.child_or_new(room.folder())?, || Ok(()))?;
        }
        Ok(Some(EnrollLock { _file: Locked::holding(file) }))
    }

    /// The names in a room, sorted.
    pub fn names(&self, room: Room) -> Result<Vec<String>, StoreError> {
        let Some(dir) = self.enroll.child(room.folder())? else { return Ok(Vec::new()) };
        let files = dir.list()?.into_iter().filter(|listed| listed.kind == FileType::RegularFile);
        let mut names: Vec<String> =
            files.filter_map(|listed| listed.name.into_string().ok()).filter(|name| is_plain(name)).collect();
        names.sort_unstable();
        Ok(names)
    }

    /// A file; none where there is none, or no such name can be.
    pub fn read(&self, room: Room, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        let Some(dir) = self.enroll.child(room.folder())?.filter(|_| is_plain(name)) else { return Ok(None) };
        device::read(&dir, name, MAX_FILE)
    }

    /// Writes a file whole, over an older one. Whose room it is, is the caller's to know.
    pub fn write(&self, room: Room, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let dir = self.enroll.child_or_new(room.folder())?;
        if bytes.len() > MAX_FILE || !is_plain(name) {
            return Err(StoreError::TooLarge { path: dir.at(name), bound: MAX_FILE });
        }
        atomic::write(&dir, name, bytes, Place::Over)
    }

    /// Writes a file where none is: [`StoreError::Occupied`].
    pub fn write_new(&self, room: Room, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let dir = self.enroll.child_or_new(room.folder())?;
        if bytes.len() > MAX_FILE || !is_plain(name) {
            return Err(StoreError::TooLarge { path: dir.at(name), bound: MAX_FILE });
        }
        atomic::write(&dir, name, bytes, Place::Free)
    }

    /// Removes a file; false where there is none.
    pub fn remove(&self, room: Room, name: &str) -> Result<bool, StoreError> {
        match self.enroll.child(room.folder())?.filter(|_| is_plain(name)) {
            Some(dir) => dir.remove(name),
            None => Ok(false),
        }
    }

    /// What the console has left; none where it has left nothing.
    pub fn left(&self, what: Left) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        device::read(&self.enroll, what.file(), MAX_FILE)
    }

    /// An authority.
    pub fn authority(&self, name: &AuthorityName) -> Result<Option<StoredAuthority>, StoreError> {
        match &self.authorities {
            Some(dir) => authorities::read(dir, name),
            None => Ok(None),
        }
    }
}

impl Store {
    /// True where there are authorities or orders.
    pub fn has_enrollment(&self) -> Result<bool, StoreError> {
        Ok(self.root().child(AUTHORITIES)?.is_some() || self.root().child(ENROLL)?.is_some())
    }

    /// The folder; none before the first order.
    pub fn enrollment(&self) -> Result<Option<EnrollFolder>, StoreError> {
        EnrollFolder::within(self.root())
    }

    /// Leaves it to the enrolling process, unless it is there already; false where there is nothing to enroll.
    pub fn leave(&self, what: Left, json: &[u8]) -> Result<bool, StoreError> {
        let Some(folder) = self.enrollment()? else { return Ok(false) };
        if folder.left(what)?.is_none_or(|before| *before != json) {
            let _lock = self.lock()?;
            atomic::write(&folder.enroll, what.file(), json, Place::Over)?;
        }
        Ok(true)
    }
}

impl WriteLock<'_> {
    /// The folder, made where it is missing, with all that the enrolling process's unit sees.
    pub fn enrollment(&self) -> Result<EnrollFolder, StoreError> {
        let root = self.store.root();
        let authorities = root.child_or_new(AUTHORITIES)?;
        let enroll = root.child_or_new(ENROLL)?;
        for room in Room::CONSOLES.into_iter().chain(Room::ITS) {
            enroll.child_or_new(room.folder())?;
        }
        Ok(EnrollFolder { enroll, authorities: Some(authorities) })
    }

    /// Removes all authorities, accounts and orders; false where there were none.
    pub fn remove_enrollment(&self) -> Result<bool, StoreError> {
        let root = self.store.root();
        let mut was_there = false;
        for name in [AUTHORITIES, ENROLL] {
            if root.child(name)?.is_some() {
                was_there = true;
                self.changing()?;
                remove_tree(root, name, DEPTH)?;
            }
        }
        if was_there {
            root.sync()?;
        }
        Ok(was_there)
    }
}

/// Names of ours: no dot at their beginning, no separator.
fn is_plain(name: &str) -> bool {
    let byte = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    (1..=140).contains(&name.len()) && !name.starts_with('.') && name.bytes().all(byte)
}
