//! What can go wrong with the data directory: what failed, with the path. What to do next is in `messages`.
//!
//! The callers decide which exit code or HTTP status that becomes. No variant holds file contents.

use rustix::io::Errno;
use signet_domain::name::CsrName;
use std::path::{Path, PathBuf};

/// A refusal or a failure of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The path is not a data directory of this user.
    #[error("{} is not a data directory of this console: {why}", path.display())]
    NotOurs {
        /// The path that was given.
        path: PathBuf,
        /// What it is instead.
        why: Why,
    },
    /// The folder in which the data directory would be created does not exist.
    #[error("{} cannot be created: the folder above it does not exist", path.display())]
    NoParent {
        /// The data directory.
        path: PathBuf,
    },
    /// This user may not do that here.
    #[error("{}: user {} has no permission", path.display(), rustix::process::geteuid().as_raw())]
    NotPermitted {
        /// What was read or written.
        path: PathBuf,
    },
    /// The partition is mounted read-only, or turned read-only after a fault.
    #[error("{} cannot be written: its file system is read-only", path.display())]
    ReadOnly {
        /// What was written.
        path: PathBuf,
    },
    /// The partition, its inodes or a quota are used up. What was there before is still there.
    #[error("{} cannot be written: no space is left", path.display())]
    NoSpace {
        /// What was written.
        path: PathBuf,
    },
    /// Another program holds the write lock.
    #[error("{} is busy: {who} is changing it", path.display())]
    Busy {
        /// The data directory.
        path: PathBuf,
        /// The holder's process and command, as far as they are known.
        who: String,
    },
    /// Another console serves this directory.
    #[error("{} is already served{}", path.display(), process(*pid))]
    Serving {
        /// The data directory.
        path: PathBuf,
        /// Its process.
        pid: Option<u32>,
    },
    /// There is a CSR of that name, perhaps in another case.
    #[error("A CSR named {name} already exists")]
    AlreadyExists {
        /// The name as it is stored.
        name: CsrName,
    },
    /// No CSR of that name.
    #[error("There is no CSR named {name}")]
    NotFound {
        /// The name asked for.
        name: CsrName,
    },
    /// Something else has the name of a new file: a link, a folder, or a file that is made only once.
    #[error("{} is in the way of a new file", path.display())]
    Occupied {
        /// Its path.
        path: PathBuf,
    },
    /// As many CSRs as `[limits] csrs` allows.
    #[error("There are already {limit} CSRs, the maximum of this console")]
    TooMany {
        /// The limit.
        limit: u32,
    },
    /// As many bytes as `[limits] disk_mib` or the partition allows.
    #[error("The requests may take {kib} KiB{}", if *by_partition { ", half of the partition" } else { "" })]
    OverBudget {
        /// The limit, KiB.
        kib: u64,
        /// The partition is what limits it.
        by_partition: bool,
    },
    /// What is free stays free for other programs.
    #[error("{}: the last {kib} KiB of the partition are kept free for other programs", path.display())]
    Reserved {
        /// The data directory.
        path: PathBuf,
        /// What stays free.
        kib: u64,
    },
    /// Larger than what would be read back.
    #[error("{} would be larger than {bound} bytes", path.display())]
    TooLarge {
        /// What was to be written.
        path: PathBuf,
        /// The bound, bytes.
        bound: usize,
    },
    /// There is no data directory where one must be: only a few commands make one.
    #[error("there is no data directory at {}", path.display())]
    NoDirectory {
        /// What was looked for.
        path: PathBuf,
    },
    /// A file is not what this program writes, or cannot be read ([`Damage::is_left_alone`]).
    #[error("{} {}", path.display(), damage.predicate())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        damage: Damage,
    },
    /// Anything else that the operating system says.
    #[error("{}: {source}", path.display())]
    Io {
        /// What was read or written.
        path: PathBuf,
        /// What the operating system says.
        source: std::io::Error,
    },
}

/// Why a path is not a data directory of this console.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// A file, a device, a socket.
    #[error("it is not a directory")]
    NotADirectory,
    /// A symbolic link, which is not followed.
    #[error("it is a symbolic link")]
    Link,
    /// Somebody else's.
    #[error("it belongs to user {owner}, and this is user {us}")]
    AnotherOwner {
        /// The directory's user id.
        owner: u32,
        /// This process's effective user id.
        us: u32,
    },
    /// Not empty, and nothing in it says that it is ours.
    #[error("it contains {found} and no lock file")]
    Foreign {
        /// The first thing found.
        found: String,
    },
    /// Something else has the name of a regular file of ours.
    #[error("it is not a regular file")]
    NotAFile,
}

/// What is wrong with one file. The others are not touched by it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// This user may not read it, or the disk fails; it is not changed.
    #[error("it cannot be read: {}", cause(*.0))]
    Unreadable(Errno),
    /// Larger than anything that is written here.
    #[error("it is larger than {0} bytes")]
    TooLarge(usize),
    /// Not text.
    #[error("it is not text")]
    NotText,
    /// A PEM block is not there.
    #[error("it has no {0} block")]
    Missing(&'static str),
    /// A PEM block is there more than once.
    #[error("it has more than one {0} block")]
    Repeated(&'static str),
    /// A PEM block begins and does not end.
    #[error("the block that begins in line {line} does not end")]
    Unfinished {
        /// The line, from 1, where it begins.
        line: usize,
    },
    /// The base64 of a PEM block.
    #[error("the text of its {0} block is damaged")]
    Base64(&'static str),
    /// The record or a JSON file does not parse. The words are the parser's, without contents of secret files.
    #[error("its record cannot be read: {0}")]
    Json(String),
    /// Not the number of bytes that it must have.
    #[error("it has {found} bytes instead of {expected}")]
    Length {
        /// Bytes there must be.
        expected: usize,
        /// Bytes there are.
        found: usize,
    },
    /// A newer version of Signet wrote it; it is not changed.
    #[error("it was written by a newer version of Signet (format {0})")]
    Newer(u32),
}

impl Damage {
    /// True for a file that may be whole, and only cannot be read here: it is never changed or deleted, since it may hold
    /// the only copy of a key.
    pub fn is_left_alone(&self) -> bool {
        matches!(self, Self::Newer(_) | Self::Unreadable(_))
    }

    /// True where the reason is that this user may not read the file.
    pub fn is_permission(&self) -> bool {
        matches!(self, Self::Unreadable(Errno::ACCESS | Errno::PERM))
    }
}

/// The operating system's reason in words.
fn cause(errno: Errno) -> String {
    match errno {
        Errno::ACCESS | Errno::PERM => "permission denied".into(),
        Errno::IO => "input/output error".into(),
        other => std::io::Error::from(other).to_string(),
    }
}

impl StoreError {
    /// Sorts what the operating system said while `path` was read or written.
    pub(super) fn at(path: impl AsRef<Path>, errno: Errno) -> Self {
        let path = path.as_ref().to_path_buf();
        match errno {
            Errno::NOSPC | Errno::DQUOT => Self::NoSpace { path },
            Errno::ROFS => Self::ReadOnly { path },
            Errno::ACCESS | Errno::PERM => Self::NotPermitted { path },
            other => Self::Io { path, source: other.into() },
        }
    }
}

fn process(pid: Option<u32>) -> String {
    pid.map(|pid| format!(" by process {pid}")).unwrap_or_default()
}
