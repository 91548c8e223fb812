//! What can go wrong with the data directory: what failed, with the path, and what to do next.
//!
//! Which exit code or HTTP status that makes is decided by those who ask. No variant holds file contents.

use rustix::io::Errno;
use signet_domain::name::CsrName;
use std::path::{Path, PathBuf};

/// A refusal or a failure of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The path is no data directory of this user's.
    #[error("{} is not a data directory of this console: {why}", path.display())]
    NotOurs {
        /// What was looked at.
        path: PathBuf,
        /// What it is instead.
        why: Why,
    },
    /// The folder that the data directory is to be made in does not exist.
    #[error("{} cannot be made: the folder above it does not exist", path.display())]
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
    #[error("{} is served already{}", path.display(), process(*pid))]
    Serving {
        /// The data directory.
        path: PathBuf,
        /// Its process.
        pid: Option<u32>,
    },
    /// A CSR of that name stands there, perhaps in another case.
    #[error("A CSR named {name} exists already")]
    AlreadyExists {
        /// The name as it stands there.
        name: CsrName,
    },
    /// No CSR of that name.
    #[error("There is no CSR named {name}")]
    NotFound {
        /// The name asked for.
        name: CsrName,
    },
    /// Something stands where a new file is to go: a link, a folder, or a file that is made only once.
    #[error("{} is in the way", path.display())]
    Occupied {
        /// What stands there.
        path: PathBuf,
    },
    /// As many CSRs as `[limits] csrs` allows.
    #[error("There are {limit} CSRs, which is as many as this console keeps")]
    TooMany {
        /// The limit.
        limit: u32,
    },
    /// As many bytes as `[limits] disk_mib` allows.
    #[error("The CSRs take up {mib} MiB, which is as much as this console keeps")]
    OverBudget {
        /// The limit, MiB.
        mib: u64,
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

/// Why a path is no data directory of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// A file, a device, a socket.
    #[error("it is no directory")]
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
    /// Where a regular file of ours belongs stands something else.
    #[error("it is no regular file")]
    NotAFile,
}

