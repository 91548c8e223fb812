//! Other services: certificates are handed over when a request or the list of services changes, and now and then in case a change
//! was missed or a service could not be reloaded.

use super::child::{Commands, Ran};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// As the timer under systemd has it.
const EVERY: Duration = Duration::from_secs(15 * 60);
/// How long it may take: several reload commands of a minute each at most.
const MOST: Duration = Duration::from_secs(300);

/// What a file or a folder was like: two that differ say that it has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    device: u64,
    inode: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    fn of(path: &Path) -> Option<Self> {
        let found = fs::symlink_metadata(path).ok()?;
        Some(Self {
            device: found.dev(),
            inode: found.ino(),
            modified: (found.mtime(), found.mtime_nsec()),
            changed: (found.ctime(), found.ctime_nsec()),
        })
    }
}

/// The list of services, the folder of requests, and what both were like at the last run.
pub(super) struct Deployments {
    requests: PathBuf,
    list: PathBuf,
    seen: Option<(Stamp, Option<Stamp>)>,
    again: Option<Instant>,
}

impl Deployments {
    pub(super) fn new(data: &Path, list: PathBuf) -> Self {
        Self { requests: data.join("csrs"), list, seen: None, again: None }
    }

    /// Hands over where something has changed or it is time.
    pub(super) fn look(&mut self, commands: &Commands, now: Instant) -> Option<Ran> {
        // As the unit's condition: without a list there is nothing to do.
        let list = Stamp::of(&self.list)?;
        let found = (list, Stamp::of(&self.requests));
        let is_time = self.again.is_none_or(|time| now >= time);
        if !is_time && self.seen == Some(found) {
            return None;
        }
        // What changes during the run differs from this and starts another one.
        self.seen = Some(found);
        let arguments: [&OsStr; 4] =
            ["deploy".as_ref(), "--quiet".as_ref(), "--config".as_ref(), self.list.as_os_str()];
        let ran = commands.run(&arguments, MOST);
        self.again = Some(Instant::now() + EVERY);
        Some(ran)
    }
}
