//! A failure for programs: its cause, and the flag or argument that it is about.

use super::CliError;
use super::causes::of_mistake;
use crate::cli::cause::Cause;
use crate::cli::flags::flag_of;
use serde::Serialize;
use signet_app::Failure;
use signet_app::backup::BackupError;
use signet_domain::invalid::Invalid;
use signet_pki::age::AgeError;
use signet_store::StoreError;

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

impl CliError {
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
                | Failure::NoService(_)
                | Failure::NotOrdered(_)
                | Failure::AuthorityInUse { .. } => Some("name"),
                Failure::NoAuthority(_) => Some("ca"),
                _ => None,
            },
            Self::Config(_) => Some("config"),
            Self::Listen(_) => Some("listen"),
            Self::Unreadable { field, .. } => Some(field),
            Self::Unwritable { .. } => Some("out"),
            Self::Owner { .. } => Some("data"),
            Self::Enrollment(_) => Some("ca"),
            Self::User { .. } => Some("user"),
            Self::InUse { .. } => Some("name"),
            _ => None,
        }
    }
}

fn store_field(error: &StoreError) -> Option<&'static str> {
    match error {
        StoreError::NotOurs { .. } | StoreError::NoParent { .. } | StoreError::NoDirectory { .. } => Some("data"),
        StoreError::AlreadyExists { .. } | StoreError::NotFound { .. } => Some("name"),
        _ => None,
    }
}
