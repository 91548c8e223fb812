//! How a command fails: what failed, what to do next, and the exit code of sysexits(3).

use signet_app::AppError;
use signet_app::CreateError;
use signet_app::config::ConfigError;
use signet_app::deploy::{DeployError, Unfit};
use signet_app::provision::ProvisionError;
use signet_app::provision::manifest::ManifestError;
use signet_domain::invalid::{Invalid, Mistakes};
use signet_domain::visible;
use signet_net::{IdentityError, ListenError};
use signet_store::{Damage, StoreError};
use std::path::PathBuf;

/// The command line is wrong.
pub const USAGE: u8 = 64;
/// What was given is refused by a rule of the request.
pub const DATA: u8 = 65;
/// A file that was named cannot be read, or a CSR does not exist.
pub const NO_INPUT: u8 = 66;
/// A service that is needed is not there.
pub const UNAVAILABLE: u8 = 69;
/// A defect of ours.
pub const SOFTWARE: u8 = 70;
/// Something cannot be made.
pub const CANT_CREATE: u8 = 73;
/// Reading or writing failed.
pub const IO: u8 = 74;
/// Busy: try again.
pub const TEMPORARY: u8 = 75;
/// Not allowed.
pub const NO_PERMISSION: u8 = 77;
/// The config file is wrong.
pub const CONFIG: u8 = 78;

