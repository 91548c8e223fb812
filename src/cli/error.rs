//! How a command fails: what failed and what to do next. Which cause of the table ([`super::cause`]) it is, is in `causes`, and
//! how programs read it in `told`.

mod causes;
mod told;

pub(super) use causes::of_provision;
pub use told::Told;

use super::cause::Cause;
use super::invocation;
use signet_app::AppError;
use signet_app::Failure;
use signet_app::config::ConfigError;
use signet_app::deploy::DeployError;
use signet_app::provision::ProvisionError;
use signet_domain::enrollment::Failure as Enrollment;
use signet_domain::invalid::{Invalid, Mistakes};
use signet_domain::visible;
use signet_net::{IdentityError, ListenError};
use signet_store::StoreError;
use std::io::ErrorKind;
use std::path::PathBuf;

/// One enum for the command line.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// Rules of a request that are broken.
    #[error("refused")]
    Refused(Mistakes),
    /// Flags that are missing, and refusals of what the others say.
    #[error("missing: --{}", flags.join(", --"))]
    Missing {
        /// Their names, without the hyphens.
        flags: Vec<&'static str>,
        /// What else is wrong.
        refused: Mistakes,
    },
    /// Something below failed.
    #[error(transparent)]
    Failed(#[from] Failure),
    /// The config file.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A place to listen for proxies, none of which is trusted.
    #[error("{what}")]
    Untrusted {
        /// Which one, and what is missing.
        what: String,
    },
    /// The listening sockets.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// The console's certificate cannot be served.
    #[error("the console's certificate cannot be used: {0}")]
    Identity(#[from] IdentityError),
    /// A file that the command line names.
    #[error("cannot read {}: {}", path.display(), told(source))]
    Unreadable {
        /// The flag that names it, without its dashes.
        field: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file that the command line names cannot be written.
    #[error("cannot write {}: {}", path.display(), told(source))]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Standard output does not take what is printed.
    #[error("cannot write to standard output: {0}")]
    Output(std::io::Error),
    /// The operating system refuses something that every command needs, such as a thread or a signal.
    #[error("{0}")]
    Os(std::io::Error),
    /// Run as root, and the process could not become the directory's owner.
    #[error("cannot become user {uid}, who owns {}: {source}", path.display())]
    Owner {
        /// The data directory.
        path: PathBuf,
        /// Its owner.
        uid: u32,
        /// Why not.
        source: std::io::Error,
    },
    /// The console could not become the user that `--user` names.
    #[error("cannot become the user {name}: {source}")]
    User {
        /// Its name.
        name: String,
        /// Why not.
        source: std::io::Error,
    },
    /// A request that something uses is to be deleted.
    #[error("{name} is in use by {users}")]
    InUse {
        /// The request.
        name: String,
        /// Who uses it.
        users: String,
    },
    /// What the command has done is not in use yet.
    #[error("{what}")]
    NotReloaded {
        /// What runs on with what it had.
        what: String,
    },
    /// A CA gives no certificate.
    #[error("{}", super::messages::enrollment::with_detail(.0))]
    Enrollment(Box<Enrollment>),
    /// A device of the factory's.
    #[error(transparent)]
    Provision(#[from] ProvisionError),
    /// Handing over to other services.
    #[error(transparent)]
    Deploy(#[from] DeployError),
    /// Rows of a list of devices.
    #[error("{}: {}", path.display(), told.join("; "))]
    Rows {
        /// The list.
        path: PathBuf,
        /// Each bad row: `line 7: what`.
        told: Vec<String>,
        /// What to do about the last one.
        fix: String,
    },
    /// What only root may do.
    #[error("{what}")]
    NotRoot {
        /// What it is.
        what: &'static str,
    },
    /// The command line lacks something, or contradicts itself.
    #[error("{what}")]
    Usage {
        /// What is missing.
        what: &'static str,
        /// What to do.
        fix: &'static str,
    },
}

impl From<StoreError> for CliError {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<AppError> for CliError {
    fn from(error: AppError) -> Self {
        match error {
            AppError::Rejected(mistakes) => Self::Refused(mistakes),
            AppError::Failed(error) => Self::Failed(error),
        }
    }
}

impl From<Invalid> for CliError {
    fn from(invalid: Invalid) -> Self {
        Self::Refused(invalid.into())
    }
}

impl CliError {
    /// What failed and what to do next, a line each: all of several refusals; of bad rows the last remedy.
    pub fn lines(&self) -> Vec<String> {
        match self {
            Self::Refused(mistakes) if !mistakes.is_empty() => refusals(mistakes),
            // The flags that are missing have a usage error of their own.
            Self::Missing { refused, .. } => refusals(refused),
            Self::Rows { path, told, fix } => {
                let rows = told.iter().enumerate().map(|(at, row)| match at {
                    0 => format!("error: {}: {row}", visible::path(path)),
                    _ => format!("error: {row}"),
                });
                rows.chain([fix.clone()]).collect()
            }
            _ => vec![format!("error: {self}"), self.fix()],
        }
    }

    /// What to do next: one line.
    pub fn fix(&self) -> String {
        match self {
            Self::Refused(mistakes) => mistakes.iter().last().map(|one| one.fix.clone()).unwrap_or_default(),
            Self::Missing { .. } => "Add the flags.".to_owned(),
            Self::Failed(error) => error.fix(),
            Self::Config(error) => error.fix().to_owned(),
            Self::Untrusted { .. } => "Add it to `trusted` in the [proxy] section of signet.toml.".to_owned(),
            Self::Listen(error) => error.fix().to_owned(),
            Self::Identity(_) => {
                "Run `signet recover identity` to make a new key and certificate for the console.".to_owned()
            }
            Self::Unreadable { source, .. } if source.kind() == ErrorKind::FileTooLarge => {
                "Check that it is the right file: what the command reads is smaller.".to_owned()
            }
            Self::Unreadable { .. } => "Check the path and who may read it.".to_owned(),
            Self::Unwritable { source, .. } | Self::Output(source) => match Cause::of_writing(source) {
                Cause::Exists => "Name a new file, or move this one elsewhere first.".to_owned(),
                Cause::CannotCreate => "Check the path: its folder must exist.".to_owned(),
                Cause::Rights => "Name a folder that this user can write to.".to_owned(),
                Cause::ReadOnlyOrFull => "Make room there, or name a path on another file system.".to_owned(),
                _ => "Check the path and the file system it is on.".to_owned(),
            },
            Self::Os(_) => "Try again. If it happens again, restart the device.".to_owned(),
            Self::Owner { uid, .. } => format!("Run the command as user {uid}. That user must be allowed to run it."),
            Self::User { .. } => {
                "Start it with all rights of root: it gives them up by itself once its sockets are open.".to_owned()
            }
            Self::Enrollment(why) => why.remedy.clone(),
            Self::Provision(error) => error.fix(),
            Self::Deploy(error) => error.fix(),
            Self::InUse { .. } => {
                "Put another certificate in use first, or add --force: what uses this one keeps its own copy."
                    .to_owned()
            }
            Self::NotReloaded { .. } => {
                "Run `systemctl status signet.service` to see more, and restart it if needed.".to_owned()
            }
            Self::Rows { fix, .. } => fix.clone(),
            Self::NotRoot { .. } => "Run the command as root.".to_owned(),
            Self::Usage { fix, .. } => (*fix).to_owned(),
        }
    }

    /// The exit code.
    pub fn code(&self) -> u8 {
        self.cause().code()
    }
}

/// What the operating system says; of rights, whose they are.
fn told(source: &std::io::Error) -> String {
    match source.kind() {
        ErrorKind::PermissionDenied => format!("user {} has no permission", rustix::process::geteuid().as_raw()),
        ErrorKind::AlreadyExists => "it already exists".to_owned(),
        _ => source.to_string(),
    }
}

/// Two lines each; the field is named as the flag that was typed.
fn refusals(mistakes: &Mistakes) -> Vec<String> {
    let told = mistakes.iter().map(|one| (invocation::flag(one.field), one));
    told.flat_map(|(flag, one)| [format!("error: {flag}: {}", one.what), one.fix.clone()]).collect()
}
