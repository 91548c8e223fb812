//! What can go wrong below a page or a command.
//!
//! [`AppError`] is either a refusal of what was typed, at its field, or a [`Failure`], which says what failed;
//! [`Failure::fix`] says what to do next. What a page shows and what the log says are the same here: none of it is secret.
//! What root's commands for the factory and for other services can meet beside that is in their modules.

use crate::attempts::whole_seconds;
use crate::backup::BackupError;
use crate::tickets::TicketRefusal;
use signet_domain::invalid::{Invalid, Mistakes};
use signet_pki::error::PkiError;
use signet_pki::identity::CertificateError;
use signet_pki::inspect::InspectError;
use signet_pki::key_error::KeyError;
use signet_pki::pkcs12::Pkcs12Error;
use signet_store::{Damage, StoreError};
use std::path::PathBuf;
use std::time::Duration;

/// The one error of this crate: why something that was asked for was not done.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// Something that was typed or given breaks a rule: a field and a sentence each.
    #[error("{}", .0.iter().next().map_or("refused", |invalid| invalid.what.as_str()))]
    Rejected(Mistakes),
    /// Something below failed.
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<Mistakes> for AppError {
    fn from(mistakes: Mistakes) -> Self {
        Self::Rejected(mistakes)
    }
}

impl From<Invalid> for AppError {
    fn from(invalid: Invalid) -> Self {
        Self::Rejected(invalid.into())
    }
}

