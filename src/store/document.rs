//! Small files that belong to those who ask for them: their names.

/// A small file whose contents the store does not know; at most 64 KiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Document {
    /// `login.json`: how often a wrong password was tried.
    LoginDelays,
    /// `audit.head`: where the audit log ends.
    AuditHead,
    /// `recover.json`: a recovery that was started and has to be finished.
    RecoveryIntent,
    /// `provision.json`: a device that was made and has to be published.
    ProvisionIntent,
    /// `ledger.json`: a device in the pending folder that is recorded in a factory's ledger. It contains the setup code.
    LedgerNote,
    /// `restore.json`: what a backup brings has been gathered and has to be moved to its place.
    RestoreIntent,
    /// `signet.toml`: the configuration that lies in the data directory.
    Config,
}

impl Document {
    /// The file's name in the data directory.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::LoginDelays => "login.json",
            Self::AuditHead => "audit.head",
            Self::RecoveryIntent => "recover.json",
            Self::ProvisionIntent => "provision.json",
            Self::LedgerNote => "ledger.json",
            Self::RestoreIntent => "restore.json",
            Self::Config => "signet.toml",
        }
    }

    /// Whether its change moves the generation. What visitors bring about does not: nothing kept in memory depends on it,
    /// and a stranger's guesses would have every CSR read again.
    pub(super) fn moves_generation(self) -> bool {
        !matches!(self, Self::LoginDelays | Self::AuditHead)
    }
}
