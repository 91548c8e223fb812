//! How a command fails: what failed, what to do next, and which cause of the table ([`super::cause`]) it is.

use super::cause::Cause;
use super::flags::flag_of;
use super::invocation;
use serde::Serialize;
use signet_app::AppError;
use signet_app::Failure;
use signet_app::backup::BackupError;
use signet_app::config::ConfigError;
use signet_app::deploy::{DeployError, Unfit};
use signet_app::provision::ProvisionError;
use signet_app::provision::manifest::ManifestError;
use signet_domain::invalid::{Invalid, Kind, Mistakes};
use signet_domain::visible;
use signet_net::{IdentityError, ListenError};
use signet_pki::age::AgeError;
use signet_store::{Damage, StoreError};
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

    /// Why it failed. Of several refusals the first one counts.
    pub fn cause(&self) -> Cause {
        match self {
            Self::Refused(mistakes) => mistakes.iter().next().map_or(Cause::Refused, of_mistake),
            // Flags come first: the command line is wrong, whatever else is.
            Self::Missing { .. } => Cause::Usage,
            Self::Failed(error) => of_app(error),
            Self::Config(error) => match error {
                ConfigError::Unreadable { source, .. } => Cause::of_reading(source),
                ConfigError::Wrong { .. } => Cause::Config,
            },
            Self::Untrusted { .. } => Cause::Config,
            Self::Listen(_) => Cause::Unavailable,
            Self::Identity(_) => Cause::Damaged,
            Self::Unreadable { source, .. } => Cause::of_reading(source),
            Self::Unwritable { source, .. } | Self::Output(source) => Cause::of_writing(source),
            Self::Os(_) => Cause::Io,
            Self::Owner { .. } | Self::User { .. } => Cause::Rights,
            Self::Provision(error) => of_provision(error),
            Self::Deploy(error) => of_deploy(error),
            Self::Rows { .. } => Cause::Refused,
            Self::InUse { .. } => Cause::InUse,
            Self::NotReloaded { .. } => Cause::NotReloaded,
            Self::NotRoot { .. } => Cause::Rights,
            Self::Usage { .. } => Cause::Usage,
        }
    }

    /// The exit code.
    pub fn code(&self) -> u8 {
        self.cause().code()
    }

    /// What failed, for programs: each refusal, or the one failure.
    pub fn told(&self) -> Vec<Told> {
        let one = |field: Option<&str>, what: &str, fix: &str| Told {
            code: self.cause().word(),
            field: field.map(str::to_owned),
            what: what.to_owned(),
            remedy: fix.to_owned(),
        };
        match self {
            Self::Refused(mistakes) if !mistakes.is_empty() => mistakes.iter().map(Told::of).collect(),
            Self::Missing { flags, refused } => {
                let missing = flags.iter().map(|flag| Told {
                    code: Cause::Usage.word(),
                    field: Some(flag.replace('-', "_")),
                    what: format!("--{flag} is missing."),
                    remedy: "Add it.".to_owned(),
                });
                missing.chain(refused.iter().map(Told::of)).collect()
            }
            Self::Rows { told, fix, .. } => told.iter().map(|row| one(Some("batch"), row, fix)).collect(),
            _ => vec![one(self.field(), &self.to_string(), &self.fix())],
        }
    }

    /// The flag or argument that the failure is about, where it is about one.
    fn field(&self) -> Option<&'static str> {
        match self {
            Self::Failed(error) => match error {
                Failure::Store(error) => store_field(error),
                Failure::Backup(BackupError::Age(AgeError::Passphrase)) => Some("passphrase_file"),
                Failure::Backup(_) => Some("file"),
                Failure::NotFound(_)
                | Failure::Unanswered(_)
                | Failure::NotRenewable { .. }
                | Failure::Damaged { .. }
                | Failure::LeftAlone { .. }
                | Failure::NoService(_) => Some("name"),
                _ => None,
            },
            Self::Config(_) => Some("config"),
            Self::Listen(_) => Some("listen"),
            Self::Unreadable { field, .. } => Some(field),
            Self::Unwritable { .. } => Some("out"),
            Self::Owner { .. } => Some("data"),
            Self::User { .. } => Some("user"),
            Self::InUse { .. } => Some("name"),
            _ => None,
        }
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

/// A failure as JSON has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Told {
    /// [`Cause::word`].
    pub code: &'static str,
    /// The flag or argument that it is about, without dashes.
    pub field: Option<String>,
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    pub remedy: String,
}

impl Told {
    /// A refusal.
    pub fn of(invalid: &Invalid) -> Self {
        Self {
            code: of_mistake(invalid).word(),
            field: Some(flag_of(invalid.field).to_owned()),
            what: invalid.what.clone(),
            remedy: invalid.fix.clone(),
        }
    }
}

fn of_mistake(invalid: &Invalid) -> Cause {
    match invalid.kind {
        Kind::Value => Cause::Refused,
        Kind::Taken => Cause::Exists,
    }
}