/// What failed, where, and what to do about it ([`Failure::fix`]).
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The data directory.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Making or reading a key.
    #[error("the key could not be made or read: {0}")]
    Key(#[from] KeyError),
    /// The console's certificate and key are gone from the data directory.
    #[error("there is no identity.pem in the data directory")]
    NoIdentity,
    /// Encoding a request or certificate.
    #[error("the request could not be made: {0}")]
    Pki(#[from] PkiError),
    /// The console's own certificate cannot be read.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// Key and certificate could not be put into one file.
    #[error("the PKCS#12 file could not be made: {0}")]
    Bundle(#[from] Pkcs12Error),
    /// A stored request that cannot be decoded.
    #[error("the stored request cannot be read: {0}")]
    Inspect(#[from] InspectError),
    /// Others open or encrypt key files, and too many wait for it.
    #[error("the console is busy with other private keys")]
    DerivationsBusy,
    /// The kernel's generator or the cryptographic library failed.
    #[error("the cryptographic library failed")]
    Randomness,
    /// A password could not be hashed, or a kept hash cannot be read.
    #[error("the stored password hash cannot be used")]
    PasswordHash,
    /// Too soon after a wrong attempt, or while too many wait for theirs: it was not checked.
    #[error("another try is possible in {} seconds", whole_seconds(*.0))]
    TooSoon(Duration),
    /// A backup is not written or not restored.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// A login link lets nobody in.
    #[error(transparent)]
    Ticket(#[from] TicketRefusal),
    /// Root cannot keep a login link's note.
    #[error("login links cannot be made: {}: {source}", path.display())]
    TicketFolder {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A login link is for a console that runs, and none does, or it could not write down which one it is.
    #[error("no console is running that a login link could be for")]
    NoConsole,
    /// Somebody else finished the setup first.
    #[error("this device already has an owner")]
    Owned,
    /// There is no owner yet.
    #[error("this device has no owner yet")]
    NoOwner,
    /// No owner and no setup code.
    #[error("this device has neither an owner nor a setup code")]
    NoSetupCode,
    /// A CSR of this name does not exist.
    #[error("there is no request named {0}")]
    NotFound(String),
    /// The CSR's answers cannot make it anew, or not with its key.
    #[error("{name} cannot be renewed: {reason}")]
    NotRenewable {
        /// Its name.
        name: String,
        /// Why: words that end without a full stop.
        reason: String,
    },
    /// No certificate has come for the CSR yet.
    #[error("the request {0} has no certificate yet")]
    Unanswered(String),
    /// The CSR's file is damaged.
    #[error("the request {name} is damaged: {reason}")]
    Damaged {
        /// Its name.
        name: String,
        /// Why.
        reason: String,
    },
    /// The CSR's file is of a newer version, or this user may not read it: nothing was changed.
    #[error("the request {name} {}", why.predicate())]
    LeftAlone {
        /// Its name.
        name: String,
        /// Why it cannot be read.
        why: Damage,
    },
    /// `recover.json`, `provision.json` or `restore.json` cannot be read: something was started, and it is not known what.
    #[error("{0} in the data directory cannot be read: it records what was started and has to be finished")]
    DamagedIntent(&'static str),
    /// There is no authority of this name.
    #[error("there is no authority named {0}")]
    NoAuthority(String),
    /// Orders at an authority are under way.
    #[error("{name} is used by {requests}")]
    AuthorityInUse {
        /// Its name.
        name: String,
        /// Whose orders they are.
        requests: String,
    },
    /// No certificate is being ordered for the CSR.
    #[error("no certificate was ordered for the request {0}")]
    NotOrdered(String),
    /// No other service of the device is set up for the CSR.
    #[error("no other service of this device is set up for the request {0}")]
    NoService(String),
    /// The integrator keeps keys on the device.
    #[error("private keys do not leave this device")]
    NotExportable,
    /// The CSR was made in the factory, and the config does not let such keys out.
    #[error("the keys of requests that the factory made do not leave this device")]
    FactoryKey,
}

impl Failure {
    /// What to do next: one sentence.
    pub fn fix(&self) -> String {
        match self {
            Self::Store(error) => error.fix().to_owned(),
            Self::Key(_) | Self::Pki(_) | Self::Bundle(_) | Self::Randomness => {
                "Try again. If it happens again, restart the device and contact its maker.".to_owned()
            }
            Self::DerivationsBusy => "Wait a few seconds and try again. Nothing that you entered is wrong.".to_owned(),
            Self::NoIdentity => "Restore it from a backup. Otherwise the next start makes a new one.".to_owned(),
            Self::Certificate(_) => {
                "Run `signet recover identity` to make a new key and certificate for the console.".to_owned()
            }
            Self::PasswordHash => "Run `signet recover password` to reset the owner's password.".to_owned(),
            Self::TooSoon(_) => "Wait that long. Compare the setup code with the device's label.".to_owned(),
            Self::Backup(error) => error.fix().to_owned(),
            Self::Ticket(refusal) => refusal.fix().to_owned(),
            Self::TicketFolder { .. } => {
                "Make root its owner, with mode 0711. /run must belong to root and be writable by root only.".to_owned()
            }
            Self::NoConsole => {
                "Start the console on a data directory that can be written to, then make the link.".to_owned()
            }
            Self::Owned => {
                "The owner changes the password in the browser, root with `signet owner set`. `signet recover password` resets it."
                    .to_owned()
            }
            Self::NoOwner => {
                "Set up the console first: in the browser, with `signet setup` or with `signet owner set`.".to_owned()
            }
            Self::NoSetupCode => "Run `signet recover password --new-code` on a terminal to make a setup code and show it.".to_owned(),
            Self::Inspect(_) | Self::Damaged { .. } => {
                crate::messages::check::contents::DAMAGED.to_owned()
            }
            Self::LeftAlone { why, .. } => why.way_out().unwrap_or_default().to_owned(),
            Self::NotRenewable { .. } => {
                "Make a new request with the names that you need, or import one that was made elsewhere.".to_owned()
            }
            Self::NotFound(_) => "`signet csr list` and the page Requests list the names.".to_owned(),
            Self::NoAuthority(_) => "`signet ca list` lists the names; `signet ca add` adds one.".to_owned(),
            Self::AuthorityInUse { .. } => {
                "Add --yes to delete it: their orders are cancelled, and they are not renewed automatically any more.".to_owned()
            }
            Self::NotOrdered(name) => format!("Order one with `signet csr enroll {name} --ca CA`."),
            Self::NoService(_) => {
                "The maker of this device can set one up in its list of services.".to_owned()
            }
            Self::Unanswered(name) => {
                format!(
                    "Add the certificate first: on its page, or with `signet csr add-certificate {name} --certificate FILE`."
                )
            }
            Self::DamagedIntent(_) => {
                "Restore the file from a backup, or move it elsewhere and run the interrupted command again.".to_owned()
            }
            Self::FactoryKey => {
                "The maker of this device can allow it: the configuration file itself must say [keys] exportable = true.".to_owned()
            }
            Self::NotExportable => "The maker of this device has decided this in the configuration ([keys] exportable).".to_owned(),
        }
    }
}
