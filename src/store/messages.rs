//! What to do about what goes wrong with the data directory, and phrases for what is found there. What went wrong is said by
//! [`StoreError`] itself.

use crate::error::{Damage, StoreError, Why};
use rustix::io::Errno;
use std::path::Path;

/// The holder of a lock, where it is a thread of this process.
pub(crate) const THIS_PROGRAM: &str = "this program itself";

/// Things that are not the console's.
pub(crate) mod stray {
    pub(crate) const FILE: &str = "a file with a name that the console does not use";
    pub(crate) const LINK: &str = "a symbolic link";
    pub(crate) const FOLDER: &str = "a folder";
    pub(crate) const OTHER: &str = "not a regular file";
}

/// Where JSON fails, and not on what: the parser would quote the file, which may hold hashes.
pub(crate) fn json(error: &serde_json::Error) -> String {
    let what = match error.classify() {
        serde_json::error::Category::Data => "a field is missing or has the wrong type",
        serde_json::error::Category::Eof => "it is cut off",
        _ => "it is not JSON",
    };
    format!("{what} (line {}, column {})", error.line(), error.column())
}

impl Damage {
    /// What is wrong with a file: the end of a sentence that begins with its name.
    pub fn predicate(&self) -> String {
        match self {
            Self::Newer(_) | Self::Unreadable(_) => {
                let whole = self.to_string();
                whole.strip_prefix("it ").unwrap_or(&whole).to_owned()
            }
            other => format!("is damaged: {other}"),
        }
    }

    /// What to do about a file that is not changed; none for one that is damaged.
    pub fn way_out(&self) -> Option<&'static str> {
        match self {
            Self::Newer(_) => Some("Update the software. Until then the file is not changed."),
            Self::Unreadable(Errno::ACCESS | Errno::PERM) => {
                Some("Check its owner and mode (`signet check` shows them). The file is not changed.")
            }
            Self::Unreadable(_) => {
                Some("Check the disk and the system log, and copy what can be copied. The file is not changed.")
            }
            _ => None,
        }
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
                "Mount the partition writable. If it became read-only by itself, check its file system first.".into()
            }
            Self::NoSpace { .. } => "Free space on the partition and try again. Nothing was lost.".into(),
            Self::Busy { .. } => "Wait until it is done, then try again.".into(),
            Self::Serving { .. } => "Stop that console first, or name another directory with --data.".into(),
            Self::AlreadyExists { .. } => "Choose another name. Names are not case-sensitive.".into(),
            Self::NotFound { .. } => "Check the name in the list of requests.".into(),
            Self::Occupied { .. } => "Check what it is, and move it away.".into(),
            Self::TooMany { .. } => "Delete requests that are no longer needed, or raise [limits] csrs.".into(),
            Self::OverBudget { by_partition: true, .. } => {
                "Delete requests that are no longer needed, or use a larger partition.".into()
            }
            Self::OverBudget { .. } => "Delete requests that are no longer needed, or raise [limits] disk_mib.".into(),
            Self::Reserved { .. } => "Free space on the partition and try again; nothing was lost.".into(),
            Self::TooLarge { .. } => "Use fewer names or certificates, or shorter values.".into(),
            Self::NoDirectory { .. } => {
                "Name the console's data directory with --data or in SIGNET_DATA. serve, csr create and csr import make a new \
                 one."
                    .into()
            }
            Self::Damaged { path, damage } => damaged(path, damage),
            Self::Io { .. } => "Check the partition and the system log.".into(),
        }
    }
}

/// What helps with a file by its name. Nothing here deletes or overwrites a file that may hold the only copy of a key.
fn damaged(path: &Path, damage: &Damage) -> String {
    let command = match path.file_name().and_then(|name| name.to_str()) {
        Some("owner.json") => Some("recover password"),
        Some("setup.json") => Some("recover password --new-code"),
        Some("login.json") => Some("recover lockout"),
        _ => None,
    };
    match (damage, command) {
        (Damage::Newer(_), Some(command)) => {
            format!("Update the software, or run `signet {command}`, which keeps the newer file under another name.")
        }
        (Damage::Newer(_) | Damage::Unreadable(_), _) => damage.way_out().unwrap_or_default().to_owned(),
        (_, Some(command)) => format!("`signet {command}` replaces it."),
        (_, None) if path.ends_with("seal.key") => {
            "Restore it from a backup; or move it away, keep it, and restart: unfinished requests are lost, and the \
             log's earlier lines can no longer be verified."
                .into()
        }
        (_, None) if path.extension().is_some_and(|extension| extension == "pem") => {
            "Restore it from a backup. Until then keep the file, which may hold the only copy of a key.".into()
        }
        (_, None) => "Restore it from a backup.".into(),
    }
}
