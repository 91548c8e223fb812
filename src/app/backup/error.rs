//! What can go wrong with a backup, and what to do about it.

use signet_domain::invalid::Invalid;
use signet_domain::name::CsrName;
use signet_pki::age::AgeError;

/// Why a backup is not written or not restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The encrypted file.
    #[error(transparent)]
    Age(#[from] AgeError),
    /// It is encrypted as a backup is, and holds something else.
    #[error("the file is not a backup of Signet")]
    NotABackup,
    /// A newer program wrote it.
    #[error("the backup was written by a newer version of Signet (format {0})")]
    Newer(u64),
    /// It ends before its last line.
    #[error("the backup is incomplete: its end is missing")]
    Cut,
    /// A line or a part is not as the format has it.
    #[error("the backup is damaged: {0}")]
    Damaged(String),
    /// Its settings are not ones that this program takes.
    #[error("the configuration in the backup is not valid here")]
    Settings,
    /// A request that was to be written is gone.
    #[error("the request {0} was deleted or renamed while the backup was being written")]
    Gone(CsrName),
    /// A request in it.
    #[error("the backup is damaged: the request {name} {what}")]
    Request {
        /// Its name.
        name: CsrName,
        /// What is wrong, without a full stop.
        what: String,
    },
    /// A request in it that a newer program wrote.
    #[error("the request {0} in the backup was written by a newer version of Signet")]
    NewerRequest(CsrName),
}

impl BackupError {
    /// What to do about it.
    pub fn fix(&self) -> &'static str {
        match self {
            Self::Newer(_) | Self::NewerRequest(_) | Self::Age(AgeError::Version) => {
                "Update the software of this device, then restore the backup. Nothing was changed."
            }
            Self::Settings => "Restore without `--with-settings`. Nothing was changed.",
            Self::Gone(_) => "Start the backup again.",
            Self::Age(AgeError::Passphrase) => "Check the passphrase. Nothing was changed.",
            Self::Age(AgeError::Io(_)) => "Check the file and the disk that it is on. Nothing was changed.",
            Self::Age(AgeError::Library) => {
                "Try again; if it happens again, restart the device and tell its maker. Nothing was changed."
            }
            Self::Age(AgeError::NotAge | AgeError::NotByPassphrase | AgeError::Work(_)) | Self::NotABackup => {
                "Name a file that `signet backup` wrote. Nothing was changed."
            }
            Self::Age(AgeError::Header | AgeError::Damaged | AgeError::Cut)
            | Self::Cut
            | Self::Damaged(_)
            | Self::Request { .. } => {
                "Get the file again from where it was stored, or use an older backup. Nothing was changed."
            }
        }
    }
}

/// Why a request stays out of a backup.
pub(super) const FACTORY_KEY: &str =
    "its key was made in the factory, and the configuration keeps such keys on the device";

/// A name that is taken on this device by another request.
pub(super) fn taken(name: &CsrName, by: &CsrName) -> Invalid {
    let what = format!("The name {name} of a request in the backup is used by another request here, {by}.");
    Invalid::taken(
        "file",
        what,
        format!("Rename the one here (`signet csr rename {by} NEW`), then restore again. Nothing was changed."),
    )
}

/// There are more than are listed.
pub(super) fn more(count: usize) -> Invalid {
    let what = format!("{count} more names are used by other requests here.");
    Invalid::taken("file", what, "Rename the requests here, then restore again. Nothing was changed.")
}
