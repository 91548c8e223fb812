//! An open data directory, which everything else in this crate reads from and writes to.

use super::dir::Dir;
use super::turn::Turn;
use super::usage::CurrentUsage;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

pub(super) const CSRS: &str = "csrs";
pub(super) const FACTORY: &str = "factory";
pub(super) const AUTHORITIES: &str = "authorities";
pub(super) const ENROLL: &str = "enroll";
pub(super) const RESTORING: &str = "restoring";

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
    /// What others see who wait for the lock: `signet csr create`. Without secrets.
    pub command: String,
    /// How much is kept.
    pub limits: Limits,
    /// For a console, which lives long and is waited for. What a power cut may have left among the CSRs is not looked for now,
    /// but when [`Store::sweep_csrs`] is called: reading ten thousand names takes as long as a start. What a killed process
    /// left there is swept at once all the same.
    pub serves: bool,
    /// The directory must be there and in use: none is made ([`super::StoreError::NoDirectory`]).
    pub existing: bool,
    /// How long a change waits for another process's; none for the usual time.
    pub wait: Option<Duration>,
}

impl Default for Opening {
    fn default() -> Self {
        Self { command: "signet".into(), limits: Limits::default(), serves: false, existing: false, wait: None }
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
    turn: Turn,
    /// Opened for reading alone: nothing may be changed.
    read_only: bool,
    /// Of the CSRs' folder, under the lock.
    usage: CurrentUsage,
}

impl Store {
    pub(super) fn new(root: Dir, opening: Opening, on_behalf_of: Option<u32>, read_only: bool) -> Self {
        let (turn, usage) = (Turn::default(), CurrentUsage::default());
        Self(Arc::new(Inner { root, opening, on_behalf_of, turn, read_only, usage }))
    }

    /// The directory's path as it was given.
    pub fn path(&self) -> &Path {
        self.0.root.path()
    }

    pub(super) fn root(&self) -> &Dir {
        &self.0.root
    }

    pub(super) fn turn(&self) -> &Turn {
        &self.0.turn
    }

    pub(super) fn command(&self) -> &str {
        &self.0.opening.command
    }

    pub(super) fn limits(&self) -> Limits {
        self.0.opening.limits
    }

    pub(super) fn opening(&self) -> &Opening {
        &self.0.opening
    }

    pub(super) fn on_behalf_of(&self) -> Option<u32> {
        self.0.on_behalf_of
    }

    /// True where nothing may be changed.
    pub(super) fn is_read_only(&self) -> bool {
        self.0.read_only
    }

    pub(super) fn usage(&self) -> &CurrentUsage {
        &self.0.usage
    }
}