/// What is wrong with one file. The others are not touched by it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// The operating system does not give it to this user, or not at all; it is left alone.
    #[error("it cannot be read: {}", cause(*.0))]
    Unreadable(Errno),
    /// Larger than anything that is written here.
    #[error("it is larger than {0} bytes")]
    TooLarge(usize),
    /// Not text.
    #[error("it is not text")]
    NotText,
    /// A PEM block is not there.
    #[error("it has no block {0}")]
    Missing(&'static str),
    /// A PEM block is there more than once.
    #[error("it has more than one block {0}")]
    Repeated(&'static str),
    /// A PEM block begins and does not end.
    #[error("a block in it begins and does not end (line {line})")]
    Unfinished {
        /// The line, from 1, where it begins.
        line: usize,
    },
    /// The base64 of a PEM block.
    #[error("its block {0} is not whole")]
    Base64(&'static str),
    /// The record or a JSON file does not parse. The words are the parser's, without contents of secret files.
    #[error("its record does not read: {0}")]
    Json(String),
    /// Not the number of bytes that it must have.
    #[error("it has {found} bytes instead of {expected}")]
    Length {
        /// Bytes there must be.
        expected: usize,
        /// Bytes there are.
        found: usize,
    },
    /// A newer program wrote it; it is left alone.
    #[error("it was written by a newer version of Signet (format {0})")]
    Newer(u32),
}

impl Damage {
    /// True for what is whole as far as anybody can tell, and only cannot be read here: it is never changed or deleted,
    /// since it may hold the only copy of a key.
    pub fn is_left_alone(&self) -> bool {
        matches!(self, Self::Newer(_) | Self::Unreadable(_))
    }

    /// What a file is: the end of a sentence that begins with its name.
    pub fn predicate(&self) -> String {
        match self {
            Self::Newer(version) => format!("was written by a newer version of Signet (format {version})"),
            Self::Unreadable(errno) => format!("cannot be read: {}", cause(*errno)),
            other => format!("is damaged: {other}"),
        }
    }

    /// What to do about a file that is left alone; none for one that is damaged.
    pub fn way_out(&self) -> Option<&'static str> {
        match self {
            Self::Newer(_) => Some("Update the software; until then the file is left as it is."),
            Self::Unreadable(Errno::ACCESS | Errno::PERM) => {
                Some("Check its owner and mode (`signet check` shows them); the file is left as it is.")
            }
            Self::Unreadable(_) => {
                Some("Check the disk and the system log, and copy what can be copied; the file is left as it is.")
            }
            _ => None,
        }
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
    /// What to do next: one sentence.
    pub fn fix(&self) -> String {
        match self {
            Self::NotOurs { why: Why::AnotherOwner { owner, .. }, .. } => {
                format!("Run the command as root or as user {owner}, or name another directory with --data.")
            }
            Self::NotOurs { why: Why::Foreign { .. }, .. } => {
                "Name the console's data directory with --data, or a new or empty one to start with.".into()
            }
            Self::NotOurs { .. } => "Name a directory of your own with --data.".into(),
            Self::NoParent { .. } => "Make the folder above it first, or name another directory with --data.".into(),
            Self::NotPermitted { .. } => {
                "Run the command as the directory's owner, who must be allowed to write to it.".into()
            }
            Self::ReadOnly { .. } => {
                "Mount the partition writable; if it turned read-only by itself, check its file system first.".into()
            }
            Self::NoSpace { .. } => "Free space on the partition and try again; nothing was lost.".into(),
            Self::Busy { .. } => "Wait until it is done, then try again.".into(),
            Self::Serving { .. } => "Stop that console first, or name another directory with --data.".into(),
            Self::AlreadyExists { .. } => "Choose another name; capitals do not tell names apart.".into(),
            Self::NotFound { .. } => "Look at the list of CSRs for the name.".into(),
            Self::Occupied { .. } => "Look at what it is and move it away.".into(),
            Self::TooMany { .. } => "Delete CSRs that are no longer needed, or raise [limits] csrs.".into(),
            Self::OverBudget { .. } => "Delete CSRs that are no longer needed, or raise [limits] disk_mib.".into(),
            Self::TooLarge { .. } => "Ask for less in one request.".into(),
            Self::NoDirectory { .. } => {
                "Name the console's data directory with --data or in SIGNET_DATA. serve, csr create and csr import make a new \
                 one."
                    .into()
            }
            Self::Damaged { path, damage } => damaged_fix(path, damage),
            Self::Io { .. } => "Check the partition and the system log.".into(),
        }
    }

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

/// What helps with a file by its name. Nothing here deletes or overwrites a file that may hold the only copy of a key.
fn damaged_fix(path: &Path, damage: &Damage) -> String {
    let command = match path.file_name().and_then(|name| name.to_str()) {
        Some("owner.json") => Some("recover password"),
        Some("setup.json") => Some("recover password --new-code"),
        Some("login.json") => Some("recover lockout"),
        _ => None,
    };
    match (damage, command) {
        (Damage::Newer(_), Some(command)) => {
            format!("Update the software; or run `signet {command}`, which keeps the newer file under another name.")
        }
        (Damage::Newer(_) | Damage::Unreadable(_), _) => damage.way_out().unwrap_or_default().to_owned(),
        (_, Some(command)) => format!("`signet {command}` replaces it."),
        (_, None) if path.ends_with("seal.key") => {
            "Restore it from a backup; or move it away, keep it, and restart: unfinished requests are lost, and the \
             log's earlier lines can no longer be verified."
                .into()
        }
        (_, None) if path.extension().is_some_and(|extension| extension == "pem") => {
            "Restore it from a backup; until then keep the file, which may hold the only copy of a key.".into()
        }
        (_, None) => "Restore it from a backup.".into(),
    }
}

fn process(pid: Option<u32>) -> String {
    pid.map(|pid| format!(" by process {pid}")).unwrap_or_default()
}
