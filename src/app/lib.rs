//! What the console can do, for the browser and the command line alike.
//!
//! Each room here is one errand that joins values, keys and files: it knows `domain`, `pki` and `store`, and neither
//! HTTP nor the terminal.

// Fixtures that the pages' tests include, too, name this crate as they do.
#[cfg(test)]
extern crate self as signet_app;

pub mod access;
pub mod attempts;
pub mod audit;
pub mod certificates;
pub mod check;
pub mod clock;
pub mod config;
pub mod console;
pub mod deploy;
pub mod error;
pub mod flush;
pub mod json;
mod password_hash;
pub mod provision;
pub mod qr;
pub mod random;
pub mod recover;
pub mod requests;
pub mod seal;
pub mod validity;

/// What `docs/reference.md` says, to be compared with private items.
#[cfg(test)]
#[path = "../../tests/integration/harness/reference.rs"]
mod reference;

use access::Access;
use attempts::Attempts;
use audit::AuditLog;
use clock::Clock;
use config::Config;
use flush::Flush;
use requests::catalog::Catalog;
use requests::derivations::Derivations;
use requests::import::Waiting;
use requests::key_queue::Forge;
use signet_store::Store;
use std::sync::Arc;

pub use error::AppError;

/// The console's workings over one data directory.
#[derive(Debug)]
pub struct App {
    /// The data directory.
    pub store: Store,
    /// The integrator's choices.
    pub config: Config,
    /// Where the time comes from.
    pub clock: Clock,
    /// All CSRs, for reading.
    pub catalog: Arc<Catalog>,
    /// Who did what.
    pub audit: Arc<AuditLog>,
    /// Who guessed wrong.
    pub attempts: Arc<Attempts>,
    /// Writes what waits of these two.
    pub flush: Arc<Flush>,
    /// Setup, login and the owner's password.
    pub access: Access,
    /// Keys made ahead.
    pub forge: Forge,
    /// Imports that wait for Save.
    pub waiting: Waiting,
    /// Keys derived from passphrases of key files.
    pub derivations: Derivations,
}

impl App {
    /// The workings over an opened data directory.
    pub fn new(store: Store, config: Config, clock: Clock) -> Self {
        let audit = Arc::new(AuditLog::new(store.clone(), clock));
        let attempts = Arc::new(Attempts::new(store.clone()));
        let flush = Arc::new(Flush::new(store.clone(), Arc::clone(&audit), Arc::clone(&attempts)));
        let access = Access::new(store.clone(), clock, Arc::clone(&audit), Arc::clone(&attempts), Arc::clone(&flush));
        let catalog = Arc::new(Catalog::new(store.clone(), clock));
        Self {
            store,
            config,
            clock,
            catalog,
            audit,
            attempts,
            flush,
            access,
            forge: Forge::default(),
            waiting: Waiting::default(),
            derivations: Derivations::default(),
        }
    }
}
