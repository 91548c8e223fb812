//! Why something was not handed to a service, or not taken away.

use crate::Failure;
use signet_store::StoreError;
use std::path::PathBuf;

/// What went wrong. What a service had before it still has.
#[derive(Debug, thiserror::Error)]
pub enum DeployError {
    /// The integrator has set nothing up.
    #[error("there is no {}: this device is not set up to hand certificates to other services", path.display())]
    NotSetUp {
        /// The list of services.
        path: PathBuf,
    },
    /// What decides where root writes and what it runs is not root's alone.
    #[error("{} cannot be trusted: {why}", path.display())]
    Untrusted {
        /// The file or folder, or one above it.
        path: PathBuf,
        /// What is wrong with it.
        why: Distrust,
    },
    /// The list of services is no TOML, or a value of it is refused.
    #[error("{} is wrong in line {line}: {what}", path.display())]
    Wrong {
        /// The list of services.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What is wrong there.
        what: String,
    },
    /// An owner or a group that the device does not have.
    #[error("service {service}: {source}")]
    Name {
        /// The service.
        service: String,
        /// Which one.
        source: NameError,
    },
    /// The data directory is not there: perhaps its partition is not mounted. Nothing was taken away.
    #[error("{} is not a data directory of the console", path.display())]
    NoData {
        /// The data directory.
        path: PathBuf,
    },
    /// CSRs that cannot be read may be those that a service has: nothing was taken away from it.
    #[error("service {service} keeps its files: the request {csr} cannot be read: {reason}")]
    Unreadable {
        /// The service.
        service: String,
        /// One of the CSRs.
        csr: String,
        /// Why it cannot be read.
        reason: String,
    },
    /// What the CSR's file holds is not what a service can use.
    #[error("service {service} did not get the certificate of {csr}: {why}")]
    Refused {
        /// The service.
        service: String,
        /// The CSR.
        csr: String,
        /// What is wrong with it.
        why: Unfit,
    },
    /// Files of the service could not be made, switched or removed.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// The command that makes the service load its new certificate failed. The next run tries it again.
    #[error("service {service} has a new certificate and may not have loaded it: {command} {how}")]
    Reload {
        /// The service, or several with the same command.
        service: String,
        /// The command's first word.
        command: String,
        /// How it ended.
        how: String,
    },
    /// The data directory.
    #[error(transparent)]
    Failed(#[from] Failure),
}

/// What is wrong with a path that root relies on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Distrust {
    /// A link could be turned elsewhere.
    #[error("it is a link")]
    Link,
    /// A file or a device where a folder belongs.
    #[error("it is not a folder")]
    NotAFolder,
    /// A folder, a pipe or a device where a file belongs.
    #[error("it is not a regular file")]
    NotAFile,
    /// Its owner could change it.
    #[error("it belongs to user {0}")]
    Owner(u32),
    /// Its group or everybody could change it.
    #[error("other users than its owner can write to it (mode {0:04o})")]
    Writable(u32),
    /// More bytes than such a file may have.
    #[error("it is larger than {} KiB", .0 / 1024)]
    TooLarge(u64),
    /// It depends on the working directory.
    #[error("it is not an absolute path")]
    Relative,
}

/// Why a service cannot use a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// It changed while it was read.
    #[error("it has just changed")]
    Changed,
    /// The record's id is not 32 hex digits.
    #[error("its record has no id")]
    Id,
    /// A certificate is not one.
    #[error("certificate {0} of its chain cannot be read")]
    Certificate(usize),
    /// The key cannot be read.
    #[error("its private key cannot be read")]
    Key,
    /// The first certificate has another key.
    #[error("its private key does not belong to its certificate")]
    Mismatch,
}

impl From<StoreError> for DeployError {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl DeployError {
    /// What to do next: one sentence.
    pub fn fix(&self) -> String {
        match self {
            Self::NotSetUp { .. } => {
                "The maker of this device can set it up: /usr/share/doc/signet/deploy.toml is an example.".to_owned()
            }
            Self::Untrusted { .. } => {
                "Make root its owner, let nobody else write to it, and name it by a path without links.".to_owned()
            }
            Self::Wrong { .. } => "Correct that line. Nothing is changed until then.".to_owned(),
            Self::Name { .. } => "Correct the name in the list of services, or create the user or group.".to_owned(),
            Self::NoData { .. } => "Mount its partition, or name the console's directory with --data.".to_owned(),
            Self::Unreadable { .. } => {
                "Run `signet check` to see more. Nothing is changed for services until it can be read.".to_owned()
            }
            Self::Refused { why: Unfit::Changed, .. } => {
                "You do not have to do anything: the next run uses the new state.".to_owned()
            }
            Self::Refused { .. } => {
                "Add the certificate to the request again. Until then the service keeps its files.".to_owned()
            }
            Self::Io { .. } => "Check the space and the file system of that folder. The next run continues.".to_owned(),
            Self::Reload { .. } => {
                "Run the command by hand to see why. The next run, in at most 15 minutes, tries again.".to_owned()
            }
            Self::Failed(error) => error.fix(),
        }
    }
}

/// A user or group that the device does not have.
#[derive(Debug, thiserror::Error)]
pub enum NameError {
    /// Not in the file.
    #[error("there is no {name} in {file}")]
    Unknown {
        /// What was looked for.
        name: String,
        /// Where.
        file: &'static str,
    },
    /// The file cannot be read.
    #[error("{file}: {source}")]
    Unreadable {
        /// Which.
        file: &'static str,
        /// Why.
        source: std::io::Error,
    },
}
