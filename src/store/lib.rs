//! The data directory: atomic, durable, locked. No HTML, no HTTP, no ASN.1.
//!
//! ```text
//! DATA/lock, serve.lock        who writes, who serves
//! DATA/csrs/NAME.pem           one CSR: request, private key, record
//! DATA/identity.pem            the console's own certificate and key
//! DATA/former.pem              the one that was in use before it
//! DATA/owner.json, seal.key    the owner, and the key that seals drafts
//! DATA/device.json             what the factory recorded of the device
//! DATA/machine.json            which machine it was first used on
//! DATA/login.json, audit.head, recover.json, provision.json, signet.toml   documents of the application
//! DATA/audit.log, refused.log  journals, each with an older one behind it (.1)
//! DATA/factory/                setup.json and identity.pem, which a reset keeps
//! DATA/setup.json              a setup code that is in force instead of the factory's
//! DATA/authorities/          CAs that certificates are ordered from, each a folder with one file
//! DATA/enroll/               orders on their way, and what the enrolling process keeps (`enrollment`)
//! DATA/pending/                a device that `provision` has started
//! DATA/restoring/, restore.json   what a restore brings, until it is in its place
//! DATA/owner.json.newer-1      a file of a newer version that a recovery moved aside; so for every `.json`
//! ```
//!
//! Reading needs no lock: every file is replaced whole. Writing goes through [`WriteLock`], which has all that changes.

mod aside;
mod atomic;
mod authorities;
mod budget;
mod csr_file;
mod csr_folder;
mod csrs;
mod data_dir;
mod device;
mod dir;
mod document;
mod enrollment;
mod error;
mod file_state;
mod flock;
mod identity;
mod journal;
mod lock;
mod lock_file;
mod messages;
mod new_file;
mod open;
mod pending;
mod probe;
mod read_only;
mod reset;
mod restoring;
mod room;
mod sweep;
#[cfg(test)]
mod tests;
mod tree;
mod turn;
mod usage;

pub use aside::{InTheWay, Newer};
pub use authorities::{ClientCertificate, FoundAuthority, StoredAuthority};
pub use budget::Budget;
pub use csr_file::{MAX_FILE, StoredCsr};
pub use csrs::{Entry, PreparedAnswer};
pub use data_dir::{Limits, Opening, Store};
pub use device::{DeviceRecord, Hashed, Machine, Owner, SEAL_KEY_LENGTH, Setup, refuse_newer_document};
pub use dir::owner_of;
pub use document::Document;
pub use enrollment::{EnrollFolder, EnrollLock, Left};
pub use error::{Damage, StoreError, Why};
pub use file_state::FileState;
pub use flock::flock_until;
pub use identity::StoredIdentity;
pub use journal::{Journal, MAX_LINE};
pub use lock::{Moved, ServeLock, WriteLock, is_settled};
pub use room::Room;

pub use new_file::{NewFile, Secrecy, sync_folder_of};
pub use probe::{FileSystem, OnDisk, Space, Stray};
pub use read_only::OnTheWay;
pub use restoring::{CsrFile, Restoring};