fn of_deploy(error: &DeployError) -> Cause {
    match error {
        DeployError::NotSetUp { .. } | DeployError::Wrong { .. } | DeployError::Name { .. } => Cause::Config,
        DeployError::Untrusted { .. } => Cause::Rights,
        DeployError::NoData { .. } => Cause::NotFound,
        DeployError::Refused { why: Unfit::Changed, .. } => Cause::Busy,
        DeployError::Refused { .. } | DeployError::Unreadable { .. } => Cause::Damaged,
        DeployError::Reload { .. } => Cause::NotReloaded,
        DeployError::Io { source, .. } => Cause::of_writing(source),
        DeployError::Failed(error) => of_app(error),
    }
}

fn of_app(error: &Failure) -> Cause {
    match error {
        Failure::Store(error) => of_store(error),
        Failure::NotFound(_) | Failure::NoIdentity | Failure::NoSetupCode | Failure::NoOwner => Cause::NotFound,
        Failure::Backup(error) => of_backup(error),
        Failure::NoConsole => Cause::Unavailable,
        Failure::Ticket(_) => Cause::Refused,
        Failure::TicketFolder { source, .. } => Cause::of_writing(source),
        Failure::Owned => Cause::Exists,
        Failure::TooSoon(_) => Cause::Busy,
        Failure::Unanswered(_) => Cause::NotAnswered,
        Failure::DerivationsBusy => Cause::Busy,
        Failure::NotRenewable { .. } => Cause::Refused,
        Failure::Damaged { .. }
        | Failure::Inspect(_)
        | Failure::Certificate(_)
        | Failure::PasswordHash
        | Failure::DamagedIntent(_) => Cause::Damaged,
        Failure::LeftAlone { why, .. } => of_damage(why),
        Failure::NotExportable | Failure::FactoryKey | Failure::NoService(_) => Cause::NotAllowed,
        Failure::Key(_) | Failure::Pki(_) | Failure::Bundle(_) | Failure::Randomness => Cause::Internal,
    }
}

fn of_backup(error: &BackupError) -> Cause {
    match error {
        BackupError::Age(AgeError::Io(error)) => Cause::of_writing(error),
        BackupError::Age(AgeError::Library) => Cause::Internal,
        BackupError::Age(AgeError::Cut | AgeError::Damaged | AgeError::Header) => Cause::Damaged,
        BackupError::Cut | BackupError::Damaged(_) | BackupError::Request { .. } => Cause::Damaged,
        BackupError::Newer(_) | BackupError::NewerRequest(_) | BackupError::Age(AgeError::Version) => Cause::Newer,
        BackupError::Gone(_) => Cause::NotFound,
        BackupError::NotABackup | BackupError::Settings | BackupError::Age(_) => Cause::Refused,
    }
}

/// Of a device that was not made.
pub(super) fn of_provision(error: &ProvisionError) -> Cause {
    match error {
        ProvisionError::Provisioned { .. } | ProvisionError::InUse { .. } => Cause::Exists,
        ProvisionError::Manifest(error) => match error {
            ManifestError::Unreadable { source, .. } => Cause::of_reading(source),
            ManifestError::Unwritable { source, .. } => Cause::of_writing(source),
            ManifestError::Busy { .. } => Cause::Busy,
            ManifestError::Line { .. } => Cause::Damaged,
            ManifestError::SerialTaken { .. } | ManifestError::KeyTaken { .. } => Cause::Exists,
        },
        ProvisionError::Unwritable { source, .. } => Cause::of_writing(source),
        ProvisionError::Failed(error) => of_app(error),
    }
}

fn of_damage(damage: &Damage) -> Cause {
    match damage {
        Damage::Unreadable(_) if damage.is_permission() => Cause::Rights,
        Damage::Unreadable(_) => Cause::Io,
        Damage::Newer(_) => Cause::Newer,
        _ => Cause::Damaged,
    }
}

fn of_store(error: &StoreError) -> Cause {
    match error {
        StoreError::Busy { .. } | StoreError::Serving { .. } => Cause::Busy,
        StoreError::NotOurs { .. } | StoreError::NotPermitted { .. } => Cause::Rights,
        StoreError::NoParent { .. } | StoreError::Occupied { .. } => Cause::CannotCreate,
        StoreError::NotFound { .. } | StoreError::NoDirectory { .. } => Cause::NotFound,
        StoreError::AlreadyExists { .. } => Cause::Exists,
        StoreError::TooLarge { .. } => Cause::Refused,
        StoreError::Damaged { damage, .. } => of_damage(damage),
        StoreError::ReadOnly { .. }
        | StoreError::NoSpace { .. }
        | StoreError::TooMany { .. }
        | StoreError::OverBudget { .. }
        | StoreError::Reserved { .. } => Cause::ReadOnlyOrFull,
        StoreError::Io { .. } => Cause::Io,
    }
}

fn store_field(error: &StoreError) -> Option<&'static str> {
    match error {
        StoreError::NotOurs { .. } | StoreError::NoParent { .. } | StoreError::NoDirectory { .. } => Some("data"),
        StoreError::AlreadyExists { .. } | StoreError::NotFound { .. } => Some("name"),
        _ => None,
    }
}
