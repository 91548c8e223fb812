//! Which cause of the table ([`super::super::cause`]) a failure is: it decides the exit code.

use super::CliError;
use crate::cli::cause::Cause;
use signet_app::Failure;
use signet_app::backup::BackupError;
use signet_app::config::ConfigError;
use signet_app::deploy::{DeployError, Unfit};
use signet_app::provision::ProvisionError;
use signet_app::provision::manifest::ManifestError;
use signet_app::provision::register::Trouble;
use signet_domain::invalid::{Invalid, Kind};
use signet_pki::age::AgeError;
use signet_store::{Damage, StoreError};

impl CliError {
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
            Self::Enrollment(why) => crate::cli::csr::enroll::cause(why.kind),
            Self::Provision(error) => of_provision(error),
            Self::Deploy(error) => of_deploy(error),
            Self::Rows { .. } => Cause::Refused,
            Self::InUse { .. } => Cause::InUse,
            Self::NotReloaded { .. } => Cause::NotReloaded,
            Self::NotRoot { .. } => Cause::Rights,
            Self::Usage { .. } => Cause::Usage,
        }
    }
}

pub(super) fn of_mistake(invalid: &Invalid) -> Cause {
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
        Failure::NoAuthority(_) | Failure::NotOrdered(_) => Cause::NotFound,
        Failure::AuthorityInUse { .. } => Cause::InUse,
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
pub(in crate::cli) fn of_provision(error: &ProvisionError) -> Cause {
    match error {
        ProvisionError::Provisioned { .. } | ProvisionError::InUse { .. } => Cause::Exists,
        ProvisionError::Manifest(error) => match error {
            ManifestError::Unreadable { source, .. } => Cause::of_reading(source),
            ManifestError::Unwritable { source, .. } => Cause::of_writing(source),
            ManifestError::Busy { .. } => Cause::Busy,
            ManifestError::Line { .. } => Cause::Damaged,
            ManifestError::SerialTaken { .. } | ManifestError::KeyTaken { .. } => Cause::Exists,
        },
        ProvisionError::Register(error) => of_register(error.kind),
        ProvisionError::Unwritable { source, .. } => Cause::of_writing(source),
        ProvisionError::Failed(error) => of_app(error),
    }
}

fn of_register(trouble: Trouble) -> Cause {
    match trouble {
        Trouble::Taken | Trouble::Elsewhere | Trouble::KeyTaken => Cause::Exists,
        Trouble::Away => Cause::Unavailable,
        Trouble::InVain => Cause::Busy,
        Trouble::Rights => Cause::Rights,
        Trouble::Full => Cause::ReadOnlyOrFull,
        Trouble::NotSetUp => Cause::Config,
        Trouble::Newer => Cause::Newer,
        Trouble::Damaged => Cause::Damaged,
        Trouble::Refused => Cause::Refused,
        Trouble::NotFound => Cause::NotFound,
        Trouble::Failed => Cause::Io,
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
