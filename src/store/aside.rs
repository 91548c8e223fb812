//! Files of a newer version that are in the way of a recovery: they are kept under another name, `owner.json.newer-1`.
//!
//! A newer program that is installed again can be given the file back; nothing here reads more of it than its version.

use super::atomic;
use super::csr_file::check_version;
use super::data_dir::Store;
use super::device::{MAX_SMALL, OWNER, SETUP, VERSION, read};
use super::dir::Dir;
use super::document::Document;
use super::error::{Damage, StoreError};
use super::lock::WriteLock;
use rustix::fs::AtFlags;
use rustix::io::Errno;
use std::path::PathBuf;

/// What is between the file's own name and a number from 1.
const NEWER: &str = ".newer-";

/// A file of a newer version, and the path that it is kept at when a recovery needs its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Newer {
    /// Its own path.
    pub path: PathBuf,
    /// Where it will be, or is now.
    pub kept_at: PathBuf,
}

/// A file whose place a recovery may need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InTheWay {
    /// `owner.json`.
    Owner,
    /// `setup.json`: a fresh setup code.
    FreshSetup,
    /// `login.json`.
    LoginDelays,
}

impl InTheWay {
    fn file_name(self) -> &'static str {
        match self {
            Self::Owner => OWNER,
            Self::FreshSetup => SETUP,
            Self::LoginDelays => Document::LoginDelays.file_name(),
        }
    }
}

impl Store {
    /// Where the file would be kept by [`WriteLock::set_aside`]; none where it is missing or not of a newer version.
    pub fn newer(&self, file: InTheWay) -> Result<Option<Newer>, StoreError> {
        let (root, name) = (self.root(), file.file_name());
        if !is_newer(root, name)? {
            return Ok(None);
        }
        Ok(Some(Newer { path: root.at(name), kept_at: root.at(free_name(root, name)?) }))
    }
}

impl WriteLock<'_> {
    /// Gives a file of a newer version another name, durably; nothing where it is missing or not newer.
    pub fn set_aside(&self, file: InTheWay) -> Result<(), StoreError> {
        self.set_aside_in(self.store.root(), file.file_name()).map(drop)
    }

    /// As [`WriteLock::set_aside`]; true where the file was moved.
    pub(super) fn set_aside_in(&self, dir: &Dir, name: &str) -> Result<bool, StoreError> {
        if !is_newer(dir, name)? {
            return Ok(false);
        }
        self.changing()?;
        atomic::rename(dir, name, &free_name(dir, name)?)?;
        Ok(true)
    }
}

/// True for the name that a newer file of the name `of` is kept under.
pub(super) fn is_kept_newer(name: &str, of: impl Fn(&str) -> bool) -> bool {
    name.rsplit_once(NEWER)
        .is_some_and(|(own, number)| of(own) && !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

fn is_newer(dir: &Dir, name: &str) -> Result<bool, StoreError> {
    let Some(json) = read(dir, name, MAX_SMALL)? else { return Ok(false) };
    Ok(matches!(check_version(&json, VERSION), Err(Damage::Newer(_))))
}

fn free_name(dir: &Dir, name: &str) -> Result<String, StoreError> {
    let mut number: u32 = 1;
    loop {
        let free = format!("{name}{NEWER}{number}");
        match rustix::fs::statat(dir.fd(), &free, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(_) => number = number.saturating_add(1),
            Err(Errno::NOENT) => return Ok(free),
            Err(errno) => return Err(StoreError::at(dir.at(&free), errno)),
        }
    }
}