/// One enum for the command line.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// Rules of a request that are broken.
    #[error("refused")]
    Refused(Mistakes),
    /// Something below failed.
    #[error(transparent)]
    App(#[from] AppError),
    /// The config file.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The listening sockets.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// The console's certificate cannot be served.
    #[error("the console's certificate cannot be used: {0}")]
    Identity(#[from] IdentityError),
    /// A file that the command line names.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file that the command line names cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The event loop could not start, or standard output is closed.
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
    /// A unit of the factory's.
    #[error(transparent)]
    Provision(#[from] ProvisionError),
    /// Handing over to other services.
    #[error(transparent)]
    Deploy(#[from] DeployError),
    /// Rows of a list of units.
    #[error("{}: {}", path.display(), told.join("; "))]
    Rows {
        /// The list.
        path: PathBuf,
        /// Each bad row: `line 7: what`.
        told: Vec<String>,
        /// What to do about the last one.
        fix: String,
    },
    /// The command needs a word that was not said.
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
        Self::App(error.into())
    }
}

impl From<CreateError> for CliError {
    fn from(error: CreateError) -> Self {
        match error {
            CreateError::Refused(mistakes) => Self::Refused(mistakes),
            CreateError::App(error) => Self::App(error),
        }
    }
}

impl From<Invalid> for CliError {
    fn from(invalid: Invalid) -> Self {
        Self::Refused(invalid.into())
    }
}

impl CliError {
    /// What failed and what to do next, a line each. All of several refusals are told; of bad rows the last one's way out.
    pub fn lines(&self) -> Vec<String> {
        match self {
            Self::Refused(mistakes) if !mistakes.is_empty() => mistakes
                .iter()
                .flat_map(|one| [format!("error: {}: {}", one.field, one.what), one.fix.clone()])
                .collect(),
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
            Self::App(error) => error.fix(),
            Self::Config(error) => error.fix().to_owned(),
            Self::Listen(error) => error.fix().to_owned(),
            Self::Identity(_) => {
                "`signet recover identity` makes a new key and certificate for the console.".to_owned()
            }
            Self::Unreadable { source, .. } if source.kind() == std::io::ErrorKind::FileTooLarge => {
                "Check that it is the right file: what is asked for is smaller.".to_owned()
            }
            Self::Unreadable { .. } => "Check the path and who may read it.".to_owned(),
            Self::Unwritable { .. } => {
                "Check the path, who may write there, and that nothing of that name exists.".to_owned()
            }
            Self::Os(_) => "Try again; if it stays so, restart the device.".to_owned(),
            Self::Owner { uid, .. } => format!("Run the command as user {uid}; that user must be allowed to run it."),
            Self::Provision(error) => error.fix(),
            Self::Deploy(error) => error.fix(),
            Self::Rows { fix, .. } => fix.clone(),
            Self::Usage { fix, .. } => (*fix).to_owned(),
        }
    }

    /// The exit code.
    pub fn code(&self) -> u8 {
        match self {
            Self::Refused(_) => DATA,
            Self::App(error) => app_code(error),
            Self::Config(_) => CONFIG,
            Self::Listen(_) => UNAVAILABLE,
            Self::Identity(_) => SOFTWARE,
            Self::Unreadable { .. } => NO_INPUT,
            Self::Unwritable { .. } => CANT_CREATE,
            Self::Os(_) => IO,
            Self::Owner { .. } => NO_PERMISSION,
            Self::Provision(error) => provision_code(error),
            Self::Deploy(error) => deploy_code(error),
            Self::Rows { .. } => DATA,
            Self::Usage { .. } => USAGE,
        }
    }
}

fn deploy_code(error: &DeployError) -> u8 {
    match error {
        DeployError::NotSetUp { .. } | DeployError::Wrong { .. } | DeployError::Name { .. } => CONFIG,
        DeployError::Untrusted { .. } => NO_PERMISSION,
        DeployError::NoData { .. } => NO_INPUT,
        DeployError::Refused { why: Unfit::Changed, .. } | DeployError::Reload { .. } => TEMPORARY,
        DeployError::Refused { .. } | DeployError::Unreadable { .. } => DATA,
        DeployError::Io { .. } => IO,
        DeployError::App(error) => app_code(error),
    }
}

fn app_code(error: &AppError) -> u8 {
    match error {
        AppError::Store(error) => store_code(error),
        AppError::NotFound(_) | AppError::Unanswered(_) | AppError::NoIdentity => NO_INPUT,
        AppError::DerivationsBusy => TEMPORARY,
        AppError::NotRenewable { .. } => DATA,
        AppError::Damaged { .. } | AppError::Inspect(_) | AppError::Certificate(_) => DATA,
        AppError::LeftAlone { why, .. } => damage_code(why),
        AppError::NotExportable | AppError::FactoryKey | AppError::NoService(_) => NO_PERMISSION,
        AppError::NoSetupCode | AppError::PasswordHash | AppError::DamagedIntent(_) => CONFIG,
        AppError::Key(_) | AppError::Pki(_) | AppError::Bundle(_) | AppError::Randomness => SOFTWARE,
    }
}

fn provision_code(error: &ProvisionError) -> u8 {
    match error {
        ProvisionError::Provisioned { .. } | ProvisionError::InUse { .. } => DATA,
        ProvisionError::Manifest(error) => match error {
            ManifestError::Unreadable { .. } => NO_INPUT,
            ManifestError::Unwritable { .. } => IO,
            ManifestError::Busy { .. } => TEMPORARY,
            ManifestError::Line { .. } | ManifestError::SerialTaken { .. } | ManifestError::KeyTaken { .. } => DATA,
        },
        ProvisionError::Unwritable { .. } => CANT_CREATE,
        ProvisionError::App(error) => app_code(error),
    }
}

fn damage_code(damage: &Damage) -> u8 {
    match damage {
        Damage::Unreadable(_) if damage.is_permission() => NO_PERMISSION,
        Damage::Unreadable(_) => IO,
        _ => DATA,
    }
}

fn store_code(error: &StoreError) -> u8 {
    match error {
        StoreError::Busy { .. } | StoreError::Serving { .. } => TEMPORARY,
        StoreError::NotOurs { .. } | StoreError::NotPermitted { .. } => NO_PERMISSION,
        StoreError::NoParent { .. } | StoreError::Occupied { .. } => CANT_CREATE,
        StoreError::NotFound { .. } | StoreError::NoDirectory { .. } => NO_INPUT,
        StoreError::AlreadyExists { .. } | StoreError::TooLarge { .. } => DATA,
        StoreError::Damaged { damage, .. } => damage_code(damage),
        StoreError::ReadOnly { .. }
        | StoreError::NoSpace { .. }
        | StoreError::TooMany { .. }
        | StoreError::OverBudget { .. }
        | StoreError::Io { .. } => IO,
    }
}
